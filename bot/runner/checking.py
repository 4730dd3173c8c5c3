"""What a letter is held against before a yes and before it leaves: its envelope, and the rules."""

from __future__ import annotations

from dataclasses import replace

from bot.draft.lint import Finding, LintRules, errors, lint
from bot.draft.model import Letter
from bot.mail.envelope import Envelope, Recipient, RecipientRole, tagged
from bot.runner.office import Office, Practice
from bot.runner.stops import stops_now


def envelope_of(practice: Practice, letter: Letter) -> Envelope:
    """Who would receive the letter: To, Amazon in copy and the copy to yourself; in safe mode only you."""
    if practice.safe_mode_to is not None:
        only = Recipient(address=practice.safe_mode_to, role=RecipientRole.REHEARSAL)
        return Envelope(mail_from=letter.mail_from, recipients=(only,), rehearsal=True)
    recipients = [Recipient(address=letter.to, role=RecipientRole.TO)]
    recipients += [Recipient(address=address, role=RecipientRole.CC) for address in letter.cc]
    if letter.own_copy:
        recipients.append(Recipient(address=letter.own_copy, role=RecipientRole.OWN_COPY))
    back = tagged(letter.mail_from, letter.message_id) if practice.return_tag else letter.mail_from
    return Envelope(mail_from=back, recipients=tuple(recipients))


def rules_now(office: Office, practice: Practice) -> LintRules:
    """The rules for letters, with the stops that persons have set meanwhile."""
    return replace(practice.lint, denied=stops_now(office, practice))


def findings_of(office: Office, practice: Practice, letter: Letter) -> tuple[Finding, ...]:
    """What the pre-flight check says of the letter as it stands."""
    cases = tuple(office.store.case(ref.case_id) for ref in letter.tracks)
    return lint(letter, cases, rules_now(office, practice))


def errors_of(office: Office, practice: Practice, letter: Letter) -> tuple[Finding, ...]:
    """What of it forbids that the letter leaves."""
    cases = tuple(office.store.case(ref.case_id) for ref in letter.tracks)
    return errors(letter, cases, rules_now(office, practice))
