"""Plain words for states, kinds, reasons and moments; what a person meets on every page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.case.items import ItemKind
from bot.case.model import PartyRole, State
from bot.case.reasons import NO_LETTER, REASON_TEXT, Reason
from bot.settings.values import Settings

#: What kind of item it is, in a word or two.
KIND_WORDS: Mapping[ItemKind, str] = {
    ItemKind.DRAFT: "draft",
    ItemKind.HOLD: "held",
    ItemKind.IN_DOUBT: "in doubt",
    ItemKind.CLAIM: "claim",
    ItemKind.SUSPECT: "suspect",
    ItemKind.PARKED: "unreadable",
    ItemKind.ALARM: "to read",
}

#: A line of the queue for what would read like the inside of a program.
WHAT_WORDS: Mapping[str, str] = {
    "claims-to-belong": "does it belong here?",
    "retraction": "a withdrawal from here?",
    "retraction-unknown-case": "to read: withdrawal",
    "reply-unknown-case": "to read: reply",
    "amazon-answer": "to read: Amazon",
    "after-closing": "to read: closed case",
    "bounce-unclear": "to read: bounce",
    "copy-bounced": "to read: copy came back",
    "no-family": "suspect: unknown kind",
    "malformed": "suspect: malformed",
}
#: Where a letter stands.
LETTER_WORDS: Mapping[State, str] = {
    State.READY: "about to be written",
    State.DRAFTED: "waits for your approval",
    State.APPROVED: "approved",
    State.SENDING: "being handed over",
    State.BODY_GONE: "being handed over, the text is leaving",
    State.IN_DOUBT: "in doubt: we do not know whether it arrived",
    State.AWAITING: "accepted by the mail server",
    State.HELD: "set aside",
    State.CLOSED: "withdrawn",
}

#: Reasons of items that are no reasons of a case.
ITEM_TEXT: Mapping[str, str] = {
    "in-doubt": "the line was lost while the letter was leaving, so nobody can say whether it was accepted",
    "parked": "this mail cannot be read by us; look at it in your mail program",
    "claims-to-belong": "this mail names a complaint or comes from a party of a case, but cites no letter "
    "of ours; letters of that case wait until you say whether it belongs there",
    "retraction": "this reads like a withdrawal of a complaint, but nothing proves who wrote it; "
    "say whether it belongs to the case",
    "retraction-unknown-case": "a withdrawal of a complaint for which there is no case",
    "legal-letter": "a law firm wrote to you; show it to your lawyer before anybody answers",
    "bounce-unclear": "a delivery report cites a letter of ours but does not say which address failed",
    "copy-bounced": "the letter went out, but a copy of it came back",
    "amazon-answer": "Amazon answered; read it and decide how to go on",
    "reply-unknown-case": "an answer to a letter that we did not write here",
    "oversize": "a mail is too large to be kept; look at it in your mail program",
    "after-closing": "something arrived for a case that is closed; nothing was changed",
    "not-proven": "it claims to be Amazon's and nothing proves that; do not follow its links, "
    "and look in Seller Central whether there is such a complaint",
    "forwarded": "a colleague passed it on, which proves nothing about the mail inside; "
    "look in Seller Central whether there is such a complaint",
    "no-family": "it reads like a notice, but we know no kind of notice that reads so",
    "malformed": "it is written so that different programs show different things; nothing was taken from "
    "it, so look at it in your mail program and in Seller Central",
    "fake": "it shows signs of a fake; do not follow its links and give it no password",
}
#: Amazon's answers (`AmazonAnswer.outcome`) and the like, which stand in an item's detail.
DETAIL_TEXT: Mapping[str, str] = {
    "refused": "the appeal was refused",
    "more_information": "Amazon wants more information",
    "accepted_account_down": "the appeal was accepted, the account is still down",
    "reinstated": "the listing is back",
    "other": "",
}
PARTY_WORDS: Mapping[PartyRole, str] = {
    PartyRole.COMPLAINANT: "the complainant",
    PartyRole.AMAZON: "Amazon",
    PartyRole.COUNSEL: "counsel",
}
#: Nothing may wait while one of these is open.
URGENT: frozenset[str] = frozenset(
    {Reason.COURT_MATTER.value, Reason.PATENT_EVALUATION.value, Reason.STOP_SWITCH.value, "legal-letter"}
)

#: No letter of ours may or can follow, so going on is not offered.
NO_LETTERS = NO_LETTER | {
    Reason.NO_ADDRESS,
    Reason.LETTER_UNREAD,
    Reason.LETTER_LIMIT,
    Reason.LAWYER,
    Reason.STORE_UNCLEAR,
}


def reason_text(reason: str) -> str:
    """The sentence for a reason of a case or an item; the word itself when it has none."""
    if reason in ITEM_TEXT:
        return ITEM_TEXT[reason]
    try:
        return REASON_TEXT[Reason(reason)]
    except ValueError:
        return reason.replace("-", " ")


def sentence(text: str) -> str:
    """With a capital letter and a full stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text[-1:] in ".!?:" else ".") if text else ""


def zone_of(settings: Settings, account: str) -> ZoneInfo:
    """The time zone of an account; UTC for one that the settings no longer name."""
    return next((ZoneInfo(x.time_zone) for x in settings.accounts if x.name == account), ZoneInfo("UTC"))


def absolute(moment: datetime, zone: ZoneInfo) -> str:
    """`Thu 5 Mar 2026 14:00 CET`."""
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y %H:%M %Z}"


def relative(moment: datetime, now: datetime) -> str:
    """`in 9:32`, `in 5 hours`, `in 3 days`, `2 days ago`: the largest unit that says enough."""
    if moment > now:
        return f"in {span(moment - now)}"
    past = now - moment
    if past < timedelta(minutes=1):
        return "just now"
    return f"{int(past.total_seconds()) // 60} min ago" if past < timedelta(hours=1) else f"{span(past)} ago"


def until(moment: datetime, now: datetime) -> str:
    """How long there is, or how late it is: `in 3 days`, `now`, `2 days over`."""
    if moment > now or now - moment < timedelta(minutes=1):
        return f"in {span(moment - now)}" if moment > now else "now"
    return relative(moment, now).removesuffix(" ago") + " over"


def span(length: timedelta) -> str:
    """`9:32` below an hour, else whole hours below two days, else whole days."""
    seconds = int(length.total_seconds())
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02}"
    hours = seconds // 3600
    if hours < 48:
        return f"{hours} hour{'s' if hours != 1 else ''}"
    return f"{hours // 24} days"


def when(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Both: `Thu 5 Mar 2026 14:00 CET (in 3 days)`."""
    return f"{absolute(moment, zone)} ({relative(moment, now)})"


def listed(words: list[str], most: int) -> str:
    """`a, b, +3`: no more than so many."""
    more = len(words) - most
    return ", ".join(words[:most]) + (f" +{more}" if more > 0 else "")
