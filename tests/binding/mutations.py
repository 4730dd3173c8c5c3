"""Random changes to what an approval is bound to: bytes, envelope, attachments, template, case."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.case.model import Case, ListingFact, Party, State
from bot.case.reasons import Reason
from bot.draft.model import Approval, Letter
from bot.draft.templates import TemplateSet
from bot.edge.raw import MemoryRawStore
from bot.edge.store import MemoryStore
from bot.mail.envelope import Envelope, Recipient, RecipientRole
from tests.stories.stage import Stage

Mutation = Callable[[Stage, random.Random], None]


def _letter(stage: Stage) -> tuple[Letter, Approval]:
    letter = stage.letter()
    assert letter.approval is not None
    return letter, letter.approval


def _write(stage: Stage, letter: Letter) -> None:
    """As somebody with the database open could: no rule is asked."""
    assert isinstance(stage.store, MemoryStore)
    stage.store._letters[letter.letter_id] = letter


def _raws(stage: Stage) -> dict[str, bytes]:
    assert isinstance(stage.office.raw, MemoryRawStore)
    return stage.office.raw._raws


def _scrambled(raw: bytes, chance: random.Random) -> bytes:
    """One change anywhere: an octet, a piece, a line; never none."""
    at = chance.randrange(len(raw))
    end = min(len(raw), at + chance.randint(1, 40))
    made = chance.choice(
        [
            raw[:at] + bytes([raw[at] ^ (1 << chance.randrange(8))]) + raw[at + 1 :],
            raw[:at] + raw[end:],
            raw[:at],
            raw[:at] + bytes(chance.randrange(256) for _ in range(chance.randint(1, 20))) + raw[at:],
            raw + b"PS\r\n" * chance.randint(1, 3),
            b"Bcc: victim@bystander.example\r\n" + raw,
            raw[:at] + raw[at:end] * 2 + raw[end:],
            raw.replace(b"\r\n", b"\n", chance.randint(1, 5)),
        ]
    )
    return made if made != raw else raw + b"\n"


def bytes_on_disk(stage: Stage, chance: random.Random) -> None:
    """The kept bytes, under the name of the old ones."""
    _, approval = _letter(stage)
    raws = _raws(stage)
    raws[approval.raw_sha256] = _scrambled(raws[approval.raw_sha256], chance)


def bytes_with_their_own_hash(stage: Stage, chance: random.Random) -> None:
    """Other bytes, rightly hashed, and the letter points at them."""
    letter, approval = _letter(stage)
    other = stage.office.raw.put(_scrambled(_raws(stage)[approval.raw_sha256], chance))
    _write(stage, replace(letter, approval=replace(approval, raw_sha256=other)))


def attachment(stage: Stage, chance: random.Random) -> None:
    """A part more, an invoice say, in a mail that is whole and well-formed."""
    letter, approval = _letter(stage)
    head, _, body = _raws(stage)[approval.raw_sha256].partition(b"\r\n\r\n")
    mark = b"=_%08x" % chance.getrandbits(32)
    name = chance.choice([b"invoice.pdf", b"notes.txt", b"suppliers.xlsx"])
    kind = b'Content-Type: multipart/mixed; boundary="' + mark + b'"'
    head = head.replace(b'Content-Type: text/plain; charset="utf-8"', kind)
    raw = b"\r\n".join(
        [head, b"", b"--" + mark, b"Content-Type: text/plain; charset=utf-8", b"", body, b"--" + mark,
         b"Content-Disposition: attachment; filename=" + name, b"", chance.randbytes(30).hex().encode(),
         b"--" + mark + b"--", b""]
    )  # fmt: skip
    _write(stage, replace(letter, approval=replace(approval, raw_sha256=stage.office.raw.put(raw))))


def envelope(stage: Stage, chance: random.Random) -> None:
    """Another sender, or other recipients; of the letter's row too, half of the time."""
    letter, approval = _letter(stage)
    old = approval.envelope
    thief = f"v{chance.getrandbits(20)}@{chance.choice(['bystander.example', 'gmail.com', 'amazon.com'])}"
    extra = Recipient(address=thief, role=chance.choice(list(RecipientRole)))
    kept = list(old.recipients)
    position = chance.randrange(len(kept))
    lost = kept[:position] + kept[position + 1 :]
    other = [*kept[:position], replace(kept[position], address=thief), *kept[position + 1 :]]
    role = next(one for one in RecipientRole if one is not kept[position].role)
    made: Envelope = chance.choice(
        [
            replace(old, mail_from=thief),
            replace(old, recipients=(*kept, extra)),
            replace(old, recipients=(extra, *kept)),
            replace(old, recipients=tuple(lost)),
            replace(old, recipients=tuple(other)),
            replace(old, recipients=(*kept, kept[0])),
            replace(old, recipients=tuple(reversed(kept))),
            replace(old, recipients=(replace(kept[position], role=role), *lost)),
            replace(old, rehearsal=True),
        ]
    )
    row: dict[str, Any] = chance.choice([{}, {"to": thief}, {"cc": (thief,)}, {"own_copy": thief}])
    _write(stage, replace(letter, approval=replace(approval, envelope=made), **row))


def template(stage: Stage, chance: random.Random) -> None:
    """A word more, less or another in the template that the letter was written with."""
    letter, _ = _letter(stage)
    texts = dict(stage.practice.templates._texts)
    name = f"{letter.language}/{letter.step}"
    lines = texts[name].split("\n")
    plain = [number for number, line in enumerate(lines) if line.strip() and "{" not in line]
    at = chance.choice(plain)
    words = lines[at].split(" ")
    word = chance.randrange(len(words))
    words[word : word + 1] = chance.choice([["pay"], [], [words[word], "not"], [words[word].upper() + "!"]])
    lines[at] = " ".join(words)
    texts[name] = "\n".join(lines)
    stage.changes(templates=TemplateSet(texts))


def case(stage: Stage, chance: random.Random) -> None:
    """A fact of the case that the letter uses."""
    assert isinstance(stage.store, MemoryStore)
    held = stage.case()
    number = str(chance.randrange(10**10, 10**11))
    asin = f"B0{chance.randrange(10**8):08d}"
    changed: Case = chance.choice(
        [
            replace(held, facts=replace(held.facts, complaint_id=number)),
            replace(held, facts=replace(held.facts, listings=(ListingFact(asin=asin, title=None),))),
            replace(held, facts=replace(held.facts, listings=())),
            replace(held, facts=replace(held.facts, amazon_address=f"n{number}@amazon.com")),
            replace(held, facts=replace(held.facts, retraction_address=f"n{number}@amazon.com")),
            replace(held, facts=replace(held.facts, right="patent" if number[-1] > "4" else "design")),
            replace(held, facts=replace(held.facts, marketplace="amazon.de")),
            replace(held, parties=_other_parties(held.parties, number)),
            replace(held, tracks=(replace(held.tracks[0], state=State.HELD, hold=Reason.ANSWERED),)),
        ]
    )
    stage.store._cases[held.case_id] = changed
    for party in changed.parties:
        for key in [key for key in stage.store._parties if key[1] == party.party_id]:
            stage.store._parties[key] = party


def _other_parties(parties: tuple[Party, ...], number: str) -> tuple[Party, ...]:
    """Somebody else, or somewhere else."""
    if number[-1] > "4":
        return tuple(replace(party, name=f"Somebody {number}") for party in parties)
    return tuple(replace(party, addresses=(f"v{number}@bystander.example",)) for party in parties)


MUTATIONS: tuple[Mutation, ...] = (
    bytes_on_disk, bytes_with_their_own_hash, attachment, envelope, template, case,
)  # fmt: skip
