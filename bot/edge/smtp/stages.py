"""How a transaction stops before its body: the outcome carried out of whichever stage met the trouble."""

from __future__ import annotations

from bot.edge.smtp.line import Reply
from bot.ports import SubmissionDeferred, SubmissionRefused


class NotSent(Exception):
    """Nothing went to anybody; `outcome` says whether it may be tried again."""

    def __init__(self, outcome: SubmissionDeferred | SubmissionRefused) -> None:
        super().__init__(outcome.text)
        self.outcome = outcome


def not_sent(reply: Reply, stage: str, recipient: str | None = None) -> NotSent:
    """What a negative answer before the body means."""
    if reply.permanent:
        return NotSent(SubmissionRefused(code=reply.code, text=reply.text, stage=stage, recipient=recipient))
    # An answer that fits neither 2yz, 4yz nor 5yz at its place is the server's confusion, not a verdict.
    return NotSent(SubmissionDeferred(code=reply.code, text=reply.text, stage=stage))


def lost(text: str, stage: str) -> NotSent:
    """What a lost line before the body means."""
    return NotSent(SubmissionDeferred(code=None, text=text, stage=stage))


def refused_by_us(code: int, text: str, stage: str, recipient: str | None = None) -> NotSent:
    """A mail that we do not even try; the text says that it was us."""
    return NotSent(
        SubmissionRefused(
            code=code, text=f"Refused by Rejoinder, not sent: {text}", stage=stage, recipient=recipient
        )
    )
