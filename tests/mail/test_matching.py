"""Phrases are found where they stand, whatever word they are filed under, and in linear time."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mail.matching import Phrase, Phrasebook, hold, matcher
from bot.mail.text import fold, fold_words

PHRASES = [
    *("not", "rights owner", "e-mail", "don't", "infring*", "*werke", "patent*bewertung"),
    *("owner * complaint", "listing* * removed", "商標", "苦情を取り下げ*", "asin番号", "部"),
    *("c.o.d.", "( why )", "a * b * c", "über"),
]
WORDS = [
    *("not", "cannot", "rights", "owner", "owners", "e-mail", "email", "don't", "infringing"),
    *("infring", "stahlwerke", "patent", "bewertung", "patentnachbewertung", "complaint", "listings"),
    *("listing", "removed", "商標", "の商標権", "苦情を取り下げます", "asin番号は", "asin", "部"),
    *("c.o.d.", "(", "why", ")", "a", "b", "c", "über", "é", "_not_", "\n"),
]


def by_re2(phrase: str, text: str) -> bool:
    """The phrase as one pattern with the exact classes of letters."""
    gap = r"[^\n]{0,80}?"
    body = rf" +(?:{gap} +)?".join(
        gap.join(re2.escape(piece).replace("\\ ", " +") for piece in stretch.split("*"))
        for stretch in phrase.split(" * ")
    )
    first, last = (char.isalnum() and char < "\u2e80" for char in (phrase[0], phrase[-1]))
    before, behind = r"(?:^|[^\pL\pN])" if first else "", r"(?:$|[^\pL\pN])" if last else ""
    return re2.search(before + body + behind, text) is not None


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=14), st.sampled_from([" ", "  ", ", "]))
def test_what_is_found_is_what_a_pattern_of_each_phrase_finds(words: list[str], between: str) -> None:
    text = fold(between.join(words)).flow
    expected = {phrase for phrase in PHRASES if by_re2(fold_words(phrase), text)}
    assert {phrase for phrase in PHRASES if matcher([phrase]).found_in(text)} == expected
    assert matcher(PHRASES).found_in(text) == bool(expected)
    places = list(matcher(PHRASES).all(text))
    assert bool(places) == bool(expected)
    assert all(end <= start for (_, end), (start, _) in pairwise(places))


@pytest.mark.parametrize(
    ("phrases", "text", "places"),
    [
        (["not"], "cannot, not; _not_ nothing", ["not", "not"]),
        (["rights owner", "rights"], "the rights  owner and the rights", ["rights  owner", "rights"]),
        (["withdrawn * complaint"], "withdrawn complaint", ["withdrawn complaint"]),
        (["withdrawn * complaint"], "withdrawn your\n\ncomplaint", []),
        (["listing* removed"], "our listings removed", ["listings removed"]),
        (["*werke"], "die stahlwerke ag", ["stahlwerke"]),
        (["a * b"], "a xb b", ["a xb b"]),
        (["a*b * c"], "a b c, axb\nc, axb c", ["a b c", "axb c"]),
        (["商標", "商標権"], "この商標権", ["商標権"]),
        (["", " * ", "*"], "anything", []),
        ([], "anything", []),
    ],
)
def test_where_it_is_found(phrases: list[str], text: str, places: list[str]) -> None:
    assert [text[start:end] for start, end in matcher(phrases).all(text)] == places


def test_only_phrases_of_which_the_longest_piece_is_there_are_looked_for() -> None:
    book = Phrasebook()
    removed = book.matcher(["removed your listing", "your * listing", "only-listing", "removed", "notice"])
    withdrawn = book.matcher(["withdr*", "部", "*drew", "*eck", "*hdre*"])
    text = "we removed your only listing and withdrew"
    likely = {"your * listing", "only-listing", "removed"}
    assert {phrase.text for phrase in removed.likely_in(text)} == likely
    assert [text[low:high] for low, high in removed.all(text)] == ["removed", "your only listing"]
    assert {phrase.text for phrase in withdrawn.likely_in(text)} == {"withdr*", "*drew", "*hdre*"}


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join),
    st.integers(0, 80),
    st.integers(0, 80),
    st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join),
)
def test_a_piece_of_what_is_held_says_the_same_as_alone(whole: str, start: int, end: int, other: str) -> None:
    """Also one that begins or ends within a word of it, and a text that is no piece of it."""
    alone, held = matcher(PHRASES), matcher(PHRASES)
    pieces = [whole[start:end], other, whole]
    hold("")
    expected = [list(alone.all(piece)) for piece in pieces]
    hold(whole)
    assert [list(held.all(piece)) for piece in pieces] == expected


def test_a_word_that_is_cut_in_two_is_no_piece() -> None:
    """It is another word, which the whole need not have."""
    hold("they cannot owners")
    assert matcher(["not"]).found_in("not")
    assert matcher(["owner"]).found_in("owner")
    hold("")


@pytest.mark.parametrize(
    ("phrase", "piece"),
    [
        ("a * a * a * b", "a "),
        ("ab", "a"),
        ("a b", "a  "),
        ("*a*b", "a"),
        ("not", "cannot "),
        ("a*a*a*ab", "aaaa "),
    ],
)
def test_a_hostile_text_is_read_in_linear_time(phrase: str, piece: str) -> None:
    one = Phrase(phrase)
    spent = []
    for times in (4_000, 16_000):
        text = piece * times + "b"
        began = time.process_time()
        one.find(text)
        sum(1 for _ in matcher([phrase, "a"]).all(text))
        spent.append(time.process_time() - began)
    assert spent[1] < 12 * spent[0] + 0.05
