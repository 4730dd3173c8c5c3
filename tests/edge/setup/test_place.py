"""Time zone and country as this computer and the address tell them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.edge.setup.place import (
    country_name,
    country_of_domain,
    country_of_zone,
    own_time_zone,
    zone_of_country,
)


def test_the_own_time_zone(tmp_path: Path) -> None:
    link = tmp_path / "localtime"
    link.symlink_to("/usr/share/zoneinfo/Europe/Warsaw")
    assert own_time_zone({}, link) == "Europe/Warsaw"
    assert own_time_zone({"TZ": ":Asia/Tokyo"}, link) == "Asia/Tokyo"
    assert own_time_zone({"TZ": "CET-1CEST"}, link) == "Europe/Warsaw"
    assert own_time_zone({"TZ": "Nowhere/Atall"}, tmp_path / "none") is None
    (tmp_path / "utc").symlink_to("/usr/share/zoneinfo/Etc/UTC")
    assert own_time_zone({}, tmp_path / "utc") is None


@pytest.mark.parametrize(
    ("domain", "country"),
    [("shop.de", "DE"), ("shop.co.uk", "GB"), ("shop.com", None), ("shop.io", None), ("shop.example", None)],
)
def test_the_country_of_a_domain(domain: str, country: str | None) -> None:
    assert country_of_domain(domain) == country


def test_countries_and_their_zones() -> None:
    assert country_of_zone("Europe/Berlin") == "DE"
    assert country_of_zone("Nowhere/Atall") is None
    assert zone_of_country("GB") == "Europe/London"
    assert zone_of_country("DE") == "Europe/Berlin"  # though Büsingen has one of its own
    assert zone_of_country("US") is None
    assert (country_name("DE"), country_name("GB"), country_name("XX")) == ("Germany", "United Kingdom", None)
