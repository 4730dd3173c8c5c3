"""The story that the sandbox plays: who complains about what and when, and who they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from bot.demo import amazon
from bot.demo.actors import (
    Actor,
    AmazonsDesk,
    Bounces,
    Coming,
    GivesReason,
    Kind,
    OtherAddress,
    OutOfOffice,
    Retracts,
    Silent,
)
from bot.demo.amazon import Complaint
from bot.demo.post import Person, Seller

START: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)  #: a Monday
END: Final = START + timedelta(days=32)  #: nothing of the story happens later

SELLER: Final = Seller(
    name="Tidewell Outfitters",
    address="shop@tidewell.example",
    host="mx.tidewell.example",
    signatory="Ines Tidewell",
    postal_address=("14 Quay Road", "Whitby YO21 3PU"),
    stores=(("amazon.com", "Tidewell Outfitters"), ("amazon.de", "Tidewell Outfitters DE")),
)

BRINDLE: Final = Person(name="Maren Ockley", address="ip@brindlecove.example")
STONEBAY: Final = Person(name="Stonebay Compliance Desk", address="compliance@stonebay.example")
NORDHAGEN: Final = Person(name="Tjark Nordhagen", address="marken@nordhagen.example")
LUMENARCH: Final = Person(name="Bea Lindholm", address="images@lumenarch.example")
HEXVALVE: Final = Person(name="Dorian Teague", address="d.teague@hexvalve.example")
QUARRINGTON: Final = Person(name="Hollis Quarrington", address="legal@quarrington.example")

_MUG: Final = Complaint(
    kind="trademark",
    complaint_id="17520044811",
    asin="B0DKT7W2QN",
    title="Enamel Camp Mug, 12 oz, Set of 2",
    number="6120457",
    contact=("Maren Ockley", "Brindle & Cove Ltd.", BRINDLE.address),
)
_HEADLAMP: Final = Complaint(
    kind="counterfeit",
    complaint_id="17520118302",
    asin="B0CJ4R9XHM",
    title="Rechargeable Headlamp 400 lm",
    contact=("Stonebay Compliance Desk", "Stonebay Outdoor Inc.", STONEBAY.address),
)
_LANTERN: Final = Complaint(
    kind="counterfeit",
    complaint_id="17520118944",
    asin="B0CJ4TQ81V",
    title="Folding Camp Lantern, USB-C",
    contact=("Stonebay Compliance Desk", "Stonebay Outdoor Inc.", STONEBAY.address),
)
_PLIERS: Final = Complaint(
    kind="marke",
    complaint_id="17520377106",
    asin="B0D19FZP6K",
    title="Wasserpumpenzange 250 mm, verchromt",
    number="302019004417",
    contact=("Nordhagen Werkzeug GmbH", "Herr Tjark Nordhagen", NORDHAGEN.address),
    shop="amazon.de",
)
_PRINT: Final = Complaint(
    kind="copyright-image",
    complaint_id="17520402219",
    asin="B0BX2M5LTA",
    title="Harbor Print, 12 x 16 in, unframed",
    contact=("Bea Lindholm", "Lumenarch Studio", LUMENARCH.address),
)
_STRAP: Final = Complaint(
    kind="warning",
    complaint_id="17520455870",
    asin="B0CQ7YD3WE",
    title="Replacement Watch Strap 20 mm",
    number="5230098",
    contact=("Calloway Audio Brands", "tm@callowayaudio.example"),
)
_MANIFOLD: Final = Complaint(
    kind="patent",
    complaint_id="17520611453",
    asin="B0D5V8KN2R",
    title="Quick Shut Garden Hose Manifold, 4 Way",
    number="US 11,204,338 B2",
    contact=("Dorian Teague", HEXVALVE.address),
)
_CROCK: Final = Complaint(
    kind="design",
    complaint_id="17520640097",
    asin="B0CFH6TX9P",
    title="Stoneware Utensil Crock, 7 in",
    number="US D987,654",
    contact=("Hollis Quarrington", "Quarrington Home Goods Inc.", QUARRINGTON.address),
)
_TOWEL: Final = Complaint(
    kind="no-contact",
    complaint_id="17520833265",
    asin="B0D7NP4GZC",
    title="Quick Dry Travel Towel, L",
    number="7014420",
)


def cast(seller: Seller = SELLER) -> tuple[Actor, ...]:
    """Everybody who receives letters, fresh."""
    return (
        GivesReason(seller=seller, person=BRINDLE, complaints=(_MUG,)),
        Silent(seller=seller, person=STONEBAY, complaints=(_HEADLAMP, _LANTERN)),
        OutOfOffice(seller=seller, person=NORDHAGEN, complaints=(_PLIERS,)),
        Retracts(seller=seller, person=LUMENARCH, complaints=(_PRINT,)),
        Bounces(seller=seller, person=HEXVALVE, complaints=(_MANIFOLD,)),
        OtherAddress(seller=seller, person=QUARRINGTON, complaints=(_CROCK,)),
        AmazonsDesk(seller=seller, gives_in_on=_HEADLAMP),
    )


def opening(seller: Seller = SELLER) -> tuple[Coming, ...]:
    """What arrives whatever we do, by time."""
    plan = (
        (_notice(seller, _MUG, "trademark"), 0, 9, 10),
        (_order(seller), 0, 9, 40),
        (_notice(seller, _HEADLAMP, "counterfeit"), 0, 11, 5),
        (_notice(seller, _LANTERN, "counterfeit, the same owner on the same day"), 0, 11, 7),
        (_fake(seller), 0, 14, 30),
        (_notice(seller, _PLIERS, "trademark, in German"), 1, 8, 15),
        (_notice(seller, _PRINT, "copyright in an image"), 1, 10, 20),
        (_notice(seller, _STRAP, "warning about a page, nothing removed"), 1, 15, 45),
        (_notice(seller, _MANIFOLD, "patent"), 2, 9, 30),
        (_notice(seller, _CROCK, "design"), 2, 13, 10),
        (_notice(seller, _TOWEL, "trademark, without any contact"), 3, 9, 5),
    )
    return tuple(
        Coming(
            at=(START + timedelta(days=day)).replace(hour=hour, minute=minute),
            kind=coming.kind,
            who=coming.who,
            line=coming.line,
            write=coming.write,
            complaint_id=coming.complaint_id,
        )
        for coming, day, hour, minute in plan
    )


def _notice(seller: Seller, complaint: Complaint, kind: str) -> Coming:
    return Coming(
        at=START,
        kind=Kind.NOTICE,
        who="Amazon",
        line=f"notice ({kind}): complaint {complaint.complaint_id}, {complaint.asin}, {complaint.title}",
        write=lambda at: amazon.notice(seller, complaint, at),
        complaint_id=complaint.complaint_id,
    )


def _order(seller: Seller) -> Coming:
    return Coming(
        at=START,
        kind=Kind.NOISE,
        who="Amazon",
        line="an order: nothing for us",
        write=lambda at: amazon.order(seller, "112-8846120-0048812", _MUG.title, at),
    )


def _fake(seller: Seller) -> Coming:
    return Coming(
        at=START,
        kind=Kind.FAKE,
        who="A forger",
        line="a look-alike notice from seller-amazon.example that asks for the password",
        write=lambda at: amazon.phishing(seller, "B0DKT7W2QN", "88213390417", at),
    )
