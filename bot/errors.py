"""Every error that Rejoinder raises on purpose, as one tree, each telling a person what to do next.

RejoinderError
├── ConfigurationError        mistakes in people's files, all at once
├── IllegalTransition         the table of states has no such move
├── UnreadableMail            one message cannot be understood: park it
├── ControlCharacter          an argument would have smuggled a second command
├── SecretUnavailable         a password or token cannot be had: a person must act
├── MailboxError
│   ├── MailboxUnreachable    also a ConnectionError: try again later
│   ├── LoginRefused          the password or token is wrong: a person must act
│   └── MailboxMissing        no such mailbox on the server
├── StoreError
│   ├── Conflict              somebody else changed the row first: read again
│   ├── StoreInUse            a second daemon on the same state
│   │   └── LeaseLost         a later daemon took the state over from this one
│   ├── StoreFull             also an OSError: no room left on the disk
│   ├── StoreDamaged          the database or a raw file is not what was written
│   └── SchemaTooNew          written by a newer Rejoinder
├── AlertNotTold              an alert did not get through; it is tried again or given up
└── NotPossible               what a person asked for cannot be done now, and why
"""

from __future__ import annotations

from dataclasses import dataclass


class RejoinderError(Exception):
    """Base of all our errors; `str()` is a sentence for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake in one file a person edits."""

    path: str
    line: int | None = None  #: 1-based
    column: int | None = None  #: 1-based
    message: str
    hint: str | None = None  #: what to write instead, as a sentence
    source: str | None = None  #: the offending line as it stands in the file

    def __str__(self) -> str:
        """`rules/playbooks/inquiry.yaml:14:12: message` and, below it, the line with a caret and the hint."""
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
        lines = [f"{place}: {self.message}"]
        if self.source is not None:
            lines.append(f"    {self.source}")
            if self.column:
                lines.append("    " + " " * (self.column - 1) + "^")
        if self.hint:
            lines.append(f"    {self.hint}")
        return "\n".join(lines)


class ConfigurationError(RejoinderError):
    """One or more mistakes in rejoinder.yaml, rules/ or templates/; carries all of them."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


class IllegalTransition(RejoinderError):
    """A track was asked to make a move that the table of states does not have."""

    def __init__(self, state: str, event: str) -> None:
        super().__init__(f"a track that is {state} cannot take {event}")


class UnreadableMail(RejoinderError):
    """A message that cannot be understood; it is parked with this reason and can be retried."""


class ControlCharacter(RejoinderError, ValueError):
    """An argument for a server holds a control character and was refused before it reached the line."""


class SecretUnavailable(RejoinderError):
    """The secret cannot be had from where the operator said it is; a person must act."""


class ReaderBroken(RejoinderError):
    """The reading worker cannot even start: an installation or a rule is broken, no mail is to blame."""


class MailboxError(RejoinderError):
    """Something is wrong between us and the IMAP server."""


class MailboxUnreachable(MailboxError, ConnectionError):
    """The server did not answer or dropped the line; nothing is lost, we try again."""


class LoginRefused(MailboxError):
    """The server refused our name or password; a person must act."""


class MailboxMissing(MailboxError):
    """The server has no mailbox of this name."""


class StoreError(RejoinderError):
    """The state on disk cannot be used as asked."""


class Conflict(StoreError):
    """A row changed since it was read; nothing was written. Read again and decide again."""


class StoreInUse(StoreError):
    """Another process holds this state."""


class LeaseLost(StoreInUse):
    """A later daemon took the state over; whoever is told this writes nothing any more."""


class StoreFull(StoreError, OSError):
    """The disk is full; nothing was half-written."""


class StoreDamaged(StoreError):
    """What we read back is not what we wrote."""


class SchemaTooNew(StoreError):
    """The database was written by a newer version than this one."""


class AlertNotTold(RejoinderError):
    """A person could not be told by one way; `permanent` when trying again as it stands is of no use."""

    def __init__(self, text: str, *, permanent: bool = False) -> None:
        self.permanent = permanent
        super().__init__(text)


class NotPossible(RejoinderError):
    """What was asked cannot be done in the present state; the text says why and what can be done."""
