"""How each page is played: what its reader has before the first line, and what happens between two lines."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from tests.docs.recipes import follow
from tests.docs.typed import ROOT
from tests.docs.worlds import Hook, Play, World

_CONTACT = "Marta Oyelaran\nip@brindlecove.example\n"
_PERSON = "ragnhild.osei@thornburylaundry.example"
_YES_TO_ALL = ("",) * 8


def _recipe(page: str) -> Play:
    """A page whose titled blocks are files of the home."""
    return Play(begins=lambda world: follow(page, world.home, ROOT), meant={"DIR": "."})


# ---- README.md


def _own_mailbox(world: World) -> None:
    """What `init` asks for at a terminal, written by hand: the page goes on as if it had asked."""
    shutil.copy(ROOT / "docs" / "sample" / "rejoinder.yaml", "rejoinder.yaml")
    world.delivered("17340981265", days_ago=1)


# ---- docs/adopting.md


def _two_notices(world: World) -> None:
    world.delivered("17340981265", days_ago=10)
    world.delivered("17340981266", days_ago=3, asin="B0ZG04SJF4")


def _a_forwarded_one(world: World) -> str:
    """Nothing proves it; a person types what stands in Seller Central, and names whom the letter goes to."""
    number = world.vouched("17822290055", "ip@rights.example")
    return f"rejoinder approve {number} --to ip@rights.example"


def _no_contact(world: World) -> str:
    number = world.nobody_named("17822290018")
    return f"rejoinder contact {number} --text '{_CONTACT}' --yes"


def _no_contact_at_all(world: World) -> str:
    return f"rejoinder contact {world.nobody_named('17822290019')} --none"


# ---- docs/commands.md


def _password_file(world: World) -> None:
    world.with_servers()
    Path("secret").write_text("old\n", encoding="utf-8")
    Path("secret").chmod(0o600)
    world.change("password: { env: MARWEN_PASSWORD }", "password: { file: secret }")


def _account_health(world: World) -> str:
    Path("account-health.txt").write_text(_CONTACT, encoding="utf-8")
    return f"rejoinder contact {world.nobody_named('17822290019')} --file account-health.txt --yes"


_PROFILE = "{ legal_name: Marwen Ltd, signatory: Tess Marwen, postal_address: [Ludlow], country: GB }"


def _two_stores(world: World) -> None:
    """Each store of an account has a profile of its own then."""
    text = Path("rejoinder.yaml").read_text(encoding="utf-8")
    Path("one-store.yaml").write_text(text, encoding="utf-8")
    head, _, tail = text.partition("    profile:\n")
    stores = "".join(
        f"      {one}: {{ names: [Marwen {one}], profile: {_PROFILE} }}\n" for one in ("north", "south")
    )
    rest = tail.partition("\nreviewer:")[2]
    Path("rejoinder.yaml").write_text(f"{head}    stores:\n{stores}\nreviewer:{rest}", encoding="utf-8")


def _a_case_of_no_store(world: World) -> str:
    _two_stores(world)
    return f"rejoinder case store {world.any_case()} north"


def _one_store(world: World) -> None:
    Path("one-store.yaml").replace("rejoinder.yaml")


def _their_lawyer(world: World) -> None:
    world.follow("rejoinder case note NODLE477 lawyer")


def _goes_to_nobody_again(world: World) -> None:
    world.follow('rejoinder case close NOD --reason "they asked for it"')


# ---- docs/backup.md


def _with_servers(world: World) -> None:
    world.queued()
    world.with_servers()


def _in_the_copy(world: World) -> None:
    os.chdir(Path("~/rejoinder-restored").expanduser())


# ---- docs/daily.md


def _busy_day(world: World) -> None:
    world.case_ids = ["K7Q2M5AB", "M7QWAAAA", "NODLE477", "ZZZZ2222"]
    world.queued()


def _one_draft(world: World) -> None:
    world.ingested("01-*")
    world.mailbox_read()


def _approved(world: World) -> None:
    world.follow("rejoinder approve 1")


def _parked_number(world: World) -> str:
    return f"rejoinder quarantine show {world.parked()} --sample sample.eml"


def _lost_already(world: World) -> str:
    return f"rejoinder settle {world.item_in_doubt()} --sent"


def _in_doubt(world: World) -> str:
    world.follow("rejoinder safe-mode off --yes")
    world.follow("rejoinder approve 4")
    world.line_lost()
    return f"rejoinder settle {world.item_in_doubt()} --sent"


def _its_case(world: World) -> str:
    _new_template(world)
    return f"rejoinder case rebase {world.any_case()}"


def _new_template(_world: World) -> None:
    """Rules of today are others than those that the case began with."""
    mine = Path("templates/en/inquiry.txt")
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_text((ROOT / mine).read_text(encoding="utf-8") + "\nP.S.\n", encoding="utf-8")


def _a_notice_file(_world: World) -> None:
    (sample,) = Path("../tests/corpus").glob("13-*.eml")
    shutil.copy(sample, "notice.eml")


QUEUED: Hook = World.queued

PLAYS: dict[str, Play] = {
    "README.md": Play(
        before={"rejoinder check": _own_mailbox},
        answers={"rejoinder adopt": ("1", *_YES_TO_ALL)},
        meant={"DIR": "../mine"},
    ),
    "docs/adding-a-family.md": _recipe("adding-a-family.md"),
    "docs/adding-a-language.md": _recipe("adding-a-language.md"),
    "docs/adding-a-step.md": _recipe("adding-a-step.md"),
    "docs/adopting.md": Play(
        begins=_two_notices,
        start=datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
        before={
            "rejoinder approve 4 --to ADDRESS": _a_forwarded_one,
            "rejoinder contact 3": _no_contact,
            "rejoinder contact 3 --none": _no_contact_at_all,
        },
        answers={"rejoinder adopt": ("none",), "rejoinder contact 3 --none": ("y",)},
    ),
    "docs/backup.md": Play(
        begins=_with_servers,
        before={"rejoinder restored --i-have-checked": _in_the_copy},
        meant={"BACKUP": "/mnt/backup/rejoinder-2026-03-02.tar.gz"},
    ),
    "docs/commands.md": Play(
        before={
            "rejoinder password": _password_file,
            "rejoinder quarantine show 7 --sample sample.eml": _parked_number,
            "rejoinder contact 1 --file account-health.txt": _account_health,
            "rejoinder go-on": World.trips,
            "rejoinder settle 7 --sent": _lost_already,
            "rejoinder case store NODLE477 north": _a_case_of_no_store,
            "rejoinder case merge JYDUBBLC 2RZV4ORG": _one_store,
            'rejoinder case release NODLE477 --reason "settled; we go on ourselves"': _their_lawyer,
            "rejoinder case rebase NODLE477": _new_template,
            f"rejoinder erase {_PERSON} --dry-run": _goes_to_nobody_again,
        },
        answers={
            "rejoinder safe-mode off": ("y",),
            'rejoinder case release NODLE477 --reason "settled; we go on ourselves"': ("NODLE477",),
        },
        pasted={"rejoinder password": "sandbox\n"},
    ),
    "docs/daily.md": Play(
        begins=_busy_day,
        before={"rejoinder case store K7Q north": _two_stores},
        answers={'rejoinder case release K7Q --reason "settled"': ("K7Q2M5AB",)},
    ),
    "docs/first-evening.md": Play(begins=_one_draft, before={"rejoinder recall 1": _approved}),
    "docs/install.md": Play(),
    "docs/rules.md": Play(
        begins=World.queued,
        before={
            "rejoinder rules explain notice.eml": _a_notice_file,
            "rejoinder case rebase CASE": _its_case,
        },
    ),
    "docs/safety.md": Play(
        begins=World.queued,
        before={"rejoinder settle NUMBER --sent": _in_doubt},
        answers={"rejoinder erase ADDRESS": ("nobody@brindlecove.example",)},
        meant={"ADDRESS": "nobody@brindlecove.example", "NUMBER": "1"},
    ),
    "docs/settings.md": Play(meant={"NAME": "policy"}),
    "docs/templates.md": Play(begins=World.queued, before={"rejoinder case rebase CASE": _its_case}),
    "state/README.md": Play(begins=World.queued),
}
