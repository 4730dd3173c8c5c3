"""What is logged names no person and no secret, by whatever way it came into the log."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import logging
import os
import re
import subprocess
import sys
import threading

import pytest
import structlog

from bot.edge.log import LAST, Redactor, set_up

PASSWORD = 'canary "pä$$" \\7391@home'
PERSON = "canary.person"
ADDRESS = f"{PERSON}+amazon@brindlecove.example"


@pytest.fixture
def log(tmp_path, monkeypatch):
    """Set up to a file; gives a function that reads it. Everything is put back afterwards."""
    root = logging.getLogger()
    before = (tuple(root.handlers), root.level, logging.raiseExceptions, sys.excepthook, threading.excepthook)
    path = tmp_path / "log"
    redactor = set_up(to=path, level="debug")
    redactor.learn(PASSWORD)
    yield lambda: path.read_text(encoding="utf-8")
    for ours in set(root.handlers) - set(before[0]):
        ours.close()
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    logging.raiseExceptions, sys.excepthook, threading.excepthook = before[2:]
    structlog.reset_defaults()


def raise_with(text):
    raise RuntimeError(text)


def log_everything():
    """The canaries by every way into a log that we know."""
    log = structlog.get_logger("rejoinder")
    both = f"{ADDRESS} with {PASSWORD}"
    log.info(f"login of {both}")
    log.info("positional %s", both)
    log.warning("values", who=ADDRESS, secret=PASSWORD, deep={"a": [(ADDRESS, {PASSWORD: ADDRESS})]})
    log.debug("bytes", raw=both.encode(), thing=structlog.types.EventDict, error=ValueError(both))
    log.info(
        "encoded", url=f"smtp://{ADDRESS.replace('@', '%40')}:x@mx.brindlecove.example", shown=repr(PASSWORD)
    )
    log.info("json", text=json.dumps({"p": PASSWORD, "a": ADDRESS}))
    for prefix in (b"", b"a", b"ab", b"\0seller\0"):
        log.info("auth", line=base64.b64encode(prefix + PASSWORD.encode()).decode())
    log.info("quoted", path=f'<"{PERSON} \\"x\\" {PERSON}"@brindlecove.example>')
    log.bind(account=ADDRESS).info("bound")
    try:
        raise_with(both)
    except RuntimeError:
        log.exception("caught", who=ADDRESS)
        logging.getLogger("imapclient").exception("library says %s", both)
    logging.getLogger("imapclient").info("library says %s", both, extra={"who": ADDRESS})
    log.info("stack", stack_info=True)


def test_nothing_comes_through(log):
    log_everything()
    text = log()
    assert text.count("\n") == 16  # nothing was lost on the way either
    assert "canary" not in text
    assert "7391" not in text
    assert base64.b64encode(PASSWORD.encode()).decode()[4:-6] not in text
    assert "…@brindlecove.example" in text
    assert "[secret]" in text


def test_every_line_is_json_with_level_and_time(log):
    log_everything()
    for line in log().splitlines():
        event = json.loads(line)
        assert event["timestamp"].endswith("Z")
        assert event["level"] in ("debug", "info", "warning", "error")


def test_what_nobody_catches_is_redacted_too(log):
    """An error in a thread, and one that a loop finds in a forgotten future."""
    thread = threading.Thread(target=raise_with, args=(f"{ADDRESS} {PASSWORD}",))
    thread.start()
    thread.join()

    async def forget():
        future = asyncio.get_running_loop().create_future()
        future.set_exception(RuntimeError(f"{ADDRESS} {PASSWORD}"))
        del future
        await asyncio.sleep(0)

    asyncio.run(forget())
    text = log()
    assert "stopped by an error" in text
    assert "never retrieved" in text
    assert "canary" not in text


def test_a_crash_of_the_program_is_redacted_on_stderr():
    script = (
        "from bot.edge.log import set_up\n"
        f"set_up().learn({PASSWORD!r})\n"
        f"raise RuntimeError({ADDRESS!r} + ' ' + {PASSWORD!r})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 1
    event = json.loads(done.stderr)
    assert event["event"] == "stopped by an error"
    assert "…@brindlecove.example [secret]" in event["exception"]


def test_at_a_terminal_it_is_plain_words():
    """A seller who types `rejoinder run` reads sentences; a service and a file get JSON."""
    script = (
        "import structlog\n"
        "from bot.edge.log import set_up\n"
        f"set_up().learn({PASSWORD!r})\n"
        "log = structlog.get_logger()\n"
        "log.info('drafted', account='shop', letters=2)\n"
        f"log.warning('strange', who={ADDRESS!r}, secret={PASSWORD!r}, name='Kay\\n\\x1b[2J\\u202eyaK')\n"
        f"raise RuntimeError({ADDRESS!r})\n"
    )
    ours, its = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", script], stderr=its, env=os.environ | {"TZ": "Europe/Berlin"}
    ) as program:
        os.close(its)
        assert program.wait(timeout=30) == 1
    said = b""
    with contextlib.suppress(OSError):  # Linux says EIO at the end
        while piece := os.read(ours, 65536):
            said += piece
    os.close(ours)
    drafted, strange, stopped, *below = said.decode().splitlines()
    assert re.fullmatch(r"\d\d:\d\d:\d\d  drafted: account shop, letters 2", drafted)
    assert strange[8:] == (
        r"  warning: strange: who …@brindlecove.example, secret [secret], name Kay\n\x1b[2J\u202eyaK"
    )
    assert stopped[8:] == "  critical: stopped by an error"
    assert below
    assert all(line.startswith("          ") for line in below)
    assert "canary" not in said.decode()


def test_a_log_file_is_private(log, tmp_path):
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("from a@x.example to <b.c+d@y.example>, done", "from …@x.example to <…@y.example>, done"),
        ("a@x.example,b@y.example;c@z.example", "…@x.example,…@y.example;…@z.example"),
        ("mailto:a@x.example", "mailto:…@x.example"),
        ("ärger@müller.example", "…@müller.example"),
        ("at noon @ the office", "at noon @ the office"),
        ("no address", "no address"),
        ("", ""),
    ],
)
def test_the_domain_stays(said, shown):
    assert Redactor().text(said) == shown


def test_a_long_text_takes_no_long_time():
    """One pass over half a megabyte without an @, and one with nothing else."""
    assert len(Redactor().text("a" * 500_000)) == 500_000
    assert Redactor().text("@" * 500_000)


def test_a_number_that_is_the_secret_is_hidden():
    redactor = Redactor()
    redactor.learn("739174")
    assert redactor(None, "info", {"event": "x", "pin": 739174, "n": 5}) == {
        "event": "x",
        "pin": "[secret]",
        "n": 5,
    }


def test_a_token_every_hour_does_not_fill_the_memory():
    """Each source remembers its last ones, and none makes another one's password visible."""
    redactor = Redactor()
    redactor.learn(PASSWORD, "file")
    tokens = [f"token-{hour:05}-of-an-hour" for hour in range(24 * 60)]
    for token in tokens[:LAST]:
        redactor.learn(token, "program")
    full = len(redactor._forms)
    for token in tokens[LAST:]:
        redactor.learn(token, "program")
    redactor.learn(tokens[-2], "program")  # asked for again, so it is the newest
    assert len(redactor._forms) == full
    assert redactor.text(f"{PASSWORD} {' '.join(tokens[-LAST:])}") == " ".join(["[secret]"] * (LAST + 1))
