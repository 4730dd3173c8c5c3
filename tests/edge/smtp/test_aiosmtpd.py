"""Mail out against aiosmtpd: exact bytes, TLS, logins, one connection for several mails."""

from __future__ import annotations

from bot.ports import SubmissionAccepted


def test_the_bytes_arrive_exactly_as_given(smtp_server, mail):
    outcome = mail.once(smtp_server.port)
    assert outcome == SubmissionAccepted(code=250, text="2.0.0 Taken as number 1")
    (taken,) = smtp_server.wait_for(1)
    assert taken.data == mail.letter
    assert (taken.mail_from, taken.recipients) == (mail.me, (mail.them,))
    assert mail.asked == 1
