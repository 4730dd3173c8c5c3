"""Completes a case whose notice names no contact: a person gives what Account Health shows, or says: nobody.

The value's source is that person, with the day; the text they pasted is kept. The same rules hold as for
a notice: an address of Amazon's, of ours, of a list, or one that nobody reads or that is stopped, is refused.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from bot.case import events as e
from bot.case.decide import Decision, decide
from bot.case.model import Case, Party, PartyRole, Source, State, Track
from bot.case.reasons import REASON_TEXT, WANT_CONTACT, Reason
from bot.draft.stops import is_stopped
from bot.errors import NotPossible
from bot.runner.changes import again_on_conflict, change_of
from bot.runner.desk.adopting import refuse_address, same_number
from bot.runner.inbox.pasted import keep_text, link_text
from bot.runner.letters import decide_for
from bot.runner.office import Office, Practice, practice_of
from bot.runner.stops import stops_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom a person says to write to."""

    address: str
    name: str | None = None
    organisation: str | None = None
    counsel: bool = False  #: the text names them as a lawyer
    text: str | None = None  #: what was pasted
    place: tuple[int, int] = (0, 0)  #: of the address in that text
    complaint_ids: tuple[str, ...] = ()  #: that the text names


def give_contact(office: Office, case_id: str, contact: Contact, by: str) -> Case:
    """Write it down and let the held track go on. Raises NotPossible, and then nothing was written."""
    return again_on_conflict(lambda: _give(office, case_id, contact, by))


def nobody_named(office: Office, case_id: str, by: str) -> Case:
    """A person looked: no contact is named anywhere. The line to the complainant ends; Amazon is asked."""
    return again_on_conflict(lambda: _nobody(office, case_id, by))


def waiting_track(case: Case) -> Track:
    """The track that waits for a contact. Raises NotPossible when none does."""
    theirs = [track for track in case.tracks if track.party is not PartyRole.AMAZON]
    track = next((one for one in theirs if one.state is State.HELD and one.hold in WANT_CONTACT), None)
    if track is not None and not case.lawyer and case.facts.no_letter is None:
        return track
    why = "your lawyer has it" if case.lawyer else None
    if case.facts.no_letter is not None:
        why = f"no letter may follow such a mail: {REASON_TEXT[case.facts.no_letter]}"
    held = next((REASON_TEXT[one.hold] for one in theirs if one.hold), "it is not held for one")
    raise NotPossible(f"case {case.case_id} does not wait for a contact: {why or held}; nothing was changed")


def _give(office: Office, case_id: str, contact: Contact, by: str) -> Case:
    case = office.store.case(case_id)
    practice = practice_of(office, case.account_id)
    now = office.clock.now()
    track = waiting_track(case)
    address = _checked(office, practice, case, contact)
    kept = keep_text(office, practice, contact.text) if contact.text else None
    case = _with_party(case, contact, address, by, now)
    line: list[Decision] = []
    first = practice.playbooks[track.playbook].playbook.first.name
    # Whoever takes over from an address that came back has received nothing yet.
    step = first if track.hold is Reason.BOUNCED else track.step
    events: list[e.Event] = [
        e.ContactGiven(at=now, by=by, mail=kept),
        e.Resumed(at=now, by=by, track=track.track_id, step=step),
    ]
    if contact.counsel:
        events.append(e.Held(at=now, track=track.track_id, reason=Reason.COUNSEL_NAMED))
    for event in events:
        line.append(decide_for(practice, line[-1].case if line else case, event, now))
    after = line[-1].case
    mails = [link_text(office, kept, after)] if kept is not None else []
    office.store.record(change_of(line, mails=mails), now)
    return after


def _checked(office: Office, practice: Practice, case: Case, contact: Contact) -> str:
    address = refuse_address(practice, contact.address)
    if is_stopped(address, stops_now(office, practice)):
        raise NotPossible(
            f"a stop is set for {address}; `rejoinder stop --list` says why. Nothing was changed"
        )
    ours = case.facts.complaint_id
    if ours and contact.complaint_ids and not any(same_number(ours, one) for one in contact.complaint_ids):
        raise NotPossible(
            f"the text is about complaint {contact.complaint_ids[0]}, and case {case.case_id} about {ours}; "
            "nothing was changed. Paste what stands at this complaint"
        )
    return address


def _with_party(case: Case, contact: Contact, address: str, by: str, now: datetime) -> Case:
    """The person's word takes the place of the notice's, in this case alone."""
    before = next((one for one in case.parties if one.role is not PartyRole.AMAZON), None)
    key = f"{case.account_id}/{case.case_id}/{address.casefold()}"
    party = Party(
        party_id=hashlib.blake2b(key.encode(), digest_size=10).hexdigest(),
        role=PartyRole.COUNSEL if contact.counsel else PartyRole.COMPLAINANT,
        name=contact.name or (before.name if before else None),
        organisation=contact.organisation or (before.organisation if before else None),
        addresses=(address,),
        source="person",
    )
    source = Source(
        field="complainant's address",
        value=address,
        part="person",
        start=contact.place[0],
        end=contact.place[1],
        text=f"given by {by} on {now:%Y-%m-%d}, as Account Health shows it",
    )
    others = tuple(one for one in case.parties if one.role is PartyRole.AMAZON)
    sources = tuple(one for one in case.facts.sources if one.field != "complainant's address")
    return replace(case, parties=(party, *others), facts=replace(case.facts, sources=(*sources, source)))


def _nobody(office: Office, case_id: str, by: str) -> Case:
    case = office.store.case(case_id)
    practice = practice_of(office, case.account_id)
    now = office.clock.now()
    track = waiting_track(case)
    ladder = practice.playbooks[track.playbook]
    step = next((one for one in ladder.playbook.steps if one.to is PartyRole.AMAZON), None)
    if step is None:
        raise NotPossible(f"playbook {ladder.name} has no step to Amazon; close the case or appeal yourself")
    events: list[e.Event] = [
        e.ContactGiven(at=now, by=by, nobody=True),
        e.Closed(at=now, by=by, track=track.track_id, why="nobody is named to write to"),
    ]
    if not any(one.party is PartyRole.AMAZON for one in case.tracks):
        number = str(1 + max(int(one.track_id) for one in case.tracks))
        begun = e.TrackStarted(
            at=now,
            by=by,
            track=number,
            party=PartyRole.AMAZON,
            playbook=track.playbook,
            step=step.name,
            state=State.READY,
        )
        events.insert(1, begun)
    line: list[Decision] = []
    for event in events:
        line.append(decide(line[-1].case if line else case, event, ladder, now))
    office.store.record(change_of(line), now)
    return line[-1].case
