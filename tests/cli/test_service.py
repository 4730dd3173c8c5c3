"""The systemd unit: what systemd itself says of it, and that it fits every home."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bot.edge.files import load_settings
from bot.edge.systemd import SIGNATURE, Unit, unit_text
from bot.errors import NotPossible
from tests.cli.conftest import Typed, write_home
from tests.servers.programs import program

#: On systemd's scale from 0 (locked in) to 10; the network and its own files are what it needs.
MOST_EXPOSED = "2.0"


def lines_of(text: str) -> dict[str, list[str]]:
    """Key → values, without comments."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def written(home: Path, tmp_path: Path, *flags: str) -> tuple[Path, str]:
    target = tmp_path / "units" / "rejoinder.service"
    done = Typed(home)("service", "unit", *flags, "--write", str(target))
    assert done.status == 0, done.err
    return target, target.read_text()


def test_it_starts_this_home_and_may_write_its_state_only(home: Path, tmp_path: Path) -> None:
    _, text = written(home, tmp_path)
    unit = lines_of(text)
    assert unit["ExecStart"][0].endswith(f" run --home {home}")
    assert Path(unit["ExecStart"][0].split()[0]).is_absolute()
    assert unit["ReadWritePaths"] == [str(home / "state")]
    assert unit["ProtectSystem"] == ["strict"]
    assert unit["NoNewPrivileges"] == ["yes"]
    assert unit["User"] == [home.owner()]
    assert unit["RestrictAddressFamilies"] == ["AF_INET AF_INET6 AF_UNIX"]
    assert unit["SystemCallFilter"][0] == "@system-service"
    assert unit["KillSignal"] == ["SIGTERM"]
    assert int(unit["TimeoutStopSec"][0]) > 600
    assert unit["Restart"] == ["on-failure"]
    assert "RestartSec" in unit
    assert int(unit["MemoryMax"][0].removesuffix("M")) >= 3 * 512  # the daemon, and two workers of an account
    assert "#LoadCredential=shop:/etc/rejoinder/shop.password" in text


def test_systemd_itself_finds_no_fault(home: Path, tmp_path: Path) -> None:
    analyze = program("systemd-analyze", "systemd")
    target, _ = written(home, tmp_path)
    done = subprocess.run([analyze, "verify", target], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_systemd_itself_calls_it_safe(home: Path, tmp_path: Path) -> None:
    analyze = program("systemd-analyze", "systemd")
    target, _ = written(home, tmp_path)
    threshold = str(int(float(MOST_EXPOSED) * 10))
    done = subprocess.run(
        [analyze, "security", "--offline=yes", f"--threshold={threshold}", target],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-400:]


def test_for_a_users_own_manager(home: Path, tmp_path: Path) -> None:
    analyze = program("systemd-analyze", "systemd")
    target, text = written(home, tmp_path, "--user")
    unit = lines_of(text)
    assert "User" not in unit
    assert unit["WantedBy"] == ["default.target"]
    assert unit["PrivateUsers"] == ["yes"]  # without it, a user's manager cannot protect files
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    done = subprocess.run(
        [analyze, "--user", "verify", target],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "XDG_RUNTIME_DIR": str(runtime), "HOME": str(tmp_path)},
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["my home", 'a"b', "100% sure", "it's $HOME", "back\\slash", "semi;colon"])
def test_odd_names_of_folders(tmp_path: Path, name: str) -> None:
    analyze = program("systemd-analyze", "systemd")
    home = write_home(tmp_path / name)
    target, text = written(home, tmp_path)
    done = subprocess.run([analyze, "verify", target], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    assert "%" not in name or "100%% sure" in text
    assert "$" not in name or "$$HOME" in text


def test_a_control_character_in_a_path_is_refused(tmp_path: Path) -> None:
    settings = load_settings(write_home(tmp_path / "two\nlines"))
    with pytest.raises(NotPossible, match="control character"):
        unit_text(Unit(program=("/usr/bin/rejoinder",), settings=settings, owner="anna"))


@pytest.mark.parametrize(
    ("where", "answer"), [("/usr/bin/rejoinder", "yes"), ("/home/anna/.local/bin/rejoinder", "read-only")]
)
def test_homes_are_hidden_unless_they_are_needed(home: Path, where: str, answer: str) -> None:
    text = unit_text(Unit(program=(where,), settings=load_settings(home), owner="anna"))
    assert lines_of(text)["ProtectHome"] == [answer]
    assert lines_of(text)["PrivateTmp"] == ["no"]  # this home lies in a folder of pytest's


def test_only_a_unit_of_ours_is_written_over(home: Path, tmp_path: Path) -> None:
    target, text = written(home, tmp_path)
    assert text.startswith(SIGNATURE)
    assert written(home, tmp_path) == (target, text)
    target.write_text("[Service]\nExecStart=/bin/true\n")
    done = Typed(home)("service", "unit", "--write", str(target))
    assert done.status == 1
    assert "left alone" in done.err
    assert target.read_text().startswith("[Service]")


def test_what_is_still_missing_is_said(home: Path) -> None:
    done = Typed(home)("service", "unit")
    assert done.status == 0
    assert "install -d -m 700" in done.err
    (home / "state").mkdir()
    assert "install -d" not in Typed(home)("service", "unit").err
