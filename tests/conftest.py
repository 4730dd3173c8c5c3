"""Fixtures that several rooms share."""

from __future__ import annotations

import pytest

pytest_plugins = ("tests.servers.dovecot", "tests.servers.postfix", "tests.servers.smtp", "tests.shipped")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests go first, so that no worker is left alone with them in the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
