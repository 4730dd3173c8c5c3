"""The seller's mailbox from the other side: mail is delivered, filed away, delivered twice, renumbered."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import TracebackType

from tests.servers.dovecot import Dovecot


class Inbox:
    """INBOX of one user, over a session of its own."""

    def __init__(self, dovecot: Dovecot, user: str) -> None:
        self._dovecot, self._user = dovecot, user
        self._open = ExitStack()
        self.delivered: list[bytes] = []  #: each mail once
        self.last_uid = 0  #: of the newest in INBOX
        self.twice = 0
        self._last: tuple[bytes, datetime] | None = None
        self._session: imaplib.IMAP4

    def __enter__(self) -> Inbox:
        self._log_in()
        self._do(self._session.create("Archive"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def deliver(self, raws: Iterable[bytes], at: datetime) -> None:
        """Mails arrive at this moment."""
        for raw in raws:
            self._append(raw, at)
            self.delivered.append(raw)
            self._last = raw, at

    def last_again(self) -> None:
        """The newest mail is delivered once more."""
        if self._last is not None:
            self._append(*self._last)
            self.twice += 1

    def file_away(self, before: datetime) -> None:
        """A person moves what is older than a day into another mailbox."""
        self._do(self._session.select("INBOX"))
        _, found = self._session.uid("SEARCH", f"BEFORE {before:%d-%b-%Y}")
        if found and found[0]:
            self._do(self._session.uid("MOVE", found[0].replace(b" ", b",").decode(), "Archive"))
        self._do(self._session.unselect())

    def renumber(self) -> None:
        """Another UIDVALIDITY, as after a restored server (RFC 9051 §2.3.1.1); nobody is connected now."""
        self._open.close()
        self._dovecot.drop_connections()
        folder = self._dovecot.base / "home" / self._user / "mail"
        numbers = folder / "dovecot-uidlist"
        numbers.write_bytes(re.sub(rb" V(\d+) ", _next_validity, numbers.read_bytes(), count=1))
        for index in Path(folder).glob("dovecot.index*"):
            index.unlink()
        self._log_in()

    def _log_in(self) -> None:
        self._session = self._open.enter_context(self._dovecot.session(self._user))

    def _append(self, raw: bytes, at: datetime) -> None:
        answer = self._do(self._session.append("INBOX", "", imaplib.Time2Internaldate(at), raw))
        found = re.search(rb"APPENDUID \d+ (\d+)", b" ".join(answer))
        assert found, answer
        self.last_uid = int(found[1])

    def _do(self, answer: tuple[str, Sequence[bytes | None]]) -> list[bytes]:
        assert answer[0] == "OK", answer
        return [words for words in answer[1] if words]


def _next_validity(found: re.Match[bytes]) -> bytes:
    return b" V%d " % (int(found[1]) + 1)
