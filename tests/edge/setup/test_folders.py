"""Sent and Junk by special use, by name, or not at all."""

from __future__ import annotations

import pytest

from bot.edge.setup.folders import Listed, choose, names


def boxes(**attributes: str) -> list[Listed]:
    """Mailboxes by name; `__` stands for a slash, `_` for a space."""
    return [
        Listed(name=name.replace("__", "/").replace("_", " "), attributes=frozenset(said.split()))
        for name, said in attributes.items()
    ]


def test_what_the_server_marks_wins_over_any_name() -> None:
    found = choose("\\Sent", boxes(Sent="", Outbox="\\sent \\hasnochildren"))
    assert (found.name, found.marked) == ("Outbox", True)


@pytest.mark.parametrize(
    ("attribute", "name"),
    [
        ("\\Sent", "Sent Items"),
        ("\\Sent", "INBOX.Sent"),
        ("\\Sent", "[Gmail]/Sent Mail"),
        ("\\Sent", "Gesendete Objekte"),
        ("\\Sent", "ENVOYÉS"),
        ("\\Junk", "Spam"),
        ("\\Junk", "INBOX/Junk E-mail"),
        ("\\Junk", "Unerwünscht"),
        ("\\Junk", "迷惑メール"),
    ],
)
def test_by_name(attribute: str, name: str) -> None:
    mailboxes = [Listed(name=one, attributes=frozenset()) for one in ("INBOX", name, "Sentences", "Archive")]
    found = choose(attribute, mailboxes)
    assert (found.name, found.marked) == (name, False)


def test_two_of_such_names_are_a_question() -> None:
    found = choose("\\Sent", boxes(Sent="", Gesendet="", Archive=""))
    assert (found.name, found.candidates) == (None, ("Sent", "Gesendet"))


def test_none_is_none() -> None:
    assert choose("\\Junk", boxes(INBOX="")).name is None
    assert choose("\\Junk", []).candidates == ()


def test_what_cannot_be_opened_is_not_offered() -> None:
    listed = boxes(Sent="\\noselect", Zoo="", INBOX="", Archive="")
    assert choose("\\Sent", listed).name is None
    assert names(listed) == ["INBOX", "Archive", "Zoo"]
