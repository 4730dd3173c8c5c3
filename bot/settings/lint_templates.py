"""Letters that could not be written, found by filling each for a complaint that lacks one thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from bot.case.model import Case, Facts, ListingFact, NumberFact, Party, PartyRole, State, Track
from bot.draft.profile import SellerProfile
from bot.draft.request import CaseTrack, LetterRequest, PreviousLetter
from bot.draft.templates import TemplateSet
from bot.draft.values import letter_values
from bot.errors import Problem
from bot.evidence.attempts import ACCEPTED, AttemptLine, AttemptsRecord
from bot.settings.rules import PlaybookFile, StepFile

_NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
_DAY = date(2026, 3, 5)

#: What a notice may lack, and in which case that is so; gaps of the profile are asked for anyway.
_FACTS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"complaint_id": None}, "when the notice names no complaint ID"),
    ({"right": None}, "when the notice names no right"),
    ({"numbers": ()}, "when the notice names no number of the right"),
    ({"marketplace": None}, "when the notice names no marketplace"),
    ({"listings": (ListingFact(asin="B0CQ4T7LM1", title=None),)}, "when the notice names no title"),
    ({"listings": ()}, "when the notice names no listing"),
    ({"retraction_address": None}, "when the notice names no address for withdrawals"),
    ({"reason_stated": False}, "when the notice states no reason"),
)
_PARTY: tuple[tuple[dict[str, Any], str], ...] = (
    ({"name": None}, "when the notice names no person"),
    ({"organisation": None}, "when the notice names no firm"),
    ({"source": "person"}, "when a person found the address"),
)


def template_remarks(
    playbooks: Sequence[PlaybookFile], templates: TemplateSet, shown: Mapping[str, str]
) -> Iterator[Problem]:
    """One remark for each thing that a notice may lack and a template cannot do without."""
    told: set[tuple[str, str]] = set()
    for playbook in playbooks:
        for number, step in enumerate(playbook.steps):
            name = step.template or step.name
            for language in templates.languages:
                key = f"{language}/{name}"
                if key not in shown:
                    continue
                request = _request(step, templates, language, first=number == 0)
                for lacking, why in _lacking(request):
                    if (key, lacking) not in told:
                        told.add((key, lacking))
                        yield Problem(
                            path=shown[key],
                            line=1,
                            message=f"this letter cannot be written {lacking}: {why}",
                            hint="Ask first: {% if name %} … {% endif %}",
                        )


def _lacking(full: LetterRequest) -> Iterator[tuple[str, str]]:
    if obstacle := _obstacle(full):
        yield "at all", obstacle
        return
    for request, lacking in _variants(full):
        if obstacle := _obstacle(request):
            yield lacking, obstacle


def _obstacle(request: LetterRequest) -> str | None:
    return request.templates.obstacle(request.text, request.language, letter_values(request))


def _variants(full: LetterRequest) -> Iterator[tuple[LetterRequest, str]]:
    case = full.cases[0].case
    for change, lacking in _FACTS:
        yield _about(full, replace(case, facts=replace(case.facts, **change))), lacking
    for change, lacking in _PARTY:
        yield _about(full, replace(case, parties=(replace(case.parties[0], **change),))), lacking


def _about(request: LetterRequest, case: Case) -> LetterRequest:
    return replace(request, cases=(CaseTrack(case=case, track_id="1"),))


def _request(step: StepFile, templates: TemplateSet, language: str, *, first: bool) -> LetterRequest:
    """A letter of this step about a complaint that lacks nothing."""
    previous = PreviousLetter(message_id="<rj.SAMPLE@marwen.example>", subject="Your report", at=_NOW)
    attempt = AttemptLine(step="inquiry", letter_id="SAMPLE", at=_NOW, fate=ACCEPTED)
    return LetterRequest(
        cases=(CaseTrack(case=_case(step), track_id="1"),),
        step=step.name,
        template=step.template or step.name,
        copy_amazon=step.copy_amazon,
        profile=SellerProfile(
            legal_name="Marwen Household Ltd",
            postal_address=("3 Tannery Lane",),
            signatory="Tess Marwen",
            stores={"amazon.com": "Marwen Home"},
            sending_address="shop@marwen.example",
        ),
        language=language,
        templates=templates,
        now=_NOW,
        reply_by=_DAY,
        good_until=_NOW,
        letter_id="SAMPLE",
        message_id="<rj.SAMPLE@marwen.example>",
        zone=UTC,
        previous=() if first else (previous,),
        record=AttemptsRecord(attempts=(attempt,), answered_at=(_NOW,))
        if step.to is PartyRole.AMAZON
        else None,
    )


def _case(step: StepFile) -> Case:
    facts = Facts(
        complaint_id="17480001001",
        family="trademark",
        right="trademark",
        listings=(ListingFact(asin="B0CQ4T7LM1", title="Folding Step Stool"),),
        numbers=(NumberFact(kind="trademark", number="6,204,118", office=None),),
        reason_stated=True,
        marketplace="amazon.com",
        language="en",
        notice_mail=1,
        notice_at=_NOW,
        retraction_address="notice-retraction@amazon.com",
        amazon_address="notice-dispute@amazon.com",
    )
    owner = Party(
        party_id="sample",
        role=PartyRole.COMPLAINANT,
        name="Ilse Marten",
        organisation="Marten Home",
        addresses=("ilse.marten@martenhome.example",),
    )
    track = Track(track_id="1", party=step.to, playbook="sample", state=State.READY, step=step.name)
    return Case(
        case_id="SAMPLE", account_id="sample", opened_at=_NOW, facts=facts, parties=(owner,), tracks=(track,)
    )
