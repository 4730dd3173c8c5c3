"""Which cases a mail concerns, and what it does there; pure, over candidates that the runner looked up.

The strongest link is a Message-ID of ours that the mail cites. A complaint ID or a sender alone is only a
claim: it blocks sending and waits for a person ("claims to belong"). Freezing comes before classifying: a
mail that cites us and is not proved automatic by its headers holds the case whatever it says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from bot.case import events as e
from bot.case.items import ItemKind, NewItem, mail_subject
from bot.case.model import Case, State
from bot.mail.envelope import RecipientRole
from bot.reading.model import (
    AmazonAnswer,
    AutomaticResponse,
    DeliveryReport,
    Disposition,
    LegalLetter,
    Other,
    OwnCopy,
    Reading,
    Reply,
    Retraction,
    Suspect,
    Understood,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLetter:
    """What matching needs to know of a letter of ours that a mail cites."""

    letter_id: str
    message_id: str
    tracks: tuple[tuple[str, str], ...]  #: (case id, track id)
    recipients: tuple[tuple[str, RecipientRole], ...]  #: addr-spec and role, as approved
    rehearsed: bool = False  #: it went, or goes, to ourselves in safe mode: a copy of it proves nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """What the runner found in the store for a mail."""

    cases: tuple[Case, ...]  #: every case reached by any of the links below
    cited: tuple[SentLetter, ...]  #: letters whose Message-ID the mail cites
    by_complaint: frozenset[str] = frozenset()  #: ids of cases of a complaint ID that the mail names
    by_address: frozenset[str] = frozenset()  #: ids of cases with the sender as a party


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """What to do: events for cases, and items for a person."""

    events: tuple[tuple[str, e.Event], ...] = ()  #: (case id, event)
    items: tuple[NewItem, ...] = ()
    note: str = ""  #: why nothing came of the mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """The mail being matched."""

    mail_id: int
    account_id: str


def match(understood: Understood, mail: Mail, candidates: Candidates, now: datetime) -> Matched:
    """What a mail that opens no case does to the cases there are."""
    reading = understood.reading
    match reading:
        case OwnCopy(message_id=message_id):
            return _own_copy(message_id, mail, candidates, now)
        case DeliveryReport():
            return _bounce(reading, mail, candidates, now)
        case AutomaticResponse():
            return _automatic(reading, mail, candidates, now)
        case Suspect():
            item = _item(mail, ItemKind.SUSPECT, reading.doubt.value, ", ".join(reading.signs), candidates)
            return _with_freeze(item, mail, candidates, now)
        case LegalLetter():
            return _with_freeze(
                _item(mail, ItemKind.ALARM, "legal-letter", "", candidates), mail, candidates, now
            )
        case Retraction():
            return _retraction(reading, understood, mail, candidates, now)
        case AmazonAnswer():
            return _amazon_answer(reading, mail, candidates, now)
        case Reply() | Other():
            return _correspondence(reading, mail, candidates, now)
        case _:
            return Matched(note="nothing to match")


def _cites(candidates: Candidates) -> tuple[str, ...]:
    return tuple(letter.letter_id for letter in candidates.cited)


def _cited_cases(candidates: Candidates) -> tuple[str, ...]:
    return tuple(dict.fromkeys(case_id for letter in candidates.cited for case_id, _ in letter.tracks))


def _case(candidates: Candidates, case_id: str) -> Case | None:
    return next((case for case in candidates.cases if case.case_id == case_id), None)


def _item(
    mail: Mail, kind: ItemKind, reason: str, detail: str, candidates: Candidates, cases: Iterable[str] = ()
) -> Matched:
    item = NewItem(
        kind=kind,
        subject=mail_subject(mail.mail_id),
        account_id=mail.account_id,
        cases=tuple(cases) or _cited_cases(candidates),
        reason=reason,
        detail=detail,
    )
    return Matched(items=(item,))


def _answered(mail: Mail, candidates: Candidates, now: datetime, says: str = "") -> list[tuple[str, e.Event]]:
    cites = _cites(candidates)
    return [
        (case_id, e.Answered(at=now, mail=mail.mail_id, cites=cites, says=says))
        for case_id in _cited_cases(candidates)
    ]


def frozen(
    mail: Mail, candidates: Candidates, now: datetime, *, but: Iterable[str] = ()
) -> tuple[tuple[str, e.Event], ...]:
    """A mail that opens cases may also cite us: the cases it cites are held, except those in `but`."""
    done = set(but)
    return tuple((one, event) for one, event in _answered(mail, candidates, now) if one not in done)


def _with_freeze(matched: Matched, mail: Mail, candidates: Candidates, now: datetime) -> Matched:
    """Whatever else it is: not proved automatic and citing us, it freezes first."""
    return Matched(events=tuple(_answered(mail, candidates, now)), items=matched.items)


def _own_copy(message_id: str, mail: Mail, candidates: Candidates, now: datetime) -> Matched:
    """The arrival of our own copy proves that the server took the letter, also one that we have not sent."""
    arrived = [letter for letter in candidates.cited if letter.message_id == message_id]
    events = _proofs(arrived, "own-copy", mail, candidates, now)
    events += _not_from_here(arrived, mail, candidates, now)
    return Matched(events=tuple(events), note="copy to yourself")


def _not_from_here(
    letters: Iterable[SentLetter], mail: Mail, candidates: Candidates, now: datetime
) -> list[tuple[str, e.Event]]:
    """A copy of a letter that, for all we know, has not left: this state is older than what happened.

    Somebody put back an old disk or a snapshot of the machine, or judged a letter not sent that was.
    """
    unsent = (State.DRAFTED, State.APPROVED, State.SENDING)
    return [
        (case_id, e.ContactOutside(at=now, track=track_id, mail=mail.mail_id, what="left-before"))
        for letter in letters
        if not letter.rehearsed
        for case_id, track_id in letter.tracks
        if (case := _case(candidates, case_id))
        and (track := case.track(track_id)).state in unsent
        and track.letter_id == letter.letter_id
    ]


def _proofs(
    letters: Iterable[SentLetter], evidence: str, mail: Mail, candidates: Candidates, now: datetime
) -> list[tuple[str, e.Event]]:
    """Only who received a letter can cite it: whatever a machine says about it, it is no longer in doubt."""
    return [
        (case_id, e.Proven(at=now, track=track_id, evidence=evidence, mail=mail.mail_id))
        for letter in letters
        for case_id, track_id in letter.tracks
        if (case := _case(candidates, case_id))
        and (track := case.track(track_id)).state is State.IN_DOUBT
        and track.letter_id == letter.letter_id
    ]


def _bounce(report: DeliveryReport, mail: Mail, candidates: Candidates, now: datetime) -> Matched:
    original = report.original_message_id
    letter = next((c for c in candidates.cited if c.message_id == original), None)
    if letter is None:
        if candidates.cited:
            return _item(mail, ItemKind.ALARM, "bounce-unclear", "", candidates)
        return Matched(note="delivery report about mail that is not ours")
    roles = {address.casefold(): role for address, role in letter.recipients}
    events = _proofs([letter], "bounce", mail, candidates, now)
    detail: list[str] = []
    for failed in report.recipients:
        role = roles.get(failed.address.casefold())
        if failed.action not in ("failed", "delayed"):
            continue
        moves = failed.permanent and role is RecipientRole.TO
        for case_id, track_id in letter.tracks:
            event: e.Event = (
                e.Bounced(at=now, track=track_id, mail=mail.mail_id, cites=(letter.letter_id,))
                if moves
                else e.BounceNoted(
                    at=now, mail=mail.mail_id, role=role.value if role else "unknown", status=failed.status
                )
            )
            events.append((case_id, event))
        if not moves and failed.permanent:
            detail.append(f"{role.value if role else 'unknown'} {failed.status}")
    shown = (
        _item(mail, ItemKind.ALARM, "copy-bounced", ", ".join(detail), candidates) if detail else Matched()
    )
    return Matched(events=tuple(events), items=shown.items, note="delivery report")


def _automatic(reading: AutomaticResponse, mail: Mail, candidates: Candidates, now: datetime) -> Matched:
    """Not an answer: the clock runs on; shown in the timeline of every case it can be linked to."""
    linked = dict.fromkeys((*_cited_cases(candidates), *candidates.by_complaint))
    events = _proofs(candidates.cited, "reply", mail, candidates, now)
    for case_id in linked:
        back = _believed(reading, case_id, candidates)
        events.append((case_id, e.AutomaticResponse(at=now, mail=mail.mail_id, returns_on=back)))
    if not reading.proven:
        events += _answered(mail, candidates, now)
    return Matched(events=tuple(events), note="automatic response")


def _believed(reading: AutomaticResponse, case_id: str, candidates: Candidates) -> date | None:
    """A date of return counts from who got a letter of ours, or is a party: nobody else puts off a step."""
    known = case_id in _cited_cases(candidates) or case_id in candidates.by_address
    return reading.returns_on if known else None


def _retraction(
    reading: Retraction, understood: Understood, mail: Mail, candidates: Candidates, now: datetime
) -> Matched:
    proven = understood.verdict is not None and understood.verdict.proven
    events: list[tuple[str, e.Event]] = []
    claimed: list[str] = []
    cited = _cited_cases(candidates)
    for case_id in dict.fromkeys((*cited, *candidates.by_complaint)):
        if reading.by_amazon and proven:
            rung = "confirmed"
        elif case_id in candidates.by_address or case_id in cited:
            rung = "sent-by-owner" if proven and case_id in candidates.by_address else "copy-seen"
        else:
            claimed.append(case_id)
            continue
        event = e.RetractionSeen(at=now, mail=mail.mail_id, cites=_cites(candidates), rung=rung)
        events.append((case_id, event))
    if claimed:
        item = _item(mail, ItemKind.CLAIM, "retraction", "", candidates, claimed)
        return Matched(events=tuple(events), items=item.items)
    if not events:
        return _item(mail, ItemKind.ALARM, "retraction-unknown-case", "", candidates)
    return Matched(events=tuple(events), items=_after_closing(mail, candidates, [c for c, _ in events]))


def _amazon_answer(reading: AmazonAnswer, mail: Mail, candidates: Candidates, now: datetime) -> Matched:
    """Amazon's answer holds the case for a person, whichever track it answers."""
    linked = tuple(dict.fromkeys((*_cited_cases(candidates), *candidates.by_complaint)))
    if not linked:
        return _item(mail, ItemKind.ALARM, "amazon-answer", reading.outcome, candidates)
    cites = _cites(candidates)
    events = tuple((case_id, e.Answered(at=now, mail=mail.mail_id, cites=cites)) for case_id in linked)
    # What holds a case is in the queue already; only a closed one is not moved by it.
    return Matched(events=events, items=_after_closing(mail, candidates, list(linked)))


def _correspondence(reading: Reading, mail: Mail, candidates: Candidates, now: datetime) -> Matched:
    says = reading.disposition.value if isinstance(reading, Reply) else ""
    events = _answered(mail, candidates, now, says)
    if isinstance(reading, Reply) and reading.disposition is Disposition.RETRACTED:
        cites = _cites(candidates)
        events = [
            (case_id, e.RetractionSeen(at=now, mail=mail.mail_id, cites=cites, rung="promised"))
            for case_id, _ in events
        ]
    if events:
        return Matched(
            events=tuple(events), items=_after_closing(mail, candidates, [case_id for case_id, _ in events])
        )
    if isinstance(reading, Other) and reading.own_report:
        return Matched(note="about a report that we filed ourselves")
    claimed = sorted(candidates.by_complaint | candidates.by_address)
    open_ones = [c for c in claimed if (case := _case(candidates, c)) and not case.closed]
    if open_ones or claimed:
        return _item(mail, ItemKind.CLAIM, "claims-to-belong", "", candidates, open_ones or claimed)
    if isinstance(reading, Reply):
        return _item(mail, ItemKind.ALARM, "reply-unknown-case", "", candidates)
    return Matched(note="nothing to do with a case")


def _after_closing(mail: Mail, candidates: Candidates, cases: list[str]) -> tuple[NewItem, ...]:
    """A closed case is not moved by the world: the mail becomes something to read."""
    closed = [c for c in cases if (case := _case(candidates, c)) and case.closed and not case.merged_into]
    if not closed:
        return ()
    return _item(mail, ItemKind.ALARM, "after-closing", "", candidates, closed).items
