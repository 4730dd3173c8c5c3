"""The rules of the house that no tool knows: where the world begins, which words, what goes together."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.case import events as e
from bot.case.reasons import REASON_TEXT, Reason
from bot.case.states import REMARKS, TRANSITIONS, WORLD
from bot.edge.home import load_home
from bot.evidence.timeline import timeline
from tests.case.table import sample_event
from tests.samples import sample_case

ROOT = Path(__file__).resolve().parent.parent
PURE = ("mail", "notice", "reply", "reading", "case", "evidence", "draft", "review.py")
#: Third-party packages that a room may import, by their import names. Rooms not named here: none.
ALLOWED = {
    "mail": {
        "ahocorasick_rs",
        "dkim",
        "mailparser",
        "flufl",
        "pypdf",
        "selectolax",
        "publicsuffixlist",
        "re2",
    },
    "notice": {"pydantic"},
    "reading": {"re2", "pydantic"},
    "case": {"holidays"},
    "draft": {"jinja2"},
    "settings": {"pydantic", "pydantic_core", "ruamel"},
    "edge": {
        "aiosmtplib",
        "dns",
        "holidays",
        "imapclient",
        "pydantic",
        "sqlalchemy",
        "structlog",
        "tenacity",
    },
    "demo": {"aiosmtpd", "imapclient", "proxyprotocol", "pymap", "pysasl", "ruamel", "structlog"},
    "cli": {"click"},
    "daemon.py": {"structlog"},
}
FORBIDDEN_WORDS = re.compile(r"(?:^|_)(?:utils?|helpers?|managers?|handlers?|jobs?|tasks?|tickets?)(?:_|$)")


@cache
def modules() -> tuple[Path, ...]:
    return tuple(sorted(p for p in (ROOT / "bot").rglob("*.py") if "defaults" not in p.parts))


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def room(file: Path) -> str:
    return file.relative_to(ROOT / "bot").parts[0]


def named(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def pure_modules() -> list[Path]:
    return [file for file in modules() if room(file) in PURE]


def imported(file: Path) -> Iterator[str]:
    """Import names of the packages that a module imports, wherever in it."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def test_there_is_something_to_look_at():
    assert len(modules()) > 100
    assert {room(file) for file in pure_modules()} == set(PURE)


def test_every_module_says_in_one_sentence_what_it_is_for():
    odd = []
    for file in modules():
        first = (ast.get_docstring(tree(file)) or "").split("\n\n")[0].strip()
        if not first or "\n" in first or first[-1] not in ".:" or first[0] != first[0].upper():
            odd.append((named(file), first))
    assert odd == []


def test_pure_rooms_neither_open_files_nor_ask_for_the_time():
    seen = []
    for file in pure_modules():
        for node in ast.walk(tree(file)):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            ends = called.rpartition(".")[2]
            if called in ("open", "input", "print", "eval", "exec") or ends in ("utcnow", "today", "now"):
                seen.append((named(file), node.lineno, called))
    assert seen == []


def test_names_are_the_words_of_the_field():
    odd = []
    for file in modules():
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        names = [file.stem, *(node.name for node in ast.walk(tree(file)) if isinstance(node, kinds))]
        words = [re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() for name in names]
        odd += [(named(file), word) for word in words if FORBIDDEN_WORDS.search(word)]
    assert odd == []


def test_no_module_grows_beyond_what_one_can_keep_in_mind():
    long = {named(file): n for file in modules() if (n := file.read_text().count("\n")) > 500}
    assert long == {}


def test_each_room_uses_only_the_libraries_it_may():
    odd = []
    for file in modules():
        allowed = ALLOWED.get(room(file), set()) | {"bot"}
        used = {name for name in imported(file) if name not in sys.stdlib_module_names}
        odd += [(named(file), name) for name in sorted(used - allowed)]
    assert odd == []


def test_every_library_a_room_may_use_is_used():
    used = {(room(file), name) for file in modules() for name in imported(file)}
    unused = [
        (where, name) for where, names in ALLOWED.items() for name in names if (where, name) not in used
    ]
    assert unused == []


# ------------------------------------------------------------------------------- what goes together


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory):
    home = tmp_path_factory.mktemp("home")
    (home / "rejoinder.yaml").write_text("accounts: {}\n", encoding="utf-8")
    return load_home(home, environment={})


def test_every_step_has_a_template_in_every_language(shipped):
    steps = {step.template for playbook in shipped.playbooks.values() for step in playbook.steps}
    missing = [
        f"{language}/{step}"
        for language in shipped.templates.languages
        for step in sorted(steps)
        if shipped.templates.source(step, language) is None
    ]
    assert steps
    assert missing == []


def test_every_step_and_right_has_its_words_in_every_language(shipped):
    steps = {f"step.{step.name}" for playbook in shipped.playbooks.values() for step in playbook.steps}
    words = {language: set(shipped.templates.words(language)) for language in shipped.templates.languages}
    assert {language: sorted(steps - known) for language, known in words.items() if steps - known} == {}
    assert len({frozenset(known) for known in words.values()}) == 1, (
        "the files of words name different things"
    )


def test_every_reason_has_a_sentence():
    assert set(REASON_TEXT) == set(Reason)
    assert [text for text in REASON_TEXT.values() if not text.strip() or text.endswith(".")] == []


@pytest.mark.parametrize("kind", e.EVENTS, ids=lambda kind: kind.__name__)
def test_every_event_is_told_in_words(kind: type[e.Event]):
    line = timeline(sample_case(), [sample_event(kind)], [])[-1]
    assert line.text != kind.__name__
    assert line.text[:1].islower() or line.text.startswith(("TEST", "Amazon"))


def test_every_event_is_in_the_table_or_named_beside_it():
    in_table = {kind for moves in TRANSITIONS.values() for kind in moves}
    beside = set(WORLD) | REMARKS | {e.TrackStarted, e.CaseClosed}
    assert in_table | beside == set(e.EVENTS)
    assert in_table & beside == set()


# --------------------------------------------------------------------------------------- the tree itself


@cache
def committed() -> tuple[str, ...]:
    """Files that git knows; in an unpacked sdist, all that is there."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, check=True,
        ).stdout.decode()  # fmt: skip
        return tuple(sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file()))
    except (OSError, subprocess.CalledProcessError):
        files = (p.relative_to(ROOT) for p in ROOT.rglob("*") if p.is_file())
        return tuple(sorted(p.as_posix() for p in files if not any(x.startswith(".") for x in p.parts)))


def test_no_path_of_a_machine_is_in_the_tree():
    pattern = re.compile(rb"/(?:work/|home/(?!anna/)[a-z]|Users/|root/)")
    found = [name for name in committed() if pattern.search((ROOT / name).read_bytes())]
    assert found == []


def test_the_pinned_dependencies_name_no_place_to_fetch_from():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert re.findall(r"https?://|--index-url|--extra-index-url|--find-links|@ file", text) == []
    pinned = re.findall(r"^([a-z0-9._-]+)==\S+", text, re.M)
    assert len(pinned) > 40
    assert text.count("--hash=sha256:") >= len(pinned)


def test_state_is_never_committed():
    assert [name for name in committed() if name.startswith("state/")] == ["state/README.md"]


def test_every_mail_of_the_corpus_comes_with_what_is_expected_of_it():
    folder = ROOT / "tests" / "corpus"
    mails = {file.stem for file in folder.glob("*.eml")}
    told = {file.stem for file in folder.glob("*.json")}
    assert len(mails) > 20
    assert mails == told


def test_parties_of_the_corpus_are_invented():
    address = re.compile(rb"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
    genuine = re.compile(r"(?:^|\.)amazon\.[a-z.]+$|amazonses\.com$")
    odd = set()
    for file in (ROOT / "tests" / "corpus").glob("*.eml"):
        for domain in address.findall(re.sub(rb"=\r?\n", b"", file.read_bytes())):
            text = domain.decode("ascii", "replace").lower()
            if not re.search(
                r"\.(example|test|invalid)$|^example\.(com|net|org)$", text
            ) and not genuine.search(text):
                odd.add((file.name, text))
    assert sorted(odd) == []
