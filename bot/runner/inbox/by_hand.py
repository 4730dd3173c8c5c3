"""Letters that a person wrote by hand: kept as attempts, so that clocks, threads and answers find them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.case.model import Case, PartyRole, State, Track
from bot.draft.language import choose_language
from bot.draft.model import STAND_IN, Letter, TrackRef
from bot.mail.message import Head
from bot.ports import KeptMail
from bot.runner.office import Office, Practice

#: What `compose` can cite (RFC 5322 §3.6.4).
_CITABLE = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
#: How far the clock of a mail program may be ahead of the server's.
_CLOCK_SKEW = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandWritten:
    """One mail to the other side, as far as it is known."""

    sent_at: datetime
    to: str  #: addr-spec
    subject: str = ""
    message_id: str | None = None  #: None when there is no copy of it
    mail_id: int | None = None  #: the mail as it is kept


def hand_written(head: Head, mail: KeptMail, to: str) -> HandWritten:
    """A mail from Sent. Its Date field is our own mail program's; INTERNALDATE may be that of a move."""
    written = head.date
    believed = written is not None and written <= mail.internal_date + _CLOCK_SKEW
    return HandWritten(
        sent_at=written if believed and written else mail.internal_date,
        to=to,
        subject=head.subject,
        message_id=head.message_id,
        mail_id=mail.mail_id,
    )


def addressees(head: Head) -> tuple[str, ...]:
    """Everybody it went to, also in blind copy, without repeats."""
    everybody = (*head.to, *head.cc, *head.bcc)
    return tuple({one.addr_spec.casefold(): one.addr_spec for one in everybody}.values())


def tracks_to_them(case: Case) -> tuple[Track, ...]:
    """The open tracks of a case towards the other side or its counsel: all but Amazon's."""
    return tuple(
        track
        for track in case.tracks
        if track.party is not PartyRole.AMAZON and track.state is not State.CLOSED
    )


def letter_by_hand(
    office: Office, practice: Practice, wrote: HandWritten, about: Iterable[tuple[Case, Track]]
) -> Letter:
    """The row of such a letter, new or with further tracks: a mail that cites it belongs to these cases."""
    pairs = list(about)
    refs = [TrackRef(case_id=case.case_id, track_id=track.track_id) for case, track in pairs]
    citable = wrote.message_id is not None and _CITABLE.fullmatch(wrote.message_id)
    known = (
        office.store.letter_of_message_id(practice.account_id, wrote.message_id)
        if wrote.message_id is not None and citable
        else None
    )
    if known is not None:
        return replace(known, tracks=tuple(dict.fromkeys((*known.tracks, *refs))))
    case, track = pairs[0]
    letter_id = office.ids.letter_id()
    return Letter(
        letter_id=letter_id,
        tenant_id=case.tenant_id,
        account_id=practice.account_id,
        tracks=tuple(refs),
        party=track.party,
        step=track.step,
        language=choose_language(
            None, case.facts.language, practice.languages, practice.of(case).templates.languages
        ),
        state=State.AWAITING,
        mail_from=practice.address,
        from_name="",
        to=wrote.to,
        to_name="",
        cc=(),
        own_copy=None,
        subject=wrote.subject,
        body="",
        message_id=wrote.message_id if wrote.message_id and citable else f"<{letter_id}{STAND_IN}",
        drafted_at=wrote.sent_at,
        good_until=wrote.sent_at,
        facts_digest="by hand",
        sent_copy="provider",
        by_hand=True,
    )
