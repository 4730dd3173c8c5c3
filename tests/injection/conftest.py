"""The stage of the stories: the same house, another audience."""

from __future__ import annotations

from tests.stories.conftest import loaded, reading, stage

__all__ = ["loaded", "reading", "stage"]
