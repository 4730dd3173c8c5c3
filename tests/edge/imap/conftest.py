"""Sources on a pool and a poller of their own, all of it gone when the test ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bot.edge.imap.idle import IdlePoller
from bot.edge.imap.settings import ImapSettings
from tests.edge.imap.workshop import Workshop
from tests.servers.dovecot import PASSWORD, Dovecot


@pytest.fixture
def workshop() -> Iterator[Workshop]:
    before = set(threading.enumerate())
    pool = ThreadPoolExecutor(4, thread_name_prefix="imap")
    poller = IdlePoller(pool)
    yield Workshop(pool=pool, poller=poller)
    poller.close()
    pool.shutdown()
    assert set(threading.enumerate()) <= before


@pytest.fixture
def account(dovecot: Dovecot) -> ImapSettings:
    """Settings for a fresh user of Dovecot over verified TLS."""
    return ImapSettings(
        host=dovecot.host,
        port=dovecot.tls_port,
        user=dovecot.new_user(),
        secret=lambda: PASSWORD,
        extra_ca=dovecot.ca_file,
        connect_timeout=10,
        read_timeout=10,
    )


@pytest.fixture
def plain_account(dovecot: Dovecot, account: ImapSettings) -> ImapSettings:
    """The same over plain loopback."""
    return replace(account, port=dovecot.port, security="none")
