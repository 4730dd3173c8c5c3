"""A mailbox with a year of mail in it takes no more memory than one with a day's."""

from __future__ import annotations

import gc
import random
from collections.abc import Iterator
from unittest.mock import patch

from bot.ports import Understood
from bot.runner.inbox.intake import READ_AT_ONCE
from tests.soak.script import ordinary
from tests.stories.stage import DirectReader, Stage


def test_what_was_made_of_a_mail_is_let_go_when_it_is_recorded(stage: Stage) -> None:
    """After a renumbering, or when a whole mailbox is taken on, all of it is understood in one turn."""
    chance = random.Random(1)
    mails = [ordinary(number, stage.now, chance) for number in range(5 * READ_AT_ONCE)]
    there: list[int] = []
    read_many = DirectReader.read_many

    async def noted(reader: DirectReader, raws: list[bytes]) -> list[Understood]:
        there.append(sum(1 for _ in understood()))
        return await read_many(reader, raws)

    with patch.object(DirectReader, "read_many", noted):
        stage.arrives(*mails)
    assert len(there) == 5
    assert max(there) <= READ_AT_ONCE
    assert stage.kinds() == ["Other"] * len(mails)


def understood() -> Iterator[Understood]:
    """All of them in this process."""
    gc.collect()
    return (one for one in gc.get_objects() if type(one) is Understood)
