"""Checks the paths of an envelope before anything reads them as a command (RFC 5321 §4.1.2).

Libraries parse addresses kindly: `a@y, evil@z` becomes `a@y` and reports success. We are not kind: one plain
address, or a refusal. Quoted local parts and address literals are legal, unheard of here, and refused too.
"""

from __future__ import annotations

import re

# RFC 5321 §4.1.2 Dot-string; any character above ASCII is RFC 6531's and needs SMTPUTF8.
_ATOM = r"(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|[^\x00-\x7f])+"
_LOCAL_PART = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = r"(?:[A-Za-z0-9]|[^\x00-\x7f])(?:(?:[A-Za-z0-9-]|[^\x00-\x7f]){0,61}(?:[A-Za-z0-9]|[^\x00-\x7f]))?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


def fault_in(address: str) -> str | None:
    """Why `address` cannot be a path of ours, as a sentence; None when it can."""
    # Not printable are all of Unicode's Other and Separator, but the space.
    if not address.isprintable() or " " in address:
        return "it holds a space or a control character"
    local_part, at, domain = address.rpartition("@")
    if not at:
        return "it has no @"
    if not _LOCAL_PART.fullmatch(local_part):
        return "what stands before the @ is not one plain name"
    if not _DOMAIN.fullmatch(domain):
        return "what stands after the @ is not a domain"
    # RFC 5321 §4.5.3.1.1 and .2, in octets.
    if len(local_part.encode()) > 64 or len(domain.encode()) > 255:
        return "it is longer than SMTP allows"
    return None


def needs_smtputf8(address: str) -> bool:
    """True when only a server with SMTPUTF8 (RFC 6531) can take this path."""
    return not address.isascii()
