"""Builders of invented cases, letters and events: name what the test is about, the rest is filled in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.case.model import Case, Facts, ListingFact, Party, PartyRole, State, Track
from bot.draft.model import Approval, Letter, TrackRef
from bot.mail.envelope import Envelope, Recipient, RecipientRole
from bot.ports import KeepMail

#: A Monday.
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def sample_party(**changed: Any) -> Party:
    """The complainant Maria Musterfrau of Muster Marken GmbH."""
    values: dict[str, Any] = {
        "party_id": "p-muster",
        "role": PartyRole.COMPLAINANT,
        "name": "Maria Musterfrau",
        "organisation": "Muster Marken GmbH",
        "addresses": ("marken@muster.example",),
    }
    return Party(**(values | changed))


def sample_facts(**changed: Any) -> Facts:
    """A trademark notice about one listing, mail 1."""
    values: dict[str, Any] = {
        "complaint_id": "15234567890",
        "family": "trademark",
        "right": "trademark",
        "listings": (ListingFact(asin="B0EXAMPLE1", title="Blue lamp"),),
        "numbers": (),
        "reason_stated": True,
        "marketplace": "DE",
        "language": "de",
        "notice_mail": 1,
        "notice_at": NOW - HOUR,
        "retraction_address": "notice-dispute@marketplace.example",
        "amazon_address": "notice-dispute@marketplace.example",
    }
    return Facts(**(values | changed))


def sample_track(**changed: Any) -> Track:
    """The complainant's track, ready for the inquiry."""
    values: dict[str, Any] = {
        "track_id": "1",
        "party": PartyRole.COMPLAINANT,
        "playbook": "inquiry",
        "state": State.READY,
        "step": "inquiry",
    }
    return Track(**(values | changed))


def sample_case(**changed: Any) -> Case:
    """An open case of account `lamps`, not stored yet; facts, parties and tracks as above."""
    values: dict[str, Any] = {
        "case_id": "K7QW2M",
        "account_id": "lamps",
        "opened_at": NOW,
        "facts": sample_facts(),
        "parties": (sample_party(),),
        "tracks": (sample_track(),),
    }
    return Case(**(values | changed))


def sample_envelope(**changed: Any) -> Envelope:
    """From the seller to the complainant."""
    values: dict[str, Any] = {
        "mail_from": "seller@lamps.example",
        "recipients": (Recipient(address="marken@muster.example", role=RecipientRole.TO),),
    }
    return Envelope(**(values | changed))


def sample_approval(**changed: Any) -> Approval:
    """Approved now, leaving in ten minutes."""
    values: dict[str, Any] = {
        "by": "anna",
        "at": NOW,
        "leaves_at": NOW + timedelta(minutes=10),
        "digest": "d" * 64,
        "raw_sha256": "a" * 64,
        "envelope": sample_envelope(),
    }
    return Approval(**(values | changed))


def sample_letter(**changed: Any) -> Letter:
    """A drafted inquiry for track 1 of the sample case, not stored yet."""
    values: dict[str, Any] = {
        "letter_id": "L1",
        "account_id": "lamps",
        "tracks": (TrackRef(case_id="K7QW2M", track_id="1"),),
        "party": PartyRole.COMPLAINANT,
        "step": "inquiry",
        "language": "de",
        "state": State.DRAFTED,
        "mail_from": "seller@lamps.example",
        "from_name": "Lampen Beispiel",
        "to": "marken@muster.example",
        "to_name": "Maria Musterfrau",
        "cc": (),
        "own_copy": None,
        "subject": "Ihre Beschwerde 15234567890",
        "body": "Guten Tag\n",
        "message_id": "<rj.l1@lamps.example>",
        "drafted_at": NOW,
        "good_until": NOW + 7 * DAY,
        "facts_digest": "f" * 64,
    }
    return Letter(**(values | changed))


def sample_mail(**changed: Any) -> KeepMail:
    """UID 1 of the inbox of account `lamps`."""
    values: dict[str, Any] = {
        "account_id": "lamps",
        "mailbox": "INBOX",
        "uidvalidity": 7,
        "uid": 1,
        "sha256": "1" * 64,
        "size": 1234,
        "internal_date": NOW - HOUR,
    }
    return KeepMail(**(values | changed))
