"""The submission server of an account: name, TLS and login; no mail is begun."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

from bot.edge.doctor.finding import Finding
from bot.edge.doctor.names import look_up
from bot.edge.smtp.opening import open_line
from bot.edge.smtp.settings import SmtpSettings
from bot.edge.smtp.stages import NotSent
from bot.errors import SecretUnavailable

#: Seconds; a person is watching.
PATIENCE = 10.0
_FIXES = {
    "connect": "Check host, port and security in rejoinder.yaml, and any firewall between.",
    "tls": "Write the host as its certificate has it, name the authority (ca_file), or try security: tls.",
    "auth": "Check user and password; many providers want a password made for this program only.",
}


def look_at_submission(settings: SmtpSettings) -> Iterator[Finding]:
    """Findings as they are made, over one line with one login at most."""
    settings = replace(settings, connect_timeout=PATIENCE, command_timeout=PATIENCE)
    name = look_up("smtp", settings.host, settings.port)
    yield name
    if name.ok:
        yield sign_in(settings)


def sign_in(settings: SmtpSettings) -> Finding:
    """Open a line, sign in and leave; nothing is sent."""
    where = f"{settings.host}:{settings.port}"
    try:
        secret = settings.secret() if settings.secret is not None and settings.auth != "none" else None
        asyncio.run(_open_and_leave(settings, secret))
    except SecretUnavailable as error:
        fix = "Give the password or token anew where rejoinder.yaml says that it is."
        return Finding(what="smtp sign-in", ok=False, sentence=str(error), fix=fix)
    except NotSent as stop:
        stage = stop.outcome.stage
        what = {"connect": "line", "auth": "sign-in"}.get(stage, stage)
        return Finding(
            what=f"smtp {what}",
            ok=False,
            sentence=f"{where}: {stop.outcome.text}",
            fix=_FIXES.get(stage, _FIXES["connect"]),
        )
    signed = "asks for no login" if settings.auth == "none" else "lets us in"
    return Finding(what="smtp sign-in", ok=True, sentence=f"{where} {signed}; nothing was sent")


async def _open_and_leave(settings: SmtpSettings, secret: str | None) -> None:
    (await open_line(settings, secret)).farewell()
