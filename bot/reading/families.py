"""Kinds of mail that read alike, as data: what marks them, in Sieve's words under all, any and none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self, get_args

import re2
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bot.frozen import quick
from bot.mail.matching import Matcher, Phrasebook, compile_pattern
from bot.mail.text import fold_words
from bot.notice.facts import Action, Right
from bot.notice.labels import FieldName, SaysName

Subject = Literal["subject", "from", "text", "says", "labels", "right", "action", "shop"]
FamilyKind = Literal[
    "notice",
    "warning",
    "account",
    "suspected",
    "evaluation",
    "court",
    "retraction",
    "answer",
    "own_report",
    "other",
]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


#: Classes that google-re2 knows for ASCII only, and what to write beside other letters.
_ASCII_ONLY = {
    r"\b": r"(?:^|[^\pL\pN]) before and (?:$|[^\pL\pN]) behind the word",
    r"\B": r"[\pL\pN] beside it",
    r"\w": r"[\pL\pN_]",
    r"\W": r"[^\pL\pN_]",
    r"\d": r"[0-9], or \p{Nd} for the digits of all scripts",
    r"\D": r"[^0-9]",
    r"\s": r"a space: all white space was unified",
    r"\S": r"[^ \n]",
}


def _pattern(pattern: str) -> str:
    """A regex that can be compiled and means what it seems to. Raises ValueError."""
    if not pattern.isascii():
        marks = {match.group() for match in _ESCAPE.finditer(pattern)} & set(_ASCII_ONLY)
        if marks:
            mark = min(marks)
            raise ValueError(
                f"{mark} knows only ASCII letters, and there are others; did you mean {_ASCII_ONLY[mark]}?"
            )
    compile_pattern(pattern)
    return pattern


#: A backslash and what it escapes, so that `\\b` is a backslash and a letter.
_ESCAPE = re.compile(r"\\.", re.DOTALL)


class Condition(_Model):
    """One test of one thing, or a group of conditions."""

    of: Subject | None = Field(default=None, description="what is looked at")
    is_: list[str] | None = Field(default=None, alias="is", description="one of these, whole")
    contains: list[str] | None = Field(
        default=None, description="one of these phrases; * stands for words in between"
    )
    matches: list[str] | None = Field(default=None, description="one of these globs, whole")
    regex: list[Annotated[str, AfterValidator(_pattern)]] | None = Field(
        default=None, description="one of these google-re2 patterns"
    )
    all_: list[Condition] | None = Field(default=None, alias="all")
    any_: list[Condition] | None = Field(default=None, alias="any")
    none: list[Condition] | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        words = [word for word in (self.is_, self.contains, self.matches, self.regex) if word is not None]
        groups = [group for group in (self.all_, self.any_, self.none) if group is not None]
        if self.of is None and (words or not groups):
            raise ValueError("say what to look at with `of`, or give a group: all, any or none")
        if self.of is not None and (len(words) != 1 or groups):
            raise ValueError("after `of` comes exactly one of is, contains, matches or regex")
        self._name_what_there_is()
        return self

    def _name_what_there_is(self) -> None:
        """`says` and `labels` are sets of names; a name that nothing can fill is a slip of the pen."""
        known = _NAMES.get(self.of or "")
        if known is None:
            return
        if self.contains is None:
            raise ValueError(f"after `of: {self.of}` comes `contains` with names")
        for name in self.contains:
            if name not in known:
                nearest = get_close_matches(name, known, n=1)
                meant = f" (did you mean {nearest[0]}?)" if nearest else ""
                raise ValueError(f"{name!r} is none of the {self.of}{meant}: {', '.join(sorted(known))}")


#: Things looked at that are sets of names, and the names there are.
_NAMES = {"says": frozenset(get_args(SaysName)), "labels": frozenset((*get_args(FieldName), "contact"))}


class FamilyTest(_Model):
    """A mail in short, and whether the family must match it."""

    subject: str = ""
    from_: str = Field(default="notice@amazon.com", alias="from")
    text: str = ""
    matches: bool = True


class FamilyFile(_Model):
    """`rules/families/<name>.yaml`."""

    kind: FamilyKind
    order: int = Field(
        description="families are asked in this order, lowest first; the first that matches is taken"
    )
    right: Right | None = None
    action: Action | None = Field(default=None, description="when the text does not say")
    outcome: Literal["refused", "more_information", "accepted_account_down", "reinstated", "other"] | None = (
        None
    )
    off: bool = False
    when: Condition
    tests: list[FamilyTest] = Field(default_factory=list)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What conditions look at, folded."""

    subject: str
    from_: str
    text: str
    says: frozenset[str]
    labels: frozenset[str]
    right: str
    action: str
    shop: str

    def named(self, of: str) -> frozenset[str]:
        """The names there are of a thing that is a set: `says` or `labels`."""
        return self.says if of == "says" else self.labels

    def value(self, of: str) -> str:
        """The folded text of anything else that a condition may look at."""
        return {
            "subject": self.subject,
            "from": self.from_,
            "text": self.text,
            "right": self.right,
            "action": self.action,
            "shop": self.shop,
        }[of]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A condition made ready."""

    of: str | None = None
    words: Matcher | None = None
    patterns: tuple[Any, ...] = ()
    exactly: frozenset[str] = frozenset()
    all_: tuple[Check, ...] = ()
    any_: tuple[Check, ...] = ()
    none: tuple[Check, ...] = ()

    def holds(self, look: Look) -> bool:
        """Whether the mail fulfils it."""
        if self.of is not None:
            return self._holds_here(look)
        return (
            all(check.holds(look) for check in self.all_)
            and (not self.any_ or any(check.holds(look) for check in self.any_))
            and not any(check.holds(look) for check in self.none)
        )

    def _holds_here(self, look: Look) -> bool:
        of = self.of or ""
        if of in _NAMES:
            return bool(self.exactly & look.named(of))
        value = look.value(of)
        if value in self.exactly:
            return True
        return self.place(value) is not None if self.words is None else self.words.found_in(value)

    def place(self, value: str) -> tuple[int, int] | None:
        """Where one of the phrases or patterns stands in a folded text."""
        if self.words is not None:
            return next(self.words.all(value), None)
        found = (pattern.search(value) for pattern in self.patterns)
        return next((match.span() for match in found if match is not None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One family, ready to match."""

    name: str
    file: FamilyFile
    check: Check


def build_family(name: str, file: FamilyFile, book: Phrasebook) -> Family:
    """Make a family ready, its phrases filed in a book with others."""
    return Family(name=name, file=file, check=make_check(file.when, book))


def make_check(condition: Condition, book: Phrasebook | None = None) -> Check:
    """Make a condition ready, its phrases filed in a book, or in one of their own."""
    book = book or Phrasebook()
    exactly = frozenset(
        (value if condition.of in _NAMES else fold_words(value))
        for value in (condition.is_ or (condition.contains if condition.of in _NAMES else None) or ())
    )
    globs = tuple(compile_pattern("^" + _glob(fold_words(value)) + "$") for value in condition.matches or ())
    return Check(
        of=condition.of,
        words=book.matcher(condition.contains) if condition.contains and condition.of not in _NAMES else None,
        patterns=globs or tuple(compile_pattern(pattern) for pattern in condition.regex or ()),
        exactly=exactly,
        all_=tuple(make_check(one, book) for one in condition.all_ or ()),
        any_=tuple(make_check(one, book) for one in condition.any_ or ()),
        none=tuple(make_check(one, book) for one in condition.none or ()),
    )


def _glob(text: str) -> str:

    return "".join(".*" if char == "*" else "." if char == "?" else re2.escape(char) for char in text)


def first_match(families: tuple[Family, ...], look: Look) -> Family | None:
    """The first family, in written order, whose condition holds."""
    return next((family for family in families if family.check.holds(look)), None)


def in_order(families: Mapping[str, FamilyFile], book: Phrasebook) -> tuple[Family, ...]:
    """Families that are switched on, lowest order first, then by name."""
    on = sorted((file.order, name) for name, file in families.items() if not file.off)
    return tuple(build_family(name, families[name], book) for _, name in on)
