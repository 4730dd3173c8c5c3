"""Where a password or token comes from: an environment variable, a private file, a program, the keyring."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

from bot.errors import SecretUnavailable
from bot.settings.values import SecretFrom

_LARGEST = 64 * 1024  # octets; a token has a few thousand
#: Under this service the keyring of the computer holds what is ours (https://pypi.org/project/keyring).
SERVICE = "rejoinder"
#: Hears a secret, and of which source it is.
Tell = Callable[[str, Hashable], None]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SecretSource:
    """Reads a secret anew at every call, so that a changed password needs no restart.

    Exactly one of `variable`, `file`, `command` and `keyring` is set; ValueError otherwise. The secret is
    the first line (that is how `pass show` and its kin print one). `tell` is given every secret read, and
    where it comes from, so that a log can learn what to hide. Neither repr nor any error shows the secret.
    """

    variable: str | None = None  #: name of an environment variable
    file: Path | None = None  #: mode 0600 or stricter, owned by us or by root
    command: tuple[str, ...] | None = None  #: program and arguments; no shell reads them
    keyring: str | None = None  #: name in the keyring
    #: seconds the program may take; a daemon asked to stop waits for it, and has ten
    timeout: float = 8.0
    tell: Tell | None = None

    def __post_init__(self) -> None:
        if sum(part is not None for part in (self.variable, self.file, self.command, self.keyring)) != 1:
            raise ValueError("a secret comes from exactly one of: variable, file, command, keyring")
        if self.command is not None and not self.command:
            raise ValueError("the command of a secret is empty")

    @classmethod
    def at(cls, source: SecretFrom, *, tell: Tell | None = None) -> SecretSource:
        """Where the settings say that it is."""
        return cls(
            variable=source.env, file=source.file, command=source.command, keyring=source.keyring, tell=tell
        )

    def __repr__(self) -> str:
        # Arguments of the command are left out: somebody will write the secret there.
        return f"SecretSource({self.description})"

    @property
    def description(self) -> str:
        """Where it comes from, fit for a message."""
        if self.variable is not None:
            return f"environment variable {self.variable}"
        if self.file is not None:
            return f"file {self.file}"
        if self.keyring is not None:
            return f"keyring, under {self.keyring}"
        return f"program {self.command[0]}" if self.command else "nowhere"

    def __call__(self) -> str:
        """The secret. Blocks for up to `timeout` seconds; raises SecretUnavailable."""
        secret = self._read().partition("\n")[0].removesuffix("\r")
        if not secret:
            raise SecretUnavailable(f"The secret from {self.description} is empty; put the password there.")
        if "\0" in secret:
            raise SecretUnavailable(
                f"The secret from {self.description} holds a NUL, which no login can carry."
            )
        if self.tell is not None:
            self.tell(secret, (self.variable, self.file, self.command, self.keyring))
        return secret

    def _read(self) -> str:
        if self.variable is not None:
            return _from_environment(self.variable)
        if self.file is not None:
            return _text(_from_file(self.file), self.description)
        if self.keyring is not None:
            return _text(_from_keyring(self.keyring, self.timeout), self.description)
        return _text(_from_program(self.command or (), self.timeout), self.description)


def _from_environment(variable: str) -> str:
    try:
        return os.environ[variable]
    except KeyError:
        raise SecretUnavailable(
            f"The environment variable {variable} is not set; set it where Rejoinder is started."
        ) from None


def _from_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # Asked of the open file, so that nobody can exchange it between the check and the reading.
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise SecretUnavailable(f"{path} is not a plain file; put the secret into one of its own.")
            if status.st_mode & 0o077:
                raise SecretUnavailable(
                    f"{path} can be read by others (mode {stat.S_IMODE(status.st_mode):04o}); "
                    f"run: chmod 600 {path}"
                )
            if status.st_uid not in (os.geteuid(), 0):
                raise SecretUnavailable(
                    f"{path} belongs to another user; make it belong to the one that runs Rejoinder."
                )
            return file.read(_LARGEST)
    except OSError as error:
        raise SecretUnavailable(f"The secret file {path} cannot be read: {error.strerror}.") from error


def _from_program(command: tuple[str, ...], timeout: float) -> bytes:
    try:
        # An argument list of the operator's own, and no shell: nothing from a mail gets near it.
        done = subprocess.run(  # noqa: S603
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise SecretUnavailable(
            f"The program {command[0]} for a secret took longer than {timeout:g} s; it must not ask."
        ) from None  # the cause would carry what was printed so far
    except OSError as error:
        raise SecretUnavailable(
            f"The program {command[0]} for a secret cannot be run: {error.strerror}."
        ) from error
    if done.returncode != 0:
        raise SecretUnavailable(
            f"The program {command[0]} for a secret ended with {done.returncode}; run it by hand to see why."
        )
    return done.stdout[:_LARGEST]


def _from_keyring(name: str, timeout: float) -> bytes:
    # A process of its own: a locked keyring asks its owner and waits, and a daemon must not wait with it.
    command = (sys.executable, "-m", "keyring", "get", SERVICE, name)
    try:
        done = subprocess.run(  # noqa: S603 -- our own interpreter
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise SecretUnavailable(
            f"The keyring did not give the secret of {name} within {timeout:g} s; unlock it by signing in to "
            "the desktop, or write file: in the place of keyring: in rejoinder.yaml."
        ) from None
    if b"No module named" in done.stderr:
        raise SecretUnavailable(
            "The keyring cannot be asked: install Rejoinder with it (pipx install 'rejoinder[keyring]')."
        )
    if done.returncode != 0 or not done.stdout.strip():
        raise SecretUnavailable(
            f"The keyring holds no secret of {name}, or is locked; `rejoinder password` puts it there."
        )
    return done.stdout[:_LARGEST]


def _text(raw: bytes, description: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise SecretUnavailable(f"The secret from {description} is not UTF-8 text.") from None


def secrets_named_in(value: object) -> Iterator[SecretFrom]:
    """Every secret that the settings name, wherever in them it stands."""
    if isinstance(value, SecretFrom):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from secrets_named_in(getattr(value, field.name))
    elif isinstance(value, tuple):
        for one in value:
            yield from secrets_named_in(one)
