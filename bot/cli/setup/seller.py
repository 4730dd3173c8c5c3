"""The wizard's second half: who signs the letters, who is told, and where the password is kept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.asking import Asker, field
from bot.cli.setup.answers import LANGUAGES, MARKETPLACES, Answers
from bot.cli.setup.mailbox import ask_command
from bot.settings.parts import AddressField, CountryField, LanguageField, LineField, TimeZoneField

if TYPE_CHECKING:
    from collections.abc import Callable

_MARKETPLACE = re.compile(r"amazon\.[a-z]{2,3}(\.[a-z]{2})?")


def guess_place(answers: Answers) -> None:
    """Country, time zone and languages, as far as the address and this computer tell."""
    from bot.edge.setup import place

    zone = place.own_time_zone()
    domain = answers.address.rpartition("@")[2]
    country = place.country_of_domain(domain) or (place.country_of_zone(zone) if zone else None) or "US"
    set_country(answers, country, zone)


def set_country(answers: Answers, country: str, zone: str | None = None) -> None:
    """A country, and what usually goes with it."""
    from bot.edge.setup import place

    answers.country = country
    answers.country_name = place.country_name(country)
    same = zone if zone and place.country_of_zone(zone) == country else None
    answers.time_zone = same or place.zone_of_country(country) or zone or "UTC"
    answers.languages = tuple(dict.fromkeys([LANGUAGES.get(country, "en"), "en"]))


def ask_seller(ask: Asker, answers: Answers, languages: frozenset[str]) -> None:
    """Who signs. Everything may be left open but the country; letters wait for what is missing."""
    from bot.edge.setup.place import own_time_zone

    ask.say("This stands under every letter. Enter leaves a line open; letters wait until it is filled in.")
    line = field(LineField, empty=True)
    answers.legal_name = ask.text("Your company, its legal name", line)
    answers.signatory = ask.text("Your own name", line)
    answers.postal_address = _ask_postal_address(ask)
    country = ask.text("Country (two letters)", _country, answers.country)
    if country != answers.country:
        set_country(answers, country, own_time_zone())
    answers.time_zone = ask.text("Time zone", field(TimeZoneField), answers.time_zone)
    answers.stores = _ask_stores(ask, answers.country)
    known = [tag for tag in answers.languages if tag in languages] or ["en"]
    answers.languages = ask.text(
        "Languages you write, best first", _several(_language(languages)), ", ".join(known)
    )


def _ask_postal_address(ask: Asker) -> tuple[str, ...]:
    ask.say("Your postal address, line by line, without the country. An empty line ends it.")
    lines: list[str] = []
    while typed := ask.text(f"Line {len(lines) + 1}", field(LineField, empty=True)):
        lines.append(typed)
    return tuple(lines)


def _ask_stores(ask: Asker, country: str) -> dict[str, str]:
    usual = MARKETPLACES.get(country, "amazon.com")
    marketplaces = ask.text("Amazon sites you sell on, with commas", _several(_marketplace), usual)
    stores: dict[str, str] = {}
    for marketplace in marketplaces:
        latest = next(reversed(stores.values()), "")
        name = ask.text(f"Your store's name on {marketplace}", field(LineField, empty=True), latest)
        if name:
            stores[marketplace] = name
    return stores


def _several(read: Callable[[str], str]) -> Callable[[str], tuple[str, ...]]:
    def reading(typed: str) -> tuple[str, ...]:
        found = [read(word) for word in re.split(r"[,;\s]+", typed) if word]
        if not found:
            raise ValueError("One is needed.")
        return tuple(dict.fromkeys(found))

    return reading


def _marketplace(typed: str) -> str:
    word = typed.casefold().removeprefix("https://").removeprefix("www.").rstrip("/")
    name = word if word.startswith("amazon.") else f"amazon.{word.lstrip('.')}"
    if not _MARKETPLACE.fullmatch(name):
        raise ValueError(f'"{typed}" is no site of Amazon: expected something like amazon.de.')
    return name


def _country(typed: str) -> str:
    from bot.edge.setup.place import country_name

    code = {"UK": "GB"}.get(typed.upper(), typed.upper())
    if country_name(code) is None:
        raise ValueError(f'"{typed}" is no country code: expected two letters such as DE, GB or US.')
    read: str = field(CountryField)(code)
    return read


def _language(known: frozenset[str]) -> Callable[[str], str]:
    def read(typed: str) -> str:
        tag: str = field(LanguageField)(typed)
        if tag not in known:
            raise ValueError(f"There are no letters in {tag} yet; there are: {', '.join(sorted(known))}.")
        return tag

    return read


def ask_alerts(ask: Asker, answers: Answers) -> None:
    """A second address, where a person hears of news."""

    def read(typed: str) -> str | None:
        other: str | None = field(AddressField, empty=True)(typed)
        if other is not None and other.casefold() == answers.address.casefold():
            raise ValueError("This is the mailbox itself. Name an address that you read elsewhere, or none.")
        return other

    ask.say(
        "Where may Rejoinder tell you of new letters to approve, replies and deadlines? Name another address "
        "that you read on your phone. Nothing about the case stands in these mails."
    )
    answers.alerts_to = ask.text("Second address (Enter: none)", read)


def ask_keeping(ask: Asker, answers: Answers, folder: Path) -> None:
    """Where the password is kept; it never stands in rejoinder.yaml."""
    if answers.command is not None:
        answers.kept = {"command": answers.command}
        return
    if answers.password is None:
        answers.kept = {"file": answers.secret_file}
        return
    from bot.edge.setup.keyring import keyring_usable

    ask.say("The password never stands in rejoinder.yaml. Where may it be kept?")
    options = [(f"In a file that only you can read: {folder / answers.secret_file}", "file")]
    if keyring_usable():
        options.append(("In the keyring of this computer (open while you are signed in)", "keyring"))
    options += [
        ("In an environment variable that I set myself", "env"),
        ("In my password manager; a command prints it", "command"),
    ]
    way = ask.choose("Where?", options)
    answers.kept = {"file": answers.secret_file}
    _KEEP[way](ask, answers)


def _in_a_file(_ask: Asker, _answers: Answers) -> None:
    return


def _in_the_keyring(ask: Asker, answers: Answers) -> None:
    from bot.edge.setup.keyring import keep_in_keyring
    from bot.errors import SecretUnavailable

    try:
        keep_in_keyring(answers.address, answers.password or "")
    except SecretUnavailable as error:
        ask.wrong(f"{error} It goes into the file.")
        return
    answers.kept = {"keyring": answers.address}


def _in_a_variable(ask: Asker, answers: Answers) -> None:
    def read(typed: str) -> str:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", typed):
            raise ValueError("A variable has letters, digits and underscores only.")
        return typed

    usual = f"REJOINDER_{re.sub(r'[^A-Z0-9]+', '_', answers.name.upper())}_PASSWORD"
    answers.kept = {"env": ask.text("Variable", read, usual)}


def _from_a_command(ask: Asker, answers: Answers) -> None:
    from bot.edge.secrets import SecretSource
    from bot.errors import SecretUnavailable

    while True:
        command = ask_command(ask, "password")
        try:
            printed = SecretSource(command=tuple(command))()
        except SecretUnavailable as error:
            ask.wrong(str(error))
        else:
            if printed == answers.password:
                ask.good("It prints the password that works.")
                break
            ask.wrong("It prints something else than the password that works.")
        if not ask.yes("Type the command again?"):
            return
    answers.kept = {"command": command}


_KEEP = {
    "file": _in_a_file,
    "keyring": _in_the_keyring,
    "env": _in_a_variable,
    "command": _from_a_command,
}
