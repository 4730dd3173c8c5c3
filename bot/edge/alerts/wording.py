"""What an alert says, in plain text, as JSON and as a mail; pure."""

from __future__ import annotations

import json
import re
import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.mail.compose import compose
from bot.ports import AlertKind

#: In a subject: what happened, in a few words; and for how many. The most urgent first.
HEADLINES: dict[AlertKind, tuple[str, str]] = {
    AlertKind.INTAKE_STOPPED: ("mail is not read any more", "{} mailboxes are not read any more"),
    AlertKind.DEADLINE_PASSED: ("a deadline of Amazon's is over", "{} deadlines of Amazon's are over"),
    AlertKind.DEADLINE_NEAR: ("a deadline of Amazon's is near", "{} deadlines of Amazon's are near"),
    AlertKind.LAST_SAFE: ("a last safe date has come", "{} last safe dates have come"),
    AlertKind.IN_DOUBT: ("a letter is in doubt", "{} letters are in doubt"),
    AlertKind.STOP_SWITCH: ("very much at once, everything is held", "very much at once, everything is held"),
    AlertKind.RULES_REFUSED: ("changed rules hold mistakes", "changed rules hold mistakes"),
    AlertKind.BOUNCE: ("a letter came back", "{} letters came back"),
    AlertKind.REPLY: ("an answer came", "{} answers came"),
    AlertKind.NEW_ITEM: ("something waits for you", "{} things wait for you"),
    AlertKind.RENUMBERED: ("a mailbox was renumbered", "{} mailboxes were renumbered"),
    AlertKind.INTAKE_RECOVERED: ("mail is read again", "{} mailboxes are read again"),
    AlertKind.TEST: ("a test of the alerts", "{} tests of the alerts"),
}
_FOOT = "Rejoinder wrote this by itself, and to you alone. Do not answer it: nobody reads that."
_ADDRESS = re.compile(r"\S*@\S*")
_LONGEST = 300  # characters of one sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing to tell."""

    alert_id: str  #: so that what is told twice can be recognised
    at: datetime  #: aware, UTC
    kind: AlertKind
    account: str  #: "" for the whole home
    text: str  #: names no outside party
    item: int | None = None  #: number in the queue
    detail: str = ""  #: may name parties


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMail:
    """The fields that `bot.mail.compose` asks for."""

    mail_from: str
    to: str
    subject: str
    body: str
    message_id: str
    from_name: str = "Rejoinder"
    to_name: str = ""
    cc: tuple[str, ...] = ()
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()


def sentence(alert: Alert, *, names: bool) -> str:
    """One line: the account, what happened, and with `names` about whom."""
    text = _one_line(alert.text)
    if not names:
        text = _ADDRESS.sub("(an address)", text)
    elif alert.detail:
        text += f" ({_one_line(alert.detail)})"
    return f"{alert.account}: {text}" if alert.account else text


def _one_line(text: str) -> str:
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"


def subject(alerts: Sequence[Alert]) -> str:
    """What happened, most urgent first: `Rejoinder: a letter came back, 2 things wait for you`."""
    counted = Counter(alert.kind for alert in alerts)
    parts = [
        few if counted[kind] == 1 else many.format(counted[kind])
        for kind, (few, many) in HEADLINES.items()
        if counted[kind]
    ]
    more = ["and more"] if len(parts) > 3 else []
    return "Rejoinder: " + ", ".join(parts[:3] + more)


def plain_text(alerts: Sequence[Alert], *, names: bool) -> str:
    """One paragraph for each alert with its moment and the command to type, oldest first."""
    return "\n".join(_paragraph(alert, names=names) for alert in alerts) + f"\n{_FOOT}\n"


def _paragraph(alert: Alert, *, names: bool) -> str:
    when = alert.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    lines = textwrap.wrap(sentence(alert, names=names), 74, break_on_hyphens=False)
    command = [f"    rejoinder show {alert.item}"] if alert.item is not None else []
    return "\n".join([when, *(f"  {line}" for line in lines), *command, ""])


def as_json(alerts: Sequence[Alert], at: datetime, *, names: bool) -> bytes:
    """What programs and webhooks get: one JSON object in ASCII (docs/alerts.md)."""
    told: list[dict[str, Any]] = [
        {
            "id": alert.alert_id,
            "kind": alert.kind.value,
            "account": alert.account or None,
            "at": alert.at.isoformat(),
            "text": sentence(alert, names=names),
            "item": alert.item,
        }
        for alert in alerts
    ]
    whole = {"version": 1, "sent_at": at.isoformat(), "subject": subject(alerts), "alerts": told}
    return json.dumps(whole, ensure_ascii=True).encode("ascii")


def as_mail(
    alerts: Sequence[Alert], at: datetime, *, mail_from: str, to: str, message_id: str, names: bool
) -> bytes:
    """The whole mail with CRLF line ends, marked as a machine's (RFC 3834 §5).

    Raises ControlCharacter and NotPossible as `compose` does.
    """
    letter = AlertMail(
        mail_from=mail_from,
        to=to,
        subject=subject(alerts),
        body=plain_text(alerts, names=names),
        message_id=message_id,
    )
    return compose(letter, at, automatic=True)
