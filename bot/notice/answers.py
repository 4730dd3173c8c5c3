"""How answers, quotations and machines read in one language, as written in `rules/answers/<tag>.yaml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.notice.labels import Variants, in_both_forms
from bot.notice.samples import SampleMail

DispositionName = Literal[
    "retracted",
    "promised",
    "never_filed",
    "settlement",
    "represented",
    "refused",
    "reason_given",
    "needs_info",
]
WithdrawalName = Literal["objects", "others", "done", "ahead", "verbs", "will", "ordered", "wishes", "after"]
CueName = Literal[
    "source",
    "asks",
    "filed",
    "contacted",
    "from_us",
    "nobody",
    "ourselves",
    "lawyers",
    "mine",
    "yours",
    "made",
    "works",
    "money",
    "pays",
    "plain",
    "refuses",
    "stance",
    "stays",
]
Phrase = Annotated[str, Field(min_length=1, max_length=200)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class QuotingWords(_Model):
    """How quoted and forwarded mails are introduced, and what devices write below a mail."""

    attributions: list[str] = Field(
        default_factory=list, description="words of the line that introduces a quoted mail: wrote, schrieb"
    )
    leads: list[str] = Field(
        default_factory=list, description="the first word of the line that introduces a quoted mail: On, Am"
    )
    header_words: list[str] = Field(default_factory=list)
    author_words: list[str] = Field(
        default_factory=list, description="the header word of the author: From, Von"
    )
    forwarded: list[Phrase] = Field(default_factory=list)
    originals: list[Phrase] = Field(
        default_factory=list, description="the line above a quoted mail: Original Message"
    )
    forward_prefixes: list[str] = Field(
        default_factory=list, description="what a mailer puts before the subject of a forwarded mail: Fwd"
    )
    devices: list[Phrase] = Field(
        default_factory=list, description="the beginning of a line that a device adds: Sent from my"
    )
    inline: list[Phrase] = Field(
        default_factory=list, description="words that say that the answer stands between the quoted lines"
    )
    closings: list[Phrase] = Field(
        default_factory=list, description="how letters end, above the name: kind regards"
    )
    disclaimers: list[Phrase] = Field(
        default_factory=list, description="words of what a firm prints below every mail"
    )


class WithdrawalWords(_Model):
    """How it is said in free words that a complaint is withdrawn, will be, or will not be."""

    objects: list[Phrase] = Field(default_factory=list, description="what is withdrawn: complaint, report")
    others: list[Phrase] = Field(
        default_factory=list, description="what else is cancelled or taken down: listing, order, picture"
    )
    done: list[Phrase] = Field(default_factory=list, description="what says it is done: withdrew, cancelled")
    ahead: list[Phrase] = Field(
        default_factory=list, description="what says by itself that it is going to be done: retirerons"
    )
    verbs: list[Phrase] = Field(
        default_factory=list, description="forms that need another word: withdraw, cancel"
    )
    will: list[Phrase] = Field(default_factory=list, description="words that promise: will, am going to")
    ordered: list[Phrase] = Field(
        default_factory=list, description="words that order it from Amazon: told amazon, asked amazon"
    )
    wishes: list[Phrase] = Field(
        default_factory=list, description="words that make it our wish: you want, your request to"
    )
    after: list[Phrase] = Field(
        default_factory=list, description="those of the conditions that only say when it was done: after"
    )


class MachineWords(_Model):
    """How machines that answer mail call themselves."""

    subjects: list[Phrase] = Field(
        default_factory=list, description="the beginning of the subject of an automatic answer"
    )
    texts: list[Phrase] = Field(
        default_factory=list, description="words of a text that says that nobody reads, or not now"
    )
    bounces: list[Phrase] = Field(
        default_factory=list, description="words of a report that a mail could not be delivered"
    )
    delays: list[Phrase] = Field(
        default_factory=list, description="words of a report that a mail could not be delivered yet"
    )


class DateWords(_Model):
    """How dates are written."""

    months: dict[str, int] = Field(default_factory=dict, description="names of months, 1 to 12")
    weekdays: list[str] = Field(default_factory=list, description="may stand before a date")
    order: Literal["dmy", "mdy", "ymd"] | None = Field(
        default=None, description="order of a date in figures; left out where it depends on the country"
    )
    until: list[Phrase] = Field(
        default_factory=list, description="how a last day set to us is introduced: `by {date}`"
    )
    silence: list[Phrase] = Field(
        default_factory=list, description="a limit that runs while nobody answers: `after {n} {unit} without`"
    )


class AnswersFile(_Model):
    """One language."""

    language: str = Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description="language tag (RFC 5646)")
    variants: Variants = Field(default_factory=dict)
    reply: dict[DispositionName, list[Phrase]] = Field(default_factory=dict)
    conditions: list[Phrase] = Field(
        default_factory=list, description="words that make what follows a condition or an offer"
    )
    done: list[Phrase] = Field(default_factory=list, description="words that say that it is done")
    negations: list[Phrase] = Field(default_factory=list)
    withdrawal: WithdrawalWords = Field(default_factory=WithdrawalWords)
    cues: dict[CueName, list[Phrase]] = Field(
        default_factory=dict, description="what sentences speak of, where no phrase tells what they mean"
    )
    returns: list[Phrase] = Field(default_factory=list, description="out of office until `{date}`")
    dates: DateWords = Field(default_factory=DateWords)
    machines: MachineWords = Field(default_factory=MachineWords)
    quoting: QuotingWords = Field(default_factory=QuotingWords)
    tests: list[SampleMail] = Field(default_factory=list, description="run by `rejoinder rules test`")

    @model_validator(mode="before")
    @classmethod
    def _in_both_forms(cls, document: object) -> object:
        return in_both_forms(document)
