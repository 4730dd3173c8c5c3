"""Two cases that are one complaint: a person puts one into the other, and may take it out again.

The case that is put away is closed and stays findable; its letters and diary stay its own. Its clocks and the
number of its letters are taken over by the case that goes on, and what arrives for it is passed on to that.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.case import events as e
from bot.case.decide import Decision
from bot.case.items import ItemKind, NewItem
from bot.case.model import Case, PartyRole, State
from bot.errors import IllegalTransition, NotPossible
from bot.ports import Store
from bot.runner.changes import again_on_conflict, change_of
from bot.runner.letters import decide_for, letters_left_behind
from bot.runner.office import Office, practice_of


def merge(office: Office, case_id: str, into: str, by: str) -> tuple[Case, Case]:
    """Put the first case into the second; both as they then stand. Raises NotPossible."""
    return again_on_conflict(lambda: _merge(office, case_id, into, by))


def _merge(office: Office, case_id: str, into: str, by: str) -> tuple[Case, Case]:
    case, lead = office.store.case(case_id), office.store.case(into)
    _refuse(case, lead)
    practice = practice_of(office, case.account_id)
    now = office.clock.now()
    decisions: list[Decision] = []
    why = f"merged into {lead.case_id}"
    going = tuple(track.track_id for track in case.tracks if track.state is not State.CLOSED)
    if not case.closed:
        try:
            decisions.append(decide_for(practice, case, e.CaseClosed(at=now, by=by, why=why), now))
        except IllegalTransition:
            raise NotPossible(
                f"a letter of case {case.case_id} is on the line or in doubt; settle it first"
            ) from None
        case = decisions[-1].case
    decisions.append(
        decide_for(practice, case, e.Merged(at=now, by=by, into=lead.case_id, closed=going), now)
    )
    written = sum(len(t.attempts) for t in case.tracks if t.party is PartyRole.COMPLAINANT)
    took = e.TookIn(
        at=now,
        by=by,
        other=case.case_id,
        deadline=case.deadline,
        last_safe=case.last_safe,
        ours=case.last_safe_is_ours,
        letters=written,
    )
    decisions.append(decide_for(practice, lead, took, now))
    left, more = letters_left_behind(practice, office.store, decisions, now)
    items = _claims(office.store, case, lead)
    office.store.record(change_of([*decisions, *more], letters=left, items=items), now)
    return office.store.case(case.case_id), office.store.case(lead.case_id)


def _refuse(case: Case, lead: Case) -> None:
    if case.case_id == lead.case_id:
        raise NotPossible("name two cases: the one to put away, and the one that goes on")
    if (case.tenant_id, case.account_id) != (lead.tenant_id, lead.account_id):
        raise NotPossible(f"{case.case_id} and {lead.case_id} are of different accounts; they stay apart")
    for one in (case, lead):
        if one.merged_into:
            raise NotPossible(
                f"case {one.case_id} is merged into {one.merged_into}; "
                f"`rejoinder case unmerge {one.case_id}` first, or name that case"
            )
    if case.merged:
        others = ", ".join(one.case_id for one in case.merged)
        raise NotPossible(f"case {case.case_id} has taken in {others}; merge the other way round")
    if lead.closed:
        raise NotPossible(f"case {lead.case_id} is closed; `rejoinder case reopen {lead.case_id}` first")
    if case.lawyer != lead.lawyer:
        raise NotPossible(
            "your lawyer has one of the two, so they stay apart until that is the same for both"
        )
    if case.store and lead.store and case.store != lead.store:
        raise NotPossible(f"one is about {case.store}, the other about {lead.store}; they stay apart")


def _claims(store: Store, case: Case, lead: Case) -> list[NewItem]:
    """A mail that claims to belong to the one keeps letters of the other from leaving from now on."""
    return [
        NewItem(
            kind=item.kind,
            subject=item.subject,
            account_id=item.account_id,
            cases=(lead.case_id,),
            reason=item.reason,
            detail=item.detail,
            sender=item.sender,
            title=item.title,
        )
        for item in store.items(account_id=case.account_id, kind=ItemKind.CLAIM)
        if case.case_id in item.cases
    ]


def unmerge(office: Office, case_id: str, by: str) -> tuple[Case, Case]:
    """Take a case out again: held when it was open, closed when it was closed. Raises NotPossible."""
    return again_on_conflict(lambda: _unmerge(office, case_id, by))


def _unmerge(office: Office, case_id: str, by: str) -> tuple[Case, Case]:
    case = office.store.case(case_id)
    if case.merged_into is None:
        raise NotPossible(f"case {case.case_id} is merged into no other")
    practice = practice_of(office, case.account_id)
    lead = office.store.case(case.merged_into)
    now = office.clock.now()
    was_open = _was_open(office.store.diary(case.case_id))
    decisions = [decide_for(practice, case, e.Unmerged(at=now, by=by, out_of=lead.case_id), now)]
    case = decisions[-1].case
    for track_id in was_open:
        decisions.append(decide_for(practice, case, e.Reopened(at=now, by=by, track=track_id), now))
        case = decisions[-1].case
    decisions.append(decide_for(practice, lead, e.LetGo(at=now, by=by, other=case.case_id), now))
    office.store.record(change_of(decisions), now)
    return office.store.case(case.case_id), office.store.case(lead.case_id)


def _was_open(diary: Sequence[e.Event]) -> tuple[str, ...]:
    """Tracks that the last merge closed."""
    return next(event.closed for event in reversed(diary) if isinstance(event, e.Merged))
