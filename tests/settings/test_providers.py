"""Providers as data: each is found by its addresses or its mail exchangers, and says what must be known."""

from __future__ import annotations

import pytest

from bot.edge.home import load_home, load_providers
from bot.settings.parts import AuthservField, read_as
from bot.settings.providers import ProviderModel, provider_by_mx, provider_of

KNOWN = load_providers(None)
SHIPPED = list(KNOWN.providers.items())


def title(found: ProviderModel | None) -> str | None:
    return found.title if found else None


def test_ten_are_known_at_least() -> None:
    assert len(SHIPPED) >= 10


@pytest.mark.parametrize(("name", "provider"), SHIPPED, ids=[name for name, _ in SHIPPED])
def test_each_is_found_and_by_nobody_elses_name(name: str, provider: ProviderModel) -> None:
    assert provider.domains or provider.mx
    for domain in provider.domains:
        assert provider_of(domain.upper(), KNOWN) is provider
    for end in provider.mx:
        assert provider_by_mx([f"mx1.{end}."], KNOWN) is provider


@pytest.mark.parametrize(("name", "provider"), SHIPPED, ids=[name for name, _ in SHIPPED])
def test_quirks_are_sentences_that_fit_a_screen(name: str, provider: ProviderModel) -> None:
    assert all(quirk.endswith(".") and len(quirk) < 260 for quirk in provider.quirks)


def test_who_files_sent_is_told_alike_in_both_files(tmp_path) -> None:
    (tmp_path / "rejoinder.yaml").write_text("accounts: {}\n", encoding="utf-8")
    policy = load_home(tmp_path, environment={}).policy
    odd = [name for name, one in SHIPPED if policy.files_sent_copy(one.smtp.host) is not one.files_sent]
    assert odd == []


@pytest.mark.parametrize(
    ("domain", "found"),
    [
        ("gmail.com", "Gmail and Google Workspace"),
        ("shop.onmicrosoft.com", "Microsoft 365 for business"),
        ("notgmail.com", None),
        ("gmail.com.example", None),
        ("brindlecove.example", None),
    ],
)
def test_by_the_domain_of_the_address(domain: str, found: str | None) -> None:
    assert title(provider_of(domain, KNOWN)) == found


def test_the_first_exchanger_that_is_known_decides() -> None:
    hosts = [
        "filter.antispam.example",
        "brindlecove-example.mail.protection.outlook.com",
        "aspmx.l.google.com",
    ]
    assert title(provider_by_mx(hosts, KNOWN)) == "Microsoft 365 for business"
    assert provider_by_mx(["mx.evil-google.com", "google.com.example"], KNOWN) is None
    assert provider_by_mx([], KNOWN) is None


@pytest.mark.parametrize("name", ["mx.shop.example", "*.yahoo.com", "*.mail.provider.example"])
def test_who_vouches_is_one_name_or_all_below_a_domain(name: str) -> None:
    assert read_as(AuthservField, name) == name


@pytest.mark.parametrize(
    "name", ["*", "*.", "*.com", "*.co.uk", "*yahoo.com", "*.*.yahoo.com", "mx.*.a.com", "a 1"]
)
def test_a_star_for_everybody_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="expected something like"):
        read_as(AuthservField, name)
