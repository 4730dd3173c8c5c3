"""Puts a secret into the keyring of this computer, by the same program that reads it (`bot.edge.secrets`)."""

from __future__ import annotations

import subprocess
import sys

from bot.edge.secrets import SERVICE
from bot.errors import SecretUnavailable

#: Seconds: a person may have to unlock it in a window.
_PATIENCE = 60.0
_USABLE = "import keyring, sys; sys.exit(keyring.get_keyring().priority < 1)"


def keyring_usable() -> bool:
    """Whether the library is installed and this computer has a keyring that it can use."""
    try:
        done = subprocess.run(  # noqa: S603 -- our own interpreter
            (sys.executable, "-c", _USABLE),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=10,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def keep_in_keyring(name: str, secret: str) -> None:
    """Put it there, in the place of an earlier one. Raises SecretUnavailable."""
    try:
        done = subprocess.run(  # noqa: S603 -- our own interpreter; the secret goes by a pipe
            (sys.executable, "-m", "keyring", "set", SERVICE, name),
            input=secret.encode(),
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SecretUnavailable(
            "The keyring did not answer; unlock it, or keep the password in a file."
        ) from None
    if done.returncode != 0:
        raise SecretUnavailable("The keyring did not take the password; keep it in a file instead.")
