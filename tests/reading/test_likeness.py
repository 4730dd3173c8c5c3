"""A suspect is compared with the genuine mail it is most like, and each difference is marked as one."""

from __future__ import annotations

import pytest

from bot.reading.model import Likeness, Suspect
from bot.reading.read import ReadingContext, read
from tests.stories.mails import notice
from tests.stories.stage import MONDAY

GENUINE = notice("17340981265", MONDAY).replace(b"mx.brindlecove.example", b"mx.marwen.example")


def beside(raw: bytes, pinned: ReadingContext) -> Likeness:
    reading = read(raw, pinned).reading
    assert isinstance(reading, Suspect)
    assert reading.likeness is not None
    return reading.likeness


def differences(raw: bytes, pinned: ReadingContext) -> dict[str, str]:
    return {one.what: one.here for one in beside(raw, pinned).compared if not one.same}


def test_the_nearest_family_is_named(pinned: ReadingContext) -> None:
    unproven = GENUINE.replace(b"dmarc=pass", b"dmarc=fail")
    assert beside(unproven, pinned).family == "trademark"
    assert set(differences(unproven, pinned)) == {"confirmed"}


@pytest.mark.parametrize(
    ("old", "new", "what", "said"),
    [
        (b"<notice@amazon.com>", "<notice@аmazon.com>".encode(), "sent from", "(shown as аmazon.com)"),
        (b"<notice@amazon.com>", b"<n@amazon.com>, x@evil.example", "sent from", "and evil.example"),
        (b"Subject:", b"Reply-To: x@evil.example\r\nSubject:", "answers go to", "x@evil.example"),
        (b"Hello,", b"Hello, see https://amazon.com@evil.example/x", "links lead to", "evil.example"),
        (b"Hello,", b"Hello, enter your password and pay by gift card.", "asks for", "a password"),
        (b"Complaint ID: 17340981265", b"Complaint: none", "names", "B0ZG04SJF3"),
    ],
)  # fmt: skip
def test_each_difference_is_marked(
    pinned: ReadingContext, old: bytes, new: bytes, what: str, said: str
) -> None:
    raw = GENUINE.replace(b"dmarc=pass", b"dmarc=fail").replace(old, new, 1)
    assert said in differences(raw, pinned)[what]


def test_what_is_as_in_a_genuine_mail_is_not_marked(pinned: ReadingContext) -> None:
    raw = GENUINE.replace(b"dmarc=pass", b"dmarc=fail").replace(
        b"Hello,", b"Hello, see https://sellercentral.amazon.com/x", 1
    )
    same = {one.what for one in beside(raw, pinned).compared if one.same}
    assert same == {"sent from", "links lead to", "asks for", "names"}
