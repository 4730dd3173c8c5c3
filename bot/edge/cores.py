"""No core files: one would hold passwords, tokens and other people's mail, readable for years."""

from __future__ import annotations

import resource


def no_core_files() -> None:
    """From now on this process, and what it starts, leaves none when it is killed by a fault."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
