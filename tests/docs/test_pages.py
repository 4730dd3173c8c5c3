"""The pages hang together: links lead somewhere, commands exist, words and standards are the code's."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.cli.root import COMMANDS
from bot.edge import places
from tests.docs.recipes import DOCS

ROOT = DOCS.parent
PAGES = sorted(
    [*DOCS.glob("*.md"), *ROOT.glob("*.md"), ROOT / "tests" / "README.md", ROOT / "state" / "README.md"]
)
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}


def prose(text: str) -> str:
    """A page without its code blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.S | re.M)


@pytest.mark.parametrize("name", TEXTS)
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)#\s]+)\)", prose(TEXTS[name]))
    broken = [x for x in links if "://" not in x and not (ROOT / name).parent.joinpath(x).exists()]
    assert broken == []


def test_the_index_names_every_page() -> None:
    linked = set(re.findall(r"\]\(([a-z-]+\.md)\)", TEXTS["docs/README.md"]))
    assert linked == {page.name for page in DOCS.glob("*.md")} - {"README.md"}


@pytest.mark.parametrize("name", TEXTS)
def test_named_modules_and_folders_exist(name: str) -> None:
    named = re.findall(r"`((?:bot|tests|rules|templates|docs)/[\w/.-]+)`", prose(TEXTS[name]))
    made = {"docs/performance.md"}
    examples = re.compile(r"/(NAME|TAG|NN)|plant-variety|routing\.yaml|journal")
    missing = [x for x in named if not (ROOT / x).exists() and x not in made and not examples.search(x)]
    assert missing == []


def test_only_commands_that_exist_are_named_anywhere() -> None:
    """In pages, in sentences of the program, in files that we ship."""
    known = {name for section in COMMANDS.values() for name in section} | {"--home", "--version", "--help"}
    files = [
        *ROOT.glob("bot/**/*.py"),
        *ROOT.glob("rules/**/*.yaml"),
        *ROOT.glob("templates/**/*.txt"),
        *PAGES,
    ]
    files += [ROOT / "rejoinder.yaml", ROOT / "Makefile"]
    odd = []
    for file in files:
        typed = re.findall(
            r"(?:`|\$ |: )rejoinder (-{0,2}[a-z]+(?:-[a-z]+)*)", file.read_text(encoding="utf-8")
        )
        odd += [(file.relative_to(ROOT).as_posix(), word) for word in typed if word not in known]
    assert odd == []


def test_only_make_targets_that_exist_are_named() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.M))
    named = {word for text in TEXTS.values() for word in re.findall(r"(?:`|^)make ([a-z]+)", text, re.M)}
    assert {"demo", "test", "check"} <= named <= targets
    assert set(re.findall(r"echo 'make ([a-z]+) ", makefile)) | {"help", "install"} == targets


def test_every_standard_that_the_code_cites_has_a_line() -> None:
    code = "\n".join(file.read_text(encoding="utf-8") for file in ROOT.glob("bot/**/*.py"))
    cited = set(re.findall(r"RFCs? ?(\d{4})\b", code))
    told = set(re.findall(r"^\| RFC (\d+) \|", TEXTS["docs/standards.md"], re.M))
    #: Names for examples (2606, 6761), a hint on deleting (2180), response codes (5530): nothing to keep.
    assert cited - told <= {"2606", "6761", "2180", "5530"}


def test_every_standard_has_a_status_and_a_place() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|([^|]*)\|$", TEXTS["docs/standards.md"], re.M)[2:]
    assert len(rows) > 30
    assert {status.strip() for _, _, status, _ in rows} == {"yes", "partial", "no"}
    assert [name for name, _, status, where in rows if status.strip() == "yes" and "bot/" not in where] == []


def test_each_word_of_the_glossary_stands_in_its_sentence() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+\.) \|$", TEXTS["docs/glossary.md"], re.M)
    words = [word for word, _ in rows]
    assert len(words) > 40
    assert words == sorted(words, key=str.casefold)
    assert len(set(words)) == len(words)
    assert [
        word for word, sentence in rows if f"*{word}*" not in sentence and f"*{word}s*" not in sentence
    ] == []


def test_pages_keep_to_the_words() -> None:
    odd = re.compile(
        r"\b(e-mail address|email address|simply|easy|easily|seamless\w*|powerful|leverag\w+)\b", re.I
    )
    pages = {name: prose(text) for name, text in TEXTS.items()}
    assert {name: odd.findall(text) for name, text in pages.items() if odd.search(text)} == {}


def test_every_room_is_told_and_no_other() -> None:
    text = TEXTS["docs/architecture.md"]
    told = re.findall(r"^\| `bot/([a-z_.]+)/?` \|", text, re.M)
    here = {p.name for p in (ROOT / "bot").iterdir() if (p / "__init__.py").exists() or p.suffix == ".py"}
    assert sorted(told) == sorted(here - {"__init__.py", "__main__.py"})


def test_the_layers_are_those_that_are_checked() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(one["layers"] for one in contracts["contracts"] if one["type"] == "layers")
    line = re.search(r"`(__main__ →[^`]+)`", TEXTS["docs/architecture.md"])
    assert line is not None
    assert " ".join(line[1].split()).split(" → ") == layers


def test_every_folder_of_tests_is_told() -> None:
    told = TEXTS["tests/README.md"]
    here = {p for p in (ROOT / "tests").iterdir() if p.is_dir() and any(p.rglob("test_*.py"))}
    here |= set((ROOT / "tests").glob("test_*.py"))
    named = {word.partition("/")[0] for word in re.findall(r"`([a-z_/.]+)`", told)}
    assert sorted(p.name for p in here if p.name not in named) == []


def test_what_lies_in_the_state_folder_is_told() -> None:
    names = [word for name, word in vars(places).items() if name.isupper() and isinstance(word, str)]
    assert len(names) >= 3
    assert [name for name in names if f"| `{name}" not in TEXTS["state/README.md"]] == []


def test_hooks_before_a_commit_fetch_nothing() -> None:
    hooks = YAML(typ="safe").load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repo["repo"] for repo in hooks["repos"]] == ["local"]
    entries = [hook["entry"] for repo in hooks["repos"] for hook in repo["hooks"]]
    assert {entry.split()[0].rpartition("/")[2] for entry in entries} == {"ruff", "mypy", "lint-imports"}
    assert {hook["language"] for repo in hooks["repos"] for hook in repo["hooks"]} == {"system"}


def test_the_version_of_the_changelog_is_that_of_the_package() -> None:
    version = re.search(r'^version = "([^"]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.M)
    assert version is not None
    heads = re.findall(r"^## (.+)$", TEXTS["CHANGELOG.md"], re.M)
    assert heads[:2] == ["Unreleased", version[1]]


def test_files_end_as_the_editor_is_told() -> None:
    """What .editorconfig asks of editors, asked of the tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False
    ).stdout.decode()
    text_files = {".py", ".md", ".yaml", ".toml", ".txt", ".json", ".cfg"}
    odd = []
    for name in filter(None, listed.split("\0")):
        file = ROOT / name
        if Path(name).suffix not in text_files or not file.is_file():
            continue
        raw = file.read_bytes()
        if raw and (not raw.endswith(b"\n") or b"\r" in raw or re.search(rb"[ \t]+\n", raw)):
            odd.append(name)
    assert odd == []
