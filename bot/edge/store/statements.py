"""The statements that each letter asks several times on its way out, prepared once with bound parameters.

What is asked seldom is built where it is asked.
"""

from __future__ import annotations

from sqlalchemy import BindParameter, and_, bindparam, delete, exists, func, insert, select, update

from bot.edge.store.prepared import Prepared
from bot.edge.store.schema import (
    case_file,
    case_party,
    counter,
    diary,
    item,
    letter,
    letter_case,
    mail,
    mailbox,
    party,
    stopped_address,
    track,
)

# A SET takes the names of its columns, so what a WHERE asks for is named otherwise.
_TENANT: BindParameter[int] = bindparam("of_tenant")
_ACCOUNT: BindParameter[str] = bindparam("of_account")
_CASE: BindParameter[str] = bindparam("of_case")
_LETTER: BindParameter[str] = bindparam("of_letter")
_VERSION: BindParameter[int] = bindparam("of_version")

# Cases.
CASE = Prepared(select(case_file).where(case_file.c.tenant_id == _TENANT, case_file.c.case_id == _CASE))

#: Everybody in one case, in order.
PARTIES_OF_CASE = Prepared(
    select(case_party.c.case_id, case_party.c.party_id, party.c.document)
    .join(
        party,
        and_(
            party.c.tenant_id == case_party.c.tenant_id,
            party.c.account_id == case_party.c.account_id,
            party.c.party_id == case_party.c.party_id,
        ),
    )
    .where(case_party.c.tenant_id == _TENANT, case_party.c.case_id == _CASE)
    .order_by(case_party.c.position)
)

#: What must be known of a case before it is written: whose it is, how far it and its diary have come.
CASE_HEAD = Prepared(
    select(
        case_file.c.account_id,
        case_file.c.version,
        case_file.c.diary_length,
        case_file.c.diary_head,
        select(func.count())
        .where(track.c.tenant_id == _TENANT, track.c.case_id == _CASE)
        .scalar_subquery()
        .label("tracks"),
    ).where(case_file.c.tenant_id == _TENANT, case_file.c.case_id == _CASE)
)

UPDATE_CASE = Prepared(
    update(case_file).where(
        case_file.c.tenant_id == _TENANT, case_file.c.case_id == _CASE, case_file.c.version == _VERSION
    )
)
UPDATE_DIARY_HEAD = Prepared(
    update(case_file).where(case_file.c.tenant_id == _TENANT, case_file.c.case_id == _CASE)
)
INSERT_LINES = Prepared(insert(diary))
UPDATE_TRACK = Prepared(
    update(track).where(
        track.c.tenant_id == _TENANT, track.c.case_id == _CASE, track.c.track_id == bindparam("of_track")
    )
)
INSERT_TRACKS = Prepared(insert(track))
DELETE_TRACKS = Prepared(delete(track).where(track.c.tenant_id == _TENANT, track.c.case_id == _CASE))

# Letters.
LETTER = Prepared(
    select(letter.c.document, letter.c.version).where(
        letter.c.tenant_id == _TENANT, letter.c.letter_id == _LETTER
    )
)
LETTER_HEAD = Prepared(
    select(letter.c.account_id, letter.c.version, letter.c.message_id).where(
        letter.c.tenant_id == _TENANT, letter.c.letter_id == _LETTER
    )
)
LETTER_OF_MESSAGE_ID = Prepared(
    select(letter.c.letter_id).where(
        letter.c.tenant_id == _TENANT,
        letter.c.account_id == _ACCOUNT,
        letter.c.message_id == bindparam("of_message_id"),
    )
)
UPDATE_LETTER = Prepared(
    update(letter).where(
        letter.c.tenant_id == _TENANT, letter.c.letter_id == _LETTER, letter.c.version == _VERSION
    )
)
CASES_OF_LETTER = Prepared(
    select(letter_case.c.case_id)
    .where(letter_case.c.tenant_id == _TENANT, letter_case.c.letter_id == _LETTER)
    .order_by(letter_case.c.position)
)
_ACCEPTED = select(func.count().label("letters")).where(
    letter.c.tenant_id == _TENANT,
    letter.c.account_id == _ACCOUNT,
    letter.c.accepted_at >= bindparam("since"),
)
ACCEPTED_SINCE = Prepared(_ACCEPTED)
ACCEPTED_IN_ALL_SINCE = Prepared(
    select(func.count().label("letters")).where(
        letter.c.tenant_id == _TENANT, letter.c.accepted_at >= bindparam("since")
    )
)
_EARLIER = letter.alias("earlier")
#: Asked of the letters since then only, each with a look for an earlier one: it does not grow with the years.
NEW_ADDRESSES_SINCE = Prepared(
    select(func.count(letter.c.to.distinct()).label("addresses")).where(
        letter.c.tenant_id == _TENANT,
        letter.c.account_id == _ACCOUNT,
        letter.c.accepted_at >= bindparam("since"),
        ~exists().where(
            _EARLIER.c.tenant_id == letter.c.tenant_id,
            _EARLIER.c.account_id == letter.c.account_id,
            _EARLIER.c.to == letter.c.to,
            _EARLIER.c.accepted_at < bindparam("since"),
        ),
    )
)
ACCEPTED_BY_SINCE = Prepared(_ACCEPTED.where(letter.c.to == bindparam("of_address")))

# Mail and the queue.
_MAILBOXES = (
    select(mailbox)
    .where(mailbox.c.tenant_id == _TENANT, mailbox.c.account_id == _ACCOUNT)
    .order_by(mailbox.c.name)
)
MAILBOXES_OF_ACCOUNT = Prepared(_MAILBOXES)
MAILBOX = Prepared(_MAILBOXES.where(mailbox.c.name == bindparam("of_name")))
MAILS_IN_STATUS = Prepared(
    select(mail)
    .where(
        mail.c.tenant_id == _TENANT,
        mail.c.account_id == _ACCOUNT,
        mail.c.status == bindparam("of_status"),
    )
    .order_by(mail.c.mail_id)
    .limit(bindparam("at_most"))
)
OPEN_ITEM = Prepared(
    select(item.c.document).where(
        item.c.tenant_id == _TENANT,
        item.c.kind == bindparam("of_kind"),
        item.c.open_subject == bindparam("of_subject"),
    )
)
OPEN_ITEMS_OF_KIND = Prepared(
    select(item.c.document)
    .where(
        item.c.tenant_id == _TENANT,
        item.c.account_id == _ACCOUNT,
        item.c.kind == bindparam("of_kind"),
        item.c.open_subject.is_not(None),
    )
    .order_by(item.c.number)
)
UPDATE_ITEM = Prepared(
    update(item).where(item.c.tenant_id == _TENANT, item.c.number == bindparam("of_number"))
)

# Numbers.
COUNTER = Prepared(
    select(counter.c.last).where(counter.c.tenant_id == _TENANT, counter.c.name == bindparam("of_name"))
)

# Stops.
STOPS = Prepared(
    select(stopped_address).where(stopped_address.c.tenant_id == _TENANT).order_by(stopped_address.c.address)
)
