"""What a mail contains cannot move the cursor, hide or turn text, and everything fits its width."""

from __future__ import annotations

import pytest

from bot.cli.text import address_cut, columns, cut, harmless, padded, reflowed, wrapped


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[2J\x1b[1;1Hgone", "[2J[1;1Hgone"),
        ("\x9b31mred", "31mred"),
        ("a\x08b\x07c\x00d\x7fe", "abcde"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\u2066b\u2069c\u200bd\ufeffe", "abcde"),
        ("a\tb", "a    b"),
        ("line\u2028line", "line\nline"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("Müller 日本", "Müller 日本"),
    ],
)
def test_harmless(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_wide_characters_take_two_columns_and_combining_ones_none() -> None:
    assert columns("日本") == 4
    assert columns("e\u0301") == 1


@pytest.mark.parametrize("text", ["日本語の通知です", "a quite ordinary line", "", "ééé"])
def test_padded_is_exactly_as_wide_as_asked(text: str) -> None:
    for width in range(1, 30):
        assert columns(padded(text, width)) == width


def test_cut_says_that_something_is_missing() -> None:
    assert cut("brand.integrity@ferrowick.example", 10) == "brand.int…"


def test_wrapped_lines_fit_and_lose_no_word() -> None:
    text = (
        "    Listing:  B0ZG04SJF3, Rain barrel with tap\n\n"
        + "x" * 50
        + " 商標権者からの通知が届きました" * 4
    )
    lines = wrapped(text, 24)
    assert all(columns(line) <= 24 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_wrapped_keeps_empty_lines_and_indentation() -> None:
    assert wrapped("a\n\n    b", 20) == ["a", "", "    b"]


LETTER = """\
As far as we know, nobody has yet determined
whether the report is correct.

1. How did you establish what the report
   says?

    Complaint ID:  17340981265
    Listing:       B0ZG04SJF3

Alex Beispiel
Musterweg 1"""


def test_a_letter_is_broken_anew_for_a_narrow_screen_and_only_where_it_was_broken() -> None:
    assert reflowed(LETTER, 44) == LETTER.split("\n")
    assert reflowed(LETTER, 34) == [
        "As far as we know, nobody has yet",
        "determined whether the report is",
        "correct.",
        "",
        "1. How did you establish what the",
        "   report says?",
        "",
        "    Complaint ID:  17340981265",
        "    Listing:       B0ZG04SJF3",
        "",
        "Alex Beispiel",
        "Musterweg 1",
    ]


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (31, "somebody.important@shop.example"),
        (20, "somebo…@shop.example"),
        (14, "…@shop.example"),
        (8, "…example"),
    ],
)
def test_of_an_address_the_domain_is_cut_last(width: int, shown: str) -> None:
    assert address_cut("somebody.important@shop.example", width) == shown
