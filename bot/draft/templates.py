"""Templates: `<language tag>/<step>` to a subject and a body, in a sandbox that sees plain data only.

A template is a text file: first line subject, blank line, body. A step with a dot in its name, such as
`escalation.paste`, is a text without a subject. Each language has one more file, `words`, of `name = text`
lines: the names of the rights, the months, the order of a date, so that code never builds a sentence.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final, TypeAlias

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, meta
from jinja2.exceptions import TemplateError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

#: What a template may be handed: plain data all the way down.
Plain: TypeAlias = "bool | int | str | date | Sequence[Plain] | Mapping[str, Plain] | None"

#: Every name that a template may use; `check` reports any other.
VARIABLES: Final = frozenset({
    "answers", "attempts", "by_hand", "cc_amazon", "complaints", "contact_address", "contact_in_notice",
    "contact_name", "count", "filed", "first_subject", "ids", "listing_count", "organisation", "previous",
    "questions", "reply_by", "retractions", "seller", "stores", "today",
})  # fmt: skip

MOST_CHARACTERS: Final = 40_000  #: of one rendered text
WIDTH: Final = 76  #: columns; longer lines of a body are broken at spaces (RFC 5322 §2.1.1 advises 78)

#: Words without which no date of a language can be written.
NEEDED_WORDS: Final = (*(f"month.{n}" for n in range(1, 13)), "date")

_KEY = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*/[a-z0-9]+(?:[-.][a-z0-9]+)*")
#: What a broken line's continuation is indented by: "   Listing:  ", "1. ", "- " or the bare indent.
_HANGING = re.compile(r" {2,}[^:]{1,24}: +|\s*(?:\d{1,2}\. |[-*] )?")


class TooLong(TemplateError):
    """A template gives more text than any letter has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateProblem:
    """One mistake in a template file."""

    key: str
    line: int  #: 1-based
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A filled template."""

    subject: str  #: "" for a text without one
    body: str  #: ends with one newline


class TemplateSet:
    """All templates of an account, by key."""

    def __init__(self, texts: Mapping[str, str], default: str = "en") -> None:
        """`texts`: key such as "en/inquiry" to the text of the file. Raises ValueError for any other key."""
        for key in texts:
            if not _KEY.fullmatch(key):
                raise ValueError(
                    f"{key!r} is not the name of a template: write <language tag>/<step>, as in en/inquiry"
                )
        self._texts = {key: text.replace("\r\n", "\n") for key, text in texts.items()}
        self._default = default
        self._present = {key.casefold(): key for key in self._texts}
        # Kept, because compiling takes twenty times as long as filling: by language, and by its piece.
        self._words: dict[str, Mapping[str, str]] = {}
        self._environments: dict[str, ImmutableSandboxedEnvironment] = {}
        self._compiled: dict[tuple[str, str], Template] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        """Language tags that have at least one template."""
        return tuple(sorted({key.partition("/")[0] for key in self._texts}))

    def find(self, step: str, language: str) -> str | None:
        """Language tag under which the step is found: lookup of RFC 4647 §3.4, then the default."""
        for wanted in (*lookup_ranges(language), *lookup_ranges(self._default)):
            if found := self._present.get(f"{wanted}/{step}".casefold()):
                return found.partition("/")[0]
        return None

    def source(self, step: str, language: str) -> str | None:
        """The text as the operator wrote it, for exactly this language tag."""
        return self._texts.get(f"{language}/{step}")

    def words(self, language: str) -> Mapping[str, str]:
        """The `name = text` lines of a language; empty when it has none."""
        if language not in self._words:
            found = self.find("words", language)
            lines = self._texts[f"{found}/words"].splitlines() if found else []
            pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
            self._words[language] = MappingProxyType({name.strip(): word.strip() for name, _, word in pairs})
        return self._words[language]

    def render(self, step: str, language: str, values: Mapping[str, Plain]) -> Rendered:
        """Fill the template of exactly this language tag.

        Raises jinja2's TemplateError (TooLong, UndefinedError for an unfilled name) and KeyError when there
        is no such template.
        """
        subject, body = _split(step, self._texts[f"{language}/{step}"])
        return Rendered(
            subject=" ".join(_fill(self._template(language, subject), values).split()),
            body=_tidy(_fill(self._template(language, body), values)),
        )

    def obstacle(self, step: str, language: str, values: Mapping[str, Plain]) -> str | None:
        """Why these values cannot fill the template of exactly this language tag, or None when they can."""
        try:
            self.render(step, language, values)
        except (TemplateError, KeyError) as error:
            return " ".join(str(error).strip("'\"").split()) or type(error).__name__
        return None

    def _template(self, language: str, piece: str) -> Template:
        """A subject or a body, compiled once. Raises TemplateSyntaxError."""
        if (language, piece) not in self._compiled:
            self._compiled[language, piece] = self._environment(language).from_string(piece)
        return self._compiled[language, piece]

    def _environment(self, language: str) -> ImmutableSandboxedEnvironment:
        if language not in self._environments:
            self._environments[language] = _sandbox(self.words(language))
        return self._environments[language]

    def problems(self) -> tuple[TemplateProblem, ...]:
        """Every mistake that can be seen without a case: for `check`."""
        of_files = (problem for key in sorted(self._texts) for problem in self._problems_of(key))
        return (*of_files, *self._wordless())

    def _wordless(self) -> Iterator[TemplateProblem]:
        for language in self.languages:
            if not any(f"{tag}/words" in self._texts for tag in lookup_ranges(language)):
                message = "this language has no file of words"
                yield TemplateProblem(key=f"{language}/words", line=1, message=message)

    def _problems_of(self, key: str) -> Iterator[TemplateProblem]:
        language, _, step = key.partition("/")
        text = self._texts[key]
        if step == "words":
            for name in NEEDED_WORDS:
                if not self.words(language).get(name):
                    yield TemplateProblem(key=key, line=1, message=f"the word {name} is missing")
            return
        subject, gap = [*text.split("\n", 2), "", ""][:2]
        if _has_subject(step) and (not subject.strip() or gap.strip()):
            message = "the first line must be the subject and the second line blank"
            yield TemplateProblem(key=key, line=1, message=message)
        environment = self._environment(language)
        try:
            tree = environment.parse(text)
            for part in (
                text,
                *_split(step, text),
            ):  # a block that begins in the subject cannot end in the body
                environment.from_string(part)
        except TemplateSyntaxError as error:
            yield TemplateProblem(key=key, line=error.lineno, message=error.message or "it cannot be read")
            return
        for name in sorted(meta.find_undeclared_variables(tree) - VARIABLES):
            line = 1 + text[: _first(text, name)].count("\n")
            yield TemplateProblem(key=key, line=line, message=f"there is no value called {name}")


def lookup_ranges(language: str) -> tuple[str, ...]:
    """`de-Latn-AT` → `de-Latn-AT`, `de-Latn`, `de` (RFC 4647 §3.4: a lone letter goes too)."""
    subtags = language.replace("_", "-").split("-")
    ranges = []
    while subtags and subtags[0]:
        ranges.append("-".join(subtags))
        subtags.pop()
        if subtags and len(subtags) > 1 and len(subtags[-1]) == 1:
            subtags.pop()
    return tuple(ranges)


def written_date(value: date, words: Mapping[str, str]) -> str:
    """The date as the language writes it. Raises KeyError for a missing word."""
    return (
        words["date"]
        .replace("{day}", str(value.day))
        .replace("{month}", words[f"month.{value.month}"])
        .replace("{year}", str(value.year))
    )


def _has_subject(step: str) -> bool:
    return "." not in step


def _split(step: str, text: str) -> tuple[str, str]:
    if not _has_subject(step):
        return "", text
    subject, _, body = text.partition("\n")
    return subject, body.removeprefix("\n")


def _sandbox(words: Mapping[str, str]) -> ImmutableSandboxedEnvironment:
    def word(name: str) -> str:
        if name not in words:
            raise UndefinedError(f"the file words has no line {name!r}")
        return words[name]

    def day(value: date) -> str:
        for name in ("date", f"month.{value.month}"):
            word(name)
        return written_date(value, words)

    environment = ImmutableSandboxedEnvironment(
        loader=None,  # no template reads another
        undefined=StrictUndefined,
        autoescape=False,  # text/plain
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_known,
    )
    keep = {name: environment.filters[name] for name in ("join", "length", "first", "last", "upper", "trim")}
    environment.filters = {**keep, "word": word, "day": day}
    environment.globals.clear()  # a letter needs no range(), no dict() and no cycler
    return environment


def _known(value: object) -> object:
    # Python would write "None" into the letter.
    if value is None:
        raise UndefinedError("a value that the template writes is not known in this case")
    return value


def _fill(template: Template, values: Mapping[str, Plain]) -> str:
    parts: list[str] = []
    size = 0
    # Piece by piece, so that a loop without end is stopped while it runs and not after the memory is gone.
    for piece in template.generate(**values):
        size += len(piece)
        if size > MOST_CHARACTERS:
            raise TooLong(f"the template gives more than {MOST_CHARACTERS} characters")
        parts.append(piece)
    return "".join(parts)


def _tidy(text: str) -> str:
    lines = [piece for line in text.split("\n") for piece in _wrapped(line.rstrip())]
    kept = [line for n, line in enumerate(lines) if line or (n and lines[n - 1])]
    return "\n".join(kept).strip("\n") + "\n"


def _wrapped(line: str) -> list[str]:
    if len(line) <= WIDTH:
        return [line]
    lead = _HANGING.match(line)
    indent = " " * (lead.end() if lead else 0)
    return textwrap.wrap(
        line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _first(text: str, name: str) -> int:
    found = re.search(rf"\b{re.escape(name)}\b(?=[^{{}}]*[%}}]}})", text) or re.search(rf"\b{name}\b", text)
    return found.start() if found else 0
