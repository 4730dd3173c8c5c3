"""Where `rejoinder` and `python -m bot` begin."""

from __future__ import annotations

import sys


def main() -> None:
    """Run what was typed; ends the process with 0 fine, 1 a problem, 2 a mistake in usage or files."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that cannot show a letter shows a question mark
            stream.reconfigure(errors="replace")
    from bot.cli.root import rejoinder

    rejoinder(prog_name="rejoinder")


if __name__ == "__main__":
    main()
