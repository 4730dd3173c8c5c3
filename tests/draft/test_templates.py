"""The sandbox: plain data only, nothing unfilled, nothing endless, nothing outside its folder."""

from __future__ import annotations

from datetime import date

import pytest
from jinja2.exceptions import SecurityError, TemplateError, TemplateSyntaxError, UndefinedError

from bot.draft.templates import TemplateSet, TooLong, lookup_ranges
from bot.notice.facts import Right
from tests.draft.letters import TEMPLATES

WORDS = TEMPLATES.source("words", "en") or ""


def rendered(text: str, **values: object) -> str:
    templates = TemplateSet({"en/inquiry": f"Subject\n\n{text}\n", "en/words": WORDS})
    return templates.render("inquiry", "en", values).body  # type: ignore[arg-type]


def test_shipped_templates_have_no_problems():
    assert TEMPLATES.problems() == ()


def test_every_language_has_every_step():
    steps = {"inquiry", "reminder-1", "reminder-2", "escalation", "escalation.paste", "words"}
    for language in ("en", "de"):
        assert {step for step in steps if TEMPLATES.source(step, language)} == steps


@pytest.mark.parametrize(
    "key",
    [
        "../x",
        "en/../de/inquiry",
        "/en/inquiry",
        "en/inquiry/x",
        "en",
        "inquiry",
        "en/.hidden",
        "en/In quiry",
        "en\\x",
    ],
)
def test_a_name_that_leaves_its_folder_is_refused(key):
    with pytest.raises(ValueError, match="not the name of a template"):
        TemplateSet({key: "x"})


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ contact_name.__init__.__globals__ }}",
        "{{ ids.append(1) }}",
        "{{ contact_name|attr('__class__') }}",
        "{{ '{0.__class__}'.format(contact_name) }}",
        "{% include 'en/words' %}",
        "{% import 'en/words' as w %}",
        "{{ range(10) }}",
        "{{ cycler }}",
        "{{ nobody_knows }}",
        "{{ contact_name.nothing }}",
        "{{ 'right.unheard-of'|word }}",
    ],
)
def test_what_a_template_may_not_do(text):
    with pytest.raises((TemplateError, SecurityError, TypeError)):
        rendered(text, contact_name="A", ids=("1",))


def test_a_long_text_is_stopped_while_it_grows():
    with pytest.raises(TooLong):
        rendered("{% for a in ids %}{% for b in ids %}{{ a }}{% endfor %}{% endfor %}", ids=["x" * 100] * 300)


def test_values_are_never_templates():
    payload = "{{ 7 * 7 }}{% raw %}"
    assert rendered("{{ contact_name }}", contact_name=payload) == payload + "\n"


def test_an_unfilled_name_is_named():
    with pytest.raises(UndefinedError, match="nobody_knows"):
        rendered("{{ nobody_knows }}")


def test_dates_in_words():
    assert rendered("{{ reply_by|day }}", reply_by=date(2026, 3, 1)) == "1 March 2026\n"


def test_long_lines_are_broken_under_their_beginning():
    assert rendered("1. " + "word " * 20).split("\n")[1].startswith("   word")
    assert rendered("    Listing:  " + "word " * 20).split("\n")[1].startswith(" " * 14 + "word")


def test_lookup_of_rfc_4647():
    assert lookup_ranges("de-Latn-AT") == ("de-Latn-AT", "de-Latn", "de")
    assert lookup_ranges("zh-Hant-x-private") == ("zh-Hant-x-private", "zh-Hant", "zh")
    assert TEMPLATES.find("inquiry", "de-AT") == "de"
    assert TEMPLATES.find("inquiry", "fr") == "en"
    assert TEMPLATES.find("no-such-step", "de") is None


def test_a_region_may_have_its_own_text():
    templates = TemplateSet({"de/inquiry": "A\n\na\n", "de-AT/inquiry": "B\n\nb\n", "en/inquiry": "C\n\nc\n"})
    assert [templates.find("inquiry", tag) for tag in ("de-at", "de-CH", "it")] == ["de-AT", "de", "en"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("Subject\n\nHello {{ complainant }}\n", 3, "there is no value called complainant"),
        ("Subject\n\nHello\n{% if count %}\n", 4, "Unexpected end of template"),
        ("Subject\n\nHello\n{{ count|nosuch }}\n", 4, "No filter named 'nosuch'"),
        ("Subject\nHello\n", 1, "the first line must be the subject"),
        ("\n\nHello\n", 1, "the first line must be the subject"),
    ],
)
def test_problems_name_the_line(text, line, message):
    problem, *others = TemplateSet({"en/inquiry": text, "en/words": WORDS}).problems()
    assert others == []
    assert (problem.key, problem.line) == ("en/inquiry", line)
    assert message in problem.message


def test_missing_words_are_a_problem():
    problems = TemplateSet({"en/words": "date = {day}\n"}).problems()
    assert [problem.message for problem in problems][:1] == ["the word month.1 is missing"]


@pytest.mark.parametrize("tag", ["en", "de"])
def test_every_right_and_fate_and_step_has_a_word(tag):
    wanted = {f"right.{right}" for right in Right} | {
        f"fate.{fate}" for fate in ("accepted", "bounced", "by-hand", "in-doubt", "said")
    }
    wanted |= {f"step.{step}" for step in ("inquiry", "reminder-1", "reminder-2", "escalation")}
    assert wanted <= set(TEMPLATES.words(tag))


def test_a_language_needs_words():
    (problem,) = TemplateSet(
        {"fr/inquiry": "S\n\nb\n", "en/words": WORDS, "en-GB/inquiry": "S\n\nb\n"}
    ).problems()
    assert (problem.key, problem.message) == ("fr/words", "this language has no file of words")


def test_what_is_not_known_is_not_written_as_none():
    with pytest.raises(UndefinedError, match="not known"):
        rendered("{{ organisation }}", organisation=None)


def test_a_block_cannot_reach_from_the_subject_into_the_body():
    text = "{% if count %}Subject\n\nbody{% endif %}\n"
    (problem,) = TemplateSet({"en/inquiry": text, "en/words": WORDS}).problems()
    assert "end of template" in problem.message


def test_a_broken_template_does_not_render():
    with pytest.raises(TemplateSyntaxError):
        rendered("{% if %}")
