"""Writes a letter as the bytes that leave us (RFC 5322, 2045, 2047), and proves them by reading them back.

The header is put together here and not by `EmailMessage`: that one turns a Message-ID of more than 77
characters, as Exchange makes them, into encoded words, so that the other side can no longer thread; and in
CPython 3.11.7 a Subject that ends in a newline closes the header early.
"""

from __future__ import annotations

import re
import unicodedata
from binascii import b2a_qp
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.header import Header, decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import format_datetime, getaddresses
from typing import Final, Protocol

from bot.errors import ControlCharacter, NotPossible
from bot.mail.address import ascii_form
from bot.mail.conversation import thread_index, thread_topic

#: RFC 5322 §2.1.1: no line may be longer, and 78 is what one should keep to.
_LONGEST_LINE: Final = 998
_FOLD_AT: Final = 78

#: A Thread-Index of more blocks would not fit into a line.
_THREAD_BLOCKS: Final = 8

_MESSAGE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
#: RFC 5321 §4.1.2 Dot-string; what else is legal nobody has, and a quoted local part invites mischief.
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
#: Letters of any script; `ascii_form` has the last word.
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")


class LetterLike(Protocol):
    """The fields of a letter that go into its mail; `bot.draft.model.Letter` has them all."""

    @property
    def mail_from(self) -> str:
        """Our addr-spec."""
        ...

    @property
    def from_name(self) -> str:
        """Our display name, may be empty."""
        ...

    @property
    def to(self) -> str:
        """The one contact's addr-spec."""
        ...

    @property
    def to_name(self) -> str:
        """Its display name, may be empty."""
        ...

    @property
    def cc(self) -> tuple[str, ...]:
        """Addr-specs of the open copies."""
        ...

    @property
    def subject(self) -> str:
        """One line."""
        ...

    @property
    def body(self) -> str:
        r"""Lines of any length, ended by `\n`."""
        ...

    @property
    def message_id(self) -> str:
        """With angle brackets, as the two below."""
        ...

    @property
    def in_reply_to(self) -> str | None:
        """The letter this one follows."""
        ...

    @property
    def references(self) -> tuple[str, ...]:
        """The thread, oldest first."""
        ...


def compose(letter: LetterLike, date: datetime, *, automatic: bool = False) -> bytes:
    """The whole mail with CRLF line ends; the copy to yourself is in the envelope only.

    `automatic` marks a mail that no person approved as a machine's (RFC 3834 §5), so that machines are quiet.
    Raises ControlCharacter when a field holds a control character or a line separator, ValueError for a date
    without a time zone, NotPossible for a bad address or Message-ID and when the bytes, read back, do not say
    what the letter says.
    """
    if date.tzinfo is None:
        raise ValueError("the date of a mail needs a time zone")
    _refuse_controls(letter)
    fields = tuple(_fields(letter, date))
    if automatic:
        fields += (("Auto-Submitted", ["auto-generated"]),)
    encoding, body = _encoded_body(letter.body)
    lines = [
        *(line for name, text in fields for line in _folded(name, text)),
        b"MIME-Version: 1.0",
        b'Content-Type: text/plain; charset="utf-8"',
        b"Content-Transfer-Encoding: " + encoding,
        b"",
        body,
    ]
    raw = b"\r\n".join(lines)
    _prove(raw, letter, date, [name for name, _ in fields])
    return raw


# ------------------------------------------------------------------------------------------------ refusing


def _refuse_controls(letter: LetterLike) -> None:
    fields = {
        "from": (letter.mail_from, letter.from_name),
        "to": (letter.to, letter.to_name),
        "cc": letter.cc,
        "subject": (letter.subject,),
        "message-id": (letter.message_id, letter.in_reply_to or "", *letter.references),
        # A body has lines, and a person's editor may leave a tab.
        "body": (letter.body.replace("\n", "").replace("\t", ""),),
    }
    for name, texts in fields.items():
        if any(_control(c) for text in texts for c in text):
            raise ControlCharacter(f"the {name} field holds a control character or a line break; remove it")


def _control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")


def _strict_address(address: str) -> str:
    """The addr-spec with its domain in ASCII (RFC 5891). Raises NotPossible."""
    local_part, _, domain = address.rpartition("@")
    host = ascii_form(domain) if _DOMAIN.fullmatch(domain) else None
    if host is None or not _LOCAL_PART.fullmatch(local_part) or len(local_part) > 64 or len(host) > 255:
        raise NotPossible(f"{address[:80]!r} is not one plain address that every mail server takes")
    return f"{local_part}@{host}"


def _strict_id(message_id: str) -> str:
    if not _MESSAGE_ID.fullmatch(message_id) or len(message_id) > _LONGEST_LINE - 20:
        raise NotPossible(f"{message_id[:80]!r} is not a Message-ID")
    return message_id


# ----------------------------------------------------------------------------------------------- writing


def _fields(letter: LetterLike, date: datetime) -> Iterator[tuple[str, list[str]]]:
    """Name and words of each field; a line may be folded between two words."""
    yield "From", _mailbox("From", letter.from_name, letter.mail_from)
    yield "To", _mailbox("To", letter.to_name, letter.to)
    if letter.cc:
        copies = [_strict_address(address) for address in letter.cc]
        yield "Cc", [f"{address}," for address in copies[:-1]] + copies[-1:]
    yield "Subject", _words("Subject", letter.subject)
    yield "Date", [format_datetime(date)]
    yield "Message-ID", [_strict_id(letter.message_id)]
    if letter.in_reply_to:
        yield "In-Reply-To", [_strict_id(letter.in_reply_to)]
    if letter.references:
        yield "References", [_strict_id(message_id) for message_id in letter.references]
    if topic := thread_topic(letter.subject):
        yield "Thread-Topic", _words("Thread-Topic", topic)
    # A long thread is one long word; its blocks repeat what References says, so they are left out there.
    if len(letter.references) <= _THREAD_BLOCKS:
        yield "Thread-Index", [thread_index(letter.message_id, letter.references, date)]


def _mailbox(field: str, name: str, address: str) -> list[str]:
    spec = _strict_address(address)
    if not name:
        return [spec]
    if _ATOMS.fullmatch(name) and "=?" not in name and max(map(len, name.split(" "))) < _FOLD_AT:
        return [*name.split(" "), f"<{spec}>"]
    if _PLAIN.fullmatch(name) and "=?" not in name and len(name) < _FOLD_AT:
        quoted = name.replace("\\", r"\\").replace('"', r"\"")
        return [f'"{quoted}"', f"<{spec}>"]
    return [*_encoded_words(field, name), f"<{spec}>"]


def _words(name: str, text: str) -> list[str]:
    longest = max(map(len, text.split(" ")), default=0)
    if not text:
        return []
    if _PLAIN.fullmatch(text) and "=?" not in text and longest < _FOLD_AT - len(name):
        return text.split(" ")
    return _encoded_words(name, text)


def _encoded_words(field: str, text: str) -> list[str]:
    """RFC 2047 §2: words of at most 75 characters, each whole in itself."""
    return Header(text, "utf-8", maxlinelen=75, header_name=field).encode(linesep="\n").split("\n ")


def _folded(name: str, words: list[str]) -> Iterator[bytes]:
    line = f"{name}:"
    for word in words:
        if len(line) + 1 + len(word) > _FOLD_AT and line != f"{name}:":
            yield line.encode("ascii")
            line = ""
        line += f" {word}"
    yield line.encode("ascii")


def _encoded_body(text: str) -> tuple[bytes, bytes]:
    """Transfer encoding and the encoded body, which ends with CRLF."""
    lines = text.removesuffix("\n").split("\n")
    # A trailing space gets lost on the way, and "From " at the start of a line grows a ">" in old mailboxes.
    fragile = any(len(line) > _FOLD_AT or line != line.rstrip() or line.startswith("From ") for line in lines)
    if text.isascii() and not fragile:
        return b"7bit", "".join(f"{line}\r\n" for line in lines).encode("ascii")
    coded = (_quoted_printable(line) for line in lines)
    return b"quoted-printable", b"".join(line + b"\r\n" for line in coded)


def _quoted_printable(line: str) -> bytes:
    coded = b2a_qp(line.encode("utf-8"), istext=False)
    if coded.startswith(b"From "):
        coded = b"=46rom " + coded[5:]
    return coded.replace(b"\n", b"\r\n")


# ----------------------------------------------------------------------------------------------- proving


def _prove(raw: bytes, letter: LetterLike, date: datetime, names: list[str]) -> None:
    """Read our own bytes as a stranger would. Raises NotPossible at the first difference."""
    seen = message_from_bytes(raw, policy=policy.default)
    old = message_from_bytes(raw, policy=policy.compat32)
    expected_names = [*names, "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]
    body = letter.body if letter.body.endswith("\n") else letter.body + "\n"
    payload = old.get_payload(decode=True)
    assert isinstance(payload, bytes)
    checks: tuple[tuple[str, object, object], ...] = (
        ("header fields", old.keys(), expected_names),
        ("lines", max(map(len, raw.split(b"\r\n"))) <= _LONGEST_LINE, True),
        ("From", _mailboxes(seen, "From"), [(letter.from_name, _strict_address(letter.mail_from))]),
        ("To", _mailboxes(seen, "To"), [(letter.to_name, _strict_address(letter.to))]),
        ("Cc", _mailboxes(seen, "Cc"), [("", _strict_address(address)) for address in letter.cc]),
        ("Subject", str(make_header(decode_header(_unfolded(old["Subject"])))), letter.subject),
        ("Date", _unfolded(old["Date"]), format_datetime(date)),
        ("Message-ID", _unfolded(old["Message-ID"]), letter.message_id),
        ("In-Reply-To", _unfolded(old["In-Reply-To"] or ""), letter.in_reply_to or ""),
        ("References", _unfolded(old["References"] or "").split(), list(letter.references)),
        ("Thread-Topic", _topic(old), thread_topic(letter.subject)),
        ("body", payload.decode("utf-8").replace("\r\n", "\n"), body),
        ("parts", (seen.is_multipart(), seen.defects, old.defects), (False, [], [])),
    )
    for name, is_now, should_be in checks:
        if is_now != should_be:
            raise NotPossible(f"the letter cannot be written as a mail: read back, its {name} would differ")


def _topic(old: Message) -> str:
    return str(make_header(decode_header(_unfolded(old["Thread-Topic"] or ""))))


def _mailboxes(message: EmailMessage, name: str) -> list[tuple[str, str]]:
    """Decoded display names and addr-specs; the two readers of the standard library must find the same."""
    field = message[name]
    if field is None:
        return []
    pairs = getaddresses([_unfolded(text) for header, text in message.raw_items() if header == name])
    specs = [address.addr_spec for address in field.addresses]
    if specs != [spec for _, spec in pairs]:
        raise NotPossible(f"the letter cannot be written as a mail: its {name} can be read in two ways")
    # Names by the older reader: the newer one of CPython 3.11 puts a space between two encoded words.
    return [(str(make_header(decode_header(display_name))), spec) for display_name, spec in pairs]


def _unfolded(body: object) -> str:
    return re.sub(r"\r?\n(?=[ \t])", "", str(body)).strip()
