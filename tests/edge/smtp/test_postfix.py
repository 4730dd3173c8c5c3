"""Signing in at a real Postfix, whose passwords and tokens a real Dovecot checks."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.edge.doctor.submission import look_at_submission
from bot.edge.secrets import SecretSource
from bot.edge.smtp.sender import SmtpSender
from bot.edge.smtp.settings import SmtpSettings
from bot.mail.envelope import Envelope, Recipient, RecipientRole
from bot.ports import Outcome, SubmissionAccepted, SubmissionRefused
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.postfix import Postfix
from tests.servers.tokens import token, token_command

pytestmark = pytest.mark.servers
NOW = datetime(2026, 3, 2, tzinfo=UTC)
RAW = b"From: tess@brindlecove.example\r\nSubject: x\r\n\r\nHello\r\n"


@pytest.fixture
def account(dovecot: Dovecot, postfix: Postfix) -> SmtpSettings:
    return SmtpSettings(
        host=postfix.host,
        port=postfix.tls_port,
        user=f"{dovecot.new_user()}@brindlecove.example",
        secret=lambda: PASSWORD,
        extra_ca=dovecot.ca_file,
    )


def submit(settings: SmtpSettings) -> Outcome:
    """One mail to the account's own mailbox."""
    user = settings.user or ""

    async def yes() -> bool:
        return True

    async def story() -> Outcome:
        sender = SmtpSender(settings)
        try:
            to = Recipient(address=user, role=RecipientRole.TO)
            return await sender.submit(Envelope(mail_from=user, recipients=(to,)), RAW, body_may_begin=yes)
        finally:
            await sender.close()

    return asyncio.run(asyncio.wait_for(story(), 60))


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_password_over_tls(account: SmtpSettings, postfix: Postfix, security: str) -> None:
    port = postfix.tls_port if security == "tls" else postfix.port
    outcome = submit(replace(account, security=security, port=port))  # type: ignore[arg-type]
    assert isinstance(outcome, SubmissionAccepted), outcome


def test_a_wrong_password(account: SmtpSettings) -> None:
    outcome = submit(replace(account, secret=lambda: "wrong"))
    assert isinstance(outcome, SubmissionRefused), outcome
    assert outcome.stage == "auth"


def test_a_token_from_a_command(account: SmtpSettings, tmp_path: Path) -> None:
    command = token_command(tmp_path, token(account.user or ""))
    signs_in = replace(account, auth="xoauth2", secret=SecretSource(command=command))
    assert isinstance(submit(signs_in), SubmissionAccepted)
    assert [finding.ok for finding in look_at_submission(signs_in, NOW)] == [True, True]
    token_command(tmp_path, token(account.user or "", lasts=-timedelta(minutes=1)))  # an hour later
    outcome = submit(signs_in)
    assert isinstance(outcome, SubmissionRefused), outcome
    assert outcome.stage == "auth"
    wrong = list(look_at_submission(signs_in, NOW))[-1]
    assert (wrong.what, wrong.ok) == ("smtp sign-in", False)


@pytest.mark.parametrize("whose", ["another's", "forged"])
def test_a_token_that_is_not_ours(account: SmtpSettings, whose: str) -> None:
    user = account.user or ""
    made = token("somebody@else.example") if whose == "another's" else token(user, key=b"f" * 32)
    outcome = submit(replace(account, auth="xoauth2", secret=lambda: made))
    assert isinstance(outcome, SubmissionRefused), outcome
    assert outcome.stage == "auth"
