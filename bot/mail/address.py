"""Address lists (RFC 5322 §3.4), and which addresses are fit to be written to."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Set
from functools import cache, lru_cache

from publicsuffixlist import PublicSuffixList

from bot.mail.decode import header_text
from bot.mail.message import Address

#: RFC 2606 and RFC 6761, except `.example`: nobody can receive mail there, and our own tests live there.
_RESERVED = frozenset(
    (
        "test",
        "invalid",
        "localhost",
        "local",
        "example.com",
        "example.net",
        "example.org",
        "onion",
        "internal",
    )
)
_NO_REPLY = re.compile(
    r"^(?:(?:do)?[._-]?not?[._-]?(?:reply|answer|respond)|.*[._-]no[._-]?repl(?:y|ies)|no[._-]?repl(?:y|ies).*|noreply.*|donotreply.*"
    r"|mailer-daemon|postmaster|nobody|bounces?|mailnull|null|abuse|unsubscribe|nicht[._-]?antworten|ne[._-]?pas[._-]?repondre)$"
)
_LIST = re.compile(
    r"^(?:.*-(?:request|bounces?|owner|admin|subscribe|unsubscribe|list|announce)|owner-.*|listserv|majordomo|lists?)$"
)
_ATOM = re.compile(r"^[^\s@<>()\[\]\\,;:\"\x00-\x20\x7f]+$")
_LABEL = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$")
_STEP = re.compile(r'"(?:[^"\\]|\\.)*"?|\((?:[^()\\]|\\.)*\)?|<[^<>]*>?|[,;:]|[^",;:<>()]+|.', re.DOTALL)


def parse_addresses(raw: str) -> tuple[Address, ...]:
    """Every mailbox of a raw header body; encoded words are decoded only after the list was split."""
    found: list[Address] = []
    words: list[str] = []
    angle: str | None = None

    def close() -> None:
        nonlocal angle
        address = _mailbox(words, angle)
        if address is not None:
            found.append(address)
        words.clear()
        angle = None

    for piece in _STEP.findall(" ".join(raw.split())):
        if piece in (",", ";"):
            close()
        elif piece == ":":
            words.clear()  # the name of a group
        elif piece.startswith("<"):
            if angle is not None:
                close()
            angle = piece.strip("<>").strip()
        elif not piece.startswith("("):
            words.append(piece)
    close()
    return tuple(found)


def _mailbox(words: list[str], angle: str | None) -> Address | None:
    name = "".join(words).strip()
    if angle is None:
        spec = canonical(name)
        return None if spec is None else Address(display_name="", addr_spec=spec)
    spec = canonical(angle.rpartition(":")[2])
    if spec is None:
        return None
    if len(name) >= 2 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return Address(display_name=header_text(name).strip(), addr_spec=spec)


@lru_cache(maxsize=256)
def canonical(address: str) -> str | None:
    """The addr-spec with its domain in lower-case ASCII (IDNA), or None when it is not one."""
    local, at, domain = address.strip().strip("<>").rpartition("@")
    ascii_domain = ascii_form(domain)
    if not at or ascii_domain is None or len(local) > 64 or len(local) + len(ascii_domain) > 253:
        return None
    quoted = len(local) > 2 and local[0] == local[-1] == '"' and local.isprintable()
    return f"{local}@{ascii_domain}" if quoted or _ATOM.match(local) else None


@lru_cache(maxsize=256)
def ascii_form(domain: str) -> str | None:
    """A host name in lower-case ASCII, or None when it is not one."""
    domain = domain.strip().rstrip(".").lower()
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    labels = domain.split(".")
    return domain if len(labels) > 1 and all(_LABEL.match(label) for label in labels) else None


def same_address(one: str, other: str) -> bool:
    """Equal for all practical purposes: local parts are compared without case."""
    return one.casefold() == other.casefold()


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@lru_cache(maxsize=512)
def organisational_domain(domain: str) -> str:
    """The registered domain (RFC 7489 §3.2): `bounces.amazon.co.uk` → `amazon.co.uk`."""
    return _suffixes().privatesuffix(domain.lower()) or domain.lower()


def is_within(domain: str, parent: str) -> bool:
    """The domain itself or one below it."""
    return domain == parent or domain.endswith("." + parent)


def is_within_any(domain: str, parents: Set[str]) -> bool:
    """The same for one of several."""
    while domain:
        if domain in parents:
            return True
        domain = domain.partition(".")[2]
    return False


def is_reserved(domain: str) -> bool:
    """A domain that receives no mail, or that is not a name at all."""
    return is_within_any(domain, _RESERVED) or _is_number(domain.strip("[]"))


def _is_number(host: str) -> bool:
    """An address of the network; only what may be one is tried, because trying is slow."""
    if ":" not in host and not host[-1:].isdecimal():
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_no_reply(local: str) -> bool:
    """A local part behind which nobody reads."""
    return bool(_NO_REPLY.match(local.casefold()))


def is_list(local: str) -> bool:
    """A local part of mailing-list software."""
    return bool(_LIST.match(local.casefold()))


def can_be_written_to(address: str) -> bool:
    """A mailbox of a person or a desk, as far as its form tells."""
    spec = canonical(address)
    if spec is None:
        return False
    local, _, domain = spec.rpartition("@")
    return not (is_reserved(domain) or is_no_reply(local) or is_list(local))
