"""The Sent mailbox: our copies are filed there once, and what a provider filed proves that a letter left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from bot.case import events as e
from bot.case.model import State
from bot.draft.model import Letter
from bot.errors import MailboxError
from bot.ports import Change
from bot.runner.desk import service
from bot.runner.outbox.filing import file_sent_copies
from bot.runner.outbox.proving import prove_by_sent
from tests.stories.mails import notice
from tests.stories.stage import LINE_LOST, Postbox, Stage, directly

IDS = ("17340981261", "17340981262")


@dataclass
class Server(Postbox):
    """A server with a Sent mailbox of some name, which may fail and in which things happen meanwhile."""

    special: str | None = None  #: which one it calls \\Sent
    lies_there: set[tuple[str, str]] = field(default_factory=set)  #: mailbox and Message-ID
    appended: list[tuple[str, bytes, datetime]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  #: the mailboxes that were searched
    looked_for: list[str] = field(default_factory=list)  #: attributes of special use
    breaks_at: int | None = None  #: the question, counted from 1, at which the line is lost
    meanwhile: Callable[[], object] = lambda: None

    async def special_use(self, attribute: str) -> str | None:
        self.looked_for.append(attribute)
        return self.special if attribute == r"\Sent" else None

    async def has_message_id(self, mailbox: str, message_id: str) -> bool:
        self.asked.append(mailbox)
        if len(self.asked) == self.breaks_at:
            raise MailboxError("the line was lost")
        self.meanwhile()
        return (mailbox, message_id) in self.lies_there

    async def append(self, mailbox: str, raw: bytes, at: datetime) -> None:
        self.appended.append((mailbox, raw, at))


@pytest.fixture
def server(stage: Stage) -> Server:
    """What the account's mailboxes lie on, from the moment at which it is asked."""
    return Server()


def files(stage: Stage, server: Server, **changes: object) -> int:
    practice = replace(stage.practice, sent=None, **changes)  # type: ignore[arg-type]
    return asyncio.run(file_sent_copies(stage.office, practice, server, directly))


def proves(stage: Stage, server: Server, **changes: object) -> int:
    practice = replace(stage.practice, sent=None, **{"provider_files_sent": True, **changes})  # type: ignore[arg-type]
    return asyncio.run(prove_by_sent(stage.office, practice, server, directly))


@pytest.fixture
def two(stage: Stage) -> Stage:
    """Two letters were accepted in this moment, and no copy lies anywhere yet."""
    leave(stage)
    assert [letter.sent_copy for letter in letters(stage)] == ["wanted", "wanted"]
    return stage


@pytest.fixture
def doubtful(stage: Stage) -> Stage:
    """Two letters of which nobody knows whether they left."""
    stage.server.answers = [LINE_LOST, LINE_LOST]
    leave(stage)
    assert [letter.state for letter in letters(stage)] == [State.IN_DOUBT] * 2
    return stage


def leave(stage: Stage) -> None:
    for number, complaint_id in enumerate(IDS):
        stage.arrives(notice(complaint_id, stage.now, owner=f"ip@owner{number}.example"))
        stage.approve()
    stage.passes(timedelta(minutes=11))


def letters(stage: Stage) -> list[Letter]:
    return list(stage.store.letters(account_id="shop"))


class TestFiling:
    def test_each_copy_is_filed_once_as_it_was_approved(self, two: Stage, server: Server) -> None:
        assert files(two, server) == 2
        assert [raw for _, raw, _ in server.appended] == [raw for _, raw in two.server.taken]
        approved = [letter.approval.at for letter in letters(two) if letter.approval]
        assert [at for _, _, at in server.appended] == approved
        assert [letter.sent_copy for letter in letters(two)] == ["filed", "filed"]
        server.looked_for.clear()
        assert files(two, server) == 0
        assert len(server.appended) == 2
        assert server.looked_for == []

    @pytest.mark.parametrize(
        ("set_to", "special", "where"),
        [
            (None, None, "Sent"),
            (None, "[Gmail]/Sent Mail", "[Gmail]/Sent Mail"),
            ("Gesendet", "[Gmail]/Sent Mail", "Gesendet"),
        ],
    )
    def test_where(
        self, two: Stage, server: Server, set_to: str | None, special: str | None, where: str
    ) -> None:
        server.special = special
        practice = replace(two.practice, sent=set_to)
        asyncio.run(file_sent_copies(two.office, practice, server, directly))
        assert {mailbox for mailbox, _, _ in server.appended} == set(server.asked) == {where}

    def test_what_lies_there_already_is_not_filed_again(self, two: Stage, server: Server) -> None:
        """We died after APPEND and before the note of it."""
        server.lies_there = {("Sent", letters(two)[0].message_id)}
        assert files(two, server) == 2
        assert len(server.appended) == 1
        assert files(two, server) == 0

    def test_a_line_lost_in_between_is_no_trouble_to_anybody(self, two: Stage, server: Server) -> None:
        server.breaks_at = 2
        assert files(two, server) == 1
        assert sorted(letter.sent_copy or "" for letter in letters(two)) == ["filed", "wanted"]
        assert {letter.state for letter in letters(two)} == {State.AWAITING}
        assert files(two, server) == 1
        assert len(server.appended) == 2

    def test_a_letter_that_moved_on_meanwhile_is_found_there_the_next_time(
        self, two: Stage, server: Server
    ) -> None:
        def touch() -> None:
            two.store.record(Change(letters=tuple(letters(two))), two.now)
            server.meanwhile = lambda: None

        server.meanwhile = touch
        files(two, server)
        assert [letter.sent_copy for letter in letters(two)] == ["wanted", "wanted"]
        server.lies_there = {("Sent", letter.message_id) for letter in letters(two)}
        assert files(two, server) == 2
        assert len(server.appended) == 2

    def test_another_accounts_letters_are_its_own_business(self, two: Stage, server: Server) -> None:
        assert files(two, server, account_id="another") == 0
        assert (server.asked, server.appended) == ([], [])

    def test_where_the_provider_files_nothing_is_asked(self, stage: Stage, server: Server) -> None:
        stage.changes(provider_files_sent=True)
        leave(stage)
        assert [letter.sent_copy for letter in letters(stage)] == ["provider", "provider"]
        assert files(stage, server) == 0
        assert (server.asked, server.appended) == ([], [])


class TestProving:
    def test_found_is_proof_and_not_found_is_none(self, doubtful: Stage, server: Server) -> None:
        found, lost = letters(doubtful)
        server.lies_there = {("Sent", found.message_id)}
        assert proves(doubtful, server) == 1
        assert doubtful.store.letter(found.letter_id).state is State.AWAITING
        assert doubtful.store.letter(found.letter_id).sent_copy == "provider"
        assert doubtful.store.letter(lost.letter_id).state is State.IN_DOUBT

    def test_only_doubtful_letters_are_looked_for(self, two: Stage, server: Server) -> None:
        assert proves(two, server) == 0
        assert (server.looked_for, server.asked) == ([], [])

    def test_what_we_filed_ourselves_proves_nothing(self, doubtful: Stage, server: Server) -> None:
        server.lies_there = {("Sent", letter.message_id) for letter in letters(doubtful)}
        assert proves(doubtful, server, provider_files_sent=False) == 0
        assert server.asked == []

    def test_another_accounts_mailbox_proves_nothing(self, doubtful: Stage, server: Server) -> None:
        server.lies_there = {("Sent", letter.message_id) for letter in letters(doubtful)}
        assert proves(doubtful, server, account_id="another") == 0
        assert {letter.state for letter in letters(doubtful)} == {State.IN_DOUBT}

    @pytest.mark.parametrize(
        ("set_to", "special", "where"),
        [(None, None, "Sent"), (None, "Sent Items", "Sent Items"), ("Envoyés", "Sent Items", "Envoyés")],
    )
    def test_where(
        self, doubtful: Stage, server: Server, set_to: str | None, special: str | None, where: str
    ) -> None:
        server.special = special
        practice = replace(doubtful.practice, sent=set_to, provider_files_sent=True)
        asyncio.run(prove_by_sent(doubtful.office, practice, server, directly))
        assert set(server.asked) == {where}

    def test_a_line_lost_in_between_keeps_what_was_proven(self, doubtful: Stage, server: Server) -> None:
        server.lies_there = {("Sent", letter.message_id) for letter in letters(doubtful)}
        server.breaks_at = 2
        assert proves(doubtful, server) == 1
        assert sorted(letter.state for letter in letters(doubtful)) == [State.AWAITING, State.IN_DOUBT]
        assert proves(doubtful, server) == 1
        assert {letter.state for letter in letters(doubtful)} == {State.AWAITING}

    def test_what_a_person_settled_in_this_moment_stays_as_they_said(
        self, doubtful: Stage, server: Server
    ) -> None:
        """They said that it did not leave; they know what they saw."""
        first = letters(doubtful)[0]
        number = next(item.number for item in doubtful.items() if first.letter_id in item.subject)

        def settle() -> None:
            service.settle(doubtful.office, number, sent=False, by="Ada")
            server.meanwhile = lambda: None

        server.meanwhile = settle
        server.lies_there = {("Sent", first.message_id)}
        proves(doubtful, server)
        assert doubtful.store.letter(first.letter_id).state is State.DRAFTED
        assert not doubtful.happened(e.Proven, IDS[0])
