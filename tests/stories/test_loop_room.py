"""The loop room: machines that answer machines for a week, and nothing leaves that nobody approved."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.case.events import ENGINE, Approved, BodyBegun
from bot.cli.session import now as real_now
from bot.edge.breaker import FileBreaker
from bot.ports import AlertKind
from bot.review import ItemKind
from bot.runner.breaker import ANOTHER_HOME
from bot.runner.desk import service
from bot.runner.outbox import gate
from bot.runner.outbox.gate import Verdict
from bot.runner.outbox.sending import claim
from tests.stories.mails import AUTHSERV, SELLER, bounce, notice, out_of_office, own_copy, reply
from tests.stories.stage import Stage

WEEK = range(7)


@pytest.fixture
def room(stage: Stage, tmp_path: Path) -> Stage:
    """The stage with a breaker that is real."""
    object.__setattr__(stage.office, "breaker", FileBreaker(tmp_path))
    return stage


def list_post(number: int, at: datetime) -> bytes:
    """A mailing list that the seller subscribed to, about the very complaint."""
    return (
        f"Received: from lists.example by {AUTHSERV}; {format_datetime(at)}\n"
        f"From: Sellers' list <sellers@lists.example>\nTo: {SELLER}\nList-Id: <sellers.lists.example>\n"
        f"Precedence: list\nSubject: [sellers] complaint 17340981265 {number}\n"
        f"Message-ID: <l.{number}@lists.example>\nDate: {format_datetime(at)}\n\n"
        "Has anybody an answer about complaint 17340981265? Please reply to the list.\n"
    ).encode()


def another_instance(letter: bytes, number: int, at: datetime) -> bytes:
    """A second Rejoinder, at the complainant, answers our letter with a letter of its own."""
    ours = message_from_bytes(letter)
    return reply(
        ours["Message-ID"],
        at,
        f"Dear Sir or Madam,\n\nWe have received your report {number}. Please answer by Friday.\n",
        token=f"{number}",
    ).replace(f"<r.{number}@".encode(), f"<rj.{'A' * 25}{'ABCDEFG'[number % 7]}@".encode())


def letters(stage: Stage) -> list[bytes]:
    """What left, byte for byte."""
    return [raw for _, raw in stage.server.taken]


def every_machine_answers(stage: Stage, day: int) -> None:
    """What a day brings: each letter that left is answered by all of them, and comes back into the inbox."""
    at = stage.now
    for number, raw in enumerate(letters(stage)):
        letter = message_from_bytes(raw)
        message_id = str(letter["Message-ID"])
        stage.arrives(
            out_of_office(message_id, at).replace(b"<o.1@", f"<o.{day}.{number}@".encode()),
            bounce(message_id, str(letter["To"]), at, status="4.2.2", token=f"{day}{number}"),
            another_instance(raw, day, at),
            own_copy(raw, at),
        )
    stage.arrives(list_post(day, at))


def a_week(stage: Stage, *, approving: bool) -> None:
    """Each day two further complaints of the same owner, and in the end of the day all the machines."""
    for day in WEEK:
        for more in range(2):
            number = f"1734098{day}{more}65"
            stage.arrives(notice(number, stage.now, asin=f"B0ZG0{day}{more}JF3", token=number))
            if approving:
                for item in stage.items(ItemKind.DRAFT):
                    if stage.store.letter(item.subject.removeprefix("letter:")).approval is None:
                        stage.approve(item.number)
        for _ in range(4):
            stage.passes(timedelta(hours=6))
        every_machine_answers(stage, day)


def unapproved(stage: Stage) -> int:
    """Letters whose text left without a person's approval before it."""
    wrong = 0
    for case in stage.store.cases("shop"):
        approved = False
        for event in stage.store.diary(case.case_id):
            if isinstance(event, Approved):
                approved = event.by != ENGINE
            elif isinstance(event, BodyBegun):
                wrong += not approved
    return wrong


def most_in_a_day(stage: Stage) -> int:
    """Letters to one address that were accepted within 24 hours."""
    moments: dict[str, dict[str, datetime]] = {}
    for case in stage.store.cases("shop"):
        for attempt in case.attempts:
            to = stage.store.letter(attempt.letter_id).to
            moments.setdefault(to, {})[attempt.letter_id] = attempt.at
    most = 0
    for times in (list(one.values()) for one in moments.values()):
        most = max(most, *(sum(at <= other < at + timedelta(days=1) for other in times) for at in times))
    return most


def test_without_a_person_nothing_leaves_in_a_week_of_machines(room: Stage) -> None:
    a_week(room, approving=False)
    assert letters(room) == []


def test_with_a_person_who_approves_all_no_machine_is_answered_and_the_caps_hold(room: Stage) -> None:
    a_week(room, approving=True)
    assert len(letters(room)) > 3
    assert unapproved(room) == 0
    assert most_in_a_day(room) <= room.practice.limits.letters_per_address_per_day
    written_to = {str(message_from_bytes(raw)["To"]) for raw in letters(room)}
    assert {to.rpartition("@")[2].rstrip(">") for to in written_to} == {"ferrowick.example"}


def test_the_room_notices_a_gate_without_caps(room: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "_below_the_caps", lambda *_: None)
    a_week(room, approving=True)
    assert most_in_a_day(room) > room.practice.limits.letters_per_address_per_day


def test_the_room_notices_letters_that_nobody_approved(room: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "approve", partial(_by_itself, service.approve))
    a_week(room, approving=True)
    assert unapproved(room) > 0


def _by_itself(approve: Any, office: Any, number: int, _by: str, *more: Any, **said: Any) -> Any:
    return approve(office, number, ENGINE, *more, **said)


# --------------------------------------------------------------------------------- two homes, one mailbox


def test_a_letter_of_another_home_stops_all_and_one_command_lets_them_go_on(
    room: Stage, tmp_path: Path
) -> None:
    room.arrives(notice("17340981265", room.now))
    letter = room.approve()
    foreign = (
        f"From: {SELLER}\nTo: ip@ferrowick.example\nSubject: Your report\nDate: {format_datetime(room.now)}\n"
        f"Message-ID: <rj.{'B' * 26}@brindlecove.example>\n\nDear Madam,\n"
    ).encode()
    room.arrives(foreign)
    room.passes(timedelta(minutes=30))
    assert letters(room) == []
    assert [ANOTHER_HOME in text for text in room.told(AlertKind.STOP_SWITCH)] == [True]
    answer = claim(room.office, room.practice, letter.letter_id)
    assert (answer.verdict, answer.reason) == (Verdict.WAIT, "circuit-open")
    room.arrives(foreign.replace(b"BBBBB@", b"BBBBC@"))
    assert len(room.told(AlertKind.STOP_SWITCH)) == 1  # told once
    FileBreaker(tmp_path).close()
    room.passes(timedelta(minutes=5))
    assert len(letters(room)) == 1


@pytest.mark.parametrize(
    "results",
    [
        f"{AUTHSERV}; dmarc=fail header.from=brindlecove.example",
        f"{AUTHSERV}; spf=pass smtp.mailfrom=ferrowick.example; dkim=none",
        "mx.ferrowick.example; dmarc=pass header.from=brindlecove.example",
    ],
)
def test_whoever_got_a_letter_cannot_stop_us_with_one_like_it(room: Stage, results: str) -> None:
    room.arrives(
        f"Authentication-Results: {results}\nFrom: {SELLER}\nTo: {SELLER}\nSubject: Your report\n"
        f"Message-ID: <rj.{'B' * 26}@brindlecove.example>\n\nDear Madam,\n".encode()
    )
    assert not room.office.breaker.tripped()


def test_our_own_copies_and_alerts_stop_nothing(room: Stage) -> None:
    room.inquires()
    (sent,) = letters(room)
    room.arrives(own_copy(sent, room.now))
    message_id = f"<rj.alert.{'B' * 26}@brindlecove.example>"
    alert = f"From: {SELLER}\nTo: {SELLER}\nSubject: x\nMessage-ID: {message_id}\n\nx\n"
    room.arrives(alert.encode())
    assert not room.office.breaker.tripped()


def test_more_letters_than_the_caps_allow_trip_it(room: Stage) -> None:
    room.inquires()
    room.changes(limits=replace(room.practice.limits, letters_per_day_in_all=0))
    room.arrives(notice("17340981266", room.now, owner="ip@elsewhere.example"))
    room.approve()
    room.passes(timedelta(minutes=30))
    assert room.office.breaker.tripped()
    assert len(letters(room)) == 1


def test_the_file_tells_since_when_and_why_also_when_it_was_cut_short(tmp_path: Path) -> None:
    breaker = FileBreaker(tmp_path)
    assert (breaker.tripped(), breaker.why()) == (False, None)
    assert breaker.trip("a reason", real_now())
    assert not breaker.trip("another", real_now())
    told = breaker.why()
    assert told is not None
    assert told.why == "a reason"
    (tmp_path / "circuit-open.json").write_text("{")
    assert breaker.tripped()
    assert breaker.why() is not None
    breaker.close()
    breaker.close()
    assert not breaker.tripped()
