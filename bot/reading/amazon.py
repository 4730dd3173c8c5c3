"""Mail that Amazon's own domain is proven to have sent: which reading, by its family."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.mail.message import Message
from bot.mail.text import fold_words
from bot.notice.extract import Facts, right_of_numbers
from bot.notice.facts import Action, Found, Right
from bot.notice.languages import UNKNOWN_LANGUAGE
from bot.notice.places import addresses_in
from bot.notice.shops import shop_of_domain
from bot.reading.families import Family
from bot.reading.gaps import Gap, gaps_of
from bot.reading.look import View
from bot.reading.model import (
    AmazonAnswer,
    CourtOrEvaluation,
    Doubt,
    Notice,
    Other,
    Reading,
    Retraction,
    Suspect,
)

_NOTICES = ("notice", "suspected", "warning", "account")


def read_amazon(view: View) -> Reading:
    """Notice, evaluation, court matter, retraction, answer, or other."""
    kind = view.family.file.kind if view.family else None
    if view.language == UNKNOWN_LANGUAGE and kind not in ("own_report", "other"):
        return _in_no_language_of_ours(view)
    if kind in ("evaluation", "court"):
        return CourtOrEvaluation(evaluation=kind == "evaluation", notice=notice_of(view))
    if kind in _NOTICES:
        return notice_of(view)
    if kind == "retraction":
        return Retraction(
            by_amazon=True,
            complaint_ids=view.every_complaint_id,
            asins=view.every_asin,
            marketplace=marketplace_of(view),
            language=view.language,
        )
    if kind == "answer" and view.family is not None:
        return AmazonAnswer(
            complaint_ids=view.every_complaint_id,
            asins=view.every_asin,
            outcome=view.family.file.outcome or "other",
            action=None,
            deadline=view.facts.deadline,
            marketplace=marketplace_of(view),
            language=view.language,
        )
    if kind is None and looks_like_notice(view):
        return _alarm(view, "labels of a notice, but no family of notices fits", notice_of(view))
    return other_of(view, own_report=kind == "own_report")


def _in_no_language_of_ours(view: View) -> Reading:
    """What its words say is chance, however much they look like those of a neighbour: a person is asked."""
    if not view.facts.asins and view.family is None and not looks_like_notice(view):
        return other_of(view, own_report=False)
    notice = _with_bare_number(view, notice_of(view))
    numbers = [number for complaint in notice.complaints for number in complaint.numbers]
    claims = replace(
        notice,
        family="",
        right=right_of_numbers(numbers) or Right.OTHER,
        action=None,
        deadline=None,
        reason_stated=bool(numbers),
    )
    return _alarm(view, "a mail about a listing or a right, in a language that no label file is for", claims)


def _alarm(view: View, sign: str, claims: Notice) -> Suspect:
    return Suspect(doubt=Doubt.NO_FAMILY, signs=(sign,), claims=claims, fake=False, language=view.language)


_BARE_NUMBER = re.compile(r"(?:[:：]|\b(?:n\.?[º°o]|nr|no|č)\.?|#)[ \t]*(\d{10,11})[ \t.]*$", re.M)


def _with_bare_number(view: View, notice: Notice) -> Notice:
    """A number as long as those of complaints, alone behind any label: it is shown, and opens no case."""
    number = _BARE_NUMBER.search(view.source.text)
    if number is None or not notice.complaints or notice.complaints[0].complaint_id is not None:
        return notice
    found = view.source.found(*number.span(1))
    first = replace(notice.complaints[0], complaint_id=found)
    gaps = tuple(gap for gap in notice.gaps if gap is not Gap.NO_COMPLAINT_ID)
    return replace(notice, complaints=(first, *notice.complaints[1:]), gaps=gaps)


def looks_like_notice(view: View) -> bool:
    """A complaint number with a listing or a party, or a listing beside a stranger's address: no family fits.

    A person must look. The ordinary mail of a shop gives nobody's address.
    """
    people = any(complaint.complainant for complaint in view.facts.complaints)
    labelled = "complaint_id" in view.facts.fields and bool(view.facts.complaint_ids)
    if view.facts.asins:
        return bool(view.facts.complaint_ids) or people or _names_a_stranger(view)
    return labelled and people


def _names_a_stranger(view: View) -> bool:
    senders, own = view.rules.senders, view.own_addresses
    strange = [found for found in addresses_in(view.source) if not senders.barred(found.value, own)]
    return any(not _is_anothers(view, found) for found in strange)


def _is_anothers(view: View, found: Found) -> bool:
    """Whether the line of an address gives it to somebody who complains of nothing, as a maker."""
    text = view.source.text
    low = text.rfind("\n", 0, found.span.start) + 1
    high = text.find("\n", found.span.end)
    line = fold_words(text[low : high if high >= 0 else len(text)])
    return view.rules.lexicon.roles["other"].found_in(line)


def other_of(view: View, *, own_report: bool) -> Other:
    """Everything else of Amazon's."""
    programme = own_report or view.rules.senders.is_programme(view.sender)
    # The number of an ordinary shop matter is that of an order's claim, not of a complaint about a right.
    about_us = own_report or view.family is None or view.family.file.kind != "other"
    return Other(
        language=view.language,
        complaint_ids=view.facts.complaint_ids if about_us else (),
        asins=view.facts.asins,
        own_report=own_report,
        marketplace=None if programme else marketplace_of(view),
        action=None if own_report or not view.facts.asins else view.facts.action,
        numbers=tuple(number for complaint in view.facts.complaints[:1] for number in complaint.numbers)
        if own_report
        else (),
    )


def marketplace_of(view: View, facts: Facts | None = None, sender_shop: str | None = None) -> str | None:
    """The shop named in the text, else the sender's."""

    named = (facts or view.facts).marketplace
    if named is not None:
        return named.value
    return sender_shop or shop_of_domain(view.sender.rpartition("@")[2])


def notice_of(
    view: View,
    facts: Facts | None = None,
    family: Family | None = None,
    shop: str | None = None,
    message: Message | None = None,
) -> Notice:
    """The facts of a mail as a notice; also for what a suspect mail pretends."""
    facts = facts or view.facts
    family = family or view.family
    file = family.file if family else None
    kind = file.kind if file else "notice"
    numbers = [number for complaint in facts.complaints for number in complaint.numbers]
    # A warning about a page may be about any right: its sentences say which.
    spoken = facts.spoken_right if kind == "warning" else None
    named = facts.right or spoken or (file.right if file else None)
    right = named or facts.spoken_right or right_of_numbers(numbers) or Right.OTHER
    return Notice(
        family=family.name if family else "",
        warning=kind in ("warning", "account"),
        automated=kind == "suspected",
        action=_action(facts, file.action if file else None, kind),
        complaints=facts.complaints,
        marketplace=marketplace_of(view, facts, shop),
        marketplace_span=facts.marketplace,
        deadline=facts.deadline,
        retraction_address=facts.retraction_address,
        amazon_addresses=facts.amazon_addresses,
        reason_stated=facts.reason_stated if kind not in ("account", "court") or numbers else bool(numbers),
        language=view.language,
        right=right,
        gaps=gaps_of(facts, message or view.message, automated=kind == "suspected"),
    )


def _action(facts: Facts, otherwise: Action | None, kind: str) -> Action | None:
    """What the text says; a family of account mail speaks of the account whatever else it mentions."""
    if kind == "suspected" and facts.removed:
        return Action.LISTING_REMOVED  # "edit the page" is how to get it back
    if kind in ("account", "evaluation", "warning") and otherwise is not None:
        return otherwise
    if kind == "court" and facts.action in (None, Action.FUNDS_HELD):
        return facts.action or otherwise
    if (
        kind == "notice"
        and facts.action in (Action.ACCOUNT_RISK, Action.FUNDS_HELD)
        and otherwise is not None
    ):
        return otherwise
    return facts.action or otherwise
