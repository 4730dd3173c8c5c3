"""Rules without a mistake that cannot mean anything are named at their place; the shipped ones are clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.edge.home import load_home
from bot.errors import ConfigurationError, Problem
from bot.settings.lint import remarks


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "rejoinder.yaml").write_text("accounts: {}\n", encoding="utf-8")
    return tmp_path


def remarks_of(home: Path, **files: str) -> list[Problem]:
    """With these files in the home: `families__x="..."` is rules/families/x.yaml."""
    for name, text in files.items():
        folder = "templates" if name.startswith("en__") else "rules"
        ending = ".txt" if folder == "templates" else ".yaml"
        file = home / folder / (name.replace("__", "/").replace("_", "-") + ending)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    loaded = load_home(home, environment={})
    rules = {name: (rule.document, rule.model) for name, rule in loaded.rules.items()}
    return list(remarks(rules, loaded.templates, loaded.template_paths))


def only(found: list[Problem]) -> Problem:
    assert len(found) == 1, [str(one) for one in found]
    return found[0]


def test_what_is_shipped_is_clean(home: Path) -> None:
    assert [str(one) for one in remarks_of(home)] == []


ROUTES = """\
routes:
  - name: court
    when: {{ kinds: [court] }}
    hold: court-matter
{more}  - name: rest
    hold: not-routed
tests: [{{kind: court, route: court}}]
"""


def routes(more: str) -> str:
    return ROUTES.format(more=more)


@pytest.mark.parametrize(
    ("more", "said", "line"),
    [
        (
            "  - {name: orders, when: {families: [court]}, hold: court-matter}\n",
            'route "orders" is never reached: "court" above it takes every mail',
            5,
        ),
        (
            "  - {name: marks, when: {rights: [trademark]}, playbook: inquiry}\n"
            "  - {name: narrow, when: {rights: [trademark], actions: [warning]}, hold: not-routed}\n",
            'route "narrow" is never reached: "court", "marks" above it',
            6,
        ),
        (
            "  - {name: odd, when: {families: [trademark], kinds: [evaluation]}, hold: not-routed}\n",
            'no mail can fit route "odd"',
            5,
        ),
        (
            "  - {name: own, when: {families: [own-report]}, hold: not-routed}\n",
            'no mail can fit route "own"',
            5,
        ),
        (
            "  - {name: bold, when: {automated: true}, playbook: inquiry}\n",
            'route "bold" names a playbook, but every mail that reaches it is held',
            5,
        ),
    ],
)
def test_a_route_that_no_mail_reaches(home: Path, more: str, said: str, line: int) -> None:
    found = only(remarks_of(home, routing=routes(more)))
    assert said in found.message
    assert (found.path, found.line) == ("rules/routing.yaml", line)
    assert found.source is not None
    assert found.hint


def test_routes_that_share_the_mails_of_a_later_one_shadow_it_together(home: Path) -> None:
    more = (
        "  - {name: yes, when: {counsel: true}, hold: counsel-named}\n"
        "  - {name: no, when: {counsel: false}, hold: not-routed}\n"
        "  - {name: copy, when: {rights: [copyright]}, hold: not-routed}\n"
    )
    found = remarks_of(home, routing=routes(more))
    assert 'route "copy" is never reached' in found[0].message


FAMILY = """\
kind: notice
order: {order}
when:
  all:
    - {{of: labels, contains: [complaint_id]}}
{more}
tests:
  - {{text: "Complaint ID: 17480001001 plant variety"}}
  - {{text: x, matches: false}}
"""


def family(more: str, order: int = 900) -> str:
    return FAMILY.format(order=order, more=more)


@pytest.mark.parametrize(
    ("more", "said", "hint"),
    [
        ("    - {of: right, is: [trademrk]}", 'no mail has the right "trademrk"', "trademark"),
        ('    - {of: text, contains: ["*"]}', "a phrase without a word", ""),
        (
            "    - {any: [{of: text, contains: [roses]}, {none: [{of: text, contains: [tulips]}]}]}",
            "none within any fits almost every mail",
            "beside",
        ),
        (
            "    - {of: text, contains: [roses]}\n  none:\n    - {of: text, contains: [tulips, Roses]}",
            "this can never hold",
            "",
        ),
    ],
)
def test_a_condition_that_cannot_mean_anything(home: Path, more: str, said: str, hint: str) -> None:
    found = only(remarks_of(home, families__plant=family(more)))
    assert said in found.message
    assert hint in (found.hint or "")
    assert (found.path, found.source is not None) == ("rules/families/plant.yaml", True)


def test_a_family_whose_mail_an_earlier_one_takes(home: Path) -> None:
    narrow = family("    - {of: text, contains: [rose, tulip]}\n    - {of: from, contains: [x]}", order=2)
    wide = family("    - {of: text, contains: [Tulip, rose, lily]}", order=1)
    found = only(remarks_of(home, families__narrow=narrow, families__wide=wide))
    assert found.message == "wide (order 1) takes every mail that fits this family"
    assert (found.path, found.line) == ("rules/families/narrow.yaml", 2)


def test_a_family_that_an_earlier_one_only_overlaps_is_fine(home: Path) -> None:
    one = family("    - {of: text, contains: [rose, tulip]}", order=2)
    other = family("    - {of: text, contains: [tulip, lily]}", order=1)
    assert remarks_of(home, families__one=one, families__other=other) == []


def test_a_name_that_no_language_fills(home: Path) -> None:
    for file in Path("rules/labels").glob("*.yaml"):
        (home / "rules/labels").mkdir(parents=True, exist_ok=True)
        (home / "rules/labels" / file.name).write_text("off: true\n", encoding="utf-8")
    text = "language: en\nlabels: {asin: [ASIN]}\ntests: [{text: x, reads: {language: en}}]\n"
    found = remarks_of(home, labels__en=text)
    mine = [one for one in found if one.path.endswith("families/trademark.yaml")]
    assert mine
    assert all("never filled" in one.message and one.line and one.column for one in mine)


def test_a_label_that_another_file_gives_to_another_field(home: Path) -> None:
    text = "language: xx\nlabels:\n  title: [Complaint ID]\ntests: [{text: x, reads: {language: en}}]\n"
    found = only(remarks_of(home, labels__xx=text))
    assert "rules/labels/en.yaml reads it as complaint_id" in found.message
    assert (found.line, found.column) == (3, 11)


PLAYBOOK = "steps:\n{steps}reply_by: 2 days\ngood_for: 3 days\n{more}"


def playbook(*steps: str, more: str = "") -> str:
    return PLAYBOOK.format(steps="".join(f"  - {{{step}, template: inquiry}}\n" for step in steps), more=more)


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        (
            playbook(
                *(f"name: s{n}, to: complainant, wait: 2 days" for n in range(4)),
                "name: e, to: amazon, wait: 2 days",
            ),
            'step "s3" cannot fire: no more than 3 letters go to a complainant',
            5,
        ),
        (
            playbook(
                "name: a, to: complainant, wait: 2 days",
                "name: b, to: amazon, wait: 2 days",
                "name: c, to: complainant, wait: 2 days",
                "name: d, to: amazon, wait: 2 days",
            ),
            'step "c" cannot fire: the ladder does not go back to the complainant',
            4,
        ),
        (
            playbook(
                "name: a, to: complainant, wait: 2 days",
                "name: b, to: counsel, wait: 2 days",
                "name: c, to: amazon, wait: 2 days",
            ),
            'step "b" cannot fire: a case that names a lawyer is held',
            3,
        ),
        (playbook("name: a, to: complainant, wait: 2 days"), 'nothing follows step "a"', 2),
        (
            playbook("name: a, to: complainant, wait: 0 days", "name: b, to: amazon, wait: 2 days"),
            'nobody has time to answer "a": "b" falls due at once',
            2,
        ),
        (
            playbook("name: a, to: complainant, wait: 1 day", "name: b, to: amazon, wait: 2 days"),
            '"b" falls due after 1 day, but "a" asks for an answer within 2 days',
            2,
        ),
        (
            playbook("name: a, to: complainant, wait: 30 business days", "name: b, to: amazon, wait: 2 days"),
            '"b" comes after the last safe date',
            2,
        ),
    ],
)
def test_a_step_that_cannot_fire_or_comes_too_late(home: Path, text: str, said: str, line: int) -> None:
    found = remarks_of(home, playbooks__mine=text)
    assert [said in one.message for one in found].count(True) == 1
    (mine,) = [one for one in found if said in one.message]
    assert (mine.path, mine.line) == ("rules/playbooks/mine.yaml", line)


def test_a_letter_that_a_gap_in_the_notice_would_stop(home: Path) -> None:
    text = "About {{ complaints[0].id }}\n\nDear {{ contact_name }},\n\nplease.\n"
    found = only(remarks_of(home, en__inquiry=text))
    assert found.message.startswith("this letter cannot be written when the notice names no complaint ID")
    assert found.path == "templates/en/inquiry.txt"


def test_a_file_that_nothing_tests(home: Path) -> None:
    found = only(remarks_of(home, routing=routes("").rpartition("tests:")[0]))
    assert (found.message, found.path) == ("nothing tests this file", "rules/routing.yaml")


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [(r"\b商標", r"[^\pL\pN]"), (r"numéro \d+", r"[0-9]"), (r"é\w+", r"[\pL\pN_]"), (r"é\s", "a space")],
)
def test_a_class_that_knows_only_ascii_is_a_mistake_that_names_another(
    home: Path, pattern: str, meant: str
) -> None:
    text = family(f"    - {{of: text, regex: [ok, '{pattern}']}}")
    with pytest.raises(ConfigurationError) as caught:
        remarks_of(home, families__plant=text)
    (problem,) = caught.value.problems
    assert "knows only ASCII letters" in problem.message
    assert meant in (problem.hint or "")
    assert (problem.line, problem.column) == (6, 30)


def test_an_escaped_backslash_is_no_class(home: Path) -> None:
    assert remarks_of(home, families__plant=family(r"    - {of: text, regex: ['é\\b']}")) == []
