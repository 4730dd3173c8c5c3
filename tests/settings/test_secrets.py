"""Whoever writes the password itself into rejoinder.yaml, and makes a mistake, does not see it again."""

from __future__ import annotations

import pytest

from bot.settings.explain import check
from bot.settings.home import HomeModel
from bot.settings.text import read_yaml

CANARY = "canary-7391"


@pytest.mark.parametrize(
    "written",
    [
        f'password: "{CANARY}',
        f"password: {CANARY}",
        f"password:\t{CANARY}",
        f"password: \t{CANARY}: x",
        f"password: a: b: {CANARY}",
        f"password: {CANARY}\n    password: {CANARY}",
        f"password:\n      \t{CANARY}",
        f"password: |\n      {CANARY}\n   x",
        f"password: {{env: X, file: Y, other: {CANARY}}}",
        f"password: [{CANARY}]",
        f"password: &{CANARY} x",
        f"password: !{CANARY} x",
        f"Password: {CANARY}",
        f"imap: {{ host: 127.0.0.1, port: x, password: {CANARY} }}",
        f"imap: {{ host: 127.0.0.1, port: x, 'password': {CANARY} }}",
    ],
)
def test_no_mistake_shows_what_may_be_a_secret(written: str) -> None:
    text = f"accounts:\n  shop:\n    address: ip@shop.example\n    {written}\n    country: XXX\n"
    document = read_yaml(text.encode(), "rejoinder.yaml")
    check(HomeModel, document)
    assert document.problems
    assert CANARY not in "\n".join(map(str, document.problems))
