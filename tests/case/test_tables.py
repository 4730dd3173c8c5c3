"""The small tables of this room, held against a second list of them."""

from __future__ import annotations

import inspect

import pytest

from bot.case import events as e
from bot.case.items import letter_subject, mail_subject, track_subject
from bot.case.keeping import GROUND_TEXT, Ground
from bot.case.playbook import Unit, Wait
from bot.case.reasons import NO_LETTER, REASON_TEXT, WANT_CONTACT, Reason


def test_every_kind_of_event_is_in_the_list_once() -> None:
    kinds = [kind for kind in vars(e).values() if inspect.isclass(kind) and issubclass(kind, e.Event)]
    assert {kind for kind in kinds if kind not in (e.Event, e.WorldEvent)} == set(e.EVENTS)
    assert len(set(e.EVENTS)) == len(e.EVENTS)


def test_what_no_person_did_is_ours() -> None:
    assert e.ENGINE == "rejoinder"  # diaries of old say so, too


def test_everything_that_is_named_has_a_sentence_of_its_own() -> None:
    assert set(REASON_TEXT) == set(Reason)
    assert len(set(REASON_TEXT.values())) == len(Reason)
    assert set(GROUND_TEXT) == set(Ground)
    assert len(set(GROUND_TEXT.values())) == len(Ground)


def test_kinds_of_mail_that_no_letter_may_follow() -> None:
    assert {
        Reason.COURT_MATTER,
        Reason.PATENT_EVALUATION,
        Reason.ACCOUNT_LEVEL,
        Reason.AUTOMATED_NOTICE,
        Reason.PAGE_WARNING,
    } == NO_LETTER


def test_holds_that_a_contact_ends() -> None:
    assert {
        Reason.NO_ADDRESS,
        Reason.SEVERAL_ADDRESSES,
        Reason.ADDRESS_DOUBTFUL,
        Reason.LETTER_UNREAD,
        Reason.BOUNCED,
    } == WANT_CONTACT


def test_subjects_of_items() -> None:
    assert letter_subject("L1") == "letter:L1"
    assert track_subject("K7QW2M", "2") == "track:K7QW2M/2"
    assert mail_subject(17) == "mail:17"


@pytest.mark.parametrize(
    ("words", "unit"),
    [
        (("m", "min", "minute", "minutes"), Unit.MINUTES),
        (("h", "hour", "hours"), Unit.HOURS),
        (("d", "day", "days"), Unit.DAYS),
        (("business day", "business days"), Unit.BUSINESS_DAYS),
    ],
)
def test_units_of_a_wait(words: tuple[str, ...], unit: Unit) -> None:
    for word in words:
        assert Wait.parse(f"3 {word}") == Wait(3, unit)


@pytest.mark.parametrize(
    ("most", "unit"), [(5_256_000, "min"), (87_600, "h"), (3_650, "days"), (2_500, "business days")]
)
def test_ten_years_are_the_most_that_can_be_waited(most: int, unit: str) -> None:
    assert Wait.parse(f"{most} {unit}").amount == most
    with pytest.raises(ValueError, match=f"is longer than {most} "):
        Wait.parse(f"{most + 1} {unit}")
