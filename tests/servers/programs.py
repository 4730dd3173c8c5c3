"""Finds the server programs that some tests talk to; in CI a missing one is a failure, elsewhere a skip."""

from __future__ import annotations

import os
import shutil

import pytest

#: Set by CI: every test on a real server must run, so a missing program fails instead of skipping.
REQUIRE_ALL = os.environ.get("REJOINDER_TEST_ALL") == "1"


def needs_root(name: str) -> None:
    """For a server program that only root can start; otherwise as if it were not there."""
    if os.geteuid() != 0:
        message = f"{name} can be started by root only"
        if REQUIRE_ALL:
            pytest.fail(message)
        pytest.skip(message)


def program(name: str, package: str) -> str:
    """Path of a server program of this machine, `package` naming Debian's package that brings it."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if path is None:
        message = f"{name} is not on this machine; install it with: apt-get install {package}"
        if REQUIRE_ALL:
            pytest.fail(message)
        pytest.skip(message)
    return path
