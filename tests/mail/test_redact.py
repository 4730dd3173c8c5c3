"""A redacted sample says nothing, and is read as far as the mail that it was made from."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.parse import parse_message
from bot.mail.redact import redacted

CORPUS = sorted((Path(__file__).resolve().parents[1] / "corpus").glob("*.eml"))

MAIL = (
    "From: =?utf-8?Q?J=C3=B6rg_Maurer?= <joerg@maurer.example>\r\n"
    "Subject: Complaint 17340981265\r\n"
    'Content-Type: multipart/mixed;\r\n boundary="=_Part_1_x"; name="Maurer.eml"\r\n'
    "MIME-Version: 1.0\r\n\r\n"
    "--=_Part_1_x\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n\r\nMaurer: hallo\r\n"
    "Lieber J=C3=B6rg, ruf mich an: 0171 555\r\n東京の会社\r\n--=_Part_1_x--\r\n"
).encode()


def test_nobody_is_named_and_the_shape_stays() -> None:
    sample = redacted(MAIL)
    assert len(sample) == len(MAIL)
    for word in (b"oerg", b"maurer", b"Maurer", b"17340981265", b"Lieber", b"0171", "東京".encode()):
        assert word not in sample
    for word in (
        b"From:",
        b"Subject:",
        b'boundary="=_Part_1_x"',
        b"--=_Part_1_x--",
        b"charset=utf-8",
        b"=?utf-8?Q?",
    ):
        assert word in sample


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
def test_every_mail_of_the_corpus_keeps_its_parts(file: Path) -> None:
    raw = file.read_bytes()
    before, after = parse_message(raw), parse_message(redacted(raw))
    assert [part.content_type for part in before.parts] == [part.content_type for part in after.parts]
    assert after.head.message_id != before.head.message_id or not before.head.message_id


@given(st.binary(max_size=400))
def test_any_octets_at_all(raw: bytes) -> None:
    sample = redacted(raw)
    assert len(sample) == len(raw)
    assert sample.count(b"\n") == raw.count(b"\n")
