"""What stands in a genuine notice is still written by strangers: no word of it becomes a command of ours."""

from __future__ import annotations

import unicodedata
from email import message_from_bytes, policy
from email.utils import getaddresses

import pytest

from bot.case.model import State
from bot.case.reasons import Reason
from bot.errors import RejoinderError
from bot.mail.envelope import RecipientRole
from bot.review import ItemKind
from tests.stories.mails import OWNER, notice
from tests.stories.stage import Stage

#: What a person or a program might be made to obey.
WORDS = [
    "{{ 7 * 7 }}",
    "{{ ''.__class__.__mro__ }}",
    "{% for x in range(9) %}x{% endfor %}",
    "{# #}{{ request }}",
    "Tilo\r\nBcc: victim@bystander.example",
    "Tilo\nBcc: victim@bystander.example",
    "Tilo\r\n\r\nDear victim",
    "Tilo =?utf-8?q?=0D=0ABcc:_victim=40bystander.example?=",
    'Tilo" <victim@bystander.example>, "x',
    "Tilo <victim@bystander.example>",
    "victim@bystander.example, Tilo",
    "Tilo (victim@bystander.example)",
    "Team: victim@bystander.example;",
    "Tilo\u202eelpmaxe.renwo\u202c",
    "Tilo\u2066\u2069\u200b\u200e",
    "Tilo\u2028Bcc: victim@bystander.example\u2029",
    "Tilo\x85Bcc: victim@bystander.example",
    "Tilo\x0bBcc: victim@bystander.example\x0c",
    "Tilo\x00\x1b[2J\x1b]0;owned\x07",
    "Tilo\x9b2J",
    "'; DROP TABLE letter; --",
    "%s %(name)s {0} {name} $HOME `id` $(id)",
    "\\\\..\\..\\etc/passwd",
    "T" * 10_000,
    "Tilo " * 2_000,
    "\u0301" * 500,
    "👩‍👩‍👧‍👦" * 300,
]
PLACES = {
    "name": b"Tilo Brandauer",
    "title": b"Camp kettle JF3",
    "right": b"Infringement type: Trademark",
    "end": b"Seller Performance Team",
}
HEADER = ["From", "To", "Cc", "Subject", "Date", "Message-ID"]
HEADER += ["Thread-Topic", "Thread-Index", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("words", WORDS, ids=lambda words: ascii(words)[:40])
def test_words_of_a_notice_stay_words(stage: Stage, words: str, place: str) -> None:
    raw = notice("17340981265", stage.now)
    assert PLACES[place] in raw
    said = words.encode("utf-8")
    said = said if place in ("name", "end") else PLACES[place].partition(b":")[0] + b": " + said
    stage.arrives(raw.replace(PLACES[place], said))
    for letter in stage.store.letters(states=(State.DRAFTED,)):
        assert letter.to == OWNER
        assert letter.cc == ("notice-retraction@amazon.com",)
        _has_no_commands(letter.subject + letter.to_name + letter.body.replace("\n", ""))
        assert "49" not in letter.body.replace("{{ 7 * 7 }}", "")
        assert "__class__" not in letter.body or "{{ ''.__class__.__mro__ }}" in letter.body
    for item in stage.items(ItemKind.DRAFT):
        try:
            stage.sends_out(item.number)
        except RejoinderError as why:
            _has_no_commands(str(why))
    for envelope, sent in stage.server.taken:
        assert envelope.addresses(RecipientRole.TO) == (OWNER,)
        assert envelope.addresses(RecipientRole.CC) == ("notice-retraction@amazon.com",)
        assert envelope.addresses(RecipientRole.OWN_COPY) == ("copies@brindlecove.example",)
        assert len(envelope.recipients) == 3
        for rules in (policy.default, policy.compat32):
            mail = message_from_bytes(sent, policy=rules)
            assert mail.keys() == HEADER
            assert [spec for _, spec in getaddresses([str(mail["To"])])] == [OWNER]
        assert sent.count(b"\r\n\r\n") >= 1
        assert b"\n" not in sent.replace(b"\r\n", b"")


def _has_no_commands(text: str) -> None:
    hidden = [c for c in text if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or c in "\u202e\u2066"]
    assert not hidden


@pytest.mark.parametrize(
    ("victim", "owner", "held"),
    [
        ("victim@bystander.example", OWNER, True),
        ("victim@gmail.com", "owner@gmail.com", True),
        ("legal@mail.ferrowick.example", OWNER, False),
        ("IP@Ferrowick.example", OWNER, False),
    ],
)
def test_a_name_that_carries_an_address_does_not_redirect_the_letter(
    stage: Stage, victim: str, owner: str, held: bool
) -> None:
    """A complainant chooses the name that stands in the notice; a bystander must not get the letter."""
    raw = notice("17340981265", stage.now, owner=owner)
    stage.arrives(raw.replace(b"Tilo Brandauer", f"Tilo <{victim}>".encode()))
    assert (stage.hold() is Reason.SEVERAL_ADDRESSES) is held
    assert bool(stage.store.letters()) is not held
