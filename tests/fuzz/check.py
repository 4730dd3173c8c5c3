"""What must hold of a reading, whatever the bytes were."""

from __future__ import annotations

from bot.reading.label import label
from bot.reading.model import CourtOrEvaluation, Notice, Understood


def sound(understood: Understood) -> None:
    """Raises AssertionError: belief without proof, a value without its place, text that no store takes."""
    proven = understood.verdict is not None and understood.verdict.proven
    assert proven or not isinstance(understood.reading, Notice)
    assert proven or not (isinstance(understood.reading, CourtOrEvaluation) and understood.reading.evaluation)
    text = repr(understood)
    assert "\x00" not in text
    text.encode("utf-8")
    for places in label(understood)["sources"].values():
        for place in places:
            assert place["part"]
            assert place["end"] >= place["start"] >= 0
