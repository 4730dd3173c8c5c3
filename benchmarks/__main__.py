"""`python -m benchmarks [NAME…]`: every benchmark, or those named."""

from __future__ import annotations

import argparse
import importlib
import sys
import time

import pytest

NAMES = ("reading", "keep", "idle", "outbox", "submission", "startup")


def main() -> int:
    """Run them one after the other; 1 when one missed its aim or could not run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    names = parser.parse_args().names or NAMES
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}; there are: {', '.join(NAMES)}")
    met = True
    for name in names:
        print(f"\n{name} …", flush=True)
        began = time.perf_counter()
        try:
            results = importlib.import_module(f"benchmarks.{name}").measure()
        except pytest.skip.Exception as missing:  # what the shared fixtures say of a missing program
            print(f"not measured: {missing}")
            met = False
            continue
        for result in results:
            result.tell()
            met = met and result.met
        print(f"({time.perf_counter() - began:.0f} s)")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
