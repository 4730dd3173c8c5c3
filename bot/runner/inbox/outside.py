"""What the Sent mailbox shows that was not written here: mail by hand to a party of a case stops its steps.

A mail is linked by whom it went to and by what it cites. It is never a copy of a letter of ours: those are
recognised by their Message-ID before anybody asks here. What goes to Amazon is a fact of its own, and files
nothing in Seller Central.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.case import events as e
from bot.case.decide import Decision
from bot.case.model import Case, PartyRole, State, Track
from bot.draft.model import Letter
from bot.mail.message import Head
from bot.ports import KeptMail
from bot.reading.model import Understood
from bot.runner.inbox.by_hand import addressees, hand_written, letter_by_hand, tracks_to_them
from bot.runner.letters import decide_for
from bot.runner.office import Office, Practice

#: Why nothing more came of a mail, as it is kept with it.
BY_HAND = "written by hand"
OF_NO_CASE = "sent to nobody of a case"


@dataclass(kw_only=True)
class Outside:
    """What one mail by hand does: decisions in order, and its own row as a letter."""

    counts: bool
    decisions: list[Decision] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    latest: dict[str, Case] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """For the row of the mail."""
        return BY_HAND if self.decisions else OF_NO_CASE

    def case(self, office: Office, case_id: str) -> Case:
        """As the decisions so far left it."""
        return self.latest.get(case_id) or office.store.case(case_id)

    def happens(self, practice: Practice, case: Case, event: e.Event, now: datetime) -> Case:
        """Decide one event more."""
        decision = decide_for(practice, case, event, now)
        self.decisions.append(decision)
        self.latest[case.case_id] = decision.case
        return decision.case


def written_outside(
    office: Office,
    practice: Practice,
    mail: KeptMail,
    understood: Understood,
    now: datetime,
    *,
    counts: bool = True,
) -> Outside:
    """What a mail from Sent, not of ours, does to the cases whose parties it went to.

    With `counts` false it holds them and is no attempt: it may have gone to ourselves only.
    """
    done = Outside(counts=counts)
    head = understood.head
    if head is None or head.automatic:
        return done  # a machine of ours told somebody that nobody is here
    everybody = [one for one in addressees(head) if not practice.lint.is_ours(one)]
    if not everybody:
        return done  # a note to ourselves
    linked = _cited(office, practice, mail, head)
    for case_id, to in _to_a_party(office, practice, everybody, linked[PartyRole.COMPLAINANT]).items():
        _stop_theirs(office, practice, done, case_id, to, mail, head, now)
    if any(practice.lint.is_amazons(one.addr_spec) for one in head.to):
        named = office.store.cases_of_complaint(practice.account_id, understood.complaint_ids)
        ids = dict.fromkeys((*(case.case_id for case in named), *linked[PartyRole.AMAZON]))
        for case_id in ids:
            _stop_amazons(office, practice, done, case_id, mail, head, now)
    return done


def _cited(
    office: Office, practice: Practice, mail: KeptMail, head: Head
) -> dict[PartyRole, dict[str, None]]:
    """Ids of cases by what the mail continues: a letter of ours, or a mail that came in for them."""
    found: dict[PartyRole, dict[str, None]] = {PartyRole.COMPLAINANT: {}, PartyRole.AMAZON: {}}
    for message_id in head.cites:
        letter = office.store.letter_of_message_id(practice.account_id, message_id)
        if letter is not None:
            line = found[PartyRole.AMAZON if letter.party is PartyRole.AMAZON else PartyRole.COMPLAINANT]
            line |= dict.fromkeys(ref.case_id for ref in letter.tracks)
            continue
        came = office.store.seen_before(replace(mail, sha256=None), message_id)
        if came is not None:
            theirs = came.kind in ("Reply", "Other", "LegalLetter", "AutomaticResponse")
            line = found[PartyRole.COMPLAINANT if theirs else PartyRole.AMAZON]
            line |= dict.fromkeys(came.cases)
    return found


def _to_a_party(
    office: Office, practice: Practice, everybody: list[str], cited: dict[str, None]
) -> dict[str, str]:
    """Case id → to whom it went: a party of the case, or somebody whom a thread of the case was sent to."""
    to: dict[str, str] = {}
    for address in everybody:
        for case in office.store.cases_of_address(practice.account_id, address):
            to.setdefault(case.case_id, address)
    theirs = [one for one in everybody if not practice.lint.is_amazons(one)]
    for case_id in cited if theirs else ():
        to.setdefault(case_id, theirs[0])
    return to


def _stop_theirs(
    office: Office,
    practice: Practice,
    done: Outside,
    case_id: str,
    to: str,
    mail: KeptMail,
    head: Head,
    now: datetime,
) -> None:
    case = done.case(office, case_id)
    for track in tracks_to_them(case):
        event = e.ContactOutside(at=now, track=track.track_id, mail=mail.mail_id, what="wrote")
        case = done.happens(practice, case, event, now)
        party = next((one for one in case.parties if to.casefold() in map(str.casefold, one.addresses)), None)
        if party is not None and done.counts and case.track(track.track_id).state is State.HELD:
            _count(office, practice, done, case, case.track(track.track_id), to, mail, head, now)


def _count(
    office: Office,
    practice: Practice,
    done: Outside,
    case: Case,
    track: Track,
    to: str,
    mail: KeptMail,
    head: Head,
    now: datetime,
) -> None:
    """It counts as an attempt: answers that cite it are found, and the limit of letters knows of it."""
    wrote = hand_written(head, mail, to)
    known = next((one for one in done.letters if one.message_id == wrote.message_id), None)
    letter = letter_by_hand(office, practice, wrote, [(case, track)])
    if known is not None:
        letter = replace(known, tracks=(*known.tracks, *letter.tracks))
    if any(attempt.letter_id == letter.letter_id for attempt in track.attempts):
        return  # the server numbered its mail anew
    done.letters = [*(one for one in done.letters if one is not known), letter]
    event = e.WroteByHand(
        at=now,
        track=track.track_id,
        letter=letter.letter_id,
        step=track.step,
        sent_at=wrote.sent_at,
        mail=mail.mail_id,
    )
    done.happens(practice, case, event, now)


def _stop_amazons(
    office: Office,
    practice: Practice,
    done: Outside,
    case_id: str,
    mail: KeptMail,
    head: Head,
    now: datetime,
) -> None:
    """It is noted that Amazon was written to; what waits for Amazon in the case is held."""
    case = done.case(office, case_id)
    sent_at = hand_written(head, mail, "").sent_at
    case = done.happens(practice, case, e.MailedAmazon(at=now, sent_at=sent_at, mail=mail.mail_id), now)
    for track in case.tracks:
        if track.party is PartyRole.AMAZON and track.state is not State.CLOSED:
            event = e.ContactOutside(at=now, track=track.track_id, mail=mail.mail_id, what="wrote")
            case = done.happens(practice, case, event, now)
