"""Canaries: what belongs to one case, to us, or to nobody is found in no letter, log, file or other case."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.evidence.timeline import timeline
from bot.review import ItemKind
from bot.runner.desk import service
from bot.runner.desk.noting import Noted, note
from tests.servers.scripted_imap import GREETING, Conversation, ScriptedServer
from tests.stories.mails import notice, reply
from tests.stories.stage import Stage, write_home

#: Words that stand in one place only.
THEIRS = {
    "name": "Canaryname Quillfeather",
    "title": "canarytitle-8131",
    "address": "ip@strange-bird.example",
    "answer": "canaryanswer-4402",
    "number": "18555500777",
}
OURS = {"reason": "canaryreason-5519", "appeal": "canaryappeal-9914", "close": "canaryclose-2718"}
DAY = timedelta(days=1)


def told(raw: bytes) -> str:
    """A mail as its reader sees it: header decoded, body decoded, and the bytes themselves."""
    mail = message_from_bytes(raw)
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return f"{raw.decode('utf-8', 'replace')}\n{payload.decode('utf-8', 'replace')}"


def leaks(texts: Iterable[str], canaries: Iterable[str]) -> list[str]:
    """Canaries found, whatever their case, also across the folds of a header or a line."""
    flat = [" ".join(text.split()).casefold() for text in texts]
    return [canary for canary in canaries if any(canary.casefold() in text for text in flat)]


@pytest.fixture
def two_cases(stage: Stage) -> Stage:
    """A stranger's case full of canaries beside the ordinary one, both walked to their end."""
    other = notice("18555500777", stage.now, asin="B0CANARY01", owner=THEIRS["address"])
    other = other.replace(b"Tilo Brandauer", THEIRS["name"].encode())
    stage.arrives(other.replace(b"Camp kettle Y01", THEIRS["title"].encode()))
    rejected = stage.only(ItemKind.DRAFT)
    service.reject(stage.office, rejected.number, OURS["reason"], "Ada")
    stage.resumes()
    letter = stage.sends_out()
    stage.arrives(reply(letter.message_id, stage.now, f"{THEIRS['answer']}\n", sender=THEIRS["address"]))
    note(stage.office, stage.case("18555500777").case_id, Noted.APPEALED, "Ada", text=OURS["appeal"])
    stage.server.taken.clear()
    stage.server.bodies.clear()
    stage.arrives(notice("17340981265", stage.now))
    for _ in range(8):
        for item in stage.items(ItemKind.DRAFT):
            stage.sends_out(item.number)
        stage.passes(4 * DAY)
    service.close_case(stage.office, stage.case("17340981265").case_id, OURS["close"], "Ada")
    return stage


def test_no_letter_says_what_belongs_to_another_case_or_to_us(two_cases: Stage) -> None:
    sent = [told(raw) for _, raw in two_cases.server.taken]
    assert len(sent) >= 4  # the inquiry, two reminders, and the record before Amazon
    assert leaks(sent, [*THEIRS.values(), *OURS.values()]) == []
    addresses = {r.address for envelope, _ in two_cases.server.taken for r in envelope.recipients}
    assert THEIRS["address"] not in addresses


def test_the_other_case_knows_nothing_of_it(two_cases: Stage) -> None:
    case = two_cases.case("17340981265")
    letters = [one for one in two_cases.store.letters() if case.case_id in {r.case_id for r in one.tracks}]
    lines = timeline(case, two_cases.store.diary(case.case_id), letters)
    assert len(lines) > 10
    seen = [repr(case), *map(repr, lines), *(repr((one.subject, one.body, one.paste)) for one in letters)]
    assert leaks(seen, [*THEIRS.values(), OURS["reason"], OURS["appeal"]]) == []


def test_a_leak_would_be_found(two_cases: Stage) -> None:
    """The planted fault: a person writes another case's words into a letter, and the room finds them."""
    two_cases.arrives(notice("17340981266", two_cases.now, asin="B0ZG04SJF4", owner="o@third.example"))
    item = two_cases.only(ItemKind.DRAFT)
    letter = service.letter_of(two_cases.office, item)
    words = f"{letter.body}\nAs {THEIRS['name']} said: {THEIRS['answer']} – {'long ' * 30}\n"
    service.edit(two_cases.office, item.number, letter.subject, words, "Ada")
    two_cases.sends_out(item.number)
    sent = [told(raw) for _, raw in two_cases.server.taken]
    assert set(leaks(sent, THEIRS.values())) == {THEIRS["name"], THEIRS["answer"]}


# ------------------------------------------------------------------------------------ passwords and tokens

SECRET = "canary/pass word+7391"


def _plain(secret: str) -> bytes:
    """What AUTHENTICATE PLAIN carries (RFC 4616)."""
    return base64.b64encode(f"\0shop@brindlecove.example\0{secret}".encode())


def forms(secret: str) -> list[bytes]:
    """As it is, as AUTH shows it, in a URL."""
    plain = _plain(secret)
    alone = base64.b64encode(secret.encode())
    return [
        secret.encode(),
        quote(secret).encode(),
        quote(secret, safe="").encode(),
        plain[-24:],
        alone.rstrip(b"="),
    ]


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def found(secret: str, place: bytes) -> list[bytes]:
    return [form for form in forms(secret) if form in place]


def _refusing(heard: threading.Event) -> Callable[[Conversation], None]:
    """A server that throws the password back, in every form it can think of."""

    def script(talk: Conversation) -> None:
        talk.say(GREETING)
        talk.obey(
            CAPABILITY=["* CAPABILITY IMAP4rev1 AUTH=PLAIN", "{tag} OK done"],
            LOGIN=[
                f"* BAD {SECRET} {quote(SECRET)}",
                f"{{tag}} NO {SECRET} is wrong for shop@brindlecove.example",
            ],
            AUTHENTICATE=[f"{{tag}} NO {_plain(SECRET).decode()} is wrong"],
            LOGOUT=["{tag} OK done"],
        )
        heard.set()

    def wrapped(talk: Conversation) -> None:
        try:
            script(talk)
        finally:
            heard.set()

    return wrapped


#: A mistake of ours right where the password is at hand.
CRASH = (
    "import sys\n"
    "from bot.edge.imap.guard import ImapGuard\n"
    "def explode(self, secret):\n"
    "    raise RuntimeError(f'login with {secret!r} for shop@brindlecove.example failed')\n"
    "ImapGuard.open = explode\n"
)


@pytest.mark.parametrize("crash", [False, True], ids=["refused", "crashed"])
def test_the_password_is_in_no_log_no_crash_and_no_file(tmp_path: Path, crash: bool) -> None:
    heard = threading.Event()
    with ScriptedServer(_refusing(heard)).running() as server:
        home = write_home(tmp_path / "home", imap_port=server.port, smtp_port=1)
        script = (CRASH if crash else "import sys\n") + (
            "from bot.__main__ import main\n"
            f"sys.argv = ['rejoinder', '--home', {str(home)!r}, 'run', '--log-level', 'debug']\nmain()\n"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", script],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "REJOINDER_TEST_PASSWORD": SECRET},
        )
        try:
            if crash:
                out, err = process.communicate(timeout=60)
            else:
                assert heard.wait(60)
                limits = Path(f"/proc/{process.pid}/limits").read_text()
                assert "Max core file size        0 " in limits
                process.send_signal(signal.SIGTERM)
                out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert b"shop@brindlecove" not in err
    assert len(err) > 100
    if crash:
        assert b"RuntimeError" in err
    places = {"stdout": out, "stderr": err} | {path.name: path.read_bytes() for path in files(home)}
    assert {name for name, place in places.items() if found(SECRET, place)} == set()


def test_a_password_in_a_log_would_be_found(tmp_path: Path) -> None:
    for form in forms(SECRET):
        (tmp_path / "log").write_bytes(b"x" + form + b"y")
        assert [path.name for path in files(tmp_path) if found(SECRET, path.read_bytes())] == ["log"]
