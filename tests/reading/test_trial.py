"""The tests that rule files carry: all shipped ones pass, and a rule that reads wrongly fails one."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from bot.notice.samples import Reads, SampleMail
from bot.reading.families import FamilyFile
from bot.reading.rules import ReadingRules, build_rules, model_of
from bot.reading.trial import run_tests
from tests.shipped import RULES
from tests.shipped import documents as shipped_documents

Files = dict[str, BaseModel]


@pytest.fixture(scope="module")
def files() -> Files:
    return {
        name: model.model_validate(document)
        for name, document in shipped_documents().items()
        if (model := model_of(name)) is not None
    }


def test_every_shipped_file_passes_its_own_tests(rules: ReadingRules, files: Files) -> None:
    trials = list(run_tests(rules, files))
    assert [trial for trial in trials if trial.failed] == []
    carriers = {name for name in files if name.startswith(("families/", "labels/", "answers/"))}
    assert {trial.file for trial in trials} == carriers
    assert len(carriers) == sum(1 for _ in RULES.rglob("*/*.yaml")) - len(list(RULES.glob("[pc]*/*.yaml")))


def test_a_label_taken_away_fails_the_file_that_needs_it(files: Files) -> None:
    documents = shipped_documents()
    labels = documents["labels/ja.yaml"]
    assert isinstance(labels, dict)
    labels["labels"] = {**labels["labels"], "complaint_id": ["別の番号"]}
    labels["complaint_words"] = []  # else the number is found in words
    labels["parts"] = {}  # or by those that its label is made of
    failed = [trial for trial in run_tests(build_rules(documents), files) if trial.failed]
    assert {trial.file for trial in failed} == {"labels/ja.yaml"}
    assert "complaint_ids should be [17480001006] and is []" in failed[0].failed


def test_a_family_that_takes_the_mail_of_another_fails_that_one(files: Files) -> None:
    documents = shipped_documents()
    documents["families/greedy.yaml"] = {"kind": "other", "order": 1, "when": {"of": "text", "regex": ["."]}}
    failed = [trial for trial in run_tests(build_rules(documents), files) if trial.failed]
    assert {"greedy takes this mail before it"} <= {trial.failed for trial in failed}
    assert "families/trademark.yaml" in {trial.file for trial in failed}


def test_what_fits_and_what_does_not_are_told_apart(rules: ReadingRules, files: Files) -> None:
    shipped = files["families/trademark.yaml"]
    assert isinstance(shipped, FamilyFile)
    turned = [test.model_copy(update={"matches": not test.matches}) for test in shipped.tests]
    wrong = shipped.model_copy(update={"tests": turned})
    said = [trial.failed for trial in run_tests(rules, {"families/trademark.yaml": wrong})]
    assert all(said)
    assert "this mail should not fit, and it does" in said


@pytest.mark.parametrize(
    "mail",
    [
        {"text": "x"},
        {"text": "x", "reads": {}},
        {"text": "x", "reads": {"kind": "notice"}, "headers": {"X Y": "z"}},
        {"text": "x", "reads": {"kind": "notice"}, "headers": {"X": "z\nBcc: y"}},
        {"text": "x", "reads": {"kind": "notice"}, "subject": "a\nb"},
        {"text": "x", "reads": {"kinds": "notice"}},
    ],
)
def test_a_sample_that_tests_nothing_or_is_no_mail_is_refused(mail: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SampleMail.model_validate(mail)


def test_only_what_is_named_is_compared() -> None:
    assert Reads(kind="notice").differences({"kind": "notice", "asins": ["B0CQ4T7LM1"]}) == []
    assert Reads(asins=["B", "A"]).differences({"asins": ["A", "B"]}) == []
    assert Reads(asins=[]).differences({"asins": ["A"]}) == ["asins should be [] and is [A]"]
    assert Reads(deadline_days=None, kind="x").differences({"kind": "y"}) == ["kind should be x and is y"]
