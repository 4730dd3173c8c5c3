"""Opens a line: connect, EHLO, TLS where it is due, one login."""

from __future__ import annotations

import asyncio
import ssl

from bot.edge.smtp.line import Line, LineLost, Reply
from bot.edge.smtp.settings import SmtpSettings
from bot.edge.smtp.stages import lost, not_sent, refused_by_us
from bot.edge.tls import client_context


async def open_line(settings: SmtpSettings, secret: str | None) -> Line:
    """A line on which MAIL may be said, or NotSent with the stage at which it failed.

    TLS is never opportunistic: a server that does not offer STARTTLS when it is required, or says anything
    behind its 220, never hears our password (RFC 3207 §6, RFC 8314 §4).
    """
    line = Line(settings.host, settings.port, settings.local_hostname)
    try:
        await _open(line, settings, secret)
    except BaseException:
        line.drop()
        raise
    return line


async def _open(line: Line, settings: SmtpSettings, secret: str | None) -> None:
    context = await _context(settings)
    stage = "connect"
    try:
        greeting = await line.connect(
            context if settings.security == "tls" else None, settings.connect_timeout
        )
        _must(greeting, stage)
        _must(await line.ehlo(settings.command_timeout), stage)
        if settings.security == "starttls":
            stage = "tls"
            await _start_tls(line, settings, context)
        stage = "auth"
        if settings.auth != "none":
            await _login(line, settings, secret or "")
    except LineLost as error:
        raise lost(str(error), "tls" if error.in_tls else stage) from error


async def _context(settings: SmtpSettings) -> ssl.SSLContext | None:
    if settings.security == "none":
        return None
    try:
        # Reads the system's authorities from disk: not on the loop.
        return await asyncio.to_thread(client_context, settings.extra_ca)
    except OSError as error:
        raise lost(f"the extra CA file cannot be used: {error}", "tls") from error


async def _start_tls(line: Line, settings: SmtpSettings, context: ssl.SSLContext | None) -> None:
    if context is None or not line.offers("STARTTLS"):
        raise lost(
            f"{settings.host} does not offer STARTTLS; nothing was sent in plain text. "
            "Either the server changed or somebody between us removes the offer.",
            "tls",
        )
    _must(await line.start_tls(context, settings.connect_timeout), "tls")
    _must(await line.ehlo(settings.command_timeout), "tls")


async def _login(line: Line, settings: SmtpSettings, secret: str) -> None:
    user = settings.user or ""
    if settings.auth == "xoauth2":
        reply = await line.login("XOAUTH2", user, secret, settings.command_timeout)
    elif line.offers("AUTH", "PLAIN"):
        reply = await line.login("PLAIN", user, secret, settings.command_timeout)
    elif line.offers("AUTH", "LOGIN"):
        reply = await line.login("LOGIN", user, secret, settings.command_timeout)
    else:
        raise refused_by_us(504, f"{settings.host} offers no login by password (PLAIN or LOGIN)", "auth")
    if not reply.positive:
        # Some servers repeat what they were shown; it must not reach a screen or a database.
        hidden = reply.text.replace(secret, "…") if secret else reply.text
        raise not_sent(Reply(code=reply.code, text=hidden), "auth")


def _must(reply: Reply, stage: str) -> None:
    if not reply.positive:
        raise not_sent(reply, stage)
