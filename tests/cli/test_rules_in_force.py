"""Which rules hold: a case keeps those it began with, a running daemon takes over all or nothing."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from bot.case.events import Rebased
from bot.case.reasons import Reason
from bot.case.states import replay
from bot.cli.reloading import RulesWatch
from bot.cli.session import now
from bot.edge.clock import SystemClock
from bot.edge.home import load_home
from bot.edge.rulesets import keep_set, kept_set, place_of
from bot.edge.rulewatch import refusal_of
from bot.errors import StoreDamaged
from bot.ports import AlertKind, Cursor, SubmissionAccepted
from bot.runner.outbox.gate import Answer, Verdict
from bot.runner.outbox.sending import begin_body, claim, record_outcome
from bot.wiring import House, open_house
from tests.cli.conftest import ROOT, Typed

PLAYBOOK = (ROOT / "rules/playbooks/inquiry.yaml").read_text(encoding="utf-8")
FAMILY = "kind: other\norder: 1\nwhen: {of: text, contains: [zebra]}\n"
LETTER = (ROOT / "templates/en/inquiry.txt").read_text(encoding="utf-8")


def write(home: Path, name: str, text: str) -> None:
    file = home / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def the_case(typed: Typed) -> dict[str, Any]:
    (one,) = typed("case", "list", "--json").json["cases"]
    case: dict[str, Any] = one["case"]
    return case


def the_letter(typed: Typed) -> str:
    return typed("show", "1").out


# ------------------------------------------------------------------------------------ sets kept by hash


def test_a_set_is_kept_by_its_hash_and_read_back(drafted: Typed) -> None:
    loaded = load_home(drafted.home)
    place = keep_set(loaded)
    assert place == place_of(drafted.home / "state", loaded.rules_hash)
    assert place.stat().st_mode & 0o077 == 0
    kept = kept_set(drafted.home / "state", loaded.rules_hash, "en")
    assert kept is not None
    assert kept.playbooks == loaded.playbooks
    assert kept.calendars == loaded.calendars
    assert kept.templates.source("inquiry", "en") == loaded.templates.source("inquiry", "en")
    assert kept_set(drafted.home / "state", "0" * 64, "en") is None


def test_a_quick_command_knows_the_same_hash(drafted: Typed) -> None:
    assert load_home(drafted.home, light=True).rules_hash == load_home(drafted.home).rules_hash
    assert the_case(drafted)["rules_hash"] == load_home(drafted.home).rules_hash


def test_a_damaged_set_is_told_and_the_case_goes_on_by_todays_rules(
    drafted: Typed, caplog: pytest.LogCaptureFixture
) -> None:
    rules_hash = the_case(drafted)["rules_hash"]
    place = place_of(drafted.home / "state", rules_hash)
    texts = json.loads(place.read_text())
    texts["templates/en/inquiry.txt"] += "And pay us."
    place.write_text(json.dumps(texts))
    with pytest.raises(StoreDamaged, match="is not what was kept"):
        kept_set(drafted.home / "state", rules_hash, "en")
    write(drafted.home, "templates/en/inquiry.txt", LETTER.replace("Dear", "Good day"))
    assert drafted("show", "1").status == 0
    assert "is not what was kept" in caplog.text


def test_a_backup_has_the_sets(drafted: Typed, tmp_path: Path) -> None:
    rules_hash = the_case(drafted)["rules_hash"]
    assert drafted("backup", str(tmp_path / "b.tar.gz")).status == 0
    assert drafted("restore", str(tmp_path / "b.tar.gz"), str(tmp_path / "back")).status == 0
    assert kept_set(tmp_path / "back/state", rules_hash, "en") is not None


# ------------------------------------------------------------------------------- a case and its rules


def test_a_case_keeps_the_letter_it_began_with_until_it_is_moved(drafted: Typed) -> None:
    before = the_letter(drafted)
    assert "Dear Marta" in before
    write(drafted.home, "templates/en/inquiry.txt", LETTER.replace("Dear", "Good day"))
    assert "Dear Marta" in the_letter(drafted)
    assert "out of date" not in the_letter(drafted)
    answer = drafted("case", "rebase", the_case(drafted)["case_id"])
    assert (answer.status, "goes on by today's rules" in answer.out) == (0, True)
    assert "Good day Marta" in the_letter(drafted)
    assert the_case(drafted)["rules_hash"] == load_home(drafted.home).rules_hash
    again = drafted("case", "rebase", the_case(drafted)["case_id"])
    assert (again.status, "already" in again.err) == (1, True)
    assert (
        "from here on by the rules of this day" in drafted("case", "show", the_case(drafted)["case_id"]).out
    )


@contextmanager
def after_the_undo_window(typed: Typed) -> Iterator[House]:
    """A quarter of an hour later, the mailbox just read."""
    moment = now() + timedelta(minutes=15)
    with (
        mock.patch.object(SystemClock, "now", return_value=moment),
        open_house(typed.home, notifier=mock.Mock()) as house,
    ):
        for mailbox in ("INBOX",):
            house.office.store.set_cursor("shop", mailbox, Cursor(uidvalidity=1, last_uid=0))
            house.office.store.reconciled("shop", mailbox, moment)
        practice = house.office.practices["shop"]
        house.office.practices["shop"] = replace(practice, watched=("INBOX",), sent="")
        yield house


def the_gate_says(house: House) -> Answer:
    (letter,) = house.office.store.letters()
    return claim(house.office, house.office.practices["shop"], letter.letter_id)


@pytest.mark.parametrize("moved", [True, False])
def test_moving_a_case_voids_the_approval_of_a_letter_that_reads_otherwise(
    drafted: Typed, moved: bool
) -> None:
    assert drafted("approve", "1").status == 0
    write(drafted.home, "templates/en/inquiry.txt", LETTER.replace("Dear", "Good day"))
    if moved:
        assert drafted("case", "rebase", the_case(drafted)["case_id"]).status == 0
    with after_the_undo_window(drafted) as house:
        answer = the_gate_says(house)
    wanted = (Verdict.VOID, Reason.FACTS_CHANGED) if moved else (Verdict.GO, None)
    assert (answer.verdict, answer.reason) == wanted


def test_a_case_that_stands_at_a_step_that_is_gone_is_not_moved(drafted: Typed) -> None:
    write(drafted.home, "rules/playbooks/inquiry.yaml", PLAYBOOK.replace("name: inquiry\n", "name: first\n"))
    write(drafted.home, "templates/en/first.txt", LETTER)
    answer = drafted("case", "rebase", the_case(drafted)["case_id"])
    assert answer.status == 1
    assert "has no step inquiry" in answer.err
    assert drafted("show", "1").status == 0  # it goes on by its own


def test_a_wait_ends_when_it_would_have_under_the_new_rules(drafted: Typed) -> None:
    assert drafted("approve", "1").status == 0
    with after_the_undo_window(drafted) as house:
        office, practice = house.office, house.office.practices["shop"]
        (letter,) = office.store.letters()
        assert the_gate_says(house).verdict is Verdict.GO
        assert begin_body(office, practice, letter.letter_id)
        record_outcome(office, practice, letter.letter_id, SubmissionAccepted(code=250, text="ok"))
        (case,) = office.store.cases()
        accepted, before = case.tracks[0].attempts[0].at, case.tracks[0].due_at
    write(
        drafted.home,
        "rules/playbooks/inquiry.yaml",
        PLAYBOOK.replace("wait: 3 business days", "wait: 30 days", 1),
    )
    told = drafted("case", "rebase", case.case_id, "--json").json
    due = datetime.fromisoformat(told["planned"][0]["due_at"])
    assert before is not None
    assert before < due == accepted + timedelta(days=30)
    with open_house(drafted.home, notifier=mock.Mock()) as house:
        (case,) = house.office.store.cases()
        assert (case.tracks[0].due_at, case.tracks[0].step) == (due, "reminder-1")
        assert replay(house.office.store.diary(case.case_id)) == case.tracks
        assert any(isinstance(one, Rebased) for one in house.office.store.diary(case.case_id))


# --------------------------------------------------------------------------------- while the daemon runs


@pytest.fixture
def running(drafted: Typed) -> Iterator[tuple[House, RulesWatch, mock.Mock, mock.Mock]]:
    notifier, line = mock.Mock(), mock.Mock()
    with open_house(drafted.home, notifier=notifier) as house:
        yield house, RulesWatch(house, {"shop": line}, timedelta(milliseconds=20)), notifier, line


def test_changed_rules_are_taken_over_as_a_whole(
    drafted: Typed, running: tuple[House, RulesWatch, mock.Mock, mock.Mock]
) -> None:
    house, watch, notifier, line = running
    office, old = house.office, house.office.practices["shop"]
    write(drafted.home, "templates/en/inquiry.txt", LETTER.replace("Dear", "Good day"))
    write(
        drafted.home,
        "rules/families/mine.yaml",
        "kind: other\norder: 1\nwhen: {of: text, contains: [zebra]}\n",
    )
    assert asyncio.run(watch.reload())
    new = office.practices["shop"]
    assert new.rules_hash == load_home(drafted.home).rules_hash != old.rules_hash
    assert "Good day" in (new.templates.source("inquiry", "en") or "")
    assert "families/mine.yaml" in line.reader.use.call_args.args[0].documents
    assert kept_set(drafted.home / "state", new.rules_hash, "en") is not None
    (case,) = office.store.cases()
    assert "Dear" in (new.of(case).templates.source("inquiry", "en") or "")
    notifier.tell.assert_not_called()


def test_one_mistake_keeps_all_of_the_old_ones_and_the_queue_says_so(
    drafted: Typed, running: tuple[House, RulesWatch, mock.Mock, mock.Mock]
) -> None:
    house, watch, notifier, line = running
    old = house.office.practices["shop"]
    write(drafted.home, "templates/en/inquiry.txt", LETTER.replace("Dear", "Good day"))
    write(
        drafted.home,
        "rules/families/mine.yaml",
        "kind: nonsense\norder: 1\nwhen: {of: text, contains: [x]}\n",
    )
    assert not asyncio.run(watch.reload())
    assert not asyncio.run(watch.reload())  # told once
    assert house.office.practices["shop"] is old
    line.reader.use.assert_not_called()
    (told,) = notifier.tell.call_args_list
    assert told.args[0] is AlertKind.RULES_REFUSED
    (note,) = [one for one in drafted("queue", "--json").json["notes"] if one["name"] == "rules-refused"]
    assert "a mistake (for" in note["text"]
    assert "rules/families/mine.yaml:1:7" in note["text"]
    (drafted.home / "rules/families/mine.yaml").unlink()
    assert asyncio.run(watch.reload())
    assert refusal_of(drafted.home / "state") is None
    assert house.office.practices["shop"] is not old


def test_settings_are_not_read_anew(
    drafted: Typed, running: tuple[House, RulesWatch, mock.Mock, mock.Mock]
) -> None:
    house, watch, _, _ = running
    text = (drafted.home / "rejoinder.yaml").read_text(encoding="utf-8")
    write(drafted.home, "rejoinder.yaml", text.replace("legal_name: Harborlane", "legal_name: Somebody"))
    write(drafted.home, "templates/en/inquiry.txt", LETTER.replace("Dear", "Good day"))
    assert asyncio.run(watch.reload())
    assert house.office.practices["shop"].profile.legal_name.startswith("Harborlane")
    assert (
        house.office.practices["shop"].safe_mode_to
        == house.settings.rehearsal_address(house.settings.accounts[0])
        or not house.settings.safe_mode
    )


@pytest.mark.parametrize("how", ["a change of a file", "SIGHUP"])
def test_it_happens_by_itself_and_when_asked(
    drafted: Typed, running: tuple[House, RulesWatch, mock.Mock, mock.Mock], how: str
) -> None:
    house, watch, _, _ = running

    async def live() -> None:
        task = asyncio.create_task(watch.run())
        await asyncio.sleep(0.05)
        assert not watch.read_anew.is_set()  # nothing changed
        if how == "SIGHUP":
            os.kill(os.getpid(), signal.SIGHUP)
        else:
            write(drafted.home, "templates/en/inquiry.txt", LETTER.replace("Dear", "Good day"))
        await asyncio.wait_for(watch.read_anew.wait(), 20)
        task.cancel()

    old = house.office.practices["shop"]
    asyncio.run(live())
    assert (house.office.practices["shop"] is old) is (how == "SIGHUP")
