"""Which mailbox is Sent and which is Junk: by special use (RFC 6154), else by the names they usually have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A mailbox as LIST names it."""

    name: str
    attributes: frozenset[str]  #: in lower case, with the backslash: `\\sent`


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What one special use came to."""

    name: str | None  #: None: a person must say, or there is none
    marked: bool = False  #: the server says so
    candidates: tuple[str, ...] = ()  #: more than one by its name


#: Last parts of names, in lower case, in the languages of the marketplaces.
SENT_NAMES = frozenset({
    "sent", "sent items", "sent mail", "sent messages", "sent-mail", "gesendet", "gesendete objekte",
    "gesendete elemente", "éléments envoyés", "messages envoyés", "envoyés", "posta inviata", "inviati",
    "elementos enviados", "enviados", "verzonden", "verzonden items", "wysłane", "elementy wysłane",
    "skickat", "gönderilmiş öğeler", "送信済み", "送信済みアイテム",
})  # fmt: skip
JUNK_NAMES = frozenset({
    "junk", "junk e-mail", "junk email", "junk mail", "spam", "bulk", "bulk mail", "spamverdacht",
    "unerwünscht", "junk-e-mail", "courrier indésirable", "indésirables", "posta indesiderata",
    "correo no deseado", "ongewenste e-mail", "wiadomości-śmieci", "skräppost",
    "önemsiz e-posta", "迷惑メール",
})  # fmt: skip
_WANTED = {"\\sent": SENT_NAMES, "\\junk": JUNK_NAMES}


def choose(attribute: str, mailboxes: Sequence[Listed]) -> Choice:
    r"""The mailbox for `\Sent` or `\Junk`: the one that is marked, else the only one with such a name."""
    wanted = attribute.lower()
    selectable = [box for box in mailboxes if "\\noselect" not in box.attributes]
    marked = [box.name for box in selectable if wanted in box.attributes]
    if marked:
        return Choice(name=marked[0], marked=True)
    named = tuple(box.name for box in selectable if _last(box.name).casefold() in _WANTED[wanted])
    if len(named) == 1:
        return Choice(name=named[0])
    return Choice(name=None, candidates=named)


def names(mailboxes: Iterable[Listed]) -> list[str]:
    """Names of those that can be opened, INBOX first."""
    found = {box.name for box in mailboxes if "\\noselect" not in box.attributes}
    return sorted(found, key=lambda name: (name.upper() != "INBOX", name.casefold()))


def _last(name: str) -> str:
    return name.replace(".", "/").rpartition("/")[2]
