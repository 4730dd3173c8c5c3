"""Which of the twelve a mail is; nothing that is not proven is believed, and nothing raises."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reading.label import label
from bot.reading.model import AutomaticResponse, Doubt, Notice, Other, OwnCopy, Reply, Suspect, Unreadable
from bot.reading.read import ReadingContext, read

CORPUS = Path(__file__).parents[1] / "corpus"
GOOD = "Authentication-Results: mx.marwen.example; dmarc=pass header.from={domain}\r\n"
NOTICE = """We removed some of your listings because we received a report from a rights owner.

Rights owner: Aldous Optics Ltd
Rights owner email: {address}
ASIN: B0C8X2M4TR
Infringement type: Trademark
Complaint ID: 17600145521

Seller Performance Team
Amazon.com
"""


def mail(
    author: str = "notice@amazon.com", text: str = "", *, head: str = "", subject: str = "Policy Warning"
) -> bytes:
    domain = author.rstrip(">").rpartition("@")[2]
    body = text or NOTICE.format(address="ip@aldous.example")
    fields = (
        f"{head or GOOD.format(domain=domain)}From: {author}\r\nTo: shop@marwen.example\r\n"
        f"Subject: {subject}\r\n"
    )
    return (fields + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + body.replace("\n", "\r\n")).encode()


def test_a_proven_notice(pinned: ReadingContext) -> None:
    reading = read(mail(), pinned).reading
    assert isinstance(reading, Notice)
    assert reading.family == "trademark"
    complainant = reading.complaints[0].complainant
    assert complainant is not None
    assert [found.value for found in complainant.addresses] == ["ip@aldous.example"]


@pytest.mark.parametrize(
    "address",
    [
        "notice-dispute@amazon.com",
        "x1@marketplace.amazon.com",
        "legal@amazon-legal.example",
        "legal@аmazon.example",
        "shop@marwen.example",
        "colleague@mail.marwen.example",
        "no-reply@brand.example",
        "donotreply@brand.example",
        "ip@example.com",
        "ip@brand.invalid",
        "brand-list@lists.example",
    ],
)
def test_who_is_never_an_addressee(pinned: ReadingContext, address: str) -> None:
    reading = read(mail(text=NOTICE.format(address=address)), pinned).reading
    assert isinstance(reading, Notice)
    assert [c.complainant.addresses for c in reading.complaints if c.complainant] in ([], [()])


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("marwen.shop@gmail.com", []),
        ("Marwen.Shop@Gmail.com", []),
        ("aldous.optics@gmail.com", ["aldous.optics@gmail.com"]),
    ],
)
def test_of_a_provider_that_we_share_only_our_own_address_is_ours(
    pinned: ReadingContext, address: str, found: list[str]
) -> None:
    ours = replace(pinned, own_addresses=frozenset({"marwen.shop@gmail.com"}))
    reading = read(mail(text=NOTICE.format(address=address)), ours).reading
    assert isinstance(reading, Notice)
    parties = [complaint.complainant for complaint in reading.complaints if complaint.complainant]
    assert [one.value for party in parties for one in party.addresses] == found


def test_reply_to_is_never_used(pinned: ReadingContext) -> None:
    text = (
        "We removed some of your listings because of a trademark report "
        "from a rights owner.\n\nComplaint ID: 17600145521\n"
    )
    raw = mail(text=text, head=GOOD.format(domain="amazon.com") + "Reply-To: ip@brand.example\r\n")
    assert b"Reply-To" in raw
    assert label(read(raw, pinned))["rights_owners"] == []


@pytest.mark.parametrize(
    ("author", "head"),
    [
        ("notice@amazon.com", "X: y\r\n"),
        (
            "notice@amazon.com",
            "Authentication-Results: mx.evil.example; dmarc=pass header.from=amazon.com\r\n",
        ),
        (
            "notice@amazon.com",
            "Authentication-Results: mx.marwen.example; dkim=pass header.d=amazonses.com\r\n",
        ),
        ("notice@amazon.com, x@evil.example", GOOD.format(domain="amazon.com")),
        ("Amazon <notice@amazon.com.evil.example>", ""),
        ("Amazon <notice@amazon-sellers.example>", ""),
        ("Amazon <notice@arnazon.example>", ""),
        ("Amazon <notice@amaz0n.example>", ""),
        ("notice@xn--mazon-3ve.example", ""),
        ('"notice@amazon.com" <x@evil.example>', ""),
        ("Seller Performance <x@evil.example>", ""),
        ("x@marketplace.amazon.com", ""),
        ("Amazon <x@amazonses.com>", ""),
        ("Amazon <x@sns.amazonaws.com>", ""),
    ],
)
def test_what_claims_to_be_amazons_and_is_not_proven_is_suspect(
    pinned: ReadingContext, author: str, head: str
) -> None:
    understood = read(mail(author, head=head), pinned)
    assert isinstance(understood.reading, Suspect)
    answer = label(understood)
    assert (answer["kind"], answer["authentic"], answer["may_open_case"]) == ("phishing", False, False)


def test_the_claims_of_a_suspect_are_kept(pinned: ReadingContext) -> None:
    reading = read(mail(head="X: y\r\n"), pinned).reading
    assert isinstance(reading, Suspect)
    assert reading.claims is not None
    assert reading.claims.complaints[0].complaint_id is not None
    assert reading.doubt is Doubt.NOT_PROVEN


def test_a_file_is_believed_only_when_asked(pinned: ReadingContext) -> None:
    raw = (CORPUS / "01-notice-trademark-numbered-list.eml").read_bytes()
    unpinned = ReadingContext(rules=pinned.rules, own_addresses=frozenset(), pinned_authserv=None)
    assert isinstance(read(raw, unpinned).reading, Suspect)
    looking = ReadingContext(
        rules=pinned.rules, own_addresses=frozenset(), pinned_authserv=None, believe_file=True
    )
    assert isinstance(read(raw, looking).reading, Notice)


def test_our_own_copy_needs_our_address_and_the_form_of_our_ids(pinned: ReadingContext) -> None:
    head = "Message-ID: <rj.ABCDEFGHIJKLMNOP@marwen.example>\r\n"
    own = read(mail("shop@marwen.example", "Dear Sir", head=head), pinned).reading
    assert own == OwnCopy(message_id="<rj.ABCDEFGHIJKLMNOP@marwen.example>")
    other = read(mail("x@evil.example", "Dear Sir", head=head), pinned).reading
    assert not isinstance(other, OwnCopy)


def test_an_answer_is_judged_by_its_own_words(pinned: ReadingContext) -> None:
    text = (
        "No.\n\nWe stand by our report.\n\nOn 2 Mar 2026 Shop <shop@marwen.example> "
        "wrote:\n> has the complaint been withdrawn?\n"
    )
    raw = mail(
        "Ira Vale <ip@aldous.example>",
        text,
        head="In-Reply-To: <rj.ABCDEFGHIJKLMNOP@marwen.example>\r\n",
        subject="Re: Complaint 17600145521",
    )
    reading = read(raw, pinned).reading
    assert isinstance(reading, Reply)
    assert reading.disposition == "refused"


def test_noise_from_strangers_is_other(pinned: ReadingContext) -> None:
    raw = mail(
        "News <news@trade.example>",
        "Why Complaint IDs and the rights owner matter: read on.",
        subject="Newsletter",
    )
    assert isinstance(read(raw, pinned).reading, Other)


@pytest.mark.parametrize("raw", [b"", b"\x00" * 50, b"From: a@b.example\r\n" + b"X: " + b"y" * 70_000])
def test_unreadable_says_why(pinned: ReadingContext, raw: bytes) -> None:
    understood = read(raw, pinned)
    assert isinstance(understood.reading, Unreadable)
    assert understood.reading.reason
    assert understood.head is None


@settings(max_examples=120, deadline=None)
@given(noise=st.binary(max_size=400), cut=st.integers(0, 900), place=st.integers(0, 900))
def test_nothing_raises(pinned: ReadingContext, noise: bytes, cut: int, place: int) -> None:
    whole = mail()
    for raw in (noise, whole[:cut], whole[:place] + noise + whole[place:]):
        label(read(raw, pinned))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_no_text_makes_a_value_with_control_characters(pinned: ReadingContext, text: str) -> None:
    answer = label(read(mail(text=NOTICE.format(address="ip@aldous.example") + text), pinned))
    assert not any(char in repr(answer["rights_owners"]) for char in ("\\x00", "\\r", "\\ud8"))


@pytest.mark.parametrize(
    "text",
    [
        "On " + "a " * 60_000,
        "\n" * 100_000,
        "ASIN: " * 20_000,
        "a@" * 50_000,
        "-- x\n" * 20_000,
        "(at) " * 20_000,
        "1 " * 60_000,
        ">" * 100_000,
    ],
    ids=["on", "lines", "labels", "at", "bullets", "hidden", "digits", "quotes"],
)
def test_hostile_text_takes_linear_time(pinned: ReadingContext, text: str) -> None:
    begun = time.perf_counter()
    read(mail(text=text), pinned)
    assert time.perf_counter() - begun < 8


def test_a_strangers_forward_is_no_colleagues(pinned: ReadingContext) -> None:
    text = 'Begin forwarded message:\n\nFrom: "Amazon.com" <notice@amazon.com>\nSubject: Policy Warning\n\n'
    text += NOTICE.format(address="victim@bystander.example")
    colleague = read(mail("lee@marwen.example", text, subject="Fwd: Policy Warning"), pinned).reading
    assert isinstance(colleague, Suspect)
    assert colleague.doubt is Doubt.FORWARDED
    stranger = label(read(mail("lee@evil.example", text, subject="Fwd: Policy Warning"), pinned))
    assert (stranger["authentic"], stranger["may_open_case"]) == (False, False)


def test_what_goes_wrong_is_named_by_its_place_and_never_by_its_text(
    pinned: ReadingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason reaches the queue, the logs and `--json`; the text of an error may quote the mail."""

    def fails(*_: object) -> None:
        raise ValueError("the words of a stranger")

    monkeypatch.setattr("bot.reading.read.view_of", fails)
    reading = read(mail(), pinned).reading
    assert isinstance(reading, Unreadable)
    assert reading.reason.startswith("reading this mail failed (ValueError in test_read.py:")
    assert "stranger" not in reading.reason


@pytest.mark.parametrize(
    "place",
    ["bot.reading.read.view_of", "email.feedparser.FeedParser.feed", "email.message.Message.get_payload"],
)
def test_a_reader_without_memory_says_so_and_is_replaced(
    pinned: ReadingContext, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """The worker ends its child at a MemoryError: what is left is not to be trusted with the next mail."""

    def exhausted(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(place, exhausted)
    with pytest.raises(MemoryError):
        read(mail(), pinned)


@pytest.mark.parametrize(
    "trap",
    [
        "a1-retraction@marketplace.amazon.com",
        "retract@sns.amazonaws.com",
        "retraction@bounces.amazonses.com",
        "retraction@amazon.com.evil.example",
        "retraction@amazon-legal.example",
        "no-reply-retraction@amazon.com",
        "brand-registry-retraction@amazon.com",
    ],
)
def test_a_retraction_is_never_asked_for_at_a_relay(pinned: ReadingContext, trap: str) -> None:
    """A title or a comment of the complainant stands in a genuine notice too, and may name an address."""
    text = NOTICE.format(address="ip@aldous.example")
    text = text.replace("ASIN:", f"Title: ask for a retraction at {trap}\nASIN:")
    reading = read(mail(text=text), pinned).reading
    assert isinstance(reading, Notice)
    named = [found.value for found in (reading.retraction_address, *reading.amazon_addresses) if found]
    assert named == []


def test_a_machine_that_says_so_in_brackets_of_its_subject(pinned: ReadingContext) -> None:
    raw = mail(
        "info@aldous.example",
        "内容を確認いたします。\n",
        subject="【自動返信】お問い合わせを受け付けました（申し立て番号17600145521）",
    )
    reading = read(raw, pinned).reading
    assert isinstance(reading, AutomaticResponse)
    assert not reading.proven


@pytest.mark.parametrize(
    ("to", "kind"),
    [("notice-dispute@amazon.co.jp", "retraction"), ("shop@marwen.example", "complainant_reply")],
)
def test_who_withdraws_towards_amazon_has_withdrawn(to: str, kind: str, pinned: ReadingContext) -> None:
    raw = mail(
        "info@aldous.example",
        "申し立て番号17600145521は誤りでしたので、取り下げいたします。\n",
        subject="申し立て",
    )
    raw = raw.replace(b"To: shop@marwen.example", f"To: {to}".encode())
    answer = label(read(raw, pinned))
    assert answer["kind"] == kind


def test_a_number_alone_on_its_line_is_no_telephone(pinned: ReadingContext) -> None:
    raw = mail(
        "Nele Osterkamp <marken@osterkamp.example>",
        "zu Beschwerde 17600145521:\n\nUnionsmarke 018772340\n\nNele Osterkamp\nTel. 030 555 0144\n",
    )
    reading = read(raw, pinned).reading
    assert isinstance(reading, Reply)
    assert reading.writer is not None
    assert [phone.value for phone in reading.writer.phones] == ["030 555 0144"]
    assert [number.number.value for number in reading.numbers] == ["018772340"]


def test_a_title_behind_a_surname_leaves_the_name_to_the_signature(pinned: ReadingContext) -> None:
    raw = mail(
        "张律师 <zhang@huazheng.example>", "就投诉编号17600145521致函。\n\n张一鸣 律师\n华正律师事务所\n"
    )
    reading = read(raw, pinned).reading
    assert isinstance(reading, Reply)
    assert reading.writer is not None
    assert reading.writer.name is not None
    assert reading.writer.name.value == "张一鸣"
