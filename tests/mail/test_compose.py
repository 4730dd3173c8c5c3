"""A mail of ours says what the letter says, read by a stranger, or is not written."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.utils import getaddresses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ControlCharacter, NotPossible
from bot.mail.compose import compose
from bot.mail.conversation import thread_topic

NOW = datetime(2026, 11, 9, 9, 30, tzinfo=UTC)
#: As long as Exchange makes them.
LONG_ID = "<" + "AM9PR04MB8211" * 9 + "@AM9PR04MB8211.eurprd04.prod.outlook.example>"


@dataclass(frozen=True, kw_only=True)
class Mail:
    """The fields of a letter that go into a mail."""

    mail_from: str = "amazon@nordlicht.example"
    from_name: str = "Nordlicht Handels GmbH"
    to: str = "ip@brindlecove.example"
    to_name: str = ""
    cc: tuple[str, ...] = ("notice-dispute@amazon.example",)
    subject: str = "Your report to Amazon, complaint ID 17340981265"
    body: str = "Dear Sir or Madam,\n\nwe are writing to you.\n"
    message_id: str = "<rj.abc@nordlicht.example>"
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()


def test_plain_letter_to_the_byte():
    assert compose(Mail(), NOW) == (
        b"From: Nordlicht Handels GmbH <amazon@nordlicht.example>\r\n"
        b"To: ip@brindlecove.example\r\n"
        b"Cc: notice-dispute@amazon.example\r\n"
        b"Subject: Your report to Amazon, complaint ID 17340981265\r\n"
        b"Date: Mon, 09 Nov 2026 09:30:00 +0000\r\n"
        b"Message-ID: <rj.abc@nordlicht.example>\r\n"
        b"Thread-Topic: Your report to Amazon, complaint ID 17340981265\r\n"
        b"Thread-Index: Adx6sZKBPlrahHVk1E+nstG8YAkw+A==\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: text/plain; charset="utf-8"\r\n'
        b"Content-Transfer-Encoding: 7bit\r\n"
        b"\r\n"
        b"Dear Sir or Madam,\r\n\r\nwe are writing to you.\r\n"
    )


def test_long_message_ids_stay_whole():
    other = LONG_ID.replace("AM9", "DB7")
    raw = compose(Mail(in_reply_to=LONG_ID, references=(other, LONG_ID)), NOW)
    assert f"\r\nIn-Reply-To: {LONG_ID}\r\n".encode() in raw
    assert f"\r\nReferences: {other}\r\n {LONG_ID}\r\n".encode() in raw


def test_german_text_names_and_domains():
    mail = Mail(
        from_name="Küchen, Gläser & Co. „Nord“",
        to="recht@münzberg.example",
        to_name='Dr. "Max" Müller',
        subject="Ihre Meldung bei Amazon zu Gewürzmühlen, Töpfen und Scheren, Beschwerde-ID 17340981265",
        body="Sehr geehrte Damen und Herren,\n\nmit freundlichen Grüßen \n.\nFrom hier\n" + "ä" * 2000,
    )
    raw = compose(mail, NOW)
    seen = message_from_bytes(raw, policy=policy.default)
    assert seen["To"].addresses[0].addr_spec == "recht@xn--mnzberg-n2a.example"
    assert seen["To"].addresses[0].display_name == mail.to_name
    assert seen["From"].addresses[0].display_name == mail.from_name
    assert seen["Subject"] == mail.subject
    assert seen.get_content().replace("\r\n", "\n") == mail.body + "\n"
    # RFC 2047 §2: a line with an encoded word has at most 76 characters; RFC 2045 §6.7: so has a coded line.
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))


@pytest.mark.parametrize(
    "bad", ["\r\nBcc: x@evil.example", "\n", "\r", "\x00", "\x0b", "\x85", "\u2028", "\u2029", "\ud800"]
)
@pytest.mark.parametrize(
    "field",
    ["mail_from", "from_name", "to", "to_name", "subject", "message_id", "in_reply_to", "references", "cc"],
)
def test_control_characters_are_refused_everywhere(field, bad):
    before = getattr(Mail(), field)
    values = {
        "cc": ("a@b.example" + bad,),
        "references": ("<a@b.example>" + bad,),
        "in_reply_to": "<a@b.example>" + bad,
    }
    with pytest.raises(ControlCharacter):
        compose(replace(Mail(), **{field: values.get(field, f"{before}{bad}")}), NOW)


@pytest.mark.parametrize("bad", ["\r", "\x00", "\x0c", "\u2028", "\x85"])
def test_control_characters_in_the_body_are_refused(bad):
    with pytest.raises(ControlCharacter):
        compose(Mail(body=f"Dear{bad}Sir\n"), NOW)


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@b.example, c@evil.example", "a@b.example>", "<a@b.example>", "A <a@b.example>",
     '"a b"@b.example', "a@[192.0.2.1]", "müller@b.example", "a@b@c.example", "a..b@c.example",
     "a@b..example", "a(x)@b.example", " a@b.example", "a@b.example ", "a@b.example."],
)  # fmt: skip
@pytest.mark.parametrize("field", ["mail_from", "to", "cc"])
def test_only_one_plain_address_a_field(field, address):
    with pytest.raises(NotPossible):
        compose(replace(Mail(), **{field: (address,) if field == "cc" else address}), NOW)


@pytest.mark.parametrize(
    "bad", ["", "abc", "<abc>", "<a b@c>", "<a@b> <c@d>", "<a@b", "<ä@b>", "<a@" + "b" * 1000 + ">"]
)
def test_only_one_message_id_a_field(bad):
    with pytest.raises(NotPossible):
        compose(Mail(message_id=bad), NOW)
    with pytest.raises(NotPossible):
        compose(Mail(references=(bad,)), NOW)


#: Mistakes that a later change could make: the field of the line, what is written instead, what is noticed.
SLIPS = [
    ("Subject", ["Subject: hello", "Bcc: victim@other.example"], "header fields"),
    ("Cc", [], "header fields"),
    ("To", ["To: victim@other.example"], "To"),
    ("To", ["To: ip@brindlecove.example, victim@other.example"], "To"),
    ("Cc", ["Cc: victim@other.example"], "Cc"),
    ("From", ["From: Somebody <amazon@nordlicht.example>"], "From"),
    ("Subject", ["Subject: another one"], "Subject"),
    ("Message-ID", ["Message-ID: <rj.other@nordlicht.example>"], "Message-ID"),
    ("Date", ["Date: Mon, 09 Nov 2026 09:30:00 +0100"], "Date"),
]


@pytest.mark.parametrize(("field", "lines", "noticed"), SLIPS)
def test_bytes_that_say_something_else_are_never_handed_out(monkeypatch, field, lines, noticed):
    """Composing checks what goes in; this is what sees that the same came out."""
    from bot.mail import compose as room

    honest = room._folded

    def slip(name, words):
        return [line.encode() for line in lines] if name == field else honest(name, words)

    compose(Mail(), NOW)
    monkeypatch.setattr(room, "_folded", slip)
    with pytest.raises(NotPossible, match=f"its {noticed} would differ"):
        compose(Mail(), NOW)


@pytest.mark.parametrize("body", [b"another text\r\n", b"Dear Sir or Madam,\r\n"])
def test_a_body_that_says_something_else_is_never_handed_out(monkeypatch, body):
    from bot.mail import compose as room

    monkeypatch.setattr(room, "_encoded_body", lambda _text: (b"7bit", body))
    with pytest.raises(NotPossible, match="its body would differ"):
        compose(Mail(), NOW)


def test_a_date_needs_a_zone():
    with pytest.raises(ValueError, match="time zone"):
        compose(Mail(), NOW.replace(tzinfo=None))


TEXTS = st.one_of(
    st.text(max_size=200),
    st.text(alphabet=st.sampled_from("ab ,;:<>@\"\\()=?_.\r\n\t\x00äß€😀\u202e\u2028"), max_size=120),
    st.sampled_from([
        "x\r\nBcc: evil@evil.example", "=?utf-8?q?=0D=0ABcc:_evil@evil.example?=", "  two  spaces  ",
        "a <b@c.example>, d <e@f.example>", "Subject: hello\n", "=?utf-8?b?", "word " * 200, "w" * 1200,
        "ä" * 400, "\\", '"', "a\\",
    ]),
)  # fmt: skip
ADDRESSES = st.one_of(
    TEXTS,
    st.sampled_from(["ip@brindlecove.example", "a.b+c@münzberg.example", "x@evil.example, y@z.example"]),
)
IDS = st.one_of(TEXTS, st.sampled_from([LONG_ID, "<a@b.example>", "<a@b.example>\r\nBcc: evil@evil.example"]))


@settings(deadline=None)
@given(
    mail=st.builds(
        Mail,
        mail_from=ADDRESSES | st.just("amazon@nordlicht.example"),
        from_name=TEXTS,
        to=st.just("ip@brindlecove.example") | ADDRESSES,
        to_name=TEXTS,
        cc=st.lists(ADDRESSES, max_size=2).map(tuple),
        subject=TEXTS,
        body=TEXTS,
        message_id=st.just("<rj.abc@nordlicht.example>") | IDS,
        in_reply_to=st.none() | IDS,
        references=st.lists(IDS, max_size=3).map(tuple),
    )
)
def test_whatever_goes_in_never_adds_a_field_or_a_recipient(mail):
    with contextlib.suppress(ControlCharacter, NotPossible):
        check_by_another_reader(mail, compose(mail, NOW))


@settings(deadline=None)
@given(name=TEXTS, subject=TEXTS, body=TEXTS)
def test_whatever_text_goes_in_comes_out(name, subject, body):
    mail = Mail(from_name=name, to_name=name, subject=subject, body=body)
    with contextlib.suppress(ControlCharacter, NotPossible):
        check_by_another_reader(mail, compose(mail, NOW))


def check_by_another_reader(mail: Mail, raw: bytes) -> None:
    head, _, _ = raw.partition(b"\r\n\r\n")
    fields = [line for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")]
    expected = ["From", "To", *(["Cc"] if mail.cc else []), "Subject", "Date", "Message-ID"]
    expected += [*(["In-Reply-To"] if mail.in_reply_to else []), *(["References"] if mail.references else [])]
    expected += [*(["Thread-Topic"] if thread_topic(mail.subject) else []), "Thread-Index"]
    expected += ["MIME-Version", "Content-Type", "Content-Transfer-Encoding"]
    assert [line.partition(b":")[0].decode() for line in fields] == expected
    old = message_from_bytes(raw)
    assert len(getaddresses([old["From"]])) == len(getaddresses([old["To"]])) == 1
    assert len(getaddresses(old.get_all("Cc", []))) == len(mail.cc)
    assert not {b"\r", b"\n"} & {bytes([octet]) for octet in raw.replace(b"\r\n", b"")}
    assert (old["References"] or "").split() == list(mail.references)


@settings(deadline=None)
@given(
    text=st.text(alphabet=st.characters(exclude_categories=["C", "Z"], include_characters=" "), max_size=300)
)
def test_no_readable_text_is_refused(text):
    compose(Mail(from_name=text, to_name=text, subject=text, body=text), NOW)
