"""Mutants that were looked at and change nothing that anybody could see, each with the reason.

Named by their words, so a change of the line takes them from the list by itself.
"""

from __future__ import annotations

#: (module, function or table, what changes): why nothing changes by it.
EQUIVALENT: dict[tuple[str, str, str], str] = {}
