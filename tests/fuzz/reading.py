"""`python -m tests.fuzz.reading [SECONDS]`: libFuzzer bends mails until the reader falls (atheris).

Whatever the bytes are, `read` answers: nothing but MemoryError may be raised, what is read contains no NUL
and no surrogate, and a mail without the provider's own results is never believed. Where atheris is not
installed the command says so and ends with status 0; the suite fuzzes by itself everywhere.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "tests" / "corpus"
LONGEST = 20_000  #: octets of one try


def main() -> int:
    """Fuzz for so many seconds."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    try:
        import atheris
    except ImportError:
        print("atheris is not installed, so nothing was fuzzed: pip install atheris")
        return 0
    with atheris.instrument_imports(include=["bot", "email", "mailparser"]):
        from bot.reading.read import ReadingContext, read
        from tests.fuzz.check import sound
        from tests.shipped import load_rules
    logging.disable(logging.CRITICAL)
    own = frozenset({"shop@brindlecove.example"})
    context = ReadingContext(
        rules=load_rules(), own_addresses=own, pinned_authserv="mx.nobody-writes.example"
    )

    def one(data: bytes) -> None:
        sound(read(data, context))

    with tempfile.TemporaryDirectory(prefix="rejoinder-fuzz-") as found:
        options = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=10", "-rss_limit_mb=2048"]
        atheris.Setup([sys.argv[0], *options, found, str(SEEDS)], one)
        atheris.Fuzz()  # ends the process itself
    return 0


if __name__ == "__main__":
    sys.exit(main())
