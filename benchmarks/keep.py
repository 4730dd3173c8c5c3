"""Fetch and keep 5,000 mails durably, against what bare imaplib takes only to fetch them.

Both read the same Dovecot maildir without TLS, in rounds that take turns. Ours is the runner's `reconcile`
with the real IMAP source, the raw store on disk (one fsync a mail, before its row) and SQLite with
synchronous=FULL; the bare side throws the bytes away.
"""

from __future__ import annotations

import asyncio
import imaplib
import os
import pwd
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from benchmarks.ground import ACCOUNT, Result, folder_on_disk, fsync_ms, make_home
from bot.edge.store.writer import StoreThread
from bot.runner.inbox.intake import reconcile
from bot.wiring import open_house, open_lines
from tests.servers.dovecot import PASSWORD, Dovecot, running_dovecot

MAILS = 5_000
OCTETS = 14_000
ROUNDS = 3
#: UIDs in one bare FETCH: as many as ours asks for.
AT_ONCE = 500


def measure() -> list[Result]:
    """One result: our mails a second divided by the bare ones."""
    ours: list[float] = []
    bare: list[float] = []
    with running_dovecot() as dovecot, folder_on_disk() as disk:
        user = dovecot.new_user()
        _fill(dovecot, user)
        _fetch_bare(dovecot, user)  # Dovecot writes its index at the first look
        probe = fsync_ms(disk, OCTETS)
        with _counted_fsyncs() as fsyncs:
            for number in range(ROUNDS):
                folder = disk / str(number)
                folder.mkdir()
                for turn in ("ours", "bare") if number % 2 else ("bare", "ours"):
                    if turn == "ours":
                        ours.append(_keep_ours(folder, dovecot, user))
                    else:
                        bare.append(_fetch_bare(dovecot, user))
    ratio = statistics.median(o / b for o, b in zip(ours, bare, strict=True))
    a_mail = len(fsyncs) / (ROUNDS * MAILS)
    sentence = (
        f"{MAILS} mails fetched and kept durably at {statistics.median(ours):.0f}/s, {ratio:.2f} of bare "
        f"imaplib's {statistics.median(bare):.0f}/s; {a_mail:.2f} fsyncs a mail, each {probe:.2f} ms if alone"
    )
    facts = {
        "mails": MAILS,
        "octets": OCTETS,
        "rounds": ROUNDS,
        "ours_per_second": round(statistics.median(ours)),
        "bare_per_second": round(statistics.median(bare)),
        "fsyncs_per_mail": round(a_mail, 3),
        "fsync_ms": round(probe, 3),
    }
    return [Result(name="keep", sentence=sentence, value=ratio, aim=0.10, more_is_better=True, facts=facts)]


def _fill(dovecot: Dovecot, user: str) -> None:
    """Mails straight into the maildir."""
    home = dovecot.base / "home" / user
    maildir = home / "mail"
    for name in ("tmp", "new", "cur"):
        (maildir / name).mkdir(parents=True)
    paths = [home, maildir, *maildir.iterdir()]
    line = b"This sentence stands for what a mail says, and it is as long as lines are.\r\n"
    for number in range(MAILS):
        head = (
            f"From: someone@party{number}.example\r\nTo: shop@brindlecove.example\r\n"
            f"Subject: number {number}\r\nMessage-ID: <{number}@party.example>\r\n"
            "Date: Mon, 12 Jan 2026 09:00:00 +0000\r\n\r\n"
        ).encode("ascii")
        raw = head + line * ((OCTETS - len(head)) // len(line))
        path = maildir / "cur" / f"{1_700_000_000 + number}.M{number}.bench,S={len(raw)},W={len(raw)}:2,"
        path.write_bytes(raw)
        paths.append(path)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in paths:
            os.chown(path, nobody.pw_uid, nobody.pw_gid)


def _fetch_bare(dovecot: Dovecot, user: str) -> float:
    """Mails a second, from connecting to the last octet."""
    began = time.perf_counter()
    session = imaplib.IMAP4(dovecot.host, dovecot.port, timeout=60)
    session.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    session.login(user, PASSWORD)
    session.select("INBOX", readonly=True)
    _, found = session.uid("SEARCH", "ALL")
    uids = found[0].split()
    fetched = 0
    for start in range(0, len(uids), AT_ONCE):
        some = b",".join(uids[start : start + AT_ONCE]).decode("ascii")
        _, data = session.uid("FETCH", some, "(BODY.PEEK[])")
        fetched += sum(isinstance(part, tuple) for part in data)
    seconds = time.perf_counter() - began
    session.logout()
    assert fetched == MAILS
    return MAILS / seconds


def _keep_ours(folder: Path, dovecot: Dovecot, user: str) -> float:
    """Mails a second, from connecting to the last commit."""

    async def run() -> float:
        thread = StoreThread()
        with open_house(make_home(folder, dovecot, user)) as house:
            office = house.office
            async with open_lines(house) as lines:
                practice, source = office.practices[ACCOUNT], lines[ACCOUNT].source
                began = time.perf_counter()
                kept = await reconcile(office, practice, source, "INBOX", thread, read_all=True)
                seconds = time.perf_counter() - began
            assert kept == MAILS == len(office.store.mails(ACCOUNT, limit=MAILS + 1))
        thread.close()
        return MAILS / seconds

    return asyncio.run(run())


@contextmanager
def _counted_fsyncs() -> Iterator[list[int]]:
    """Every fsync of ours, SQLite's own commits not among them."""
    seen: list[int] = []
    fsync = os.fsync

    def counted(descriptor: int) -> None:
        seen.append(descriptor)
        fsync(descriptor)

    with patch("os.fsync", counted):
        yield seen
