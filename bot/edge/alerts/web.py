"""One HTTP request to an address of the operator's own: verified TLS, a time limit, no redirects, no proxy.

No URL of a mail ever comes here; the settings are the only source of addresses.
"""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Mapping

from bot.edge.tls import client_context, plaintext_allowed
from bot.errors import AlertNotTold
from bot.settings.values import WebAddress

#: Seconds until the whole request must have been answered.
TIME_LIMIT = 8.0
#: Answers that mean: not now.
_LATER = frozenset({408, 425, 429})


def request(
    address: WebAddress,
    method: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    time_limit: float = TIME_LIMIT,
) -> int:
    """The status of an answer of class 2 (RFC 9110 §15.3). Blocks; raises AlertNotTold for everything else.

    Errors name the host and never the rest of the URL, which is often a secret. The body of the answer is
    not read.
    """
    connection = _connection(address, time_limit)
    late = threading.Event()
    alarm = threading.Timer(time_limit, _cut, (connection, late))
    alarm.daemon = True
    alarm.start()
    try:
        sent = {"User-Agent": "Rejoinder", "Connection": "close", **(headers or {})}
        connection.request(method, address.target, body, sent)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        why = "did not answer in time" if late.is_set() or isinstance(error, TimeoutError) else _why(error)
        raise AlertNotTold(f"{address.host} {why}") from None  # the cause may quote what was sent
    finally:
        alarm.cancel()
        connection.close()
    return _judged(address, status)


def _connection(address: WebAddress, time_limit: float) -> http.client.HTTPConnection:
    if address.secure:
        try:
            context = client_context(address.ca_file)
        except OSError as error:
            raise AlertNotTold(f"the ca_file for {address.host} cannot be used: {error.strerror}") from None
        return http.client.HTTPSConnection(address.host, address.port, timeout=time_limit, context=context)
    if not plaintext_allowed(address.host):
        raise AlertNotTold(f"plain http to {address.host} is refused; write https://", permanent=True)
    return http.client.HTTPConnection(address.host, address.port, timeout=time_limit)


def _cut(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    """A server that sends one octet a second keeps every single read short, but not all of them."""
    late.set()
    line = connection.sock
    if line is not None:
        try:
            line.shutdown(socket.SHUT_RDWR)
        except OSError:
            line.close()


def _why(error: Exception) -> str:
    if isinstance(error, http.client.HTTPException):
        return "does not answer in HTTP"
    assert isinstance(error, OSError)
    return f"cannot be reached: {error.strerror or type(error).__name__}"


def _judged(address: WebAddress, status: int) -> int:
    if 200 <= status < 300:
        return status
    if 300 <= status < 400:
        text = f"{address.host} redirects ({status}), which is not followed; write the URL it leads to"
        raise AlertNotTold(text, permanent=True)
    permanent = 400 <= status < 500 and status not in _LATER
    raise AlertNotTold(f"{address.host} answered {status}", permanent=permanent)
