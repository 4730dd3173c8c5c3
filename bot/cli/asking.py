"""Questions to a person at the terminal: an answer that will not do is explained, and asked for again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot.cli.screen import Bit, Screen

if TYPE_CHECKING:
    from bot.edge.doctor.finding import Finding

T = TypeVar("T")
#: Makes a value of what was typed. Raises ValueError with a sentence.
Reads = Callable[[str], T]
INDENT = 2


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks on the terminal; Ctrl-C raises click.Abort out of every question."""

    screen: Screen

    def text(self, question: str, read: Reads[T], default: str = "", *, hint: str = "") -> T:
        """One line; Enter takes the default."""
        if hint:
            self.say(hint)
        while True:
            typed = click.prompt(f"  {question}", default=default, show_default=bool(default), type=str)
            try:
                return read(typed.strip())
            except ValueError as error:
                self.wrong(sentence(str(error)))

    def secret(self, question: str) -> str:
        """One line that is not shown."""
        while True:
            typed: str = click.prompt(f"  {question}", default="", show_default=False, hide_input=True)
            if typed.strip():
                return typed.strip()
            self.wrong("Nothing was typed. What you type is not shown, not even as stars.")

    def yes(self, question: str, *, default: bool = True) -> bool:
        """Yes or no."""
        return click.confirm(f"  {question}", default=default)

    def choose(self, question: str, options: Sequence[tuple[str, T]], default: int = 1) -> T:
        """One of several, by its number."""
        for number, (words, _) in enumerate(options, 1):
            self.screen.paragraph(words, indent=6, first=f"   {number}")
        number = self.text(question, _number(len(options)), str(default))
        return options[number - 1][1]

    def say(self, words: str, look: str = "") -> None:
        """A paragraph."""
        self.screen.paragraph(words, indent=INDENT, look=look)

    def good(self, words: str) -> None:
        """Something that is as it should be."""
        self.screen.paragraph(words, indent=6, first="  ok")

    def wrong(self, words: str) -> None:
        """Something that is not."""
        self.screen.paragraph(words, indent=4, first="  !", look="warn")

    def finding(self, finding: Finding) -> None:
        """What was found, and what to do."""
        if finding.ok:
            self.good(finding.sentence)
            return
        self.wrong(sentence(finding.sentence))
        if finding.fix:
            self.screen.paragraph(finding.fix, indent=6, first="    →")

    def step(self, number: int, of: int, title: str) -> None:
        """The head of a part."""
        self.screen.line()
        self.screen.line(Bit(f"{number} of {of} · {title}", "head"))


def sentence(text: str) -> str:
    """With a capital letter and a full stop."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def _number(last: int) -> Reads[int]:
    def read(typed: str) -> int:
        if not typed.isdecimal() or not 1 <= int(typed) <= last:
            raise ValueError(f"Type a number from 1 to {last}.")
        return int(typed)

    return read


def field(kind: Any, *, empty: bool = False) -> Reads[Any]:
    """Reads what a key of rejoinder.yaml of this kind would take; with `empty` also nothing, as None."""

    def read(typed: str) -> Any:
        from bot.settings.parts import read_as

        if typed:
            return read_as(kind, typed)
        if empty:
            return None
        raise ValueError("This is needed.")

    return read
