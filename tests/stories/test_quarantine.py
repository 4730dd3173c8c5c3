"""A mail that cannot be read is read after an upgrade, and does then what it would have done."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.case.reasons import Reason
from bot.errors import NotPossible
from bot.reading.model import Understood
from bot.review import ItemKind
from bot.runner.desk import service
from bot.runner.inbox import quarantine
from tests.stories.mails import monster, notice, reply
from tests.stories.stage import Stage

MINUTE = timedelta(minutes=1)


class Upgraded:
    """A reader that is no longer upset by what upset the one before: it reads another mail in its place."""

    def __init__(self, stage: Stage, mail: bytes) -> None:
        self._reader, self._mail = stage.line.reader, mail

    async def read_many(self, raws: list[bytes]) -> list[Understood]:
        """The mail that the monster turned out to be."""
        return await self._reader.read_many([self._mail for _ in raws])


def retry(stage: Stage, reader: object) -> quarantine.Retried:
    (mail,) = quarantine.parked(stage.office, "shop", also_read=True)
    return asyncio.run(quarantine.retry(stage.office, stage.practice, reader, mail))  # type: ignore[arg-type]


def test_without_an_upgrade_it_stays_where_it_is(stage: Stage) -> None:
    stage.arrives(monster(stage.now))
    done = retry(stage, stage.line.reader)
    assert (done.taken, bool(done.why), stage.parked()) == (None, True, 1)
    assert stage.only(ItemKind.PARKED)


def test_an_answer_that_was_parked_holds_its_case_when_it_can_be_read(stage: Stage) -> None:
    letter = stage.inquires()
    stage.arrives(monster(stage.now, cites=letter.message_id))
    done = retry(stage, Upgraded(stage, reply(letter.message_id, stage.now, "We will look into it.")))
    assert done.taken is not None
    assert done.taken.result.kind == "Reply"
    assert stage.hold() is Reason.ANSWERED
    assert (stage.parked(), stage.items(ItemKind.PARKED)) == (0, [])
    assert quarantine.parked(stage.office, "shop") == ()


def test_a_notice_that_a_person_had_put_away_opens_its_case(stage: Stage) -> None:
    stage.arrives(monster(stage.now))
    service.approve(stage.office, stage.only(ItemKind.PARKED).number, "Ada")
    assert quarantine.parked(stage.office, "shop") == ()
    retry(stage, Upgraded(stage, notice("17340981265", stage.now)))
    assert stage.case().facts.complaint_id == "17340981265"
    with pytest.raises(NotPossible, match="in no quarantine"):
        quarantine.parked_mail(stage.office, 1)
