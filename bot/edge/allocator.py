"""How the C library keeps memory: what one thread freed any thread may use, and large pieces are given back.

By itself glibc gives threads heaps of their own, up to eight for each processor, and what is freed waits
there for those threads: in a process that lives for months each heap reaches its own highest water. And it
takes the largest piece ever freed as the measure of what to keep: one huge mail makes it keep as much.
"""

from __future__ import annotations

import contextlib

#: From malloc.h of glibc.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
#: Octets. Its own values to begin with; said aloud, they stay.
_THRESHOLD = 128 * 1024


def hold_little() -> bool:
    """One heap for all threads, and large pieces go back to the system at once; before any thread starts.

    False where the C library has no such settings (musl, macOS).
    """
    with contextlib.suppress(ImportError, OSError, AttributeError):
        import ctypes

        mallopt = ctypes.CDLL(None).mallopt
        wanted = ((_ARENA_MAX, 1), (_MMAP_THRESHOLD, _THRESHOLD), (_TRIM_THRESHOLD, _THRESHOLD))
        return all(mallopt(option, value) for option, value in wanted)
    return False
