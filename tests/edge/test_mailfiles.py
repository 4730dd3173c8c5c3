"""One mail, an mbox, a Maildir: every mail comes out as it went in, and never more than one is in memory."""

from __future__ import annotations

import io
import mailbox
import tracemalloc
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import pytest

from bot.edge import mailfiles
from bot.edge.mailfiles import mails_of_path, mails_of_stream


def mail(subject: str, body: str = "Hello\n") -> bytes:
    made = EmailMessage()
    made["Subject"] = subject
    made["From"] = "ann@example.com"
    made.set_content(body)
    return made.as_bytes()


def test_a_single_mail_byte_for_byte(tmp_path: Path) -> None:
    raw = mail("one", "a\r\n\n\n").replace(b"\n", b"\r\n")
    (tmp_path / "one.eml").write_bytes(raw)
    (given,) = mails_of_path(tmp_path / "one.eml")
    assert (given.place, given.raw, given.problem) == ("", raw, None)
    assert [x.raw for x in mails_of_stream(io.BytesIO(raw))] == [raw]


HARD = [
    mail("one"),
    mail("two", "line\n\nFrom here on it is the body\n>From quoted\n"),
    mail("three", "\n\n\n"),
    mail("four", "no newline at the end").removesuffix(b"\n"),
    mail("five", "\nFrom ann@example.com Mon Mar  2 08:00:00 2026\nis what a postmark looks like\n"),
    mail("six", "x" * 200_000 + "\n\nFrom y" + "y" * 70_000 + "\n"),
]


def test_an_mbox_of_the_standard_library(tmp_path: Path) -> None:
    """It quotes lines that begin with From by `>`; they come out as they were."""
    box = mailbox.mbox(tmp_path / "box")
    for raw in HARD:
        box.add(raw)
    box.close()
    before = (tmp_path / "box").read_bytes()
    given = list(mails_of_path(tmp_path / "box"))
    assert [one.place for one in given] == ["1", "2", "3", "4", "5", "6"]
    # The library quotes only lines that begin with From, so one that was quoted already loses a `>`.
    expected = [raw.replace(b"\n>From quoted", b"\nFrom quoted") for raw in HARD]
    assert [one.raw.rstrip(b"\n") for one in given] == [raw.rstrip(b"\n") for raw in expected]
    assert (tmp_path / "box").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["box"]


def test_the_last_empty_line_belongs_to_the_mbox() -> None:
    raw = mail("one")
    text = b"From ann@example.com Mon Mar  2 08:00:00 2026\n" + raw + b"\n"
    assert [one.raw for one in mails_of_stream(io.BytesIO(text * 3))] == [raw] * 3
    crlf = text.replace(b"\n", b"\r\n")
    assert [one.raw for one in mails_of_stream(io.BytesIO(crlf * 2))] == [raw.replace(b"\n", b"\r\n")] * 2


@pytest.mark.parametrize(
    "postmark",
    [
        b"From - Mon Mar 02 08:00:00 2026",
        b"From 1234567890@xxx Mon Mar 02 08:00:00 +0000 2026",
        b"From MAILER-DAEMON Fri Jul  8 12:08:34 2011",
        b"From ann@example.com  Mon Mar  2 08:00 CET 2026",
    ],
)
def test_postmarks_of_many_programs(postmark: bytes) -> None:
    body = mail("one", "Dear all\n\nFrom now on we meet on Mondays\n")
    text = (postmark + b"\n" + body + b"\n") * 2
    assert [one.raw for one in mails_of_stream(io.BytesIO(text))] == [body, body]


def test_an_mbox_without_dates_is_split_at_every_from() -> None:
    text = (b"From nobody\n" + mail("one") + b"\n") * 2
    assert [one.raw for one in mails_of_stream(io.BytesIO(text))] == [mail("one")] * 2


def test_a_maildir_as_it_was_delivered(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "box")
    first = box.add(mail("one"))
    box.add(mail("two"))
    seen = box[first]
    seen.set_flags("S")
    seen.set_subdir("cur")
    box[first] = seen
    (tmp_path / "box" / "tmp" / "half").write_bytes(b"Subject: not whole")
    (tmp_path / "box" / "cur" / ".hidden").write_bytes(b"x")
    before = sorted(path for path in (tmp_path / "box").rglob("*"))
    given = list(mails_of_path(tmp_path / "box"))
    assert [message_from_bytes(one.raw)["Subject"] for one in given] == ["one", "two"]
    assert given[0].place.startswith("cur/")
    assert sorted(path for path in (tmp_path / "box").rglob("*")) == before


def test_a_folder_that_is_no_maildir_is_said_so(tmp_path: Path) -> None:
    (given,) = mails_of_path(tmp_path)
    assert given.problem == "this folder is no Maildir: it has no cur and new"


@pytest.mark.parametrize("empty", [b"", b"\n\n", b"From ann@example.com Mon Mar  2 08:00:00 2026\n\n"])
def test_nothing_in_it(empty: bytes) -> None:
    (given,) = mails_of_stream(io.BytesIO(empty))
    assert given.problem == "there is no mail in it"


def test_a_mail_that_is_too_large_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailfiles, "LARGEST", 1000)
    mark = b"From ann@example.com Mon Mar  2 08:00:00 2026\n"
    text = mark + mail("big", "x" * 5000 + "\n") + b"\n" + mark + mail("small")
    big, small = mails_of_stream(io.BytesIO(text))
    assert big.problem is not None
    assert "more than the 1000" in big.problem
    assert small.raw == mail("small")


def test_a_large_mbox_is_never_whole_in_memory(tmp_path: Path) -> None:
    one = b"From ann@example.com Mon Mar  2 08:00:00 2026\n" + mail("one", "word " * 20_000 + "\n") + b"\n"
    with (tmp_path / "box").open("wb") as file:
        for _ in range(300):
            file.write(one)
    tracemalloc.start()
    try:
        assert sum(1 for _ in mails_of_path(tmp_path / "box")) == 300
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * len(one)
