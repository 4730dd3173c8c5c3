"""Octets become the text that was written, whatever the mail says about their charset."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.mail.charset import decode_octets

JAPANESE = "権利者からの申し立てにより、出品を停止いたしました。ご確認ください。"
CHINESE = "我们移除了您的商品，因为权利所有者提交了投诉。请您在七天内回复。"
TRADITIONAL = "我們移除了您的商品，因為權利所有者提交了投訴。請您在七天內回覆。"
GERMAN = "Jörg Müßiggang grüßt – „schöne“ Gartenstühle für 5 €"


@pytest.mark.parametrize(
    ("text", "charset", "declared"),
    [
        (JAPANESE, "iso2022_jp", "iso-2022-jp"),
        (JAPANESE, "iso2022_jp", None),
        (JAPANESE, "iso2022_jp", "us-ascii"),
        (JAPANESE, "shift_jis", "Shift_JIS"),
        (JAPANESE, "shift_jis", None),
        (JAPANESE, "shift_jis", "utf-8"),
        (JAPANESE, "euc_jp", None),
        (JAPANESE, "utf-8", "iso-8859-1"),
        (CHINESE, "gb18030", "gb2312"),
        (CHINESE, "gb18030", None),
        (CHINESE, "gb18030", "utf-8"),
        (TRADITIONAL, "big5", None),
        (GERMAN, "cp1252", "iso-8859-1"),
        (GERMAN, "cp1252", "windows-1252"),
        (GERMAN, "cp1252", None),
        (GERMAN, "cp1252", "utf-8"),
        (GERMAN, "utf-8", None),
        (GERMAN, "utf-8", "us-ascii"),
        (GERMAN, "utf-8", "latin1"),
        (GERMAN, "utf-8", "x-unknown"),
        ("Zażółć gęślą jaźń", "iso-8859-2", "iso-8859-2"),
        ("şikâyet ığdır", "cp1254", "iso-8859-9"),
    ],
)
def test_the_text_that_was_written(text: str, charset: str, declared: str | None) -> None:
    assert decode_octets(text.encode(charset), declared) == text


def test_one_broken_octet_spoils_one_character() -> None:
    octets = GERMAN.encode() * 3
    broken = octets[:3] + b"\xff" + octets[3:]
    assert decode_octets(broken, "utf-8").count("\ufffd") == 1


@given(octets=st.binary(max_size=300), declared=st.none() | st.text(max_size=20))
@example(octets=b"\x8d", declared="\x00")
@example(octets=b"\x8d", declared="\udc80")
def test_nothing_is_refused(octets: bytes, declared: str | None) -> None:
    decode_octets(octets, declared)


@given(text=st.text(max_size=100))
def test_what_is_declared_as_utf_8_and_is_stays(text: str) -> None:
    if "\x1b" not in text:
        assert decode_octets(text.encode("utf-8", "replace"), "utf-8") == text.encode(
            "utf-8", "replace"
        ).decode("utf-8")


POLISH = "Usunęliśmy zdjęcia, ponieważ właściciel praw zgłosił naruszenie. Święty Spokój, Łódź."
TURKISH = "Hak sahibinin şikayeti üzerine liste kaydınızı kaldırdık. Güneşli Mobilya"


@pytest.mark.parametrize(
    ("text", "charset", "declared"),
    [
        (POLISH, "cp1250", None),
        (POLISH, "iso8859_2", None),
        (POLISH, "cp1250", "iso-8859-1"),
        (TURKISH, "cp1254", None),
        (TURKISH, "cp1254", "iso-8859-1"),
        (TURKISH, "cp1254", "windows-1252"),
    ],
)
def test_neighbours_of_western_europe_are_known_by_their_letters(
    text: str, charset: str, declared: str | None
) -> None:
    assert decode_octets(text.encode(charset), declared) == text


@pytest.mark.parametrize(
    "text",
    [
        GERMAN,
        "Prix : 20 m² à 5 € – l’œuvre où sœur Noëlle s’exprime ; ½ heure, 3³ = 27, ±5 %",
        "¿Por qué? ¿Cuándo? Señor Íñigo añade «compás» y mañana; ¡qué fácil!",
        "Så här gör du: återställ ärendet, följ länken och välj språk.",
        "Perché è successo? Può darsi che l’articolo sia già più caro: così è.",
    ],
)
def test_western_europe_stays_western(text: str) -> None:
    assert decode_octets(text.encode("cp1252"), None) == text
