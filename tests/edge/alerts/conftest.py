"""A real HTTP server on loopback that keeps what it got and answers as told."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot.settings.values import WebAddress
from tests.servers.certificate import write_certificate


@dataclass(frozen=True, slots=True)
class Got:
    """One request."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class WebServer:
    """What came, and what is answered next: statuses in turn, the last one for ever."""

    port: int = 0
    ca_file: Path | None = None
    got: list[Got] = field(default_factory=list)
    answers: list[int] = field(default_factory=lambda: [200])
    headers: dict[str, str] = field(default_factory=dict)
    news: threading.Condition = field(default_factory=threading.Condition)

    def address(self, target: str = "/hook?key=1", **changes: Any) -> WebAddress:
        usual: dict[str, Any] = {
            "secure": self.ca_file is not None,
            "host": "127.0.0.1",
            "port": self.port,
            "target": target,
            "ca_file": self.ca_file,
        }
        return WebAddress(**(usual | changes))

    def wait_for(self, count: int, seconds: float = 20.0) -> list[Got]:
        with self.news:
            if not self.news.wait_for(lambda: len(self.got) >= count, seconds):
                pytest.fail(f"{len(self.got)} requests in {seconds} s, not {count}")
            return list(self.got)


@contextmanager
def running_web_server(folder: Path | None = None) -> Iterator[WebServer]:
    """HTTP, or with a folder for its certificate HTTPS."""
    web = WebServer()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with web.news:
                web.got.append(Got(self.command, self.path, dict(self.headers), body))
                status = web.answers.pop(0) if len(web.answers) > 1 else web.answers[0]
                web.news.notify_all()
            self.send_response(status)
            for name, text in web.headers.items():
                self.send_header(name, text)
            self.end_headers()

        do_GET = do_POST  # noqa: N815 -- the name it looks for

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    if folder is not None:
        web.ca_file = folder / "web-certificate.pem"
        write_certificate(web.ca_file, folder / "web-key.pem")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(web.ca_file, folder / "web-key.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    web.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def web() -> Iterator[WebServer]:
    with running_web_server() as server:
        yield server


@pytest.fixture
def secure_web(tmp_path: Path) -> Iterator[WebServer]:
    with running_web_server(tmp_path) as server:
        yield server
