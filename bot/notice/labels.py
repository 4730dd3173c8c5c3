"""The words of one language as an operator writes them in `rules/labels/<tag>.yaml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.notice.facts import Action, Right
from bot.notice.samples import SampleMail

FieldName = Literal[
    "asin",
    "other_asin",
    "title",
    "right",
    "complaint_id",
    "trademark_number",
    "patent_number",
    "design_number",
    "copyright_number",
    "mark",
    "work",
    "owner",
    "agent",
    "counsel",
    "person",
    "organisation",
    "address",
    "phone",
    "marketplace",
    "us",
    "ignored",
]
RoleName = Literal["owner", "agent", "counsel", "us", "other", "amazon"]
SignName = Literal["credentials", "payment", "contact", "urgency", "amazon_signature", "stranger"]
#: What a mail can say whatever its language; families name these instead of phrases.
SaysName = Literal[
    "complaint",
    "about_rights",
    "listing_stays",
    "page_to_edit",
    "automated",
    "policy_warning",
    "account_down",
    "other_grounds",
    "evaluation",
    "court",
    "court_as_proof",
    "retracted",
    "retraction_wanted",
    "answer",
    "answer_refused",
    "answer_more",
    "answer_accepted",
    "still_down",
    "reinstated",
    "reinstatement_wanted",
    "why",
    "own_report",
    "news",
]
#: What can have been done, told by a thing and what became of it; an action or what a mail says.
DeedName = Literal[
    "listing_removed",
    "image_removed",
    "funds_held",
    "account_down",
    "account_at_risk",
    "retracted",
    "reinstated",
    "answer",
    "answer_refused",
    "answer_more",
]
#: What a part of a label means: "number" and "complaint" make the label of a complaint's number.
PartName = Literal[
    "number",
    "complaint",
    "kind",
    "right",
    "item",
    "trademark",
    "patent",
    "design",
    "copyright",
    "owner",
    "agent",
    "counsel",
    "person",
    "name",
    "firm",
    "client",
    "address",
    "phone",
    "filler",
]
Phrase = Annotated[str, Field(min_length=1, max_length=200)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DeedWords(_Model):
    """A thing and what becomes of it, in either order."""

    things: list[Phrase] = Field(default_factory=list)
    done: list[Phrase] = Field(default_factory=list, description="only forms that say that it was done")


class DeadlineWords(_Model):
    """How this language sets a time limit; `{n}` is a number or number word, `{unit}` a unit of time."""

    limits: list[Phrase] = Field(default_factory=list)
    not_ours: list[Phrase] = Field(
        default_factory=list, description="a sentence with one of these sets us no limit"
    )
    days: list[str] = Field(default_factory=list)
    business_days: list[str] = Field(default_factory=list)
    weeks: list[str] = Field(default_factory=list)
    months: list[str] = Field(default_factory=list)
    hours: list[str] = Field(default_factory=list)
    numbers: dict[str, int] = Field(default_factory=dict, description="number words")


class NameWords(_Model):
    """What tells firms, desks and persons apart."""

    legal_forms: list[str] = Field(default_factory=list)
    organisation: list[str] = Field(default_factory=list)
    desk: list[str] = Field(default_factory=list)
    honorifics: list[str] = Field(default_factory=list)
    behalf: list[str] = Field(default_factory=list, description="before the name of whom it is done for")
    titles: list[str] = Field(default_factory=list, description="what a person does; never part of a name")


Variants = Annotated[
    dict[str, str],
    Field(
        description="letter → how it is also written (traditional Chinese): every phrase counts in both forms"
    ),
]


def in_both_forms(document: object) -> object:
    """A file as it was parsed, with the second form of each phrase that `variants` gives one."""
    variants = document.get("variants") if isinstance(document, Mapping) else None
    if not isinstance(document, Mapping) or not isinstance(variants, Mapping):
        return document
    pairs = {key: value for key, value in variants.items() if isinstance(key, str) and len(key) == 1}
    table = str.maketrans({key: value for key, value in pairs.items() if isinstance(value, str)})
    apart = ("variants", "tests", "confirmed")
    return {key: value if key in apart else _both(value, table) for key, value in document.items()}


def _both(value: object, table: Mapping[int, str]) -> object:
    if isinstance(value, Mapping):
        inner = {key: _both(one, table) for key, one in value.items()}
        return {str(key).translate(table): one for key, one in inner.items()} | inner
    if isinstance(value, (list, tuple)):
        also = [one.translate(table) for one in value if isinstance(one, str)]
        return [*value, *(one for one in dict.fromkeys(also) if one not in value)]
    return value


class LabelsFile(_Model):
    """One language."""

    language: str = Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description="language tag (RFC 5646)")
    variants: Variants = Field(default_factory=dict)
    confirmed: list[Phrase] = Field(
        default_factory=list,
        description="words of this file that stood in a mail of Amazon's; all others are unconfirmed",
    )
    words: list[str] = Field(default_factory=list, description="frequent short words, to tell the language")
    letters: str = Field(
        default="", description="letters that of all languages here only this one writes, to tell it by"
    )
    scripts: list[
        Literal["han", "kana", "hangul", "cyrillic", "greek", "arabic", "hebrew", "thai", "devanagari"]
    ] = Field(default_factory=list)
    labels: dict[FieldName, list[Phrase]] = Field(default_factory=dict)
    parts: dict[PartName, list[Phrase]] = Field(
        default_factory=dict,
        description="words that labels are made of: a label of such words alone is understood though no list "
        "has it; a star stands for an ending",
    )
    complaint_words: list[Phrase] = Field(
        default_factory=list, description="words before a complaint number in running text"
    )
    roles: dict[RoleName, list[Phrase]] = Field(default_factory=dict)
    contact_headings: list[Phrase] = Field(default_factory=list)
    rights: dict[Right, list[Phrase]] = Field(default_factory=dict)
    actions: dict[Action, list[Phrase]] = Field(default_factory=dict)
    says: dict[SaysName, list[Phrase]] = Field(
        default_factory=dict, description="what sentences of a notice say; families name these"
    )
    deeds: dict[DeedName, DeedWords] = Field(
        default_factory=dict, description="what was done, told by a thing and what became of it"
    )
    not_yet: list[Phrase] = Field(
        default_factory=list, description="before a deed in its sentence: it is not done, or only if"
    )
    never: list[Phrase] = Field(default_factory=list, description="right before a deed: it is not so")
    doubted: list[Phrase] = Field(
        default_factory=list,
        description="in one sentence with a withdrawal or a reinstatement: it is not this one, or not so",
    )
    undone: list[Phrase] = Field(
        default_factory=list, description="in or behind such a sentence: it did not last, or is not confirmed"
    )
    deadline: DeadlineWords = Field(default_factory=DeadlineWords)
    reasons: list[Phrase] = Field(
        default_factory=list, description="an element of the listing or a work is named"
    )
    retraction: list[Phrase] = Field(default_factory=list, description="words of a sentence on retractions")
    names: NameWords = Field(default_factory=NameWords)
    signs: dict[SignName, list[Phrase]] = Field(default_factory=dict)
    tests: list[SampleMail] = Field(default_factory=list, description="run by `rejoinder rules test`")

    @model_validator(mode="before")
    @classmethod
    def _in_both_forms(cls, document: object) -> object:
        return in_both_forms(document)

    @model_validator(mode="after")
    def _confirm_only_what_is_here(self) -> Self:
        """A confirmed word that stands nowhere else in the file confirms nothing: it was misspelt."""
        here = set(_texts(self.model_dump(exclude={"confirmed", "tests"})))
        for phrase in self.confirmed:
            if phrase not in here:
                nearest = get_close_matches(phrase, here, n=1)
                meant = f" (did you mean {nearest[0]!r}?)" if nearest else ""
                raise ValueError(f"confirmed word {phrase!r} stands nowhere in this file{meant}")
        return self


def _texts(value: object) -> Iterator[str]:
    """Every text in lists and values of mappings, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)
