"""Mailboxes, cursors and kept mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.errors import Conflict, NotPossible, StoreError
from bot.ports import Change, Cursor, MailResult, MailStatus, Renumbered
from tests.edge.store.conftest import AnyStore
from tests.samples import DAY, HOUR, NOW, sample_case, sample_mail


def cursor(last_uid: int, uidvalidity: int = 7) -> Cursor:
    return Cursor(uidvalidity=uidvalidity, last_uid=last_uid)


def read(mail_id: int, **changed: object) -> Change:
    values = {"mail_id": mail_id, "status": MailStatus.READ}
    return Change(mails=(MailResult(**(values | changed)),))


def test_an_unknown_mailbox_has_no_row(store: AnyStore) -> None:
    assert store.mailbox("lamps", "INBOX") is None
    assert store.mailboxes() == ()


def test_a_cursor_is_set_and_set_anew(store: AnyStore) -> None:
    store.set_cursor("lamps", "INBOX", cursor(40), Renumbered(below_uid=41, older_than=NOW - DAY))
    store.reconciled("lamps", "INBOX", NOW)
    store.set_cursor("lamps", "INBOX", cursor(3, uidvalidity=8))
    row = store.mailbox("lamps", "INBOX")
    assert row is not None
    assert (row.cursor, row.reconciled_at) == (cursor(3, uidvalidity=8), NOW)
    assert row.renumbered == Renumbered(below_uid=41, older_than=NOW - DAY)


def test_a_mailbox_without_cursor_cannot_be_reconciled(store: AnyStore) -> None:
    with pytest.raises(NotPossible, match="no cursor yet"):
        store.reconciled("lamps", "INBOX", NOW)


def test_mailboxes_come_by_account_and_name(store: AnyStore) -> None:
    for account_id, name in (("toys", "INBOX"), ("lamps", "Junk"), ("lamps", "INBOX")):
        store.set_cursor(account_id, name, cursor(1))
    assert [(row.account_id, row.mailbox) for row in store.mailboxes()] == [
        ("lamps", "INBOX"), ("lamps", "Junk"), ("toys", "INBOX"),
    ]  # fmt: skip
    assert [row.mailbox for row in store.mailboxes("lamps")] == ["INBOX", "Junk"]


def test_keeping_adds_rows_and_moves_the_cursor(store: AnyStore) -> None:
    mails = (sample_mail(uid=1), sample_mail(uid=2, sha256=None, size=99_000_000))
    assert store.keep(mails, cursor(2), NOW) == (1, 2)
    first, second = store.mails("lamps")
    assert (first.uid, first.sha256, first.status, first.cases) == (1, "1" * 64, MailStatus.UNREAD, ())
    assert (first.internal_date, first.kept_at, first.tenant_id) == (NOW - HOUR, NOW, 1)
    assert (second.size, second.status) == (99_000_000, MailStatus.OVERSIZE)
    row = store.mailbox("lamps", "INBOX")
    assert row is not None
    assert (row.cursor, row.reconciled_at) == (cursor(2), None)
    assert store.mail(1) == first


def test_a_mail_kept_twice_is_left_as_it_is(store: AnyStore) -> None:
    store.keep((sample_mail(uid=1),), cursor(1), NOW)
    store.record(read(1, kind="Notice"), NOW)
    again = (sample_mail(uid=1, sha256="2" * 64), sample_mail(uid=2), sample_mail(uid=2))
    assert store.keep(again, cursor(2), NOW + HOUR) == (2,)
    assert store.mail(1).kind == "Notice"
    assert store.mail(1).sha256 == "1" * 64
    assert len(store.mails("lamps")) == 2


def test_a_mail_is_another_one_under_another_uidvalidity_mailbox_or_account(store: AnyStore) -> None:
    store.keep((sample_mail(),), None, NOW)
    assert store.keep((sample_mail(uidvalidity=8),), None, NOW) == (2,)
    assert store.keep((sample_mail(mailbox="Junk"),), None, NOW) == (3,)
    assert store.keep((sample_mail(account_id="toys"),), None, NOW) == (4,)
    assert store.keep((sample_mail(),), None, NOW) == ()


def test_files_are_unique_by_account_and_bytes(store: AnyStore) -> None:
    file = sample_mail(mailbox="", uidvalidity=0, uid=0)
    assert store.keep((file,), None, NOW) == (1,)
    assert store.keep((file, replace(file, sha256="2" * 64)), None, NOW) == (2,)
    assert store.keep((replace(file, account_id="toys"),), None, NOW) == (3,)
    assert store.mailboxes() == ()


def test_the_cursor_never_moves_back(store: AnyStore) -> None:
    store.keep((sample_mail(uid=9),), cursor(9), NOW)
    store.keep((sample_mail(uid=4),), cursor(4), NOW)
    row = store.mailbox("lamps", "INBOX")
    assert row is not None
    assert row.cursor == cursor(9)


def test_keeping_under_another_uidvalidity_than_the_cursor_writes_nothing(store: AnyStore) -> None:
    store.set_cursor("lamps", "INBOX", cursor(9))
    with pytest.raises(Conflict, match="UIDVALIDITY 7, not 8"):
        store.keep((sample_mail(uidvalidity=8),), cursor(1, uidvalidity=8), NOW)
    assert store.mails("lamps") == ()


def test_a_cursor_moves_with_mails_of_one_mailbox_only(store: AnyStore) -> None:
    with pytest.raises(StoreError, match="one mailbox"):
        store.keep((sample_mail(), sample_mail(mailbox="Junk")), cursor(1), NOW)
    assert store.mails("lamps") == ()


def test_keeping_nothing_changes_nothing(store: AnyStore) -> None:
    assert store.keep((), cursor(5), NOW) == ()
    assert store.mailboxes() == ()


def test_more_mails_than_fit_one_statement(store: AnyStore) -> None:
    mails = tuple(sample_mail(uid=uid) for uid in range(1, 1203))
    assert store.keep(mails[:700], cursor(700), NOW) == tuple(range(1, 701))
    assert store.keep(mails, cursor(1202), NOW) == tuple(range(701, 1203))
    assert [mail.uid for mail in store.mails("lamps", limit=2000)] == list(range(1, 1203))
    assert len(store.mails("lamps")) == 1000


def test_internal_dates_keep_their_instant(store: AnyStore) -> None:
    east = timezone(timedelta(hours=9))
    store.keep((sample_mail(internal_date=datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=east)),), None, NOW)
    kept = store.mail(1).internal_date
    assert kept == datetime(2026, 3, 1, 3, 0, 0, 123456, tzinfo=UTC)
    assert kept.tzinfo is UTC


def test_a_naive_moment_is_refused(store: AnyStore) -> None:
    with pytest.raises(StoreError, match="no time zone"):
        store.keep((sample_mail(internal_date=NOW.replace(tzinfo=None)),), cursor(1), NOW)
    with pytest.raises(StoreError, match="no time zone"):
        store.keep((sample_mail(),), cursor(1), NOW.replace(tzinfo=None))
    assert store.mails("lamps") == ()
    assert store.mailboxes() == ()


def test_mails_are_found_by_status(store: AnyStore) -> None:
    store.keep(tuple(sample_mail(uid=uid) for uid in (1, 2, 3)), None, NOW)
    store.record(read(2, status=MailStatus.PARKED, reason="no header ends"), NOW)
    assert [m.mail_id for m in store.mails("lamps", status=MailStatus.UNREAD)] == [1, 3]
    assert [m.reason for m in store.mails("lamps", status=MailStatus.PARKED)] == ["no header ends"]
    assert [m.mail_id for m in store.mails("lamps", limit=2)] == [1, 2]
    assert store.mails("toys") == ()


def test_an_unknown_mail_is_not_possible(store: AnyStore) -> None:
    with pytest.raises(NotPossible, match="no mail 5"):
        store.mail(5)
    with pytest.raises(NotPossible, match="no mail 5"):
        store.record(read(5), NOW)


def test_what_became_of_a_mail(store: AnyStore) -> None:
    store.keep((sample_mail(),), None, NOW)
    store.record(Change(cases=(sample_case(case_id="AAA"), sample_case(case_id="BBB"))), NOW)
    store.record(read(1, kind="Notice", message_id="<n@x.example>", cases=("BBB", "AAA", "BBB")), NOW)
    mail = store.mail(1)
    assert (mail.status, mail.kind, mail.message_id) == (MailStatus.READ, "Notice", "<n@x.example>")
    assert mail.cases == ("BBB", "AAA")
    store.record(read(1, kind="Reply", cases=("AAA",)), NOW)
    assert (store.mail(1).kind, store.mail(1).cases) == ("Reply", ("AAA",))


def test_text_that_a_database_refuses_does_no_harm(store: AnyStore) -> None:
    store.keep((sample_mail(),), None, NOW)
    store.record(read(1, reason="a\0b\ud800c", message_id="<a\udcff@x.example>"), NOW)
    assert (store.mail(1).reason or "").startswith("a")
    store.keep((sample_mail(uid=2),), None, NOW)
    assert store.seen_before(store.mail(2), "<a\udcff@x.example>") == store.mail(1)


class TestSeenBefore:
    def test_by_bytes_or_message_id_in_the_account(self, store: AnyStore) -> None:
        store.keep((sample_mail(uid=1), sample_mail(uid=2), sample_mail(uid=3, sha256="3" * 64)), None, NOW)
        store.keep((sample_mail(account_id="toys", uid=1),), None, NOW)
        store.record(read(1, message_id="<a@x.example>"), NOW)
        assert store.seen_before(store.mail(2), None) == store.mail(1)
        assert store.seen_before(store.mail(3), None) is None
        assert store.seen_before(store.mail(3), "<a@x.example>") == store.mail(1)
        assert store.seen_before(store.mail(3), "<b@x.example>") is None
        assert store.seen_before(store.mail(4), "<a@x.example>") is None

    def test_only_what_was_read_counts(self, store: AnyStore) -> None:
        store.keep((sample_mail(uid=1), sample_mail(uid=2)), None, NOW)
        assert store.seen_before(store.mail(2), None) is None
        store.record(read(1, status=MailStatus.PARKED), NOW)
        assert store.seen_before(store.mail(2), None) is None

    def test_a_parked_mail_read_late_sees_the_later_one_read_before_it(self, store: AnyStore) -> None:
        store.keep((sample_mail(uid=1), sample_mail(uid=2)), None, NOW)
        store.record(read(2), NOW)
        assert store.seen_before(store.mail(1), None) == store.mail(2)

    def test_the_first_of_two_read_mails_has_none_before_it(self, store: AnyStore) -> None:
        store.keep((sample_mail(uid=1), sample_mail(uid=2)), None, NOW)
        store.record(read(1), NOW)
        store.record(read(2), NOW)
        assert store.seen_before(store.mail(1), None) is None
        assert store.seen_before(store.mail(2), None) == store.mail(1)

    def test_oversize_mails_are_not_all_alike(self, store: AnyStore) -> None:
        store.keep((sample_mail(uid=1, sha256=None), sample_mail(uid=2, sha256=None)), None, NOW + DAY)
        store.record(read(1), NOW)
        assert store.seen_before(store.mail(2), None) is None


def test_only_one_of_two_processes_takes_a_mail(store: AnyStore) -> None:
    (mail_id,) = store.keep((sample_mail(uid=1),), None, NOW)
    first = MailResult(mail_id=mail_id, was=MailStatus.UNREAD, status=MailStatus.READ, kind="Notice")
    store.record(Change(mails=(first,)), NOW)
    with pytest.raises(Conflict):
        store.record(Change(mails=(replace(first, kind="Other"),)), NOW)
    assert store.mail(mail_id).kind == "Notice"


def test_what_is_imported_is_not_unread_and_its_uid_is_known(store: AnyStore) -> None:
    mails = (
        sample_mail(uid=4, status=MailStatus.IMPORTED),
        sample_mail(uid=5, sha256=None, status=MailStatus.IMPORTED),
        sample_mail(uid=9),
    )
    store.keep(mails, None, NOW)
    store.keep((sample_mail(uid=6, mailbox="Junk"), sample_mail(uid=7, uidvalidity=8)), None, NOW)
    assert [mail.uid for mail in store.mails("lamps", status=MailStatus.IMPORTED)] == [4]
    assert [mail.uid for mail in store.mails("lamps", status=MailStatus.OVERSIZE)] == [5]
    assert store.kept_uids("lamps", "INBOX", 7) == {4, 5, 9}
    assert store.kept_uids("toys", "INBOX", 7) == frozenset()
    assert store.mailboxes() == (), "importing moves no cursor"
