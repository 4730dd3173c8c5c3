"""What `show` needs to know of one item, gathered once: for the page and for --json alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.case.events import WorldEvent
from bot.case.items import ItemKind
from bot.case.model import Case, Source, State, Track
from bot.case.reasons import Reason
from bot.cli.text import harmless, one_line
from bot.draft.lint import Finding
from bot.draft.model import Letter
from bot.errors import RejoinderError
from bot.mail.envelope import Envelope
from bot.mail.message import Address, Message
from bot.ports import KeptMail, MailStatus
from bot.reading.model import Likeness
from bot.review import Item
from bot.runner.checking import envelope_of, findings_of
from bot.runner.desk.approving import rewritten_because
from bot.runner.office import Office, Practice

#: What holds a track and came as a mail.
_BY_MAIL = (Reason.ANSWERED, Reason.BOUNCED, Reason.RETRACTION_SEEN, Reason.NOTICE_AGAIN)
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
class ReadFrom:
    """A value and the line of the notice it was read from."""

    field: str
    value: str
    line: str
    part: str


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
    stopped_by: Shown | None  #: the answer, bounce or retraction that holds the case
    read_from: tuple[ReadFrom, ...]  #: each value of the cases with the line it stands in
    written_again: tuple[Reason, ...]  #: why a draft that a person may have seen says something else now
    next_step: tuple[str, str] | None  #: what follows when this letter is accepted: step, wait
    likeness: Likeness | None = None  #: of a suspect, when the mail could be read again

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
        stopped_by=_stopped_by(office, item, cases, track),
        read_from=_read_from(office, cases),
        written_again=rewritten_because(office, letter) if letter else (),
        next_step=_next_step(practice.of(cases[0]) if practice and cases else practice, track, letter),
    )


def _envelope(practice: Practice | None, letter: Letter | None) -> Envelope | None:
    """As approved; of a draft, as it would be approved now."""
    if letter is None:
        return None
    if letter.approval is not None:
        return letter.approval.envelope
    return envelope_of(practice, letter) if practice else None


def _stale(office: Office, practice: Practice, letter: Letter, now: datetime) -> bool:
    from bot.runner.steps.drafting import current_digest

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


def _stopped_by(office: Office, item: Item, cases: Sequence[Case], track: Track | None) -> Shown | None:
    """The newest mail that moved the held track, unless it is the notice itself."""
    if item.kind is not ItemKind.HOLD or track is None or track.hold not in _BY_MAIL:
        return None
    moved = [
        event.mail
        for event in office.store.diary(cases[0].case_id)
        if isinstance(event, WorldEvent) and event.mail is not None and event.track in (None, track.track_id)
    ]
    return shown_mail(office, moved[-1]) if moved else None


def _read_from(office: Office, cases: Sequence[Case]) -> tuple[ReadFrom, ...]:
    """Every value once; where the notice cannot be had, the very words alone stand for their line."""
    texts: dict[int, Mapping[str, str]] = {}
    found: dict[ReadFrom, None] = {}
    for case in cases:
        mail_id = case.facts.notice_mail
        if mail_id not in texts:
            texts[mail_id] = _parts(office, mail_id)
        for source in case.facts.sources:
            line = _line_of(texts[mail_id].get(source.part, ""), source)
            found[ReadFrom(field=source.field, value=source.value, line=line, part=source.part)] = None
    return tuple(found)


def _line_of(text: str, source: Source) -> str:
    """The line around a place; the place must prove itself by its words."""
    if text[source.start : source.end] != source.text or not source.text:
        return one_line(source.text)
    start = text.rfind("\n", 0, source.start) + 1
    end = text.find("\n", source.end)
    return one_line(text[start : end if end >= 0 else len(text)])


def _parts(office: Office, mail_id: int) -> Mapping[str, str]:
    """Texts of the parts of a mail, by part number."""
    message = _message(office, mail_id)
    if message is None:
        return {}
    texts = {part.number: part.text or "" for part in message.parts}
    for nested in message.nested:
        texts |= {part.number: part.text or "" for part in nested.parts if part.number not in texts}
    return texts | {"header:subject": message.head.subject}


def _message(office: Office, mail_id: int) -> Message | None:
    """A mail that the killable reader could read; None for any other."""
    from bot.mail.parse import parse_message

    try:
        kept = office.store.mail(mail_id)
        if kept.status is not MailStatus.READ or kept.kind == "Unreadable" or not kept.sha256:
            return None
        return parse_message(office.raw.get(kept.sha256))
    except RejoinderError:
        return None


def shown_mail(office: Office, mail_id: int) -> Shown | None:
    """A kept mail for the screen; None when its bytes are gone."""
    try:
        kept = office.store.mail(mail_id)
        raw = office.raw.get(kept.sha256) if kept.sha256 else b""
    except RejoinderError:
        return None
    # What the killable reader could not read is not read here either: it is shown as it stands.
    message = _message(office, mail_id)
    if message is None:
        return _as_it_stands(kept, raw)
    body = message.body
    writer = message.head.from_[0] if message.head.from_ else None
    return Shown(
        mail_id=mail_id,
        kind=kept.kind,
        from_=_called(writer),
        subject=message.head.subject,
        at=kept.internal_date,
        text=harmless(body.text if body and body.text else "(no text)").strip("\n"),
    )


def _called(writer: Address | None) -> str:
    if writer is None:
        return ""
    return f"{writer.display_name} <{writer.addr_spec}>" if writer.display_name else writer.addr_spec


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
