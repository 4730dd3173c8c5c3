"""Anything may happen to a case, in any order: the diary balances, and the promises hold.

People, the engine and the world throw every event there is at `decide`, legal or not.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.case import events as e
from bot.case.decide import decide
from bot.case.model import Case, PartyRole, State, Track
from bot.case.states import replay
from bot.errors import IllegalTransition
from tests.case.ladders import LADDER
from tests.case.table import LEGAL, sample_event
from tests.samples import NOW, sample_case

HOUR = timedelta(hours=1)
#: What `decide` adds by itself; nobody else says these.
OURS = (e.Opened, e.TrackStarted, e.Planned)
HAPPEN = [kind for kind in e.EVENTS if kind not in OURS]
WHOLE_CASE = [kind for kind in e.EVENTS if issubclass(kind, e.WorldEvent | e.CaseClosed)]
ON_THE_LINE = (State.SENDING, State.BODY_GONE, State.IN_DOUBT)
#: The way of a letter that nothing disturbs; the machine follows it often, or it would rarely send one.
ROAD = {
    State.READY: e.Drafted,
    State.DRAFTED: e.Approved,
    State.APPROVED: e.SendStarted,
    State.SENDING: e.BodyBegun,
    State.BODY_GONE: e.Accepted,
    State.IN_DOUBT: e.JudgedSent,
    State.AWAITING: e.FellDue,
    State.HELD: e.Resumed,
    State.CLOSED: e.Reopened,
}


class CaseMachine(RuleBasedStateMachine):
    """One case, from its opening on."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.letters = 0
        self.case: Case = sample_case(tracks=())
        self.diary: list[e.Event] = []

    @initialize()
    def opens(self) -> None:
        """A notice opened it."""
        begun = e.TrackStarted(
            at=self.now,
            track="1",
            party=PartyRole.COMPLAINANT,
            playbook="inquiry",
            step="inquiry",
            state=State.READY,
        )
        self.happens(begun)

    # ------------------------------------------------------------------------------- what may happen

    @rule(times=st.integers(1, 12), which=st.integers(0, 1))
    def the_road(self, times: int, which: int) -> None:
        """A letter on its way, or several."""
        for _ in range(times):
            track = self.case.tracks[which % len(self.case.tracks)]
            self.happens(self.event(ROAD[track.state], track, new_letter=True))

    @rule(kind=st.sampled_from(HAPPEN), which=st.integers(0, 1), cites=st.booleans(), new=st.booleans())
    def anything(self, kind: type[e.Event], which: int, cites: bool, new: bool) -> None:
        """Whatever it is, on any track, legal or not."""
        track = self.case.tracks[which % len(self.case.tracks)]
        self.happens(self.event(kind, track, cites=cites, new_letter=new))

    @rule(kind=st.sampled_from(WHOLE_CASE), cites=st.booleans())
    def to_the_whole_case(self, kind: type[e.Event], cites: bool) -> None:
        """Others act, or a person closes it."""
        letters = tuple(t.letter_id for t in self.case.tracks if t.letter_id) if cites else ()
        said = {"cites": letters} if issubclass(kind, e.WorldEvent) else {}
        self.happens(sample_event(kind, at=self.now, track=None, **said))

    @precondition(lambda self: any(track.state in ON_THE_LINE for track in self.case.tracks))
    @rule()
    def we_die_and_come_back(self) -> None:
        """No guessing at start-up."""
        for track in self.case.tracks:
            if track.state is State.SENDING:
                self.happens(e.Interrupted(at=self.now, track=track.track_id))
            if track.state is State.BODY_GONE:
                self.happens(e.OutcomeUnknown(at=self.now, track=track.track_id))

    @rule(hours=st.integers(1, 400))
    def time_passes(self, hours: int) -> None:
        """And what is due falls due."""
        self.now += hours * HOUR
        for track in self.case.tracks:
            if track.state is State.AWAITING and track.due_at and track.due_at <= self.now:
                self.happens(e.FellDue(at=self.now, track=track.track_id))

    # ------------------------------------------------------------------------------------- how it is told

    def event(
        self, kind: type[e.Event], track: Track, *, cites: bool = False, new_letter: bool = False
    ) -> e.Event:
        """One event on a track; a fresh letter, or the one it has."""
        said: dict[str, object] = {"at": self.now, "track": track.track_id}
        names = kind.__dataclass_fields__
        if "letter" in names:
            self.letters += 1
            fresh = kind is e.Drafted or (new_letter and kind in (e.Restored, e.Edited))
            said["letter"] = f"L{self.letters}" if fresh or not track.letter_id else track.letter_id
        if "step" in names:
            said["step"] = "inquiry" if track.party is PartyRole.COMPLAINANT else "escalation"
        if "due_at" in names:
            said["due_at"] = self.now + HOUR
        if "cites" in names and cites and track.letter_id:
            said["cites"] = (track.letter_id,)
        return sample_event(kind, **said)

    def happens(self, event: e.Event) -> None:
        """Decide it; an illegal one must change nothing, a legal one must be what the design says."""
        before = self.case
        try:
            decision = decide(before, event, LADDER, self.now)
        except IllegalTransition:
            assert self.may_be_refused(event)
            return
        for track in before.tracks:
            if event.track in (None, track.track_id) and not isinstance(event, e.TrackStarted):
                assert (track.state.name, type(event).__name__) in LEGAL
            self.check_step(track, decision.case.track(track.track_id), decision.events, event)
        assert decision.before is before
        self.case = decision.case
        self.diary += decision.events

    def may_be_refused(self, event: e.Event) -> bool:
        """Not in the table, or the letter was accepted before."""
        concerned = [t for t in self.case.tracks if event.track in (None, t.track_id)]
        known = {a.letter_id for t in concerned for a in t.attempts}
        return getattr(event, "letter", None) in known or any(
            (track.state.name, type(event).__name__) not in LEGAL for track in concerned
        )

    def check_step(self, was: Track, now: Track, events: tuple[e.Event, ...], happened: e.Event) -> None:
        """What no single event may ever do."""
        mine = [x for x in events if x.track == was.track_id]
        if was.state is State.CLOSED and not isinstance(happened, e.Reopened):
            assert now == was  # closed never acts
        if was.state is State.IN_DOUBT and now.state is not State.IN_DOUBT:
            settled = mine[0]
            assert isinstance(settled, e.Proven | e.JudgedSent | e.JudgedNotSent)
            if isinstance(settled, e.Proven) and settled is not happened:
                assert was.letter_id in getattr(happened, "cites", ())
        if was.noted and now.state not in ON_THE_LINE:
            assert now.state is State.HELD  # what others did meanwhile was not forgotten
        if isinstance(happened, e.WorldEvent) and happened.track in (None, was.track_id):
            assert now.state in (State.HELD, State.CLOSED, *ON_THE_LINE)
            assert now.state not in ON_THE_LINE or now.state is was.state
        assert now.attempts[: len(was.attempts)] == was.attempts
        assert len(now.attempts) <= len(was.attempts) + 1

    # ---------------------------------------------------------------------------------- what always holds

    @invariant()
    def the_diary_arrives_at_the_row(self) -> None:
        """Replayed through the table."""
        assert replay(tuple(self.diary)) == self.case.tracks

    @invariant()
    def nothing_is_sent_without_an_approval_right_before(self) -> None:
        """Between a person's yes and the line there may only be attempts that sent nothing."""
        for track in self.case.tracks:
            approved = False
            for event in self.diary:
                if event.track not in (None, track.track_id):
                    continue
                match event:
                    case e.Approved():
                        approved = True
                    case e.SendStarted():
                        assert approved
                    case e.Recalled() | e.Edited() | e.Voided() | e.GaveUp() | e.Refused() | e.Rehearsed():
                        approved = False
                    case e.Accepted() | e.Proven() | e.JudgedSent() | e.JudgedNotSent() | e.CaseClosed():
                        approved = False
                    case e.Held() | e.Rejected() | e.Redrafted() | e.Drafted() | e.Restored():
                        approved = False

    @invariant()
    def no_more_letters_than_the_limit(self) -> None:
        """To the complainant, in one case; what a person wrote by hand counts, but cannot be forbidden."""
        attempts = [a for t in self.case.tracks if t.party is PartyRole.COMPLAINANT for a in t.attempts]
        by_hand = {event.letter for event in self.diary if isinstance(event, e.WroteByHand)}
        ours = [n for n, attempt in enumerate(attempts, 1) if attempt.letter_id not in by_hand]
        assert max(ours, default=0) <= LADDER.letter_limit

    @invariant()
    def no_letter_counts_twice(self) -> None:
        """Each was accepted once."""
        ids = [attempt.letter_id for attempt in self.case.attempts]
        assert len(ids) == len(set(ids))

    @invariant()
    def the_fields_fit_the_states(self) -> None:
        """A hold has its reason, only what waits is due, and every letter on its way has an id."""
        for track in self.case.tracks:
            assert (track.hold is not None) == (track.state is State.HELD)
            assert track.due_at is None or track.state is State.AWAITING
            assert not track.noted or track.state in ON_THE_LINE
            if track.state in (State.DRAFTED, State.APPROVED, *ON_THE_LINE):
                assert track.letter_id

    @invariant()
    def at_most_one_track_towards_each_party(self) -> None:
        """Amazon's begins once."""
        parties = [track.party for track in self.case.tracks]
        assert len(parties) == len(set(parties))


TestCase = CaseMachine.TestCase
TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
