"""Whatever a mail holds, a server that takes the dots off has the very same bytes again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.edge.smtp.content import as_data, fault_in

LINES = st.lists(st.text(alphabet=". a\tü", max_size=6).map(str.encode), min_size=1, max_size=12)


def taken_off(data: bytes) -> bytes:
    """RFC 5321 §4.5.2, as a server does it, a line at a time."""
    kept = []
    for line in data.split(b"\r\n"):
        if line == b".":
            break
        kept.append(line[1:] if line.startswith(b".") else line)
    return b"\r\n".join([*kept, b""])


@given(LINES)
def test_dots_come_off_as_they_went_on(lines):
    raw = b"\r\n".join([*lines, b""])
    assert fault_in(raw) is None
    data = as_data(raw)
    assert taken_off(data) == raw
    assert data.endswith(b"\r\n.\r\n")
    assert data.count(b"\r\n.\r\n") == 1


@given(st.binary(max_size=30))
def test_bytes_that_pass_have_no_line_end_but_crlf(raw):
    passes = fault_in(raw + b"\r\n") is None
    rest = (raw + b"\r\n").replace(b"\r\n", b"")
    assert passes == (not {*b"\r\n\0"} & {*rest})
