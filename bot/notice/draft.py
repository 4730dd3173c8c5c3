"""A complainant while a contact block is being read, line by line."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from bot.notice.facts import Complainant, Found, Role
from bot.notice.lexicon import squeeze

#: Letters that are no others with an accent.
_NO_ACCENT = {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe"}
#: Shorter words of a name are in many domains.
_LONG_WORD = 4


@dataclass(slots=True)
class Draft:
    """What is known so far, and where it began."""

    at: int
    role: Role = Role.OWNER
    name: Found | None = None
    second: Found | None = None  #: another line that reads like a person's name
    desk: Found | None = None
    organisation: Found | None = None
    addresses: list[Found] = field(default_factory=list)
    phones: list[Found] = field(default_factory=list)

    def add_name(self, found: Found) -> None:
        """A line that reads like a person's name; the first counts."""
        if self.name is None:
            self.name = found
        else:
            self.second = self.second or found

    def named(self) -> bool:
        """Whether anybody is named yet."""
        return bool(self.name or self.desk or self.organisation)

    def empty(self) -> bool:
        """Whether nothing at all is known."""
        return not (self.named() or self.addresses or self.phones)

    def complainant(self) -> Complainant:
        """Whom the block names; of two names without a firm, the firm's is the one that the address has."""
        name, firm = self.name, self.organisation
        if firm is None and name and self.second and self.addresses:
            host = squeeze(self.addresses[0].value.rpartition("@")[2].partition(".")[0])
            first, second = _in_host(name.value, host), _in_host(self.second.value, host)
            if first and not second:
                name, firm = self.second, name
            elif second and not first:
                firm = self.second
        return Complainant(
            role=self.role,
            name=name or self.desk,
            organisation=firm,
            addresses=tuple(self.addresses),
            phones=tuple(self.phones),
        )


def _in_host(name: str, host: str) -> bool:
    """Whether a longer word of a name is in the domain, which has no accents."""
    words = (squeeze("".join(map(_bare, word))) for word in name.split())
    return any(len(word) >= _LONG_WORD and word in host for word in words)


def _bare(letter: str) -> str:
    return _NO_ACCENT.get(letter) or unicodedata.normalize("NFD", letter)[0]
