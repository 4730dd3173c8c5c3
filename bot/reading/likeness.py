"""A mail that is not believed, beside the genuine kind of mail that it is most like."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.mail.address import ascii_form, is_within, parse_addresses
from bot.mail.authentication import PROOF_TEXT, Proof
from bot.reading.claims import fraud_signs
from bot.reading.look import View
from bot.reading.model import Compared, Likeness

_LINK = re.compile(r"(?i)\b(?:https?://|www\.)([^\s/?#<>\"'()\[\]]{1,253})")
_MOST_HOSTS = 5
SIGN_TEXT = {
    "credentials": "a password, a card or bank data",
    "payment": "gift cards, coins or a fee",
    "contact": "to go on in a messaging app",
    "archive": "to open an archive or a program",
    "urgency": "an answer within hours, by a link",
    "dmarc": "to be believed although the author's domain did not send it",
}


def likeness_of(view: View) -> Likeness:
    """The nearest kind that we know, by its family or else by the right it speaks of, and what differs."""
    return Likeness(family=_nearest(view), compared=tuple(_comparisons(view)))


def _nearest(view: View) -> str | None:
    if view.family is not None:
        return view.family.name
    right = view.facts.right or view.facts.spoken_right
    alike = (one.name for one in view.rules.families if one.file.kind == "notice" and one.file.right is right)
    return next(alike, None) if right is not None else None


def _comparisons(view: View) -> Iterator[Compared]:
    senders = view.rules.senders
    head = view.message.head
    domains = [address.domain for address in head.from_]
    own = len(domains) == 1 and senders.speaks_for_amazon(domains[0])
    yield Compared(
        what="sent from",
        genuine="one domain of Amazon's, such as amazon.com",
        here=" and ".join(map(_readable, domains)) or "nobody",
        same=own,
    )
    proven = own and view.verdict.proven
    why = PROOF_TEXT[view.verdict.proof]
    if view.verdict.proof is Proof.ALIGNED and not own:
        why = "your mail provider confirms that domain, which is not Amazon's"
    yield Compared(
        what="confirmed",
        genuine="by your mail provider, for that domain",
        here="by your mail provider" if proven else why,
        same=proven,
    )
    yield from _where_it_leads(view)
    asked = [SIGN_TEXT[name] for name in fraud_signs(view)]
    yield Compared(
        what="asks for",
        genuine="nothing but an appeal in Seller Central or a retraction by the owner",
        here="; ".join(asked) or "nothing of a fraud that we know",
        same=not asked,
    )
    numbers = [found.value for found in view.every_complaint_id] + [found.value for found in view.every_asin]
    yield Compared(
        what="names",
        genuine="a complaint ID and the ASINs concerned",
        here=", ".join(numbers[:6]) or "neither",
        same=bool(view.every_complaint_id) and bool(view.every_asin),
    )


def _where_it_leads(view: View) -> Iterator[Compared]:
    """Where an answer and a click would go, when that is said."""
    senders = view.rules.senders
    replies = [one.addr_spec for body in view.message.all("Reply-To") for one in parse_addresses(body)]
    if replies:
        yield Compared(
            what="answers go to",
            genuine="an address of Amazon's",
            here=", ".join(replies[:_MOST_HOSTS]),
            same=all(senders.speaks_for_amazon(one.rpartition("@")[2]) for one in replies),
        )
    texts = (part.text[:20_000] for part in view.message.parts[:6] if part.text)
    links = (link for text in texts if _may_link(text) for link in _LINK.findall(text))
    named = (ascii_form(link.split("@")[-1].partition(":")[0]) for link in links)
    hosts = list(dict.fromkeys(host for host in named if host))
    if hosts:
        yield Compared(
            what="links lead to",
            genuine="pages of Amazon's",
            here=", ".join(map(_readable, hosts[:_MOST_HOSTS])),
            same=all(any(is_within(host, own) for own in senders.amazon_domains) for host in hosts),
        )


def _may_link(text: str) -> bool:
    """Whether a link may stand in it: a pattern is tried at every character, and most mails have none."""
    return "://" in text or "www." in text.lower()


def _readable(host: str) -> str:
    """The ASCII form, which cannot pretend, and what an eye would see."""
    if "xn--" not in host:
        return host
    try:
        return f"{host} (shown as {host.encode('ascii').decode('idna')})"
    except UnicodeError:
        return host
