"""What one look came to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    what: str  #: a word or two: `imap sign-in`
    ok: bool | None  #: None: worth knowing, or cannot be known from here
    sentence: str
    fix: str = ""  #: what to do; never empty when `ok` is False


#: What to do after a refused login, by the way of signing in.
REFUSED = {
    "password": "Many providers want a password made for this program only: docs/providers.md. "
    "`rejoinder password` puts it in.",
    "xoauth2": "Run the program that prints the token by hand: it must print a fresh one, for this user.",
    "none": "The server wants a login: write auth: password.",
}


def count(number: int, what: str) -> str:
    """`1 mail`, `2 mails`."""
    return f"{number} {what}{'' if number == 1 else 's'}"
