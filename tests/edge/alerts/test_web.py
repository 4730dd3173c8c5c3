"""Requests over real sockets: what is believed, what is refused, what takes too long."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace

import pytest

from bot.edge.alerts.web import request
from bot.errors import AlertNotTold
from bot.settings.values import WebAddress
from tests.edge.alerts.conftest import WebServer


def refused(address: WebAddress, **how: float) -> AlertNotTold:
    with pytest.raises(AlertNotTold) as caught:
        request(address, "POST", b"{}", **how)
    assert "key=" not in str(caught.value)  # a URL is often a secret in itself
    return caught.value


def test_a_post_arrives_as_it_was_sent(web: WebServer) -> None:
    web.answers = [204]
    assert request(web.address(), "POST", b'{"a": 1}', {"X-Mark": "yes"}) == 204
    (got,) = web.got
    assert (got.method, got.target, got.body) == ("POST", "/hook?key=1", b'{"a": 1}')
    assert got.headers["X-Mark"] == "yes"


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(500, False), (503, False), (429, False), (408, False), (404, True), (400, True)],
)
def test_what_is_no_success_is_tried_again_where_that_may_help(
    web: WebServer, status: int, permanent: bool
) -> None:
    web.answers = [status]
    error = refused(web.address())
    assert str(error) == f"127.0.0.1 answered {status}"
    assert error.permanent is permanent


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(web: WebServer, status: int) -> None:
    web.answers = [status]
    web.headers = {"Location": f"http://127.0.0.1:{web.port}/elsewhere"}
    assert refused(web.address()).permanent
    assert [got.target for got in web.got] == ["/hook?key=1"]


def test_plain_text_leaves_this_machine_never() -> None:
    address = WebAddress(secure=False, host="hooks.example", port=80, target="/?key=1")
    assert "write https://" in str(refused(address))


def test_a_certificate_is_verified(secure_web: WebServer) -> None:
    assert request(secure_web.address(), "GET") == 200
    assert "certificate" in str(refused(secure_web.address(ca_file=None))).casefold()
    wrong_name = replace(secure_web.address(), host="127.0.0.2")
    assert "127.0.0.2 cannot be reached" in str(refused(wrong_name))
    assert len(secure_web.got) == 1


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = WebAddress(secure=False, host="127.0.0.1", port=taken.getsockname()[1], target="/")
        error = refused(address)
    assert str(error) == "127.0.0.1 cannot be reached: Connection refused"
    assert not error.permanent


def test_a_server_that_answers_one_octet_at_a_time_is_cut_off() -> None:
    over = threading.Event()

    def drip(listener: socket.socket) -> None:
        line, _ = listener.accept()
        with line:
            line.recv(65536)
            for octet in b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 1000:
                try:
                    line.send(bytes([octet]))
                except OSError:
                    return
                if over.wait(0.05):
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        address = WebAddress(secure=False, host="127.0.0.1", port=listener.getsockname()[1], target="/")
        error = refused(address, time_limit=0.3)
        over.set()
        thread.join()
    assert str(error) == "127.0.0.1 did not answer in time"


def test_what_is_no_http_is_an_error_like_any_other() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            line, _ = listener.accept()
            with line:
                line.sendall(b"220 mx.example ESMTP\r\n")
                line.recv(65536)

        thread = threading.Thread(target=greet)
        thread.start()
        address = WebAddress(secure=False, host="127.0.0.1", port=listener.getsockname()[1], target="/")
        error = refused(address)
        thread.join()
    assert str(error) == "127.0.0.1 does not answer in HTTP"
