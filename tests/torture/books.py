"""Compares what we say with what happened: diaries, rows, letters, queue, mails, and the server's log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256

from bot.case import events as e
from bot.case.model import Case, State, Track
from bot.case.states import replay
from bot.draft.model import Letter
from bot.edge.store.sql import SqlStore
from bot.errors import StoreDamaged
from bot.ports import MailStatus, Store
from bot.review import ItemKind, letter_subject, track_subject

#: A letter in one of these states is still ours to answer for.
ON_THE_WAY = (State.DRAFTED, State.APPROVED, State.SENDING, State.BODY_GONE, State.IN_DOUBT)


def disagreements(store: Store, account: str = "shop") -> list[str]:
    """Where row and diary, letter and track, or track and queue do not say the same."""
    found: list[str] = []
    queue = {(item.kind, item.subject) for item in store.items(account_id=account)}
    for case in store.cases(account):
        if replay(store.diary(case.case_id)) != case.tracks:
            found.append(f"case {case.case_id}: its diary does not lead to its row")
        found += _broken_chain(store, case)
        for track in case.tracks:
            found += [f"case {case.case_id}: {what}" for what in _track(store, case, track, queue)]
    for letter in store.letters(account_id=account, states=ON_THE_WAY):
        for ref in letter.tracks:
            track = store.case(ref.case_id).track(ref.track_id)
            if (track.state, track.letter_id) != (letter.state, letter.letter_id):
                found.append(f"letter {letter.letter_id} is {letter.state}, its track is {track.state}")
    return found


def _broken_chain(store: Store, case: Case) -> Iterator[str]:
    if isinstance(store, SqlStore):
        try:
            store.verify_chain(case.case_id)
        except StoreDamaged as error:
            yield str(error)


def _track(store: Store, case: Case, track: Track, queue: set[tuple[ItemKind, str]]) -> Iterator[str]:
    if track.state in ON_THE_WAY:
        assert track.letter_id is not None
        state = store.letter(track.letter_id).state
        if state is not track.state:
            yield f"track {track.track_id} is {track.state}, its letter is {state}"
        kind = ItemKind.IN_DOUBT if track.state is State.IN_DOUBT else ItemKind.DRAFT
        if (kind, letter_subject(track.letter_id)) not in queue:
            yield f"track {track.track_id} is {track.state} and not in the queue"
    held = (ItemKind.HOLD, track_subject(case.case_id, track.track_id)) in queue
    if held is not (track.state is State.HELD):
        yield f"track {track.track_id} is {track.state}, and the queue says something else"


def said_to_have_left(store: Store, account: str = "shop") -> set[str]:
    """Message-IDs of letters that we take for accepted, whatever their cases did afterwards."""
    ids = {a.letter_id for case in store.cases(account) for track in case.tracks for a in track.attempts}
    return {letter.message_id for letter in store.letters(account_id=account) if letter.letter_id in ids}


def fates(store: Store, approved: Iterable[str], taken: Iterable[str]) -> Counter[str]:
    """What became of every letter that was ever approved (by Message-ID); `taken` is the server's log.

    `lost`: we say it left and the server never had it, or it is neither left nor anywhere in the queue.
    `resent`: the server took it more than once. `unnoticed`: the server took it, and we say it did not leave.
    """
    log, left = Counter(taken), said_to_have_left(store)
    queue = {item.subject for item in store.items()}
    letters = {letter.message_id: letter for letter in store.letters()}
    fate: Counter[str] = Counter()
    for message_id in approved:
        letter = letters.get(message_id)
        fate["resent"] += log[message_id] > 1
        if letter is None:
            fate["lost"] += 1
        elif message_id in left:
            fate["left"] += 1
            fate["lost"] += not log[message_id]
        elif letter.state is State.IN_DOUBT:
            fate["in doubt"] += 1
            fate["unseen"] += letter_subject(letter.letter_id) not in queue
        else:
            fate["waiting"] += 1
            fate["lost"] += not _visible(store, letter, queue)
            fate["unnoticed"] += bool(log[message_id])
    return fate


def _visible(store: Store, letter: Letter, queue: set[str]) -> bool:
    subjects = {letter_subject(letter.letter_id)}
    subjects |= {track_subject(ref.case_id, ref.track_id) for ref in letter.tracks}
    closed = all(store.case(ref.case_id).closed for ref in letter.tracks)
    return closed or bool(subjects & queue)


def doubts(store: Store, account: str = "shop") -> Counter[str]:
    """How often a letter came into doubt, and what settled it."""
    count: Counter[str] = Counter()
    for case in store.cases(account):
        for event in store.diary(case.case_id):
            if isinstance(event, e.OutcomeUnknown):
                count["in doubt"] += 1
            elif isinstance(event, e.Proven):
                count[event.evidence] += 1
            elif isinstance(event, e.JudgedSent | e.JudgedNotSent):
                count["a person"] += 1
    return count


def mails_astray(store: Store, delivered: Iterable[bytes], account: str = "shop") -> Counter[str]:
    """Of the mails that lay in the mailbox: `lost` never kept or never understood, `twice` kept twice."""
    mails = store.mails(account, limit=1_000_000)
    kept = Counter(mail.sha256 for mail in mails)
    unread = {mail.sha256 for mail in mails if mail.status is MailStatus.UNREAD}
    astray: Counter[str] = Counter()
    for raw, times in Counter(delivered).items():
        name = sha256(raw).hexdigest()
        astray["lost"] += kept[name] < times or name in unread
        astray["twice"] += kept[name] > times
    return astray
