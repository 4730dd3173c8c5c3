"""All languages' words compiled together: a mail mixes languages, so every label is known in every mail."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar, get_args

from bot.mail.dates import Calendar, Introduced, calendar_of, introduced
from bot.mail.matching import Choice, Matcher, Phrasebook
from bot.mail.quoting import Quoting
from bot.mail.text import fold_words, in_ideographs
from bot.notice.answers import AnswersFile, CueName, DispositionName, WithdrawalName
from bot.notice.composed import ComposedLabels
from bot.notice.deeds import Deeds
from bot.notice.facts import Action, Right
from bot.notice.labels import DeedName, LabelsFile, RoleName, SaysName, SignName
from bot.notice.languages import Neighbour, Tongues, build_tongues
from bot.notice.limits import Limits
from bot.notice.marks import LabelIndex
from bot.notice.spoken_numbers import SpokenNumbers

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
#: What an answer may come to, whom a sentence speaks of, what notices say, and signs of a fraud.
DISPOSITIONS: tuple[DispositionName, ...] = get_args(DispositionName)
CUES: tuple[CueName, ...] = get_args(CueName)
ROLES: tuple[RoleName, ...] = get_args(RoleName)
_SAYS: tuple[SaysName, ...] = get_args(SaysName)
_SIGNS: tuple[SignName, ...] = get_args(SignName)
#: Order in which action phrases decide.
ACTION_ORDER = (
    Action.FUNDS_HELD,
    Action.ACCOUNT_RISK,
    Action.IMAGE_REMOVED,
    Action.WARNING,
    Action.LISTING_REMOVED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What tells firms, desks and persons apart, folded."""

    legal_forms: frozenset[str]
    unspaced_forms: tuple[str, ...]  #: those of them with letters of a script without spaces
    organisation: Matcher
    desk: Matcher
    honorifics: tuple[str, ...]  #: the longest first
    behalf: tuple[str, ...]  #: the longest first
    closings: tuple[str, ...]  #: how letters end, above the name; the longest first
    titles: Matcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """How dates are written, and what introduces the one that somebody is back or that we must answer by."""

    calendar: Calendar
    returns: Introduced
    until: Introduced
    orders: Mapping[str, str]  #: language → order of a date in figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """What machines write: in automatic answers, and in reports that a mail could not be delivered."""

    subjects: Matcher
    texts: Matcher
    bounces: Matcher
    delays: Matcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarding:
    """What tells that a mail was passed on."""

    author_words: frozenset[str]  #: From, Von
    marks: Matcher
    prefixes: frozenset[str]  #: of the subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Everything the rooms below match with, of all languages at once."""

    labels: LabelIndex
    label_fields: Mapping[str, str]  #: folded label without spaces, hyphens and dots → field
    complaint_numbers: SpokenNumbers
    roles: Choice[RoleName]
    contact_headings: Matcher
    rights: Choice[Right]
    actions: Choice[Action]
    says: Choice[SaysName]
    composed: ComposedLabels
    deeds: Deeds
    doubted: Matcher  #: makes a withdrawal or reinstatement of the same sentence another's, or none
    undone: Matcher  #: the same, also behind it
    limits: Limits
    reasons: Matcher
    retraction: Matcher
    names: Names
    signs: Choice[SignName]
    tongues: Tongues
    reply: Mapping[str, Matcher]
    conditions: Matcher
    done: Matcher
    negations: Matcher
    withdrawal: Mapping[str, Matcher]  #: objects, done, …
    cues: Choice[CueName]
    dates: Dates
    machines: Machines
    quoting: Quoting
    forwarding: Forwarding

    def field_of(self, label: str) -> str | None:
        """The field of a label as written, also of one that is understood by its words only."""
        return self.label_fields.get(squeeze(label)) or self.composed.field_of(fold_words(label).strip())


def says_in(text: str, lexicon: Lexicon, *, over: bool = True) -> frozenset[str]:
    """What a folded text says: names under `says` of the label files.

    "Complaint 17340981265 was withdrawn" says the same as without the number. Unless the mail may tell that
    a complaint is `over`, or was answered, only whole phrases tell it.
    """
    text = without_numbers(text)
    said = set(lexicon.says.found_in(text))
    # What became of a thing is told by two words. Whoever is told that something is gone got nothing back.
    if "account_down" not in said and (
        lexicon.deeds.done_in(text, "account_down")
        or lexicon.deeds.done_in(_title(text), "account_at_risk", threatened=True)
    ):
        said.add("account_down")
    if not over:
        return frozenset(said)
    if not said & {"retracted", "why"} and not _takes_away(text, lexicon):
        said.update(name for name in _GIVEN_BACK if lexicon.deeds.done_in(text, name))
    said.difference_update(
        [name for name in _GIVEN_BACK if name in said and _is_doubted(text, name, lexicon)]
    )
    if not said & _ANSWERED and lexicon.deeds.done_in(text, "answer"):
        # Only of what was sent to Amazon it can be said that it was looked at, and what came of it.
        said.add("answer")
        said.update(name for name in _CAME_OF_IT if lexicon.deeds.done_in(text, name))
    return frozenset(said)


def _is_doubted(text: str, name: SaysName, lexicon: Lexicon) -> bool:
    """Whether no sentence tells it that leaves no doubt: "You write that the complaint was withdrawn"."""
    places = [*lexicon.says[name].all(text), *lexicon.deeds.places(text, name)]
    return bool(places) and not any(
        lexicon.deeds.stands(text, place, lexicon.doubted, lexicon.undone) for place in places
    )


@lru_cache(maxsize=8)
def without_numbers(text: str) -> str:
    """A folded text without numbers as long as those of complaints; kept, because it is asked for twice."""
    kept, at = [], 0
    for number in _NUMBER.finditer(text):
        lead = _LEAD.search(text, max(at, number.start() - _LONGEST_LEAD), number.start())
        kept.append(text[at : lead.start() if lead else number.start()])
        at = number.end()
    return "".join((*kept, text[at:]))


#: So many characters are what the mail is called, and hardly more than its greeting; no word is cut in two.
_TITLE = re.compile(r"(?s).{0,90}(?![a-z\u00c0-\u024f])")
_GIVEN_BACK: tuple[SaysName, ...] = ("retracted", "reinstated")
_ANSWERED = frozenset(("answer_refused", "answer_more", "answer_accepted", "reinstated", "retracted", "why"))
_CAME_OF_IT: tuple[SaysName, ...] = ("answer_refused", "answer_more")
_TAKEN: tuple[DeedName, ...] = ("listing_removed", "image_removed")


def _title(text: str) -> str:
    title = _TITLE.match(text)
    return title[0] if title is not None else ""


def _takes_away(text: str, lexicon: Lexicon) -> bool:
    return any(lexicon.deeds.done_in(text, name) for name in _TAKEN)


#: A number as long as those of complaints in the middle of a sentence, and what introduces it. The pattern
#: begins with a figure, which is found quickly.
_NUMBER = re.compile(r"\d(?<!\w\d)\d{7,12}\b[)\]]?,? ")
_LEAD = re.compile(r"(?<![^\W_])(?:\b(?:nr|no|num[a-zé]{0,4}|n ?[°ºo]|n\.[°ºo]?|id)\.? ?)?[#(\[]?\Z")
_LONGEST_LEAD = 12


def squeeze(label: str) -> str:
    """A folded label without spaces, hyphens and dots: `Complaint-ID` and `complaint id` are one."""
    return fold_words(label).replace(" ", "").replace("-", "").replace(".", "")


def build_lexicon(
    files: Sequence[LabelsFile],
    answers: Sequence[AnswersFile] = (),
    neighbours: Mapping[str, Neighbour] | None = None,
    book: Phrasebook | None = None,
) -> Lexicon:
    """The words of all files together, filed in the book; the first file that claims a label keeps it.

    Nothing is folded or compiled before a text is asked about, but for what is a plain dictionary.
    """
    composed = ComposedLabels(files)
    field_of, labels = _labels(files, composed)
    book, free = book or Phrasebook(), Phrasebook()
    return Lexicon(
        labels=labels,
        label_fields=field_of,
        complaint_numbers=SpokenNumbers(_all(files, lambda file: file.complaint_words), book),
        roles=_named(book, ROLES, lambda role: _all(files, lambda file: file.roles.get(role, ()))),
        contact_headings=book.matcher(_all(files, lambda file: file.contact_headings)),
        rights=_named(book, RIGHT_ORDER, lambda right: _all(files, lambda file: file.rights.get(right, ()))),
        actions=_named(
            book, ACTION_ORDER, lambda action: _all(files, lambda file: file.actions.get(action, ()))
        ),
        says=_named(book, _SAYS, lambda name: _all(files, lambda file: file.says.get(name, ()))),
        composed=composed,
        deeds=Deeds(files, book),
        doubted=free.matcher(_all(files, lambda file: file.doubted)),
        undone=free.matcher(_all(files, lambda file: file.undone)),
        limits=Limits(files, _all(answers, lambda file: file.dates.silence), book),
        reasons=book.matcher(_all(files, lambda file: file.reasons)),
        retraction=book.matcher(_all(files, lambda file: file.retraction)),
        names=_names(book, files, answers),
        signs=_named(book, _SIGNS, lambda sign: _all(files, lambda file: file.signs.get(sign, ()))),
        tongues=build_tongues(files, neighbours or {}),
        reply=_replies(book, answers),
        conditions=book.matcher(_all(answers, lambda file: file.conditions)),
        done=book.matcher(_all(answers, lambda file: file.done)),
        negations=book.matcher(_all(answers, lambda file: file.negations)),
        # Only answers are asked about these: no notice is looked through for them.
        withdrawal=_withdrawal(free, answers),
        cues=_named(free, CUES, lambda name: _all(answers, lambda file: file.cues.get(name, ()))),
        dates=_dates(book, answers),
        machines=_machines(book, answers),
        quoting=_quoting(book, answers),
        forwarding=_forwarding(book, answers),
    )


_File = TypeVar("_File")
_Name = TypeVar("_Name", bound=str)


def _all(files: Sequence[_File], get: Callable[[_File], Iterable[str]]) -> tuple[str, ...]:
    """What all files say of one thing, each phrase once."""
    return tuple(dict.fromkeys(phrase for file in files for phrase in get(file)))


def _named(
    book: Phrasebook, names: Iterable[_Name], phrases: Callable[[_Name], Iterable[str]]
) -> Choice[_Name]:
    return book.choice({name: phrases(name) for name in names})


def _replies(book: Phrasebook, answers: Sequence[AnswersFile]) -> Mapping[str, Matcher]:
    said = _named(book, DISPOSITIONS, lambda name: _all(answers, lambda file: file.reply.get(name, ())))
    return {name: said[name] for name in DISPOSITIONS}


def _withdrawal(book: Phrasebook, answers: Sequence[AnswersFile]) -> dict[str, Matcher]:
    names: tuple[WithdrawalName, ...] = get_args(WithdrawalName)
    said = _named(book, names, lambda name: _all(answers, lambda file: getattr(file.withdrawal, name)))
    return {name: said[name] for name in names}


def _dates(book: Phrasebook, answers: Sequence[AnswersFile]) -> Dates:
    months = {fold_words(name): number for file in answers for name, number in file.dates.months.items()}
    weekdays = _all(answers, lambda file: file.dates.weekdays)
    return Dates(
        calendar=calendar_of(months, book),
        returns=introduced(_all(answers, lambda file: file.returns), weekdays),
        until=introduced(_all(answers, lambda file: file.dates.until), weekdays),
        orders={file.language: file.dates.order for file in answers if file.dates.order},
    )


def _machines(book: Phrasebook, answers: Sequence[AnswersFile]) -> Machines:
    return Machines(
        subjects=book.matcher(_all(answers, lambda file: file.machines.subjects)),
        texts=book.matcher(_all(answers, lambda file: file.machines.texts)),
        bounces=book.matcher(_all(answers, lambda file: file.machines.bounces)),
        delays=book.matcher(_all(answers, lambda file: file.machines.delays)),
    )


def _quoting(book: Phrasebook, answers: Sequence[AnswersFile]) -> Quoting:
    return Quoting(
        attributions=book.matcher(_all(answers, lambda file: file.quoting.attributions)),
        leads=_words(answers, lambda file: file.quoting.leads),
        header_words=_words(answers, lambda file: file.quoting.header_words),
        author_words=_words(answers, lambda file: file.quoting.author_words),
        originals=book.matcher(
            _all(answers, lambda file: (*file.quoting.originals, *file.quoting.forwarded))
        ),
        devices=tuple(map(fold_words, _all(answers, lambda file: file.quoting.devices))),
        inline=book.matcher(_all(answers, lambda file: file.quoting.inline)),
        disclaimers=book.matcher(_all(answers, lambda file: file.quoting.disclaimers)),
    )


def _forwarding(book: Phrasebook, answers: Sequence[AnswersFile]) -> Forwarding:
    return Forwarding(
        author_words=_words(answers, lambda file: file.quoting.author_words),
        marks=book.matcher(_all(answers, lambda file: file.quoting.forwarded)),
        prefixes=_words(answers, lambda file: file.quoting.forward_prefixes),
    )


def _words(files: Sequence[_File], get: Callable[[_File], Iterable[str]]) -> frozenset[str]:
    return frozenset(map(fold_words, _all(files, get)))


def _labels(files: Sequence[LabelsFile], composed: ComposedLabels) -> tuple[dict[str, str], LabelIndex]:
    """Field of each label by its letters, and where to look labels up; the first that claims one keeps it."""
    written = [(label, field) for file in files for field, labels in file.labels.items() for label in labels]
    fields: dict[str, str] = {}
    for label, field in written:
        fields.setdefault(squeeze(label), field)
    known = {fold_words(label): fields[squeeze(label)] for label, _ in written}
    return fields, LabelIndex(known, composed.field_of)


def _names(book: Phrasebook, files: Sequence[LabelsFile], answers: Sequence[AnswersFile]) -> Names:
    legal_forms = frozenset(map(squeeze, _all(files, lambda file: file.names.legal_forms)))
    return Names(
        legal_forms=legal_forms,
        unspaced_forms=tuple(form for form in legal_forms if in_ideographs(form)),
        organisation=book.matcher(_all(files, lambda file: file.names.organisation)),
        desk=book.matcher(_all(files, lambda file: file.names.desk)),
        honorifics=_longest_first(_words(files, lambda file: file.names.honorifics)),
        behalf=_longest_first(_words(files, lambda file: file.names.behalf)),
        closings=_longest_first(_words(answers, lambda file: file.quoting.closings)),
        titles=book.matcher(_all(files, lambda file: file.names.titles)),
    )


def _longest_first(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(words, key=lambda word: (-len(word), word)))
