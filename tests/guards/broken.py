"""Guards, each with the way to switch it off and the tests that must notice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """One guard, and the change of the code that takes it away."""

    guard: str  #: what it sees to
    file: str  #: below bot/
    old: str  #: stands there exactly once
    new: str
    tests: str  #: a folder or file below tests/


def _broken(guard: str, file: str, old: str, new: str, tests: str) -> Broken:
    return Broken(guard=guard, file=file, old=old, new=new, tests=tests)


_GATE = "runner/outbox/gate.py"
_SENDING = "runner/outbox/sending.py"
_MATCH = "case/match.py"

BROKEN: tuple[Broken, ...] = (
    _broken(
        "an author is believed only when proven",
        "mail/authentication.py",
        "proven=proof in (Proof.ALIGNED, Proof.SEALED),",
        "proven=True,",
        "mail/test_authentication.py",
    ),
    _broken(
        "only the pinned provider's results count",
        "mail/authentication.py",
        "if not is_written_by(chosen.authserv_id, pinned):",
        "if False:",
        "mail/test_authentication.py",
    ),
    _broken(
        "our own address is never an addressee",
        "reading/senders.py",
        "or address.casefold() in ours",
        "or False",
        "reading/test_read.py",
    ),
    _broken(
        "our own domain is never an addressee",
        "reading/senders.py",
        "or organisational_domain(domain) in own_domains",
        "or False",
        "reading/test_read.py",
    ),
    _broken(
        "Amazon is never a complainant",
        "reading/senders.py",
        "or self.is_amazon_address(address)",
        "or False",
        "reading",
    ),
    _broken(
        "the gate is asked again after 354",
        _SENDING,
        "if ask(office, practice, letter, State.SENDING, now, checked).verdict is not Verdict.GO:",
        "if False:",
        "stories/test_gate.py",
    ),
    _broken(
        "an answer between approval and 354 takes the letter back",
        _GATE,
        "if track.state is not state or track.letter_id != letter.letter_id or track.noted:",
        "if track.state is not state or track.letter_id != letter.letter_id:",
        "stories",
    ),
    _broken(
        "who cites us holds the case, whoever it is",
        _MATCH,
        "    events = _answered(mail, candidates, now, says)",
        "    events = _answered(mail, candidates, now, says) if candidates.by_address else []",
        "case/test_match.py",
    ),
    _broken(
        "a mail that claims to belong blocks",
        _GATE,
        "            or _nobody_claims(office, letter)\n",
        "",
        "stories/test_gate.py",
    ),
    _broken(
        "every mailbox was read before a letter leaves, and nothing is unread",
        _GATE,
        "            or _listened(office, practice, letter, now)\n",
        "",
        "stories/test_gate.py",
    ),
    _broken(
        "a daemon that was overtaken writes nothing",
        "edge/store/lease.py",
        "if _read(connection, tenant_id, _NUMBER) != number:",
        "if False:",
        "edge/store/test_lease.py",
    ),
    _broken(
        "what leaves is what was approved, byte for byte",
        _GATE,
        "if approval_digest(raw, approval.envelope) != approval.digest:",
        "if False:",
        "stories/test_before_it_leaves.py",
    ),
    _broken(
        "the envelope is that of the letter",
        _GATE,
        "if envelope != envelope_of(practice, letter):",
        "if False:",
        "stories/test_before_it_leaves.py",
    ),
    _broken(
        "a fact that changed voids the approval",
        _GATE,
        "if letter.facts_digest != current_digest(office, practice, letter, now):",
        "if False:",
        "stories/test_before_it_leaves.py",
    ),
    _broken(
        "the daily cap of the account",
        _GATE,
        "if ours >= limits.letters_per_day:",
        "if False:",
        "stories/test_submission.py",
    ),
    _broken(
        "the daily cap over all accounts",
        _GATE,
        "if in_all >= limits.letters_per_day_in_all:",
        "if False:",
        "stories/test_flood.py",
    ),
    _broken(
        "the daily cap of one address",
        _GATE,
        "if ours >= to_one and office.store.accepted_since(account, since, to=letter.to) >= to_one:",
        "if False:",
        "stories/test_submission.py",
    ),
    _broken(
        "the daily cap of new addresses",
        _GATE,
        "if ours < to_new or office.store.new_addresses_since(account, since) < to_new:",
        "if True:",
        "stories/test_flood.py",
    ),
    _broken(
        "a case gets three letters and no fourth",
        "case/decide.py",
        "if written < playbook.letter_limit:",
        "if True:",
        "case/test_decide.py",
    ),
    _broken(
        "what was on the line when we died is not sent again",
        "runner/outbox/recovery.py",
        "event = e.Interrupted(at=now) if sending else unknown(letter, now)",
        "event = e.Interrupted(at=now) if sending else e.Deferred(at=now, code=None, retry_at=now)",
        "stories/test_in_doubt.py",
    ),
    _broken(
        "a line lost after the body is in doubt",
        _SENDING,
        'return unknown(letter, now), "rehearsed" if rehearsal else "in-doubt"',
        'return e.Deferred(at=now, code=None, retry_at=now), "deferred"',
        "stories/test_in_doubt.py",
    ),
    _broken(
        "the body begins only after its note",
        "edge/smtp/transaction.py",
        "if not await body_may_begin():",
        "if False:",
        "edge/smtp/test_transaction.py",
    ),
    _broken(
        "one recipient refused, and nobody gets the letter",
        "edge/smtp/transaction.py",
        "    if worst is not None:\n        raise worst\n",
        "",
        "edge/smtp/test_transaction.py",
    ),
    _broken(
        "an approval holds in the mode it was given in",
        _GATE,
        "if approval.envelope.rehearsal != (practice.safe_mode_to is not None):",
        "if False:",
        "stories/test_opening.py",
    ),
    _broken(
        "a stop holds at the last moment",
        _GATE,
        "            or _nobody_stopped_it(office, practice, letter)\n",
        "",
        "stories/test_stopped.py",
    ),
    _broken(
        "nothing leaves while the circuit is broken",
        _GATE,
        "(_wait(Reason.CIRCUIT_OPEN) if office.breaker.tripped() else None)",
        "None",
        "stories/test_loop_room.py",
    ),
    _broken(
        "another home on our mailbox breaks the circuit",
        "runner/breaker.py",
        "    if not office.restored:\n        break_circuit(office, mail.account_id, ANOTHER_HOME)",
        "    return",
        "stories/test_loop_room.py",
    ),
    _broken(
        "a copy of a letter that we have not sent holds it",
        _MATCH,
        "    events += _not_from_here(arrived, mail, candidates, now)\n",
        "",
        "stories/test_restored.py",
    ),
    _broken(
        "approvals older than a restored copy are void",
        "runner/desk/restored.py",
        "            if letter.state is State.APPROVED:\n",
        "            if letter.state is State.APPROVED:\n                continue\n            if False:\n",
        "stories/test_restored.py",
    ),
    _broken(
        "Sent is asked for before the first letter",
        _GATE,
        "    if practice.sent is None:\n        return _wait(Reason.NOT_RECONCILED)",
        "    if False:\n        return _wait(Reason.NOT_RECONCILED)",
        "stories/test_outside.py",
    ),
    _broken(
        "a text that nobody has seen is not approved",
        "runner/desk/service.py",
        "        _refuse_unseen(office, number, letter, revision)\n",
        "        pass\n",
        "stories/test_together.py",
    ),
    _broken(
        "a legal hold stops erasing",
        "runner/desk/erasing.py",
        "if ground is not None:\n            told.append(",
        "if False:\n            told.append(",
        "cli/test_erase.py",
    ),
    _broken(
        "the first look at a mailbox acts on nothing old",
        "wiring.py",
        'read_all=account.first_run == "read_all",',
        "read_all=True,",
        "stories/test_first_look.py",
    ),
    _broken(
        "a field with a control character is refused",
        "mail/compose.py",
        "    _refuse_controls(letter)\n",
        "",
        "mail/test_compose.py",
    ),
    _broken(
        "the bytes say what the letter says",
        "mail/compose.py",
        "    _prove(raw, letter, date, [name for name, _ in fields])\n",
        "",
        "mail/test_compose.py",
    ),
    _broken(
        "no control character reaches an IMAP server",
        "edge/imap/guard.py",
        "        refuse_controls(*arguments, *options.values())\n",
        "",
        "edge/imap/test_injection.py",
    ),
    _broken(
        "STARTTLS never falls back",
        "edge/smtp/opening.py",
        'if context is None or not line.offers("STARTTLS"):',
        'if not line.offers("STARTTLS"):\n        return\n    if context is None:',
        "edge/smtp/test_threats.py",
    ),
    _broken(
        "a refused login is tried three times an hour at most",
        "edge/imap/source.py",
        "if secret == refused and time.monotonic() - when < REFUSAL_REMEMBERED:",
        "if False:",
        "stories/test_hard_mailbox.py",
    ),
    _broken(
        "asked to end, the letter on the line is finished",
        "cli/run.py",
        "        if self._asked:\n",
        "        if True:\n",
        "torture/test_asked_to_end.py",
    ),
)
