"""Turns what imapclient, imaplib, ssl and the socket raise into our own errors."""

from __future__ import annotations

import imaplib
import ssl

from imapclient import exceptions

from bot.errors import LoginRefused, MailboxError, MailboxUnreachable

#: RFC 5530 §3: the server is in trouble, not the name or the password.
_PASSING_LOGIN_CODES = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")

#: imaplib raises a plain error in the middle of a line of a million octets, as if the server had said NO.
_ENDLESS_LINE = "got more than"


class CommandRefused(MailboxError):
    """The server answered NO or BAD; the line itself is still good."""


class LastingTrouble(MailboxUnreachable):
    """Trying again within seconds would meet the same answer."""


class CertificateRefused(LastingTrouble):
    """The server could not prove who it is; nothing secret was sent."""


class Renumbered(LastingTrouble):
    """UIDVALIDITY is no longer what the caller knows, so its UIDs mean nothing (RFC 9051 §2.3.1.1)."""


class LiteralTooLarge(LastingTrouble):
    """The server announced a literal larger than what was left of the allowance; the line was dropped."""


def as_our_error(error: Exception, server: str) -> MailboxError:
    """Our error for one raised during a command; everything but CommandRefused makes the line unusable."""
    if isinstance(error, MailboxError):
        return error
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateRefused(
            f"the certificate of {server} cannot be trusted ({error.verify_message}); nothing was sent. "
            "Check the host name, or name the server's authority in the settings"
        )
    if isinstance(error, (imaplib.IMAP4.abort, exceptions.ProtocolError)):
        return MailboxUnreachable(f"{server} dropped the line or broke the protocol: {error}")
    if isinstance(error, imaplib.IMAP4.error) and _ENDLESS_LINE in str(error):
        return MailboxUnreachable(
            f"{server} sent more in one line than can be read, and was cut off: {error}"
        )
    if isinstance(error, imaplib.IMAP4.error):
        return CommandRefused(f"{server} answered: {error}")
    if isinstance(error, TimeoutError):
        return MailboxUnreachable(f"{server} did not answer in time; the line was dropped")
    if isinstance(error, OSError):
        return MailboxUnreachable(f"{server} cannot be reached: {error}")
    # imapclient stumbles with AttributeError, IndexError and kin over answers that are not IMAP.
    return MailboxUnreachable(f"{server} answered with something that is not IMAP: {error!r}")


def as_login_error(error: Exception, server: str) -> MailboxError:
    """LoginRefused only when the server really answered; imapclient says LoginError for a lost line too."""
    if isinstance(error, exceptions.LoginError) and error.__context__ is not None:
        cause = error.__context__
        if isinstance(cause, (imaplib.IMAP4.abort, OSError)):
            return as_our_error(cause, server)
    ours = as_our_error(error, server)
    if not isinstance(ours, CommandRefused):
        return ours
    if any(code in str(error).upper() for code in _PASSING_LOGIN_CODES):
        return MailboxUnreachable(f"{server} cannot let anybody in just now: {error}")
    return LoginRefused(
        f"the server refused the login of {server}: {str(error).rstrip('.')}. "
        "Check the name and the password or token"
    )
