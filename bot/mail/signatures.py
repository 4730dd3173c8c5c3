"""DKIM signatures (RFC 6376) and ARC seals (RFC 8617) checked by ourselves, with keys that we are handed.

A second opinion beside the provider's: it can take belief away and never adds any. Where the provider's word
could be anybody's, it takes belief away also where there is no signature to check. Only signatures of
domains that matter are looked at, and only their keys are asked for, so that no sender learns from a question
to their name server that we read their mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from bot.mail.address import ascii_form, is_within, organisational_domain

#: TXT records by name, of the names that were asked for: empty where there is none, None if it cannot be had.
Keys = Mapping[str, bytes | None]

#: Longer mails are not checked: dkimpy holds every line by itself.
SIZE_LIMIT = 2 * 1024 * 1024
#: Signatures of one mail that are looked at; genuine mail has two.
_MOST = 6
_HEADER = 64 * 1024
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(
    rb"(?im)^(dkim-signature|arc-seal|arc-message-signature)[ \t]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)"
)
_SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,100}[a-z0-9])?")


class Opinion(StrEnum):
    """What our own check says."""

    NONE = "none"  #: not looked at, or a key could not be had
    ABSENT = "absent"  #: no signature of the author's domain that could be checked
    HOLDS = "holds"
    BROKEN = "broken"  #: every signature that could be checked fails, or leaves part of the body out


class _Quiet:
    """A logger that keeps what it is told to itself: it would quote the mail."""

    def debug(self, *_: object) -> None: ...
    def info(self, *_: object) -> None: ...
    def warning(self, *_: object) -> None: ...
    def error(self, *_: object) -> None: ...


def key_names(raw: bytes, domains: Iterable[str]) -> tuple[str, ...]:
    """Names in the DNS of the keys that signatures of these domains, and those below them, need.

    Only the header of the mail is scanned, and no more of it than a header may have.
    """
    wanted = tuple(domains)
    if len(raw) > SIZE_LIMIT:
        return ()
    names: dict[str, None] = {}
    for _, tags in _signatures(raw):
        domain = _host(tags.get("d", ""))
        selector = tags.get("s", "").casefold()
        if domain and any(is_within(domain, one) for one in wanted) and _SELECTOR.fullmatch(selector):
            names[f"{selector}._domainkey.{domain}"] = None
    return tuple(names)[:_MOST]


def opinion_of(raw: bytes, author: str, keys: Keys) -> Opinion:
    """Whether the signatures of the author's domain fit the mail."""
    family = organisational_domain(author)
    unknown = [name for name, record in keys.items() if record is None and is_within(name, family)]
    found = Opinion.NONE if unknown else Opinion.ABSENT
    if len(raw) > SIZE_LIMIT or not any(keys.values()):
        return found
    position = -1
    for kind, tags in _signatures(raw):
        if kind != "dkim-signature":
            continue
        position += 1
        if position >= _MOST or not _checkable(tags, author, keys):
            continue
        one = _check(raw, position, tags, keys)
        if one is Opinion.HOLDS:
            return one
        found = one if one is Opinion.BROKEN else found
    return found


def seals_hold(raw: bytes, keys: Keys) -> Opinion:
    """Whether the chain of ARC seals fits the mail; NONE while a key of it is missing."""
    sets = [tags for kind, tags in _signatures(raw) if kind != "dkim-signature"]
    if not sets or len(raw) > SIZE_LIMIT or not all(keys.get(_key_name(tags)) for tags in sets):
        return Opinion.NONE
    import dkim  # with the whole of dnspython behind it, and most commands read no mail

    try:
        verdict, _, _ = dkim.ARC(raw, logger=_Quiet()).verify(dnsfunc=_answers(keys))
    except Exception:
        return Opinion.BROKEN
    return Opinion.HOLDS if verdict == dkim.CV_Pass else Opinion.BROKEN


def _signatures(raw: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Kind and tags of each signature field, topmost first; the `i=` and `b=` of a broken one may lack."""
    end = _HEADER_END.search(raw, 0, _HEADER)
    header = raw[: end.start() if end else _HEADER]
    for field in _FIELD.finditer(header):
        pairs = (tag.partition("=") for tag in field[2].decode("ascii", "replace").split(";"))
        yield (
            field[1].lower().decode("ascii"),
            {name.strip(): "".join(value.split()) for name, equals, value in pairs if equals},
        )


def _host(domain: str) -> str | None:
    return ascii_form(domain)


def _key_name(tags: Mapping[str, str]) -> str:
    return f"{tags.get('s', '').casefold()}._domainkey.{_host(tags.get('d', ''))}"


def _checkable(tags: Mapping[str, str], author: str, keys: Keys) -> bool:
    """It speaks for the author's domain, in a way we can check, and its key is there and not withdrawn."""
    domain = _host(tags.get("d", ""))
    if domain is None or organisational_domain(domain) != organisational_domain(author):
        return False
    key = keys.get(_key_name(tags)) or b""
    return tags.get("a") == "rsa-sha256" and re.search(rb"\bp\s*=\s*[A-Za-z0-9+/]", key) is not None


def _check(raw: bytes, position: int, tags: Mapping[str, str], keys: Keys) -> Opinion:
    """One signature. dkimpy asks the clock for `t=` and `x=`: out of time says nothing about the mail."""
    import dkim

    if "l" in tags:
        return Opinion.BROKEN  # anybody may have written what stands behind the signed part
    try:
        fits = dkim.DKIM(raw, logger=_Quiet()).verify(idx=position, dnsfunc=_answers(keys))
    except dkim.ValidationError as problem:
        timely = not any(word in str(problem) for word in ("value is past", "in the future"))
        return Opinion.BROKEN if timely else Opinion.NONE
    except MemoryError:
        raise
    except Exception:  # whatever a signature can be bent to, it does not fit
        return Opinion.BROKEN
    return Opinion.HOLDS if fits else Opinion.BROKEN


class _Answers:
    """What a resolver would say, out of the keys that we were handed."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def __call__(self, name: bytes | str, timeout: float = 0) -> bytes | None:  # noqa: ARG002
        text = name.decode("ascii", "replace") if isinstance(name, bytes) else name
        return self._keys.get(text.rstrip(".").casefold())


def _answers(keys: Keys) -> _Answers:
    return _Answers(keys)
