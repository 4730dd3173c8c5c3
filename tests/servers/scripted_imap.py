"""An IMAP server on loopback that says what a test tells it to, and remembers what it heard."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

GREETING = "* OK [CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN] ready"


class Conversation:
    """One connection, as the script of the server sees it."""

    def __init__(self, sock: socket.socket, heard: list[str]) -> None:
        self._sock = sock
        self._file = sock.makefile("rb")
        self._heard = heard
        self.tag = ""

    def say(self, *lines: str, end: str = "\r\n") -> None:
        """Send lines; `{tag}` stands for the tag of the last command."""
        text = "".join(line.replace("{tag}", self.tag) + end for line in lines)
        self._sock.sendall(text.encode())

    def hear(self) -> str:
        """The next line of the client without its tag. Raises ConnectionError when it hung up."""
        line = self._file.readline().decode().rstrip("\r\n")
        if not line:
            raise ConnectionError
        self._heard.append(line)
        tag, _, rest = line.partition(" ")
        if rest:
            self.tag = tag
        return rest or line

    def obey(self, **answers: list[str]) -> None:
        """Answer commands by their name (`UID SEARCH` is `UID_SEARCH`) until one comes that has no answer."""
        while True:
            words = self.hear().upper().split()
            name = "_".join(words[:2]) if words[0] == "UID" else words[0]
            if name not in answers:
                raise ConnectionError
            if name == "AUTHENTICATE":
                self.say("+ ")
                self._heard.append(self._file.readline().decode())
            self.say(*answers[name])

    def over_tls(self, context: ssl.SSLContext) -> None:
        """Go on inside TLS."""
        self._sock = context.wrap_socket(self._sock, server_side=True)
        self._file = self._sock.makefile("rb")

    def pause(self, seconds: float) -> None:
        """Let time pass, or raise ConnectionError as soon as the client hangs up or speaks."""
        if select.select([self._sock], [], [], seconds)[0]:
            raise ConnectionError

    def until_hung_up(self) -> None:
        """Say nothing more, and return when the client has gone."""
        with contextlib.suppress(OSError):
            while self._file.readline():
                pass

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._file.close()
        self._sock.close()


class ScriptedServer:
    """Runs `script` for every connection, one after the other or side by side."""

    def __init__(self, script: Callable[[Conversation], None]) -> None:
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._talks: list[tuple[threading.Thread, socket.socket]] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self.port: int = self._listener.getsockname()[1]
        self.heard: list[str] = []
        self.connections = 0

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections += 1
                thread = threading.Thread(target=self._talk, args=(sock,), daemon=True)
                self._talks.append((thread, sock))
                thread.start()

    def _talk(self, sock: socket.socket) -> None:
        talk = Conversation(sock, self.heard)
        try:
            self._script(talk)
        except (OSError, ValueError):
            pass  # the client went away in the middle of the script
        finally:
            talk.close()

    @contextlib.contextmanager
    def running(self) -> Iterator[ScriptedServer]:
        """Listen until the block ends, then drop every connection."""
        self._thread.start()
        try:
            yield self
        finally:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._thread.join(10)
            for thread, sock in self._talks:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
                thread.join(10)
