"""Where `rejoinder` and `python -m bot` begin."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run what was typed; ends the process with 0 fine, 1 a problem, 2 a mistake in usage or files."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that cannot show a letter shows a question mark
            stream.reconfigure(errors="replace")
    # Nobody's plug-ins belong in here, and looking for them through every installed package takes its time.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        from bot.cli.root import rejoinder

        rejoinder(prog_name="rejoinder")
    except KeyboardInterrupt:  # before anything was begun
        sys.exit(1)


if __name__ == "__main__":
    main()
