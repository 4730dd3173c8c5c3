"""What `show` needs to know of one item, gathered once: for the page and for --json alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.case.items import ItemKind
from bot.case.model import Case, State, Track
from bot.cli.text import harmless
from bot.draft.lint import Finding
from bot.draft.model import Letter
from bot.errors import RejoinderError
from bot.mail.envelope import Envelope
from bot.ports import KeptMail, MailStatus
from bot.review import Item
from bot.runner.approving import envelope_of, findings_of
from bot.runner.office import Office, Practice

#: Of a mail that nothing can read, so much is shown as it is.
RAW_SHOWN = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A mail as a person may safely see it."""

    mail_id: int
    kind: str | None
    from_: str
    subject: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One item with all that belongs to it."""

    item: Item
    now: datetime
    zone: ZoneInfo
    practice: Practice | None  #: None when the settings no longer name the account
    cases: tuple[Case, ...]
    letter: Letter | None
    envelope: Envelope | None
    findings: tuple[Finding, ...]
    stale: bool  #: a fact it uses changed or it grew too old: it will be written again
    track: Track | None  #: the held track, or the first that the letter speaks for
    mail: Shown | None  #: the notice of the case, or the mail that the item is about
    next_step: tuple[str, str] | None  #: what follows when this letter is accepted: step, wait

    @property
    def case(self) -> Case | None:
        """The first case."""
        return self.cases[0] if self.cases else None


def page_of(office: Office, item: Item) -> Page:
    """Gather it. Raises StoreError."""
    practice = office.practices.get(item.account_id)
    cases = tuple(office.store.case(case_id) for case_id in item.cases)
    letter = None
    if item.subject.startswith("letter:"):
        letter = office.store.letter(item.subject.partition(":")[2])
    now = office.clock.now()
    track = _track(item, cases, letter)
    return Page(
        item=item,
        now=now,
        zone=ZoneInfo(practice.time_zone if practice else "UTC"),
        practice=practice,
        cases=cases,
        letter=letter,
        envelope=_envelope(practice, letter),
        findings=findings_of(office, practice, letter) if practice and letter and letter.tracks else (),
        stale=bool(practice and letter and _stale(office, practice, letter, now)),
        track=track,
        mail=_mail(office, item, cases),
        next_step=_next_step(practice, track, letter),
    )


def _envelope(practice: Practice | None, letter: Letter | None) -> Envelope | None:
    """As approved; of a draft, as it would be approved now."""
    if letter is None:
        return None
    if letter.approval is not None:
        return letter.approval.envelope
    return envelope_of(practice, letter) if practice else None


def _stale(office: Office, practice: Practice, letter: Letter, now: datetime) -> bool:
    from bot.runner.drafting import current_digest

    if letter.state is not State.DRAFTED or not letter.tracks:
        return False
    return now >= letter.good_until or letter.facts_digest != current_digest(office, practice, letter, now)


def _track(item: Item, cases: Sequence[Case], letter: Letter | None) -> Track | None:
    if letter is not None and letter.tracks and cases:
        ref = letter.tracks[0]
        return next((case.track(ref.track_id) for case in cases if case.case_id == ref.case_id), None)
    if item.kind is ItemKind.HOLD and cases:
        track_id = item.subject.rpartition("/")[2]
        return next((track for track in cases[0].tracks if track.track_id == track_id), None)
    return None


def _next_step(
    practice: Practice | None, track: Track | None, letter: Letter | None
) -> tuple[str, str] | None:
    if practice is None or track is None or track.playbook not in practice.playbooks:
        return None
    playbook = practice.playbooks[track.playbook].playbook
    name = letter.step if letter else track.step
    try:
        following = playbook.after(name)
        return (following.name, str(playbook.step(name).wait)) if following else None
    except KeyError:
        return None


def _mail(office: Office, item: Item, cases: Sequence[Case]) -> Shown | None:
    if item.subject.startswith("mail:"):
        return shown_mail(office, int(item.subject.partition(":")[2]))
    return shown_mail(office, cases[0].facts.notice_mail) if cases else None


def shown_mail(office: Office, mail_id: int) -> Shown | None:
    """A kept mail for the screen; None when its bytes are gone."""
    try:
        kept = office.store.mail(mail_id)
        raw = office.raw.get(kept.sha256) if kept.sha256 else b""
    except RejoinderError:
        return None
    # What the killable reader could not read is not read here either: it is shown as it stands.
    if kept.status is not MailStatus.READ or kept.kind == "Unreadable" or not raw:
        return _as_it_stands(kept, raw)
    from bot.mail.parse import parse_message

    try:
        message = parse_message(raw)
    except RejoinderError:
        return _as_it_stands(kept, raw)
    body = message.body
    writer = message.head.from_[0] if message.head.from_ else None
    return Shown(
        mail_id=mail_id,
        kind=kept.kind,
        from_=f"{writer.display_name} <{writer.addr_spec}>".strip() if writer else "",
        subject=message.head.subject,
        at=kept.internal_date,
        text=harmless(body.text if body and body.text else "(no text)").strip("\n"),
    )


def _as_it_stands(kept: KeptMail, raw: bytes) -> Shown:
    text = raw[:RAW_SHOWN].decode("utf-8", "replace")
    if len(raw) > RAW_SHOWN:
        text += f"\n… and {len(raw) - RAW_SHOWN} octets more"
    return Shown(
        mail_id=kept.mail_id,
        kind=kept.kind,
        from_="",
        subject="",
        at=kept.internal_date,
        text=harmless(text) if raw else f"({kept.size} octets, not kept because it is too large)",
    )
