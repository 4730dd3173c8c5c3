# ruff: noqa: E501 -- samples on one line
"""Reading a whole home: defaults, a home's own files, the environment, and all mistakes at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.case.playbook import Wait
from bot.edge.files import defaults_folder, find_home, load_settings
from bot.edge.home import load_home
from bot.errors import ConfigurationError
from bot.settings.values import Account, SecretFrom

SETTINGS = """\
reviewer: Robin
accounts:
  shop:
    address: ip@shop.example
    imap: { host: imap.shop.example }
    smtp: { host: smtp.shop.example, security: starttls, password: { file: keys/smtp } }
    password: { env: SHOP_PASSWORD }
    time_zone: Europe/Berlin
    country: DE
    profile: { legal_name: Shop GmbH, stores: { amazon.de: Shop } }
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with one account and no rules of its own."""
    write(tmp_path, "rejoinder.yaml", SETTINGS)
    return tmp_path


def write(home: Path, name: str, text: str) -> None:
    file = home / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def mistakes(home: Path, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_home(home, environment=environment or {})
    return str(caught.value)


def only_account(home: Path, environment: dict[str, str] | None = None) -> Account:
    [account] = load_settings(home, environment=environment or {}).accounts
    return account


# ------------------------------------------------------------------------------------------ settings alone


def test_the_repository_root_is_a_home() -> None:
    root = Path(__file__).parents[2]
    assert defaults_folder() == root
    loaded = load_home(root, environment={})
    assert loaded.settings.safe_mode
    assert [step.name for step in loaded.playbooks["inquiry"].steps] == [
        "inquiry",
        "reminder-1",
        "reminder-2",
        "escalation",
    ]


def test_ports_users_and_passwords_are_filled_in(home: Path) -> None:
    account = only_account(home)
    assert (account.imap.port, account.imap.user) == (993, "ip@shop.example")
    assert account.imap.password == SecretFrom(env="SHOP_PASSWORD")
    assert account.smtp.port == 587
    assert account.smtp.password == SecretFrom(file=home / "keys/smtp")
    assert account.first_run == "observe"
    assert account.profile.store("amazon.de") == "Shop"


def test_name_file_names_the_file_of_a_secret(home: Path) -> None:
    in_a_file = only_account(home, {"SHOP_PASSWORD_FILE": "/run/secrets/shop"})
    assert in_a_file.imap.password == SecretFrom(file=Path("/run/secrets/shop"))
    itself = only_account(home, {"SHOP_PASSWORD_FILE": "/run/secrets/shop", "SHOP_PASSWORD": "x"})
    assert itself.imap.password == SecretFrom(env="SHOP_PASSWORD")


def test_flags_go_before_the_environment_and_that_before_the_file(home: Path) -> None:
    assert load_settings(home, environment={}).reviewer == "Robin"
    environment = {
        "REJOINDER_REVIEWER": "Kim",
        "REJOINDER_UNDO_WINDOW": "2 min",
        "REJOINDER_SAFE_MODE": "false",
    }
    settings = load_settings(home, environment=environment, flags={"reviewer": "Alex", "safe_mode": None})
    assert settings.reviewer == "Alex"
    assert settings.undo_window == timedelta(minutes=2)
    assert not settings.safe_mode
    assert settings.default_language == "en"


def test_a_mistake_in_the_environment_names_the_variable(home: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(home, environment={"REJOINDER_SAFE_MODE": "perhaps"})
    assert str(caught.value) == 'REJOINDER_SAFE_MODE: safe_mode: expected true or false, found "perhaps"'


def test_letters_go_to_the_account_itself_in_safe_mode(home: Path) -> None:
    settings = load_settings(home, environment={})
    assert settings.rehearsal_address(settings.account("shop")) == "ip@shop.example"
    other = load_settings(home, environment={"REJOINDER_SAFE_MODE_TO": "me@shop.example"})
    assert other.rehearsal_address(other.account("shop")) == "me@shop.example"


def test_a_home_is_found_by_flag_then_environment(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    empty = tmp_path_factory.mktemp("empty")
    assert find_home(None, {"REJOINDER_HOME": str(home)}) == home
    assert find_home(home, {"REJOINDER_HOME": str(empty)}) == home
    with pytest.raises(ConfigurationError, match=r"REJOINDER_HOME is no home: it has no rejoinder.yaml"):
        find_home(None, {"REJOINDER_HOME": str(empty)})


def test_settings_that_cannot_be_read_are_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"rejoinder.yaml: there is no such file"):
        load_settings(tmp_path, environment={})
    (tmp_path / "rejoinder.yaml").mkdir()
    with pytest.raises(ConfigurationError, match=r"rejoinder.yaml: this is a folder, not a file"):
        load_settings(tmp_path, environment={})


# ---------------------------------------------------------------------------------------------- all rules


def test_a_homes_own_file_wins_by_name(home: Path) -> None:
    write(home, "rules/playbooks/inquiry.yaml", PLAYBOOK)
    write(home, "rules/playbooks/brisk.yaml", PLAYBOOK)
    write(home, "templates/en/inquiry.txt", "Our subject\n\nOur letter.\n")
    loaded = load_home(home, environment={})
    assert [step.wait for step in loaded.playbooks["inquiry"].steps] == [Wait.parse("2 days")]
    assert sorted(loaded.playbooks) == ["brisk", "inquiry"]
    assert loaded.template_texts["en/inquiry"].startswith("Our subject")
    assert "en/reminder-1" in loaded.template_texts


PLAYBOOK = """\
steps: [{ name: inquiry, to: complainant, wait: 2 days }]
reply_by: 2 days
good_for: 1 day
"""


def test_what_a_playbook_leaves_out_comes_from_the_policy(home: Path) -> None:
    write(home, "rules/playbooks/inquiry.yaml", PLAYBOOK)
    loaded = load_home(home, environment={})
    playbook = loaded.playbooks["inquiry"]
    assert playbook.letter_limit == loaded.policy.letter_limit == 3
    assert playbook.last_safe_default == loaded.policy.last_safe_default


def test_a_file_is_switched_off(home: Path) -> None:
    write(home, "rules/families/trademark.yaml", "off: true\nwhatever: else\n")
    write(home, "templates/de/inquiry.txt", "off: true\n")
    loaded = load_home(home, environment={})
    assert "families/trademark.yaml" not in loaded.rules
    assert "families/copyright.yaml" in loaded.rules
    assert "de/inquiry" not in loaded.template_texts


def test_the_hash_follows_every_rule_and_template_and_nothing_else(home: Path) -> None:
    first = load_home(home, environment={}).rules_hash
    write(home, "rejoinder.yaml", SETTINGS.replace("Robin", "Kim"))
    assert load_home(home, environment={}).rules_hash == first
    write(home, "rules/calendars/de.yaml", "country: DE\nclosed: [2026-12-24]\n")
    second = load_home(home, environment={}).rules_hash
    write(home, "templates/en/inquiry.txt", "Our subject\n\nOur letter.\n")
    assert len({first, second, load_home(home, environment={}).rules_hash}) == 3


def test_the_calendar_is_the_playbooks_or_the_accounts_or_the_countrys(home: Path) -> None:
    write(home, "rules/calendars/de.yaml", "country: DE\nclosed: [2026-12-24]\n")
    write(home, "rules/playbooks/abroad.yaml", PLAYBOOK + "calendar: us\n")
    loaded = load_home(home, environment={})
    account = loaded.settings.account("shop")
    assert loaded.calendar(account).closed
    assert loaded.calendar(account, loaded.playbooks["inquiry"]).name == "de"
    abroad = loaded.calendar(account, loaded.playbooks["abroad"])
    assert (abroad.country, abroad.time_zone) == ("US", "Europe/Berlin")

    write(home, "rejoinder.yaml", SETTINGS.replace("country: DE", "country: FR"))
    loaded = load_home(home, environment={})
    assert loaded.calendar(loaded.settings.account("shop")).country == "FR"


def test_the_default_routing_starts_an_inquiry_for_a_complaint_only(home: Path) -> None:
    from bot.case.reasons import Reason
    from bot.case.routing import Kind, Matter

    routing = load_home(home, environment={}).routing
    complaint = Matter(kind=Kind.NOTICE, family="trademark", right="trademark")
    assert routing.choose(complaint).playbook == "inquiry"
    held = [
        (Matter(kind=Kind.COURT, family="court", right="trademark"), Reason.COURT_MATTER),
        (Matter(kind=Kind.EVALUATION, family="evaluation", right="utility_patent"), Reason.PATENT_EVALUATION),
        (Matter(kind=Kind.NOTICE, family="account", right=None, action="account_risk"), Reason.ACCOUNT_LEVEL),
        (Matter(kind=Kind.NOTICE, family="x", right="trademark", automated=True), Reason.AUTOMATED_NOTICE),
        (Matter(kind=Kind.NOTICE, family="x", right="trademark", warning=True), Reason.PAGE_WARNING),
        (Matter(kind=Kind.NOTICE, family="x", right="trademark", counsel=True), Reason.COUNSEL_NAMED),
        (Matter(kind=Kind.NOTICE, family="x", right=None), Reason.NOT_ROUTED),
    ]
    assert [routing.choose(matter).hold for matter, _ in held] == [reason for _, reason in held]


def test_a_file_that_cannot_be_opened_is_a_problem(home: Path) -> None:
    (home / "rules").mkdir()
    (home / "rules/policy.yaml").symlink_to("policy.yaml")
    assert "rules/policy.yaml: the file cannot be read: Too many levels of symbolic links" in mistakes(home)


def test_every_mistake_of_every_file_at_once(home: Path) -> None:
    write(
        home,
        "rejoinder.yaml",
        SETTINGS.replace("Robin", "Robin\nsafe: 1"),
    )
    write(home, "rules/playbooks/inquiry.yaml", PLAYBOOK.replace("2 days }", "soon }"))
    write(home, "rules/calendars/us.yaml", "country: US\ncountry: US\n")
    write(home, "rules/playbook/mine.yaml", PLAYBOOK)
    write(home, "rules/calendars/odd.yaml", "country: XX\n")
    write(home, "rules/policy.yaml", "off: true\n")
    write(home, "templates/en/inquiry.txt", "Subject {{ nonsense }}\n\nLetter\n")
    write(home, "templates/inquiry.txt", "Subject\n\nLetter\n")
    assert mistakes(home) + "\n" == (Path(__file__).parent / "all-mistakes.txt").read_text(encoding="utf-8")


def test_names_that_lead_nowhere(home: Path) -> None:
    write(
        home,
        "rejoinder.yaml",
        SETTINGS.replace("country: DE", "country: DE\n    subdivision: XX\n    calendar: dee"),
    )
    write(
        home,
        "rules/playbooks/mine.yaml",
        PLAYBOOK.replace("name: inquiry", "name: hello") + "calendar: uss\n",
    )
    write(home, "rules/calendars/odd.yaml", "country: XX\n")
    routing = "routes:\n  - { name: a, playbook: inquiri, when: { families: [trademrk] } }\n  - { name: b, hold: not-routed }\n"
    write(home, "rules/routing.yaml", routing)
    said = mistakes(home)
    for line in (
        'rejoinder.yaml:10:18: there is no subdivision of DE "XX"',
        'rejoinder.yaml:11:15: there is no calendar "dee"',
        'rules/playbooks/mine.yaml:1:17: there is no template "hello" in the default language (en)',
        'rules/playbooks/mine.yaml:4:11: there is no calendar "uss"',
        'rules/calendars/odd.yaml:1:10: there is no country with known holidays called "XX"',
        'rules/routing.yaml:2:26: there is no playbook "inquiri"',
        'rules/routing.yaml:2:54: there is no family "trademrk"',
    ):
        assert line in said
