"""HTML made into lines of text."""

from __future__ import annotations

from bot.mail.flatten import flatten


def test_preformatted_text_keeps_its_lines() -> None:
    html = (
        "<p>Hello</p><pre>ASIN ... B0BXQ4T8LN\r\n<b>Owner</b> ... Firm\n\n"
        "<a href='mailto:m@n.example'>write</a></pre><p>Bye</p>"
    )
    assert flatten(html) == "Hello\n\nASIN ... B0BXQ4T8LN\nOwner ... Firm\n\nwrite <m@n.example>\n\nBye"


def test_other_text_does_not() -> None:
    assert flatten("<p>one\ntwo</p>") == "one two"
