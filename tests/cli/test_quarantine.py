"""`rejoinder quarantine`, as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import wiring
from bot.edge.worker import ReaderProcess
from bot.reading.prepare import ReadingPlan
from bot.settings.values import Settings
from tests.cli.conftest import Typed


@pytest.fixture
def parked(typed: Typed, tmp_path: Path) -> Typed:
    folded = "".join(f" {'x' * 900}\r\n" for _ in range(1200))
    file = tmp_path / "monster.eml"
    file.write_bytes(
        b"From: Jane Doe <jane@doe.example>\r\nSubject: \x1b[2Jhello\r\nX-Long: y\r\n"
        + f"{folded}\r\nSecret 42\r\n".encode()
    )
    assert typed("ingest", str(file)).status == 0
    return typed


def test_an_empty_quarantine_says_so(typed: Typed) -> None:
    assert typed("quarantine", "list").out == "Nothing is in quarantine: every mail could be read.\n"
    done = typed("quarantine", "retry")
    assert (done.status, "Nothing is in quarantine" in done.out) == (0, True)


def test_it_is_listed_with_its_reason_and_shown_safely(parked: Typed) -> None:
    (mail,) = parked("quarantine", "list", "--json").json["mails"]
    assert (mail["mail"], mail["item"], bool(mail["reason"])) == (1, 1, True)
    out = parked("quarantine", "list").out
    assert all(len(line) <= 80 for line in out.splitlines())
    page = parked("quarantine", "show", "1").out
    assert "From: Jane Doe <jane@doe.example>" in page
    assert "\x1b" not in page
    assert "rejoinder quarantine retry 1" in page
    assert "rejoinder quarantine show 1" in parked("show", "1").out


def test_a_sample_says_nothing_and_is_as_long(parked: Typed, tmp_path: Path) -> None:
    sample = tmp_path / "sample.eml"
    assert parked("quarantine", "show", "1", "--sample", str(sample)).status == 0
    raw = sample.read_bytes()
    assert len(raw) == (tmp_path / "monster.eml").stat().st_size
    assert not any(word in raw for word in (b"Jane", b"doe", b"Secret", b"42", b"hello"))
    assert "is there already" in parked("quarantine", "show", "1", "--sample", str(sample)).err
    assert "could not be read" in parked("read", str(sample)).out


def test_trying_again_without_an_upgrade_is_a_problem_that_is_said(parked: Typed) -> None:
    done = parked("quarantine", "retry", "1")
    assert (done.status, "still cannot be read" in done.out) == (1, True)
    assert parked("quarantine", "retry", "99").status == 1


def test_a_mail_that_could_be_read_is_in_no_quarantine(drafted: Typed) -> None:
    done = drafted("quarantine", "show", "1")
    assert (done.status, "in no quarantine" in done.err) == (1, True)


def test_what_is_tried_again_is_looked_at_as_when_it_came(
    parked: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the settings, that say whether signatures are looked at."""
    asked: list[bool] = []
    opened = wiring.open_reader

    def noted(plan: ReadingPlan, settings: Settings | None = None) -> ReaderProcess:
        asked.append(settings is not None and settings.check_signatures)
        return opened(plan, settings)

    monkeypatch.setattr(wiring, "open_reader", noted)
    parked("quarantine", "retry", "1")
    assert asked == [True]
