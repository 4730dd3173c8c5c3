"""That heaps are one, and that a large piece is given back whatever was freed before it."""

from __future__ import annotations

import subprocess
import sys
from xml.etree import ElementTree

import pytest

#: Threads that hold memory at the same time, then one piece of 24 MiB and, when it is freed, one of 16.
WORK = """
import ctypes, sys, threading
from bot.edge.allocator import hold_little

held = hold_little() if sys.argv[1] == "held" else True
together = threading.Barrier(5)

def work():
    pieces = [bytearray(5000) for _ in range(100)]
    together.wait(10)
    together.wait(10)

threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
together.wait(10)
huge = bytearray(24 << 20)
del huge
large = bytearray(16 << 20)
library = ctypes.CDLL(None)
library.fdopen.restype = ctypes.c_void_p
stream = ctypes.c_void_p(library.fdopen(1, b"w"))
library.malloc_info(0, stream)
library.fflush(stream)
together.wait(10)
sys.exit(not held)
"""


def heaps(how: str) -> ElementTree.Element:
    """What glibc says of its heaps while the work is going on."""
    said = subprocess.run([sys.executable, "-c", WORK, how], capture_output=True, check=True, timeout=60)
    return ElementTree.fromstring(said.stdout)


@pytest.mark.parametrize(("how", "one"), [("held", True), ("as-it-is", False)])
def test_threads_share_one_heap_and_large_pieces_are_lent(how: str, one: bool) -> None:
    """As it is, the same work has more heaps, and keeps what was freed: so this can fail."""
    found = heaps(how)
    mapped = next(
        int(total.get("size", 0)) for total in found.findall("total") if total.get("type") == "mmap"
    )
    assert (len(found.findall("heap")) == 1) == one
    assert (mapped >= 16 << 20) == one
