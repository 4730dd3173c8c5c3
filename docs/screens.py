"""Plays the commands of the pages and puts what they print below them: `python -m docs.screens`.

Every `console` block is typed, in order, into a copy of docs/sample with a clock and ids of its own, so that
the same commands always give the same screens. tests/docs fails when a page shows anything else.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from unittest import mock

from click.testing import CliRunner

from bot.cli.root import rejoinder
from bot.edge.clock import SystemClock
from bot.edge.ids import RandomIds
from bot.ports import Cursor, SubmissionUnknown
from bot.runner.outbox.sending import begin_body, claim, record_outcome
from bot.wiring import open_house

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "docs/commands.md", "docs/rules.md")
START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_BLOCK = re.compile(r"^```console\n(?P<text>.*?)^```$|^<!-- meanwhile: (?P<hook>[a-z-]+) -->$", re.S | re.M)


class Stage:
    """One page being played: what time it is there, and what happened to the letters."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "try"
        self.now = START
        shutil.copytree(ROOT / "docs" / "sample", self.home)
        (folder / "tests").mkdir()
        (folder / "tests" / "corpus").symlink_to(ROOT / "tests" / "corpus")

    def type(self, line: str) -> str:
        """What one command prints. Raises AssertionError when it fails."""
        words = shlex.split(line)
        assert words[0] == "rejoinder", f"only rejoinder is typed in console blocks, not {line}"
        paths = [str(p) for word in words[1:] for p in (sorted(Path().glob(word)) if "*" in word else [word])]
        done = CliRunner().invoke(rejoinder, paths, prog_name="rejoinder")
        assert done.exit_code == 0, f"{line}\n{done.output}{done.exception}"
        self.now += timedelta(minutes=1)
        shown = done.output.rstrip("\n").replace(f"{self.home}/..", "~").replace(str(self.home), "~/try")
        return re.sub(r"\b[\d.]+ kB\b", "265 kB", shown)  # a size differs a little with every zlib

    def mailbox_read(self) -> None:
        """The daemon was here a moment ago and found nothing new."""
        with self._time(), open_house(self.home) as house:
            cursor = Cursor(uidvalidity=1, last_uid=0)
            house.office.store.set_cursor("marwen", "INBOX", cursor)
            house.office.store.reconciled("marwen", "INBOX", self.now)

    def line_lost(self) -> None:
        """The letter was approved, the undo window is over, and the line breaks while the body leaves."""
        with self._time(), open_house(self.home, notifier=mock.Mock()) as house:
            office = house.office
            office.practices["marwen"] = practice = replace(office.practices["marwen"], sent="")
            (letter,) = [x for x in office.store.letters() if x.approval]
            assert letter.approval is not None
            self.now = letter.approval.leaves_at + timedelta(minutes=1)
            self.mailbox_read()
            answer = claim(office, practice, letter.letter_id)
            assert answer.raw, answer
            assert begin_body(office, practice, letter.letter_id)
            lost = SubmissionUnknown(text="the line was lost after the body began")
            record_outcome(office, practice, letter.letter_id, lost)

    @contextmanager
    def _time(self) -> Iterator[None]:
        def now(_clock: SystemClock) -> datetime:
            return self.now

        with mock.patch.object(SystemClock, "now", now):
            yield

    @contextmanager
    def playing(self) -> Iterator[None]:
        """In the home, with the stage's clock and ids and nobody's own settings."""
        numbers = count(1)

        def word(length: int) -> str:
            digest = hashlib.sha256(str(next(numbers)).encode()).digest()
            return base64.b32encode(digest).decode()[:length]

        ids = mock.Mock(spec=RandomIds)
        ids.case_id.side_effect = lambda: word(8)
        ids.letter_id.side_effect = lambda: word(12)
        ids.message_id.side_effect = lambda domain: f"<rj.{word(26)}@{domain}>"
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("REJOINDER", "COLUMNS"))}
        with (
            self._time(),
            mock.patch("bot.wiring.RandomIds", return_value=ids),
            mock.patch.dict(os.environ, environment | {"COLUMNS": "96"}, clear=True),
            chdir(self.home),
        ):
            yield


MEANWHILE: dict[str, Callable[[Stage], None]] = {
    "line-lost": Stage.line_lost,
    "mailbox-read": Stage.mailbox_read,
}


def played(page: str) -> str:
    """The text of a page with every console block played anew."""
    # Always in /tmp: the length of a path decides where a line of a screen is broken.
    with tempfile.TemporaryDirectory(prefix="rejoinder-page-", dir="/tmp") as folder:
        stage = Stage(Path(folder))

        def play(block: re.Match[str]) -> str:
            if block["hook"]:
                MEANWHILE[block["hook"]](stage)
                return block[0]
            typed = [line for line in block["text"].splitlines() if line.startswith("$ ")]
            return "```console\n" + "\n\n".join(f"{line}\n{stage.type(line[2:])}" for line in typed) + "\n```"

        with stage.playing():
            return _BLOCK.sub(play, page)


def main() -> None:
    """Rewrite the pages in place."""
    for name in PAGES:
        file = ROOT / name
        file.write_text(played(file.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
