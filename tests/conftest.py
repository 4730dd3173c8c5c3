"""Fixtures that several rooms share."""

from __future__ import annotations

pytest_plugins = ("tests.servers.dovecot", "tests.servers.smtp", "tests.shipped")
