"""Looks over a letter before a person does: a closed list of findings; errors block the approval.

What must not be said is data (`rules/words.yaml`): a category, which is the name of the finding, and its
phrases by language. Whether a phrase is meant as feared only a person can tell, so words are warnings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.case.model import Case, PartyRole
from bot.draft.model import Letter
from bot.draft.stops import is_stopped
from bot.mail.address import is_list, is_no_reply, is_reserved, is_within, same_address
from bot.mail.text import UNSPACED

#: Every finding there is, and its sentence.
ERRORS: Final[Mapping[str, str]] = {
    "empty-field": "a field that every letter needs is empty",
    "unfilled-field": "a placeholder was not filled",
    "control-character": "there is a control character in the text",
    "bidi-character": "there is an invisible character that can turn text around or hide it",
    "link": "there is a link; letters carry none",
    "complaint-id-unknown": "a complaint ID is not one of this case",
    "complaint-id-missing": "a complaint ID of this case is not in the letter",
    "asin-unknown": "an ASIN is not one of this case",
    "recipient-not-in-notice": "the recipient is not the address of the case",
    "copy-not-in-notice": "a copy goes to an address that the notice does not name for Amazon",
    "recipient-denied": "this recipient may not be written to",
}
WARNINGS: Final[Mapping[str, str]] = {
    "no-copy-to-amazon": "Amazon is not in copy, because the notice names no address for it",
    "long-line": "a line is longer than 998 characters",
    "admission": "this reads like an admission",
    "apology": "this reads like an apology",
    "undertaking": "this reads like an undertaking",
    "supplier": "this speaks of suppliers or purchase documents",
    "accusation": "this reads like an accusation",
    "threat": "this reads like a threat",
    "money": "this speaks of money",
    "attachment": "this speaks of an attachment; the letter has none",
}
#: The categories that `rules/words.yaml` may fill.
WORD_CATEGORIES: Final = frozenset(
    {"admission", "apology", "undertaking", "supplier", "accusation", "threat", "money", "attachment"}
)

# Each begins with a character that must be there, and looks back from it at the word boundary: the search
# leaps from one such character to the next, which is ten times as fast as to ask for `\b` everywhere.
_PLACEHOLDER = re.compile(
    r"\{\{|\}\}|\{%|%\}|\{#|T(?<=\bT)ODO\b|X(?<=\bX)X{2,}\b|\[(?:\.\.\.|…|[A-Z][A-Z _]{2,})\]|: None$", re.M
)
_LINK = re.compile(
    r"[:.](?:(?<=\bhttp:)|(?<=\bhttps:)|(?<=\bftp:)|(?<=\bmailto:)|(?<=\bwww\.))", re.IGNORECASE
)
_LABELLED_IDS = re.compile(r"I(?<=\bI)Ds?\W{0,4}(\d{6,}(?:\D{1,6}\d{6,})*)")
_ASIN = re.compile(r"B(?<=\bB)0[A-Z0-9]{8}\b")
_BIDI: Final = frozenset(
    "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a person should see before approving."""

    name: str  #: a key of ERRORS or WARNINGS
    detail: str  #: the words or the address concerned, bounded

    @property
    def error(self) -> bool:
        """True when it blocks the approval."""
        return self.name in ERRORS

    @property
    def sentence(self) -> str:
        """For a person."""
        text = ERRORS.get(self.name) or WARNINGS[self.name]
        return f"{text}: {self.detail}" if self.detail else text


@dataclass(frozen=True, slots=True, kw_only=True)
class LintRules:
    """What the operator's files say about letters."""

    words: Mapping[str, Mapping[str, Sequence[str]]]  #: language tag → category → phrases
    own_addresses: tuple[str, ...] = ()  #: every address of ours, in any account
    denied: tuple[str, ...] = ()  #: `stop ADDRESS`; `@domain` for every address there and below
    amazon_domains: tuple[str, ...] = ()

    def is_ours(self, address: str) -> bool:
        """One of our own addresses, in whichever account."""
        return any(same_address(address, own) for own in self.own_addresses)

    def is_amazons(self, address: str) -> bool:
        """An address at one of Amazon's domains, or below one."""
        domain = address.rpartition("@")[2].casefold()
        return any(is_within(domain, one) for one in self.amazon_domains)


def lint(letter: Letter, cases: Sequence[Case], rules: LintRules) -> tuple[Finding, ...]:
    """Every finding, errors first; `cases` are those the letter speaks for."""
    found = [
        *_form(letter),
        *_facts(letter, cases),
        *_recipients(letter, cases, rules),
        *_words(letter, rules),
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: not finding.error))


def errors(letter: Letter, cases: Sequence[Case], rules: LintRules) -> tuple[Finding, ...]:
    """Only what blocks: without the search for words, which are warnings and take most of the time."""
    found = [*_form(letter), *_facts(letter, cases), *_recipients(letter, cases, rules)]
    return tuple(finding for finding in dict.fromkeys(found) if finding.error)


def _texts(letter: Letter) -> tuple[str, ...]:
    return (letter.subject, letter.body, letter.paste or "")


def _form(letter: Letter) -> Iterator[Finding]:
    for name in ("subject", "body", "to", "mail_from"):
        if not getattr(letter, name).strip():
            yield Finding(name="empty-field", detail=name)
    for text in (*_texts(letter), letter.to_name, letter.from_name):
        if match := _PLACEHOLDER.search(text):
            yield Finding(name="unfilled-field", detail=_around(text, match))
        if match := _LINK.search(text):
            yield Finding(name="link", detail=_around(text, match))
        lines = text.split("\n")
        if not all(map(str.isprintable, lines)):  # of these, all but the tab may be meant
            yield from _invisible(text)
        if max(map(len, lines)) > 998:
            yield Finding(name="long-line", detail="")


def _invisible(text: str) -> Iterator[Finding]:
    for character in dict.fromkeys(text):
        if character in _BIDI:
            yield Finding(name="bidi-character", detail=f"U+{ord(character):04X}")
        elif character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
            yield Finding(name="control-character", detail=f"U+{ord(character):04X}")


def _facts(letter: Letter, cases: Sequence[Case]) -> Iterator[Finding]:
    ids = {case.facts.complaint_id for case in cases if case.facts.complaint_id}
    numbers = {re.sub(r"\D", "", n.number) for case in cases for n in case.facts.numbers}
    asins = {asin for case in cases for asin in case.facts.asins}
    for text in _texts(letter):
        for match in _LABELLED_IDS.finditer(text):
            for number in re.findall(r"\d{6,}", match[1]):
                if number not in ids | numbers:
                    yield Finding(name="complaint-id-unknown", detail=number)
        for asin in _ASIN.findall(text):
            if asin not in asins:
                yield Finding(name="asin-unknown", detail=asin)
    for missing in sorted(number for number in ids if number not in letter.body):
        yield Finding(name="complaint-id-missing", detail=missing)


def _recipients(letter: Letter, cases: Sequence[Case], rules: LintRules) -> Iterator[Finding]:
    amazon = {case.facts.amazon_address.casefold() for case in cases if case.facts.amazon_address}
    if letter.party is PartyRole.AMAZON:
        review = {case.facts.review_address.casefold() for case in cases if case.facts.review_address}
        known = amazon | review
    else:
        parties = [case.party(letter.party) for case in cases]
        sets = [{a.casefold() for a in party.addresses} if party else set() for party in parties]
        known = set.intersection(*sets) if sets else set()
    if letter.to.casefold() not in known:
        yield Finding(name="recipient-not-in-notice", detail=letter.to)
    for address in letter.cc:
        if address.casefold() not in amazon:
            yield Finding(name="copy-not-in-notice", detail=address)
    if letter.party is not PartyRole.AMAZON and not letter.cc:
        yield Finding(name="no-copy-to-amazon", detail="")
    for address in (letter.to, *letter.cc):
        if why := denial(address, rules):
            yield Finding(name="recipient-denied", detail=f"{address} ({why})")
    domain = letter.to.rpartition("@")[2].lower()
    domains = {*rules.amazon_domains, *(address.rpartition("@")[2] for address in amazon)}
    if letter.party is not PartyRole.AMAZON and any(is_within(domain, one) for one in domains):
        yield Finding(name="recipient-denied", detail=f"{letter.to} (Amazon is not the complainant)")


def denial(address: str, rules: LintRules) -> str | None:
    """Why nobody may be written to at this address, or None when somebody may."""
    local, _, domain = address.rpartition("@")
    if rules.is_ours(address):
        return "it is our own"
    if is_stopped(address, rules.denied):
        return "you told us to stop writing there"
    if is_no_reply(local) or is_list(local):
        return "nobody reads there"
    if is_reserved(domain):
        return "it receives no mail"
    return None


def _words(letter: Letter, rules: LintRules) -> Iterator[Finding]:
    text = " ".join(" ".join(_texts(letter)).split())
    # Of every language: a person may have written a sentence in another one.
    for categories in rules.words.values():
        for category, phrases in categories.items():
            yield from _said(text, category, tuple(phrases))


def _said(text: str, category: str, phrases: tuple[str, ...]) -> Iterator[Finding]:
    """Each wording once, where it stands first."""
    seen: set[str] = set()
    for match in _any_of(phrases).finditer(text):
        wording = match.group().casefold()
        if wording not in seen:
            seen.add(wording)
            yield Finding(name=category, detail=_around(text, match))


@lru_cache(maxsize=256)  # eleven languages of eight categories, and a home's own
def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """The phrases of one category in one pattern, the longest first."""
    return re.compile("|".join(map(_as_pattern, sorted(phrases, key=len, reverse=True))) or r"(?!)", re.I)


def _as_pattern(phrase: str) -> str:
    """Whole words, but for a star at the end; Chinese and Japanese write no spaces between words."""
    stem = phrase.removesuffix("*")
    if stem[:1] >= UNSPACED:
        return re.escape(stem)
    return rf"(?<!\w){re.escape(stem)}" + ("" if stem != phrase else r"(?!\w)")


def _around(text: str, match: re.Match[str]) -> str:
    start, end = max(0, match.start() - 20), match.end() + 20
    return " ".join(text[start:end].split())
