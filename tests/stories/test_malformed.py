"""Mail that says different things to different readers: shown, kept, and nothing is taken from it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.case.model import State
from bot.case.reasons import Reason
from bot.review import ItemKind
from tests.stories.mails import notice, reply
from tests.stories.stage import Stage

#: What is put into the header of a mail so that readers differ on it.
WAYS = {
    "two types": b"Content-Type: text/html\r\n",
    "two encodings": b"Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit\r\n",
    "no field": b"this line is no field\r\n",
    "no such encoding": b"Content-Transfer-Encoding: x-other\r\n",
}


def bent(raw: bytes, way: str) -> bytes:
    if way == "two encodings":
        raw = raw.replace(b"Content-Transfer-Encoding: 7bit\r\n", b"")
    if way == "no such encoding":
        return raw.replace(b"Content-Transfer-Encoding: 7bit\r\n", WAYS[way])
    return raw.replace(b"MIME-Version", WAYS[way] + b"MIME-Version", 1)


@pytest.mark.parametrize("way", WAYS)
def test_a_genuine_notice_that_can_be_read_in_two_ways_opens_nothing(stage: Stage, way: str) -> None:
    raw = notice("17340981265", stage.now)
    stage.arrives(bent(raw, way))
    assert stage.store.cases() == ()
    assert stage.only(ItemKind.SUSPECT).reason == "malformed"
    assert len(stage.store.mails("shop")) == 1
    stage.passes(timedelta(days=30))
    assert stage.server.bodies == []
    # The same notice, whole: it is another mail, and opens its case.
    stage.arrives(notice("17340981265", stage.now))
    assert stage.state() is State.DRAFTED


@pytest.mark.parametrize("way", WAYS)
def test_a_malformed_answer_still_freezes_the_case(stage: Stage, way: str) -> None:
    letter = stage.inquires()
    stage.arrives(bent(reply(letter.message_id, stage.now, "We withdraw the complaint.\n"), way))
    assert stage.hold() is Reason.ANSWERED
    assert stage.only(ItemKind.SUSPECT).reason == "malformed"
