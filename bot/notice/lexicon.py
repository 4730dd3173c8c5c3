"""All languages' words compiled together: a mail mixes languages, so every label is known in every mail."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import re2

from bot.mail.dates import Calendar, Introduced, calendar_of, introduced
from bot.mail.matching import Matcher, compile_pattern, matcher
from bot.mail.quoting import Quoting
from bot.mail.text import fold_words
from bot.notice.answers import AnswersFile, DispositionName
from bot.notice.facts import Action, Right
from bot.notice.labels import LabelsFile, SaysName
from bot.notice.languages import Neighbour, Tongues, build_tongues

#: Order in which the words of a type line decide: the narrow ones first.
RIGHT_ORDER = (
    Right.PARALLEL_IMPORT,
    Right.OTHER,
    Right.COUNTERFEIT,
    Right.DESIGN_PATENT,
    Right.UTILITY_PATENT,
    Right.COPYRIGHT,
    Right.TRADEMARK,
)
#: What an answer may come to.
DISPOSITIONS = get_args(DispositionName)
#: Order in which action phrases decide.
ACTION_ORDER = (
    Action.FUNDS_HELD,
    Action.ACCOUNT_RISK,
    Action.IMAGE_REMOVED,
    Action.WARNING,
    Action.LISTING_REMOVED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """How time limits are written: one pattern, and what its number and unit words mean."""

    pattern: Any | None
    numbers: Mapping[str, int]
    units: Mapping[str, tuple[float, bool]]  #: unit word → days for one, business
    not_ours: Matcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What tells firms, desks and persons apart, folded."""

    legal_forms: frozenset[str]
    organisation: Matcher
    desk: Matcher
    honorifics: Any | None
    titles: Matcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Everything the rooms below match with, of all languages at once."""

    label_pattern: Any | None
    label_fields: Mapping[str, str]  #: folded label without spaces and hyphens → field
    label_texts: frozenset[str]
    complaint_words: Any | None
    roles: Mapping[str, Matcher]
    contact_headings: Matcher
    rights: Mapping[Right, Matcher]
    actions: Mapping[Action, Matcher]
    says: Mapping[str, Matcher]
    clock: Clock
    reasons: Matcher
    retraction: Matcher
    names: Names
    reply: Mapping[str, Matcher]
    conditions: Matcher
    done: Matcher
    negations: Matcher
    calendar: Calendar
    returns: Introduced
    until: Introduced
    orders: Mapping[str, str]  #: language → order of a date in figures
    machine_subjects: Matcher
    machine_texts: Matcher
    bounces: Matcher
    delays: Matcher
    signs: Mapping[str, Matcher]
    quoting: Quoting
    author_words: frozenset[str]
    forwarded: Matcher
    forward_prefixes: frozenset[str]
    tongues: Tongues
    answers: tuple[AnswersFile, ...]


def says_in(text: str, lexicon: Lexicon) -> frozenset[str]:
    """What a folded text says: names under `says` of the label files."""
    return frozenset(name for name, words in lexicon.says.items() if words.found_in(text))


def squeeze(label: str) -> str:
    """A folded label without spaces, hyphens and dots: `Complaint-ID` and `complaint id` are one."""
    return fold_words(label).replace(" ", "").replace("-", "").replace(".", "")


def build_lexicon(
    files: Sequence[LabelsFile],
    answers: Sequence[AnswersFile] = (),
    neighbours: Mapping[str, Neighbour] | None = None,
) -> Lexicon:
    """Compile the files; the first file that claims a label keeps it."""

    def said(get: Callable[[AnswersFile], Iterable[str]]) -> list[str]:
        return list(dict.fromkeys(phrase for file in answers for phrase in get(file)))

    def union(get: Callable[[LabelsFile], Iterable[str]]) -> list[str]:
        return list(dict.fromkeys(phrase for file in files for phrase in get(file)))

    fields = _label_fields(files)
    return Lexicon(
        label_pattern=_label_pattern(
            {fold_words(label) for file in files for labels in file.labels.values() for label in labels}
        ),
        label_fields={squeezed: field for squeezed, (field, _) in fields.items()},
        label_texts=frozenset(fields),
        complaint_words=_complaint_pattern(union(lambda file: file.complaint_words)),
        roles={
            role: matcher(union(lambda file, role=role: file.roles.get(role, ())))  # type: ignore[misc]
            for role in ("owner", "agent", "counsel", "us", "other", "amazon")
        },
        contact_headings=matcher(union(lambda file: file.contact_headings)),
        rights={
            right: matcher(union(lambda file, right=right: file.rights.get(right, ())))  # type: ignore[misc]
            for right in RIGHT_ORDER
        },
        actions={
            action: matcher(union(lambda file, action=action: file.actions.get(action, ())))  # type: ignore[misc]
            for action in ACTION_ORDER
        },
        says={
            name: matcher(union(lambda file, name=name: file.says.get(name, ())))  # type: ignore[misc]
            for name in get_args(SaysName)
        },
        clock=_clock(files, said(lambda file: file.dates.silence)),
        reasons=matcher(union(lambda file: file.reasons)),
        retraction=matcher(union(lambda file: file.retraction)),
        names=_names(files),
        reply={
            name: matcher(said(lambda file, name=name: file.reply.get(name, ())))  # type: ignore[misc]
            for name in DISPOSITIONS
        },
        conditions=matcher(said(lambda file: file.conditions)),
        done=matcher(said(lambda file: file.done)),
        negations=matcher(said(lambda file: file.negations)),
        calendar=calendar_of(
            {fold_words(name): number for file in answers for name, number in file.dates.months.items()}
        ),
        returns=introduced(said(lambda file: file.returns), said(lambda file: file.dates.weekdays)),
        until=introduced(said(lambda file: file.dates.until), said(lambda file: file.dates.weekdays)),
        orders={file.language: file.dates.order for file in answers if file.dates.order},
        machine_subjects=matcher(said(lambda file: file.machines.subjects)),
        machine_texts=matcher(said(lambda file: file.machines.texts)),
        bounces=matcher(said(lambda file: file.machines.bounces)),
        delays=matcher(said(lambda file: file.machines.delays)),
        signs={
            sign: matcher(union(lambda file, sign=sign: file.signs.get(sign, ())))  # type: ignore[misc]
            for sign in ("credentials", "payment", "contact", "urgency", "amazon_signature", "stranger")
        },
        quoting=Quoting(
            attributions=matcher(said(lambda file: file.quoting.attributions)),
            leads=frozenset(fold_words(word) for word in said(lambda file: file.quoting.leads)),
            header_words=frozenset(fold_words(word) for word in said(lambda file: file.quoting.header_words)),
            author_words=frozenset(fold_words(word) for word in said(lambda file: file.quoting.author_words)),
            originals=matcher(said(lambda file: (*file.quoting.originals, *file.quoting.forwarded))),
            devices=tuple(fold_words(word) for word in said(lambda file: file.quoting.devices)),
            inline=matcher(said(lambda file: file.quoting.inline)),
            disclaimers=matcher(said(lambda file: file.quoting.disclaimers)),
        ),
        author_words=frozenset(fold_words(word) for word in said(lambda file: file.quoting.author_words)),
        forwarded=matcher(said(lambda file: file.quoting.forwarded)),
        forward_prefixes=frozenset(
            fold_words(word) for word in said(lambda file: file.quoting.forward_prefixes)
        ),
        tongues=build_tongues(files, neighbours or {}),
        answers=tuple(answers),
    )


def _label_fields(files: Sequence[LabelsFile]) -> dict[str, tuple[str, str]]:
    fields: dict[str, tuple[str, str]] = {}
    for file in files:
        for field, labels in file.labels.items():
            for label in labels:
                fields.setdefault(squeeze(label), (field, fold_words(label)))
    return fields


def _label_pattern(labels: Iterable[str]) -> Any | None:
    """Every way of writing a label: "e-mail" and "email" are one label, and both are looked for."""
    texts = sorted(labels, key=len, reverse=True)
    if not texts:
        return None
    # A label may be wrapped: "Numero di" at the end of a line, "registrazione:" on the next.
    gap = r"[ \-]*\n?[ \-]*"
    sources = "|".join(
        re2.escape(text).replace("\\ ", " ").replace("\\-", " ").replace(" ", gap) for text in texts
    )
    # What may stand before a label, the label, a plural or a remark in brackets, and the separator.
    return compile_pattern(
        r"(?:^|\n|[ |;,(>*•\-_\]\[。.、])"
        rf"({sources})(?:s|\(s\)|\(en\)|\(n\))?\.?(?: ?\([^()\n]{{0,40}}\))?"
        r"( ?[*_]{0,2}:| ?=| ?#|[ *_]* - |[ ]?\.{3,}:?| ?\|)"
    )


def _complaint_pattern(words: Sequence[str]) -> Any | None:
    """Groups: words between; the number behind a word, behind one of an unspaced script, or before one."""
    spaced = sorted({fold_words(word) for word in words}, key=len, reverse=True)
    if not spaced:
        return None
    sources = "|".join(re2.escape(word).replace("\\ ", " ") for word in spaced)
    unspaced = "|".join(re2.escape(word) for word in spaced if ord(word[0]) >= _UNSPACED)
    marks = r"(?:ids?|no\.?|nos\.?|nr\.?|num(?:ber|ero|éro)s?|numer|nummer|reference|ref\.?|n°|nº|#)"
    number = r"([0-9]{8,13})(?:$|[^0-9\-])"
    patterns = [
        rf"(?:^|[^\pL\pN])(?:{sources})(?:s|\(s\))?((?: \pL{{1,14}}){{0,3}})"
        rf"[ \-]?(?:{marks}[ ]?){{0,2}}[ :,#(\[\"']*{number}"
    ]
    patterns.append(rf"(?:{unspaced})\pL{{0,6}}[ :#(\"']*{number}" if unspaced else r"(\z\A)")
    patterns.append(rf"([0-9]{{8,13}}) (?:numaralı|nolu|no'lu) (?:\pL+ )?(?:{sources})")
    return compile_pattern("|".join(patterns))


#: From here on letters are of scripts that write no spaces between words.
_UNSPACED = 0x2E80


def _clock(files: Sequence[LabelsFile], silence: Sequence[str]) -> Clock:
    numbers: dict[str, int] = {}
    units: dict[str, tuple[float, bool]] = {}
    limits: list[str] = list(silence)
    not_ours: list[str] = []
    for file in files:
        words = file.deadline
        numbers.update({fold_words(word): value for word, value in words.numbers.items()})
        for names, days, business in (
            (words.business_days, 1.0, True),
            (words.days, 1.0, False),
            (words.weeks, 7.0, False),
            (words.months, 30.0, False),
            (words.hours, 1 / 24, False),
        ):
            units.update({fold_words(name): (days, business) for name in names})
        limits += words.limits
        not_ours += words.not_ours
    return Clock(
        pattern=_limit_pattern(limits, numbers, units),
        numbers=numbers,
        units=units,
        not_ours=matcher(not_ours),
    )


def _limit_pattern(
    limits: Sequence[str], numbers: Mapping[str, int], units: Mapping[str, object]
) -> Any | None:
    """One pattern for all limits; numbers and units are long lists, so they are written but a few times."""
    if not limits or not units:
        return None
    words = "|".join(re2.escape(word) for word in sorted(numbers, key=len, reverse=True))
    spoken = rf"|{words}" if words else ""
    # "90", "ninety", "ninety (90)"
    number = rf"((?:[0-9]{{1,3}}{spoken})(?: ?\([0-9a-z]{{1,10}}\))?)"
    unit = "(" + "|".join(_spaced(word) for word in sorted(units, key=len, reverse=True)) + ")"
    length = rf"{number}[ -]?{unit}"
    heads, tails, both = [], [], []
    for limit in dict.fromkeys(map(fold_words, limits)):
        head, _, rest = limit.partition("{n}")
        tail = rest.partition("{unit}")[2]
        if head and tail:
            both.append(f"{_spaced(head)}{length}{_spaced(tail)}")
        elif head:
            heads.append(_spaced(head))
        elif tail:
            tails.append(_spaced(tail))
    sources = [*both]
    if heads:
        sources.append(f"(?:{'|'.join(heads)}){length}")
    if tails:
        sources.append(f"{length}(?:{'|'.join(tails)})")
    # "on" is ten in Turkish, and the end of many words.
    return compile_pattern(rf"(?:^|[^\p{{Latin}}\pN])(?:{'|'.join(sources)})") if sources else None


def _spaced(text: str) -> str:
    """A folded phrase as a pattern: any run of spaces, and `*` for words in between."""
    escaped: str = re2.escape(text)
    return escaped.replace("\\ ", " ").replace(" ", " +").replace("\\*", r"[^\n.]{0,40}?")


def _names(files: Sequence[LabelsFile]) -> Names:
    honorifics = sorted(
        {fold_words(word) for file in files for word in file.names.honorifics}, key=len, reverse=True
    )
    return Names(
        legal_forms=frozenset(squeeze(form) for file in files for form in file.names.legal_forms),
        organisation=matcher([word for file in files for word in file.names.organisation]),
        desk=matcher([word for file in files for word in file.names.desk]),
        honorifics=compile_pattern("^(?:" + "|".join(map(re2.escape, honorifics)) + r")(?:[. :]+|$)")
        if honorifics
        else None,
        titles=matcher([word for file in files for word in file.names.titles]),
    )
