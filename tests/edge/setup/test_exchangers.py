"""Mail exchangers are asked of a resolver, and whatever it answers, nothing breaks."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.edge.setup.exchangers import mail_exchangers, resolvers


@contextmanager
def resolver(answer: Callable[[bytes], bytes | None]) -> Iterator[tuple[str, int]]:
    """Answers one question after the other until the block ends; None: says nothing."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            question, whom = line.recvfrom(4096)
            if question == b"stop":
                return
            if (said := answer(question)) is not None:
                line.sendto(said, whom)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield line.getsockname()
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"stop", line.getsockname())
        thread.join(10)
        line.close()


def name(text: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def records(question: bytes, *hosts: tuple[int, bytes], kind: int = 15) -> bytes:
    """An answer with these records, each pointing back to the name asked for."""
    out = question[:2] + struct.pack("!5H", 0x8180, 1, len(hosts), 0, 0) + question[12:]
    for preference, host in hosts:
        data = struct.pack("!H", preference) + host
        out += b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 300, len(data)) + data
    return out


def test_by_preference() -> None:
    def answer(question: bytes) -> bytes:
        return records(question, (20, name("MX2.shop.example")), (5, b"\x03mx1\xc0\x0c"))

    with resolver(answer) as server:
        found = mail_exchangers("shop.example", servers=(server,))
    assert found == ("mx1.shop.example", "mx2.shop.example")


def test_a_domain_that_takes_no_mail() -> None:
    with resolver(lambda question: records(question, (0, b"\0"))) as server:
        assert mail_exchangers("shop.example", servers=(server,)) == ()


@pytest.mark.parametrize(
    "answer",
    [
        lambda question: b"",
        lambda question: question[:5],
        lambda question: (
            bytes([question[0] ^ 1]) + question[1:2] + records(question, (1, name("mx.evil.example")))[2:]
        ),  # another's number
        lambda question: records(question[:-1] + b"\3", (1, name("mx.evil.example"))),  # another question
        lambda question: question,  # no answer at all
        lambda question: records(question, (1, b"\xc0\x0c"))[:-3],
        lambda question: records(question, (1, b"\xff\xff")),
        # A pointer to itself, at the place where the name of the only record stands.
        lambda question: records(question, (1, bytes([0xC0, len(question) + 14]))),
    ],
    ids=["nothing", "short", "number", "question", "echo", "cut", "far", "loop"],
)
def test_nonsense_is_no_answer(answer: Callable[[bytes], bytes]) -> None:
    with resolver(answer) as server:
        assert mail_exchangers("shop.example", servers=(server,), seconds=5) == ()


def test_a_silent_one_is_passed_over() -> None:
    with (
        resolver(lambda question: None) as silent,
        resolver(lambda question: records(question, (1, name("mx.shop.example")))) as second,
    ):
        assert mail_exchangers("shop.example", servers=(silent, second), seconds=0.1) == ("mx.shop.example",)


@pytest.mark.parametrize("domain", ["", "a..b", "x" * 64 + ".example", "\ud800.example"])
def test_what_is_no_domain_is_not_asked(domain: str) -> None:
    assert mail_exchangers(domain, servers=(("127.0.0.1", 1),)) == ()


def test_a_domain_of_other_letters_is_asked_in_ascii() -> None:
    asked: list[bytes] = []

    def answer(question: bytes) -> bytes:
        asked.append(question)
        return records(question, (1, name("mx.shop.example")))

    with resolver(answer) as server:
        assert mail_exchangers("müller.example", servers=(server,)) == ("mx.shop.example",)
    assert b"\x0dxn--mller-kva\x07example\0" in asked[0]


def test_the_resolvers_of_this_computer(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text("# made by hand\nsearch example\nnameserver 192.0.2.1\nnameserver ::1\nnameserver\n")
    assert resolvers(file) == (("192.0.2.1", 53), ("::1", 53))
    assert resolvers(tmp_path / "none") == ()
