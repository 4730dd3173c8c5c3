"""The record counts what a server accepted, once, and says which came back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.case import events as e
from bot.case.model import Attempt, Case, PartyRole, State, Track
from bot.evidence.attempts import attempts_record
from tests.evidence.test_timeline import CASE, T0


def with_attempts(case_id: str, *attempts: Attempt, party: PartyRole = PartyRole.COMPLAINANT) -> Case:
    track = Track(
        track_id="1",
        party=party,
        playbook="inquiry",
        state=State.HELD,
        step="escalation",
        attempts=attempts,
    )
    return replace(CASE, case_id=case_id, tracks=(track,))


FIRST = Attempt(step="inquiry", letter_id="L1", at=T0)
SECOND = Attempt(step="reminder-1", letter_id="L2", at=T0 + timedelta(days=3))


def test_accepted_and_bounced_in_order():
    back = e.Bounced(at=T0 + timedelta(days=3, minutes=2), track="1", mail=4)
    record = attempts_record([with_attempts("C1", FIRST, SECOND)], {"C1": [back]})
    assert [(line.step, line.fate, line.bounced_at) for line in record.attempts] == [
        ("inquiry", "accepted", None),
        ("reminder-1", "bounced", back.at),
    ]


def test_a_bounce_between_two_letters_belongs_to_the_earlier_one():
    back = e.Bounced(at=T0 + timedelta(hours=1), track="1", mail=4)
    record = attempts_record([with_attempts("C1", FIRST, SECOND)], {"C1": [back]})
    assert [line.fate for line in record.attempts] == ["bounced", "accepted"]


def test_one_letter_for_two_cases_is_one_attempt():
    cases = [with_attempts("C1", FIRST), with_attempts("C2", FIRST, SECOND)]
    back = e.Bounced(at=T0 + timedelta(hours=1), track="1", mail=4)
    record = attempts_record(cases, {"C1": [], "C2": [back]})
    assert [(line.letter_id, line.fate) for line in record.attempts] == [
        ("L1", "bounced"),
        ("L2", "accepted"),
    ]


def test_letters_to_amazon_are_not_attempts_to_reach_the_owner():
    assert attempts_record([with_attempts("C1", FIRST, party=PartyRole.AMAZON)], {}).attempts == ()


def test_answers_are_kept_and_other_tracks_answers_are_not():
    answer = e.Answered(at=T0 + timedelta(days=1), track="1", mail=5)
    other = e.Answered(at=T0 + timedelta(days=2), track="2", mail=6)
    record = attempts_record([with_attempts("C1", FIRST)], {"C1": [answer, other]})
    assert record.answered_at == (answer.at,)


def test_a_late_report_is_about_the_letter_it_cites():
    # Servers try for five days: the report about the inquiry comes after the reminder has left.
    late = e.Bounced(at=T0 + timedelta(days=5), track="1", mail=4, cites=("L1",))
    record = attempts_record([with_attempts("C1", FIRST, SECOND)], {"C1": [late]})
    assert [(line.letter_id, line.bounced_at) for line in record.attempts] == [("L1", late.at), ("L2", None)]


def test_what_a_person_judged_sent_is_not_called_accepted():
    diary = [
        e.SendStarted(at=T0, track="1", letter="L1"),
        e.OutcomeUnknown(at=T0, track="1"),
        e.JudgedSent(at=T0, track="1", by="maren"),
        e.SendStarted(at=SECOND.at, track="1", letter="L2"),
        e.Accepted(at=SECOND.at, track="1", letter="L2"),
    ]
    record = attempts_record([with_attempts("C1", FIRST, SECOND)], {"C1": diary})
    assert [line.fate for line in record.attempts] == ["in-doubt", "accepted"]
    # Its return proves that it had been accepted.
    diary.append(e.Bounced(at=SECOND.at, track="1", cites=("L1",)))
    record = attempts_record([with_attempts("C1", FIRST, SECOND)], {"C1": diary})
    assert [line.fate for line in record.attempts] == ["bounced", "accepted"]


def test_a_promise_to_withdraw_is_an_answer_and_amazons_word_is_not():
    promise = e.RetractionSeen(at=T0 + timedelta(days=1), track="1", rung="promised")
    confirmed = e.RetractionSeen(at=T0 + timedelta(days=2), track="1", rung="confirmed")
    record = attempts_record([with_attempts("C1", FIRST)], {"C1": [promise, confirmed]})
    assert record.answered_at == (promise.at,)
