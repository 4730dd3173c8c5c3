"""That the check of the lock file can fail, and never says "nothing" when it was told nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.audit.__main__ import CLEAN, ENOUGH, FOUND, ROOT, UNKNOWN, main, pins

GOOD = {"info": {"yanked": False}, "vulnerabilities": []}
HOLE = {
    "id": "PYSEC-2026-1",
    "aliases": ["CVE-2026-0001"],
    "fixed_in": ["1.1"],
    "summary": "The brindlecove\nparser runs what it reads.",
    "withdrawn": None,
}
HOLED = GOOD | {"vulnerabilities": [HOLE]}
YANKED = GOOD | {"info": {"yanked": True, "yanked_reason": "broken wheel"}}


class Registry:
    """Answers like pypi.org/pypi, on loopback, with what it was told to say."""

    def __init__(self) -> None:
        self.says: dict[str, object] = {}
        self.asked: list[str] = []
        registry = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                release = self.path.removeprefix("/pypi/").removesuffix("/json")
                registry.asked.append(release)
                said = registry.says.get(release)
                body = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(404 if said is None else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.address = f"http://127.0.0.1:{self.server.server_port}/pypi"


@pytest.fixture
def registry() -> Iterator[Registry]:
    one = Registry()
    serving = threading.Thread(target=one.server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    yield one
    one.server.shutdown()
    one.server.server_close()
    serving.join(10)


@pytest.fixture
def audit(tmp_path: Path, registry: Registry):
    def go(says: dict[str, object], accepted: str = "", address: str = "") -> int:
        registry.says = says
        lock, project = tmp_path / "requirements.lock", tmp_path / "pyproject.toml"
        lines = [
            f"{release.replace('/', '==')} ; os_name == 'nt' \\\n    --hash=sha256:00" for release in says
        ]
        lock.write_text("\n".join(["# made by a program", *lines, ""]), encoding="utf-8")
        project.write_text(accepted, encoding="utf-8")
        where = ["--lock", str(lock), "--project", str(project), "--registry", address or registry.address]
        return main([*where, "--today", "2026-11-22"])

    return go


def acceptance(name: str, until: str) -> str:
    return f'[[tool.audit.accepted]]\nid = "{name}"\nreason = "we never parse"\nuntil = {until}\n'


def test_nothing_known_is_said_when_each_was_asked_for(audit, registry, capsys):
    assert audit({"good/1.0": GOOD, "other-one/2.0.post1": GOOD}) == CLEAN
    assert registry.asked == ["good/1.0", "other-one/2.0.post1"]
    assert "nothing is known against any of the 2" in capsys.readouterr().out


def test_a_planted_vulnerable_release_is_reported(audit, capsys):
    assert audit({"good/1.0": GOOD, "holed/1.0": HOLED}) == FOUND
    out = capsys.readouterr().out
    assert "holed 1.0: PYSEC-2026-1, CVE-2026-0001; mended in 1.1" in out
    assert "The brindlecove parser runs what it reads." in out
    assert "make lock" in out


def test_a_release_that_was_taken_back_is_reported(audit, capsys):
    assert audit({"gone/1.0": YANKED}) == FOUND
    assert "gone 1.0: yanked\n    taken back by its authors: broken wheel" in capsys.readouterr().out


def test_what_the_registry_withdrew_counts_no_more(audit):
    withdrawn = GOOD | {"vulnerabilities": [HOLE | {"withdrawn": "2026-02-01T00:00:00Z"}]}
    assert audit({"holed/1.0": withdrawn}) == CLEAN


@pytest.mark.parametrize(
    "said", [None, b"<html>", {}, {"info": {"yanked": False}}, [], GOOD | {"info": None}]
)
def test_no_answer_is_not_nothing_known(audit, capsys, said):
    assert audit({"good/1.0": GOOD, "silent/1.0": said}) == UNKNOWN
    told = capsys.readouterr()
    assert "NOT CHECKED: 1 of 2 releases" in told.err
    assert "nothing is known against" not in told.out


def test_nor_is_a_registry_that_is_away(audit, registry, capsys):
    registry.server.socket.close()
    assert audit({"good/1.0": GOOD}, address="http://127.0.0.1:1/pypi") == UNKNOWN
    assert "NOT CHECKED: 1 of 1 releases got no answer" in capsys.readouterr().err


def test_a_registry_that_is_away_is_not_asked_for_each(audit, registry, capsys):
    assert audit({f"silent/{n}": None for n in range(3 * ENOUGH)}) == UNKNOWN
    assert len(registry.asked) == ENOUGH
    assert f"NOT CHECKED: {3 * ENOUGH} of {3 * ENOUGH}" in capsys.readouterr().err


def test_a_finding_counts_more_than_a_silence(audit, capsys):
    assert audit({"silent/1.0": None, "holed/1.0": HOLED}) == FOUND
    assert "NOT CHECKED: 1 of 2" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["PYSEC-2026-1", "CVE-2026-0001"])
@pytest.mark.parametrize(("until", "status"), [("2026-11-22", CLEAN), ("2026-11-21", FOUND)])
def test_a_finding_is_accepted_by_name_and_until_a_day(audit, capsys, name, until, status):
    assert audit({"holed/1.0": HOLED}, acceptance(name, until)) == status
    assert ("accepted until 2026-11-22, we never parse" in capsys.readouterr().out) == (status == CLEAN)


def test_a_release_taken_back_is_accepted_by_its_package(audit):
    assert audit({"gone/1.0": YANKED}, acceptance("yanked:gone", "2026-12-01")) == CLEAN
    assert audit({"gone/1.0": YANKED}, acceptance("yanked:other", "2026-12-01")) == FOUND


def test_an_acceptance_of_nothing_is_named(audit, capsys):
    assert audit({"good/1.0": GOOD}, acceptance("PYSEC-2020-9", "2026-12-01")) == CLEAN
    assert "PYSEC-2020-9 is accepted in pyproject.toml and not met" in capsys.readouterr().out


@pytest.mark.parametrize("lacking", ["id", "reason", "until"])
def test_an_acceptance_says_what_why_and_until_when(audit, capsys, lacking):
    lines = acceptance("PYSEC-2026-1", "2026-12-01").splitlines()
    with pytest.raises(SystemExit) as end:
        audit({"holed/1.0": HOLED}, "\n".join(line for line in lines if not line.startswith(lacking)))
    assert end.value.code == 2
    assert "needs id, reason and until" in capsys.readouterr().err


def test_our_own_lock_is_read_whole():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    found = pins(ROOT / "requirements.lock")
    assert len(found) == sum(line[:1].isalnum() for line in text.splitlines())
    assert "jinja2" in dict(found)


def test_a_line_that_pins_nothing_is_an_error(tmp_path):
    lock = tmp_path / "lock"
    lock.write_text("good==1.0\nother @ https://packages.brindlecove.example/other.whl\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"lock:2: not of the form name==version: other @"):
        pins(lock)
