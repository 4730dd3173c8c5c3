"""What a mail does to the cases it concerns: the whole answer, with all that each event and item says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.case import events as e
from bot.case.items import ItemKind, NewItem
from bot.case.match import Candidates, Matched, SentLetter, frozen
from bot.case.model import Case, State
from bot.mail.envelope import RecipientRole
from bot.reading.model import (
    AutomaticResponse,
    DeliveryReport,
    Disposition,
    FailedRecipient,
    OwnCopy,
    Reading,
    Unreadable,
)
from tests.case.test_match import (
    ANSWER,
    LEGAL,
    LETTER,
    MAIL,
    NOBODY,
    OTHER,
    OWNER,
    SELF,
    SUSPECT,
    UNPROVEN,
    matched,
    reply,
    report,
    retraction,
)
from tests.samples import NOW, sample_case, sample_track

A, B, C = "CASEA", "CASEB", "CASEC"


def case(case_id: str = A, state: State = State.AWAITING, letter: str = "L1", **said: Any) -> Case:
    return sample_case(case_id=case_id, tracks=(sample_track(state=state, letter_id=letter),), **said)


#: One letter that speaks for two cases.
BOTH = replace(LETTER, tracks=((A, "1"), (B, "1")))


def candidates(*cases: Case, cited: tuple[SentLetter, ...] = (BOTH,), **links: Any) -> Candidates:
    return Candidates(cases=cases or (case(), case(B)), cited=cited, **links)


def item(kind: ItemKind, reason: str, *cases: str, detail: str = "") -> NewItem:
    return NewItem(kind=kind, subject="mail:9", account_id="lamps", cases=cases, reason=reason, detail=detail)


def answered(*cases: str, says: str = "", cites: tuple[str, ...] = ("L1",)) -> tuple[Any, ...]:
    return tuple((one, e.Answered(at=NOW, mail=9, cites=cites, says=says)) for one in cases)


@pytest.mark.parametrize(
    ("reading", "items", "says"),
    [
        (reply(), (), "none"),
        (reply(Disposition.REFUSED), (), "refused"),
        (OTHER, (), ""),
        (SUSPECT, (item(ItemKind.SUSPECT, "not-proven", A, B, detail="urgency"),), ""),
        (LEGAL, (item(ItemKind.ALARM, "legal-letter", A, B),), ""),
        (ANSWER, (), ""),
    ],
    ids=["reply", "refused", "other", "suspect", "legal", "amazon"],
)
def test_what_cites_a_letter_holds_every_case_it_spoke_for(
    reading: Reading, items: tuple[NewItem, ...], says: str
) -> None:
    says = Disposition.NONE.value if says == "none" else says
    assert matched(reading, candidates()) == Matched(events=answered(A, B, says=says), items=items)


def test_a_mail_that_opens_cases_holds_the_others_that_it_cites() -> None:
    assert frozen(MAIL, candidates(), NOW) == answered(A, B)
    assert frozen(MAIL, candidates(), NOW, but=(A,)) == answered(B)


def test_a_promise_is_a_rung_in_every_case() -> None:
    rung = e.RetractionSeen(at=NOW, mail=9, cites=("L1",), rung="promised")
    assert matched(reply(Disposition.RETRACTED), candidates()) == Matched(events=((A, rung), (B, rung)))


@pytest.mark.parametrize("unsent", [State.DRAFTED, State.APPROVED, State.SENDING])
def test_a_copy_of_what_has_not_left_says_that_this_state_is_older(unsent: State) -> None:
    found = candidates(case(A, unsent), case(B, State.AWAITING))
    left = e.ContactOutside(at=NOW, track="1", mail=9, what="left-before")
    copy = OwnCopy(message_id=LETTER.message_id)
    assert matched(copy, found) == Matched(events=((A, left),), note="copy to yourself")
    other = candidates(case(A, unsent, "L2"), case(B))
    assert matched(copy, other).events == ()
    rehearsed = candidates(case(A, unsent), case(B), cited=(replace(BOTH, rehearsed=True),))
    assert matched(copy, rehearsed).events == ()
    assert matched(OwnCopy(message_id="<x@lamps.example>"), found).events == ()


def test_a_copy_proves_only_the_letter_that_is_in_doubt() -> None:
    found = candidates(case(A, State.IN_DOUBT), case(B, State.IN_DOUBT, "L2"))
    proof = e.Proven(at=NOW, track="1", evidence="own-copy", mail=9)
    assert matched(OwnCopy(message_id=LETTER.message_id), found).events == ((A, proof),)


def failed(address: str, action: str = "failed", status: str = "5.1.1") -> FailedRecipient:
    return FailedRecipient(address=address, action=action, status=status, diagnostic="")


def test_a_report_about_several_recipients() -> None:
    recipients = (
        failed(OWNER),
        failed(SELF, status="5.2.2"),
        failed("x@third.example", status="5.7.1"),
        failed(OWNER, "delayed", "4.4.1"),
        failed(OWNER, "relayed", "2.0.0"),
        failed(SELF),
    )
    several = DeliveryReport(original_message_id=LETTER.message_id, recipients=recipients, language="en")
    moved = e.Bounced(at=NOW, track="1", mail=9, cites=("L1",))

    def noted(role: str, status: str) -> e.BounceNoted:
        return e.BounceNoted(at=NOW, mail=9, role=role, status=status)

    told = [
        moved,
        noted(RecipientRole.OWN_COPY.value, "5.2.2"),
        noted("unknown", "5.7.1"),
        noted("to", "4.4.1"),
        noted(RecipientRole.OWN_COPY.value, "5.1.1"),
    ]
    detail = f"{RecipientRole.OWN_COPY.value} 5.2.2, unknown 5.7.1, {RecipientRole.OWN_COPY.value} 5.1.1"
    assert matched(several, candidates()) == Matched(
        events=tuple((one, event) for event in told for one in (A, B)),
        items=(item(ItemKind.ALARM, "copy-bounced", A, B, detail=detail),),
        note="delivery report",
    )


def test_a_report_finds_the_letter_that_it_is_about() -> None:
    earlier = replace(LETTER, letter_id="L0", message_id="<rj.l0@lamps.example>", tracks=((C, "1"),))
    found = candidates(case(), case(B), case(C, letter="L0"), cited=(earlier, BOTH))
    assert {one for one, _ in matched(report(OWNER), found).events} == {A, B}
    strange = DeliveryReport(original_message_id=None, recipients=(), language="en")
    assert matched(strange, found) == Matched(items=(item(ItemKind.ALARM, "bounce-unclear", C, A, B),))
    assert matched(strange, NOBODY) == Matched(note="delivery report about mail that is not ours")


BACK = date(2026, 3, 9)


def away(*, proven: bool = True) -> AutomaticResponse:
    return AutomaticResponse(why="x", complaint_ids=(), returns_on=BACK, language="en", proven=proven)


def test_a_machine_is_told_in_every_case_and_believed_only_by_those_who_got_a_letter() -> None:
    found = candidates(case(), case(B), case(C), by_complaint=frozenset({C, A}), by_address=frozenset())
    events = dict(matched(away(), found).events)
    assert events == {
        A: e.AutomaticResponse(at=NOW, mail=9, returns_on=BACK),
        B: e.AutomaticResponse(at=NOW, mail=9, returns_on=BACK),
        C: e.AutomaticResponse(at=NOW, mail=9, returns_on=None),
    }
    party = replace(found, by_address=frozenset({C}))
    assert dict(matched(away(), party).events)[C] == e.AutomaticResponse(at=NOW, mail=9, returns_on=BACK)
    assert matched(away(), found).note == "automatic response"
    assert matched(away(proven=False), found).events[-2:] == answered(A, B)


def rungs(result: Matched) -> dict[str, str]:
    return {one: event.rung for one, event in result.events if isinstance(event, e.RetractionSeen)}


def test_a_withdrawal_climbs_as_far_as_each_link_carries() -> None:
    found = candidates(case(), case(B), case(C), by_complaint=frozenset({B, C}), by_address=frozenset({B}))
    result = matched(retraction(by_amazon=False), found)
    assert rungs(result) == {A: "copy-seen", B: "sent-by-owner"}
    assert result.events[0][1] == e.RetractionSeen(at=NOW, mail=9, cites=("L1",), rung="copy-seen")
    assert result.items == (item(ItemKind.CLAIM, "retraction", C),)
    assert rungs(matched(retraction(by_amazon=False), found, UNPROVEN)) == {A: "copy-seen", B: "copy-seen"}
    stranger_first = candidates(
        case(C), case(B), cited=(), by_complaint=frozenset({C, B}), by_address=frozenset({B})
    )
    for turned in (stranger_first, replace(stranger_first, by_address=frozenset({C}))):
        (one,) = turned.by_address
        assert rungs(matched(retraction(by_amazon=False), turned)) == {one: "sent-by-owner"}
    confirmed = matched(retraction(by_amazon=True), found)
    assert (set(rungs(confirmed).values()), set(rungs(confirmed)), confirmed.items) == (
        {"confirmed"},
        {A, B, C},
        (),
    )
    nobody = matched(retraction(by_amazon=True), NOBODY)
    assert nobody == Matched(items=(item(ItemKind.ALARM, "retraction-unknown-case"),))


def test_a_withdrawal_of_a_closed_case_is_something_to_read() -> None:
    found = candidates(case(A, State.CLOSED), case(B))
    assert matched(retraction(by_amazon=True), found).items == (item(ItemKind.ALARM, "after-closing", A),)


def test_amazons_answer_is_for_every_case_it_is_linked_to() -> None:
    found = candidates(case(), case(B), case(C, State.CLOSED), by_complaint=frozenset({C}))
    assert matched(ANSWER, found) == Matched(
        events=answered(A, B, C), items=(item(ItemKind.ALARM, "after-closing", C),)
    )
    assert matched(ANSWER, NOBODY) == Matched(
        items=(item(ItemKind.ALARM, "amazon-answer", detail="refused"),)
    )


def test_a_closed_case_that_was_put_into_another_is_not_told() -> None:
    found = candidates(case(A, State.CLOSED, merged_into=B), case(B))
    assert matched(reply(), found).items == ()


def test_a_claim_is_about_the_open_cases_or_else_all_of_them() -> None:
    links = {"by_complaint": frozenset({C}), "by_address": frozenset({A, B})}
    one_closed = candidates(case(), case(B, State.CLOSED), case(C), cited=(), **links)
    assert matched(OTHER, one_closed) == Matched(items=(item(ItemKind.CLAIM, "claims-to-belong", A, C),))
    all_closed = candidates(*(case(name, State.CLOSED) for name in (A, B, C)), cited=(), **links)
    assert matched(reply(), all_closed).items == (item(ItemKind.CLAIM, "claims-to-belong", A, B, C),)
    unknown = candidates(case(), cited=(), by_complaint=frozenset({"GONE"}))
    assert matched(OTHER, unknown).items == (item(ItemKind.CLAIM, "claims-to-belong", "GONE"),)


def test_an_answer_of_nobody_we_know() -> None:
    assert matched(reply(), NOBODY) == Matched(items=(item(ItemKind.ALARM, "reply-unknown-case"),))


def test_what_nothing_could_read_concerns_no_case() -> None:
    assert matched(Unreadable(reason="too deep"), candidates()) == Matched(note="nothing to match")
