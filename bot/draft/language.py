"""Which language a letter is written in, decided once per track."""

from __future__ import annotations

from collections.abc import Sequence

from bot.draft.templates import lookup_ranges


def choose_language(
    complainant_language: str | None,
    notice_language: str | None,
    account_languages: Sequence[str],
    available: Sequence[str],
) -> str:
    """The first of the complainant's, the notice's and the account's that we have templates for, else "en".

    Each is looked up by RFC 4647 §3.4 (`de-AT` finds `de`); the tag given back is one of `available`.
    """
    present = {tag.casefold(): tag for tag in available}
    for wanted in (complainant_language, notice_language, *account_languages):
        for tag in lookup_ranges(wanted or ""):
            if found := present.get(tag.casefold()):
                return found
    return "en"
