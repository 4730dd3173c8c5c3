"""Cases: how they are found, when they want to act, and their diary."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.case import events as e
from bot.case.model import Case, PartyRole, Source, State
from bot.case.states import apply, replay, started
from bot.draft.model import LetterAttempt, TrackRef
from bot.errors import NotPossible
from bot.ports import Change
from tests.edge.store.conftest import AnyStore
from tests.samples import (
    DAY,
    HOUR,
    NOW,
    sample_case,
    sample_facts,
    sample_letter,
    sample_party,
    sample_track,
)


def waiting(due_at: object, **changed: object) -> Case:
    return sample_case(tracks=(sample_track(state=State.AWAITING, due_at=due_at),), **changed)


def ids(cases: tuple[Case, ...]) -> list[str]:
    return [case.case_id for case in cases]


class TestReading:
    def test_a_case_comes_back_whole(self, store: AnyStore) -> None:
        quoted = Source(field="complaint_id", value="1", part="text", start=3, end=9, text="Frau M\ud800\0")
        case = sample_case(
            facts=sample_facts(sources=(quoted,)),
            parties=(sample_party(), sample_party(party_id="p-amazon", role=PartyRole.AMAZON, name=None)),
            tracks=(sample_track(), sample_track(track_id="2", state=State.HELD, detail="x")),
            deadline=NOW + 3 * DAY,
            last_safe=NOW + 2 * DAY + timedelta(microseconds=1),
            rules_hash="r",
        )
        store.record(Change(cases=(case,)), NOW)
        assert store.case("K7QW2M") == replace(case, version=1)

    def test_the_unambiguous_beginning_of_an_id_is_enough(self, store: AnyStore) -> None:
        for case_id in ("K7QW2M", "K7ZZZZ", "K7Z"):
            store.record(Change(cases=(sample_case(case_id=case_id),)), NOW)
        assert store.case("k7q").case_id == "K7QW2M"
        assert store.case("K7Z").case_id == "K7Z"
        with pytest.raises(NotPossible, match="K7 could be K7QW2M, K7Z, K7ZZZZ; write more"):
            store.case("K7")

    @pytest.mark.parametrize("wanted", ["", "X", "%", "K7QW2M9", "_7QW2M"])
    def test_no_such_case(self, store: AnyStore, wanted: str) -> None:
        store.record(Change(cases=(sample_case(),)), NOW)
        with pytest.raises(NotPossible, match="there is no case"):
            store.case(wanted)

    def test_newest_first_by_account_and_open_only(self, store: AnyStore) -> None:
        closed = (sample_track(state=State.CLOSED),)
        store.record(
            Change(
                cases=(
                    sample_case(case_id="OLD", opened_at=NOW - DAY),
                    sample_case(case_id="NEW", tracks=closed),
                    sample_case(case_id="TOY", account_id="toys", opened_at=NOW - HOUR),
                )
            ),
            NOW,
        )
        assert ids(store.cases()) == ["NEW", "TOY", "OLD"]
        assert ids(store.cases("lamps")) == ["NEW", "OLD"]
        assert ids(store.cases(open_only=True)) == ["TOY", "OLD"]
        assert ids(store.cases("toys", open_only=True)) == ["TOY"]

    def test_by_complaint_id_within_the_account(self, store: AnyStore) -> None:
        none = sample_facts(complaint_id=None)
        other = sample_facts(complaint_id="999")
        store.record(
            Change(
                cases=(
                    sample_case(case_id="A"),
                    sample_case(case_id="B", facts=other, opened_at=NOW + HOUR),
                    sample_case(case_id="C", facts=none),
                    sample_case(case_id="D", account_id="toys"),
                )
            ),
            NOW,
        )
        assert ids(store.cases_of_complaint("lamps", ("15234567890",))) == ["A"]
        assert ids(store.cases_of_complaint("lamps", ("15234567890", "999"))) == ["B", "A"]
        assert store.cases_of_complaint("lamps", ()) == ()

    def test_opened_since_counts_that_moment_and_one_account(self, store: AnyStore) -> None:
        for case_id, at, account_id in (
            ("A", -1, "lamps"),
            ("B", 0, "lamps"),
            ("C", 1, "lamps"),
            ("D", 1, "toys"),
        ):
            case = sample_case(case_id=case_id, opened_at=NOW + at * HOUR, account_id=account_id)
            store.record(Change(cases=(case,)), NOW)
        assert store.opened_since("lamps", NOW) == 2
        assert store.opened_since("lamps", NOW + timedelta(microseconds=1)) == 1


class TestParties:
    @pytest.mark.parametrize(
        "address",
        ["marken@muster.example", "Marken@MUSTER.example", " MARKEN@muster.EXAMPLE ", "zwei@b.example"],
    )
    def test_any_address_of_a_party_leads_to_its_cases(self, store: AnyStore, address: str) -> None:
        party = sample_party(addresses=("marken@muster.example", "Zwei@B.example"))
        store.record(Change(cases=(sample_case(case_id="A", parties=(party,)),)), NOW)
        store.record(Change(cases=(sample_case(case_id="B", parties=(party,), opened_at=NOW + HOUR),)), NOW)
        assert ids(store.cases_of_address("lamps", address)) == ["B", "A"]
        assert store.cases_of_address("toys", address) == ()

    def test_letters_beyond_ascii_are_folded_too(self, store: AnyStore) -> None:
        party = sample_party(addresses=("jürgen@straße.example",))
        store.record(Change(cases=(sample_case(parties=(party,)),)), NOW)
        assert ids(store.cases_of_address("lamps", "JÜRGEN@STRASSE.example")) == ["K7QW2M"]

    @pytest.mark.parametrize("address", ["x@muster.example", "marken@muster.exampl", "%", ""])
    def test_other_addresses_lead_nowhere(self, store: AnyStore, address: str) -> None:
        store.record(Change(cases=(sample_case(),)), NOW)
        assert store.cases_of_address("lamps", address) == ()

    def test_a_party_is_one_for_all_cases_of_the_account_and_another_in_another(
        self, store: AnyStore
    ) -> None:
        mine = [
            sample_case(case_id="A"),
            sample_case(case_id="B"),
            sample_case(case_id="T", account_id="toys"),
        ]
        store.record(Change(cases=tuple(mine)), NOW)
        moved = sample_party(addresses=("neu@muster.example",), name="Maria Neu")
        store.record(Change(cases=(replace(store.case("B"), parties=(moved,)),)), NOW)
        assert store.case("A").parties == (moved,)
        assert ids(store.cases_of_address("lamps", "neu@muster.example")) == ["B", "A"]
        assert store.cases_of_address("lamps", "marken@muster.example") == ()
        assert store.case("T").parties == (sample_party(),)

    def test_a_party_that_leaves_a_case_leads_there_no_more(self, store: AnyStore) -> None:
        store.record(Change(cases=(sample_case(),)), NOW)
        store.record(Change(cases=(replace(store.case("K7QW2M"), parties=()),)), NOW)
        assert store.cases_of_address("lamps", "marken@muster.example") == ()
        assert store.case("K7QW2M").parties == ()


class TestDue:
    def test_an_awaiting_track_falls_due_at_its_moment(self, store: AnyStore) -> None:
        store.record(Change(cases=(waiting(NOW),)), NOW)
        assert store.due(NOW - timedelta(microseconds=1)) == ()
        assert ids(store.due(NOW)) == ["K7QW2M"]
        assert store.next_due() == NOW

    def test_a_track_in_another_state_does_not(self, store: AnyStore) -> None:
        held = sample_track(state=State.HELD, due_at=NOW)
        store.record(Change(cases=(sample_case(tracks=(held,)), waiting(None, case_id="B"))), NOW)
        assert store.due(NOW) == ()
        assert store.next_due() is None

    def test_last_safe_dates_and_deadlines_until_told(self, store: AnyStore) -> None:
        store.record(Change(cases=(sample_case(last_safe=NOW, deadline=NOW + DAY),)), NOW)
        assert store.next_due() == NOW
        assert ids(store.due(NOW)) == ["K7QW2M"]
        store.record(Change(cases=(replace(store.case("K7QW2M"), deadline_neared=True),)), NOW)
        assert store.next_due() == NOW + DAY
        assert store.due(NOW) == ()
        assert ids(store.due(NOW + DAY)) == ["K7QW2M"]
        store.record(Change(cases=(replace(store.case("K7QW2M"), deadline_passed=True),)), NOW)
        assert store.next_due() is None
        assert store.due(NOW + 9 * DAY) == ()

    def test_a_closed_case_has_no_deadlines(self, store: AnyStore) -> None:
        closed = (sample_track(state=State.CLOSED),)
        store.record(Change(cases=(sample_case(tracks=closed, last_safe=NOW, deadline=NOW),)), NOW)
        assert store.due(NOW) == ()
        assert store.next_due() is None

    def test_longest_due_first_within_the_limit(self, store: AnyStore) -> None:
        cases = tuple(waiting(NOW - n * HOUR, case_id=f"C{n}") for n in (1, 3, 2))
        store.record(Change(cases=cases), NOW)
        assert ids(store.due(NOW)) == ["C3", "C2", "C1"]
        assert ids(store.due(NOW, limit=2)) == ["C3", "C2"]

    def test_next_due_of_some_accounts(self, store: AnyStore) -> None:
        store.record(
            Change(cases=(waiting(NOW, case_id="A"), waiting(NOW - DAY, case_id="B", account_id="toys"))), NOW
        )
        assert store.next_due() == NOW - DAY
        assert store.next_due(("lamps",)) == NOW
        assert store.next_due(("lamps", "toys")) == NOW - DAY
        assert store.next_due(()) is None


class TestCasesOfMail:
    def test_by_the_message_id_of_a_letter(self, store: AnyStore) -> None:
        refs = (TrackRef(case_id="A", track_id="1"), TrackRef(case_id="B", track_id="1"))
        cases = (
            sample_case(case_id="A"),
            sample_case(case_id="B", opened_at=NOW + HOUR),
            sample_case(case_id="C"),
        )
        letters = (sample_letter(tracks=refs),)
        store.record(Change(cases=cases, letters=letters), NOW)
        assert ids(store.cases_of_mail("lamps", ("<x@x.example>", "<rj.l1@lamps.example>"))) == ["B", "A"]
        assert store.cases_of_mail("lamps", ("<RJ.l1@lamps.example>",)) == ()
        assert store.cases_of_mail("lamps", ()) == ()
        assert store.cases_of_mail("toys", ("<rj.l1@lamps.example>",)) == ()

    def test_a_case_that_left_before_the_first_attempt_is_not_linked(self, store: AnyStore) -> None:
        store.record(Change(cases=(sample_case(),), letters=(sample_letter(),)), NOW)
        store.record(Change(letters=(replace(store.letter("L1"), tracks=()),)), NOW)
        assert store.cases_of_mail("lamps", ("<rj.l1@lamps.example>",)) == ()

    def test_a_case_that_left_after_an_attempt_stays_linked(self, store: AnyStore) -> None:
        tried = sample_letter(attempts=(LetterAttempt(started_at=NOW, outcome="in-doubt"),))
        store.record(Change(cases=(sample_case(),), letters=(tried,)), NOW)
        store.record(Change(letters=(replace(store.letter("L1"), tracks=()),)), NOW)
        assert ids(store.cases_of_mail("lamps", ("<rj.l1@lamps.example>",))) == ["K7QW2M"]


class TestDiary:
    LINES = (
        e.Opened(at=NOW, mail=1),
        e.TrackStarted(
            at=NOW, track="1", party=PartyRole.COMPLAINANT, playbook="inquiry", step="ask", state=State.READY
        ),
        e.Drafted(at=NOW, track="1", letter="L1"),
        e.Approved(at=NOW, by="anna", track="1", letter="L1", digest="d", leaves_at=NOW + HOUR),
        e.SendStarted(at=NOW + HOUR, track="1", letter="L1"),
        e.BodyBegun(at=NOW + HOUR, track="1"),
        e.Accepted(at=NOW + HOUR, track="1", letter="L1"),
        e.Planned(at=NOW + HOUR, track="1", step="reminder", due_at=NOW + 5 * DAY),
    )  # fmt: skip

    def test_the_diary_replays_to_the_row(self, store: AnyStore) -> None:
        case = sample_case(tracks=())
        for event in self.LINES:
            if isinstance(event, e.TrackStarted):
                case = case.with_track(started(event))
            elif event.track:
                case = case.with_track(apply(case.track(event.track), event))
            store.record(Change(cases=(case,), diary=((case.case_id, event),)), event.at)
            case = store.case(case.case_id)
        assert store.diary("K7QW2M") == self.LINES
        assert replay(store.diary("K7QW2M")) == store.case("K7QW2M").tracks
        assert store.next_due() == NOW + 5 * DAY

    def test_lines_keep_their_order_within_each_case(self, store: AnyStore) -> None:
        store.record(Change(cases=(sample_case(case_id="A"), sample_case(case_id="B"))), NOW)
        mixed = tuple((case_id, e.Opened(at=NOW, mail=n)) for n, case_id in enumerate("ABAAB"))
        store.record(Change(diary=mixed), NOW)
        store.record(Change(diary=(("A", e.FellDue(at=NOW - DAY)),)), NOW)
        assert [getattr(event, "mail", None) for event in store.diary("A")] == [0, 2, 3, None]
        assert [getattr(event, "mail", None) for event in store.diary("B")] == [1, 4]
        assert store.verify_chain("A") == 4
        assert store.verify_chain("B") == 2

    def test_a_case_without_lines_has_an_empty_diary(self, store: AnyStore) -> None:
        store.record(Change(cases=(sample_case(),)), NOW)
        assert store.diary("K7QW2M") == ()
        assert store.verify_chain("K7QW2M") == 0
        with pytest.raises(NotPossible, match="no case X"):
            store.verify_chain("X")

    def test_a_line_for_a_case_that_does_not_exist_is_refused(self, store: AnyStore) -> None:
        with pytest.raises(NotPossible, match="diary line FellDue names case X, which does not exist"):
            store.record(Change(diary=(("X", e.FellDue(at=NOW)),)), NOW)
