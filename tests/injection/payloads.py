"""What is put into every field that comes from mail, and those fields of a notice, an answer and a bounce."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime

from tests.stories.mails import OWNER, bounce, notice, out_of_office, reply

VICTIM = "victim@bystander.example"
_ENCODED = base64.b64encode(f"x\r\nBcc: {VICTIM}".encode()).decode()
#: Words that would be a line, a field, a command or a cell of their own.
PAYLOADS: dict[str, str] = {
    "CRLF": f"x\r\nBcc: {VICTIM}",
    "LF": f"x\nBcc: {VICTIM}",
    "CR": f"x\rBcc: {VICTIM}",
    "end of header": "x\r\n\r\nDear victim",
    "NUL": f"x\x00Bcc: {VICTIM}",
    "vertical tab": f"x\x0bBcc: {VICTIM}",
    "form feed": f"x\x0cBcc: {VICTIM}",
    "file separator": f"x\x1cBcc: {VICTIM}",
    "next line": f"x\x85Bcc: {VICTIM}",
    "line separator": f"x\u2028Bcc: {VICTIM}",
    "paragraph separator": f"x\u2029Bcc: {VICTIM}",
    "encoded line break": f"=?utf-8?q?x=0D=0ABcc:_{VICTIM.replace('@', '=40')}?=",
    "encoded line break in base64": f"=?utf-8?b?{_ENCODED}?=",
    "percent line break": f"x%0d%0aBcc:%20{VICTIM}",
    "escaped line break": f"x\\r\\nBcc: {VICTIM}",
    "SMTP": f"x>\r\nRCPT TO:<{VICTIM}>\r\nDATA",
    "dot": "x\r\n.\r\nMAIL FROM:<a@b.example>",
    "IMAP": 'x"\r\nA1 DELETE INBOX\r\n',
    "IMAP literal": "x {5}\r\nINBOX",
    "second address": f"Tilo <{VICTIM}>",
    "list of addresses": f"Tilo, {VICTIM}",
    "quoted address": f'Tilo" <{VICTIM}>, "x',
    "group": f"Team: {VICTIM};",
    "right to left": "x\u202eelpmaxe.rednatsyb@mitciv\u202c",
    "isolates": "x\u2066\u2067\u2069\u200f\u200e",
    "terminal": "x\x1b[2J\x1b]0;owned\x07\x9b31m",
    "log line": 'x\n{"event": "accepted", "level": "info", "planted": true}',
    "formula": '=HYPERLINK("http://evil.example";"x")',
    "template": "{{ 7*7 }}{% for x in y %}",
    "shell": "$(id)`id`;id|id",
    "surrogate": "x\udcff\udc80y",
    "10 kB": "T" * 10_000,
    "10 kB of words": "Tilo " * 2_000,
}  # fmt: skip

Bend = Callable[[datetime, str], bytes]


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _notice(place: bytes, *, before: bytes = b"", after: bytes = b"") -> Bend:
    """The notice of the stories with these words where `place` stands."""

    def bend(at: datetime, words: str) -> bytes:
        raw = notice("17340981265", at, number="018004417")
        assert place in raw, place
        return raw.replace(place, before + _octets(words) + after, 1)

    return bend


def _field(name: bytes, *, before: bytes = b"", after: bytes = b"") -> Bend:
    """A header field of the notice, whatever it said."""

    def bend(at: datetime, words: str) -> bytes:
        lines = notice("17340981265", at).split(b"\r\n")
        said = [line for line in lines if line.startswith(name + b":")]
        if said:
            lines.remove(said[0])
        end = lines.index(b"")
        return b"\r\n".join([*lines[:end], name + b": " + before + _octets(words) + after, *lines[end:]])

    return bend


def _answer(message_id: str, field: str) -> Bend:
    """An answer to a letter of ours."""

    def bend(at: datetime, words: str) -> bytes:
        raw = reply(message_id, at, "We withdraw the complaint.\n", token="inj")
        if field == "text":
            return raw.replace(b"We withdraw the complaint.", _octets(words))
        if field == "automatic":
            return out_of_office(message_id, at).replace(b"auto-replied", b"auto-replied; " + _octets(words))
        lines = raw.split(b"\r\n")
        name = field.encode()
        end = lines.index(b"")
        rest = [line for line in lines[:end] if not line.startswith(name + b":")]
        value = {"From": _octets(words) + b" <" + OWNER.encode() + b">"}.get(field, _octets(words))
        if field in ("References", "In-Reply-To"):
            value = message_id.encode() + b" <" + _octets(words) + b"@x.example>"
        return b"\r\n".join([*rest, name + b": " + value, *lines[end:]])

    return bend


def _bounce(message_id: str, field: str) -> Bend:
    """A delivery report about a letter of ours."""

    def bend(at: datetime, words: str) -> bytes:
        raw = bounce(message_id, OWNER, at)
        line = {
            "Final-Recipient": b"Final-Recipient: rfc822; " + OWNER.encode(),
            "Status": b"Status: 5.1.1",
            "Diagnostic-Code": b"Diagnostic-Code: smtp; 550 5.1.1 User unknown",
            "Message-ID": f"Message-ID: {message_id}".encode(),
        }[field]
        assert line in raw
        return raw.replace(line, line + b" " + _octets(words))

    return bend


#: Fields of a notice; what they say may get into a letter.
OF_NOTICES: dict[str, Bend] = {
    "author's name": _field(b"From", after=b" <notice@amazon.com>"),
    "author": _field(b"From", before=b"Amazon <", after=b"@amazon.com>"),
    "Subject": _field(b"Subject"),
    "To": _field(b"To"),
    "Cc": _field(b"Cc"),
    "Reply-To": _field(b"Reply-To"),
    "Sender": _field(b"Sender"),
    "Date": _field(b"Date"),
    "Message-ID": _field(b"Message-ID", before=b"<", after=b"@amazon.com>"),
    "In-Reply-To": _field(b"In-Reply-To", before=b"<", after=b"@amazon.com>"),
    "References": _field(b"References"),
    "Return-Path": _field(b"Return-Path"),
    "List-Id": _field(b"List-Id"),
    "type parameter": _field(b"Content-Type", before=b"text/plain; charset=utf-8; name="),
    "charset": _field(b"Content-Type", before=b"text/plain; charset="),
    "file name": _field(b"Content-Disposition", before=b"inline; filename="),
    "any other field": _field(b"X-Anything"),
    "complainant": _notice(b"Tilo Brandauer"),
    "complainant's address": _notice(b"ip@ferrowick.example", after=b" ip@ferrowick.example"),
    "local part": _notice(b"ip@ferrowick", after=b"@ferrowick"),
    "domain": _notice(b"ferrowick.example", before=b"ferrowick.example."),
    "title": _notice(b"Camp kettle JF3"),
    "ASIN": _notice(b"B0ZG04SJF3", before=b"B0ZG04SJF3 "),
    "right": _notice(b"Infringement type: Trademark", before=b"Infringement type: Trademark "),
    "number": _notice(b"018004417", before=b"018004417 "),
    "complaint ID": _notice(b"Complaint ID: 17340981265", before=b"Complaint ID: 17340981265 "),
    "retraction address": _notice(b"notice-retraction@amazon.com", before=b"notice-retraction@amazon.com "),
    "sentence": _notice(b"We removed some"),
    "signature": _notice(b"Seller Performance Team"),
}


def of_answers(message_id: str) -> dict[str, Bend]:
    """Fields of mail that comes back on a letter of ours."""
    answers = ("text", "From", "Subject", "References", "In-Reply-To", "automatic")
    bounces = ("Final-Recipient", "Status", "Diagnostic-Code", "Message-ID")
    return {f"answer: {name}": _answer(message_id, name) for name in answers} | {
        f"bounce: {name}": _bounce(message_id, name) for name in bounces
    }
