"""What servers do to mailboxes: renumber, go back, show a mail twice or elsewhere: no second draft."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.ports import AlertKind
from tests.stories.mails import notice
from tests.stories.stage import MONDAY, Stage

DAY = timedelta(days=1)
FIRST, SECOND, THIRD = "17340981265", "17340981266", "17340981267"


def _renumbered(stage: Stage) -> None:
    stage.inbox.uidvalidity += 1
    stage.inbox.renumber()


def _recreated_and_filled_again(stage: Stage) -> None:
    """In another order, as an import from a backup does."""
    stage.inbox.uidvalidity += 1
    stage.inbox.mails.reverse()
    stage.inbox.renumber()


def _recreated_empty(stage: Stage) -> None:
    stage.inbox.uidvalidity += 1
    stage.inbox.mails.clear()


def _twice(stage: Stage) -> None:
    for mail in list(stage.inbox.mails):
        assert mail.raw is not None
        stage.inbox.put(mail.raw, stage.now)


def _in_another_mailbox(stage: Stage) -> None:
    stage.changes(watched=("INBOX", "Claims"))
    for mail in list(stage.inbox.mails):
        assert mail.raw is not None
        stage.inbox.put(mail.raw, stage.now, mailbox="Claims")


def _moved(stage: Stage) -> None:
    _in_another_mailbox(stage)
    stage.inbox.mails = [mail for mail in stage.inbox.mails if mail.mailbox == "Claims"]


def _uidnext_back(stage: Stage) -> None:
    """The newest mails are gone, and their numbers are given again: against RFC 9051 §2.3.1.1, and seen."""
    del stage.inbox.mails[1:]


FAULTS: list[Callable[[Stage], None]] = [
    _renumbered, _recreated_and_filled_again, _recreated_empty, _twice, _in_another_mailbox, _moved,
    _uidnext_back,
]  # fmt: skip


@pytest.mark.parametrize("happens", FAULTS, ids=lambda fault: fault.__name__.strip("_"))
def test_no_draft_comes_of_it_and_a_new_notice_is_still_heard(
    stage: Stage, happens: Callable[[Stage], None]
) -> None:
    stage.arrives(
        notice(FIRST, MONDAY), notice(SECOND, MONDAY, asin="B0ZG04SJF4", owner="ip@brackley.example")
    )
    drafts = {letter.letter_id for letter in stage.store.letters()}
    assert len(drafts) == 2
    happens(stage)
    for _ in range(3):
        stage.passes(timedelta(hours=2))
    assert {letter.letter_id for letter in stage.store.letters()} == drafts
    assert len(stage.store.cases()) == 2
    stage.arrives(notice(THIRD, stage.now, asin="B0ZG04SJF5", owner="ip@marlowe.example"))
    assert len(stage.store.cases()) == 3
    assert len(stage.store.letters()) == 3
    assert stage.server.bodies == []


def test_numbers_that_go_back_are_told_and_lose_no_mail(stage: Stage) -> None:
    """The new mail has the number of one that is gone; by its number alone it would pass for known."""
    stage.arrives(notice(FIRST, MONDAY), notice(SECOND, MONDAY, asin="B0ZG04SJF4"))
    stage.inbox.mails.clear()
    stage.arrives(notice(THIRD, stage.now, asin="B0ZG04SJF5", owner="ip@marlowe.example"))
    assert len(stage.store.cases()) == 3
    assert len(stage.told(AlertKind.RENUMBERED)) == 1
    stage.arrives(notice("17340981268", stage.now, asin="B0ZG04SJF6", owner="ip@dunmore.example"))
    assert len(stage.store.cases()) == 4
    assert len(stage.told(AlertKind.RENUMBERED)) == 1


def test_a_server_that_never_says_uidnext_may_lose_its_newest_mail(stage: Stage) -> None:
    """What we reckoned from the mails there are goes back whenever somebody deletes the newest."""
    stage.inbox.says_uidnext = False
    stage.arrives(notice(FIRST, MONDAY), notice(SECOND, MONDAY, asin="B0ZG04SJF4"))
    del stage.inbox.mails[1:]
    stage.passes(timedelta(hours=2))
    assert stage.told(AlertKind.RENUMBERED) == []
