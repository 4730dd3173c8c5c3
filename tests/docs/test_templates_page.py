"""docs/templates.md names every value and every filter that a letter may use, and its example is a letter."""

from __future__ import annotations

import re

from bot.draft.templates import VARIABLES, TemplateSet
from tests.docs.recipes import DOCS

PAGE = (DOCS / "templates.md").read_text(encoding="utf-8")


def test_every_value_has_a_row() -> None:
    table = PAGE.partition("## Values")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(VARIABLES)


def test_the_example_holds() -> None:
    (example,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    texts = {"en/words": "", "en/example": example}
    assert [one for one in TemplateSet(texts).problems() if one.key == "en/example"] == []


def test_a_filter_that_is_not_named_does_not_exist() -> None:
    (named,) = re.findall(r"The filters are (.*?)\. A value", PAGE, re.DOTALL)
    filters = set(re.findall(r"`(\w+)`", named)) - {"words"}
    known = {"join", "length", "first", "last", "upper", "trim", "day", "word"}
    assert filters == known
    for name in ("lower", "map", "tojson"):
        (problem,) = TemplateSet({"en/words": "", "en/x": f"Subject\n\n{{{{ ids|{name} }}}}\n"}).problems()[
            -1:
        ]
        assert name in problem.message
