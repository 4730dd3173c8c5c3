"""The container file, as far as that can be told without an engine; CI builds it where there is one."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from bot.cli.root import COMMANDS

ROOT = Path(__file__).resolve().parent.parent


def instructions() -> list[tuple[str, str]]:
    """(instruction, rest), comments taken out and continued lines joined."""
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.M).replace("\\\n", " ")
    return [
        (first, rest.strip()) for first, _, rest in (x.partition(" ") for x in text.splitlines()) if first
    ]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for name, rest in instructions():
        if name == "FROM":
            found.append([])
        found[-1].append((name, rest))
    return found


def last(name: str) -> str:
    return [rest for found, rest in stages()[-1] if found == name][-1]


def test_every_base_is_one_known_version() -> None:
    bases = [rest.split()[0] for name, rest in instructions() if name == "FROM"]
    assert len(bases) == 2
    assert len(set(bases)) == 1  # the environment is made for the very Python that runs it
    for base in bases:
        assert re.fullmatch(r"docker\.io/library/python:3\.\d+\.\d+-slim-[a-z]+", base)


def test_the_last_stage_runs_as_nobody_in_particular() -> None:
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", last("USER"))
    order = [name for name, _ in stages()[-1]]
    assert order.index("USER") > max(n for n, name in enumerate(order) if name in ("RUN", "COPY"))


def test_the_last_stage_holds_no_tools_to_build_with() -> None:
    copied = [rest for name, rest in stages()[-1] if name == "COPY"]
    assert copied == ["--from=build /opt/rejoinder /opt/rejoinder"]
    ran = " ".join(rest for name, rest in stages()[-1] if name == "RUN")
    assert not re.search(r"\b(?:apt|apt-get|pip|gcc|make|git|curl|wget)\b", ran)
    assert "pip uninstall" in " ".join(rest for name, rest in stages()[0] if name == "RUN")


def test_nothing_comes_from_an_address_and_everything_by_its_hash() -> None:
    assert [rest for name, rest in instructions() if name == "ADD"] == []
    assert not re.search(r"https?://|curl|wget", " ".join(rest for _, rest in instructions()))
    built = " ".join(rest for name, rest in stages()[0] if name == "RUN")
    assert "--require-hashes" in built
    assert built.count("--no-index") == 2


def test_no_secret_is_built_in() -> None:
    said = " ".join(rest for name, rest in instructions() if name in ("ENV", "ARG", "LABEL"))
    assert not re.search(r"password|secret|token|key", said, re.I)
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[0] == "*"
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    needed = {word for name, rest in stages()[0] if name == "COPY" for word in rest.split()[:-1]}
    assert let_in == needed
    assert {"state", "rejoinder.yaml", ".git"} & let_in == set()
    assert all((ROOT / name).exists() for name in needed)


def test_it_stops_and_starts_as_the_daemon_wants() -> None:
    assert last("STOPSIGNAL") == "SIGTERM"
    assert json.loads(last("ENTRYPOINT")) == ["rejoinder"]  # a list, so that signals reach the daemon
    (command,) = json.loads(last("CMD"))
    assert command in {name for section in COMMANDS.values() for name in section}


@pytest.mark.parametrize(
    ("answer", "status", "healthy"),
    [
        ('{"items": [], "notes": [{"name": "safe-mode"}]}', 0, True),
        ('{"items": [], "notes": [{"name": "not-read", "text": "…"}]}', 0, False),
        ('{"items": [], "notes": [{"name": "never-read", "text": "…"}]}', 0, False),
        ("", 1, False),
    ],
)
def test_its_health_is_that_of_the_mailbox(tmp_path: Path, answer: str, status: int, healthy: bool) -> None:
    program = tmp_path / "rejoinder"
    program.write_text(
        f"#!/bin/sh\n[ \"$*\" = 'queue --json' ] || exit 9\ncat <<'X'\n{answer}\nX\nexit {status}\n"
    )
    program.chmod(0o755)
    _, _, command = last("HEALTHCHECK").partition(" CMD ")
    done = subprocess.run(["/bin/sh", "-c", command], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=False)
    assert (done.returncode == 0) is healthy
