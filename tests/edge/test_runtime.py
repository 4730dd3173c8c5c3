"""The runtime's own weaknesses are known at start, and our guard holds whatever they are."""

from __future__ import annotations

import pytest

from bot.edge import runtime
from bot.edge.runtime import INJECTIONS, GuardBroken, prove_guard, weaknesses
from bot.errors import ControlCharacter


def test_the_guard_refuses_every_injection_in_every_field() -> None:
    assert prove_guard() == len(INJECTIONS) * 7 >= 100


def test_a_guard_that_lets_one_through_is_felt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: composing by the standard library, or with one field unguarded."""

    def careless(letter: runtime._Probe, when: object) -> bytes:
        if any(c in letter.subject for c in "\r\n\0"):
            raise ControlCharacter("no")
        return b""

    monkeypatch.setattr(runtime, "compose", careless)
    with pytest.raises(GuardBroken):
        prove_guard()


def test_the_probes_see_what_the_standard_library_does() -> None:
    """Which of them this Python has depends on its version; that each can be asked does not."""
    known = {"subject-ends-header", "field-injected", "long-message-id-encoded", "address-out-of-name"}
    assert set(weaknesses()) <= known
    assert "long-message-id-encoded" in weaknesses()  # of every version so far
