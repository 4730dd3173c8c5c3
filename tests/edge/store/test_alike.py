"""Whatever is asked of them in whatever order, the memory store and SQLite answer alike."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.case import events as e
from bot.case.model import State
from bot.draft.model import LetterAttempt, TrackRef
from bot.edge.store import MemoryStore, open_store
from bot.errors import RejoinderError
from bot.ports import Change, Cursor, MailResult, MailStatus
from bot.review import ItemClosing, ItemKind, NewItem
from tests.edge.store.conftest import AnyStore
from tests.samples import (
    NOW,
    sample_approval,
    sample_case,
    sample_facts,
    sample_letter,
    sample_mail,
    sample_party,
    sample_track,
)

ACCOUNTS = ("lamps", "toys")
CASES = ("AAA", "AAB", "B")
LETTERS = ("L1", "L2")
ADDRESSES = ("marken@muster.example", "Zwei@b.example")

# Mostly the same account: what crosses accounts is refused, which is soon tried enough.
accounts = st.sampled_from(["lamps"] * 5 + ["toys"])
case_ids = st.sampled_from(CASES)
versions = st.integers(0, 3)
moments = st.integers(-3, 3).map(lambda hours: NOW + timedelta(hours=hours))
some_moments = st.none() | moments
kinds = st.sampled_from([ItemKind.DRAFT, ItemKind.HOLD])
subjects = st.sampled_from(["letter:L1", "letter:L2"])
few_cases = st.lists(case_ids, max_size=2).map(tuple)

tracks = st.builds(
    sample_track,
    state=st.sampled_from([State.AWAITING, State.APPROVED, State.HELD, State.CLOSED]),
    due_at=some_moments,
    retry_at=some_moments,
    letter_id=st.none() | st.sampled_from(LETTERS),
)
parties = st.builds(
    sample_party,
    party_id=st.sampled_from(["p1", "p2"]),
    addresses=st.lists(st.sampled_from(ADDRESSES), max_size=2, unique=True).map(tuple),
)
cases = st.builds(
    sample_case,
    case_id=case_ids,
    account_id=accounts,
    opened_at=moments,
    facts=st.builds(sample_facts, complaint_id=st.none() | st.sampled_from(["1", "2"])),
    parties=st.lists(parties, max_size=2, unique_by=lambda party: party.party_id).map(tuple),
    tracks=st.lists(tracks, max_size=1).map(tuple),
    last_safe=some_moments,
    deadline=some_moments,
    deadline_neared=st.booleans(),
    version=versions,
)
attempts = st.builds(
    LetterAttempt,
    started_at=moments,
    ended_at=some_moments,
    outcome=st.sampled_from(["accepted", "deferred"]),
)
letters = st.builds(
    sample_letter,
    letter_id=st.sampled_from(LETTERS),
    account_id=accounts,
    tracks=few_cases.map(lambda ids: tuple(TrackRef(case_id=one, track_id="1") for one in ids)),
    state=st.sampled_from([State.DRAFTED, State.APPROVED]),
    message_id=st.sampled_from(["<1@lamps.example>", "<2@lamps.example>"]),
    approval=st.none() | st.builds(sample_approval, leaves_at=moments),
    attempts=st.lists(attempts, max_size=2).map(tuple),
    version=versions,
)
results = st.builds(
    MailResult,
    mail_id=st.integers(1, 3),
    status=st.sampled_from([MailStatus.READ, MailStatus.PARKED]),
    message_id=st.none() | st.just("<m@x.example>"),
    cases=few_cases,
)
openings = st.builds(
    NewItem, kind=kinds, subject=subjects, account_id=accounts, cases=few_cases, detail=st.sampled_from("xy")
)
closings = st.builds(ItemClosing, kind=kinds, subject=subjects, outcome=st.just("done"))
lines = st.tuples(case_ids, st.builds(e.Answered, at=moments))


def _one(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.tuples(strategy)


#: Small ones are mostly written, large ones mostly refused for one of their parts.
changes = st.one_of(
    st.builds(Change, cases=_one(cases)),
    st.builds(Change, letters=_one(letters)),
    st.builds(Change, mails=_one(results)),
    st.builds(Change, open_items=_one(openings)),
    st.builds(Change, close_items=_one(closings)),
    st.builds(Change, snooze_item=st.tuples(st.integers(1, 3), some_moments)),
    st.builds(Change, cases=_one(cases), letters=_one(letters), diary=_one(lines), open_items=_one(openings)),
    st.builds(Change, cases=_one(cases), diary=_one(lines), mails=_one(results), close_items=_one(closings)),
)
mails = st.builds(
    sample_mail,
    account_id=accounts,
    mailbox=st.sampled_from(["INBOX", ""]),
    uid=st.integers(1, 3),
    sha256=st.sampled_from([None, "1" * 64, "2" * 64]),
)
cursors = st.none() | st.builds(Cursor, uidvalidity=st.integers(7, 8), last_uid=st.integers(0, 4))

steps = st.one_of(
    *[changes.map(lambda change: lambda store: store.record(_at_its_version(store, change), NOW))] * 4,
    # As above, but with the versions as drawn, which are mostly wrong.
    changes.map(lambda change: lambda store: store.record(change, NOW)),
    st.tuples(st.lists(mails, max_size=3).map(tuple), cursors).map(
        lambda drawn: lambda store: store.keep(*drawn, NOW)
    ),
    st.tuples(accounts, moments).map(
        lambda drawn: lambda store: store.reconciled(drawn[0], "INBOX", drawn[1])
    ),
)


def _at_its_version(store: AnyStore, change: Change) -> Change:
    """The change with every version right, so that most are written."""
    held = {case.case_id: case for case in store.cases()}
    sent = {letter.letter_id: letter for letter in store.letters()}
    return replace(
        change,
        cases=tuple(
            replace(c, version=held[c.case_id].version if c.case_id in held else 0) for c in change.cases
        ),
        letters=tuple(
            replace(one, version=sent[one.letter_id].version if one.letter_id in sent else 0)
            for one in change.letters
        ),
    )


def outcome(step: Callable[[AnyStore], Any], store: AnyStore) -> object:
    try:
        return step(store)
    except RejoinderError as error:
        return type(error), str(error)


def everything(store: AnyStore) -> dict[str, object]:
    """The answer to every question of the port."""
    found: dict[str, object] = {
        "mailboxes": store.mailboxes(),
        "cases": store.cases(),
        "open": store.cases(open_only=True),
        "letters": store.letters(),
        "approved": store.letters(states=(State.APPROVED,)),
        "items": store.items(open_only=False),
        "open items": store.items(),
        "next due": store.next_due(),
        "due": store.due(NOW),
        "due, 1": store.due(NOW, limit=1),
        "prefix": outcome(lambda one: one.case("AA"), store),
        "diaries": [(store.diary(case.case_id), store.verify_chain(case.case_id)) for case in store.cases()],
        "open draft": store.open_item(ItemKind.DRAFT, "letter:L1"),
    }
    for account_id in ACCOUNTS:
        kept = store.mails(account_id)
        found[account_id] = (
            kept,
            [store.seen_before(mail, "<m@x.example>") for mail in kept],
            store.mails(account_id, status=MailStatus.READ),
            store.cases_of_complaint(account_id, ("1",)),
            [store.cases_of_address(account_id, address) for address in ADDRESSES],
            store.cases_of_mail(account_id, ("<1@lamps.example>",)),
            store.opened_since(account_id, NOW),
            store.letter_of_message_id(account_id, "<2@lamps.example>"),
            store.accepted_since(account_id, NOW),
            store.next_due((account_id,)),
        )
    return found


# Without shrinking: it takes minutes with two stores, and the steps are short enough to read.
@settings(max_examples=30, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.lists(steps, min_size=5, max_size=15))
def test_both_stores_answer_alike(steps: list[Callable[[AnyStore], Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        memory, database = MemoryStore(), open_store(Path(folder) / "rejoinder.db")
        for store in (memory, database):
            store.keep((sample_mail(uid=1), sample_mail(uid=2), sample_mail(uid=3)), None, NOW)
            store.record(Change(cases=(sample_case(case_id="AAA"), sample_case(case_id="AAB"))), NOW)
        for step in steps:
            assert outcome(step, memory) == outcome(step, database)
            assert everything(memory) == everything(database)
        database.close()
