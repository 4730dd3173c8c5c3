"""A change is written whole or not at all, and nothing crosses versions, accounts or tenants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.case import events as e
from bot.case.model import State
from bot.draft.model import TrackRef
from bot.errors import Conflict, NotPossible, StoreError
from bot.ports import Change, Cursor, MailResult, MailStatus
from bot.review import ItemClosing, ItemKind, NewItem
from tests.edge.store.conftest import AnyStore
from tests.samples import NOW, sample_case, sample_facts, sample_letter, sample_mail

OPENING = NewItem(kind=ItemKind.DRAFT, subject="letter:NEW", account_id="lamps")


def everything(store: AnyStore) -> tuple[object, ...]:
    """All that can be read, to show that nothing was written."""
    return (
        store.mailboxes(), store.mails("lamps"), store.mails("toys"), store.cases(), store.letters(),
        store.items(open_only=False), [store.diary(case.case_id) for case in store.cases()],
    )  # fmt: skip


@pytest.fixture
def begun(store: AnyStore) -> AnyStore:
    """A store with two cases, a letter, a mail and an item, each written once."""
    store.keep((sample_mail(), sample_mail(account_id="toys")), None, NOW)
    item = NewItem(kind=ItemKind.DRAFT, subject="letter:L1", account_id="lamps", cases=("K7QW2M",))
    cases = (sample_case(), sample_case(case_id="TOYS", account_id="toys"))
    diary = (("K7QW2M", e.Opened(at=NOW, mail=1)),)
    store.record(Change(cases=cases, letters=(sample_letter(),), open_items=(item,), diary=diary), NOW)
    return store


def refused(**wrong: object) -> Callable[[AnyStore], Change]:
    """A change of which all is fine but one thing."""

    def change(store: AnyStore) -> Change:
        case = replace(store.case("K7QW2M"), rules_hash="changed")
        fine: dict[str, object] = {
            "cases": (case,),
            "letters": (replace(store.letter("L1"), subject="changed"),),
            "diary": (("K7QW2M", e.FellDue(at=NOW, track="1")),),
            "mails": (MailResult(mail_id=1, status=MailStatus.READ, cases=("K7QW2M",)),),
            "open_items": (OPENING,),
            "close_items": (ItemClosing(kind=ItemKind.DRAFT, subject="letter:L1", outcome="x"),),
        }
        return Change(**(fine | wrong))  # type: ignore[arg-type]

    return change


TOYS = TrackRef(case_id="TOYS", track_id="1")
NOWHERE = TrackRef(case_id="NOWHERE", track_id="1")


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (refused(cases=(sample_case(version=0),)), Conflict, r"case K7QW2M has changed \(version 1, not 0\)"),
        (refused(cases=(sample_case(version=2),)), Conflict, r"\(version 1, not 2\); nothing was written"),
        (refused(cases=(sample_case(case_id="NEW", version=1),)), Conflict, r"\(version 0, not 1\)"),
        (refused(letters=(sample_letter(),)), Conflict, "letter L1 has changed"),
        (refused(letters=(sample_letter(version=7),)), Conflict, "letter L1 has changed"),
        (refused(cases=(sample_case(version=1),) * 2), StoreError, "case K7QW2M is twice"),
        (refused(cases=(sample_case(version=1, tenant_id=2),)), StoreError, "belongs to tenant 2"),
        (refused(letters=(sample_letter(version=1, tenant_id=2),)), StoreError, "belongs to tenant 2"),
        (refused(cases=(sample_case(version=1, account_id="toys"),)), StoreError, "cannot move from account"),
        (
            refused(letters=(sample_letter(version=1, tracks=(TOYS,)),)),
            StoreError,
            "case TOYS of account toys",
        ),
        (refused(letters=(sample_letter(version=1, tracks=(NOWHERE,)),)), NotPossible, "does not exist"),
        (refused(letters=(sample_letter(letter_id="L2"),)), StoreError, "same Message-ID"),
        (refused(diary=(("NOWHERE", e.FellDue(at=NOW)),)), NotPossible, "does not exist"),
        (refused(mails=(MailResult(mail_id=9, status=MailStatus.READ),)), NotPossible, "no mail 9"),
        (
            refused(mails=(MailResult(mail_id=1, status=MailStatus.READ, cases=("TOYS",)),)),
            StoreError,
            "mail 1 of account lamps names case TOYS of account toys",
        ),
        (
            refused(open_items=(OPENING, replace(OPENING, cases=("TOYS",)))),
            StoreError,
            "case TOYS of account",
        ),
        (refused(snooze_item=(9, NOW)), NotPossible, "no item 9"),
        (refused(diary=(("K7QW2M", e.FellDue(at=NOW.replace(tzinfo=None))),)), TypeError, "aware"),
        (
            refused(cases=(sample_case(version=1, rules_hash=None),)),
            TypeError,
            r"Case\.rules_hash: expected str",
        ),
        (
            refused(letters=(replace(sample_letter(version=1), to=7),)),  # type: ignore[arg-type]
            TypeError,
            "Letter.to: expected str",
        ),
        (refused(snooze_item=(1, NOW.replace(tzinfo=None))), StoreError, "no time zone"),
    ],
)
def test_what_may_not_be_written_writes_nothing(
    begun: AnyStore,
    change: Callable[[AnyStore], Change],
    error: type[Exception],
    words: str,
) -> None:
    before = everything(begun)
    with pytest.raises(error, match=words):
        begun.record(change(begun), NOW)
    assert everything(begun) == before
    # And the store goes on as if nothing had been asked.
    assert begun.record(refused()(begun), NOW) == (2,)
    assert begun.case("K7QW2M").rules_hash == "changed"


def test_versions_count_every_write(begun: AnyStore) -> None:
    for version in (1, 2, 3):
        case, letter = begun.case("K7QW2M"), begun.letter("L1")
        assert (case.version, letter.version) == (version, version)
        begun.record(Change(cases=(case,), letters=(letter,)), NOW)


def test_of_two_that_read_the_same_version_the_second_is_told(begun: AnyStore) -> None:
    mine, theirs = begun.case("K7QW2M"), begun.case("K7QW2M")
    begun.record(Change(cases=(replace(theirs, rules_hash="theirs"),)), NOW)
    with pytest.raises(Conflict):
        begun.record(Change(cases=(replace(mine, rules_hash="mine"),)), NOW)
    assert begun.case("K7QW2M").rules_hash == "theirs"


def test_a_diary_line_alone_leaves_the_version(begun: AnyStore) -> None:
    begun.record(Change(diary=(("K7QW2M", e.Answered(at=NOW)),)), NOW)
    assert begun.case("K7QW2M").version == 1
    assert len(begun.diary("K7QW2M")) == 2


def test_a_letter_may_speak_for_a_case_that_is_new_with_it(store: AnyStore) -> None:
    store.record(Change(cases=(sample_case(),), letters=(sample_letter(),)), NOW)
    assert store.letter("L1").tracks[0].case_id == "K7QW2M"


def test_an_empty_change_writes_nothing(begun: AnyStore) -> None:
    before = everything(begun)
    assert begun.record(Change(), NOW) == ()
    assert everything(begun) == before


def test_accounts_see_nothing_of_each_other(store: AnyStore) -> None:
    for account_id in ("lamps", "toys"):
        case_id = account_id.upper()
        ref = TrackRef(case_id=case_id, track_id="1")
        store.keep((sample_mail(account_id=account_id),), Cursor(uidvalidity=7, last_uid=1), NOW)
        letter = sample_letter(letter_id=account_id, account_id=account_id, tracks=(ref,))
        case = sample_case(case_id=case_id, account_id=account_id, facts=sample_facts())
        item = NewItem(kind=ItemKind.DRAFT, subject=f"letter:{account_id}", account_id=account_id)
        store.record(Change(cases=(case,), letters=(letter,), open_items=(item,)), NOW)
    mine = store.case("LAMPS")
    assert store.cases("lamps") == (mine,)
    assert store.cases_of_complaint("lamps", ("15234567890",)) == (mine,)
    assert store.cases_of_address("lamps", "marken@muster.example") == (mine,)
    assert store.cases_of_mail("lamps", ("<rj.l1@lamps.example>",)) == (mine,)
    assert store.letters(account_id="lamps") == (store.letter("lamps"),)
    assert store.letter_of_message_id("lamps", "<rj.l1@lamps.example>") == store.letter("lamps")
    assert [mail.account_id for mail in store.mails("lamps")] == ["lamps"]
    assert [row.account_id for row in store.mailboxes("lamps")] == ["lamps"]
    assert [item.account_id for item in store.items(account_id="lamps")] == ["lamps"]
    assert store.opened_since("lamps", NOW) == 1
    assert store.letters(account_id="lamps", states=(State.DRAFTED,)) == (store.letter("lamps"),)


def test_an_item_is_reworded_also_when_it_is_closed(begun: AnyStore) -> None:
    (item,) = begun.items()
    closing = ItemClosing(kind=ItemKind.DRAFT, subject="letter:L1", outcome="sent")
    begun.record(Change(close_items=(closing,)), NOW)
    begun.record(Change(reworded_items=((item.number, "without a name"),)), NOW)
    reworded = begun.item(item.number)
    assert (reworded.detail, reworded.outcome) == ("without a name", "sent")
    assert begun.items() == ()


def test_an_erased_mail_has_no_hash_any_more(begun: AnyStore) -> None:
    assert begun.mail(1).sha256 is not None
    begun.record(Change(mails=(MailResult(mail_id=1, status=MailStatus.ERASED, reason="asked"),)), NOW)
    begun.compact()
    mail = begun.mail(1)
    assert (mail.sha256, mail.status, mail.reason) == (None, MailStatus.ERASED, "asked")
