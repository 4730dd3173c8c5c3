"""Mail that two readers read differently is marked, with the reason; ordinary mail never is."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.errors import UnreadableMail
from bot.mail.address import parse_addresses
from bot.mail.malformed import MALFORMED_TEXT, Malformed, is_plain_author, of_authors
from bot.mail.outline import DEPTH_LIMIT, FIELD_LIMIT, PART_LIMIT, lightened, outline
from bot.mail.parse import _raw_line, _SecondReader, _tree, parse_message

TOP = "From: a@one.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
MIXED = TOP + 'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
ENCODED = base64.b64encode(b"Complaint ID: 17340981265\r\n" * 5).decode()


def parts(*bodies: str, top: str = MIXED) -> str:
    return top + "".join(f"--x\r\n{body}\r\n" for body in bodies) + "--x--\r\n"


def of(raw: str) -> tuple[str, ...]:
    return parse_message(raw.encode("utf-8")).malformed


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (
            parts("\r\none").replace('boundary="x"', 'boundary="x"; boundary="y"'),
            Malformed.REPEATED,
        ),
        (
            TOP + "Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n<p>x",
            Malformed.REPEATED,
        ),
        (
            parts(f"Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n\r\n{ENCODED}"),
            Malformed.REPEATED,
        ),
        (TOP + "Content-Type: multipart/mixed; boundary=never\r\n\r\nhidden?\r\n", Malformed.BOUNDARY),
        (TOP + "Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\nhidden?\r\n--x--\r\n", Malformed.BOUNDARY),
        (
            parts("Content-Type: multipart/alternative; boundary=never\r\n\r\nhidden?"),
            Malformed.BOUNDARY,
        ),
        (TOP + "this is no field\r\nContent-Type: text/html\r\n\r\n<p>x", Malformed.HEADER),
        (parts("no header here\r\nbut two lines"), Malformed.HEADER),
        (TOP + "Content-Transfer-Encoding: x-secret\r\n\r\nGur", Malformed.ENCODING),
        (TOP + f"Content-Transfer-Encoding: base64\r\n\r\n{ENCODED}\r\nor not!", Malformed.ENCODING),
        (
            TOP + f"Content-Transfer-Encoding: base64\r\n\r\n{ENCODED[:40]}=\r\n{ENCODED[40:]}",
            Malformed.ENCODING,
        ),
        # A bare CR ends a line for one reader and none for the other.
        (MIXED + "--x\r\n\r\none\r--x\r\rtwo\r\n--x--\r\n", Malformed.PARTS),
        (parts("\r\none").replace('boundary="x"', "boundary*0=x"), Malformed.BOUNDARY),
        (parts("\r\none").replace('boundary="x"', 'a="; boundary=y;"; boundary=x'), Malformed.REPEATED),
        (TOP.replace("a@one.example", "a@one.example;b@two.example") + "\r\nx", Malformed.AUTHORS),
    ],
    ids=lambda value: value.name if isinstance(value, Malformed) else None,
)
def test_what_hides_something(raw: str, why: Malformed) -> None:
    assert why in of(raw)
    assert MALFORMED_TEXT[why]


@pytest.mark.parametrize(
    "raw",
    [
        TOP + "\r\nplain",
        TOP.replace("\r\n", "\n") + "\nplain",
        "From a@one.example Thu Jan  1 00:00:00 2026\n" + TOP + "\r\nplain",
        parts("\r\none", "Content-Type: text/html\r\n\r\n<p>two"),
        parts("\r\none")[:-9],  # cut off on the way
        parts("\r\none") + "a list's footer\r\n",
        MIXED + "This is a multi-part message in MIME format.\r\n--x\r\n\r\none\r\n--x--\r\n",
        parts("Content-Type: message/rfc822\r\n\r\n" + TOP + "\r\ninner"),
        parts(
            "Content-Type: message/rfc822\r\n\r\n"
            + parts("\r\ninner", "\r\nmore").replace("--x", "--y").replace('"x"', '"y"')
        ),
        parts("\r\ninner").replace("mixed", "report"),
        parts(TOP + "\r\ninner").replace("mixed", "digest").replace("--x\r\n", "--x\r\n\r\n"),
        TOP + f"Content-Type: text/plain\r\nContent-Transfer-Encoding: BASE64\r\n\r\n{ENCODED}\r\n\r\n",
        TOP + "Content-Type: text/plain; charset=no-such\r\n\r\nx",
        TOP + "Content-Type: text\r\n\r\nx",
        TOP + "Content-Type: text/plain (a comment); charset=utf-8\r\n\r\nx",
        TOP.replace("a@one.example", '"Brandauer, Tilo" <a@one.example>') + "\r\nx",
        TOP.replace("a@one.example", "=?utf-8?q?Brandauer=2C_Tilo?= <a@one.example>") + "\r\nx",
        TOP.replace("a@one.example", "a@bücher.example") + "\r\nx",
        TOP.replace("a@one.example", "undisclosed:;") + "\r\nx",
    ],
)
def test_ordinary_mail_is_not_malformed(raw: str) -> None:
    assert of(raw) == ()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["--x\r\n", "--x--\r\n", "--y\r\n", "\r\n", "text\r\n", "--x", " --x\r\n",
                                 "Content-Type: multipart/mixed; boundary=y\r\n\r\n",
                                 "Content-Type: message/rfc822\r\n\r\n"]), max_size=25))  # fmt: skip
def test_where_nothing_is_marked_both_readers_found_the_same_parts(pieces: list[str]) -> None:
    """Two readers written apart agree on every arrangement of boundaries, or the mail is marked."""
    raw = (MIXED + "".join(pieces)).encode()
    message = parse_message(raw)
    if message.malformed:
        return
    inside = [leaf for leaf in outline(raw).leaves if leaf.content_type == "text/plain"]
    texts = [p.text for m in (message, *message.nested) for p in m.parts if p.text is not None]
    # Every word is in a part that both found; what stands before the first mark and behind the last is not.
    shown = sum(raw[leaf.start : leaf.end].count(b"text") for leaf in inside)
    if not any(nested.nested for nested in message.nested):
        assert sum((text or "").count("text") for text in texts) == shown


LIMITS = {
    "parts": parts(*["\r\none"] * (PART_LIMIT + 1)),
    "depth": TOP + "Content-Type: message/rfc822\r\n\r\n" * (DEPTH_LIMIT + 2),
    "field": TOP + "Content-Type: text/plain; x=" + "y" * FIELD_LIMIT + "\r\n\r\n",
    "folded field": TOP + "Content-Type: text/plain;" + "\r\n x=y;" * FIELD_LIMIT + "\r\n\r\n",
    "part header": parts("X: " + "y" * 70_000 + "\r\n\r\none"),
    "marks": MIXED + "--x y\r\n" * 100_001,
    "size": TOP + "\r\n" + "x" * (25 * 1024 * 1024),
}


@pytest.mark.parametrize("name", LIMITS)
def test_limits_are_drawn_before_anything_is_parsed(name: str) -> None:
    with pytest.raises(UnreadableMail):
        outline(LIMITS[name].encode())


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "binary", "8bit"])
def test_a_large_leaf_is_told_by_size_and_hash(encoding: str) -> None:
    body = bytes(range(256)) * 24_000 if encoding != "8bit" else b"a line of text\r\n" * 400_000
    said = {
        "base64": lambda: base64.encodebytes(body),
        "quoted-printable": lambda: b"".join(b"=%02X" % octet for octet in body[:3_000_000]),
    }.get(encoding, lambda: body)()
    decoded = body[:3_000_000] if encoding == "quoted-printable" else body
    raw = (
        MIXED.encode()
        + b"--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x\r\nContent-Type: image/png; name=p.png\r\n"
        + f"Content-Transfer-Encoding: {encoding}\r\n\r\n".encode()
        + said
        + b"\r\n--x--\r\n"
    )
    light, left = lightened(raw, outline(raw))
    assert len(light) < 1000
    message = parse_message(raw)
    text, picture = message.parts
    assert text.text == "hello"
    assert (picture.filename, picture.size) == ("p.png", len(decoded))
    assert picture.sha256 == hashlib.sha256(decoded).hexdigest()
    assert (message.size, message.malformed) == (len(raw), ())
    assert left["2"].size == len(decoded)


def test_a_long_text_keeps_its_beginning() -> None:
    raw = (TOP + "\r\nComplaint ID: 17340981265\r\n").encode() + b"lorem ipsum\r\n" * 500_000
    (part,) = parse_message(raw).parts
    assert part.text
    assert part.text.startswith("Complaint ID: 17340981265")
    assert part.size == len(raw) - len(TOP) - 2


_AUTHOR_PIECES = [
    "Ada", "Lind-Berg", "O'Neil", " ", " ", "\r\n ", '"', '"', "<", ">", "a@one.example", "b.c@two.example",
    "x+y@sub.one.example", "@", ".", ",", ";", ":", "(", ")", "\\", "=?utf-8?q?a?=", "ä", "at", "-", "_", "'",
    "=?UTF-8?B?w6RiIGM=?=", "=?utf-8?q?x=40y=2Ede?=", "Dr.",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(_AUTHOR_PIECES), min_size=1, max_size=8).map("".join))
@example("Ada Lind-Berg <a@one.example>")
@example('"O\'Neil, Ada" <a@one.example>')
@example('"Ada Lind" <b.c@two.example>')
@example("Ada\r\n <x+y@sub.one.example>")
@example('"Lind, Ada" <a@one.example>')
@example("Dr. Ada Lind <a@one.example>")
@example("=?utf-8?q?L=C3=ADnd?= =?UTF-8?B?w6RiIGM=?= <a@one.example>")
@example("a@one.example")
@example("a@one.example, Ada <b.c@two.example>")
@example("a@one.example <b.c@two.example>")
@example('"a@one.example" <b.c@two.example>')
def test_where_no_other_reader_is_asked_for_the_author_none_would_differ(field: str) -> None:
    tree = _tree(f"From: {field}\r\nSubject: x\r\n\r\nx\r\n".encode())
    froms = [_raw_line(body) for name, body in tree.raw_items() if name == "From"]
    if is_plain_author(froms):
        theirs = _SecondReader(tree).authors
        assert len(theirs) == 1
        assert of_authors(parse_addresses(froms[0]), froms, theirs) == set()


@pytest.mark.parametrize(
    ("field", "plain"),
    [
        ("Dr. Ada Lind <a@one.example>", True),
        ('"Lind, Ada" <a@one.example>', True),
        ("=?utf-8?q?Ada_L=C3=ADnd?= <a@one.example>", True),
        ("=?UTF-8?B?w6RiIGM=?= =?utf-8?q?Lind?= <a@one.example>", True),
        ("=?utf-8?q?x=40y=2Eexample?= <a@one.example>", False),
        ("=?utf-8?q?x=3Cy=3E?= <a@one.example>", False),
        ("=?iso-2022-jp?b?GyRCQWEyNT13GyhC?= <a@one.example>", False),
        ("Lind, Ada <a@one.example>", False),
    ],
)
def test_whom_no_other_reader_is_asked_for(field: str, plain: bool) -> None:
    assert is_plain_author([field]) is plain
