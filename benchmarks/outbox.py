"""Approved letters to accepted over one connection, every state durable, against bare aiosmtplib.

Each letter has its own case and three recipients: the complainant, Amazon in copy and a copy to yourself.
Ours is the runner's `send_due` with the real sender: the gate twice and two commits (BODY_GONE; accepted,
together with SENDING of the next one) in SQLite with synchronous=FULL. The bare side sends the same octets to
as many recipients and remembers nothing.

The aim holds against two real servers: aiosmtpd as a process of its own, and Postfix, which fsyncs each mail
into its queue (and leaves it there) before it says 250, as a provider does. smtp-sink is told beside them: it
reads nothing and keeps nothing, so what is compared there is SQLite with an empty loop.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import aiosmtplib
import pytest

from benchmarks.ground import ACCOUNT, Result, folder_on_disk, fsync_ms, make_home, open_ready_cases
from bot.case.model import State
from bot.draft.model import Letter
from bot.edge.smtp.sender import SmtpSender
from bot.edge.smtp.settings import SmtpSettings
from bot.edge.store.writer import StoreThread
from bot.ports import Cursor, Leased
from bot.review import ItemKind
from bot.runner.desk import service
from bot.runner.office import Office
from bot.runner.outbox.sending import send_due
from bot.runner.steps.drafting import write_drafts
from bot.wiring import open_house
from tests.servers.dovecot import running_dovecot
from tests.servers.postfix import running_postfix
from tests.servers.smtp import running_aiosmtpd, running_smtp_sink
from tests.stories.stage import Bells, SetClock

ROUNDS = 6
LETTERS = 50  #: in each round
AIM = 0.2  #: of the bare rate


#: Anybody on this machine may send through it, and nothing is delivered: it stays in the queue.
_TAKES_AND_KEEPS = """\
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
defer_transports = maildir
"""


def measure() -> list[Result]:
    """Our letters a second divided by the bare ones, for each server."""
    with folder_on_disk() as disk, running_aiosmtpd() as port:
        results = [_measured(disk, port, "outbox", "aiosmtpd", aim=AIM)]
    with folder_on_disk() as disk, running_smtp_sink() as port:
        results.append(_measured(disk, port, "outbox-sink", "smtp-sink", aim=None))
    try:
        with (
            folder_on_disk() as disk,
            running_dovecot() as dovecot,
            # Beside our folder and on the same disk: ours is closed to the user that Postfix runs as.
            running_postfix(dovecot, str(disk.parent), _TAKES_AND_KEEPS) as postfix,
        ):
            results.append(_measured(disk, postfix.port, "outbox-postfix", "Postfix", aim=AIM))
    except pytest.skip.Exception as missing:
        print(f"not measured against Postfix: {missing}")
    return results


def _measured(disk: Path, port: int, name: str, server: str, *, aim: float | None) -> Result:
    probe = fsync_ms(disk, 4096)
    ours, bare = asyncio.run(run_rounds(disk, port, StoreThread()))
    ratio = statistics.median(o / b for o, b in zip(ours, bare, strict=True))
    sentence = (
        f"{ROUNDS * LETTERS} approved letters accepted by {server} at {statistics.median(ours):.0f}/s, "
        f"{ratio:.3f} of bare aiosmtplib's {statistics.median(bare):.0f}/s; 2 commits each, an fsync takes "
        f"{probe:.2f} ms"
    )
    facts = {
        "letters": ROUNDS * LETTERS,
        "rounds": ROUNDS,
        "ours_per_second": round(statistics.median(ours)),
        "bare_per_second": round(statistics.median(bare)),
        "fsync_ms": round(probe, 3),
    }
    return Result(name=name, sentence=sentence, value=ratio, aim=aim, more_is_better=True, facts=facts)


class _Running(SetClock):
    """A clock that runs, and can be set forward: what is asked of a moment differs each time."""

    def __init__(self) -> None:
        super().__init__()
        self._began = time.monotonic()

    def now(self) -> datetime:
        return self.moment + timedelta(seconds=time.monotonic() - self._began)


async def run_rounds(disk: Path, port: int, thread: StoreThread) -> tuple[list[float], list[float]]:
    """Letters a second of every round: ours, bare. Closes the thread."""
    clock = _Running()
    sender = SmtpSender(SmtpSettings(host="127.0.0.1", port=port, security="none", auth="none"))
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False, local_hostname="[127.0.0.1]")
    ours: list[float] = []
    bare: list[float] = []
    with open_house(make_home(disk), clock=clock, notifier=Bells()) as house:
        office = house.office
        assert isinstance(office.store, Leased)
        office.store.take_lease(clock.now(), alone=True)  # as a daemon does: asked in each transaction
        open_ready_cases(office.store, ROUNDS * LETTERS)
        # The server of this benchmark has no mailboxes, so no Sent to be read first.
        office.practices[ACCOUNT] = replace(office.practices[ACCOUNT], sent="")
        write_drafts(office, office.practices[ACCOUNT])
        await client.connect()
        for number in range(ROUNDS):
            letters = await _approve_some(office, clock, sender, thread)
            for turn in ("ours", "bare") if number % 2 else ("bare", "ours"):
                if turn == "ours":
                    ours.append(await _send_ours(office, sender, thread))
                else:
                    bare.append(await _send_bare(office, client, letters))
        sent = office.store.letters(account_id=ACCOUNT, states=(State.AWAITING,))
        assert len(sent) == ROUNDS * LETTERS
        await sender.close()
        await client.quit()
    thread.close()
    return ours, bare


async def _approve_some(
    office: Office, clock: _Running, sender: SmtpSender, thread: StoreThread
) -> list[Letter]:
    """Approve the next letters, let the undo window pass, and note that the mailbox was read after it."""
    waiting = office.store.letters(account_id=ACCOUNT, states=(State.DRAFTED,))[:LETTERS]
    by_subject = {item.subject: item.number for item in office.store.items(kind=ItemKind.DRAFT)}
    for letter in waiting:
        service.approve(office, by_subject[f"letter:{letter.letter_id}"], "Ada")
    # A daemon comes by in the undo window; nothing may leave before it is over.
    early = await send_due(office, office.practices[ACCOUNT], sender, thread)
    assert early.attempted == 0, early
    clock.moment += timedelta(minutes=11)
    office.store.set_cursor(ACCOUNT, "INBOX", Cursor(uidvalidity=1, last_uid=1))
    office.store.reconciled(ACCOUNT, "INBOX", clock.now())
    return [office.store.letter(letter.letter_id) for letter in waiting]


async def _send_ours(office: Office, sender: SmtpSender, thread: StoreThread) -> float:
    began = time.perf_counter()
    turn = await send_due(office, office.practices[ACCOUNT], sender, thread)
    seconds = time.perf_counter() - began
    assert turn.attempted == LETTERS, turn
    return LETTERS / seconds


async def _send_bare(office: Office, client: aiosmtplib.SMTP, letters: list[Letter]) -> float:
    mails = []
    for letter in letters:
        assert letter.approval is not None
        envelope = letter.approval.envelope
        recipients = [recipient.address for recipient in envelope.recipients]
        assert len(recipients) == 3
        mails.append((envelope.mail_from, recipients, office.raw.get(letter.approval.raw_sha256)))
    began = time.perf_counter()
    for mail_from, recipients, raw in mails:
        await client.sendmail(mail_from, recipients, raw)
    return LETTERS / (time.perf_counter() - began)
