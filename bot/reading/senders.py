"""Who may speak for Amazon: the content of `rules/senders.yaml`."""

from __future__ import annotations

import unicodedata
from datetime import date
from functools import cached_property, lru_cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.mail.address import ascii_form, can_be_written_to, is_within_any, organisational_domain
from bot.mail.text import fold


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AmazonAddress(_Model):
    """One address where Amazon takes mail, with when and where it was last seen."""

    marketplace: str
    address: str
    use: Literal["dispute", "retraction", "notice", "evaluation", "counter_notice", "performance"]
    seen: date
    source: str


class SendersFile(_Model):
    """`rules/senders.yaml`."""

    amazon_domains: list[str] = Field(description="Amazon's own domains; sub-domains count")
    relay_domains: list[str] = Field(default_factory=list, description="domains that carry buyers' words")
    cloud_domains: list[str] = Field(default_factory=list, description="senders for hire, never believed")
    programme_senders: list[str] = Field(
        default_factory=list, description="parts of sender addresses of brand programmes and marketing"
    )
    addresses: list[AmazonAddress] = Field(default_factory=list)

    @cached_property
    def _relays(self) -> frozenset[str]:
        return frozenset((*self.relay_domains, *self.cloud_domains))

    @cached_property
    def _everything(self) -> frozenset[str]:
        return frozenset((*self.amazon_domains, *self.cloud_domains))

    @cached_property
    def _speaking(self) -> frozenset[str]:
        return frozenset(self.amazon_domains)

    def is_relay(self, domain: str) -> bool:
        """A domain whose proof says nothing about who wrote."""
        return is_within_any(domain, self._relays)

    def speaks_for_amazon(self, domain: str) -> bool:
        """A domain that only Amazon's own mail comes from."""
        return is_within_any(domain, self._speaking) and not self.is_relay(domain)

    def is_amazon_address(self, address: str) -> bool:
        """An address at Amazon, relays included."""
        domain = ascii_form(address.rpartition("@")[2]) or ""
        return is_within_any(domain, self._everything)

    def takes_mail(self, address: str) -> bool:
        """An address at which Amazon may read what is asked or withdrawn: no relay, programme or no-reply."""
        return (
            self.speaks_for_amazon(ascii_form(address.rpartition("@")[2]) or "")
            and can_be_written_to(address)
            and not self.is_programme(address)
        )

    def is_programme(self, address: str) -> bool:
        """A sender of brand programmes or marketing."""
        return any(part in address.casefold() for part in self.programme_senders)

    def looks_like_amazon(self, domain: str) -> bool:
        """A domain that is not Amazon's and wants to look as if it were."""
        if is_within_any(domain, self._everything):
            return False
        return "amazon" in skeleton(domain)

    def misspells_amazon(self, domain: str) -> bool:
        """A domain with a label that is one slip of the finger from Amazon's name.

        A company may be called so: it counts only with words that speak as Amazon, and bars no addressee.
        """
        if is_within_any(domain, self._everything):
            return False
        words = (word for label in domain.split(".") for word in label.split("-"))
        return any(_one_slip(skeleton(word), "amazon") for word in words)

    def barred(self, address: str, own: frozenset[str]) -> bool:
        """Never an addressee: Amazon's or its look-alikes', ours, no-reply, lists, reserved."""
        domain = address.rpartition("@")[2]
        ours, own_domains = _barred_as_ours(own)
        return (
            not can_be_written_to(address)
            or self.is_amazon_address(address)
            or self.looks_like_amazon(domain)
            or address.casefold() in ours
            or organisational_domain(domain) in own_domains
        )


@lru_cache(maxsize=8)
def _barred_as_ours(own: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Our addresses, folded, and the registered domains that are ours alone."""
    ours = frozenset(one.casefold() for one in own)
    domains = {one.rpartition("@")[2] for one in ours} - SHARED_DOMAINS
    return ours, frozenset(map(organisational_domain, domains))


@lru_cache(maxsize=8)
def own_domains(own: frozenset[str]) -> frozenset[str]:
    """The registered domains of our own addresses."""
    return frozenset(organisational_domain(one.rpartition("@")[2]) for one in own)


#: Providers where a colleague and a stranger share a domain.
SHARED_DOMAINS = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "msn.com",
        "yahoo.com",
        "yahoo.de",
        "yahoo.co.uk",
        "yahoo.fr",
        "yahoo.co.jp",
        "icloud.com",
        "me.com",
        "aol.com",
        "gmx.de",
        "gmx.net",
        "gmx.com",
        "web.de",
        "t-online.de",
        "freenet.de",
        "mail.com",
        "proton.me",
        "protonmail.com",
        "qq.com",
        "163.com",
        "126.com",
        "naver.com",
        "orange.fr",
        "free.fr",
        "laposte.net",
        "libero.it",
        "virgilio.it",
    ]
)

#: Letters of other scripts and digits that an eye takes for the letters of the name (Unicode TR 39, chosen).
_LOOK_ALIKES = {
    "a": "аɑαᎪꭺᴀ@4⍺ʌ",
    "m": "мᴍʍɱꮇ",
    "o": "оοօ0ഠ०໐ᴏөøσ௦๐",
    "z": "ᴢ2ʐƶȥꮓ",
    "n": "пոռɴŋηƞ",
}
_CONFUSABLE = str.maketrans({alike: letter for letter, alikes in _LOOK_ALIKES.items() for alike in alikes})


@lru_cache(maxsize=256)  # of every address and link in a mail it is asked whether it looks like Amazon's
def skeleton(domain: str) -> str:
    """A domain as the eye reads it: IDNA undone, look-alike letters replaced, digits read as letters."""
    labels = []
    for label in domain.split("."):
        try:
            labels.append(label.encode("ascii").decode("idna") if label.startswith("xn--") else label)
        except UnicodeError:
            labels.append(label)
    text = fold(".".join(labels)).text.translate(_CONFUSABLE)
    text = unicodedata.normalize("NFD", text.replace("rn", "m"))
    return "".join(char for char in text if char.isalnum())


def _one_slip(word: str, name: str) -> bool:
    """One letter more, less or another, or two neighbours in the wrong order (Damerau's four)."""
    if word == name or abs(len(word) - len(name)) > 1:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(word, name, strict=False)) if a != b), min(len(word), len(name))
    )
    left, right = word[start:], name[start:]
    same_rest = left[1:] == right[1:] or left[1:] == right or left == right[1:]
    return same_rest or (left[:2] == right[1::-1] and left[2:] == right[2:])
