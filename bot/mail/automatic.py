"""Whether the header fields prove an automatic response (RFC 3834 §2 and what vendors write instead)."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Field name → what its body must look like. Order is the order in which they are believed.
_PROOFS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("Auto-Submitted", re.compile(r"^\s*auto-", re.I)),  # RFC 3834 §5; "no" means a person
    ("X-Amazon-Auto-Reply", re.compile(r"^\s*(true|yes|1)", re.I)),
    ("X-Autoreply", re.compile(r"^\s*(yes|true|1)", re.I)),
    ("X-Autorespond", re.compile(r"\S")),
    ("X-Autoresponder", re.compile(r"\S")),
    ("X-AutoReply-From", re.compile(r"\S")),
    ("X-Auto-Response-Suppress", re.compile(r"(?!)")),  # asks for silence, proves nothing
    ("X-MS-Exchange-Inbox-Rules-Loop", re.compile(r"\S")),
    ("X-Mail-Autoreply", re.compile(r"\S")),
    ("X-POST-MessageClass", re.compile(r"autoresponder", re.I)),
    ("Delivered-To", re.compile(r"^\s*autoresponder\b", re.I)),
    ("Precedence", re.compile(r"^\s*auto[_-]?reply", re.I)),
    ("X-Precedence", re.compile(r"^\s*auto[_-]?reply", re.I)),
    ("X-FC-MachineGenerated", re.compile(r"^\s*true", re.I)),
)
_EXCHANGE_SUBJECT = re.compile(
    r"^\s*(?:automatic reply|out of office|autoreply|auto[- ]?reply|automatische antwort"
    r"|abwesenheits?(?:notiz|nachricht|assistent)?|"
    r"réponse automatique|risposta automatica|respuesta automática|自動応答|自动答复|自动回复)\s*[:：-]",
    re.I,
)


def automatic_reason(headers: Sequence[tuple[str, str]], subject: str) -> str | None:
    """`Field: body` of the first field that proves a machine answered, else None."""
    for name, pattern in _PROOFS:
        for field, body in headers:
            if field.casefold() == name.casefold() and pattern.search(body):
                return f"{field}: {body}"
    suppressed = any(field.casefold() == "x-auto-response-suppress" for field, _ in headers)
    # Exchange marks its own answers by this field and a translated prefix of the subject.
    if suppressed and _EXCHANGE_SUBJECT.search(subject):
        return f"Subject: {subject}"
    return None


def subject_looks_automatic(subject: str) -> bool:
    """The subject reads like an automatic answer; a hint, no proof."""
    return bool(_EXCHANGE_SUBJECT.search(subject))
