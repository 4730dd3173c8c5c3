"""The sieve asks fewer families and finds the same one, also when a set gives up."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mail.matching import Phrasebook
from bot.mail.message import Message
from bot.mail.parse import parse_message
from bot.notice.extract import extract
from bot.notice.source import source_of
from bot.reading import sieve as sieving
from bot.reading.families import Family, Look, first_match
from bot.reading.look import look_of, surroundings, texts_of
from bot.reading.rules import ReadingRules
from bot.reading.sieve import Sieve

CORPUS = Path(__file__).parents[1] / "corpus"
WORDS = [
    *(
        "complaint",
        "rights owner",
        "trademark",
        "Marke",
        "entfernt",
        "appeal",
        "court",
        "retraction",
        "warning",
    ),
    *("notice", "counterfeit", "patent", "deactivated", "Policy", "brand registry", "著作権", "商標"),
]


def look(rules: ReadingRules, message: Message) -> Look:
    around = surroundings(rules, frozenset(), None)
    parts = texts_of(message)
    source = source_of("1", parts[0].text or "" if parts else "")
    sender = message.head.from_[0].addr_spec if message.head.from_ else ""
    return look_of(rules, message.head.subject, sender, source, extract(source, around))


@pytest.fixture(scope="module")
def looks(rules: ReadingRules) -> list[Look]:
    mails = sorted(CORPUS.glob("*.eml"))[::2]
    return [look(rules, parse_message(mail.read_bytes())) for mail in mails]


def named(family: Family | None) -> str | None:
    return family.name if family else None


def test_it_finds_what_asking_each_finds(rules: ReadingRules, looks: list[Look]) -> None:
    expected = [named(first_match(rules.families, one)) for one in looks]
    assert [named(rules.sieve.first_match(one)) for one in looks] == expected
    assert len(set(expected)) > 8


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=12), st.lists(st.sampled_from(WORDS), max_size=4))
def test_on_any_words_too(rules: ReadingRules, text: list[str], subject: list[str]) -> None:
    source = source_of("1", " ".join(text))
    facts = extract(source, surroundings(rules, frozenset(), None))
    one = look_of(rules, " ".join(subject), "notice@amazon.com", source, facts)
    assert named(rules.sieve.first_match(one)) == named(first_match(rules.families, one))


def test_few_families_are_asked(
    rules: ReadingRules, looks: list[Look], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    holds = sieving.Check.holds
    monkeypatch.setattr(sieving.Check, "holds", lambda self, one: asked.append(1) or holds(self, one))
    for one in looks:
        first_match(rules.families, one)
    each = len(asked)
    asked.clear()
    for one in looks:
        rules.sieve.first_match(one)
    assert len(asked) < each / 2


def test_a_set_that_gives_up_costs_time_and_no_notice(
    rules: ReadingRules, looks: list[Look], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sieving.PatternSet, "found_in", lambda *_: None)
    slow = Sieve(rules.families, Phrasebook())
    for one in looks:
        assert named(slow.first_match(one)) == named(first_match(rules.families, one))
