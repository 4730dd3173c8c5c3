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
