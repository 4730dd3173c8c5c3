"""Whether the name of a server is known."""

from __future__ import annotations

import socket

from bot.edge.doctor.finding import Finding


def look_up(what: str, host: str, port: int) -> Finding:
    """Ask the resolver, as a connection would."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        return Finding(
            what=f"{what} name",
            ok=False,
            sentence=f"{host} is not known: {error.strerror or error}",
            fix="Check the host in rejoinder.yaml, and whether this computer is on the network.",
        )
    return Finding(what=f"{what} name", ok=True, sentence=f"{host} is {found[0][4][0]}")
