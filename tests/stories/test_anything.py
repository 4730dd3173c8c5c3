"""Whatever people, servers and senders do in whatever order: letters, tracks, queue and diary agree."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from email import message_from_bytes

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bot.case.model import PartyRole, State
from bot.draft.model import Letter
from bot.edge.home import Loaded
from bot.errors import NotPossible
from bot.reading.read import ReadingContext
from bot.review import Item, ItemKind, letter_subject
from bot.runner.desk import service
from tests.stories.mails import OWNER, bounce, notice, out_of_office, own_copy, reply, retraction_confirmed
from tests.stories.stage import BUSY, LINE_LOST, NO_LOGIN, NO_SUCH_USER, UNREACHABLE, PowerCut, Stage

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
IDS = ("17340981261", "17340981262", "17340981263")
OWNERS = (OWNER, "other@ferrowick.example", None)
ANSWERS = (
    None, None, None, None, BUSY, UNREACHABLE, NO_SUCH_USER, NO_LOGIN, LINE_LOST, LINE_LOST,
    PowerCut("data"), PowerCut("body"),
)  # fmt: skip
SPANS = (MINUTE, 11 * MINUTE, 11 * MINUTE, 5 * 60 * MINUTE, DAY, 4 * DAY, 9 * DAY, 30 * DAY)
MAILS = ("reply", "claim", "away", "bounce", "bounced-copy", "own-copy", "confirmed", "notice")
Numbers = st.integers(0, 9)


class AnythingMachine(RuleBasedStateMachine):
    """One account with a few complaints."""

    def __init__(self, loaded: Loaded, reading: ReadingContext) -> None:
        super().__init__()
        self.stage = Stage(loaded, reading)
        self.tokens = 0
        self.judged_not_sent: Counter[str] = Counter()
        self.approved: set[bytes] = set()

    # -------------------------------------------------------------------------------------- what happens

    @initialize(owners=st.lists(st.sampled_from(OWNERS[:2]), min_size=1, max_size=3))
    def begins(self, owners: list[str]) -> None:
        """A few notices arrive."""
        for which, owner in enumerate(owners):
            self.stage.arrives(notice(IDS[which], self.stage.now, asin=f"B0ZG04SJF{which}", owner=owner))

    @rule(answer=st.sampled_from(ANSWERS), span=st.sampled_from(SPANS))
    def the_ladder_is_walked(self, answer: object, span: timedelta) -> None:
        """What waits is approved and leaves, and time passes."""
        for letter in self.stage.store.letters(states=(State.DRAFTED,)):
            item = self.stage.store.open_item(ItemKind.DRAFT, letter_subject(letter.letter_id))
            assert item
            self.possible(lambda one=item: self.approves(one))
        self.passes(11 * MINUTE, answer)
        self.passes(span, None)

    @rule(which=st.integers(0, 2), owner=st.sampled_from(OWNERS), again=st.booleans())
    def a_notice(self, which: int, owner: str | None, again: bool) -> None:
        """A complaint, new or known; the same mail or another."""
        token = "first" if not again else self.token()
        asin = f"B0ZG04SJF{which}"
        self.stage.arrives(notice(IDS[which], self.stage.now, asin=asin, owner=owner, token=token))

    @rule(kind=st.sampled_from(MAILS), which=Numbers)
    def a_mail(self, kind: str, which: int) -> None:
        """Something arrives."""
        self.stage.arrives(self.mail(kind, which))

    @rule(number=Numbers, span=st.sampled_from(SPANS), answer=st.sampled_from(ANSWERS))
    def approves_and_time_passes(self, number: int, span: timedelta, answer: object) -> None:
        """A person approves something, and the server answers as it likes."""
        self.person(self.approves, number)
        self.passes(span, answer)

    @rule(span=st.sampled_from(SPANS), answer=st.sampled_from(ANSWERS))
    def time_passes(self, span: timedelta, answer: object) -> None:
        """Only time."""
        self.passes(span, answer)

    @rule(kind=st.sampled_from(MAILS), which=Numbers, body=st.booleans(), answer=st.sampled_from(ANSWERS))
    def a_mail_while_on_the_line(self, kind: str, which: int, body: bool, answer: object) -> None:
        """It arrives between MAIL and 354, or between the body and the answer."""
        raw = self.mail(kind, which)
        server = self.stage.server
        if body:
            server.after_the_body = lambda: self.stage.hears(raw)
        else:
            server.at_354 = lambda: self.stage.hears(raw)
        self.passes(11 * MINUTE, answer)
        server.at_354 = server.after_the_body = None

    @rule(number=Numbers, what=st.sampled_from(("recall", "edit", "reject", "snooze", "resume", "wait")))
    def a_person_answers(self, number: int, what: str) -> None:
        """Any answer to any item."""
        self.person(lambda item: self.answer(item, what), number)

    @rule(number=Numbers, sent=st.booleans())
    def a_person_settles(self, number: int, sent: bool) -> None:
        """Something in doubt, if there is any."""
        doubtful = self.stage.items(ItemKind.IN_DOUBT)
        if doubtful:
            item = doubtful[number % len(doubtful)]
            letter = service.letter_of(self.stage.office, item)
            service.settle(self.stage.office, item.number, sent=sent, by="Ada")
            self.judged_not_sent[letter.message_id] += not sent

    @rule(which=st.integers(0, 11))
    def a_person_closes(self, which: int) -> None:
        """A case, now and then."""
        for case in self.stage.store.cases():
            if which < 3 and case.facts.complaint_id == IDS[which]:
                self.possible(lambda one=case: service.close_case(self.stage.office, one.case_id, "", "Ada"))

    # ------------------------------------------------------------------------------------- how it is done

    def token(self) -> str:
        self.tokens += 1
        return str(self.tokens)

    def letter(self, which: int) -> Letter | None:
        letters = self.stage.store.letters()
        return letters[which % len(letters)] if letters else None

    def mail(self, kind: str, which: int) -> bytes:
        now, letter, named = self.stage.now, self.letter(which), IDS[which % 3]
        cited = letter.message_id if letter else "<nobody@nowhere.example>"
        if kind == "claim":
            text = f"About complaint ID {named}.\n"
            return reply(None, now, text, sender="who@third.example", token=self.token())
        if kind == "away":
            return out_of_office(cited, now)
        if kind == "bounce":
            return bounce(cited, letter.to if letter else OWNER, now, token=self.token())
        if kind == "bounced-copy":
            return bounce(cited, "copies@brindlecove.example", now, token=self.token())
        if kind == "own-copy" and self.stage.server.bodies:
            bodies = self.stage.server.bodies
            return own_copy(bodies[which % len(bodies)], now)
        if kind == "confirmed":
            return retraction_confirmed(named, now)
        if kind == "notice":
            return notice(named, now, asin=f"B0ZG04SJF{which % 3}", token=self.token())
        return reply(cited, now, "Let us talk.\n", token=self.token())

    def passes(self, span: timedelta, answer: object) -> None:
        if answer is not None:
            self.stage.server.answers = [answer]  # type: ignore[list-item]
        try:
            self.stage.passes(span)
        except PowerCut:
            self.stage.restarts()
        self.stage.server.answers = []

    def person(self, answers: object, number: int) -> None:
        items = self.stage.items()
        if items:
            item = items[number % len(items)]
            self.possible(lambda: answers(item))  # type: ignore[operator]

    def approves(self, item: Item) -> None:
        seen = service.letter_of(self.stage.office, item).revision if item.kind is ItemKind.DRAFT else None
        letter = service.approve(self.stage.office, item.number, "Ada", seen).letter
        if letter and letter.approval:
            self.approved.add(self.stage.office.raw.get(letter.approval.raw_sha256))

    def possible(self, answer: object) -> None:
        """A person may ask for the impossible, and is told in a sentence; anything else is a fault."""
        try:
            answer()  # type: ignore[operator]
        except NotPossible:
            return

    def answer(self, item: Item, what: str) -> None:
        office, now = self.stage.office, self.stage.now
        if what == "recall":
            service.recall(office, item.number, "Ada")
        elif what == "edit":
            letter = service.letter_of(office, item)
            service.edit(office, item.number, letter.subject, f"{letter.body}\nMore.\n", "Ada")
        elif what == "reject":
            service.reject(office, item.number, "no", "Ada")
        elif what == "snooze":
            service.snooze(office, item.number, now + DAY, "Ada")
        elif what == "resume":
            service.resume(office, item.number, "Ada")
        else:
            service.keep_waiting(office, item.number, now + DAY, "Ada")

    # ---------------------------------------------------------------------------------- what always holds

    @invariant()
    def everything_agrees(self) -> None:
        """Diaries, rows, letters and the queue."""
        self.stage.balances()
        assert not self.stage.store.letters(states=(State.SENDING, State.BODY_GONE))

    @invariant()
    def nothing_is_handed_over_twice(self) -> None:
        """A second body only after a person judged that the first had not left; accepted at most once."""
        bodies = Counter(message_from_bytes(raw)["Message-ID"] for raw in self.stage.server.bodies)
        for message_id, times in bodies.items():
            assert times <= 1 + self.judged_not_sent[message_id]
        taken = Counter(message_from_bytes(raw)["Message-ID"] for _, raw in self.stage.server.taken)
        assert all(times == 1 for times in taken.values())

    @invariant()
    def nothing_leaves_that_nobody_approved(self) -> None:
        """Every body is, byte for byte, one that a person's approval froze."""
        assert set(self.stage.server.bodies) <= self.approved

    @invariant()
    def no_more_letters_than_three(self) -> None:
        """To one complainant in one case."""
        for case in self.stage.store.cases():
            written = [t.attempts for t in case.tracks if t.party is PartyRole.COMPLAINANT]
            assert sum(map(len, written)) <= 3


def test_anything_in_any_order(loaded: Loaded, reading: ReadingContext) -> None:
    run_state_machine_as_test(
        lambda: AnythingMachine(loaded, reading),
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.reuse, Phase.generate),  # making it shorter takes minutes
        ),
    )
