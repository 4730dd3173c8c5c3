"""The words of one language as an operator writes them in `rules/labels/<tag>.yaml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.notice.facts import Action, Right

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
DispositionName = Literal["retracted", "reason_given", "settlement", "refused", "needs_info", "represented"]
Phrase = Annotated[str, Field(min_length=1, max_length=200)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


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
    titles: list[str] = Field(default_factory=list, description="what a person does; never part of a name")


class QuotingWords(_Model):
    """How quoted and forwarded mails are introduced."""

    attributions: list[str] = Field(default_factory=list)
    header_words: list[str] = Field(default_factory=list)
    author_words: list[str] = Field(
        default_factory=list, description="the header word of the author: From, Von"
    )
    forwarded: list[Phrase] = Field(default_factory=list)


class LabelsFile(_Model):
    """One language."""

    language: str = Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description="language tag (RFC 5646)")
    words: list[str] = Field(default_factory=list, description="frequent short words, to tell the language")
    scripts: list[
        Literal["han", "kana", "hangul", "cyrillic", "greek", "arabic", "hebrew", "thai", "devanagari"]
    ] = Field(default_factory=list)
    labels: dict[FieldName, list[Phrase]] = Field(default_factory=dict)
    complaint_words: list[Phrase] = Field(
        default_factory=list, description="words before a complaint number in running text"
    )
    roles: dict[RoleName, list[Phrase]] = Field(default_factory=dict)
    contact_headings: list[Phrase] = Field(default_factory=list)
    rights: dict[Right, list[Phrase]] = Field(default_factory=dict)
    actions: dict[Action, list[Phrase]] = Field(default_factory=dict)
    deadline: DeadlineWords = Field(default_factory=DeadlineWords)
    reasons: list[Phrase] = Field(
        default_factory=list, description="an element of the listing or a work is named"
    )
    retraction: list[Phrase] = Field(default_factory=list, description="words of a sentence on retractions")
    names: NameWords = Field(default_factory=NameWords)
    reply: dict[DispositionName, list[Phrase]] = Field(default_factory=dict)
    returns: list[Phrase] = Field(default_factory=list, description="out of office until")
    months: dict[str, int] = Field(default_factory=dict, description="names of months, 1 to 12")
    signs: dict[SignName, list[Phrase]] = Field(default_factory=dict)
    quoting: QuotingWords = Field(default_factory=QuotingWords)
