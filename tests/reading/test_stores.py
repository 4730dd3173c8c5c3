"""Which of several stores a mail is about: told by its marks together, never guessed."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from bot.mail.parse import parse_message
from bot.reading.stores import StoreMarks, store_of

NORTH = StoreMarks(
    name="north",
    names=("Harbor North",),
    merchant_tokens=("A1NORTH2345678",),
    marketplaces=("amazon.de",),
    recipients=("north@harbor.example",),
)
SOUTH = StoreMarks(
    name="south",
    names=("Harbor", "Südlicht"),
    merchant_tokens=("A1SOUTH2345678",),
    marketplaces=("amazon.de", "amazon.com"),
    recipients=("south@harbor.example",),
)


def said(
    text: str, *, to: str = "mail@harbor.example", marketplace: str | None = None, **fields: str
) -> str | None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "notice@amazon.com", to
    for name, value in fields.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return store_of(parse_message(bytes(mail)), text, marketplace, (NORTH, SOUTH))


@pytest.mark.parametrize(
    ("text", "to", "marketplace", "store"),
    [
        ("Merchant token: A1NORTH2345678", "mail@harbor.example", None, "north"),
        ("merchant token a1south2345678.", "mail@harbor.example", None, "south"),
        ("Hello", "South@Harbor.example", None, "south"),
        ("Hello Harbor North,", "mail@harbor.example", "amazon.de", None),  # "Harbor" is in it, and south's
        ("Hello SÜDLICHT,", "mail@harbor.example", None, "south"),
        ("Hello", "mail@harbor.example", "amazon.com", "south"),
        ("Hello", "mail@harbor.example", "amazon.de", None),  # both sell there
        ("Hello Südlicht", "mail@harbor.example", "amazon.de", "south"),
        ("Hello", "mail@harbor.example", "amazon.fr", None),
        ("Hello", "mail@harbor.example", None, None),
        ("A1NORTH2345678", "south@harbor.example", None, None),  # they disagree
        ("A1NORTH2345678 A1SOUTH2345678", "mail@harbor.example", None, None),
        ("A1NORTH2345678 A1SOUTH2345678", "south@harbor.example", None, "south"),
        ("XA1NORTH2345678", "mail@harbor.example", None, None),
    ],
)
def test_marks_speak_together(text: str, to: str, marketplace: str | None, store: str | None) -> None:
    assert said(text, to=to, marketplace=marketplace) == store


def test_what_forwarding_leaves_says_whom_it_was_for() -> None:
    assert said("Hello", Delivered_To="north@harbor.example") == "north"
    assert said("Hello", X_Original_To="<south@harbor.example>") == "south"
