"""Genuine templates under a forger's header: none is believed, and each is shown as what it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.mail.authentication import Proof, Verdict
from bot.mail.message import Message
from bot.reading import read as reading_room
from bot.reading.model import (
    AmazonAnswer,
    CourtOrEvaluation,
    Notice,
    OwnCopy,
    Retraction,
    Suspect,
    Understood,
    Unreadable,
)
from bot.reading.read import ReadingContext, read
from bot.reading.senders import SendersFile
from tests.spoof.tricks import LOOK_ALIKES, PINNED, TRICKS, WITHOUT_THE_PROVIDER, Trick
from tests.stories.mails import AMAZON_SAYS, amazon, german_notice, notice, retraction_confirmed
from tests.stories.stage import MONDAY, Stage


def templates() -> dict[str, str]:
    """Genuine mails of Amazon's without results and author, in the words of the stories."""
    genuine = {
        "notice": notice("17340981265", MONDAY),
        "notice without contact": notice("17340981265", MONDAY, owner=None),
        "German notice": german_notice("17340981265", MONDAY),
        "retraction": retraction_confirmed("17340981265", MONDAY),
    } | {name: amazon(name, MONDAY) for name in AMAZON_SAYS}
    return {name: _bare(raw.decode("utf-8")) for name, raw in genuine.items()}


def _bare(mail: str) -> str:
    lines = mail.split("\r\n")
    kept = [line for line in lines if not line.startswith(("Authentication-Results:", "Received:"))]
    at = next(number for number, line in enumerate(kept) if line.startswith("From:"))
    return "\r\n".join([*kept[:at], "From: AUTHOR", *kept[at + 1 :]])


TEMPLATES = templates()


def believed(understood: Understood) -> bool:
    """Taken for Amazon's word in any way, or for our own."""
    match understood.reading:
        case Notice() | CourtOrEvaluation() | AmazonAnswer() | Retraction(by_amazon=True) | OwnCopy():
            return True
        case _:
            verdict = understood.verdict
            return bool(verdict and verdict.proven and verdict.domain and is_amazon(verdict.domain))


def is_amazon(domain: str) -> bool:
    """The relays too are below Amazon's domain, but carry anybody's words."""
    return domain in ("amazon.com", "amazon.de")


def spoofed(tricks: dict[str, Trick] = TRICKS) -> dict[tuple[str, str], bytes]:
    return {
        (trick, name): bend(mail).encode("utf-8", "surrogatepass")
        for trick, bend in tricks.items()
        for name, mail in TEMPLATES.items()
    }


def looking_alike() -> dict[tuple[str, str], bytes]:
    """The look-alike's own domain passes everything, which is the truth."""
    mails = {}
    for domain in LOOK_ALIKES:
        host = domain.encode("idna").decode() if not domain.isascii() else domain
        top = (
            f"Authentication-Results: {PINNED}; dkim=pass header.d={host}; spf=pass smtp.mailfrom=x@{host}; "
            f"dmarc=pass header.from={host}\r\n"
        )
        for name, mail in TEMPLATES.items():
            for author in (f"Amazon <notice@{domain}>", f"notice@{host}"):
                mails[author, name] = (top + mail.replace("AUTHOR", author)).encode()
    return mails


def room(
    mails: dict[tuple[str, str], bytes], context: ReadingContext
) -> tuple[list[tuple[str, str]], Counter[str]]:
    """Which of them were believed, and what the others were read as."""
    fooled, kinds = [], Counter[str]()
    for key, raw in mails.items():
        understood = read(raw, context, {})  # signatures were looked for, and none of Amazon's is there
        kinds[type(understood.reading).__name__] += 1
        if believed(understood):
            fooled.append(key)
    return fooled, kinds


@pytest.fixture(scope="module")
def shop(reading: ReadingContext) -> ReadingContext:
    assert reading.pinned_authserv == PINNED
    return reading


def test_the_templates_are_believed_when_they_are_genuine(shop: ReadingContext) -> None:
    for name, mail in TEMPLATES.items():
        domain = "amazon.de" if name == "German notice" else "amazon.com"
        top = f"Authentication-Results: {PINNED}; dmarc=pass header.from={domain}\r\n"
        genuine = top + mail.replace("AUTHOR", f"Amazon <notice@{domain}>")
        assert believed(read(genuine.encode(), shop)), name


def test_no_trick_with_the_header_is_believed(shop: ReadingContext) -> None:
    assert len(TRICKS) >= 50
    assert len(TEMPLATES) >= 10
    mails = spoofed()
    assert len(mails) == len(TRICKS) * len(TEMPLATES) >= 500
    fooled, kinds = room(mails, shop)
    assert fooled == []
    assert kinds["Suspect"] > 0.9 * len(mails), kinds


def test_no_trick_is_believed_where_any_name_below_a_domain_is_pinned(shop: ReadingContext) -> None:
    """As for Yahoo, Fastmail and iCloud."""
    below = replace(shop, pinned_authserv=f"*.{PINNED.partition('.')[2]}")
    mails = spoofed(TRICKS | WITHOUT_THE_PROVIDER)
    assert len(mails) == (len(TRICKS) + len(WITHOUT_THE_PROVIDER)) * len(TEMPLATES)
    assert room(mails, below)[0] == []


def test_no_look_alike_is_believed(shop: ReadingContext) -> None:
    assert len(set(LOOK_ALIKES)) >= 60
    mails = looking_alike()
    assert len(mails) >= 60 * 10
    fooled, kinds = room(mails, shop)
    assert fooled == []
    assert set(kinds) <= {"Suspect", "Other", "Reply"}, kinds
    assert kinds["Suspect"] > 0.9 * len(mails), kinds


#: More than one slip away: a fake by its words, and no more than that.
FAR = {"amozan.com", "amasson.com"}


@pytest.mark.parametrize("domain", [one for one in LOOK_ALIKES if one not in FAR])
def test_a_look_alike_is_called_one(shop: ReadingContext, domain: str) -> None:
    host = domain.encode("idna").decode() if not domain.isascii() else domain
    understood = read(looking_alike()[f"notice@{host}", "notice"], shop)
    assert isinstance(understood.reading, Suspect)
    assert understood.reading.fake
    assert understood.verdict
    assert understood.verdict.proof is Proof.LOOK_ALIKE


@pytest.mark.parametrize("domain", ["amazonas-tools.example", "damazonia.example"])
def test_a_name_alone_makes_no_suspect(shop: ReadingContext, domain: str) -> None:
    mail = f"From: Ada <ada@{domain}>\r\nSubject: Lunch?\r\n\r\nAt noon?\r\n"
    assert not isinstance(read(mail.encode(), shop).reading, Suspect | Unreadable)


# ---------------------------------------------------------------------- the room feels a planted fault


def _gullible(message: Message, pinned: str | None, checks: object = None) -> Verdict:
    """Believes any line of results, wherever it stands and whoever wrote it."""
    texts = " ".join(message.all("Authentication-Results"))
    domain = message.head.from_[0].domain if message.head.from_ else None
    proven = "header.from=amazon.com" in texts and domain is not None
    return Verdict(proven=proven, proof=Proof.ALIGNED, domain=domain, authserv_id=pinned)


def test_the_room_feels_a_reader_that_believes_any_results(
    shop: ReadingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_room, "verify", _gullible)
    fooled, _ = room(spoofed(), shop)
    assert len(fooled) >= 50


def test_the_room_feels_a_list_that_takes_any_amazon(
    shop: ReadingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SendersFile, "speaks_for_amazon", lambda _, domain: "amazon" in domain)
    fooled, _ = room(looking_alike(), shop)
    assert len(fooled) >= 100


# --------------------------------------------------------------------------------- and nothing leaves


def test_nothing_of_it_opens_a_case_or_sends_a_letter(stage: Stage) -> None:
    """One of each trick and each look-alike through the whole house; a month passes."""
    mails = [raw for (_, name), raw in spoofed().items() if name == "notice"]
    mails += [raw for (author, name), raw in looking_alike().items() if name == "notice" and "<" in author]
    for raw in mails:
        stage.inbox.put(raw, stage.now)
    stage.listen()
    assert len(mails) >= 110
    assert len(stage.store.mails("shop")) == len(mails)
    assert stage.store.cases() == ()
    for _ in range(3):
        stage.passes(timedelta(days=10))
    assert stage.store.letters() == ()
    assert stage.server.bodies == []
