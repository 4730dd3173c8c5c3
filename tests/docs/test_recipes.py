"""The pages "how to add" are followed to the letter, and what they promise happens."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.case import events as e
from bot.case.decide import decide
from bot.case.ladder import Ladder
from bot.case.model import Attempt, PartyRole, State
from bot.draft.language import choose_language
from bot.draft.lint import LintRules, lint
from bot.draft.model import Letter
from bot.draft.request import PreviousLetter
from bot.draft.write import write_letter
from bot.edge.home import Loaded, load_home
from bot.mail.authentication import Proof, Verdict
from bot.mail.parse import parse_message
from bot.reading.look import view_of
from bot.reading.model import Notice
from bot.reading.prepare import prepare
from bot.reading.read import read
from bot.settings.rules import RoutingFile
from bot.wiring import reading_plan
from tests.docs.recipes import commands, follow
from tests.draft.letters import case, escalation, request
from tests.samples import NOW, sample_case, sample_track

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "rejoinder.yaml").write_text("accounts: {}\n", encoding="utf-8")
    return tmp_path


def loaded(home: Path) -> Loaded:
    return load_home(home, environment={})


def notice(home: Path, mail: str) -> Notice:
    """What the rules of a home make of a mail that the page wrote there."""
    plan = reading_plan(loaded(home), None, believe_file=True)
    understood = read((home / mail).read_bytes(), prepare(plan))
    assert isinstance(understood.reading, Notice)
    return understood.reading


def run(page: str, home: Path) -> list[str]:
    """Type every `rejoinder` command of the page; its output, one text each."""
    outputs = []
    for command in commands(page):
        if not command.startswith("rejoinder "):
            continue
        words = command.replace("DIR", str(home)).split()
        done = subprocess.run(
            [sys.executable, "-m", "bot", *words[1:]], cwd=home, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        outputs.append(done.stdout)
    assert outputs
    return outputs


class TestAddingAFamily:
    def test_followed(self, home: Path) -> None:
        follow("adding-a-family.md", home, ROOT)
        reading = notice(home, "plant-variety.eml")
        assert reading.family == "plant-variety"
        (complaint,) = reading.complaints
        assert complaint.complainant is not None
        assert [x.value for x in complaint.complainant.addresses] == ["ilse.marten@martenroses.example"]
        assert "ilse.marten@martenroses.example" in run("adding-a-family.md", home)[-1]

    def test_without_it_the_mail_falls_where_the_page_says(self, home: Path) -> None:
        follow("adding-a-family.md", home, ROOT)
        (home / "rules" / "families" / "plant-variety.yaml").unlink()
        (home / "rules" / "routing.yaml").unlink()
        assert notice(home, "plant-variety.eml").family == "other-right"

    def test_its_own_tests_hold(self, home: Path) -> None:
        follow("adding-a-family.md", home, ROOT)
        context = prepare(reading_plan(loaded(home), None))
        family = next(x for x in context.rules.families if x.name == "plant-variety")
        proven = Verdict(proven=True, proof=Proof.ALIGNED, domain="amazon.com", authserv_id="mx")
        got = []
        for sample in family.file.tests:
            head = f"From: {sample.from_}\nSubject: {sample.subject}\nContent-Type: text/plain; charset=utf-8"
            mail = parse_message(f"{head}\n\n{sample.text}".encode())
            view = view_of(mail, proven, context.rules, frozenset())
            got.append(view.family is not None and view.family.name == "plant-variety")
        assert got == [sample.matches for sample in family.file.tests] == [True, True, False]

    def test_its_route_holds(self, home: Path) -> None:
        follow("adding-a-family.md", home, ROOT)
        model = loaded(home).rules["routing.yaml"].model
        assert isinstance(model, RoutingFile)
        names = [route.name for route in model.routes]
        assert names.index("plants") + 1 == names.index("complaint")


class TestAddingALanguage:
    def test_followed(self, home: Path) -> None:
        follow("adding-a-language.md", home, ROOT)
        reading = notice(home, "aviso.eml")
        assert (reading.language, reading.marketplace) == ("pt", "amazon.com.br")
        (complaint,) = reading.complaints
        assert complaint.complaint_id is not None
        assert complaint.complaint_id.value == "17480000007"
        assert complaint.complainant is not None
        assert [x.value for x in complaint.complainant.addresses] == ["helena.prado@pradolavanderia.example"]
        assert reading.deadline is not None
        assert reading.deadline.days == 30
        assert "Helena Prado" in run("adding-a-language.md", home)[-1]

    def test_the_letter_is_written_in_it(self, home: Path) -> None:
        follow("adding-a-language.md", home, ROOT)
        templates = loaded(home).templates
        assert choose_language(None, "pt-BR", ("en",), templates.languages) == "pt"
        asked = request(language="pt", cases=(case(language="pt"),))
        letter = write_letter(replace(asked, templates=templates))
        assert isinstance(letter, Letter)
        assert letter.language == "pt"
        assert "Ficaríamos gratos por uma resposta até 16 de novembro de 2026." in letter.body
        found = lint(letter, [member.case for member in asked.cases], LintRules(words={}))
        assert [finding for finding in found if finding.error] == []

    def test_other_steps_stay_in_the_default_language(self, home: Path) -> None:
        follow("adding-a-language.md", home, ROOT)
        asked = replace(request("reminder-1", "pt"), templates=loaded(home).templates)
        letter = write_letter(asked)
        assert isinstance(letter, Letter)
        assert "Dear Sir or Madam" in letter.body

    def test_every_word_is_there(self, home: Path) -> None:
        follow("adding-a-language.md", home, ROOT)
        templates = loaded(home).templates
        assert set(templates.words("pt")) == set(templates.words("en"))


class TestAddingAStep:
    def test_the_new_step_follows_the_escalation(self, home: Path) -> None:
        follow("adding-a-step.md", home, ROOT)
        rules = loaded(home)
        playbook = rules.playbooks["inquiry"]
        ladder = Ladder(playbook=playbook, calendar=rules.calendars["gb"].value("gb", "Europe/London"))
        waiting = sample_track(
            party=PartyRole.AMAZON, state=State.BODY_GONE, step="escalation", letter_id="L1", letter_at=NOW
        )
        decision = decide(
            sample_case(tracks=(waiting,)), e.Accepted(at=NOW, track="1", letter="L1"), ladder, NOW
        )
        (track,) = decision.case.tracks
        assert track.step == "escalation-reminder"
        assert track.due_at == ladder.falls_due("escalation", NOW)
        assert track.attempts == (Attempt(step="escalation", letter_id="L1", at=NOW),)
        run("adding-a-step.md", home)

    @pytest.mark.parametrize(("tag", "day"), [("en", "2 March 2026"), ("de", "2. März 2026")])
    def test_its_letter_is_written(self, home: Path, tag: str, day: str) -> None:
        follow("adding-a-step.md", home, ROOT)
        rules = loaded(home)
        earlier = PreviousLetter(message_id="<rj.1@nordlicht.example>", subject="Request for review", at=NOW)
        asked: Any = escalation(language=tag)
        asked = replace(asked, step="escalation-reminder", templates=rules.templates, previous=(earlier,))
        letter = write_letter(asked)
        assert isinstance(letter, Letter), str(letter)
        assert day in letter.body
        assert "17340981265" in letter.body
        assert rules.templates.words(tag)["step.escalation-reminder"]
        watched = LintRules(words=rules.rules["words.yaml"].model.model_dump())
        assert lint(letter, [member.case for member in asked.cases], watched) == ()


def test_adding_a_store(tmp_path: Path) -> None:
    """In a copy of the tree, the shared suite is run against the store of the page."""
    shutil.copytree(ROOT / "bot", tmp_path / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(
        ROOT / "tests/edge/store", tmp_path / "tests/edge/store", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("tests/samples.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    follow("adding-a-store.md", tmp_path, ROOT)
    (command,) = commands("adding-a-store.md")
    words = command.removeprefix(".venv/bin/pytest ").split()
    report = tmp_path / "report.xml"
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", *words, "-p", "no:cacheprovider", f"--junitxml={report}"],
        cwd=tmp_path, capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    text = report.read_text(encoding="utf-8")
    assert text.count("[journal") >= 60
    assert ' failures="0"' in text
    assert ' skipped="0"' in text
    remembers = (
        "import pathlib, json, sys\n"
        "sys.path.insert(0, '.')\n"
        "from bot.edge.store.journal import JournalStore\n"
        "from bot.ports import Change\n"
        "from tests.samples import NOW, sample_case\n"
        "import bot; assert bot.__file__.startswith(str(pathlib.Path.cwd())), bot.__file__\n"
        "file = pathlib.Path('remembers')\n"
        "store = JournalStore(file); store.record(Change(cases=(sample_case(),)), NOW); store.close()\n"
        "again = JournalStore(file); print(json.dumps([case.case_id for case in again.cases()]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", remembers], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert json.loads(done.stdout or "null") == ["K7QW2M"], done.stderr
