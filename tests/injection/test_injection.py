"""Every payload in every field that comes from mail: no command, field, recipient, log line or escape."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.utils import getaddresses
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from bot.case.model import State
from bot.cli.page_parts import mail_lines
from bot.cli.pages import page_of, shown_mail
from bot.edge.imap.arguments import refuse_controls, searchable_message_id
from bot.edge.log import Redactor
from bot.edge.smtp.sender import SmtpSender
from bot.edge.smtp.settings import SmtpSettings
from bot.errors import NotPossible, RejoinderError
from bot.mail import compose as composing
from bot.mail.envelope import Envelope, RecipientRole
from bot.ports import SubmissionAccepted
from bot.review import ItemKind
from tests.injection.payloads import OF_NOTICES, PAYLOADS, VICTIM, of_answers
from tests.servers.smtp import running_smtp_server
from tests.stories.mails import OWNER, notice
from tests.stories.stage import Stage

FIELDS = ["From", "To", "Cc", "Subject", "Date", "Message-ID"]
FIELDS_AFTER = ["Thread-Topic", "Thread-Index", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]
MORE = ["In-Reply-To", "References"]
#: Who may ever receive a letter of this room, besides the owner.
COPIES = {"notice-retraction@amazon.com", "copies@brindlecove.example"}
#: Where the words stand in the only address of the notice, it is the notice that names another owner.
IN_THE_ADDRESS = ("local part", "domain")


@dataclass
class Seen:
    """What came out of the room, and what of it was wrong."""

    tried: int = 0
    letters: list[tuple[Envelope, bytes]] = field(default_factory=list)
    wrong: Counter[tuple[str, str]] = field(default_factory=Counter)  #: (field, what is wrong)

    def look(self, stage: Stage, logs: list[dict[str, object]], name: str) -> None:
        for envelope, raw in stage.server.taken:
            to = envelope.addresses(RecipientRole.TO)[0] if name in IN_THE_ADDRESS else OWNER
            assert to == OWNER or name in IN_THE_ADDRESS
            self.letters += [(envelope, raw)] if to == OWNER else []
            self.wrong.update((name, fault) for fault in faults_of_letter(envelope, raw, to))
        for item in stage.store.items()[:1]:
            page = page_of(stage.office, item)
            lines = [str(one.text if hasattr(one, "text") else one) for one in _lines(stage, page)]
            self.wrong[name, "escape"] += any(_moves(line) for line in lines)
        for mail in stage.store.mails("shop"):
            if mail.message_id is not None:
                self.wrong[name, "IMAP"] += not _searchable(mail.message_id)
        self.wrong[name, "log line"] += sum("\n" in _rendered(entry) for entry in logs)


def _lines(stage: Stage, page: object) -> Iterator[object]:
    for mail in stage.store.mails("shop"):
        shown = shown_mail(stage.office, mail.mail_id)
        if shown is not None:
            yield from mail_lines(shown, 80, page)  # type: ignore[arg-type]


def _moves(line: str) -> bool:
    """It would move the cursor, hide text or turn it round."""
    return any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in line)


def _searchable(message_id: str) -> bool:
    try:
        refuse_controls(message_id)
        searchable_message_id(message_id)
    except NotPossible:
        return True  # refused by its form, and never sent
    except RejoinderError:
        return False
    return True


def _rendered(entry: dict[str, object]) -> str:
    """As `bot.edge.log` would write it."""
    render = structlog.processors.JSONRenderer(ensure_ascii=False)
    said = render(logging.getLogger(), "info", Redactor()(logging.getLogger(), "info", dict(entry)))
    assert json.loads(said)
    return str(said)


def faults_of_letter(envelope: Envelope, raw: bytes, to: str = OWNER) -> list[str]:
    """Names of what is wrong with an outgoing mail; none of it may ever be."""
    wrong: list[str] = []
    recipients = {one.address for one in envelope.recipients}
    if not recipients <= COPIES | {to} or len(recipients) != len(envelope.recipients):
        wrong.append("recipient")
    if envelope.addresses(RecipientRole.TO) != (to,):
        wrong.append("addressee")
    for rules in (policy.default, policy.compat32):
        mail = message_from_bytes(raw, policy=rules)
        own = [name for name in mail if name not in MORE]
        if own != FIELDS + FIELDS_AFTER:
            wrong.append("field")
        if {spec for _, spec in getaddresses([str(mail["To"])])} != {to}:
            wrong.append("To")
        if mail.is_multipart():
            wrong.append("part")
    head, _, body = raw.partition(b"\r\n\r\n")
    if re.search(rb"[^\r]\n|\r[^\n]|[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", head):
        wrong.append("control in the header")
    if b"\n" in body.replace(b"\r\n", b"") or b"\x00" in body or b"\x1b" in body:
        wrong.append("control in the body")
    return wrong


def notices(stage: Stage, seen: Seen) -> None:
    """Each payload in each field of a notice; whatever is drafted is approved and leaves."""
    for name, bend in OF_NOTICES.items():
        for words in PAYLOADS.values():
            _fresh(stage)
            with capture_logs() as logs:
                stage.arrives(bend(stage.now, words))
                _send_everything(stage)
            seen.tried += 1
            seen.look(stage, logs, name)  # type: ignore[arg-type]


def _send_everything(stage: Stage) -> None:
    said: list[str] = []
    for item in stage.items(ItemKind.DRAFT):
        try:
            stage.approve(item.number)
        except RejoinderError as why:
            said.append(str(why))
    assert not any(_moves(one.replace("\n", "")) for one in said)
    stage.passes(timedelta(minutes=11))


def _fresh(stage: Stage) -> None:
    """An empty house, without reading the rules again."""
    stage.__init__(stage.house.loaded, stage.line.reader.context)  # type: ignore[misc]


def answers(stage: Stage, seen: Seen) -> None:
    """Every third payload in each field of what comes back; then the next letter is written and leaves."""
    for name in of_answers("<x@y.example>"):
        for words in list(PAYLOADS.values())[::3]:
            _fresh(stage)
            letter = stage.inquires()
            with capture_logs() as logs:
                stage.arrives(of_answers(letter.message_id)[name](stage.now, words))
                for item in stage.items(ItemKind.HOLD):
                    stage.resumes(item.number)
                stage.passes(timedelta(days=9))
                _send_everything(stage)
            seen.tried += 1
            seen.look(stage, logs, name)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def room(loaded: object, reading: object) -> Seen:
    seen = Seen()
    stage = Stage(loaded, reading)  # type: ignore[arg-type]
    notices(stage, seen)
    answers(stage, seen)
    return seen


@pytest.mark.timeout(400)
def test_no_payload_in_any_field_becomes_anything_but_words(room: Seen) -> None:
    back = len(of_answers("<x@y.example>")) * len(list(PAYLOADS)[::3])
    assert room.tried == len(OF_NOTICES) * len(PAYLOADS) + back >= 1000
    assert +room.wrong == Counter()
    # Most of them still lead to a letter: the room would see what gets into it.
    assert len(room.letters) > room.tried / 2


def test_a_real_server_hears_no_command_more(room: Seen, tmp_path: Path) -> None:
    """The letters of the room over one real line: as many mails, and exactly their recipients."""
    letters = room.letters[:: max(1, len(room.letters) // 150)]
    assert len(letters) >= 100

    async def go(port: int) -> None:
        sender = SmtpSender(SmtpSettings(host="127.0.0.1", port=port, security="none", auth="none"))
        try:
            for envelope, raw in letters:
                outcome = await sender.submit(envelope, raw, body_may_begin=_yes)
                assert isinstance(outcome, SubmissionAccepted)
        finally:
            await sender.close()

    with running_smtp_server(tmp_path, security="none") as server:
        asyncio.run(go(server.port))
        received = server.wait_for(len(letters))
    assert len(received) == len(letters)
    for (envelope, raw), mail in zip(letters, received, strict=True):
        assert mail.recipients == tuple(one.address for one in envelope.recipients)
        assert mail.data.rstrip(b"\r\n") == raw.rstrip(b"\r\n")
        assert VICTIM not in mail.recipients


async def _yes() -> bool:
    return True


# ---------------------------------------------------------------------- the room feels a planted fault


@pytest.mark.parametrize(
    ("bent", "fault"),
    [
        (lambda e, raw: (e, raw.replace(b"Subject:", b"Bcc: v@w.example\r\nSubject:")), "field"),
        (lambda e, raw: (e, raw.replace(b"Date:", b"\r\nDate:", 1)), "field"),
        (lambda e, raw: (e, raw.replace(b"Subject: ", b"Subject: \x1b", 1)), "control in the header"),
        (lambda e, raw: (e, raw.replace(b"<ip@", b"<victim@bystander.example>, <ip@", 1)), "To"),
        (lambda e, raw: (Envelope(mail_from=e.mail_from, recipients=e.recipients * 2), raw), "recipient"),
        (lambda e, raw: (Envelope(mail_from=e.mail_from, recipients=e.recipients[1:]), raw), "addressee"),
        (lambda e, raw: (e, raw.replace(b"\r\n", b"\n", 1)), "control in the header"),
        (lambda e, raw: (e, raw + b"\x1b[2J\r\n"), "control in the body"),
    ],
)
def test_a_letter_with_something_of_it_would_be_seen(room: Seen, bent: object, fault: str) -> None:
    envelope, raw = bent(*room.letters[0])  # type: ignore[operator]
    assert fault in faults_of_letter(envelope, raw)


def test_the_room_feels_composing_without_its_guard(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Controls let through and the proof left out: the letter carries a field more."""
    monkeypatch.setattr(composing, "_refuse_controls", lambda _: None)
    monkeypatch.setattr(composing, "_prove", lambda *_: None)
    monkeypatch.setattr(composing, "_words", lambda _name, text: text.split(" "))
    stage.arrives(notice("17340981265", stage.now))
    letter = stage.draft()
    words = f"{letter.subject}\r\nBcc: {VICTIM}"
    stage.store._letters[letter.letter_id] = _with_subject(letter, words)  # type: ignore[attr-defined]
    raw = composing.compose(stage.draft(), stage.now)
    assert stage.state() is State.DRAFTED
    assert "field" in faults_of_letter(Envelope(mail_from=letter.mail_from, recipients=()), raw)


def _with_subject(letter: object, subject: str) -> object:
    from dataclasses import replace

    return replace(letter, subject=subject)  # type: ignore[type-var]
