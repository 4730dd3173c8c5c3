"""The one place that talks to imapclient: typed, bounded, and deaf to smuggled commands.

Every argument of every command passes `refuse_controls`. After a timeout, a lost line or an answer that
is not IMAP the line is closed and never used again. One guard is used by one thread at a time; only
`drop` may be called from another.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from bot.edge.imap.arguments import Literal, refuse_controls, searchable_message_id
from bot.edge.imap.faults import CommandRefused, LiteralTooLarge, as_our_error
from bot.edge.imap.login import hang_up, log_in, open_client
from bot.edge.imap.settings import ImapSettings
from bot.errors import MailboxError, MailboxMissing, MailboxUnreachable
from bot.ports import MailboxState

#: Ids in one command: 500 of ten digits stay below the 8,192 octets of RFC 7162 §4.
MAX_IDS = 500
#: imaplib gives up on a line of 1,000,000 octets; an id takes at most eleven.
SEARCH_WINDOW = 50_000

_SMALL_LITERALS = 1_000_000  # allowance for answers that carry no message
_HEAD_LITERALS = 5_000_000  # and for those that carry header fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What the server says of a message before we ask for it."""

    uid: int
    size: int  #: RFC822.SIZE; servers are known to be off by some octets
    internal_date: datetime  #: aware, UTC


class ImapGuard:
    """One logged-in line to one account."""

    def __init__(self, settings: ImapSettings) -> None:
        self.settings = settings
        self.selected: MailboxState | None = None
        self._client: Any = None
        self._socket: socket.socket | None = None
        self._dropped = False
        self._allowance = 0
        self._read: Callable[[int], bytes]

    # -------------------------------------------------------------------------------- opening, closing

    def open(self, secret: str) -> None:
        """Connect and log in. Raises MailboxUnreachable, LoginRefused, ControlCharacter."""
        self._refuse_if_dropped()
        client = open_client(self.settings)
        self._client, self._socket = client, client.socket()
        self._read, client._imap.read = client._imap.read, self._read_literal
        try:
            self._refuse_if_dropped()
            log_in(client, self.settings, secret)
        except BaseException:
            self.close()
            raise

    @property
    def usable(self) -> bool:
        """False before `open` and after anything that left the line in an unknown state."""
        return self._client is not None and not self._dropped

    def fileno(self) -> int:
        """The descriptor to watch while idling."""
        assert self._socket is not None
        return self._socket.fileno()

    def drop(self) -> None:
        """From any thread: cut the line, so that whoever waits on it wakes up at once with an error."""
        self._dropped = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                # Not SSLSocket.shutdown, which takes the TLS object away under the other thread's feet.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the socket; the caller is the only one who uses this line."""
        client, self._client = self._client, None
        self._socket = None
        if client is not None:
            hang_up(client)

    def log_out(self) -> None:
        """LOGOUT, as far as the server still listens, and close."""
        if self.usable:
            with contextlib.suppress(MailboxError):
                self._call("logout")
        self.close()

    # ---------------------------------------------------------------------------------------- commands

    def has_capability(self, name: str) -> bool:
        """True when the server announces the capability."""
        return bool(self._call("has_capability", name))

    def noop(self) -> None:
        """Make sure that the line is alive."""
        self._call("noop")

    def examine(self, mailbox: str) -> MailboxState:
        """Open a mailbox read-only (RFC 9051 §6.3.3). Raises MailboxMissing."""
        self.selected = None
        try:
            answer = self._call("select_folder", mailbox, readonly=True)
        except CommandRefused as refused:
            if "[NONEXISTENT]" in str(refused).upper() or not self._call("folder_exists", mailbox):
                raise MailboxMissing(f"{self.settings}: there is no mailbox {mailbox!r}") from refused
            raise
        if b"UIDVALIDITY" not in answer:
            raise MailboxError(
                f"{self.settings}: {mailbox!r} has no UIDVALIDITY, so its mail cannot be told apart"
            )
        uidnext = answer.get(b"UIDNEXT")
        if uidnext is None:  # RFC 3501 §6.3.1: a server may leave it out
            uidnext = max(self._call("search", ["UID", "*"]), default=0) + 1
        self.selected = MailboxState(
            mailbox=mailbox,
            uidvalidity=answer[b"UIDVALIDITY"],
            uidnext=uidnext,
            exists=answer[b"EXISTS"],
            reckoned=answer.get(b"UIDNEXT") is None,
        )
        return self.selected

    def uids_after(self, last_uid: int) -> list[int]:
        """UIDs above `last_uid` in the opened mailbox, ascending."""
        exists = self.selected.exists if self.selected else 0
        found: set[int] = set()
        for start in range(1, max(exists, 1) + 1, SEARCH_WINDOW):
            last = start + SEARCH_WINDOW > exists
            window = (
                [] if exists <= SEARCH_WINDOW else [f"{start}:{'*' if last else start + SEARCH_WINDOW - 1}"]
            )
            found.update(self._call("search", [*window, "UID", f"{last_uid + 1}:*"]))
        # `n:*` always names the last message, even when its UID is below n (RFC 9051 §9, seq-range).
        return sorted(uid for uid in found if uid > last_uid)

    def uids_since(self, day: date, about: str | None = None) -> list[int]:
        """UIDs in the opened mailbox that arrived on that day or later, ascending.

        With `about` those that have it in a header field of addresses, or in any text (RFC 9051 §6.4.4).
        """
        if about is None:
            return sorted(self._call("search", ["SINCE", day]))
        found: set[int] = set()
        for key in ("FROM", "TO", "CC", "BCC", "TEXT"):
            found.update(self._call("search", ["SINCE", day, key, about]))
        return sorted(found)

    def announced(self, uids: Sequence[int]) -> dict[int, Announced]:
        """Size and date of at most MAX_IDS messages by UID; those that are gone are left out."""
        answer = self._fetch(uids, "RFC822.SIZE", "INTERNALDATE")
        return {
            uid: Announced(
                uid=uid,
                size=data[b"RFC822.SIZE"],
                internal_date=data[b"INTERNALDATE"].astimezone(UTC),
            )
            for uid, data in answer.items()
            if b"RFC822.SIZE" in data and b"INTERNALDATE" in data
        }

    def bodies(self, uids: Sequence[int], allowance: int) -> dict[int, bytes]:
        r"""The messages as they are, without setting `\Seen`; those that are gone are left out.

        Raises LiteralTooLarge, and drops the line, when the server sends more than `allowance` octets.
        """
        answer = self._fetch(uids, "BODY.PEEK[]", allowance=allowance)
        # None: a server's way of saying that the message went away in between.
        return {uid: data[b"BODY[]"] for uid, data in answer.items() if data.get(b"BODY[]") is not None}

    def fields(self, uids: Sequence[int], *names: str) -> dict[int, bytes]:
        r"""Header fields of these names of at most MAX_IDS messages by UID, without setting `\Seen`."""
        item = f"BODY.PEEK[HEADER.FIELDS ({' '.join(names)})]"
        answer = self._fetch(uids, item, allowance=_HEAD_LITERALS)
        return {
            uid: next((value for value in data.values() if isinstance(value, bytes)), b"")
            for uid, data in answer.items()
        }

    def has_message_id(self, message_id: str) -> bool:
        """True when a message of this Message-ID lies in the opened mailbox; raises as `uids_of`."""
        return bool(self.uids_of(message_id))

    def uids_of(self, message_id: str) -> list[int]:
        """UIDs of the messages of this Message-ID in the opened mailbox, ascending.

        Raises ControlCharacter or NotPossible for a text that is no plain Message-ID.
        """
        wanted = searchable_message_id(message_id)
        hits = self._call("search", ["HEADER", "Message-ID", wanted])
        if not hits:
            return []
        # HEADER is a substring match, and some servers match words only: look at the field itself.
        found = self.fields(hits[:MAX_IDS], "MESSAGE-ID")
        return sorted(uid for uid, field in found.items() if wanted.encode() in field)

    def mailboxes(self) -> list[tuple[str, frozenset[str]]]:
        """Name and attributes (in lower case) of every mailbox, as LIST has them."""
        return [
            (str(name), frozenset(flag.decode("ascii", "replace").lower() for flag in flags))
            for flags, _, name in self._call("list_folders")
        ]

    def special_use(self, attribute: str) -> str | None:
        r"""Name of the mailbox marked with `\Sent`, `\Junk` … (RFC 6154), or None."""
        return next((name for name, flags in self.mailboxes() if attribute.lower() in flags), None)

    def append(self, mailbox: str, raw: bytes, at: datetime) -> None:
        r"""File a message, marked `\Seen`. Raises MailboxMissing."""
        try:
            self._call("append", mailbox, Literal(raw), flags=(b"\\Seen",), msg_time=at)
        except CommandRefused as refused:
            if "[TRYCREATE]" in str(refused).upper():
                raise MailboxMissing(f"{self.settings}: there is no mailbox {mailbox!r}") from refused
            raise

    # -------------------------------------------------------------------------------------------- idle

    def idle(self) -> bool:
        """Enter IDLE (RFC 2177); True when the server spoke before or right behind its continuation."""
        imap = self._line()._imap
        try:
            heard = False
            # Not imapclient's idle(), which takes an EXISTS in front of `+ idling` for a refusal.
            tag = imap._command("IDLE")
            while imap._get_response() is not None:
                heard = True
                if imap.tagged_commands[tag]:
                    raise imap.abort(f"IDLE was refused: {imap.tagged_commands.pop(tag)}")
            self._client._idle_tag = tag
            return heard or self._buffered(imap)
        except Exception as error:
            raise self._failed(error) from error

    def idle_done(self) -> bool:
        """Leave IDLE; True when the server told of new mail meanwhile. Raises at the end of the file."""
        _, heard = self._call("idle_done")
        return any(b"EXISTS" in said for said in heard if isinstance(said, tuple))

    def _buffered(self, imap: Any) -> bool:
        """True when bytes already read lie in a buffer, where no selector sees them."""
        assert self._socket is not None
        if hasattr(imap, "_readbuf"):  # imaplib of Python 3.14 and later keeps what it took in here
            return bool(imap._readbuf) or (
                isinstance(self._socket, ssl.SSLSocket) and self._socket.pending() > 0
            )
        self._socket.settimeout(0)
        try:
            return bool(imap.file.peek(1))
        except (BlockingIOError, OSError):
            return False
        finally:
            self._socket.settimeout(self.settings.read_timeout)

    # ---------------------------------------------------------------------------------- the choke point

    def _fetch(self, uids: Sequence[int], *items: str, allowance: int = _SMALL_LITERALS) -> dict[int, Any]:
        if len(uids) > MAX_IDS:
            raise ValueError(f"{len(uids)} ids in one command; at most {MAX_IDS}")
        if not uids:
            return {}
        self._allowance = allowance
        try:
            answer: dict[int, Any] = self._call("fetch", list(uids), list(items))
        finally:
            self._allowance = _SMALL_LITERALS
        return answer

    def _call(self, method: str, *arguments: object, **options: object) -> Any:
        """Run one method of imapclient; only IDLE, which has no argument, takes another way."""
        refuse_controls(*arguments, *options.values())
        client = self._line()
        try:
            return getattr(client, method)(*arguments, **options)
        except Exception as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> MailboxError:
        ours = as_our_error(error, str(self.settings))
        if not isinstance(ours, CommandRefused):
            # After a timeout half an answer may still be on its way: never use this line again.
            self.selected = None
            self.close()
        return ours

    def _line(self) -> Any:
        self._refuse_if_dropped()
        if self._client is None:
            raise MailboxUnreachable(f"{self.settings}: the line was closed")
        return self._client

    def _refuse_if_dropped(self) -> None:
        if self._dropped:
            raise MailboxUnreachable(f"{self.settings}: the line was cut")

    def _read_literal(self, size: int) -> bytes:
        """Instead of imaplib's read, which takes memory for any size that a server cares to announce."""
        self._allowance -= size
        if self._allowance < 0:
            raise LiteralTooLarge(f"{self.settings}: the server sends more than it announced ({size} octets)")
        return self._read(size)
