"""Removes somebody from all that we remember: names, addresses, letters and mails; what happened stays.

A diary holds ids and digests only, so its chain still verifies. Cases under a legal hold are never touched,
open ones must be closed first: a case that goes on needs its complainant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from typing import Any, TypeVar, cast

from bot.case import events as e
from bot.case.decide import Decision
from bot.case.keeping import GROUND_TEXT, Ground, legal_hold
from bot.case.model import Case, Party
from bot.draft.model import Letter
from bot.errors import NotPossible
from bot.mail.address import canonical
from bot.mail.mention import mentions
from bot.ports import Change, KeptMail, MailResult, MailStatus
from bot.runner.changes import change_of
from bot.runner.letters import decide_for
from bot.runner.office import Office, practice_of

#: Stands where something was.
ERASED = "[erased]"

T = TypeVar("T")
Say = Callable[[int], None]  #: how many mails were looked through


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """Everything that we hold of one address."""

    address: str  #: canonical
    cases: tuple[Case, ...]  #: that name it, or to which such a letter or mail belongs
    letters: tuple[Letter, ...]
    mails: tuple[KeptMail, ...]
    items: tuple[int, ...]  #: numbers of items in the queue, also answered ones
    stopped: bool  #: a stop is set for exactly this address; erasing takes it away

    @property
    def none(self) -> bool:
        """True when nothing is there to erase."""
        return not (self.cases or self.letters or self.mails or self.items or self.stopped)


def traces(office: Office, text: str, say: Say = lambda _: None) -> Traces:
    """Look through everything. Raises NotPossible for what is no address, or is one of ours or Amazon's."""
    address = _erasable(office, text)
    every = office.store.cases()
    accounts = {case.account_id for case in every} | set(office.practices)
    mails: list[KeptMail] = []
    for account_id in sorted(accounts):
        for mail in office.store.mails(account_id, limit=_ALL):
            if mail.sha256 is not None and mentions(office.raw.get(mail.sha256), address):
                mails.append(mail)
            say(1)
    letters = [letter for letter in office.store.letters() if _names(letter, address)]
    linked = {case_id for mail in mails for case_id in mail.cases}
    linked |= {ref.case_id for letter in letters for ref in letter.tracks}
    cases = [one for one in every if one.case_id in linked or _names(one, address)]
    items = office.store.items(open_only=False)
    return Traces(
        address=address,
        cases=tuple(cases),
        letters=tuple(letters),
        mails=tuple(mails),
        items=tuple(item.number for item in items if _names(item, address)),
        stopped=any(stop.address == address.casefold() for stop in office.store.stopped_addresses()),
    )


_ALL = 2**31


def _erasable(office: Office, text: str) -> str:
    address = canonical(text.strip())
    if address is None:
        raise NotPossible(f"{text} is no address; write name@domain")
    for practice in office.practices.values():
        if practice.lint.is_ours(address):
            raise NotPossible(f"{address} is an address of yours; what is yours is not erased")
        if practice.lint.is_amazons(address):
            raise NotPossible(f"{address} is Amazon's; erase people, not the other side's platform")
    return address


def obstacles(office: Office, found: Traces) -> tuple[str, ...]:
    """Sentences that say why it must not be erased now; empty when it may be."""
    told: list[str] = []
    for case in found.cases:
        ground = legal_hold(case, office.store.diary(case.case_id))
        if ground is not None:
            told.append(
                f"case {case.case_id} is under a legal hold ({GROUND_TEXT[ground]}); "
                f'`rejoinder case legal-hold {case.case_id} --lift --reason "…"` ends it, '
                "if your lawyer agrees"
            )
        elif not case.closed:
            told.append(
                f"case {case.case_id} is open; close it first: "
                f'`rejoinder case close {case.case_id} --reason "…"`'
            )
    return tuple(told)


def set_legal_hold(office: Office, case_id: str, why: str, by: str, *, lift: bool = False) -> Ground | None:
    """Keep the papers of a case, or say that they need not be kept; what it stood under before.

    Raises NotPossible when there is nothing to lift.
    """
    case = office.store.case(case_id)
    before = legal_hold(case, office.store.diary(case.case_id))
    if lift and before is None:
        raise NotPossible(f"case {case.case_id} is under no legal hold; there is nothing to lift")
    now = office.clock.now()
    event = e.LegalHoldLifted(at=now, by=by, why=why) if lift else e.LegalHoldSet(at=now, by=by, why=why)
    decision = decide_for(practice_of(office, case.account_id), case, event, now)
    office.store.record(change_of([decision]), now)
    return before


def erase(office: Office, found: Traces, why: str, by: str) -> None:
    """Remove it all, durably. Raises NotPossible naming every obstacle; Conflict when something moved.

    The rows go first, then the bytes, then what the database kept of the old rows: a death in between leaves
    bytes that no row names, which the next run of this or a backup finds by their content.
    """
    if told := obstacles(office, found):
        raise NotPossible("nothing was erased:\n" + "\n".join(told))
    now = office.clock.now()
    hashes = _hashes(found)
    office.store.record(_change(office, found, why, by, now), now)
    if found.stopped:
        office.store.remove_stop(found.address.casefold())
    for sha256 in hashes:
        office.raw.remove(sha256)
    office.store.compact()


def _hashes(found: Traces) -> tuple[str, ...]:
    mails = [mail.sha256 for mail in found.mails if mail.sha256]
    letters = [letter.approval.raw_sha256 for letter in found.letters if letter.approval]
    return tuple(dict.fromkeys((*mails, *letters)))


def _change(office: Office, found: Traces, why: str, by: str, now: datetime) -> Change:
    cases = [_without_person(case, found.address) for case in found.cases]
    decisions = [_noted(office, found, case, why, by, now) for case in cases]
    results = [
        MailResult(
            mail_id=mail.mail_id,
            status=MailStatus.ERASED,
            kind=mail.kind,
            reason=f"erased by {by}",
            cases=mail.cases,
        )
        for mail in found.mails
    ]
    change = change_of(
        decisions, letters=[_without_text(one, found.address) for one in found.letters], mails=results
    )
    reworded = [(number, _detail(office, number, found.address)) for number in found.items]
    return replace(change, close_items=(), reworded_items=tuple(reworded))


def _detail(office: Office, number: int, address: str) -> str:
    return without(office.store.item(number).detail, address)


def _noted(office: Office, found: Traces, case: Case, why: str, by: str, now: datetime) -> Decision:
    here = [letter for letter in found.letters if case.case_id in {ref.case_id for ref in letter.tracks}]
    mails = [mail for mail in found.mails if case.case_id in mail.cases]
    before = office.store.case(case.case_id)
    gone = tuple(one.party_id for one in before.parties if _names(one, found.address))
    event = e.Erased(
        at=now, by=by, parties=gone, letters=len(here), mails=len(mails), why=without(why, found.address)
    )
    return decide_for(practice_of(office, case.account_id), case, event, now)


def _without_person(case: Case, address: str) -> Case:
    """The case without the person, whatever was quoted of them, and every mention."""
    people = [one for one in case.parties if _names(one, address)]
    words = [word for one in people for word in (one.name, one.organisation) if word]
    sources = tuple(
        source
        for source in case.facts.sources
        if not any(_holds(text, word) for text in (source.text, source.value) for word in (address, *words))
    )
    parties = tuple(_nobody(one) if one in people else one for one in case.parties)
    return without(replace(case, parties=parties, facts=replace(case.facts, sources=sources)), address)


def _nobody(party: Party) -> Party:
    return replace(party, name=None, organisation=None, addresses=())


def _without_text(letter: Letter, address: str) -> Letter:
    """The letter as a fact only: when, which step, what the server said."""
    bare = replace(
        letter,
        to="" if letter.to.casefold() == address.casefold() else letter.to,
        to_name="",
        cc=tuple(one for one in letter.cc if one.casefold() != address.casefold()),
        subject=ERASED,
        body=ERASED,
        paste=None,
        original_body=None,
        approval=None,
        attempts=tuple(replace(one, text="") for one in letter.attempts),
    )
    return without(bare, address)


def without(value: T, address: str) -> T:
    """The same frozen value with every mention of the address replaced, however deep."""
    return cast(T, _replaced(value, re.compile(re.escape(address), re.IGNORECASE)))


def _replaced(value: Any, pattern: re.Pattern[str]) -> Any:
    if type(value) is str:
        return pattern.sub(ERASED, value)
    if type(value) is tuple:
        return tuple(_replaced(one, pattern) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        new = {x.name: _replaced(getattr(value, x.name), pattern) for x in fields(value) if x.init}
        return replace(value, **new)
    return value


def _names(value: Any, address: str) -> bool:
    return _any_text(value, address.casefold())


def _any_text(value: Any, wanted: str) -> bool:
    if isinstance(value, str):
        return wanted in value.casefold()
    if isinstance(value, Sequence):
        return any(_any_text(one, wanted) for one in value)
    if is_dataclass(value):
        return any(_any_text(getattr(value, x.name), wanted) for x in fields(value))
    return False


def _holds(text: str, word: str) -> bool:
    return word.casefold() in text.casefold()
