"""Which hosts receive the mail of a domain (MX, RFC 1035 §3.3.9), asked of the resolver of this computer.

The answer only chooses among providers that we know, and a person confirms it: a forged one cannot name a
server of its own.
"""

from __future__ import annotations

import secrets
import socket
import struct
from pathlib import Path

_RESOLV_CONF = Path("/etc/resolv.conf")
_MX, _INTERNET = 15, 1
_HEADER = struct.Struct("!6H")
_LARGEST = 4096
#: A name has 255 octets (RFC 1035 §2.3.4), so no chain of pointers in it is longer than this.
_MOST_LABELS = 128


class _Nonsense(Exception):
    """The answer does not follow RFC 1035."""


def mail_exchangers(
    domain: str, *, servers: tuple[tuple[str, int], ...] | None = None, seconds: float = 3.0
) -> tuple[str, ...]:
    """Hosts by preference, the best first, in lower case without the last dot; none when nobody can say.

    `servers`: address and port of each resolver to ask in turn; by default those of this computer.
    """
    try:
        question = _question(domain)
    except UnicodeError:
        return ()
    for server in resolvers() if servers is None else servers:
        try:
            answer = _ask(server, question, seconds)
            return tuple(host for _, host in sorted(_answers(answer, question)))
        except (OSError, _Nonsense, struct.error, IndexError):
            continue
    return ()


def resolvers(file: Path = _RESOLV_CONF) -> tuple[tuple[str, int], ...]:
    """The name servers that resolv.conf lists."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    words = (line.split() for line in lines)
    return tuple((found[1], 53) for found in words if len(found) > 1 and found[0] == "nameserver")


def _question(domain: str) -> bytes:
    """A query for MX with recursion wanted (RFC 1035 §4.1). Raises UnicodeError for what is no domain."""
    labels = domain.rstrip(".").encode("idna").split(b".")
    if any(not 0 < len(label) < 64 for label in labels):
        raise UnicodeError(domain)
    name = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    return (
        _HEADER.pack(secrets.randbelow(65536), 0x0100, 1, 0, 0, 0) + name + struct.pack("!2H", _MX, _INTERNET)
    )


def _ask(server: tuple[str, int], question: bytes, seconds: float) -> bytes:
    family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as line:
        line.settimeout(seconds)
        line.connect(server)  # so that nobody else's datagram is taken
        line.send(question)
        return line.recv(_LARGEST)


def _answers(answer: bytes, question: bytes) -> list[tuple[int, str]]:
    """Preference and host of each MX record."""
    number, flags, _, records, _, _ = _HEADER.unpack_from(answer)
    same = number == _HEADER.unpack_from(question)[0] and answer[12 : len(question)] == question[12:]
    if not same or not flags & 0x8000:
        raise _Nonsense
    found, place = [], len(question)
    for _ in range(records):
        _, place = _name(answer, place)
        kind, _, _, length = struct.unpack_from("!HHIH", answer, place)
        place += 10
        if kind == _MX:
            (preference,) = struct.unpack_from("!H", answer, place)
            host, _ = _name(answer, place + 2)
            if host:  # "." says that the domain takes no mail (RFC 7505)
                found.append((preference, host))
        place += length
    return found


def _name(answer: bytes, place: int) -> tuple[str, int]:
    """The name at a place, its pointers followed (RFC 1035 §4.1.4), and the place after it."""
    labels: list[str] = []
    after: int | None = None
    for _ in range(_MOST_LABELS):
        length = answer[place]
        if length & 0xC0 == 0xC0:
            after = place + 2 if after is None else after
            place = struct.unpack_from("!H", answer, place)[0] & 0x3FFF
        elif length == 0:
            return ".".join(labels).lower(), place + 1 if after is None else after
        else:
            labels.append(answer[place + 1 : place + 1 + length].decode("ascii", "replace"))
            place += 1 + length
    raise _Nonsense
