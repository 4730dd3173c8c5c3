"""Two stores in one mailbox: each writes in its own name, and an unclear one waits for a word."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.case.model import State
from bot.case.reasons import Reason
from bot.edge.home import Loaded, load_home
from bot.errors import NotPossible
from bot.reading.prepare import prepare
from bot.runner.desk import service
from bot.runner.desk.storing import name_store
from bot.runner.steps.drafting import write_drafts
from bot.wiring import reading_plan
from tests.stories.mails import OWNER, notice
from tests.stories.stage import Stage, write_home

STORES = """
    stores:
      north:
        address: north@brindlecove.example
        merchant_tokens: [A1NORTH2345678]
        profile:
          legal_name: Brindlecove North Ltd
          signatory: Nora North
          postal_address: [1 North Road, Brindlecove]
          stores: { amazon.com: Northern Lamps }
      south:
        address: south@brindlecove.example
        profile:
          legal_name: Southern Sun GmbH
          signatory: Stella South
          postal_address: [2 South Road, Brindlecove]
          stores: { amazon.com: Southern Sun }
"""


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    home: Path = write_home(tmp_path_factory.mktemp("two") / "home")
    file = home / "rejoinder.yaml"
    text = file.read_text()
    start, end = text.index("    profile:"), text.index("safe_mode:")
    file.write_text(text[:start] + STORES.lstrip("\n") + text[end:])
    return load_home(home)


@pytest.fixture
def stage(two: Loaded) -> Iterator[Stage]:
    stage = Stage(two, prepare(reading_plan(two, two.settings.account("shop"))))
    yield stage
    stage.balances()


def for_store(stage: Stage, complaint_id: str, words: str = "", to: str = "") -> bytes:
    """A notice with a word about the store in its text, or sent to its address."""
    raw = notice(complaint_id, stage.now, asin=f"B0ZG0{complaint_id[-5:]}")
    raw = raw.replace(b"Seller Performance Team", f"{words}\r\nSeller Performance Team".encode())
    return raw.replace(b"To: ", f"To: {to}, ".encode(), 1) if to else raw


def test_each_store_writes_in_its_own_name_from_its_own_address(stage: Stage) -> None:
    stage.arrives(
        for_store(stage, "17340981265", "Merchant token: A1NORTH2345678"),
        for_store(stage, "17340981266", to="south@brindlecove.example"),
    )
    letters = {letter.mail_from: letter for letter in stage.store.letters(states=(State.DRAFTED,))}
    assert set(letters) == {"north@brindlecove.example", "south@brindlecove.example"}
    north, south = letters["north@brindlecove.example"], letters["south@brindlecove.example"]
    assert {letter.to for letter in (north, south)} == {OWNER}, "one owner, and still two letters"
    for mine, words, other in (
        (north, "Brindlecove North Ltd", "Southern"),
        (south, "Southern Sun", "North"),
    ):
        assert words in mine.body
        assert other not in mine.body + mine.from_name
    assert stage.case("17340981265").store == "north"


def test_a_second_complaint_of_the_same_store_joins_its_letter_only(stage: Stage) -> None:
    stage.arrives(for_store(stage, "17340981265", "Hello Northern Lamps"))
    stage.arrives(for_store(stage, "17340981266", "Hello Southern Sun"))
    stage.arrives(for_store(stage, "17340981267", "Hello Northern Lamps"))
    assert sorted(len(x.tracks) for x in stage.store.letters(states=(State.DRAFTED,))) == [1, 2]


def test_an_unclear_store_is_held_until_a_person_says_which(stage: Stage) -> None:
    stage.arrives(for_store(stage, "17340981265"))
    assert (stage.hold(), stage.track().detail) == (Reason.STORE_UNCLEAR, "north or south")
    assert stage.store.letters() == ()
    stage.resumes()
    assert stage.hold() is Reason.STORE_UNCLEAR, "going on without saying which leads back here"
    name_store(stage.office, stage.case().case_id, "south", "Ada")
    write_drafts(stage.office, stage.practice)
    letter = stage.sends_out()
    assert letter.mail_from == "south@brindlecove.example"
    assert "Southern Sun" in str(stage.sent()[0]["From"])
    with pytest.raises(NotPossible, match="stays with that"):
        name_store(stage.office, stage.case().case_id, "north", "Ada")


def test_a_mail_that_names_one_and_went_to_the_other_is_nobodys(stage: Stage) -> None:
    stage.arrives(for_store(stage, "17340981265", "Hello Northern Lamps", to="south@brindlecove.example"))
    assert stage.hold() is Reason.STORE_UNCLEAR


def test_named_otherwise_a_case_leaves_the_letter_it_shared(stage: Stage) -> None:
    """Both were drafted for north and approved; one is south's: no letter speaks for both."""
    for number in (5, 6):
        stage.arrives(for_store(stage, f"1734098126{number}", "Hello Northern Lamps"))
    stage.approve()
    name_store(stage.office, stage.case("17340981266").case_id, "south", "Ada")
    stage.passes(timedelta(minutes=11))
    assert stage.server.bodies == [], "the approval of both is void"
    letters = stage.store.letters(states=(State.DRAFTED,))
    assert {(x.mail_from.partition("@")[0], len(x.tracks)) for x in letters} == {("north", 1), ("south", 1)}
    assert all("1734098126" in x.body for x in letters)


def test_only_a_store_that_there_is(stage: Stage) -> None:
    stage.arrives(for_store(stage, "17340981265"))
    with pytest.raises(NotPossible, match="there are: north, south"):
        name_store(stage.office, stage.case().case_id, "west", "Ada")


def test_a_store_taken_out_of_the_settings_sends_nothing(stage: Stage) -> None:
    stage.arrives(for_store(stage, "17340981265", "Hello Northern Lamps"))
    stage.approve()
    stage.changes(stores={"south": stage.practice.stores["south"]})
    stage.passes(timedelta(minutes=11))
    stage.passes(timedelta(minutes=1))
    assert stage.server.bodies == []
    assert stage.hold() is Reason.STORE_UNCLEAR
    service.close_case(stage.office, stage.case().case_id, "sold", "Ada")
