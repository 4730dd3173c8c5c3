"""Where cases, letters and mail rows are kept."""

from __future__ import annotations

from bot.edge.store.memory import MemoryStore

__all__ = ["MemoryStore"]
