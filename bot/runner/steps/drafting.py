"""Writes the letters that ready tracks ask for; complaints of one owner share one; stale ones are rewritten.

A draft is written at once, so that a person sees it at once. As long as nobody has approved or edited it,
a further complaint by the same owner joins it: five complaints in a day are one letter. What it says is
compared by digest with what the cases say now; a letter that no longer fits is written again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.case import events as e
from bot.case.decide import Decision
from bot.case.model import Case, PartyRole, State, Track
from bot.case.reasons import Reason
from bot.draft.language import choose_language
from bot.draft.model import Letter, Need
from bot.draft.request import CaseTrack, Gaps, LetterRequest, PreviousLetter
from bot.draft.write import facts_digest, write_letter
from bot.errors import Conflict
from bot.evidence.attempts import attempts_record
from bot.mail.address import same_address
from bot.ports import AlertKind, Store
from bot.runner.changes import change_of
from bot.runner.letters import decide_for
from bot.runner.office import Office, Practice
from bot.runner.stops import STOPPED, is_stopped_for
from bot.runner.telling import tell_items


def write_drafts(office: Office, practice: Practice) -> int:
    """Write or extend a letter for every ready track of the account; how many letters changed.

    A conflict with a person at work leaves the rest for the next turn.
    """
    written = 0
    try:
        for letter in office.store.letters(account_id=practice.account_id, needs=Need.REWRITING):
            written += _refresh(office, practice, letter)
        for group in _groups(office, practice):
            written += _write(office, practice, group)
    except Conflict:
        return written + 1  # something changed: look again at once
    return written


def refresh_drafts(office: Office, practice: Practice) -> int:
    """Write every waiting draft again whose facts, profile or template changed, or that grew too old.

    For now and then: each draft is compared with its cases. Nothing depends on it, because approving and
    sending compare again.
    """
    letters = office.store.letters(account_id=practice.account_id, states=(State.DRAFTED,))
    try:
        return sum(_refresh(office, practice, letter) for letter in letters)
    except Conflict:
        return 1


def _groups(office: Office, practice: Practice) -> list[list[CaseTrack]]:
    """Ready tracks, those with the same addressee, step and language together."""
    groups: dict[tuple[object, ...], list[CaseTrack]] = {}
    for case in office.store.cases_in_state(practice.account_id, State.READY):
        for track in case.tracks:
            if track.state is State.READY:
                key = _key(office.store, practice, case, track)
                groups.setdefault(key, []).append(CaseTrack(case=case, track_id=track.track_id))
    return list(groups.values())


def _key(store: Store, practice: Practice, case: Case, track: Track) -> tuple[object, ...]:
    """What two tracks must have in common to share a letter."""
    if track.party is PartyRole.AMAZON:
        whom: object = ("amazon", case.case_id)  # Amazon is told about each complaint by itself
    else:
        party = case.party(track.party)
        whom = party.address.casefold() if party and party.address else case.case_id
    thread = tuple(letter.letter_id for letter in _thread(store, case, track))
    rules = practice.of(case).rules_hash  # two cases share a letter only when the same template writes both
    proven = case.facts.vouched_by is None  # what a notice proves never shares a letter with what none does
    language = _language(store, practice, case, track)
    return (case.store, track.party, whom, track.playbook, track.step, thread, language, proven, rules)


def _thread(store: Store, case: Case, track: Track) -> list[Letter]:
    """Accepted letters that this track continues, oldest first: to Amazon, all of which it had a copy.

    Whoever took the place of an address that came back continues nothing: they received none of them.
    """
    party = case.party(track.party)
    found = [
        store.letter(attempt.letter_id)
        for attempt in case.attempts
        for other in case.tracks
        if attempt in other.attempts and (track.party is PartyRole.AMAZON or other.party is track.party)
    ]
    if track.party is PartyRole.AMAZON or party is None or party.source != "person":
        return found
    return [one for one in found if any(same_address(one.to, address) for address in party.addresses)]


def _language(store: Store, practice: Practice, case: Case, track: Track) -> str:
    """Chosen once per track: what the first letter was written in."""
    thread = _thread(store, case, track)
    if thread:
        return thread[0].language
    templates = practice.of(case).templates
    return choose_language(None, case.facts.language, practice.languages, templates.languages)


def _request(
    office: Office, practice: Practice, group: Sequence[CaseTrack], now: datetime, known: Letter | None
) -> LetterRequest:
    store = office.store
    first = group[0]
    track = first.case.track(first.track_id)
    practice = practice.of(first.case)
    ladder = practice.playbooks[track.playbook]
    step = ladder.playbook.step(track.step)
    cases = [member.case for member in group]
    previous = {letter.letter_id: letter for case in cases for letter in _thread(store, case, track)}
    at = {a.letter_id: a.at for case in cases for a in case.attempts}
    record = None
    if track.party is PartyRole.AMAZON:
        both = [*cases, *(store.case(one.case_id) for case in cases for one in case.merged)]
        record = attempts_record(both, {case.case_id: store.diary(case.case_id) for case in both})
    zone = ZoneInfo(practice.time_zone)
    return LetterRequest(
        cases=tuple(group),
        step=track.step,
        profile=practice.profile_of(first.case.store),
        language=known.language if known else _language(store, practice, first.case, track),
        templates=practice.templates,
        now=now,
        reply_by=ladder.calendar.add(now, ladder.playbook.reply_by).astimezone(zone).date(),
        good_until=ladder.calendar.add(now, ladder.playbook.good_for),
        letter_id=known.letter_id if known else office.ids.letter_id(),
        message_id=known.message_id if known else office.ids.message_id(practice.domain),
        zone=zone,
        previous=tuple(
            PreviousLetter(
                message_id=letter.message_id if letter.citable else None,
                subject=letter.subject,
                at=at[letter.letter_id],
                by_hand=letter.by_hand,
            )
            for letter in previous.values()
        ),
        record=record,
        revision=known.revision + 1 if known else 1,
        copy_amazon=step.copy_amazon,
        template=step.template,
    )


def _write(office: Office, practice: Practice, group: list[CaseTrack]) -> int:
    now = office.clock.now()
    known = _joinable(office, practice, group[0])
    if known is not None:
        members = [*_members(office.store, known), *group]
        return _rewrite(office, practice, known, members, group, Reason.COMPLAINT_JOINED)
    request = _request(office, practice, group, now, None)
    letter = write_letter(request)
    if isinstance(letter, Gaps):
        return _hold(office, practice, group, letter, now)
    if is_stopped_for(office, practice, letter):
        return _hold_for(office, practice, group, Reason.RECIPIENT_NOT_ALLOWED, STOPPED, now)
    decisions = [
        decide_for(
            practice,
            member.case,
            e.Drafted(at=now, track=member.track_id, letter=letter.letter_id),
            now,
        )
        for member in group
    ]
    _record(office, letter, decisions, now)
    return 1


def _joinable(office: Office, practice: Practice, member: CaseTrack) -> Letter | None:
    """A draft that waits, unedited, for the same addressee, step and language."""
    wanted = _key(office.store, practice, member.case, member.case.track(member.track_id))
    party = member.case.party(member.case.track(member.track_id).party)
    if party is None or party.address is None:
        return None  # Amazon is told about each complaint by itself
    waiting = (State.DRAFTED,)
    for letter in office.store.letters(account_id=practice.account_id, states=waiting, to=party.address):
        if letter.edited_by or not letter.tracks:
            continue
        ref = letter.tracks[0]
        case = office.store.case(ref.case_id)
        if _key(office.store, practice, case, case.track(ref.track_id)) == wanted:
            return letter
    return None


def _members(store: Store, letter: Letter) -> list[CaseTrack]:
    return [CaseTrack(case=store.case(ref.case_id), track_id=ref.track_id) for ref in letter.tracks]


def current_digest(office: Office, practice: Practice, letter: Letter, now: datetime) -> str:
    """Digest of the facts as they are now, to be compared with the letter's own."""
    return facts_digest(_request(office, practice, _members(office.store, letter), now, letter))


def _refresh(office: Office, practice: Practice, letter: Letter) -> int:
    """Write a waiting draft again when its facts changed or it grew too old; hold it for a stop."""
    now = office.clock.now()
    if is_stopped_for(office, practice, letter):
        members = _members(office.store, letter)
        return _hold_for(office, practice, members, Reason.RECIPIENT_NOT_ALLOWED, STOPPED, now)
    fits = letter.facts_digest == current_digest(office, practice, letter, now)
    if fits and now < letter.good_until:
        return 0
    reason = Reason.OUT_OF_DATE if fits else Reason.FACTS_CHANGED
    if not letter.facts_digest:
        reason = _marked_because(office.store, letter)
    return _rewrite(office, practice, letter, _members(office.store, letter), [], reason)


def _marked_because(store: Store, letter: Letter) -> Reason:
    """Why the letter was marked to be written again: its approval was void, or a complaint left it."""
    last = store.diary(letter.tracks[0].case_id)[-1]
    return last.reason if isinstance(last, e.Voided) else Reason.CASE_LEFT_LETTER


def _rewrite(
    office: Office,
    practice: Practice,
    known: Letter,
    members: list[CaseTrack],
    joining: list[CaseTrack],
    reason: Reason,
) -> int:
    now = office.clock.now()
    letter = write_letter(_request(office, practice, members, now, known))
    if isinstance(letter, Gaps):
        return _hold(office, practice, joining or members, letter, now)
    letter = replace(letter, version=known.version, attempts=known.attempts)
    if known.edited_by:
        text = "a letter that a person had edited was out of date and is written anew; edit it again"
        office.notifier.tell(AlertKind.NEW_ITEM, practice.account_id, text, detail=known.edited_by)
    new = {member.ref for member in joining}
    decisions = [
        decide_for(
            practice,
            member.case,
            e.Drafted(at=now, track=member.track_id, letter=letter.letter_id)
            if member.ref in new
            else e.Redrafted(
                at=now,
                track=member.track_id,
                letter=letter.letter_id,
                revision=letter.revision,
                reason=reason,
            ),
            now,
        )
        for member in members
    ]
    _record(office, letter, decisions, now)
    return 1


def _record(office: Office, letter: Letter, decisions: list[Decision], now: datetime) -> None:
    change = change_of(decisions, letters=[letter])
    tell_items(office, change, office.store.record(change, now))


def _hold(office: Office, practice: Practice, group: Sequence[CaseTrack], gaps: Gaps, now: datetime) -> int:
    """The letter cannot be written: hold the tracks and name what is missing."""
    profile = any(name.startswith("profile") for name in gaps.names)
    reason = Reason.PROFILE_INCOMPLETE if profile else Reason.DRAFT_INCOMPLETE
    if "address" in gaps.names:
        reason = Reason.NO_ADDRESS
    if practice.stores and any(member.case.store not in practice.stores for member in group):
        # Before all else: whose address, name and postal address are meant is not known.
        return _hold_for(office, practice, group, Reason.STORE_UNCLEAR, " or ".join(practice.stores), now)
    return _hold_for(office, practice, group, reason, str(gaps), now)


def _hold_for(
    office: Office, practice: Practice, group: Sequence[CaseTrack], reason: Reason, detail: str, now: datetime
) -> int:
    decisions = [
        decide_for(
            practice, member.case, e.Held(at=now, track=member.track_id, reason=reason, detail=detail), now
        )
        for member in group
    ]
    letters = _set_aside(office.store, group)
    change = change_of(decisions, letters=letters)
    tell_items(office, change, office.store.record(change, now))
    return 1


def _set_aside(store: Store, group: Sequence[CaseTrack]) -> list[Letter]:
    ids = {member.case.track(member.track_id).letter_id for member in group}
    return [
        replace(letter, state=State.HELD, approval=None)
        for letter_id in sorted(i for i in ids if i)
        if (letter := store.letter(letter_id)).state is State.DRAFTED
    ]
