"""What we ship: the wheel works in an empty environment, and neither it nor the sdist carries too much."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
ROOT = Path(__file__).resolve().parent.parent


def run(command: Sequence[str | Path], cwd: Path, *, timeout: int = 120) -> str:
    """Standard output of a program, in an environment that knows nothing of this checkout."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "REJOINDER", "VIRTUAL_ENV"))}
    done = subprocess.run(command, cwd=cwd, env=kept, capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one wheel and one sdist of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    build = [
        sys.executable,
        "-m",
        "build",
        "--no-isolation",
        "--outdir",
        folder,
    ]  # the wheel out of the sdist
    run([*build, ROOT], folder)
    return folder


def wheel_in(folder: Path) -> Path:
    (wheel,) = folder.glob("rejoinder-*.whl")
    return wheel


def test_the_wheel_carries_code_rules_and_templates_and_nothing_else(built: Path) -> None:
    with zipfile.ZipFile(wheel_in(built)) as wheel:
        names = set(wheel.namelist())
    tops = {name.partition("/")[0] for name in names}
    assert {re.sub(r"-[0-9.]+(?=\.dist-info)", "", top) for top in tops} == {"bot", "rejoinder.dist-info"}
    for folder, ending in (("rules", "yaml"), ("templates", "txt")):
        here = {p.relative_to(ROOT).as_posix() for p in (ROOT / folder).rglob(f"*.{ending}")}
        assert here <= {name.removeprefix("bot/defaults/") for name in names}
    odd = [
        n for n in names if re.search(r"(^|/)(tests?|state|docs|benchmarks|__pycache__)/|\.(db|eml|pyc)$", n)
    ]
    assert odd == []
    assert "bot/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_sdist_carries_what_is_needed_to_build_and_test(built: Path) -> None:
    (sdist,) = built.glob("rejoinder-*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    tops = {name.partition("/")[0] for name in names}
    assert tops <= {
        "bot", "rules", "templates", "docs", "tests", "state", "README.md", "CHANGELOG.md", "LICENSE",
        "rejoinder.yaml", "pyproject.toml", "PKG-INFO", ".gitignore", "Makefile", "requirements.lock",
        "benchmarks", "Containerfile", ".dockerignore",
    }  # fmt: skip
    assert {"bot", "rules", "templates", "docs", "tests", "Makefile", "requirements.lock", "LICENSE"} <= tops
    assert [name for name in names if name.startswith("state/")] == ["state/README.md"]
    assert [name for name in names if name.endswith((".db", ".pyc", ".db-wal"))] == []


def test_the_wheel_works_in_an_empty_environment(built: Path, tmp_path: Path) -> None:
    """Installed with pip as a user would, at the pinned versions, it plays the demo to its end."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = re.findall(r"^([A-Za-z0-9._-]+==[^\s;\\]+(?:\s*;[^\n\\]+)?)", lock, re.M)
    assert len(pinned) > 40
    constraints = tmp_path / "constraints.txt"
    constraints.write_text("\n".join(pinned) + "\n", encoding="utf-8")
    venv.create(tmp_path / "venv", with_pip=True)
    programs = tmp_path / "venv" / "bin"
    pip = [programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--constraint", constraints, f"{wheel_in(built)}[demo]"], tmp_path, timeout=240)

    where = run([programs / "python", "-c", "import bot; print(bot.__file__)"], tmp_path)
    assert Path(where.strip()).is_relative_to(tmp_path / "venv")
    home = tmp_path / "home"
    home.mkdir()
    (home / "rejoinder.yaml").write_text("accounts: {}\n", encoding="utf-8")
    run([programs / "rejoinder", "--home", home, "check"], tmp_path)

    lines = run([programs / "rejoinder", "demo", "--auto"], tmp_path, timeout=180).strip().splitlines()
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    shown = page.partition('```text title="demo"\n')[2].partition("\n```")[0].splitlines()
    told = [line for line in shown if line not in ("…", "")]
    assert len(told) > 5
    assert [line for line in told if line not in lines] == [], (
        "copy the screen of the demo into the page anew"
    )
    summary = json.loads(lines[-1])
    assert summary["cc_amazon"] is True
    assert list((tmp_path / "venv").rglob("rejoinder.db")) == []
