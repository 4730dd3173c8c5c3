"""Every held thing has a way out: each reason and kind of item is shown with commands, and each works."""

from __future__ import annotations

import re
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bot.case.items import ItemKind, NewItem
from bot.case.model import State
from bot.case.reasons import NO_LETTER, Reason
from bot.cli.holds import ADVICE
from bot.cli.session import now
from bot.cli.words import reason_text
from bot.edge.store import open_store
from bot.ports import Change
from tests.cli.conftest import ROOT, Typed, notice, write_home

#: In the order of the file: what holds a track comes before what voids an approval.
HOLDS = list(Reason)[: list(Reason).index(Reason.FACTS_CHANGED)]
STORES = """\
    stores:
      north: { merchant_tokens: [A1NORTH2345678], profile: { stores: { amazon.com: North } } }
      south: { merchant_tokens: [A1SOUTH2345678], profile: { stores: { amazon.com: South } } }
"""


@pytest.fixture(scope="module")
def held_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two cases; the draft of the first is withdrawn and its track held."""
    typed = Typed(write_home(tmp_path_factory.mktemp("ways") / "home"))
    for number, owner in (("17340981265", "ip@owner.example"), ("17340981266", "ip@other.example")):
        file = typed.home / f"{number}.eml"
        file.write_bytes(notice(number, owner=owner))
        assert typed("ingest", str(file)).status == 0
    case_id = typed("queue", "--json").json["items"][0]["cases"][0]
    assert typed("case", "hold", case_id, "--reason", "x").status == 0
    return typed.home


def held_for(reason: Reason, home: Path, to: Path) -> tuple[Typed, int]:
    """A copy of that home in which the track is held for this reason; the number of its item."""
    shutil.copytree(home, to)
    store = open_store(to / "state" / "rejoinder.db")
    (item,) = store.items(kind=ItemKind.HOLD)
    case = store.case(item.cases[0])
    other = next(one.case_id for one in store.cases() if one.case_id != case.case_id)
    facts = replace(case.facts, no_letter=reason if reason in NO_LETTER else None)
    changed = replace(
        case.with_track(replace(case.tracks[0], hold=reason)),
        facts=facts,
        lawyer=reason is Reason.LAWYER,
        perhaps_same_as=other if reason is Reason.PERHAPS_THE_SAME else None,
    )
    again = NewItem(
        kind=item.kind,
        subject=item.subject,
        account_id=item.account_id,
        cases=item.cases,
        reason=reason.value,
    )
    store.record(Change(cases=(changed,), open_items=(again,)), now())
    store.close()
    if reason is Reason.STORE_UNCLEAR:
        file = to / "rejoinder.yaml"
        text = file.read_text()
        start, end = text.index("    profile:"), text.index("reviewer:")
        file.write_text(text[:start] + STORES + text[end:])
    return Typed(to), item.number


def typed_out(command: str, case_id: str) -> list[str]:
    """A command of the page as a person would type it."""
    words = shlex.split(command.replace("…", "because").replace("NAME", "reminder-1"))
    assert words[0] == "rejoinder"
    if words[1] == "contact":  # a person is asked at the terminal
        words += ["--yes"] if "--none" in words else ["--yes", "--address", "owner@newly-found.example"]
    return [*words[1:], *(["--confirm", case_id] if "release" in words else [])]


@pytest.mark.parametrize("reason", HOLDS, ids=lambda reason: reason.value)
def test_every_hold_says_what_to_do_and_each_of_its_commands_does_it(
    reason: Reason, held_home: Path, tmp_path: Path
) -> None:
    page = None
    for number in range(20):
        typed, item = held_for(reason, held_home, tmp_path / str(number))
        page = typed("show", str(item), "--json").json
        answers = [one for one in page["answers"] if "ADDRESS" not in one and "paste" not in one]
        if number >= len(answers):
            break
        case_id = page["cases"][0]["case_id"]
        done = typed(*typed_out(answers[number], case_id))
        assert done.status == 0, f"{answers[number]}: {done.err}"
        left = {one["number"]: one["reason"] for one in typed("queue", "--json").json["items"]}
        assert left.get(item) != reason.value, f"{answers[number]} changed nothing"
    assert page is not None
    assert page["explanation"] == reason_text(reason.value)
    assert page["advice"], "what to do first"
    assert [one for one in page["answers"] if " wait " not in one and "snooze" not in one]
    assert " ".join(ADVICE[reason].split()) in " ".join(typed("show", str(item)).out.split())


def test_every_kind_of_item_has_an_answer(held_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(held_home, home)
    store = open_store(home / "state" / "rejoinder.db")
    mail = NewItem(kind=ItemKind.ALARM, subject="mail:1", account_id="shop", reason="legal-letter")
    kinds = (ItemKind.CLAIM, ItemKind.SUSPECT, ItemKind.PARKED, ItemKind.ALARM)
    store.record(Change(open_items=tuple(replace(mail, kind=kind) for kind in kinds)), now())
    (letter,) = store.letters(states=(State.DRAFTED,))
    doubt = replace(mail, kind=ItemKind.IN_DOUBT, subject=f"letter:{letter.letter_id}", reason="in-doubt")
    store.record(Change(open_items=(doubt,)), now())
    shown = {item.kind: item.number for item in store.items()}
    store.close()
    assert set(shown) == set(ItemKind)
    typed = Typed(home)
    for kind, number in shown.items():
        assert typed("show", str(number), "--json").json["answers"], f"{kind} has no way out"


def test_every_reason_of_an_item_is_a_sentence() -> None:
    named = {
        name
        for file in (ROOT / "bot").rglob("*.py")
        for name in re.findall(
            r'(?:ItemKind\.[A-Z_]+, |reason=)"([a-z-]+)"', file.read_text(encoding="utf-8")
        )
    }
    assert {"legal-letter", "after-closing", "parked", "oversize"} <= named
    assert [name for name in sorted(named) if reason_text(name) == name.replace("-", " ")] == []
