"""The same as the atheris target, by hypothesis: mails of the corpus with pieces changed, on every run."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.mail.authentication import Proof, Verdict
from bot.reading.read import ReadingContext, read
from tests.fuzz.check import sound
from tests.stories.mails import notice
from tests.stories.stage import MONDAY

CORPUS = sorted((Path(__file__).parents[1] / "corpus").glob("*.eml"))
PIECES = [
    *(
        b"\r\n",
        b"\n\n",
        b"\x00",
        b"=?utf-8?q?=00?=",
        b"--",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        b"=",
        b"<",
        b"(",
        b'"',
        b"@",
    ),
    *(
        b"Content-Type: text/html\r\n",
        b"From: notice@amazon.com\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
    ),
]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, len(CORPUS) - 1),
    st.lists(
        st.tuples(st.floats(0, 1), st.sampled_from(PIECES) | st.binary(max_size=30), st.integers(0, 60)),
        max_size=6,
    ),
)
def test_a_bent_mail_is_read_soundly(
    pinned: ReadingContext, which: int, changes: list[tuple[float, bytes, int]]
) -> None:
    raw = CORPUS[which].read_bytes()[:20_000]
    for where, piece, cut in changes:
        at = int(where * len(raw))
        raw = raw[:at] + piece + raw[at + cut :]
    sound(read(raw, replace(pinned, pinned_authserv="mx.nobody-writes.example")))


def test_the_target_runs_where_atheris_is_installed_and_says_so_where_not() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.reading", "3"],
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "pip install atheris" in done.stdout or "Done" in done.stderr


def test_a_belief_without_proof_would_be_felt(pinned: ReadingContext) -> None:
    raw = notice("17340981265", MONDAY).replace(b"mx.brindlecove.example", b"mx.marwen.example")
    believed = read(raw, pinned)
    sound(believed)
    unproven = Verdict(proven=False, proof=Proof.NO_RESULTS, domain="amazon.com", authserv_id=None)
    with pytest.raises(AssertionError):
        sound(replace(believed, verdict=unproven))
