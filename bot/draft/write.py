"""Writes a letter: cases, step and language in; a draft, or the named gaps, out."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Final

from jinja2.exceptions import TemplateError

from bot.case.model import PartyRole, State
from bot.draft.model import Letter
from bot.draft.request import Gap, Gaps, LetterRequest
from bot.draft.templates import Plain, Rendered
from bot.draft.values import clean, letter_values, shown_name

#: Values that differ from day to day without any fact having changed.
_PASSING: Final = frozenset({"reply_by", "today"})

#: Templates that only make sense after an earlier letter.
_FOLLOW_UP: Final = "reminder"


def write_letter(request: LetterRequest) -> Letter | Gaps:
    """The letter as a draft, or what is missing for it. Pure: same request, same letter.

    Raises ValueError when the request mixes parties or holds no case.
    """
    gaps = _gaps(request)
    if gaps:
        return Gaps(gaps=tuple(gaps))
    values = letter_values(request)
    language = request.templates.find(request.text, request.language)
    assert language is not None
    try:
        text = request.templates.render(request.text, language, values)
        paste = _paste(request, language, values)
    except TemplateError as error:
        sentence = f"the template {language}/{request.text} cannot be filled: {error.message}"
        return Gaps(gaps=(Gap(name="field", sentence=sentence),))
    return _letter(request, language, text, paste)


def facts_digest(request: LetterRequest) -> str:
    """Hash of every fact, address and template text the letter uses; another hash means it is out of date."""
    values = {name: value for name, value in letter_values(request).items() if name not in _PASSING}
    language = request.templates.find(request.text, request.language) or request.language
    used = {
        "values": values,
        "step": request.step,
        "language": language,
        "to": recipient(request),
        "cc": list(copies(request)),
        "from": [request.profile.sending_address, request.profile.from_name, request.profile.own_copy],
        "texts": [
            request.templates.source(text, language) for text in (request.text, f"{request.text}.paste")
        ],
        "words": dict(request.templates.words(language)),
    }
    text = json.dumps(used, ensure_ascii=True, sort_keys=True, separators=(",", ":"), default=_iso)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _iso(value: object) -> str:
    assert isinstance(value, date)
    return value.isoformat()


def amazon_addresses(request: LetterRequest) -> tuple[str, ...]:
    """Amazon's addresses of all cases, without repeats."""
    named = (member.case.facts.amazon_address for member in request.cases)
    return tuple(dict.fromkeys(address for address in named if address))


def recipient(request: LetterRequest) -> str | None:
    """The one address the letter goes to, or None when there is none."""
    if request.party is PartyRole.AMAZON:
        facts = request.cases[0].case.facts
        return facts.review_address or facts.amazon_address
    party = request.cases[0].case.party(request.party)
    return party.address if party else None


def copies(request: LetterRequest) -> tuple[str, ...]:
    """Amazon, when the letter goes to somebody else and the step wants the copy."""
    return () if request.party is PartyRole.AMAZON or not request.copy_amazon else amazon_addresses(request)


def _gaps(request: LetterRequest) -> list[Gap]:
    lacking = dict.fromkeys(
        name for member in request.cases for name in request.profile.gaps(member.case.facts.marketplace)
    )
    found = [
        Gap(name=f"profile.{name}", sentence=f"the seller profile lacks {name}; add it to rejoinder.yaml")
        for name in lacking
    ]
    found += _address_gaps(request)
    if any(not (m.case.facts.complaint_id or m.case.facts.listings) for m in request.cases):
        sentence = "the notice names neither a complaint ID nor an ASIN; look in Account Health"
        found.append(Gap(name="complaint", sentence=sentence))
    found += _text_gaps(request)
    return found


def _address_gaps(request: LetterRequest) -> list[Gap]:
    if recipient(request) is None:
        whom = "Amazon" if request.party is PartyRole.AMAZON else "the complainant"
        return [Gap(name="address", sentence=f"no address of {whom} is known; look in Account Health")]
    if request.party is PartyRole.AMAZON:
        facts = [member.case.facts for member in request.cases]
        differ = len({one.review_address or one.amazon_address for one in facts}) > 1
    else:
        parties = (member.case.party(request.party) for member in request.cases)
        differ = len({party.address if party else None for party in parties}) > 1
    if differ:
        return [
            Gap(name="address.differs", sentence="the cases name different addresses; write them one by one")
        ]
    return []


def _text_gaps(request: LetterRequest) -> list[Gap]:
    found = []
    if request.templates.find(request.text, request.language) is None:
        sentence = (
            f"there is no template {request.language}/{request.text}.txt, and none in the default language"
        )
        found.append(Gap(name="template", sentence=sentence))
    if request.text.startswith(_FOLLOW_UP) and not request.previous:
        found.append(
            Gap(name="previous-letter", sentence="a reminder needs an earlier letter; none was accepted yet")
        )
    if request.party is PartyRole.AMAZON and request.record is None:
        found.append(Gap(name="record", sentence="the record of attempts is missing"))
    return found


def _paste(request: LetterRequest, language: str, values: dict[str, Plain]) -> str | None:
    text = f"{request.text}.paste"
    if request.templates.source(text, language) is None:
        return None
    return request.templates.render(text, language, values).body


def _letter(request: LetterRequest, language: str, text: Rendered, paste: str | None) -> Letter | Gaps:
    to = recipient(request)
    assert to is not None
    party = request.cases[0].case.party(request.party)
    threaded = tuple(dict.fromkeys(letter.message_id for letter in request.thread if letter.message_id))
    return Letter(
        letter_id=request.letter_id,
        tenant_id=request.cases[0].case.tenant_id,
        account_id=request.cases[0].case.account_id,
        tracks=tuple(member.ref for member in request.cases),
        party=request.party,
        step=request.step,
        language=language,
        revision=request.revision,
        state=State.DRAFTED,
        mail_from=request.profile.sending_address,
        from_name=clean(request.profile.from_name or request.profile.legal_name),
        to=to,
        to_name=(shown_name(party.name) or shown_name(party.organisation)) if party else "",
        cc=copies(request),
        own_copy=request.profile.own_copy,
        subject=text.subject,
        body=text.body,
        paste=paste,
        message_id=request.message_id,
        in_reply_to=threaded[-1] if threaded else None,
        references=threaded,
        drafted_at=request.now,
        good_until=request.good_until,
        facts_digest=facts_digest(request),
    )
