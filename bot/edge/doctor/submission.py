"""The submission server of an account: name, TLS and login; no mail is begun."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.edge.doctor.finding import REFUSED, Finding
from bot.edge.doctor.names import look_up
from bot.edge.smtp.opening import open_line
from bot.edge.smtp.settings import SmtpSettings
from bot.edge.smtp.stages import NotSent
from bot.errors import SecretUnavailable

#: Seconds; a person is watching.
PATIENCE = 10.0
#: A clock may be off by so much before anybody need care.
SKEW = timedelta(minutes=2)
_FIXES = {
    "connect": "Check host, port and security in rejoinder.yaml, and any firewall between.",
    "tls": "Write the host as its certificate has it, name the authority (ca_file), or try security: tls.",
}
#: Some servers, Microsoft's among them, say what time it is: `ready at Wed, 18 Nov 2026 15:05:19 +0000`.
_DATE = re.compile(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")


def look_at_submission(settings: SmtpSettings, now: datetime) -> Iterator[Finding]:
    """Findings as they are made, over one line with one login at most."""
    settings = replace(settings, connect_timeout=PATIENCE, command_timeout=PATIENCE)
    name = look_up("smtp", settings.host, settings.port)
    yield name
    if name.ok:
        yield from _sign_in(settings, now)


def sign_in(settings: SmtpSettings) -> Finding:
    """Open a line, sign in and leave; nothing is sent."""
    return next(_sign_in(settings, None))


def _sign_in(settings: SmtpSettings, now: datetime | None) -> Iterator[Finding]:
    where = f"{settings.host}:{settings.port}"
    try:
        secret = settings.secret() if settings.secret is not None and settings.auth != "none" else None
        greeting = asyncio.run(_open_and_leave(settings, secret))
    except SecretUnavailable as error:
        fix = "Give the password or token anew where rejoinder.yaml says that it is."
        yield Finding(what="smtp sign-in", ok=False, sentence=str(error), fix=fix)
        return
    except NotSent as stop:
        stage = stop.outcome.stage
        what = {"connect": "line", "auth": "sign-in"}.get(stage, stage)
        yield Finding(
            what=f"smtp {what}",
            ok=False,
            sentence=f"{where}: {stop.outcome.text}",
            fix=REFUSED[settings.auth] if stage == "auth" else _FIXES.get(stage, _FIXES["connect"]),
        )
        return
    signed = "asks for no login" if settings.auth == "none" else "lets us in"
    yield Finding(what="smtp sign-in", ok=True, sentence=f"{where} {signed}; nothing was sent")
    if now is not None:
        yield from _clock(greeting, now)


async def _open_and_leave(settings: SmtpSettings, secret: str | None) -> str:
    line = await open_line(settings, secret)
    line.farewell()
    return line.greeting


def _clock(greeting: str, now: datetime) -> Iterator[Finding]:
    """Nothing when the server does not tell its time."""
    told = _DATE.search(greeting)
    if told is None:
        return
    try:
        ahead = now - parsedate_to_datetime(told[0])
    except ValueError:
        return
    yield clock_finding("smtp clock", ahead)


def clock_finding(what: str, ahead: timedelta) -> Finding:
    """By how much the clock of this computer is ahead of a server's."""
    if abs(ahead) <= SKEW:
        return Finding(what=what, ok=True, sentence="this computer and the server agree on the time")
    minutes, way = round(abs(ahead).total_seconds() / 60), "fast" if ahead > timedelta(0) else "slow"
    return Finding(
        what=what,
        ok=False,
        sentence=f"the clock of this computer is {minutes} minutes {way}, by that of the server",
        fix="Set it: timedatectl set-ntp true.",
    )
