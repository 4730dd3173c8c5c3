"""Fixtures that several rooms share."""

from __future__ import annotations

pytest_plugins = ("tests.servers.dovecot", "tests.servers.postfix", "tests.servers.smtp", "tests.shipped")
