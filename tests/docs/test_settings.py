"""docs/settings.md has every key of every file, with its default, and says which have no effect."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from bot.draft.lint import WORD_CATEGORIES
from bot.edge.home import NEEDED
from bot.settings import schema, values
from bot.settings.home import FROM_OUTSIDE
from tests.docs.keys import keys, rows
from tests.docs.recipes import DOCS

PAGE = (DOCS / "settings.md").read_text(encoding="utf-8")
SECTIONS = {
    "rejoinder": "rejoinder.yaml",
    "policy": "rules/policy.yaml",
    "routing": "rules/routing.yaml",
    "playbook": "rules/playbooks/NAME.yaml",
    "calendar": "rules/calendars/NAME.yaml",
    "words": "rules/words.yaml",
    "providers": "rules/providers.yaml",
    "senders": "rules/senders.yaml",
    "neighbours": "rules/neighbours.yaml",
    "family": "rules/families/NAME.yaml",
    "labels": "rules/labels/TAG.yaml",
    "answers": "rules/answers/TAG.yaml",
}


def test_every_file_has_its_section():
    assert set(SECTIONS) == set(schema.MODELS)
    assert set(SECTIONS.values()) == set(rows(PAGE))


@pytest.mark.parametrize("name", sorted(set(SECTIONS) - {"words"}))
def test_every_key_is_there_with_its_default(name: str):
    told = rows(PAGE)[SECTIONS[name]]
    assert {key: default for key, (default, _) in told.items()} == dict(keys(schema.MODELS[name]))


def test_every_category_of_words_is_there():
    ((_, meaning),) = rows(PAGE)["rules/words.yaml"].values()
    assert set(re.findall(r"`(\w+)`", meaning)) == WORD_CATEGORIES


def test_what_can_be_set_from_outside_is_named():
    paragraph = next(part for part in PAGE.split("\n\n") if part.startswith("**What wins.**"))
    assert set(re.findall(r"`([a-z_]+)`", paragraph)) == set(FROM_OUTSIDE)


def test_what_cannot_be_switched_off_says_so():
    parts = {
        head.strip(" `"): text
        for head, text in re.findall(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", PAGE, re.S | re.M)
    }
    fixed = {head for head, text in parts.items() if "Cannot be switched off" in " ".join(text.split())}
    assert fixed == {f"rules/{name}" for name in NEEDED}


def test_a_key_without_effect_says_so_and_no_other():
    """A value that only bot/settings knows changes nothing, however carefully it is checked."""
    rooms = [p for p in (DOCS.parent / "bot").rglob("*.py") if p.parent.name != "settings"]
    code = "\n".join(file.read_text(encoding="utf-8") for file in rooms)
    kinds = (values.Settings, values.Account, values.Policy, values.Limits, values.StopSwitch, values.Profile)
    unused = {
        field.name
        for kind in kinds
        for field in fields(kind)
        if not re.search(rf"\.{field.name}\b", code)
        and field.name not in ("raw_sha256", "providers_file_sent")
    }
    told = {
        key.replace("last_safe.", "last_safe_").rpartition(".")[2]
        for section in rows(PAGE).values()
        for key, (_, meaning) in section.items()
        if "no effect yet" in meaning.lower()
    }
    assert told == unused
