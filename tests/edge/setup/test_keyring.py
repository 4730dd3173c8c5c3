"""Secrets in the keyring: by the real library, with a keyring of the test's own behind it."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

import pytest

from bot.edge.secrets import SecretSource
from bot.edge.setup.keyring import keep_in_keyring, keyring_usable
from bot.errors import SecretUnavailable
from tests.edge.setup.keyrings import BACKEND, keyring_of_the_test


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return keyring_of_the_test(tmp_path, monkeypatch)


def test_what_is_put_there_is_read_again(keyring: Path) -> None:
    assert keyring_usable()
    keep_in_keyring("ip@shop.example", 'pä"ß word')
    told: dict[str, Hashable] = {}
    assert SecretSource(keyring="ip@shop.example", tell=told.__setitem__)() == 'pä"ß word'
    assert list(told) == ['pä"ß word']
    assert "rejoinder/ip@shop.example" in keyring.read_text()


def test_nothing_there_says_what_to_do(keyring: Path) -> None:
    with pytest.raises(SecretUnavailable, match=r"no secret of other@shop\.example.*rejoinder password"):
        SecretSource(keyring="other@shop.example")()


def test_a_keyring_that_hangs_is_not_waited_for(keyring: Path, tmp_path: Path) -> None:
    (tmp_path / "keyring_of_the_test.py").write_text(
        BACKEND.replace("return self._all().get", "import time; time.sleep(60) or self._all().get")
    )
    with pytest.raises(SecretUnavailable, match=r"within 0.5 s"):
        SecretSource(keyring="ip@shop.example", timeout=0.5)()


def test_no_keyring_on_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRINGBACKEND", "keyring.backends.fail.Keyring")
    assert not keyring_usable()
    with pytest.raises(SecretUnavailable, match="file instead"):
        keep_in_keyring("ip@shop.example", "pw")
    with pytest.raises(SecretUnavailable, match="or is locked"):
        SecretSource(keyring="ip@shop.example")()


def test_the_library_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keyring").mkdir()  # hides the library, and has no __main__
    (tmp_path / "keyring" / "__init__.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'keyring'\")"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert not keyring_usable()
    with pytest.raises(SecretUnavailable, match=r"rejoinder\[keyring\]"):
        SecretSource(keyring="ip@shop.example")()
