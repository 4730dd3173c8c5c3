"""Backups as a person makes, checks and restores them; and what a restored copy may still believe."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.edge.backup.mark import read_mark
from tests.cli.conftest import ROOT, Typed

KINDS = ("copy.tar.gz", "copy")


@pytest.fixture(params=KINDS)
def approved(request: pytest.FixtureRequest, drafted: Typed, tmp_path: Path) -> tuple[Typed, Path]:
    """A home with an approved letter, and a backup of it, as an archive and as a folder."""
    assert drafted("approve", "1").status == 0
    target = tmp_path / "backups" / request.param
    done = drafted("backup", str(target))
    assert done.status == 0, done.err
    return drafted, target


def change(database: Path, words: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        assert connection.execute(words).rowcount == 1


def first_mail(home: Path) -> Path:
    return sorted((home / "state" / "raw").glob("*/*.eml"))[0]


# ------------------------------------------------------------------------------------------------ backup


def test_a_backup_holds_what_is_needed_and_no_secret(drafted: Typed, tmp_path: Path) -> None:
    home = drafted.home
    (home / "templates" / "en").mkdir(parents=True)
    shutil.copy(ROOT / "templates" / "en" / "inquiry.txt", home / "templates" / "en" / "inquiry.txt")
    (home / "rules").mkdir()
    (home / "rules" / "token.yaml").write_text("hunter2")
    (home / "password.txt").write_text("hunter2")
    (home / "rules" / ".netrc").write_text("hunter2")
    file = home / "rejoinder.yaml"
    text = file.read_text().replace("security: none, auth: none", "password: { file: rules/token.yaml }", 1)
    file.write_text(text)
    done = drafted("backup", str(tmp_path / "copy.tar.gz"), "--json")
    assert done.status == 0, done.err
    assert done.json["mails"] == 1
    with tarfile.open(tmp_path / "copy.tar.gz") as archive:
        names = {name.removeprefix("rejoinder-backup/") for name in archive.getnames()}
    mail = first_mail(home).relative_to(home).as_posix()
    rules = {path.relative_to(home).as_posix() for path in (home / "state" / "rules").iterdir()}
    assert len(rules) == 1  # the set that the case goes by
    assert names == rules | {
        "manifest.json", "rejoinder.yaml", "templates/en/inquiry.txt", "state/rejoinder.db", "state/restored",
        mail,
    }  # fmt: skip
    assert (
        b"hunter2"
        not in subprocess.run(
            ["gzip", "-dc", tmp_path / "copy.tar.gz"], capture_output=True, check=True
        ).stdout
    )
    assert stat.S_IMODE((tmp_path / "copy.tar.gz").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_a_folder_takes_no_room_for_mails_again(drafted: Typed, tmp_path: Path) -> None:
    assert drafted("backup", str(tmp_path / "copy")).status == 0
    original, copied = first_mail(drafted.home), first_mail(tmp_path / "copy")
    assert original.stat().st_ino == copied.stat().st_ino
    database = "state/rejoinder.db"
    assert (drafted.home / database).stat().st_ino != (tmp_path / "copy" / database).stat().st_ino
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o700


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_replaced_unless_asked_and_then_only_a_backup(
    drafted: Typed, tmp_path: Path, kind: str
) -> None:
    target = tmp_path / kind
    assert drafted("backup", str(target)).status == 0
    again = drafted("backup", str(target))
    assert again.status == 1
    assert "add --force" in again.err
    assert drafted("backup", str(target), "--force").status == 0
    assert drafted("verify", str(target)).status == 0
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"meow")
    refused = drafted("backup", str(tmp_path / "photos"), "--force")
    assert refused.status == 1
    assert "no backup, so it is not replaced" in refused.err
    assert (tmp_path / "photos" / "cat.jpg").read_bytes() == b"meow"


def test_not_into_the_state_and_not_without_a_state(typed: Typed, drafted: Typed, tmp_path: Path) -> None:
    inside = drafted("backup", str(drafted.home / "state" / "copy"))
    assert inside.status == 1
    assert "name a place outside" in inside.err
    nothing = typed("backup", str(tmp_path / "copy"))
    assert nothing.status == 1
    assert "no database yet" in nothing.err
    assert not (tmp_path / "copy").exists()


def test_a_damaged_mail_is_backed_up_and_said(drafted: Typed, tmp_path: Path) -> None:
    first_mail(drafted.home).write_bytes(b"not it")
    done = drafted("backup", str(tmp_path / "copy.tgz"))
    assert done.status == 1
    assert "is not what was kept" in done.err
    assert (tmp_path / "copy.tgz").is_file()
    checked = drafted("verify", str(tmp_path / "copy.tgz"))
    assert checked.status == 1
    assert "was damaged already when it was backed up" in checked.err
    refused = drafted("restore", str(tmp_path / "copy.tgz"), str(tmp_path / "new"))
    assert refused.status == 1
    assert "nothing was restored" in refused.err
    assert not (tmp_path / "new").exists()


WRITER = """
import sys
from pathlib import Path
from bot.edge.raw import DiskRawStore
from bot.edge.store import open_store
from tests.samples import NOW, sample_mail
state = Path(sys.argv[1])
store, raw = open_store(state / "rejoinder.db"), DiskRawStore(state / "raw")
uid = 0
while True:
    uid += 1
    sha256 = raw.put(b"mail %d" % uid)
    store.keep((sample_mail(account_id="shop", uid=uid, sha256=sha256, size=8),), None, NOW)
    if uid == 20:
        print("writing", flush=True)
"""


@contextmanager
def writing(state: Path) -> Iterator[None]:
    """Another process that keeps mails as fast as it can."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(state)],
        stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        yield
        assert process.poll() is None
        process.kill()


def test_a_backup_while_mail_arrives_is_whole(drafted: Typed, tmp_path: Path) -> None:
    with writing(drafted.home / "state"):
        for number, kind in enumerate(KINDS * 2):
            done = drafted("backup", str(tmp_path / f"{number}-{kind}"))
            assert done.status == 0, done.err
        live = drafted("verify")
        assert live.status == 0, live.err
    for number, kind in enumerate(KINDS * 2):
        checked = drafted("verify", str(tmp_path / f"{number}-{kind}"))
        assert checked.status == 0, checked.err


# ------------------------------------------------------------------------------------------------ verify


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda home: first_mail(home).write_bytes(b"?"), "the mail is not what was kept"),
        (lambda home: first_mail(home).unlink(), "the database names this mail, and it is missing"),
        (
            lambda home: change(
                home / "state/rejoinder.db", "UPDATE diary SET document = '{}' WHERE sequence = 1"
            ),
            "line 1 of the diary",
        ),
        (
            lambda home: change(home / "state/rejoinder.db", "DELETE FROM diary WHERE sequence = 3"),
            "has 2 lines, but 3 were written",
        ),
        (
            lambda home: change(
                home / "state/rejoinder.db",
                'UPDATE case_file SET document = replace(document, \'"state":"drafted"\', '
                '\'"state":"approved"\')',
            ),
            "its diary leads to another state than its row",
        ),
        (
            lambda home: change(home / "state/rejoinder.db", "UPDATE letter SET document = '{'"),
            "letter .*:",
        ),
        (lambda home: (home / "state/rejoinder.db").write_bytes(b"x" * 9000), "rejoinder.db"),
        (
            lambda home: change(home / "state/rejoinder.db", "UPDATE schema_version SET version = 99"),
            "it has schema 99",
        ),
    ],
)
def test_every_damage_of_the_state_is_a_sentence(
    drafted: Typed, damage: Callable[[Path], object], words: str
) -> None:
    import re

    assert drafted("verify").status == 0
    for beside in (drafted.home / "state").glob("rejoinder.db-*"):
        beside.unlink()
    damage(drafted.home)
    told = drafted("verify", "--json")
    assert told.status == 1
    assert told.json["sound"] is False
    texts = [f"{x['where']}: {x['text']}" for x in told.json["report"]["findings"]]
    assert any(re.search(words, text) for text in texts), texts
    assert drafted("verify").status == 1


def test_verify_changes_nothing(drafted: Typed, tmp_path: Path) -> None:
    assert drafted("backup", str(tmp_path / "copy")).status == 0

    def all_bytes(folder: Path) -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    before = all_bytes(tmp_path / "copy")
    assert drafted("verify", str(tmp_path / "copy")).status == 0
    assert all_bytes(tmp_path / "copy") == before


def test_a_backup_is_checked_file_by_file(drafted: Typed, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert drafted("backup", str(copy)).status == 0
    (copy / "rejoinder.yaml").write_text("accounts: {}\n")
    (copy / "state" / "restored").unlink()
    told = drafted("verify", str(copy)).err
    assert "rejoinder.yaml: the file is not what was backed up" in told
    assert "state/restored: the file is missing" in told
    (copy / "evil.sh").write_text("rm -rf /")
    assert "'evil.sh', which is not ours" in drafted("verify", str(copy)).err


def test_an_archive_cut_short_at_any_place_is_noticed(drafted: Typed, tmp_path: Path) -> None:
    whole = tmp_path / "copy.tar.gz"
    assert drafted("backup", str(whole)).status == 0
    raw = whole.read_bytes()
    cut = tmp_path / "cut.tar.gz"
    for length in (0, 1, 20, len(raw) // 2, len(raw) - 200):
        cut.write_bytes(raw[:length])
        done = drafted("verify", str(cut))
        assert done.status == 1, length
        assert "damaged" in done.err or "no backup of ours" in done.err


@pytest.mark.parametrize("evil", ["../evil", "/evil", "rejoinder-backup/../../evil", "rejoinder-backup/evil"])
def test_an_archive_may_not_write_where_it_likes(drafted: Typed, tmp_path: Path, evil: str) -> None:
    made = tmp_path / "evil.tar.gz"
    with tarfile.open(made, "w:gz") as archive:
        info = tarfile.TarInfo(evil)
        archive.addfile(info)
    done = drafted("restore", str(made), str(tmp_path / "new"))
    assert done.status == 1
    assert "which is not ours" in done.err
    assert not (tmp_path / "new").exists()
    assert not list(tmp_path.rglob("evil"))


# ------------------------------------------------------------------------------------------ the restore drill


def test_the_restore_drill(approved: tuple[Typed, Path], tmp_path: Path) -> None:
    """Backed up, lost, restored: everything is there, nothing leaves by itself, and a person ends it."""
    original, target = approved
    shutil.rmtree(original.home)
    done = original("restore", str(target), str(tmp_path / "new"))
    assert done.status == 0, done.err
    copy = Typed(tmp_path / "new")
    assert copy("verify").status == 0
    (item,) = copy("queue", "--json").json["items"]
    assert item["what"] == "draft: inquiry"  # the approval is void
    notes = copy("queue", "--json").json["notes"]
    assert "restored" in [note["name"] for note in notes]
    assert "restored from a backup" in copy("queue").out
    assert copy("check", "--json").json["safe_mode"] is True
    case_id = copy("show", "1", "--json").json["item"]["cases"][0]
    assert "restored from a backup" in " ".join(copy("case", "show", case_id).out.split())

    # Approved again, it is a rehearsal: nobody but ourselves would receive it.
    again = copy("approve", "1")
    assert again.status == 0, again.err
    with closing(sqlite3.connect(copy.home / "state" / "rejoinder.db")) as connection:
        ((document,),) = connection.execute("SELECT document FROM letter").fetchall()
    assert json.loads(document)["approval"]["envelope"]["rehearsal"] is True
    assert copy("recall", "1").status == 0  # opening the copy again did not touch the newer approval

    # The mailbox cannot be asked here, so it does not end by itself.
    refused = copy("restored", "--i-have-checked")
    assert refused.status == 1
    assert "--without-mailbox" in refused.err
    assert read_mark(copy.home / "state") is not None
    ended = copy("restored", "--i-have-checked", "--without-mailbox")
    assert ended.status == 0, ended.err
    assert "ip@brindlecove.example" in ended.out
    assert copy("check", "--json").json["safe_mode"] is False
    assert "no copy restored" in copy("restored").out


def test_a_backup_unpacked_by_hand_is_as_careful(drafted: Typed, tmp_path: Path) -> None:
    assert drafted("approve", "1").status == 0
    assert drafted("backup", str(tmp_path / "copy.tar.gz")).status == 0
    subprocess.run(["tar", "xzf", "copy.tar.gz"], cwd=tmp_path, check=True)
    copy = Typed(tmp_path / "rejoinder-backup")
    assert "restored from a backup" in copy("show", "1").out + copy("queue").out
    assert copy("queue", "--json").json["items"][0]["what"] == "draft: inquiry"


def test_the_original_goes_on_undisturbed(approved: tuple[Typed, Path]) -> None:
    original, _ = approved
    assert original("queue", "--json").json["items"][0]["what"] != "draft: inquiry"
    assert original("check", "--json").json["restored"] is False


def test_a_restore_only_goes_where_there_is_nothing(approved: tuple[Typed, Path], tmp_path: Path) -> None:
    original, target = approved
    refused = original("restore", str(target), str(original.home))
    assert refused.status == 1
    assert "not empty" in refused.err
    (tmp_path / "empty").mkdir()
    assert original("restore", str(target), str(tmp_path / "empty")).status == 0


def test_force_moves_aside_what_lies_there(approved: tuple[Typed, Path]) -> None:
    original, target = approved
    done = original("restore", "--force", "--json", str(target), str(original.home))
    assert done.status == 0, done.err
    moved = Path(done.json["moved"])
    assert moved.parent == original.home.parent
    assert Typed(moved)("queue", "--json").json["items"][0]["what"] != "draft: inquiry"
    assert Typed(original.home)("queue", "--json").json["items"][0]["what"] == "draft: inquiry"


def test_not_under_a_daemon_that_runs(approved: tuple[Typed, Path]) -> None:
    original, target = approved
    hold = (
        "import sys; from pathlib import Path; from bot.edge.lock import StateLock\n"
        "with StateLock(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(original.home / "state" / "lock")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    ) as daemon:  # fmt: skip
        assert daemon.stdout is not None
        assert daemon.stdout.readline() == "held\n"
        refused = original("restore", "--force", str(target), str(original.home))
        assert refused.status == 1
        assert f"in use by pid {daemon.pid}" in refused.err
        daemon.communicate("")
    assert original("queue", "--json").json["items"][0]["what"] != "draft: inquiry"


@pytest.mark.parametrize("line", ["state: {}", 'state : "{}"  # on the big disk'])
def test_a_copy_never_goes_on_with_the_state_of_the_original(
    drafted: Typed, tmp_path: Path, line: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.move(drafted.home / "state", elsewhere)
    file = drafted.home / "rejoinder.yaml"
    file.write_text(file.read_text() + line.format(elsewhere) + "\n")
    assert drafted("backup", str(tmp_path / "copy.tar.gz")).status == 0
    done = drafted("restore", str(tmp_path / "copy.tar.gz"), str(tmp_path / "new"), "--json")
    assert done.status == 0, done.err
    assert done.json["state_line_changed"] is True
    copy = Typed(tmp_path / "new")
    assert read_mark(tmp_path / "new" / "state") is not None
    assert copy("queue", "--json").json["items"][0]["what"] == "draft: inquiry"
    assert read_mark(elsewhere) is None


def test_a_mark_that_cannot_be_read_stops_everything(drafted: Typed) -> None:
    (drafted.home / "state" / "restored").write_text("{}")
    for words in (("queue",), ("approve", "1"), ("run",)):
        done = drafted(*words)
        assert done.status == 1
        assert "restore the backup again" in done.err


def test_the_manifest_says_who_wrote_it_and_names_every_file(drafted: Typed) -> None:
    from bot import __version__
    from bot.edge.store.schema import SCHEMA_VERSION

    target = drafted.home.parent / "copy"
    assert drafted("backup", str(target)).status == 0
    manifest = json.loads((target / "manifest.json").read_text())
    assert (manifest["version"], manifest["schema"]) == (__version__, SCHEMA_VERSION)
    assert set(manifest["files"]) == {
        path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()
    } - {"manifest.json"}
