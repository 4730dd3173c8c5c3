"""Mails as they really come, made of those of the corpus: text and HTML, tables, styles, encoded."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from html import escape

from bot.mail.parse import parse_message

#: What a mail keeps of its header: who wrote when to whom, and what servers say about it.
_KEPT = frozenset(
    [
        *("from", "to", "cc", "date", "subject", "message-id", "in-reply-to", "references", "received"),
        *("authentication-results", "reply-to", "return-path", "auto-submitted"),
    ]
)
_STYLES = "".join(
    f".block-{n} td {{ padding: {n}px 24px; font-family: Arial, Helvetica, sans-serif; color: #{n:06x}; }}\n"
    for n in range(60)
)
_CELL = (
    "padding:4px 24px;font-family:Arial,Helvetica,sans-serif;font-size:14px;line-height:22px;"
    "color:#111111;border-collapse:collapse;mso-table-lspace:0pt;mso-table-rspace:0pt"
)
_IMAGE = '<img src="https://images.example/spacer.gif" width="600" height="1" alt="" style="display:block">'


def as_sent(raw: bytes) -> bytes:
    """The mail with its text beside an HTML part of 10 kB and more that says the same; others as they are."""
    text = _only_text(raw)
    if text is None:
        return raw
    made = EmailMessage(policy=email.policy.SMTP)
    for name, body in email.message_from_bytes(raw, policy=email.policy.compat32).raw_items():
        if name.casefold() in _KEPT:
            made[name] = " ".join(str(body).split())
    made.set_content(text, cte="quoted-printable")
    made.add_alternative(_page(text), subtype="html", cte="base64")
    return made.as_bytes()


def _only_text(raw: bytes) -> str | None:
    """The text of a mail that has nothing else, or None."""
    message = parse_message(raw)
    part = message.parts[0]
    plain = len(message.parts) == 1 and part.content_type == "text/plain" and not part.attachment
    return part.text if plain and not message.malformed else None


def _page(text: str) -> str:
    rows = "\n".join(
        f'<tr class="block-{number % 60}"><td align="left" valign="top" style="{_CELL}">'
        f"{escape(line) or '&nbsp;'}</td></tr>"
        for number, line in enumerate(text.split("\n"))
    )
    spacers = "\n".join(f"<tr><td>{_IMAGE}</td></tr>" for _ in range(20))
    return (
        f"<!DOCTYPE html><html><head><style>\n{_STYLES}</style></head><body>"
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tbody><tr><td>'
        f'<table role="presentation" width="600">\n{rows}\n{spacers}\n</table></td></tr></tbody></table>'
        "</body></html>\n"
    )
