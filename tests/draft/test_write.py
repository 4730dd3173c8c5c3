"""From a case to a letter: the shipped letters byte for byte, and what a letter never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.case.model import ListingFact, NumberFact, PartyRole, Source, State
from bot.draft.language import choose_language
from bot.draft.model import Letter, TrackRef
from bot.draft.request import Gaps, LetterRequest
from bot.draft.templates import TemplateSet
from bot.draft.write import facts_digest, write_letter
from bot.evidence.attempts import AttemptLine, AttemptsRecord
from bot.mail.compose import compose
from tests.draft.letters import NOW, OWNER, PROFILE, RECORD, TEMPLATES, case, escalation, request, several

EXPECTED = Path(__file__).parent / "expected"
NUMBER = (NumberFact(kind="trademark", number="018 123 456", office="EUIPO"),)

#: File name without the language, and the request.
SAMPLES = {
    "inquiry-one": lambda tag: request(language=tag),
    "inquiry-several": lambda tag: request(language=tag, cases=several()),
    "inquiry-all-known": lambda tag: request(
        language=tag,
        cases=(case(right="counterfeit", numbers=NUMBER, reason_stated=True, retraction_address=None),),
    ),
    "inquiry-copyright-to-a-person": lambda tag: request(
        language=tag,
        cases=(
            replace(
                case(right="copyright", complaint_id=None, amazon_address=None),
                parties=(replace(OWNER, name="Marta Oyelaran", organisation=None, source="person"),),
            ),
        ),
    ),
    "reminder-1": lambda tag: request("reminder-1", tag),
    "reminder-2": lambda tag: request("reminder-2", tag, several()),
    "escalation": lambda tag: escalation(tag),
    "escalation-several": lambda tag: escalation(
        tag, several(PartyRole.AMAZON), record=AttemptsRecord(answered_at=(NOW + timedelta(days=2),))
    ),
}


def written(wanted: LetterRequest) -> Letter:
    letter = write_letter(wanted)
    assert isinstance(letter, Letter), str(letter)
    return letter


def as_text(letter: Letter) -> str:
    head = [f"To: {letter.to_name} <{letter.to}>", *(f"Cc: {copy}" for copy in letter.cc)]
    paste = f"\n======== for Account Health\n\n{letter.paste}" if letter.paste else ""
    return "\n".join([*head, f"Subject: {letter.subject}", "", letter.body]) + paste


@pytest.mark.parametrize("tag", ["en", "de"])
@pytest.mark.parametrize("name", SAMPLES)
def test_letters_byte_for_byte(name, tag):
    assert as_text(written(SAMPLES[name](tag))) == (EXPECTED / f"{name}.{tag}.txt").read_text("utf-8")


def test_no_expected_letter_without_a_sample():
    assert {path.name for path in EXPECTED.iterdir()} == {
        f"{name}.{tag}.txt" for name in SAMPLES for tag in ("en", "de")
    }


def test_the_fields_of_a_draft():
    letter = written(request(cases=several()))
    assert letter.state is State.DRAFTED
    assert letter.tracks == tuple(TrackRef(case_id=f"C{n}", track_id="1") for n in (1, 2, 3))
    assert (letter.mail_from, letter.from_name) == ("amazon@nordlicht.example", "Nordlicht Handels GmbH")
    assert (letter.to, letter.to_name) == ("ip@brindlecove.example", "Brindle & Cove Ltd")
    assert letter.cc == ("notice-dispute@amazon.example",)
    assert letter.own_copy == "kopie@nordlicht.example"
    assert (letter.in_reply_to, letter.references) == (None, ())
    assert letter.paste is None


def test_a_reminder_threads_under_every_earlier_letter():
    letter = written(request("reminder-2"))
    assert letter.subject == "Re: Your report to Amazon, complaint ID 17340981265"
    assert letter.in_reply_to == "<rj.1@nordlicht.example>"
    assert letter.references == ("<rj.0@nordlicht.example>", "<rj.1@nordlicht.example>")


def test_an_escalation_goes_to_amazon_alone():
    letter = written(escalation())
    assert (letter.to, letter.cc, letter.to_name) == ("notice-dispute@amazon.example", (), "")
    assert letter.paste is not None


@pytest.mark.parametrize("tag", ["en", "de"])
@pytest.mark.parametrize("step", ["inquiry", "reminder-1", "reminder-2", "escalation"])
@pytest.mark.parametrize("named", [{"listings": ()}, {"complaint_id": None}])
def test_a_notice_that_says_almost_nothing_still_reads_well(step, tag, named):
    party = PartyRole.AMAZON if step == "escalation" else PartyRole.COMPLAINANT
    bare = case(party=party, **named, right=None, marketplace=None, retraction_address=None)
    one = replace(bare, parties=(replace(OWNER, organisation=None),))
    wanted = escalation(tag, (one,)) if step == "escalation" else request(step, tag, (one,))
    letter = written(replace(wanted, profile=replace(PROFILE, stores={"amazon.de": "Nordlicht Küche"})))
    lines = f"{letter.subject}\n{letter.body}{letter.paste or ''}".split("\n")
    assert not [line for line in lines if line.startswith("    ") and line.rstrip().endswith((":", ","))]
    assert not [line for line in lines if "None" in line or "  ," in line or line.endswith(" ")]


def test_the_record_never_calls_accepted_what_nobody_knows():
    line = AttemptLine(step="inquiry", letter_id="L1", at=NOW, fate="in-doubt")
    body = written(escalation(record=AttemptsRecord(attempts=(line,)))).body
    assert "accepted" not in body
    assert "9 November 2026: inquiry, handed over; no confirmation" in body


def test_the_step_may_leave_amazon_out():
    letter = written(request(copy_amazon=False))
    assert letter.cc == ()
    assert "in copy" not in letter.body


def test_many_complaints_keep_the_subject_short():
    cases = tuple(case(f"C{n}", complaint_id=f"1734098{n:04}") for n in range(20))
    subject = written(request(cases=cases)).subject
    assert subject.endswith("17340980003 and 16 more")


def test_a_language_without_templates_falls_back():
    assert written(request(language="it")).language == "en"
    assert written(request(language="de-AT")).language == "de"


# --------------------------------------------------------------------------------------------------- gaps

PROFILE_GAPS = ["profile.legal_name", "profile.postal_address"]
ELSEWHERE = replace(case("C2"), parties=(replace(OWNER, addresses=("b@b.example",)),))


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (request(profile=replace(PROFILE, signatory=" ")), ["profile.signatory"]),
        (request(profile=replace(PROFILE, postal_address=(), legal_name="")), PROFILE_GAPS),
        (request(cases=(case(marketplace="amazon.fr"),)), ["profile.stores.amazon.fr"]),
        (request(cases=(replace(case(), parties=()),)), ["address"]),
        (request(cases=(replace(case(), parties=(replace(OWNER, addresses=()),)),)), ["address"]),
        (escalation(cases=(case(party=PartyRole.AMAZON, amazon_address=None),)), ["address"]),
        (escalation(record=None), ["record"]),
        (request(cases=(case(complaint_id=None, listings=()),)), ["complaint"]),
        (request("reminder-1", previous=()), ["previous-letter"]),
        (request("no-such-step"), ["template"]),
        (request(templates=TemplateSet({"en/inquiry": "S\n\n{{ nobody }}\n"})), ["field"]),
        (request(cases=(case("C1"), ELSEWHERE)), ["address.differs"]),
    ],
)  # fmt: skip
def test_gaps_are_named(wanted, names):
    gaps = write_letter(wanted)
    assert isinstance(gaps, Gaps)
    assert list(gaps.names) == names
    assert str(gaps)


def test_parties_are_not_mixed():
    with pytest.raises(ValueError, match="same party"):
        write_letter(request(cases=(case("C1"), case("C2", party=PartyRole.AMAZON))))


# --------------------------------------------------------------------------------------------- out of date


def test_the_digest_changes_with_the_facts_and_not_with_the_day():
    before = facts_digest(request())
    assert before == written(request()).facts_digest
    later = request(
        now=NOW + timedelta(days=2), reply_by=request().reply_by + timedelta(days=2), letter_id="L9"
    )
    assert facts_digest(later) == before
    for changed in (
        request(cases=(case(numbers=NUMBER),)),
        request(cases=(case(), case("C2", complaint_id="17340981299"))),
        request(cases=(replace(case(), parties=(replace(OWNER, addresses=("new@brindlecove.example",)),)),)),
        request(profile=replace(PROFILE, signatory="Jan Petersen")),
        request(language="de"),
        request(templates=TemplateSet({"en/inquiry": "S\n\nb\n"})),
    ):
        assert facts_digest(changed) != before


# ------------------------------------------------------------------------------------------------ language


def test_language_by_complainant_then_notice_then_account():
    assert choose_language("fr", "de-AT", ("en",), ("de", "en")) == "de"
    assert choose_language("en-GB", "de", (), ("de", "en")) == "en"
    assert choose_language(None, None, ("it", "de"), ("de", "en")) == "de"
    assert choose_language(None, "ja", (), ("de", "en")) == "en"


# ------------------------------------------------------------------------------------- whatever a mail says


@settings(max_examples=100, deadline=None)
@given(text=st.text(min_size=1, max_size=400), party=st.text(min_size=1, max_size=60))
def test_a_value_from_a_mail_cannot_shape_the_letter(text, party):
    owner = replace(OWNER, organisation=party)
    one = replace(case(listings=(ListingFact(asin="B0ZG04SJF3", title=text),)), parties=(owner,))
    plain = case(listings=(ListingFact(asin="B0ZG04SJF3", title="T"),))
    letter, model = written(request(cases=(one,))), written(request(cases=(plain,)))
    assert letter.subject == model.subject
    assert letter.cc == model.cc
    assert not {"\r", "\x00", "\u202e", "\u2028"} & set(letter.body + letter.to_name)
    # Every paragraph below the listing is ours, unmoved.
    assert (
        letter.body[letter.body.index("As far as we know") :]
        == model.body[model.body.index("As far as we know") :]
    )


@pytest.mark.parametrize(
    "payload", ["{{ 7*7 }}", "{% for a in x %}", "{#", "${7*7}", "<script>", "%s", "{0}"]
)
def test_template_payloads_stay_text(payload):
    body = written(request(cases=(case(listings=(ListingFact(asin="B0ZG04SJF3", title=payload),)),))).body
    assert f"B0ZG04SJF3, {payload}\n" in body


def test_what_is_not_for_the_other_side_is_never_written():
    secret = "CANARY"
    source = Source(field=secret, value=secret, part=secret, start=0, end=1, text=secret)
    counsel = replace(
        OWNER, party_id=secret, role=PartyRole.COUNSEL, name=secret, addresses=(f"{secret}@b.example",)
    )
    for role, wanted in ((PartyRole.COMPLAINANT, request), (PartyRole.AMAZON, escalation)):
        for step in ("inquiry", "reminder-1", "reminder-2") if wanted is request else ("escalation",):
            plain = case(party=role, sources=(source,), family=secret)
            hidden = replace(
                plain,
                case_id=secret,
                account_id=secret,
                parties=(replace(OWNER, party_id=secret), counsel),
                tracks=(replace(plain.tracks[0], playbook=secret, detail=secret),),
                perhaps_same_as=secret,
                rules_hash=secret,
            )
            letter = written(
                request(step, cases=(hidden,)) if wanted is request else escalation(cases=(hidden,))
            )
            assert secret not in as_text(letter)
            assert secret.encode() not in compose(letter, NOW)
            assert b"kopie@nordlicht.example" not in compose(letter, NOW)


def test_a_name_that_pretends_to_be_an_address_is_not_shown():
    owner = replace(OWNER, name="x@evil.example", organisation="Brindle & Cove Ltd")
    letter = written(request(cases=(replace(case(), parties=(owner,)),)))
    assert letter.to_name == "Brindle & Cove Ltd"
    assert "evil" not in letter.body


def test_a_thread_is_ordered_by_time():
    wanted = request("reminder-2")
    assert written(replace(wanted, previous=wanted.previous[::-1])) == written(wanted)


def test_shipped_templates_name_no_value_that_is_not_offered():
    assert TEMPLATES.problems() == ()


def test_a_step_may_use_the_template_of_another_name():
    asked = request(step="reminder-1")
    named = replace(asked, step="reminder-9", template="reminder-1")
    letter, usual = write_letter(named), write_letter(asked)
    assert isinstance(letter, Letter)
    assert isinstance(usual, Letter)
    assert (letter.step, letter.body) == ("reminder-9", usual.body)
    assert facts_digest(named) != facts_digest(replace(named, template="reminder-2"))
    assert write_letter(replace(named, template="missing")).names == ("template",)
    assert write_letter(replace(named, previous=())).names == ("previous-letter",)


@pytest.mark.parametrize(("language", "ours"), [("en", "ends with a text"), ("de", "steht ein Text")])
def test_a_reminder_of_what_was_written_by_hand_claims_no_text_of_ours(language: str, ours: str):
    plain = request("reminder-1", language)
    by_hand = tuple(replace(letter, by_hand=True) for letter in plain.previous)
    assert ours in " ".join(write_letter(plain).body.split())
    assert ours not in " ".join(write_letter(replace(plain, previous=by_hand)).body.split())


def test_a_letter_of_which_there_is_no_copy_is_not_cited():
    plain = request("reminder-1")
    said = replace(plain.previous[0], message_id=None, subject="", by_hand=True)
    letter = write_letter(replace(plain, previous=(said,)))
    assert (letter.in_reply_to, letter.references) == (None, ())
    assert letter.subject == "Re: your report to Amazon"


def test_only_what_was_filed_in_seller_central_is_called_filed():
    filed = case(party=PartyRole.AMAZON)
    mailed = replace(filed, mailed_amazon_at=NOW)
    asked = request("escalation", cases=(mailed,), record=RECORD)
    assert "We filed an appeal" not in write_letter(asked).body
    asked = request("escalation", cases=(replace(filed, filed_at=NOW),), record=RECORD)
    assert "We filed an appeal in Seller Central on" in write_letter(asked).body
