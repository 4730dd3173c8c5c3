"""Mail that is not believed: what it claims is kept to be shown, and never acted upon."""

from __future__ import annotations

from dataclasses import replace

from bot.mail.authentication import PROOF_TEXT
from bot.mail.malformed import MALFORMED_TEXT, Malformed
from bot.notice.extract import extract
from bot.notice.languages import language_of
from bot.notice.shops import shop_of_domain
from bot.notice.source import source_of
from bot.reading.amazon import looks_like_notice, notice_of
from bot.reading.claims import Claim, fraud_signs, inner_author
from bot.reading.likeness import likeness_of
from bot.reading.look import View, day_of, family_of, surroundings, texts_of, whole
from bot.reading.model import Doubt, Notice, Suspect

#: Characters that tell a language.
_ENOUGH = 40
_SIGN_TEXT = {
    "credentials": "asks for a password, a card or bank data",
    "payment": "asks for gift cards, coins or a fee",
    "contact": "wants to go on in a messaging app",
    "archive": "carries an archive or a program",
    "urgency": "presses for an answer within hours, by a link",
    "dmarc": "the author's domain did not send it",
}


def read_suspect(view: View, claim: Claim) -> Suspect:
    """Claims to be Amazon's, or bears the signs of a fraud."""
    signs = [_SIGN_TEXT[name] for name in fraud_signs(view)]
    if claim is Claim.UNPROVEN:
        signs.insert(0, PROOF_TEXT[view.verdict.proof])
    elif claim is Claim.LOOK_ALIKE:
        signs.insert(0, f"{view.sender.rpartition('@')[2]} only looks like a domain of Amazon's")
    elif not signs:
        signs.append("speaks as Amazon from a domain that is not Amazon's")
    fake = (
        claim in (Claim.LOOK_ALIKE, Claim.FAKE)
        or len(signs) > 1
        or view.verdict.proof.value == "dmarc-failed"
    )
    return Suspect(
        doubt=Doubt.FAKE if fake else Doubt.NOT_PROVEN,
        signs=tuple(signs),
        claims=notice_of(view) if view.family is not None or looks_like_notice(view) else None,
        fake=fake,
        language=view.language,
        claimed_kind=view.family.file.kind if view.family else "notice",
        likeness=likeness_of(view),
    )


def read_malformed(view: View, claim: Claim) -> Suspect:
    """Different readers see different things in it: nothing is taken from it, a person looks."""
    return Suspect(
        doubt=Doubt.MALFORMED,
        signs=tuple(MALFORMED_TEXT[Malformed(name)] for name in view.message.malformed),
        claims=None,
        fake=claim in (Claim.UNPROVEN, Claim.LOOK_ALIKE, Claim.FAKE),
        language=view.language,
    )


def read_forwarded(view: View) -> Suspect | None:
    """A colleague's mail with a mail of Amazon's inside: attached, or below a line that says so."""
    found = _claims(view)
    if found is None:
        return None
    claims, kind = found
    return Suspect(
        doubt=Doubt.FORWARDED,
        signs=(f"passed on by {view.sender}: that proves nothing about the mail inside",),
        claims=claims,
        fake=False,
        language=claims.language,
        claimed_kind=kind,
    )


def _claims(view: View) -> tuple[Notice, str] | None:
    """What the mail inside says, and the kind of its family."""
    for nested in view.message.nested:
        author = nested.head.from_[0].addr_spec if nested.head.from_ else ""
        parts = texts_of(nested)
        if not parts or not view.rules.senders.is_amazon_address(author):
            continue
        shop = shop_of_domain(author.rpartition("@")[2])
        source = source_of(parts[0].number, parts[0].text or "")
        around = surroundings(view.rules, view.own_addresses, shop, day_of(nested))
        facts = whole(nested, source, extract(source, around), around)
        family = family_of(view.rules, nested.head.subject, author, source, facts)
        if family is not None and family.file.kind not in ("own_report", "other"):
            claims = notice_of(view, facts, family, shop, nested)
            return _in_the_language_of(view, claims, source.text), family.file.kind
    inner = inner_author(view)
    if inner is not None and view.family is not None and view.family.file.kind not in ("own_report", "other"):
        claims = notice_of(view, shop=shop_of_domain(inner.value.rpartition("@")[2]))
        below = view.source.text[inner.span.end :].partition("\n\n")[2]
        return _in_the_language_of(view, claims, below), view.family.file.kind
    return None


def _in_the_language_of(view: View, claims: Notice, text: str) -> Notice:
    """The mail inside may be written in another language than the lines of who passed it on."""
    if len(text.strip()) < _ENOUGH:
        return claims
    return replace(claims, language=language_of(text, view.rules.lexicon.tongues))
