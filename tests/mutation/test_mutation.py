"""That the harness plants what it says, where it says, and that a weak test lets its mutants live."""

from __future__ import annotations

import ast
import importlib.util
import json
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutation import score
from tests.mutation.areas import AREAS, ROOT
from tests.mutation.graft import Live, functions, graft
from tests.mutation.kept import Kept
from tests.mutation.operators import mutants
from tests.mutation.score import Row
from tests.torture import page

SOURCE = '''
"""A module about nothing."""
from __future__ import annotations
import contextlib
import functools
from typing import Final, TypeVar

LIMITS: Final = {"day": 3, "week": 9}
NAMES = frozenset({"a", "b"})
SHOUTED = frozenset(name.upper() for name in NAMES)
Kind = int | str
T = TypeVar("T")

class Till:
    """It opens."""
    @property
    def open(self) -> bool:
        return not self.shut
    shut = False

def may(count: int, *, kind: str = "day") -> bool:
    """Whether one more is allowed."""
    assert count >= 0, "a count"
    if count < LIMITS[kind] and count != 7:
        return True
    raise ValueError("that is too many for today")

@contextlib.contextmanager
def shop():
    yield replace(1, name="shop")

def replace(number, name):
    return number, name

@functools.lru_cache
def remembered():
    return "once"
'''


def told(source: str) -> list[str]:
    return [mutant.told() for mutant in mutants(ast.parse(textwrap.dedent(source)))]


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("if a < b: c()", ["if a <= b:", "if a >= b:", "if True:", "if False:", "pass"]),
        ("return a and b", ["return None", "return a or b"]),
        ("return not a", ["return None", "return a"]),
        ("return f(a, key=1)", ["return None", "return f(a)", "return f(a, key=2)"]),
        ("self.x = a + 1", ["pass", "self.x = a - 1", "self.x = a + 2"]),
        ("return [a for a in b if a]", ["[a for a in b]", "[a for a in b if False]"]),
        ("return any(a)", ["return all(a)"]),
        ("return isinstance(a, B | C)", ["isinstance(a, B)", "isinstance(a, C)"]),
        ("return 'word'", ["return 'wordXX'"]),
        ("raise E", ["pass"]),
        ("try: a()\n    except E: b()", ["if True:"]),
    ],
)
def test_what_is_changed_in_a_function(line: str, changed: list[str]) -> None:
    found = told(f"def f(self):\n    {line}\n")
    assert not [words for words in changed if not any(words in one.partition("→")[2] for one in found)]


def test_words_for_people_stay_as_they_are() -> None:
    assert told('def f(a):\n    x = f"no {a[0]}."\n') == []
    assert len(told('def f(a):\n    x = f"{a}."\n')) == 1


def test_a_case_of_a_match_is_left_out() -> None:
    found = told(
        "def f(a):\n    match a:\n        case 1:\n            b()\n        case _:\n            c()\n"
    )
    assert "case _: c() → (nothing)" in found


def test_what_is_not_changed() -> None:
    found = " ".join(told(SOURCE))
    for words in ("about nothing", "It opens", "one more", "a count", "too many for todayXX", "bool", "Kind"):
        assert f"{words}XX" not in found
    assert {"Kind", "T"}.isdisjoint(mutant.name for mutant in mutants(ast.parse(SOURCE)))
    assert "count >= 0" not in found


def test_entries_of_tables_go_and_change() -> None:
    tables = [one for one in mutants(ast.parse(SOURCE)) if one.name in ("LIMITS", "NAMES")]
    assert {(one.name, one.told()) for one in tables} >= {
        ("LIMITS", "'day' → 'nowhere'"),
        ("LIMITS", "3 → 9"),
        ("NAMES", "'a' → (nothing)"),
    }


def test_a_change_is_taken_back() -> None:
    tree = ast.parse(SOURCE)
    before = ast.dump(tree)
    for mutant in mutants(tree):
        held = mutant.apply()
        assert ast.dump(tree) != before
        mutant.undo(held)
        assert ast.dump(tree) == before


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The source above, imported."""
    file = tmp_path / "mutated_till.py"
    file.write_text(SOURCE, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("mutated_till", file)
    assert spec is not None
    assert spec.loader is not None
    one = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "mutated_till", one)
    spec.loader.exec_module(one)
    return one


def put(module: ModuleType, words: str) -> None:
    """Make the one mutant with these words true."""
    file = Path(str(module.__file__))
    tree = ast.parse(SOURCE)
    (mutant,) = [one for one in mutants(tree) if one.told() == words]
    graft(mutant, tree, file, functions({str(file)}))


def test_a_changed_function_is_what_all_who_imported_it_call(module: ModuleType) -> None:
    may = module.may
    assert may(2)
    put(module, "if count < LIMITS[kind] and count != 7: → if count >= LIMITS[kind] and count != 7:")
    assert may(5)
    with pytest.raises(ValueError, match="too many"):
        may(2)


def test_so_is_one_behind_a_decorator_and_a_method(module: ModuleType) -> None:
    till = module.Till()
    put(module, "return not self.shut → return self.shut")
    assert not till.open
    put(module, "yield replace(1, name='shop') → yield replace(1, name='shopXX')")
    with module.shop() as made:
        assert made == (1, "shopXX")


def test_what_was_remembered_is_forgotten(module: ModuleType) -> None:
    assert module.remembered() == "once"
    put(module, "return 'once' → return 'onceXX'")
    assert module.remembered() == "onceXX"


def test_a_changed_table_is_what_all_who_imported_it_read(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = ModuleType("mutated_other")
    other.NAMES = module.NAMES  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mutated_other", other)
    put(module, "'a' → (nothing)")
    assert module.NAMES == other.NAMES == frozenset({"b"})  # type: ignore[attr-defined]
    assert {"B"} == module.SHOUTED, "what is built of it is built anew"


def test_what_is_not_loaded_cannot_be_changed(tmp_path: Path) -> None:
    tree = ast.parse(SOURCE)
    (mutant, *_) = [one for one in mutants(tree) if one.name == "may"]
    with pytest.raises(LookupError):
        graft(mutant, tree, tmp_path / "nowhere.py", Live())


STRONG = """
    import pytest
    from counted import may, LIMIT

    @pytest.mark.parametrize(("count", "yes"), [(2, True), (3, False)])
    def test_may(count, yes):
        assert may(count) is yes

    def test_limit():
        assert LIMIT == 3
"""
WEAK = "from counted import may\n\ndef test_may():\n    may(2)\n"
LONG = "from counted import wait\n\ndef test_wait():\n    assert wait() == 3\n"
FAILS = "def test_fails():\n    assert False\n"
COUNTED = """
    LIMIT = 3

    def may(count):
        return True if count < LIMIT else False

    def unseen():
        return 17
"""
WAITS = "def wait():\n    n = 0\n    while n < 3:\n        n += 1\n    return n\n"
PLAY = """
import json
import sys
from collections import Counter
from pathlib import Path
from tests.mutation import reach, trial
reach.GRACE, reach.PATIENCE = 1.0, 1.0
options = json.loads(sys.argv[1])
if "keep" in options:
    options["keep"] = Path(options["keep"])
one = trial.Trial(modules=["bot/counted.py"], root=Path.cwd(), **options)
trial.run(one, ["tests/test_counted.py"])
print(len(one.reach.seconds), "tests were run")
print(sorted(Counter(verdict.outcome for verdict in one.verdicts).items()), one.there_are.total())
"""


def played(tmp_path: Path, source: str, tests: str, **options: object) -> subprocess.CompletedProcess[str]:
    """A small module and its tests, put through the trial in a process of their own."""
    for folder in ("bot", "tests"):
        (tmp_path / folder).mkdir(exist_ok=True)
    (tmp_path / "bot" / "counted.py").write_text(textwrap.dedent(source), encoding="utf-8")
    (tmp_path / "tests" / "test_counted.py").write_text(textwrap.dedent(tests), encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-c", PLAY, json.dumps({"workers": 1, **options})],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{ROOT}:{tmp_path / 'bot'}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_a_strong_test_notices_and_a_weak_one_does_not(tmp_path: Path) -> None:
    strong, weak = (played(tmp_path, COUNTED, tests).stdout for tests in (STRONG, WEAK))
    assert strong.splitlines()[-1] == "[('killed', 8), ('not reached', 2)] 10"
    outcomes = dict(ast.literal_eval(weak.splitlines()[-1].rpartition(" ")[0]))
    assert outcomes["survived"] >= 6
    assert outcomes["not reached"] == 2


def test_a_sample_is_a_part(tmp_path: Path) -> None:
    said = played(tmp_path, COUNTED, STRONG, sample=4).stdout.splitlines()[-1]
    outcomes, _, there_are = said.rpartition(" ")
    assert (sum(dict(ast.literal_eval(outcomes)).values()), there_are) == (4, "10")


def test_a_run_that_has_no_minutes_left_tries_nothing(tmp_path: Path) -> None:
    assert played(tmp_path, COUNTED, STRONG, minutes=0).stdout.splitlines()[-1] == "[] 10"


def test_what_never_ends_is_ended(tmp_path: Path) -> None:
    said = played(tmp_path, WAITS, LONG)
    assert dict(ast.literal_eval(said.stdout.splitlines()[-1].rpartition(" ")[0]))["out of time"] >= 1


@pytest.mark.parametrize("workers", [1, 4])
def test_so_many_at_a_time_change_nothing(tmp_path: Path, workers: int) -> None:
    said = played(tmp_path, COUNTED, STRONG, workers=workers).stdout.splitlines()
    assert said[-1] == "[('killed', 8), ('not reached', 2)] 10"


#: Both pass when nothing is planted yet.
SOMETIMES = """
    from pathlib import Path
    from counted import may

    def test_sometimes():
        may(2)
        times = Path("times")
        before = times.read_text() if times.exists() else ""
        times.write_text(before + "x")
        assert len(before) % 2 == 0
"""
ONLY_THERE = """
    import os
    from counted import may
    HERE = os.getpid()

    def test_only_there():
        may(2)
        assert os.getpid() == HERE
"""


@pytest.mark.parametrize("tests", [SOMETIMES, ONLY_THERE])
def test_a_test_that_fails_without_the_mutant_too_has_noticed_nothing(tmp_path: Path, tests: str) -> None:
    said = played(tmp_path, COUNTED, tests).stdout.splitlines()
    assert set(dict(ast.literal_eval(said[-1].rpartition(" ")[0]))) == {"survived", "not reached"}


def test_what_is_kept_is_tried_again_only_when_something_changed(tmp_path: Path) -> None:
    def run(source: str, tests: str) -> list[str]:
        return played(tmp_path, source, tests, keep="kept/counted.jsonl").stdout.splitlines()[-2:]

    first = run(COUNTED, STRONG)
    assert first == ["3 tests were run", "[('killed', 8), ('not reached', 2)] 10"]
    assert run(COUNTED, STRONG) == ["0 tests were run", first[1]]
    assert run(COUNTED, STRONG + "    assert may(2)\n")[0] == "3 tests were run"
    assert run(COUNTED + "\n    MORE = frozenset()\n", STRONG)[0] == "3 tests were run"


def test_a_run_that_was_broken_off_goes_on(tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    whole = played(tmp_path, COUNTED, STRONG, keep=str(kept)).stdout.splitlines()[-1]
    first, *_ = kept.read_text(encoding="utf-8").splitlines()
    kept.write_text(f"{first}\n{first[:40]}", encoding="utf-8")
    assert played(tmp_path, COUNTED, STRONG, keep=str(kept)).stdout.splitlines()[-1] == whole
    assert len(kept.read_text(encoding="utf-8").splitlines()) == 10


def test_what_there_was_no_time_to_try_again_counts_as_it_was(tmp_path: Path) -> None:
    """Only what was noticed stays valid: without the others the score would be too good."""
    keep = str(tmp_path / "kept.jsonl")
    whole = played(tmp_path, COUNTED, WEAK, keep=keep).stdout.splitlines()[-1]
    assert "survived" in whole
    hurried = played(tmp_path, COUNTED, WEAK + "\n    # changed\n", keep=keep, minutes=0)
    assert hurried.stdout.splitlines()[-1] == whole


def test_what_was_not_noticed_is_tried_again_when_anything_changed(tmp_path: Path) -> None:
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "one.py").write_text("", encoding="utf-8")
    kept = Kept(path=tmp_path / "kept", root=tmp_path)
    noticed, not_noticed = ("bot/one.py", "f", "a → b", 0), ("bot/one.py", "f", "a → b", 1)
    kept.keep(noticed, "killed", "tests/test_one.py::test_it", 0.1)
    kept.keep(not_noticed, "survived", "", 0.1)
    assert kept.still(noticed)
    assert kept.still(not_noticed)
    (tmp_path / "bot" / "two.py").write_text("", encoding="utf-8")
    kept = Kept(path=tmp_path / "kept", root=tmp_path)
    assert kept.still(noticed)
    assert kept.still(not_noticed) is None
    assert kept.hint(noticed) == "tests/test_one.py::test_it"
    assert kept.hint(not_noticed) == ""


def test_tests_that_fail_by_themselves_prove_nothing(tmp_path: Path) -> None:
    said = played(tmp_path, COUNTED, FAILS)
    assert said.returncode == 1
    assert "the tests fail without any mutant" in said.stderr


def row(**counts: int) -> Row:
    return Row(
        name="x", there_are=200, counts=Counter({name.replace("_", " "): n for name, n in counts.items()})
    )


def test_the_score_leaves_out_only_what_changes_nothing() -> None:
    one = row(killed=80, out_of_time=10, survived=5, not_reached=5, equivalent=10)
    assert (one.tried, one.noticed, one.score) == (110, 90, 0.9)
    assert one.line() == "| x | 200 | 110 | 80 | 10 | 10 | 10 | 90.0% |"
    assert row().score == 1.0
    assert row().line() == "| x | 200 | 0 | 0 | 0 | 0 | 0 |  |", "what was not tried has no score"


def test_the_interval_is_wilsons() -> None:
    low, high = row(killed=90, survived=10).interval()
    assert (round(low, 3), round(high, 3)) == (0.826, 0.945)
    assert row().interval() == (0.0, 1.0)


def test_the_table_stands_in_the_place_of_its_area(tmp_path: Path) -> None:
    (area, *_) = AREAS
    where = tmp_path / "page.md"
    where.write_text(f"<!-- measured: mutation-{area.name} -->\nold\n<!-- end -->\n", encoding="utf-8")
    score.record(area, score.table(area, [row(killed=90, survived=10)], 7, 60.0), where)
    text = where.read_text(encoding="utf-8")
    assert "old" not in text
    assert "| x | 200 | 100 | 90 | 0 | 0 | 10 | 90.0% |" in text
    assert "(seed 7): with 95 %, 82.6% to 94.5%" in text
    assert f"`make mutation AREA={area.name}`: " in text
    limited = score.table(area, [row(killed=90, survived=10)], 7, 60.0, " --minutes 5")
    assert limited[0].startswith(f"`python -m tests.mutation {area.name} --minutes 5`: ")


@pytest.mark.parametrize("area", AREAS, ids=lambda area: area.name)
def test_each_area_is_there_and_has_its_place_on_the_page(area) -> None:
    assert area.files()
    for test in (*area.tests, *area.but):
        file, _, name = test.partition("::")
        assert name in (ROOT / file).read_text(encoding="utf-8") if name else (ROOT / file).exists()
    assert f"<!-- measured: mutation-{area.name} -->" in page.PAGE.read_text(encoding="utf-8")


def test_no_mutant_that_changes_nothing_is_named_in_vain() -> None:
    known = {
        module: mutants(ast.parse((ROOT / module).read_text(encoding="utf-8")))
        for module, _, _ in score.EQUIVALENT
    }
    there = {(module, one.name, one.told()) for module, found in known.items() for one in found}
    assert set(score.EQUIVALENT) - there == set()
