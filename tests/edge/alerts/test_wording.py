"""What an alert says: no names unless asked for, one line each, a mail that machines leave alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.edge.alerts.wording import HEADLINES, Alert, as_json, as_mail, plain_text, sentence, subject
from bot.edge.ids import RandomIds
from bot.mail.thread import is_alert, is_ours
from bot.ports import AlertKind

NOW = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
NAMED = "complaint 17340981265, ip@harrowgate.example"


def alert(**changes: Any) -> Alert:
    usual: dict[str, Any] = {
        "alert_id": "a1",
        "at": NOW,
        "kind": AlertKind.NEW_ITEM,
        "account": "shop",
        "text": "a letter waits for your approval",
        "item": 12,
        "detail": NAMED,
    }
    return Alert(**(usual | changes))


def test_every_kind_has_its_headline() -> None:
    assert set(HEADLINES) == set(AlertKind)


def test_names_are_told_only_where_they_are_allowed() -> None:
    one = alert()
    assert sentence(one, names=False) == "shop: a letter waits for your approval"
    assert sentence(one, names=True) == f"shop: a letter waits for your approval ({NAMED})"


def test_an_address_that_slipped_into_a_text_is_taken_out() -> None:
    slipped = alert(text="the login of shop@brindlecove.example is refused")
    assert sentence(slipped, names=False) == "shop: the login of (an address) is refused"


@given(text=st.text(), detail=st.text(), names=st.booleans())
def test_whatever_a_server_says_stays_one_harmless_line(text: str, detail: str, names: bool) -> None:
    line = sentence(alert(text=text, detail=detail), names=names)
    assert line.isprintable()
    assert len(line) <= 2 * 300 + len("shop:  ()")
    assert names or "@" not in line
    as_mail([alert(text=text, detail=detail)], NOW, mail_from="a@b.example", to="c@d.example",
            message_id="<rj.alert.AAAAAAAAAAAAAAAA@b.example>", names=names)  # fmt: skip


def test_the_subject_names_the_most_urgent_first() -> None:
    kinds = [AlertKind.NEW_ITEM, AlertKind.BOUNCE, AlertKind.NEW_ITEM]
    assert subject([alert(kind=kind) for kind in kinds]) == (
        "Rejoinder: a letter came back, 2 things wait for you"
    )
    every = subject([alert(kind=kind) for kind in AlertKind])
    assert every.startswith("Rejoinder: mail is not read any more, ")
    assert every.endswith(", and more")


def test_the_text_has_the_moment_the_sentence_and_what_to_type() -> None:
    text = plain_text([alert(), alert(kind=AlertKind.INTAKE_STOPPED, text="stopped", item=None)], names=False)
    assert text == (
        "2026-01-12 09:00 UTC\n  shop: a letter waits for your approval\n    rejoinder show 12\n\n"
        "2026-01-12 09:00 UTC\n  shop: stopped\n\n"
        "Rejoinder wrote this by itself, and to you alone. Do not answer it: nobody reads that.\n"
    )


def test_the_json_is_complete_and_without_names() -> None:
    told = json.loads(as_json([alert(), alert(account="", item=None)], NOW, names=False))
    assert told == {
        "version": 1,
        "sent_at": "2026-01-12T09:00:00+00:00",
        "subject": "Rejoinder: 2 things wait for you",
        "alerts": [
            {"id": "a1", "kind": "new-item", "account": "shop", "at": "2026-01-12T09:00:00+00:00",
             "text": "shop: a letter waits for your approval", "item": 12},
            {"id": "a1", "kind": "new-item", "account": None, "at": "2026-01-12T09:00:00+00:00",
             "text": "a letter waits for your approval", "item": None},
        ],
    }  # fmt: skip


def test_the_mail_is_a_machines_and_its_id_is_an_alerts_and_no_letters() -> None:
    message_id = RandomIds().alert_message_id("brindlecove.example")
    raw = as_mail(
        [alert()],
        NOW,
        mail_from="shop@brindlecove.example",
        to="anna@private.example",
        message_id=message_id,
        names=False,
    )
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["To"] == "anna@private.example"
    assert mail["From"] == "Rejoinder <shop@brindlecove.example>"
    assert mail["Cc"] is None
    assert mail["Message-ID"] == message_id
    assert is_alert(message_id)
    assert not is_ours(message_id)
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().splitlines()[2] == "    rejoinder show 12"
