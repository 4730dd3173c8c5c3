"""`rejoinder alerts test` as it is typed, and what the queue says of a way that fails."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.edge.alerts.health import failing, note
from tests.cli.conftest import ROOT, Typed
from tests.servers.smtp import SmtpServer

SMTP = "smtp: { host: 127.0.0.1, port: "
NOW = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)


def set_alerts(home: Path, alerts: str, smtp_port: int = 1) -> None:
    file = home / "rejoinder.yaml"
    text = file.read_text().replace("smtp: { host: 127.0.0.1, port: 1", SMTP + str(smtp_port))
    file.write_text(f"{text}alerts:\n{alerts}")


def program(home: Path, text: str) -> str:
    (home / "tell.py").write_text(text)
    return f"  command: [{sys.executable}, tell.py]\n"


def test_without_a_way_it_says_so(typed: Typed) -> None:
    done = typed("alerts", "test")
    assert done.status == 1
    assert "sets no way to tell you" in done.err


def test_one_alert_by_every_way(typed: Typed, smtp_server: SmtpServer) -> None:
    way = program(typed.home, "import sys, pathlib; pathlib.Path('got').write_text(sys.stdin.read())")
    set_alerts(typed.home, "  mail: { to: anna@private.example }\n" + way, smtp_server.port)
    (typed.home / "state").mkdir()
    note(typed.home / "state", "mail", "it failed yesterday", NOW)
    done = typed("alerts", "test")
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines() == [
        "mail       ok      accepted by the mail server (250)",
        f"command    ok      the program {sys.executable} ended with 0",
    ]
    (taken,) = smtp_server.received
    assert taken.recipients == ("anna@private.example",)
    assert b"Subject: Rejoinder: a test of the alerts" in taken.data
    assert json.loads((typed.home / "got").read_text())["alerts"][0]["kind"] == "test"
    assert failing(typed.home / "state") == ()


def test_a_way_that_fails_is_named_and_the_others_are_tried(typed: Typed) -> None:
    way = program(typed.home, "raise SystemExit(7)")
    more = "  webhook: { url: 'http://127.0.0.1:1/' }\n  heartbeat: { url: 'http://127.0.0.1:1/' }\n"
    set_alerts(typed.home, "  mail: { to: anna@private.example }\n" + way + more)
    done = typed("alerts", "test", "--json")
    assert done.status == 1
    ended = done.json["channels"]
    assert [(one["channel"], one["ok"]) for one in ended] == [
        ("mail", False), ("command", False), ("webhook", False), ("heartbeat", False),
    ]  # fmt: skip
    assert ended[1]["text"].endswith("ended with 7")
    assert ended[3]["text"] == "127.0.0.1 cannot be reached: Connection refused"


def test_a_party_of_a_case_is_never_sent_an_alert(drafted: Typed, smtp_server: SmtpServer) -> None:
    set_alerts(drafted.home, "  mail: { to: IP@brindlecove.example }\n", smtp_server.port)
    done = drafted("alerts", "test", "--json")
    assert done.status == 1
    assert "is a party of case" in done.json["channels"][0]["text"]
    assert smtp_server.connections == 0


def test_an_address_of_amazons_is_never_sent_an_alert(typed: Typed, smtp_server: SmtpServer) -> None:
    set_alerts(typed.home, "  mail: { to: notice@seller.amazon.de }\n", smtp_server.port)
    done = typed("alerts", "test")
    assert done.status == 1
    assert "an address of Amazon's" in done.out
    assert smtp_server.connections == 0


def test_the_queue_says_that_a_way_fails(drafted: Typed) -> None:
    note(drafted.home / "state", "webhook", "hooks.example answered 404", NOW)
    notes = {one["name"]: one["text"] for one in drafted("queue", "--json").json["notes"]}
    assert notes["alerts-failing"].startswith("You are not told by webhook: hooks.example answered 404 (for ")
    assert "alerts test" in notes["alerts-failing"]


def test_a_daemon_without_a_webhook_or_heartbeat_has_no_http_client() -> None:
    """No URL of a mail can be fetched by a program that cannot fetch."""
    code = (
        "import sys, bot.cli.run, bot.cli.alerting, bot.daemon, bot.wiring, bot.edge.store.writer\n"
        "import bot.edge.imap.source, bot.edge.smtp.sender, bot.edge.worker\n"
        "print([name for name in ('http.client', 'urllib.request') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.timeout(60)
def test_a_daemon_that_ends_because_of_an_error_says_so_on_its_way_out(typed: Typed) -> None:
    set_alerts(typed.home, "  command: [tee, -a, told.json]\n")
    words = [sys.executable, "-m", "bot", "run", "--home", str(typed.home)]
    daemon = subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert daemon.stderr is not None
    with daemon, daemon.stderr:
        next(line for line in daemon.stderr if '"started"' in line)
        with closing(sqlite3.connect(typed.home / "state" / "rejoinder.db", timeout=20)) as database:
            database.execute("DROP TABLE letter")
            database.commit()
        for _ in daemon.stderr:
            pass
    assert daemon.returncode == 1
    lines = (typed.home / "told.json").read_text().splitlines()
    last = [alert for line in lines for alert in json.loads(line)["alerts"]][-1]
    assert (last["kind"], last["account"]) == ("intake-stopped", None)
    assert last["text"].startswith("Rejoinder ended because of an error")
