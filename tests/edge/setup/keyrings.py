"""A keyring for tests, behind the real library."""

from __future__ import annotations

from pathlib import Path

import pytest

#: Keeps its secrets in one file; enough of a keyring for the library.
BACKEND = """
import json, os, pathlib
from keyring.backend import KeyringBackend
FILE = pathlib.Path(__file__).with_name("kept.json")
class Keyring(KeyringBackend):
    priority = 9
    def _all(self):
        return json.loads(FILE.read_text()) if FILE.exists() else {}
    def get_password(self, service, username):
        return self._all().get(f"{service}/{username}")
    def set_password(self, service, username, password):
        if password == "refused":
            raise OSError("no")
        FILE.write_text(json.dumps({**self._all(), f"{service}/{username}": password}))
    def delete_password(self, service, username):
        raise NotImplementedError
"""


def keyring_of_the_test(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make it the keyring of every program that is started; gives the file in which it keeps its secrets."""
    (folder / "keyring_of_the_test.py").write_text(BACKEND)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring_of_the_test.Keyring")
    return folder / "kept.json"
