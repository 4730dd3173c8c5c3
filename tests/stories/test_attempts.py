"""What is written down of each attempt to send, what a person is told of it, and when the next one comes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from bot.case import events as e
from bot.case.model import State
from bot.case.reasons import Reason
from bot.errors import Conflict, IllegalTransition
from bot.ports import AlertKind, Change, Outcome
from bot.runner.breaker import MORE_THAN_THE_CAPS
from bot.runner.office import Limits
from bot.runner.outbox.sending import Turn, begin_body, send_due
from tests.samples import sample_mail
from tests.stories.mails import notice
from tests.stories.stage import (
    BUSY,
    LINE_LOST,
    MONDAY,
    NO_LOGIN,
    NO_SUCH_USER,
    UNREACHABLE,
    PowerCut,
    Stage,
    directly,
)

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ID = "17340981265"


@dataclass
class Watched:
    """A breaker that remembers what it was to be broken for."""

    broken: bool = False
    trips: list[str] = field(default_factory=list)

    def tripped(self) -> bool:
        return self.broken

    def trip(self, why: str, at: datetime) -> bool:
        self.trips.append(why)
        return False


@pytest.fixture
def ready(stage: Stage) -> Stage:
    """An approved letter whose undo window is over, and a mailbox that was just read."""
    stage.arrives(notice(ID, MONDAY))
    stage.approve()
    stage.clock.moment += 11 * MINUTE
    stage.listen()
    return stage


def attempts(stage: Stage) -> list[tuple[str, int | None, str]]:
    return [(one.outcome, one.code, one.text) for one in stage.letter().attempts]


def during(stage: Stage) -> None:
    """The transaction takes three seconds from 354 on."""

    async def passes() -> None:
        stage.clock.moment += timedelta(seconds=3)

    stage.server.at_354 = passes


class TestWrittenDown:
    def test_each_attempt_with_the_servers_answer_and_its_times(self, ready: Stage) -> None:
        began = ready.now
        ready.server.answers = [BUSY]
        ready.send()
        ready.passes(5 * MINUTE)
        assert attempts(ready) == [("deferred", 451, "come back later"), ("accepted", 250, "ok")]
        first, second = ready.letter().attempts
        assert (first.started_at, first.ended_at) == (began, began)
        assert (second.started_at, second.ended_at) == (began + 5 * MINUTE, began + 5 * MINUTE)

    def test_the_end_is_when_the_answer_came(self, ready: Stage) -> None:
        began = ready.now
        during(ready)
        ready.send()
        (only,) = ready.letter().attempts
        assert (only.started_at, only.ended_at) == (began, began + timedelta(seconds=3))

    @pytest.mark.parametrize(
        ("answer", "written"),
        [
            (UNREACHABLE, ("deferred", None, "no route to host")),
            (NO_LOGIN, ("deferred", 535, "authentication failed")),
            (NO_SUCH_USER, ("refused", 550, "no such user")),
            (LINE_LOST, ("in-doubt", None, "the line was lost after the body")),
        ],
    )
    def test_every_kind_of_answer(
        self, ready: Stage, answer: Outcome, written: tuple[str, int | None, str]
    ) -> None:
        ready.server.answers = [answer]
        ready.send()
        assert attempts(ready) == [written]

    @pytest.mark.parametrize(("answer", "word"), [(None, "rehearsed"), (LINE_LOST, "rehearsed")])
    def test_a_rehearsal(self, rehearsal: Stage, answer: Outcome | None, word: str) -> None:
        rehearsal.arrives(notice(ID, MONDAY))
        rehearsal.server.answers = [answer] if answer else []
        rehearsal.sends_out()
        assert [one.outcome for one in rehearsal.letter().attempts] == [word]

    def test_a_letter_that_was_withheld_for_a_while_is_still_approved(self, ready: Stage) -> None:
        """At 354 its mailbox has a mail that nobody understood yet: nothing is wrong with the letter."""

        async def arrives() -> None:
            mail = sample_mail(account_id="shop", uidvalidity=1, uid=99, internal_date=ready.now)
            ready.store.keep((mail,), None, ready.now)

        ready.server.at_354 = arrives
        assert ready.send().attempted == 1
        assert (ready.server.bodies, ready.state()) == ([], State.APPROVED)
        assert attempts(ready) == [("withheld", None, "")]
        assert not ready.happened(e.Voided)

    @pytest.mark.parametrize("trouble", [Conflict("in this moment"), IllegalTransition("held", "BodyBegun")])
    def test_somebody_wrote_in_the_moment_of_the_body(
        self, ready: Stage, trouble: Exception, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Then no note of the body is on disk and no byte of it leaves; a person is to look again."""

        async def somebody_writes() -> None:
            def busy(change: Change, now: object) -> object:
                monkeypatch.undo()
                raise trouble

            monkeypatch.setattr(ready.store, "record", busy)

        ready.server.at_354 = somebody_writes
        assert ready.send().attempted == 1
        assert (ready.server.bodies, ready.state()) == ([], State.DRAFTED)
        assert [void.reason for void in ready.happened(e.Voided)] == [Reason.WORLD_SPOKE]

    def test_the_body_of_a_letter_that_is_not_on_the_line_never_begins(self, ready: Stage) -> None:
        letter_id = ready.letter().letter_id
        assert begin_body(ready.office, ready.practice, letter_id) is False
        assert ready.letter().state is State.APPROVED


class TestTold:
    def test_of_what_was_refused_the_servers_words(self, ready: Stage) -> None:
        ready.server.answers = [NO_SUCH_USER]
        ready.send()
        (words,) = (text for text in ready.told(AlertKind.NEW_ITEM) if "refused at" in text)
        assert words == "the mail server refused at rcpt with 550 no such user"
        assert ready.told(AlertKind.IN_DOUBT) == []

    def test_of_what_is_in_doubt(self, ready: Stage) -> None:
        ready.bells.rung.clear()
        ready.server.answers = [LINE_LOST]
        ready.send()
        assert len(ready.told(AlertKind.IN_DOUBT)) == 1
        assert ready.told(AlertKind.NEW_ITEM) == []

    def test_that_an_approval_is_void_and_why(self, ready: Stage) -> None:
        ready.clock.moment = ready.letter().good_until
        ready.listen()
        ready.bells.rung.clear()
        turn = ready.send()
        assert (turn.attempted, turn.waiting) == (0, ())
        (words,) = ready.told(AlertKind.NEW_ITEM)
        assert "an approval is void" in words
        assert ready.letter().facts_digest == "", "it is written anew at the next turn"


class TestWhenNext:
    def test_it_leaves_in_the_second_in_which_its_undo_window_ends(self, stage: Stage) -> None:
        stage.arrives(notice(ID, MONDAY))
        approval = stage.approve().approval
        assert approval is not None
        assert stage.passes(approval.leaves_at - stage.now - timedelta(seconds=1)).attempted == 0
        assert stage.passes(timedelta(seconds=1)).attempted == 1

    def test_the_waits_grow_to_four_hours_and_no_further(self, ready: Stage) -> None:
        ready.changes(limits=replace(ready.practice.limits, deferred_tries=20))
        ready.server.answers = [BUSY] * 9
        ready.send()
        waits = []
        for _ in range(8):
            retry_at = ready.track().retry_at
            assert retry_at is not None
            waits.append(retry_at - ready.now)
            ready.passes(retry_at - ready.now)
        assert waits == [minutes * MINUTE for minutes in (5, 10, 20, 40, 80, 160, 240, 240)]

    def test_the_turn_says_when_the_first_of_those_that_wait_may_leave(self, stage: Stage) -> None:
        for number in range(2):
            stage.arrives(notice(f"1734098126{number}", stage.now, owner=f"ip@owner{number}.example"))
            stage.approve()
            stage.clock.moment += MINUTE
        first, second = (one.approval.leaves_at for one in stage.store.letters() if one.approval)
        assert stage.send().next_at == min(first, second)
        assert first != second

    def test_what_waits_for_no_known_moment_says_none(self, ready: Stage) -> None:
        ready.changes(limits=Limits(letters_per_day=0))
        turn = ready.send()
        assert (turn.waiting, turn.next_at) == (((ready.letter().letter_id, Reason.DAILY_CAP),), None)

    @pytest.mark.parametrize(
        ("reasons", "must"),
        [
            ((), False),
            ((Reason.DAILY_CAP,), False),
            ((Reason.NOT_RECONCILED,), True),
            ((Reason.DAILY_CAP, Reason.NOT_RECONCILED), True),
        ],
    )
    def test_one_letter_that_waits_for_the_mailbox_is_enough_to_read_it(
        self, reasons: tuple[Reason, ...], must: bool
    ) -> None:
        waiting = tuple((f"letter-{number}", reason) for number, reason in enumerate(reasons))
        assert Turn(attempted=0, waiting=waiting, next_at=None).must_listen is must

    def test_asked_to_stop_none_begins(self, ready: Stage) -> None:
        turn = asyncio.run(
            send_due(ready.office, ready.practice, ready.server, directly, go_on=lambda: False)
        )
        assert (turn.attempted, ready.state()) == (0, State.APPROVED)

    def test_an_account_sends_its_own_letters_only(self, ready: Stage) -> None:
        another = replace(ready.practice, account_id="another")
        turn = asyncio.run(send_due(ready.office, another, ready.server, directly))
        assert (turn.attempted, turn.waiting) == (0, ())
        assert ready.state() is State.APPROVED


class TestAskedFirst:
    def test_an_approval_holds_in_the_mode_it_was_given_in(self, ready: Stage) -> None:
        ready.changes(safe_mode_to="ada@brindlecove.example")
        assert ready.send().attempted == 0
        assert [void.reason for void in ready.happened(e.Voided)] == [Reason.SAFE_MODE_SWITCHED]

    def test_it_waits_until_the_server_said_where_sent_mail_lies(self, ready: Stage) -> None:
        ready.changes(sent=None)
        assert [reason for _, reason in ready.send().waiting] == [Reason.NOT_RECONCILED]

    @pytest.mark.parametrize(("too_late", "attempted"), [(timedelta(0), 1), (timedelta(seconds=1), 0)])
    def test_how_long_a_look_into_the_mailbox_counts(
        self, ready: Stage, too_late: timedelta, attempted: int
    ) -> None:
        ready.clock.moment += ready.practice.limits.reconcile_age + too_late
        assert ready.send().attempted == attempted

    @pytest.mark.parametrize(
        ("cap", "reason", "trips"),
        [(1, Reason.CAP_OF_ALL, [MORE_THAN_THE_CAPS]), (2, Reason.CAP_OF_ALL, []), (3, None, [])],
    )
    def test_more_than_the_ceiling_breaks_the_circuit_and_the_ceiling_itself_does_not(
        self, stage: Stage, cap: int, reason: Reason | None, trips: list[str]
    ) -> None:
        breaker = Watched()
        stage.office = replace(stage.office, breaker=breaker)
        for number in range(2):
            stage.inquires(f"1734098126{number}", owner=f"ip@owner{number}.example")
        assert breaker.trips == []
        stage.changes(limits=replace(stage.practice.limits, letters_per_day_in_all=cap))
        stage.inquires("17340981262", owner="ip@owner2.example")
        assert {why for _, why in stage.send().waiting} == ({reason} if reason else set())
        assert sorted(set(breaker.trips)) == trips

    def test_nothing_leaves_while_the_circuit_is_broken(self, ready: Stage) -> None:
        ready.office = replace(ready.office, breaker=Watched(broken=True))
        assert [why for _, why in ready.send().waiting] == [Reason.CIRCUIT_OPEN]

    def test_a_rehearsal_is_below_every_cap(self, rehearsal: Stage) -> None:
        rehearsal.changes(limits=Limits(letters_per_day=0, letters_per_day_in_all=0))
        rehearsal.arrives(notice(ID, MONDAY))
        rehearsal.sends_out()
        assert len(rehearsal.server.bodies) == 1


class TestRecovered:
    @pytest.mark.parametrize(
        ("stage_of_death", "outcome", "counts"),
        [("data", "interrupted", (1, 0)), ("body", "in-doubt", (0, 1))],
    )
    def test_the_attempt_that_we_died_in_says_so_and_those_before_it_stay(
        self, ready: Stage, stage_of_death: str, outcome: str, counts: tuple[int, int]
    ) -> None:
        ready.server.answers = [BUSY, PowerCut(stage_of_death)]
        ready.send()
        ready.clock.moment += 5 * MINUTE
        ready.listen()
        with pytest.raises(PowerCut):
            ready.send()
        ready.clock.moment += HOUR
        ready.bells.rung.clear()
        assert ready.restarts() == counts
        assert bool(ready.told(AlertKind.IN_DOUBT)) == (outcome == "in-doubt")
        first, second = ready.letter().attempts
        assert first.outcome == "deferred"
        assert (second.outcome, second.ended_at) == (outcome, ready.now)

    def test_a_rehearsal_that_we_died_in_was_a_rehearsal(self, rehearsal: Stage) -> None:
        rehearsal.arrives(notice(ID, MONDAY))
        rehearsal.approve()
        rehearsal.server.answers = [PowerCut("body")]
        with pytest.raises(PowerCut):
            rehearsal.passes(11 * MINUTE)
        rehearsal.restarts()
        assert [one.outcome for one in rehearsal.letter().attempts] == ["rehearsed"]

    def test_an_interrupted_one_rings_no_alarm(self, ready: Stage) -> None:
        ready.server.answers = [PowerCut("data")]
        with pytest.raises(PowerCut):
            ready.send()
        ready.restarts()
        assert ready.told(AlertKind.IN_DOUBT) == []

    def test_a_letter_of_an_account_that_is_gone_keeps_no_other_from_being_settled(
        self, ready: Stage
    ) -> None:
        ready.server.answers = [PowerCut("data")]
        with pytest.raises(PowerCut):
            ready.send()
        ours = ready.letter()
        for letter_id in ("0", "~"):  # whichever way they are ordered, one comes before ours
            gone = replace(
                ours,
                letter_id=letter_id,
                account_id="gone",
                message_id=f"<{letter_id}@x.example>",
                tracks=(),
                version=0,
            )
            ready.store.record(Change(letters=(gone,)), ready.now)
        assert ready.restarts() == (1, 0)
        assert ready.store.letter(ours.letter_id).state is State.APPROVED
        for letter_id in ("0", "~"):
            left = ready.store.letter(letter_id)
            assert (left.state, left.attempts) == (State.SENDING, ours.attempts)
            ready.store.record(Change(letters=(replace(left, state=State.HELD),)), ready.now)
