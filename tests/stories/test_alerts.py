"""What a person is told as cases go their way, and that an alert never starts anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.edge.alerts.announcer import make_alert
from bot.edge.alerts.wording import as_mail
from bot.edge.home import Loaded
from bot.edge.ids import RandomIds
from bot.ports import AlertKind
from bot.reading.read import ReadingContext
from bot.review import ItemKind
from bot.runner.desk import service
from bot.runner.inbox.freshness import all_fresh
from tests.stories.mails import OWNER, SELLER, bounce, monster, notice, out_of_office, reply
from tests.stories.stage import NO_SUCH_USER, Stage

ANNA = "anna@private.example"
DAY = timedelta(days=1)
ID = "17340981265"


@pytest.fixture
def stage(loaded: Loaded, reading: ReadingContext) -> Stage:
    """A seller who is told by mail to a second address."""
    return Stage(loaded, replace(reading, own_addresses=reading.own_addresses | {ANNA}))


def told(stage: Stage) -> list[AlertKind]:
    """Kinds told since the last look."""
    kinds = [kind for kind, _ in stage.bells.rung]
    stage.bells.rung.clear()
    return kinds


def test_a_draft_is_told_with_its_number_and_without_a_name_in_the_text(stage: Stage) -> None:
    stage.arrives(notice(ID, stage.now))
    ((kind, text),) = stage.bells.rung
    number = stage.waiting().number
    about = f"complaint {ID}, {OWNER}"
    assert kind is AlertKind.NEW_ITEM
    assert text == f"a letter waits for your approval (item {number}) {about}"


def test_a_reply_and_a_bounce_are_told_as_what_they_are(stage: Stage) -> None:
    letter = stage.inquires()
    told(stage)
    stage.arrives(out_of_office(letter.message_id, stage.now))
    assert told(stage) == []
    stage.arrives(reply(letter.message_id, stage.now, "What do you want?\n"))
    assert told(stage) == [AlertKind.REPLY]
    other = stage.inquires("17340981266", owner="ip@quillmarsh.example", token="2")
    told(stage)
    stage.arrives(bounce(other.message_id, "ip@quillmarsh.example", stage.now))
    assert told(stage) == [AlertKind.BOUNCE]


def test_a_second_reply_is_told_although_the_case_is_held_already(stage: Stage) -> None:
    letter = stage.inquires()
    stage.arrives(reply(letter.message_id, stage.now, "What do you want?\n", token="1"))
    told(stage)
    stage.arrives(reply(letter.message_id, stage.now, "Are you there?\n", token="2"))
    assert told(stage) == [AlertKind.REPLY]


def test_a_copy_that_came_back_is_a_bounce_and_a_delay_is_nothing(stage: Stage) -> None:
    letter = stage.inquires()
    told(stage)
    stage.arrives(bounce(letter.message_id, OWNER, stage.now, status="4.4.1", token="1"))
    assert told(stage) == []
    stage.arrives(bounce(letter.message_id, "notice-retraction@amazon.com", stage.now, token="2"))
    assert told(stage) == [AlertKind.BOUNCE]


def test_what_cannot_be_read_or_sent_is_told_with_its_item(stage: Stage) -> None:
    stage.arrives(monster(stage.now))
    ((_, text),) = stage.bells.rung
    assert f"(item {stage.only(ItemKind.PARKED).number})" in text
    service.reject(stage.office, stage.only(ItemKind.PARKED).number, "read", "Ada")
    stage.bells.rung.clear()
    stage.server.answers = [NO_SUCH_USER]
    stage.inquires()
    held = stage.only(ItemKind.HOLD)
    texts = stage.told(AlertKind.NEW_ITEM)
    assert any(f"(item {held.number})" in text and "refused" in text for text in texts)


@pytest.mark.parametrize("names", [False, True])
def test_an_alert_in_a_watched_mailbox_and_what_comes_back_on_it_start_nothing(
    stage: Stage, names: bool
) -> None:
    stage.inquires()
    text = f"about complaint {ID} and B0ZG04SJF3"
    alert = make_alert(stage.clock, AlertKind.REPLY, "shop", text, detail=f"complaint {ID}, {OWNER}")
    message_id = RandomIds().alert_message_id("brindlecove.example")
    raw = as_mail([alert], stage.now, mail_from=SELLER, to=ANNA, message_id=message_id, names=names)
    items, diary = stage.items(), stage.store.diary(stage.case().case_id)
    told(stage)

    stage.arrives(raw)
    answer = f"Which one? We withdraw complaint {ID}.\n"
    stage.arrives(reply(message_id, stage.now, answer, sender=ANNA, token="1"))
    away = out_of_office(message_id, stage.now).replace(OWNER.encode(), ANNA.encode())
    stage.arrives(away)
    stage.arrives(bounce(message_id, ANNA, stage.now))
    assert told(stage) == []
    assert stage.items() == items
    assert stage.store.diary(stage.case().case_id) == diary
    assert stage.kinds()[-4:-1] == ["OwnCopy"] * 3


def test_a_strangers_mail_is_read_although_it_cites_an_alert(stage: Stage) -> None:
    stage.inquires()
    told(stage)
    message_id = RandomIds().alert_message_id("brindlecove.example")
    stage.arrives(reply(message_id, stage.now, f"About complaint {ID}: no.\n"))
    assert stage.only(ItemKind.CLAIM)
    assert told(stage)


def test_a_heartbeat_asks_whether_every_mailbox_was_read_in_time(stage: Stage) -> None:
    assert not all_fresh(stage.office)  # never read
    stage.listen()
    assert all_fresh(stage.office)
    stage.clock.moment += timedelta(minutes=15)
    assert all_fresh(stage.office)
    stage.clock.moment += timedelta(seconds=1)
    assert not all_fresh(stage.office)
    stage.listen()
    stage.changes(watched=("INBOX", "Junk"))
    assert not all_fresh(stage.office)
