"""The restored laptop: it comes back from a week-old backup, and its mailbox knows a week that it does not.

Everything is real: Dovecot, an SMTP server, SQLite, the backup, the daemon's own loops and the commands.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from unittest import mock

import pytest

from bot.case.model import Case, State
from bot.case.reasons import Reason
from bot.edge.backup.write import write_backup
from bot.edge.clock import SystemClock
from bot.ports import MailStatus, Store
from bot.review import ItemKind, track_subject
from bot.runner.desk import service
from tests.cli.conftest import Answer, Typed
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer, running_smtp_server
from tests.stories.mails import notice, reply
from tests.stories.test_real_servers import Scene, home_on, scene

pytestmark = pytest.mark.servers

#: Complaint → who complains: one who stays silent, one who answers, one who complains after the backup.
SILENT, ANSWERS, LATER = "17340981265", "17340981266", "17340981267"
WHO = {SILENT: "ip@silent.example", ANSWERS: "ip@answers.example", LATER: "ip@later.example"}
ASINS = {SILENT: "B0ZG04SJF3", ANSWERS: "B0ZG04SJF4", LATER: "B0ZG04SJF5"}


def case_of(store: Store, complaint: str) -> Case:
    (case,) = store.cases_of_complaint("shop", (complaint,))
    return case


def all_read(store: Store, moment: datetime) -> bool:
    """Every mailbox was read at this moment, and every mail of it understood."""
    rows = store.mailboxes("shop")
    read = {row.mailbox for row in rows if row.reconciled_at and row.reconciled_at >= moment}
    return read == {"INBOX", "Sent"} and not store.mails("shop", status=MailStatus.UNREAD, limit=1)


async def complains(at: Scene, dovecot: Dovecot, user: str, complaint: str) -> None:
    """A notice comes, and its inquiry waits for a yes."""
    raw = notice(complaint, at.clock.moment, owner=WHO[complaint], asin=ASINS[complaint])
    await asyncio.to_thread(dovecot.deliver, user, raw)
    await at.until(lambda: draft_to(at, WHO[complaint]) is not None)


def draft_to(at: Scene, address: str) -> int | None:
    """The item of the one draft to this address."""
    store = at.store()
    found = {f"letter:{one.letter_id}" for one in store.letters(states=(State.DRAFTED,)) if one.to == address}
    return next((i.number for i in store.items() if i.kind is ItemKind.DRAFT and i.subject in found), None)


async def leaves(at: Scene, smtp: SmtpServer, address: str) -> str:
    """The draft to this address is approved and leaves; its Message-ID."""
    number, sent = draft_to(at, address), len(smtp.received)
    assert number is not None
    letter = service.approve(at.house.office, number, "Ada").letter
    at.clock.move(timedelta(minutes=11))
    await at.until(lambda: len(smtp.received) == sent + 1)
    await at.until(lambda: at.store().letter(letter.letter_id).sent_copy == "filed")
    return letter.message_id


async def first_week(at: Scene, smtp: SmtpServer, dovecot: Dovecot, user: str, backup: Path) -> None:
    """One letter left and one was approved when the backup was made; then a busy week."""
    await at.until(lambda: bool(at.store().mailboxes("shop")))
    await complains(at, dovecot, user, SILENT)
    await leaves(at, smtp, WHO[SILENT])
    await complains(at, dovecot, user, ANSWERS)
    number = draft_to(at, WHO[ANSWERS])
    assert number is not None
    inquiry = service.approve(at.house.office, number, "Ada").letter
    await asyncio.to_thread(write_backup, at.house.settings, backup, version="0", now=at.clock.now)

    at.clock.move(timedelta(minutes=11))
    await at.until(lambda: at.store().letter(inquiry.letter_id).sent_copy == "filed")
    at.clock.move(timedelta(days=4))
    await at.until(lambda: draft_to(at, WHO[SILENT]) is not None)
    await leaves(at, smtp, WHO[SILENT])
    answer = reply(inquiry.message_id, at.clock.moment, "We look into it.", sender=WHO[ANSWERS])
    await asyncio.to_thread(dovecot.deliver, user, answer)
    await at.until(lambda: case_of(at.store(), ANSWERS).tracks[0].hold is Reason.ANSWERED)
    await complains(at, dovecot, user, LATER)
    await leaves(at, smtp, WHO[LATER])
    at.clock.move(timedelta(days=2))
    await at.until(lambda: all_read(at.store(), at.clock.moment))


@contextmanager
def on_the_clock(moment: datetime) -> Iterator[None]:
    """What is typed in the terminal is typed at this moment."""
    with mock.patch.object(SystemClock, "now", return_value=moment):
        yield


def letters_that_left(smtp: SmtpServer) -> list[tuple[str, str]]:
    """To whom and which, as the server took them; a copy to ourselves alone is none."""
    told = [message_from_bytes(mail.data) for mail in smtp.received if len(mail.recipients) > 1]
    return [(mail["To"], mail["Message-ID"]) for mail in told]


def test_a_laptop_comes_back_from_a_week_old_backup(tmp_path: Path, dovecot: Dovecot) -> None:
    user, backup, laptop = dovecot.new_user(), tmp_path / "monday.tar.gz", tmp_path / "laptop"

    def type_in(*words: str) -> Answer:
        done = Typed(laptop)(*words)
        assert done.status == 0, (words, done.out, done.err)
        return done

    async def before(smtp: SmtpServer) -> datetime:
        home = home_on(tmp_path, dovecot, smtp, user)
        async with scene(home) as at:
            await first_week(at, smtp, dovecot, user, backup)
            return at.clock.moment

    async def catches_up(smtp: SmtpServer, moment: datetime) -> None:
        """The daemon runs on the copy before anybody checked anything."""
        async with scene(laptop, moment=moment) as at:
            assert at.house.settings.safe_mode
            await at.until(lambda: all_read(at.store(), moment))
            await at.until(lambda: bool(case_of(at.store(), LATER).tracks[0].hold))
            silent, answers, later = (case_of(at.store(), one).tracks[0] for one in (SILENT, ANSWERS, LATER))
            # Its reminder, and the first letter about a complaint that it had never heard of, lie in Sent.
            assert (silent.hold, len(silent.attempts)) == (Reason.CONTACT_OUTSIDE, 2)
            assert (later.hold, len(later.attempts)) == (Reason.CONTACT_OUTSIDE, 1)
            assert answers.hold is Reason.ANSWERED
            at.clock.move(timedelta(minutes=30))
            await at.until(lambda: all_read(at.store(), at.clock.moment))
            assert at.store().letters(states=(State.DRAFTED, State.APPROVED)) == ()
            assert at.house.office.breaker.why() is None, "its own original is nobody else"

    async def goes_on(smtp: SmtpServer, moment: datetime) -> None:
        """A person has checked, and lets the silent one be reminded a second time."""
        async with scene(laptop, moment=moment) as at:
            assert not at.house.settings.safe_mode
            await at.until(lambda: all_read(at.store(), moment))
            silent = track_subject(case_of(at.store(), SILENT).case_id, "1")
            (held,) = [item for item in at.store().items() if item.subject == silent]
            service.resume(at.house.office, held.number, "Ada", "reminder-2")
            at.daemon.ring()
            await at.until(lambda: draft_to(at, WHO[SILENT]) is not None)
            await leaves(at, smtp, WHO[SILENT])

    with running_smtp_server(tmp_path, security="tls", auth=True) as smtp:
        moment = asyncio.run(before(smtp))
        assert len(letters_that_left(smtp)) == 4
        shutil.rmtree(tmp_path / "home")
        with on_the_clock(moment):
            told = type_in("restore", str(backup), str(laptop))
            assert "It starts in safe mode. Next: rejoinder restored" in " ".join(told.out.split())
            (note,) = (n for n in type_in("queue", "--json").json["notes"] if n["name"] == "restored")
            assert "this is a copy restored from a backup" in note["text"]
            assert "`rejoinder restored`" in note["text"]
            assert note["text"].count(".") == 1
        asyncio.run(catches_up(smtp, moment))
        assert len(letters_that_left(smtp)) == 4, "nothing left but to ourselves"
        with on_the_clock(moment + timedelta(hours=1)):
            assert "Checked." in type_in("restored", "--i-have-checked").out
            assert not [n for n in type_in("queue", "--json").json["notes"] if n["name"] == "restored"]
            assert type_in("verify").status == 0
        asyncio.run(goes_on(smtp, moment + timedelta(hours=2)))
        left = letters_that_left(smtp)
        assert len(left) == len(set(left)) == 5
        assert [to for to, _ in left].count(left[-1][0]) == 3
