"""A person's yes: freezes the bytes and the envelope, shows the hash, and starts the undo window."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.case import events as e
from bot.case.model import PartyRole, State
from bot.case.reasons import Reason
from bot.draft.model import Approval, Letter
from bot.errors import NotPossible
from bot.mail.address import same_address
from bot.mail.compose import compose
from bot.mail.envelope import approval_digest
from bot.runner.changes import change_of
from bot.runner.checking import envelope_of, errors_of
from bot.runner.letters import for_all_tracks
from bot.runner.office import Office, Practice
from bot.runner.steps.drafting import current_digest


def rewritten_because(office: Office, letter: Letter) -> tuple[Reason, ...]:
    """Why we wrote it again, each reason once, oldest first; of old diaries, that a fact changed."""
    if not letter.written_again or not letter.tracks:
        return ()
    found = [
        event.reason or Reason.FACTS_CHANGED
        for event in office.store.diary(letter.tracks[0].case_id)
        if isinstance(event, e.Redrafted) and event.letter == letter.letter_id
    ]
    return tuple(dict.fromkeys(found)) or (Reason.FACTS_CHANGED,)


def must_be_named(office: Office, letter: Letter) -> bool:
    """True when only a person's word says who complains, so that whoever approves names the addressee."""
    if letter.party is PartyRole.AMAZON:
        return False  # that address is of the dated table, whatever the mail said
    return any(office.store.case(ref.case_id).facts.vouched_by is not None for ref in letter.tracks)


def approve(office: Office, practice: Practice, letter: Letter, by: str, named: str | None = None) -> Letter:
    """Approve the letter as it is given. Raises NotPossible with the reason when it cannot be approved.

    `named` is the addressee as the person typed it; it must be that of the letter where it is given, and must
    be given where nothing proves who complains.
    """
    now = office.clock.now()
    if letter.state is not State.DRAFTED:
        raise NotPossible(f"this letter is {letter.state.value}; only a draft can be approved")
    _refuse_unnamed(office, letter, named)
    _refuse_out_of_date(office, practice, letter, now)
    if found := errors_of(office, practice, letter):
        raise NotPossible("; ".join(finding.sentence for finding in found) + "; edit the draft first")
    raw = compose(letter, now)
    envelope = envelope_of(practice, letter)
    digest = approval_digest(raw, envelope)
    leaves_at = now + practice.undo_window
    approval = Approval(
        by=by,
        at=now,
        leaves_at=leaves_at,
        digest=digest,
        raw_sha256=office.raw.put(raw),
        envelope=envelope,
    )
    event = e.Approved(at=now, by=by, letter=letter.letter_id, digest=digest, leaves_at=leaves_at)
    decisions = for_all_tracks(practice, office.store, letter, event, now)
    letter = replace(letter, state=State.APPROVED, approval=approval)
    office.store.record(change_of(decisions, letters=[letter]), now)
    return letter


def _refuse_unnamed(office: Office, letter: Letter, named: str | None) -> None:
    if named is not None and not same_address(named.strip(), letter.to):
        raise NotPossible("this letter goes to another address than the one you typed; nothing was approved")
    if named is None and must_be_named(office, letter):
        raise NotPossible(
            "nothing proves the notice behind this letter, so you name whom it goes to: compare the address "
            "with the one in Account Health, and approve it with `--to ADDRESS`"
        )


def _refuse_out_of_date(office: Office, practice: Practice, letter: Letter, now: datetime) -> None:
    stale = letter.facts_digest != current_digest(office, practice, letter, now)
    if stale or now >= letter.good_until:
        raise NotPossible(
            "this draft is out of date, because a fact it uses changed or it grew too old; "
            "it is written again at the next turn, then look at it once more"
        )
