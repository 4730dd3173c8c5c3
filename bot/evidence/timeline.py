"""What happened in a case, in dated lines of plain words: what `case show` prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import Final, Protocol

from bot.case import events as e
from bot.case.model import Case
from bot.case.reasons import REASON_TEXT


class LetterView(Protocol):
    """What the timeline reads of a letter; `bot.draft.model.Letter` has it."""

    @property
    def letter_id(self) -> str:
        """Its id, as in the events."""
        ...

    @property
    def step(self) -> str:
        """Name of the step it was written for."""
        ...

    @property
    def to(self) -> str:
        """The one contact."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that happened."""

    at: datetime  #: aware, UTC
    by: str  #: a person's name, or `events.ENGINE`
    track: str | None  #: None: the whole case
    text: str
    mail: int | None = None  #: the kept mail to look at
    letter: str | None = None  #: the letter to look at


#: Events that say all by having happened.
_PLAIN: Final[Mapping[type[e.Event], str]] = {
    e.Recalled: "the approval was taken back",
    e.GaveUp: "given up: the mail server deferred the letter too often",
    e.Interrupted: "the attempt was interrupted before the text left; nothing was sent",
    e.BodyBegun: "the text of the letter began to leave",
    e.Rehearsed: "TEST: sent to us only; the other side has not received this",
    e.OutcomeUnknown: "we do not know whether it arrived: the line was lost while the text was leaving",
    e.JudgedSent: "judged by a person: the letter was sent",
    e.JudgedNotSent: "judged by a person: the letter was not sent",
    e.FellDue: "the wait is over",
    e.Rebased: "from here on by the rules of this day",
    e.Reopened: "opened again",
    e.DeadlineNeared: "the last safe day before Amazon's deadline has come",
    e.DeadlinePassed: "Amazon's deadline has passed",
    e.Bounced: "the letter came back: the address does not accept mail",
    e.NoticeAgain: "Amazon wrote again about this complaint",
}
_RUNGS: Final[Mapping[str, str]] = {
    "promised": "the other side promised to withdraw",
    "copy-seen": "a copy of a withdrawal was seen; Amazon has not confirmed it",
    "sent-by-owner": "the other side sent a withdrawal to Amazon; Amazon has not confirmed it",
    "confirmed": "Amazon confirmed the withdrawal",
    "listing-back": "the listing is back",
}
_SAYS: Final[Mapping[str, str]] = {
    "reason_given": "it gives a reason",
    "settlement": "it wants money or an undertaking",
    "refused": "it will not withdraw",
    "needs_info": "it wants to know more",
    "represented": "a lawyer speaks for it",
    "promised": "it says that it will withdraw",
    "never_filed": "it says that it never filed this",
}
_OUTSIDE = {
    "wrote": "a mail was written by hand",
    "left-before": "a copy was found of a letter that has not left from here; this state is older than it",
}
_EVIDENCE: Final[Mapping[str, str]] = {
    "own-copy": "our own copy arrived",
    "sent-mailbox": "it lies in the Sent mailbox",
    "bounce": "a delivery report cites it",
    "reply": "a reply cites it",
}


At = Callable[[datetime], str]


def timeline(
    case: Case, diary: Sequence[e.Event], letters: Sequence[LetterView], zone: tzinfo = UTC
) -> tuple[Line, ...]:
    """The diary in words, in its own order, after the arrival of the notice; `letters` are the case's own.

    Moments that the words name are told in `zone`.
    """
    by_id = {letter.letter_id: letter for letter in letters}
    facts = case.facts
    what = f"complaint {facts.complaint_id}" if facts.complaint_id else "a complaint without an ID"
    first = Line(
        at=facts.notice_at,
        by="amazon",
        track=None,
        text=f"notice of {what} about {', '.join(facts.asins) or 'no named listing'} arrived",
        mail=facts.notice_mail,
    )
    return (first, *(_line(event, by_id, partial(_told, zone=zone)) for event in diary))


def _told(moment: datetime, zone: tzinfo) -> str:
    """`Thu 5 Mar 2026 14:00 CET`, as everywhere else."""
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y %H:%M %Z}"


def _line(event: e.Event, letters: Mapping[str, LetterView], at: At) -> Line:
    letter = getattr(event, "letter", None)
    return Line(
        at=event.at,
        by=event.by,
        track=event.track,
        text=_PLAIN.get(type(event)) or next(_words(event, letters, at), _name(event)),
        mail=getattr(event, "mail", None),
        letter=letter,
    )


def _name(event: e.Event) -> str:
    return type(event).__name__


def _words(event: e.Event, letters: Mapping[str, LetterView], at: At) -> Iterator[str]:
    yield from _case_words(event, at)
    yield from _letter_words(event, letters, at)
    yield from _setback_words(event, at)
    yield from _world_words(event)
    yield from _said_words(event, at)
    yield from _merged_words(event)
    yield from _kept_words(event)


def _called(letter_id: str, letters: Mapping[str, LetterView]) -> str:
    letter = letters.get(letter_id)
    return f"{letter.step} to {letter.to}" if letter else f"letter {letter_id}"


def _case_words(event: e.Event, at: At) -> Iterator[str]:
    match event:
        case e.Opened():
            yield "case opened"
        case e.TrackStarted(party=party, playbook=playbook, step=step):
            yield f"towards the {party.value}: playbook {playbook} begins at {step}"
        case e.Planned(step=step, due_at=due_at):
            yield f"next: {step}, " + (f"due {at(due_at)}" if due_at else "not by itself")
        case e.Held(reason=reason, detail=detail):
            yield f"held: {REASON_TEXT[reason]}" + (f" ({detail})" if detail else "")
        case e.Resumed(step=step):
            yield f"goes on with {step}"
        case e.KeptWaiting(due_at=due_at):
            yield "kept waiting" + (f" until {at(due_at)}" if due_at else "")
        case e.Closed(why=why) | e.CaseClosed(why=why):
            yield "closed" + (f": {why}" if why else "")


def _letter_words(event: e.Event, letters: Mapping[str, LetterView], at: At) -> Iterator[str]:
    match event:
        case e.Drafted(letter=letter):
            yield f"drafted: {_called(letter, letters)}"
        case e.Redrafted(letter=letter, revision=revision, reason=reason):
            why = f", because {REASON_TEXT[reason]}" if reason else ""
            yield f"drafted again (revision {revision}){why}: {_called(letter, letters)}"
        case e.Edited(letter=letter, revision=revision):
            yield f"edited (revision {revision}): {_called(letter, letters)}"
        case e.Restored(letter=letter):
            yield f"draft restored: {_called(letter, letters)}"
        case e.Approved(letter=letter, leaves_at=leaves_at):
            yield f"approved: {_called(letter, letters)}; leaves at {at(leaves_at)}"
        case e.SendStarted(letter=letter):
            yield f"handing over: {_called(letter, letters)}"
        case e.Accepted(letter=letter):
            yield f"accepted by the mail server: {_called(letter, letters)}"
        case e.WroteByHand(letter=letter, sent_at=sent_at, evidence=evidence):
            how = "as a person says" if evidence == "said" else "found in Sent"
            yield f"written by hand on {at(sent_at)} ({how}): {_called(letter, letters)}"


def _setback_words(event: e.Event, at: At) -> Iterator[str]:
    match event:
        case e.Snoozed(until=until):
            yield f"draft put off until {at(until)}"
        case e.Rejected(why=why):
            yield "draft rejected" + (f": {why}" if why else "")
        case e.Voided(reason=reason):
            yield f"the approval no longer holds: {REASON_TEXT[reason]}"
        case e.Deferred(code=code, retry_at=retry_at):
            server = f"the mail server said {code}" if code else "the mail server could not be reached"
            yield f"{server}; nothing was sent, next try {at(retry_at)}"
        case e.Refused(code=code, stage=stage):
            yield f"the mail server refused with {code} at {stage}; nothing was sent"


def _world_words(event: e.Event) -> Iterator[str]:
    match event:
        case e.Answered(says=says):
            yield "the other side answered" + (f": {_SAYS[says]}" if says in _SAYS else "")
        case e.Proven(evidence=evidence):
            yield f"the letter was accepted after all: {_EVIDENCE.get(evidence, evidence)}"
        case e.RetractionSeen(rung=rung):
            yield _RUNGS.get(rung, rung)
        case e.ContactOutside(what=what):
            yield f"outside Rejoinder: {_OUTSIDE.get(what, what)}"
        case e.BounceNoted(role=role, status=status):
            yield f"a delivery report ({status}) about the {role} address; nothing changes"
        case e.AutomaticResponse(returns_on=returns_on):
            yield "a machine answered; the clock runs on" + (f" (back on {returns_on})" if returns_on else "")


def _merged_words(event: e.Event) -> Iterator[str]:
    match event:
        case e.Merged(into=into):
            yield f"merged into case {into}, which goes on for both"
        case e.TookIn(other=other):
            yield f"case {other} was merged into this one; the earlier dates of both count"
        case e.Unmerged(out_of=out_of):
            yield f"taken out of case {out_of} again"
        case e.LetGo(other=other):
            yield f"case {other} stands by itself again"


def _said_words(event: e.Event, at: At) -> Iterator[str]:
    match event:
        case e.HoldAsked(why=why):
            yield "held by a person" + (f": {why}" if why else "")
        case e.LawyerTookOver(why=why):
            yield "your lawyer has the case; nothing is sent in it" + (f": {why}" if why else "")
        case e.StoreNamed(store=store):
            yield f"it is about the store {store}"
        case e.LawyerDone(why=why):
            yield "the lawyer gave the case back" + (f": {why}" if why else "")
        case e.Adopted(seen_in=seen_in, seen_at=seen_at):
            yield (
                "taken on by a person"
                + (f", who saw the complaint in {seen_in}" if seen_in else "")
                + (f" on {at(seen_at)}" if seen_at else "")
            )
        case e.ContactGiven(nobody=nobody):
            yield "no contact of theirs exists, a person says" if nobody else "a person gave their address"
        case e.MailedAmazon(sent_at=sent_at):
            yield f"mailed to Amazon by hand on {at(sent_at)}; nothing is filed by that"
        case e.FiledInSellerCentral(filed_at=filed_at):
            yield f"appeal filed in Seller Central on {at(filed_at)}"
        case e.CounterNoticeFiled(filed_at=filed_at):
            yield f"counter-notice filed in Seller Central on {at(filed_at)}"


def _kept_words(event: e.Event) -> Iterator[str]:
    match event:
        case e.LegalHoldSet(why=why):
            yield "legal hold: nothing of it is erased" + (f": {why}" if why else "")
        case e.LegalHoldLifted(why=why):
            yield "the legal hold is lifted" + (f": {why}" if why else "")
        case e.Erased(letters=letters, mails=mails, why=why):
            gone = f"{_count(letters, 'letter')} and {_count(mails, 'mail')}"
            yield f"a name, its addresses, {gone} erased" + (f": {why}" if why else "")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
