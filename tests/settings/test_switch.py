"""Safe mode is switched in the text: one word changes, everything else stays as a person wrote it."""

from __future__ import annotations

import pytest

from bot.settings.switch import with_safe_mode

FILE = """\
# my home
reviewer: tess   # me
safe_mode: true # letters to myself

accounts: {}
"""


def test_only_the_word_changes() -> None:
    changed = with_safe_mode(FILE, False)
    assert changed == FILE.replace("safe_mode: true #", "safe_mode: false #")
    assert with_safe_mode(changed, True) == FILE


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("", "safe_mode: true\n"),
        ("reviewer: tess", "reviewer: tess\nsafe_mode: true\n"),
        ("reviewer: tess\r\n", "reviewer: tess\r\nsafe_mode: true\r\n"),
        ("safe_mode:   false", "safe_mode:   true"),
        ("safe_mode: false\r\nreviewer: t\r\n", "safe_mode: true\r\nreviewer: t\r\n"),
        ("{reviewer: t, safe_mode: false}\n", "{reviewer: t, safe_mode: true}\n"),
        ('"safe_mode" : false # x\n', '"safe_mode" : true # x\n'),
        ("accounts:\n  a:\n    x: 1\n", "accounts:\n  a:\n    x: 1\nsafe_mode: true\n"),
    ],
)
def test_however_it_is_written(text: str, changed: str) -> None:
    assert with_safe_mode(text, True) == changed


@pytest.mark.parametrize(
    "text",
    [
        "{reviewer: t}\n",  # nothing can be put behind it
        "reviewer: t\n...\n",
        "- a\n",
        "safe_mode: [false\n",
        "safe_mode:\n  false\nsafe_mode: true\n",
    ],
)
def test_where_it_would_be_a_guess_nothing_is_changed(text: str) -> None:
    assert with_safe_mode(text, True) is None
