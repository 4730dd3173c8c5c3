"""Stores that share a mailbox, in rejoinder.yaml: what tells them apart must be one's only."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.edge.files import load_settings
from bot.errors import ConfigurationError
from tests.stories.stage import write_home

NORTH = "north: {merchant_tokens: [A1NORTH2345678], profile: {stores: {amazon.de: Nord}}}"
SOUTH = "south: {address: south@b.example, names: [Sol], profile: {stores: {amazon.es: Sur}}}"


def home(tmp_path: Path, *stores: str, profile: bool = False) -> Path:
    home = write_home(tmp_path / "home")
    file = home / "rejoinder.yaml"
    text = file.read_text()
    start, end = text.index("    profile:"), text.index("safe_mode:")
    kept = text[start:end] if profile else ""
    lines = "".join(f"      {store}\n" for store in stores)
    file.write_text(text[:start] + kept + "    stores:\n" + lines + text[end:])
    return home


def test_what_the_profile_says_is_a_mark_too(tmp_path: Path) -> None:
    (account,) = load_settings(home(tmp_path, NORTH, SOUTH)).accounts
    north, south = account.stores
    assert (north.names, north.marketplaces, north.address) == (("Nord",), ("amazon.de",), None)
    assert (south.names, south.recipients) == (("Sur", "Sol"), ("south@b.example",))
    assert [name for name, _ in account.profiles] == ["stores.north.profile", "stores.south.profile"]


@pytest.mark.parametrize(
    ("stores", "profile", "said"),
    [
        ((NORTH, NORTH.replace("north:", "other:")), False, "both have a1north2345678"),
        ((SOUTH, "west: {recipients: [South@B.example], profile: {}}"), False, "both have south@b.example"),
        ((NORTH,), True, "move profile: below its store"),
        (("north: {merchant_tokens: [short], profile: {}}",), False, '"short" is no merchant token'),
        (("north: {}",), False, "profile"),
    ],
)
def test_mistakes(tmp_path: Path, stores: tuple[str, ...], profile: bool, said: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load_settings(home(tmp_path, *stores, profile=profile))
    assert said in str(raised.value)
