"""A new home is sound, private, and never written over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli.init import SETTINGS
from bot.cli.setup.answers import account_name
from bot.edge.files import load_settings
from tests.cli.conftest import Typed


def test_a_new_home_passes_the_check(tmp_path: Path) -> None:
    home = tmp_path / "a" / "home"
    done = Typed(tmp_path)("init", str(home))
    assert done.status == 0
    assert f"rejoinder check --home {home}" in " ".join(done.out.split())
    assert (home / "rejoinder.yaml").stat().st_mode & 0o077 == 0
    assert "No mistakes." in Typed(home)("check").out
    assert Typed(home)("queue").status == 0


def test_the_account_in_the_comments_is_a_sound_one(tmp_path: Path) -> None:
    home = tmp_path / "home"
    Typed(tmp_path)("init", str(home))
    lines = [line.removeprefix("# ") for line in SETTINGS.splitlines()[4:] if line != "accounts: {}"]
    (home / "rejoinder.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = Typed(home)("check", "--json")
    assert done.status == 0, done.err
    assert done.json["accounts"] == ["shop"]
    assert done.json["not_pinned"] == []


def test_a_home_is_never_written_over(tmp_path: Path) -> None:
    Typed(tmp_path)("init", str(tmp_path))
    (tmp_path / "rejoinder.yaml").write_text("accounts: {}\n", encoding="utf-8")
    done = Typed(tmp_path)("init", str(tmp_path))
    assert done.status == 1
    assert "nothing was changed" in done.err
    assert (tmp_path / "rejoinder.yaml").read_text(encoding="utf-8") == "accounts: {}\n"


def test_from_an_address_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = Typed(tmp_path)("init", str(home), "--address", "shop@GMX.de", "--offline", "--yes", "--json")
    assert done.status == 0
    gaps = [gap["key"] for gap in done.json["gaps"]]
    assert gaps == ["time_zone, country", "password", "authserv_id", "profile"]
    checked = Typed(tmp_path)("--home", str(home), "check", "--json")
    assert checked.status == 0
    assert [row["gap"]["key"] for row in checked.json["gaps"]] == gaps[1:]
    account = load_settings(home).accounts[0]
    assert (account.name, account.address, account.country) == ("shop", "shop@gmx.de", "DE")
    assert (account.imap.host, account.smtp.host) == ("imap.gmx.net", "mail.gmx.net")


def test_the_screen_names_the_gaps_and_what_to_do(tmp_path: Path) -> None:
    home = tmp_path / "home"
    said = " ".join(Typed(tmp_path)("init", str(home), "--address", "a@b.example", "--offline").out.split())
    assert "imap.b.example is a guess" in said
    assert "smtp.b.example is a guess" in said
    assert "it lacks legal_name, signatory, postal_address, stores" in said
    assert "rejoinder password --home" in said
    shown = " ".join(Typed(home)("check").out.split())
    assert "account b authserv_id: without it no notice can be proven" in shown


def test_what_is_no_address_makes_no_home(tmp_path: Path) -> None:
    done = Typed(tmp_path)("init", str(tmp_path / "home"), "--address", "shop at gmx", "--yes")
    assert done.status == 2
    assert "is no address" in done.err
    assert not (tmp_path / "home").exists()


def test_the_schema_beside_it_is_that_of_the_models(tmp_path: Path) -> None:
    Typed(tmp_path)("init", str(tmp_path / "home"))
    first = (tmp_path / "home" / "rejoinder.yaml").read_text(encoding="utf-8").splitlines()[0]
    beside = tmp_path / "home" / first.partition("$schema=")[2]
    assert (
        json.loads(beside.read_text(encoding="utf-8")) == Typed(tmp_path)("rules", "schema", "rejoinder").json
    )
    assert [*(tmp_path / "home" / "rules").iterdir(), *(tmp_path / "home" / "templates").iterdir()] == []


@pytest.mark.parametrize(
    ("address", "own_domain", "name"),
    [
        ("shop@brindlecove.example", True, "brindlecove"),
        ("Anna.Shop@gmail.com", False, "anna.shop"),
        ("+++@gmail.com", False, "shop"),
        ("x@" + "y" * 60 + ".example", True, "y" * 40),
    ],
)
def test_the_name_of_the_account(address: str, own_domain: bool, name: str) -> None:
    assert account_name(address, own_domain=own_domain) == name
