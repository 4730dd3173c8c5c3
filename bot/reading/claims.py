"""Whether a mail claims to be Amazon's, and whether that is proven."""

from __future__ import annotations

from enum import StrEnum

from bot.mail.address import organisational_domain
from bot.mail.authentication import Proof
from bot.mail.text import fold_words
from bot.notice.extract import spoken_right
from bot.notice.facts import Found
from bot.notice.places import addresses_in
from bot.reading.look import View
from bot.reading.senders import SHARED_DOMAINS, own_domains

_NOTICE_KINDS = frozenset(("notice", "warning", "account", "suspected", "evaluation", "court"))
_CLAIMING_WORDS = (
    "performance",
    "seller central",
    "seller support",
    "notice",
    "policy",
    "account",
    "team",
    "security",
    "support",
    "verk",
    "legal",
    "brand registry",
    "compliance",
)


class Claim(StrEnum):
    """What stands behind a mail that speaks as Amazon, or that it does not."""

    PROVEN = "proven"
    UNPROVEN = "unproven"
    LOOK_ALIKE = "look-alike"
    FORWARDED = "forwarded"  #: a colleague passes on a mail of Amazon's
    FAKE = "fake"  #: somebody else, and the mail bears the signs of a fraud
    NONE = "none"  #: does not claim to be Amazon's


def claim_of(view: View) -> Claim:
    """Decide by the author's domain first, by the display name and the words last."""
    head = view.message.head
    if not head.from_:
        return Claim.UNPROVEN if _reads_like_notice(view) else Claim.NONE
    senders = view.rules.senders
    domains = [address.domain for address in head.from_]
    domain = domains[0]
    if any(senders.speaks_for_amazon(one) for one in domains):
        return Claim.PROVEN if view.verdict.proven and len(domains) == 1 else Claim.UNPROVEN
    if any(senders.is_relay(one) for one in domains):
        # A relay that speaks as Amazon itself is not believed, whatever it proves.
        return Claim.UNPROVEN if _reads_like_notice(view) and _signed_by_amazon(view) else Claim.NONE
    if is_colleague(view, domain) and view.verdict.proof is not Proof.DMARC_FAILED:
        return Claim.FORWARDED if looks_forwarded(view) else Claim.NONE
    notice_inside = view.message.nested or (_reads_like_notice(view) and not view.message.head.cites)
    if notice_inside and looks_forwarded(view):
        return Claim.FAKE  # a stranger who passes on "Amazon's" mail is no colleague
    return _claim_of_stranger(view, domain)


def _claim_of_stranger(view: View, domain: str) -> Claim:
    """Neither Amazon's domain nor a colleague's: does the mail pretend?"""
    senders = view.rules.senders
    if senders.looks_like_amazon(domain) or senders.misspells_amazon(domain):
        speaks = view.family is not None or _signed_by_amazon(view) or _claims_by_name(view)
        return Claim.LOOK_ALIKE if speaks or fraud_signs(view) else Claim.NONE
    if _claims_by_name(view) and (_reads_like_notice(view) or _speaks_as_amazon(view) or fraud_signs(view)):
        return Claim.FAKE
    if _reads_like_notice(view) and _signed_by_amazon(view) and not view.message.head.cites:
        return Claim.FAKE
    if view.verdict.proof is Proof.DMARC_FAILED and _about_a_complaint(view):
        return Claim.FAKE
    return Claim.FAKE if len(fraud_signs(view)) >= 2 and _about_a_complaint(view) else Claim.NONE


def is_colleague(view: View, domain: str) -> bool:
    """The author writes from one of our own domains, or is one of our addresses."""
    if view.from_us:
        return True
    own = own_domains(view.own_addresses) - SHARED_DOMAINS
    to = {organisational_domain(a.domain) for a in view.message.head.to} - SHARED_DOMAINS
    return organisational_domain(domain) in (own or to)


def looks_forwarded(view: View) -> bool:
    """A mail of somebody else stands inside: attached, or below a line that says so."""
    if any(
        view.rules.senders.is_amazon_address(a.addr_spec) for m in view.message.nested for a in m.head.from_
    ):
        return True
    forwarding = view.rules.lexicon.forwarding
    prefix = fold_words(view.message.head.subject).partition(":")[0].strip("[]【】 ")
    marked = prefix in forwarding.prefixes or forwarding.marks.first(view.source.folded) is not None
    return marked and inner_author(view) is not None


def inner_author(view: View) -> Found | None:
    """The address behind the first `From:` line in the text, when it is Amazon's."""
    authors = view.rules.lexicon.forwarding.author_words
    offset = 0
    for line in view.source.text.split("\n"):
        name = fold_words(line.lstrip("> *").partition(":")[0].partition("：")[0]).strip("* ")
        if name in authors and len(line) < 300:
            found = next(addresses_in(view.source, offset, offset + len(line)), None)
            if found is not None and view.rules.senders.is_amazon_address(found.value):
                return found
        offset += len(line) + 1
    return None


def fraud_signs(view: View) -> tuple[str, ...]:
    """Signs of a fraud in the words, a closed list of names; the caller says how many make a fake."""
    signs = view.rules.lexicon.signs
    found = [name for name in ("credentials", "payment", "contact") if signs[name].first(view.own.folded)]
    if any((part.filename or "").casefold().endswith(_ARCHIVES) for part in view.message.parts):
        found.append("archive")
    if found and signs["urgency"].first(view.own.folded):
        found.append("urgency")
    if found and view.verdict.proof is Proof.DMARC_FAILED:
        found.append("dmarc")
    return tuple(found)


_ARCHIVES = (
    ".zip",
    ".rar",
    ".7z",
    ".iso",
    ".img",
    ".exe",
    ".js",
    ".scr",
    ".lnk",
    ".html",
    ".htm",
    ".vbs",
    ".docm",
    ".xlsm",
    ".ace",
    ".gz",
)


def _reads_like_notice(view: View) -> bool:
    return view.family is not None and view.family.file.kind in _NOTICE_KINDS


def _about_a_complaint(view: View) -> bool:
    return (
        bool(view.every_complaint_id or view.facts.asins)
        or view.rules.lexicon.retraction.first(view.own.folded) is not None
        or spoken_right(view.own, view.rules.lexicon) is not None
    )


def _claims_by_name(view: View) -> bool:
    """The display name says Amazon, or carries an address of Amazon's."""
    return any(
        fold_words(address.display_name)
        .lstrip("\"'")
        .startswith(("amazon", "seller performance", "seller central", "the amazon"))
        or "@amazon." in address.display_name.casefold()
        for address in view.message.head.from_
    )


def _speaks_as_amazon(view: View) -> bool:
    name = fold_words(" ".join(address.display_name for address in view.message.head.from_))
    return any(word in name for word in _CLAIMING_WORDS) or _signed_by_amazon(view)


def _signed_by_amazon(view: View) -> bool:
    """The last lines of the writer's own words bear Amazon's name."""
    lines = [line for line in view.own.folded.text.strip().split("\n") if line.strip()]
    signature = "\n".join(lines[-5:])
    return view.rules.lexicon.signs["amazon_signature"].found_in(signature)
