"""The labelled sample mails that may lie beside the checkout, scored by their own tool."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared"
#: Floors that the tool checks; what must be zero is given as a most.
FLOORS = [
    "mean=0.97", "kind=0.98", "authentic=0.98", "complaint_ids=0.98", "asins=0.98", "owner_emails=0.98",
    "ip_type=0.94", "action=0.94", "deadline=0.94", "marketplace=0.94", "language=0.94",
    "reply_disposition=0.94", "unread=0", "wrong_addressee=0", "phishing_believed=0", "false_notice=0",
    "missed_notice=0",
]  # fmt: skip


def test_the_samples_are_read_as_labelled() -> None:
    tool, corpus = SHARED / "tools" / "score_corpus.py", SHARED / "corpus"
    if not (tool.is_file() and corpus.is_dir()):
        pytest.skip(f"no sample mails at {corpus}: this test only runs where they lie beside the checkout")
    command = f"{sys.executable} -m bot read --json"
    minimums = [word for floor in FLOORS for word in ("--min", floor)]
    done = subprocess.run(
        [sys.executable, str(tool), str(corpus), "--command", command, "--misses", *minimums],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert done.returncode == 0, done.stdout + done.stderr
