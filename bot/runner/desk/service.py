"""What a person may do, whether from the terminal or later the web: one function for each answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.case import events as e
from bot.case.decide import Decision
from bot.case.items import ItemClosing, ItemKind
from bot.case.model import Case, State, Track
from bot.case.reasons import REASON_TEXT
from bot.draft.model import Letter
from bot.errors import IllegalTransition, NotPossible
from bot.ports import MailResult, MailStatus
from bot.review import Item
from bot.runner.changes import change_of
from bot.runner.desk.approving import approve as approve_letter
from bot.runner.desk.approving import rewritten_because
from bot.runner.letters import after, decide_for, for_all_tracks, letters_left_behind
from bot.runner.office import Office, Practice, practice_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What an answer came to, as a sentence and with the values a screen needs."""

    item: Item
    text: str
    letter: Letter | None = None
    warning: str | None = None


#: Why a letter that is not approved cannot be taken back.
_NOT_RECALLED = {
    State.DRAFTED: "this is a draft that nobody approved; there is nothing to take back",
    State.SENDING: "too late, the letter is on the line at this moment",
    State.BODY_GONE: "too late, the letter is on the line at this moment",
    State.IN_DOUBT: "too late, its text has left; whether the server took it is not known",
}
_NOT_HERE = "the letter is not here any more, so it cannot be taken back"


def letter_of(office: Office, item: Item) -> Letter:
    """The letter an item is about. Raises NotPossible for other items."""
    kind, _, letter_id = item.subject.partition(":")
    if kind != "letter":
        raise NotPossible(
            f"item {item.number} has no letter yet; `rejoinder show {item.number}` says what can be done"
        )
    return office.store.letter(letter_id)


def open_item(office: Office, number: int) -> Item:
    """An item that still waits for an answer. Raises NotPossible."""
    item = office.store.item(number)
    if item.closed_at is not None:
        raise NotPossible(f"item {number} is already answered ({item.outcome})")
    return item


def approve(
    office: Office, number: int, by: str, revision: int | None = None, *, named: str | None = None
) -> Done:
    """A draft: it leaves after the undo window. A claim: the mail belongs to the case. An alarm: read.

    `revision` is the text that the person saw: another one is refused, and so is a text that we wrote again
    when none is named, because whoever saw the earlier one has not seen this. `named` is the addressee as the
    person typed it, which a letter needs that follows from a notice nothing proves.
    """
    item = open_item(office, number)
    practice = practice_of(office, item.account_id)
    if item.kind is ItemKind.DRAFT:
        letter = letter_of(office, item)
        _refuse_unseen(office, number, letter, revision)
        letter = approve_letter(office, practice, letter, by, named)
        return Done(item=item, text="approved", letter=letter)
    if revision is not None or named is not None:
        raise NotPossible(f"item {number} is no draft; leave --revision and --to out")
    if item.kind is ItemKind.CLAIM:
        return _belongs(office, practice, item, by)
    if item.kind in (ItemKind.ALARM, ItemKind.SUSPECT, ItemKind.PARKED):
        _close(office, item, "read", by, mails=_read_by(office, item, by))
        return Done(item=item, text="marked as read")
    if item.kind is ItemKind.IN_DOUBT:
        raise NotPossible(f"say what happened: `rejoinder settle {number} --sent` or `--not-sent`")
    raise NotPossible(f"this case is held; `rejoinder show {number}` says why and what can be done")


def _refuse_unseen(office: Office, number: int, letter: Letter, revision: int | None) -> None:
    if letter.state is not State.DRAFTED:
        return  # refused for that, in its own words
    if revision == letter.revision or (revision is None and not letter.written_again):
        return
    now = f"`rejoinder approve {number} --revision {letter.revision}`"
    if revision is not None and not letter.written_again:
        raise NotPossible(
            f"this letter is revision {letter.revision}, not {revision}; "
            f"read it with `rejoinder show {number}`, then {now}"
        )
    why = ", and ".join(REASON_TEXT[reason] for reason in rewritten_because(office, letter))
    raise NotPossible(
        f"this letter was written again ({why}) and is revision {letter.revision} now; "
        f"read it with `rejoinder show {number}`, then {now}"
    )


def _belongs(office: Office, practice: Practice, item: Item, by: str) -> Done:
    now = office.clock.now()
    mail_id = int(item.subject.partition(":")[2])
    retraction = item.reason == "retraction"
    decisions: list[Decision] = []
    for case_id in item.cases:
        event: e.Event = (
            e.RetractionSeen(at=now, by=by, mail=mail_id, rung="copy-seen")
            if retraction
            else e.Answered(at=now, by=by, mail=mail_id)
        )
        decisions.append(decide_for(practice, office.store.case(case_id), event, now))
    _settle(office, practice, decisions, item, "belongs", now)
    return Done(item=item, text="the mail belongs to " + ", ".join(item.cases))


def reject(office: Office, number: int, why: str, by: str) -> Done:
    """A draft: the case is held and nothing is sent. A claim: the mail does not belong to the case."""
    item = open_item(office, number)
    practice = practice_of(office, item.account_id)
    now = office.clock.now()
    if item.kind is not ItemKind.DRAFT:
        if item.kind in (ItemKind.HOLD, ItemKind.IN_DOUBT):
            raise NotPossible(
                f"item {number} cannot be rejected; `rejoinder show {number}` says what can be done"
            )
        _close(office, item, "rejected", by)
        word = "the mail does not belong to the case" if item.kind is ItemKind.CLAIM else "put away"
        return Done(item=item, text=word)
    letter = letter_of(office, item)
    if letter.state is State.APPROVED:
        raise NotPossible(f"item {number} is approved; `rejoinder recall {number}` first")
    decisions = for_all_tracks(practice, office.store, letter, e.Rejected(at=now, by=by, why=why), now)
    letter = replace(letter, state=State.HELD, approval=None)
    office.store.record(change_of(decisions, letters=[letter]), now)
    return Done(item=item, text="rejected; the case is held", letter=letter)


def recall(office: Office, number: int, by: str) -> Done:
    """Take an approval back while the letter has not left."""
    item = open_item(office, number)
    practice = practice_of(office, item.account_id)
    letter = letter_of(office, item)
    if letter.state is not State.APPROVED:
        raise NotPossible(_NOT_RECALLED.get(letter.state, _NOT_HERE))
    now = office.clock.now()
    decisions = for_all_tracks(practice, office.store, letter, e.Recalled(at=now, by=by), now)
    letter = letter.without_approval()
    office.store.record(change_of(decisions, letters=[letter]), now)
    return Done(item=item, text="recalled; it is a draft again", letter=letter)


def edit(office: Office, number: int, subject: str, body: str, by: str) -> Done:
    """Put the person's text in place of ours; an approval given before is void."""
    item = open_item(office, number)
    practice = practice_of(office, item.account_id)
    letter = letter_of(office, item)
    if not letter.editable:
        raise NotPossible(f"item {number} is {letter.state.value} and can no longer be edited")
    if (subject, body) == (letter.subject, letter.body):
        return Done(item=item, text="nothing changed", letter=letter)
    if not subject.strip() or not body.strip():
        raise NotPossible("a letter needs a subject and a text; nothing was changed")
    now = office.clock.now()
    revision = letter.revision + 1
    event = e.Edited(at=now, by=by, letter=letter.letter_id, revision=revision)
    decisions = for_all_tracks(practice, office.store, letter, event, now)
    letter = replace(
        letter.without_approval(),
        subject=subject,
        body=body,
        revision=revision,
        edited_by=by,
        original_body=letter.original_body or letter.body,
    )
    office.store.record(change_of(decisions, letters=[letter]), now)
    return Done(item=item, text="edited; approve it to send it", letter=letter)


def snooze(office: Office, number: int, until: datetime, by: str) -> Done:
    """See an item later. Past Amazon's deadline only with a warning."""
    item = open_item(office, number)
    now = office.clock.now()
    if until <= now:
        raise NotPossible("that moment is already past; give a later one")
    practice = practice_of(office, item.account_id)
    decisions: list[Decision] = []
    if item.kind is ItemKind.DRAFT:
        letter = letter_of(office, item)
        if letter.state is State.APPROVED:
            raise NotPossible(f"item {number} is approved; `rejoinder recall {number}` first")
        decisions = for_all_tracks(practice, office.store, letter, e.Snoozed(at=now, by=by, until=until), now)
    change = replace(change_of(decisions), snooze_item=(number, until))
    office.store.record(change, now)
    return Done(item=item, text="snoozed", warning=_too_late(office, item, until))


def _too_late(office: Office, item: Item, until: datetime) -> str | None:
    cases = [office.store.case(case_id) for case_id in item.cases]
    safe = min((case.last_safe for case in cases if case.last_safe), default=None)
    if safe is None or until < safe:
        return None
    return "this is past the last safe date of the case; Amazon's clock does not pause"


def settle(office: Office, number: int, *, sent: bool, by: str) -> Done:
    """A person judges whether a letter in doubt was sent."""
    item = open_item(office, number)
    if item.kind is not ItemKind.IN_DOUBT:
        raise NotPossible(
            f"item {number} is not in doubt, so there is nothing to settle; "
            f"`rejoinder show {number}` says what can be done"
        )
    practice = practice_of(office, item.account_id)
    letter = letter_of(office, item)
    now = office.clock.now()
    event: e.Event = e.JudgedSent(at=now, by=by) if sent else e.JudgedNotSent(at=now, by=by)
    decisions = for_all_tracks(practice, office.store, letter, event, now)
    letter, change = after(practice, office.store, letter, decisions, now)
    office.store.record(change, now)
    text = "taken as sent" if sent else "taken as not sent; it is a draft again"
    return Done(item=item, text=text, letter=letter)


def resume(office: Office, number: int, by: str, step: str | None = None) -> Done:
    """Let a held track go on: at the step where it stopped, or at the one named.

    Raises NotPossible also when its letter left before, as Sent or a copy showed, and no step is named.
    """
    item, practice, case, track = _held(office, number)
    ladder = practice.of(case).playbooks[track.playbook]
    names = [x.name for x in ladder.playbook.steps if x.to is track.party]
    if step is None and _left_before(office, case, track):
        raise NotPossible(
            f"the {track.step} left before, as a copy of it shows, and would go out twice. Let the case "
            f"wait: `rejoinder wait {number}`; or name the step: "
            f"`rejoinder resume {number} --step {track.step}`"
        )
    step = step or track.step
    if step not in names:
        raise NotPossible(f"there is no step {step} here; the steps are {', '.join(names)}")
    if case.lawyer:
        raise NotPossible(
            f"your lawyer has case {case.case_id}, so nothing is sent in it; when it was given back to you, "
            f'`rejoinder case release {case.case_id} --reason "…"` first'
        )
    if case.facts.no_letter is not None:
        raise NotPossible(f"no letter may follow such a mail: {REASON_TEXT[case.facts.no_letter]}")
    now = office.clock.now()
    event = e.Resumed(at=now, by=by, track=track.track_id, step=step)
    _settle(office, practice, [decide_for(practice, case, event, now)], item, "resumed", now)
    return Done(item=item, text=f"goes on with {step}")


def _left_before(office: Office, case: Case, track: Track) -> bool:
    """Whether what holds the track is a letter that, for all we knew, had not left; see `_not_from_here`."""
    for event in reversed(office.store.diary(case.case_id)):
        if event.track == track.track_id and isinstance(event, e.Resumed | e.KeptWaiting):
            return False
        if event.track in (None, track.track_id) and isinstance(event, e.ContactOutside):
            return event.what == "left-before"
    return False


def keep_waiting(office: Office, number: int, until: datetime | None, by: str) -> Done:
    """Wait on, until then or until something happens."""
    item, practice, case, track = _held(office, number)
    now = office.clock.now()
    event = e.KeptWaiting(at=now, by=by, track=track.track_id, due_at=until)
    _settle(office, practice, [decide_for(practice, case, event, now)], item, "waiting", now)
    return Done(item=item, text="waits on")


def close_case(office: Office, case_id: str, why: str, by: str) -> Case:
    """End a case; letters on the line or in doubt must be settled first."""
    case = office.store.case(case_id)
    practice = practice_of(office, case.account_id)
    now = office.clock.now()
    try:
        decision = decide_for(practice, case, e.CaseClosed(at=now, by=by, why=why), now)
    except IllegalTransition:
        raise NotPossible("a letter of this case is on the line or in doubt; settle it first") from None
    left, more = letters_left_behind(practice, office.store, [decision], now)
    office.store.record(change_of([decision, *more], letters=left), now)
    return decision.case


def reopen_case(office: Office, case_id: str, by: str) -> Case:
    """Open what is closed in a case again; each track is held until a person says how to go on."""
    case = office.store.case(case_id)
    if case.merged_into:
        raise NotPossible(
            f"case {case.case_id} is merged into {case.merged_into}; `rejoinder case unmerge {case.case_id}` "
            "takes it out again"
        )
    practice = practice_of(office, case.account_id)
    now = office.clock.now()
    decisions: list[Decision] = []
    for track in case.tracks:
        if track.state is State.CLOSED:
            event = e.Reopened(at=now, by=by, track=track.track_id)
            decisions.append(decide_for(practice, case, event, now))
            case = decisions[-1].case
    if not decisions:
        raise NotPossible(f"case {case.case_id} is not closed; `rejoinder case show {case.case_id}`")
    office.store.record(change_of(decisions), now)
    return case


def _held(office: Office, number: int) -> tuple[Item, Practice, Case, Track]:
    item = open_item(office, number)
    if item.kind is not ItemKind.HOLD:
        raise NotPossible(f"item {number} is not held; `rejoinder show {number}` says what can be done")
    case_id, _, track_id = item.subject.partition(":")[2].partition("/")
    case = office.store.case(case_id)
    return item, practice_of(office, item.account_id), case, case.track(track_id)


def _settle(
    office: Office, practice: Practice, decisions: list[Decision], item: Item, outcome: str, now: datetime
) -> None:
    left, more = letters_left_behind(practice, office.store, decisions, now)
    closing = ItemClosing(kind=item.kind, subject=item.subject, outcome=outcome)
    office.store.record(change_of([*decisions, *more], letters=left, closings=[closing]), now)


def _close(office: Office, item: Item, outcome: str, by: str, *, mails: tuple[MailResult, ...] = ()) -> None:
    closing = ItemClosing(kind=item.kind, subject=item.subject, outcome=f"{outcome} by {by}")
    office.store.record(change_of([], closings=[closing], mails=mails), office.clock.now())


def _read_by(office: Office, item: Item, by: str) -> tuple[MailResult, ...]:
    """A parked mail that a person has read no longer keeps letters from leaving."""
    if item.kind is not ItemKind.PARKED:
        return ()
    mail = office.store.mail(int(item.subject.partition(":")[2]))
    reason = f"{mail.reason}; read by {by}"
    return (MailResult(mail_id=mail.mail_id, status=MailStatus.READ, kind=mail.kind, reason=reason),)
