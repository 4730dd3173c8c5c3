"""Random names: their shape, and that two are not the same."""

from __future__ import annotations

import re

from bot.edge.ids import RandomIds
from bot.ports import Ids


def test_ids_have_the_shape_that_people_and_servers_can_carry() -> None:
    ids: Ids = RandomIds()
    for _ in range(200):
        assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{8}", ids.case_id())
        assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{12}", ids.letter_id())
        assert re.fullmatch(r"<rj\.[A-Z2-7]{26}@shop\.example>", ids.message_id("shop.example"))


def test_a_thousand_ids_are_a_thousand() -> None:
    ids = RandomIds()
    for draw in (ids.case_id, ids.letter_id, lambda: ids.message_id("shop.example")):
        assert len({draw() for _ in range(1_000)}) == 1_000
