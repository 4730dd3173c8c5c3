"""Invented cases and requests from which the tests write letters."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.case.model import Case, Facts, ListingFact, NumberFact, Party, PartyRole, State, Track
from bot.draft.profile import SellerProfile
from bot.draft.request import CaseTrack, LetterRequest, PreviousLetter
from bot.draft.templates import TemplateSet
from bot.evidence.attempts import AttemptLine, AttemptsRecord

FOLDER = Path(__file__).parents[2] / "templates"
TEMPLATES = TemplateSet(
    {
        path.relative_to(FOLDER).with_suffix("").as_posix(): path.read_text("utf-8")
        for path in FOLDER.glob("*/*.txt")
    }
)
PROFILE = SellerProfile(
    legal_name="Nordlicht Handels GmbH",
    postal_address=("Lindenstraße 12", "20099 Hamburg"),
    country="Deutschland",
    signatory="Maren Petersen",
    stores={"amazon.de": "Nordlicht Küche", "amazon.co.uk": "Nordlicht Kitchen"},
    languages=("de", "en"),
    sending_address="amazon@nordlicht.example",
    own_copy="kopie@nordlicht.example",
)
OWNER = Party(
    party_id="p1",
    role=PartyRole.COMPLAINANT,
    name=None,
    organisation="Brindle & Cove Ltd",
    addresses=("ip@brindlecove.example",),
)
NOW = datetime(2026, 11, 9, 9, 30, tzinfo=UTC)


def facts(**changes: Any) -> Facts:
    """What a short notice says: no number, no reason."""
    plain = Facts(
        complaint_id="17340981265",
        family="trademark",
        right="trademark",
        listings=(ListingFact(asin="B0ZG04SJF3", title="Garlic press, stainless steel"),),
        numbers=(),
        reason_stated=False,
        marketplace="amazon.de",
        language="de",
        notice_mail=1,
        notice_at=datetime(2026, 11, 8, 23, 30, tzinfo=UTC),
        retraction_address="notice-dispute@amazon.example",
        amazon_address="notice-dispute@amazon.example",
    )
    return replace(plain, **changes)


def case(case_id: str = "C1", *, party: PartyRole = PartyRole.COMPLAINANT, **changes: Any) -> Case:
    """A case with one track, ready to be written for."""
    track = Track(track_id="1", party=party, playbook="inquiry", state=State.READY, step="inquiry")
    return Case(
        case_id=case_id,
        account_id="nordlicht",
        opened_at=NOW,
        facts=facts(**changes),
        parties=(OWNER,),
        tracks=(track,),
    )


def several(party: PartyRole = PartyRole.COMPLAINANT) -> tuple[Case, ...]:
    """Three complaints by one owner in a day: one with a number, one with a reason, two marketplaces."""
    return (
        case("C1", party=party, numbers=(NumberFact(kind="trademark", number="018 123 456", office=None),)),
        case("C2", party=party, complaint_id="17340981266", listings=(
            ListingFact(asin="B0ZG04SJF4", title="Peeler, oiled walnut handle, rust-free, in a gift box"),
            ListingFact(asin="B0ZG04SJF5", title=None),
        )),
        case("C3", party=party, complaint_id="17340981267", marketplace="amazon.co.uk", reason_stated=True,
             retraction_address="notice-dispute@amazon-uk.example",
             listings=(ListingFact(asin="B0ZG04SJF6", title="Whisk"),)),
    )  # fmt: skip


def request(
    step: str = "inquiry", language: str = "en", cases: tuple[Case, ...] = (), **changes: Any
) -> LetterRequest:
    """A request as the runner makes it, with the earlier letters that the step needs."""
    sent = {"reminder-1": 1, "reminder-2": 2}.get(step, 0)
    previous = tuple(
        PreviousLetter(
            message_id=f"<rj.{n}@nordlicht.example>",
            subject=("Re: " if n else "")
            + (
                "Ihre Meldung bei Amazon, Beschwerde-ID"
                if language == "de"
                else "Your report to Amazon, complaint ID"
            )
            + " 17340981265",
            at=NOW + timedelta(days=4 * n),
        )
        for n in range(sent)
    )
    plain = LetterRequest(
        cases=tuple(CaseTrack(case=one, track_id="1") for one in cases or (case(),)),
        step=step,
        profile=PROFILE,
        language=language,
        templates=TEMPLATES,
        now=NOW + timedelta(days=4 * sent),
        reply_by=date(2026, 11, 16) + timedelta(days=4 * sent),
        good_until=NOW + timedelta(days=4 * sent + 3),
        letter_id="L1",
        message_id="<rj.new@nordlicht.example>",
        zone=ZoneInfo("Europe/Berlin"),
        previous=previous,
    )
    return replace(plain, **changes)


RECORD = AttemptsRecord(
    attempts=(
        AttemptLine(step="inquiry", letter_id="L1", at=NOW, fate="accepted"),
        AttemptLine(step="reminder-1", letter_id="L2", at=NOW + timedelta(days=4), fate="accepted"),
        AttemptLine(
            step="reminder-2",
            letter_id="L3",
            at=NOW + timedelta(days=8),
            fate="bounced",
            bounced_at=NOW + timedelta(days=9),
        ),
    )
)


def escalation(language: str = "en", cases: tuple[Case, ...] = (), **changes: Any) -> LetterRequest:
    """A request for the step to Amazon."""
    chosen = cases or (case(party=PartyRole.AMAZON),)
    return request(
        "escalation", language, chosen, **{"record": RECORD, "now": NOW + timedelta(days=14), **changes}
    )
