"""A whole home, read and checked: settings, rules, templates; every mistake of every file at once."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from bot.case.calendar import Calendar
from bot.case.playbook import Playbook
from bot.case.routing import Routing
from bot.draft.templates import TemplateSet
from bot.edge.consistency import inconsistencies
from bot.edge.files import SETTINGS_FILE, defaults_folder, read_bytes, read_document, read_settings
from bot.errors import ConfigurationError, Problem
from bot.reading.rules import model_of
from bot.settings.explain import check
from bot.settings.providers import PROVIDERS_FILE, ProvidersFile
from bot.settings.rules import (
    ACCOUNT_CALENDAR,
    CalendarFile,
    PlaybookFile,
    PolicyFile,
    RoutingFile,
    WordsFile,
)
from bot.settings.text import LARGEST, Document
from bot.settings.values import Account, Policy, Settings

#: Files under rules/, by pattern -> what they must look like; the reading room knows its own (`model_of`).
RULE_FILES: dict[str, type[BaseModel]] = {
    "policy.yaml": PolicyFile,
    "routing.yaml": RoutingFile,
    "playbooks/*.yaml": PlaybookFile,
    "calendars/*.yaml": CalendarFile,
    "words.yaml": WordsFile,
    PROVIDERS_FILE: ProvidersFile,
}
READING_FILES = ("senders.yaml", "neighbours.yaml", "labels/*.yaml", "answers/*.yaml", "families/*.yaml")
#: The folders are the most to read, and only the reading of mail needs them; the file is for `init` only.
NOT_FOR_LIGHT = ("labels/", "answers/", "families/", "neighbours.yaml", PROVIDERS_FILE)
#: These must be there: nothing works without them.
NEEDED = ("policy.yaml", "routing.yaml", "senders.yaml")

#: As `TemplateSet` wants them.
TEMPLATE_KEY = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*/[a-z0-9]+(?:[-.][a-z0-9]+)*")

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """One effective file under rules/: the home's own, else the default."""

    name: str  #: "playbooks/inquiry.yaml"
    document: Document
    model: BaseModel

    @property
    def stem(self) -> str:
        """ "inquiry" for "playbooks/inquiry.yaml"."""
        return self.name.rpartition("/")[2].removesuffix(".yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Everything that files say."""

    settings: Settings
    policy: Policy
    routing: Routing
    playbooks: Mapping[str, Playbook]
    calendars: Mapping[str, CalendarFile]  #: by name, without a time zone
    templates: TemplateSet
    template_texts: Mapping[str, str]  #: "de/inquiry" -> text
    template_paths: Mapping[str, str]  #: "de/inquiry" -> its file as a person at the home knows it
    rules: Mapping[str, RuleFile]  #: "families/trademark.yaml" -> file, in the order of their names
    files: Mapping[str, bytes]  #: "rules/routing.yaml" -> what it holds; all that the hash is made of
    rules_hash: str  #: SHA-256 over the names and bytes of every effective rule and template

    def calendar(self, account: Account, playbook: Playbook | None = None) -> Calendar:
        """By which calendar the waits of a playbook are counted for an account.

        The playbook's own, else the account's, else the file named like the account's country, else the
        plain public holidays of that country.
        """
        return calendar_of(self.calendars, account, playbook)


def calendar_of(
    calendars: Mapping[str, CalendarFile], account: Account, playbook: Playbook | None = None
) -> Calendar:
    """As `Loaded.calendar`, with the calendars of any set of rules."""
    name = account.calendar or account.country.lower()
    if playbook is not None and playbook.calendar != ACCOUNT_CALENDAR:
        name = playbook.calendar
    if (file := calendars.get(name)) is not None:
        calendar = file.value(name, account.time_zone)
        same_country = calendar.country == account.country and calendar.subdivision is None
        return replace(calendar, subdivision=account.subdivision) if same_country else calendar
    return Calendar(
        name=name,
        time_zone=account.time_zone,
        country=account.country,
        subdivision=account.subdivision,
    )


def load_home(
    home: Path,
    *,
    environment: Mapping[str, str] = os.environ,
    flags: Mapping[str, Any] | None = None,
    light: bool = False,
) -> Loaded:
    """Read and check everything. Raises ConfigurationError with every mistake of every file.

    `light` is for a command that lives for a moment and reads no mail: labels and families are not looked
    at, and templates are not tried.
    """
    home = home.expanduser().absolute()
    document, settings = read_settings(home, environment=environment, flags=flags)
    return _load(home, document, settings, light=light)


def load_rules(settings: Settings) -> Loaded:
    """The rules and templates of a home as they are now, beside settings read before.

    Raises ConfigurationError with every mistake.
    """
    return _load(settings.home, Document(path=SETTINGS_FILE), settings, light=False)


def _load(home: Path, settings_document: Document, settings: Settings | None, *, light: bool) -> Loaded:
    problems: list[Problem] = [*settings_document.problems]
    files: dict[str, bytes] = {}
    rules = _read_rules(home, files, problems, leave_out=NOT_FOR_LIGHT if light else ())
    texts = _read_templates(home, files, problems)
    templates = TemplateSet(texts, settings.default_language if settings else "en")
    problems += () if light else _template_problems(home, texts, templates)
    problems += inconsistencies(
        settings,
        settings_document,
        {name: (rule.document, rule.model) for name, rule in rules.items()},
        effective_files(home, "rules", ".yaml"),
        templates,
    )
    if settings is None or problems:
        raise ConfigurationError(tuple(problems))
    policy = _models(rules, PolicyFile)["policy"].value()
    return Loaded(
        settings=settings,
        policy=policy,
        routing=_models(rules, RoutingFile)["routing"].value(),
        playbooks={name: file.value(name, policy) for name, file in _models(rules, PlaybookFile).items()},
        calendars=_models(rules, CalendarFile),
        templates=templates,
        template_texts=texts,
        template_paths=_template_paths(home, texts),
        rules=rules,
        files=files,
        rules_hash=hash_of_files(files),
    )


def effective_files(home: Path, folder: str, ending: str) -> dict[str, Path]:
    """Files of a folder (`rules` or `templates`) by name; a home's own wins over the default of that name."""
    found: dict[str, Path] = {}
    for root in dict.fromkeys((defaults_folder() / folder, home / folder)):
        for file in sorted(root.rglob(f"*{ending}")) if root.is_dir() else ():
            name = file.relative_to(root).as_posix()
            if not any(part.startswith(".") for part in name.split("/")):
                found[name] = file
    return dict(sorted(found.items()))


def rule_model(name: str) -> type[BaseModel] | None:
    """What a file under rules/ must look like, or None when no file of this name is known."""
    return next(
        (model for pattern, model in RULE_FILES.items() if fnmatchcase(name, pattern)), model_of(name)
    )


def load_providers(home: Path | None) -> ProvidersFile:
    """The providers that are known: a home's own file, else ours. Raises ConfigurationError."""
    places = [folder / "rules" / PROVIDERS_FILE for folder in (home, defaults_folder()) if folder is not None]
    file = next(file for file in places if file == places[-1] or file.is_file())
    _, document = read_document(file, str(file))
    known = check(ProvidersFile, document)
    if known is None:
        raise ConfigurationError(tuple(document.problems))
    return known


def _models(rules: Mapping[str, RuleFile], model: type[M]) -> dict[str, M]:
    return {rule.stem: rule.model for rule in rules.values() if isinstance(rule.model, model)}


def _shown(home: Path, file: Path) -> str:
    """A path as a person at the home would write it; a default elsewhere keeps its full path."""
    return file.relative_to(home).as_posix() if file.is_relative_to(home) else str(file)


def hash_of_files(files: Mapping[str, bytes]) -> str:
    """SHA-256 over names and contents, by which a set of rules is known."""
    lines = "".join(f"{hashlib.sha256(raw).hexdigest()}  {name}\n" for name, raw in sorted(files.items()))
    return hashlib.sha256(lines.encode("utf-8")).hexdigest()


def _read_rules(
    home: Path, contents: dict[str, bytes], problems: list[Problem], leave_out: tuple[str, ...] = ()
) -> dict[str, RuleFile]:
    """Every rule file that is sound; mistakes are added to `problems`."""
    rules: dict[str, RuleFile] = {}
    files = effective_files(home, "rules", ".yaml")
    for name, file in files.items():
        shown = _shown(home, file)
        if leave_out and name.startswith(leave_out):
            _keep(contents, name, read_bytes(file, shown)[0])
            continue
        model = rule_model(name)
        if model is None:
            problems.append(_unknown_file(name, shown))
            continue
        raw, document = read_document(file, shown)
        _keep(contents, name, raw)
        if switched_off(document):
            if name in NEEDED:
                place = document.keys.get(("off",))
                problems.append(document.problem("this file cannot be switched off", place))
            continue
        checked = check(model, document)
        problems += document.problems
        if checked is not None:
            rules[name] = RuleFile(name=name, document=document, model=checked)
    problems += [
        Problem(path=f"rules/{name}", message="this file is missing and there is no default for it")
        for name in NEEDED
        if name not in files
    ]
    return rules


def _keep(contents: dict[str, bytes], name: str, raw: bytes) -> None:
    if name != PROVIDERS_FILE:  # no case depends on it, so a corrected port changes no case
        contents[f"rules/{name}"] = raw


def _unknown_file(name: str, shown: str) -> Problem:
    patterns = (*RULE_FILES, *READING_FILES)
    stems = [pattern.removesuffix("/*.yaml") for pattern in patterns]
    near = get_close_matches(name.partition("/")[0], stems, 1)
    hint = f"Nearest: rules/{near[0]}" if near else f"Known are: {', '.join(f'rules/{p}' for p in patterns)}"
    return Problem(path=shown, message="no rule file has this name", hint=hint)


def switched_off(document: Document) -> bool:
    """`off: true`; the rest of such a file is not looked at."""
    if not isinstance(document.value, dict):
        return False
    if document.value.get("off") is True:
        return True
    if document.value.get("off") is False:
        del document.value["off"]  # not every model knows the word
    return False


def _read_templates(home: Path, contents: dict[str, bytes], problems: list[Problem]) -> dict[str, str]:
    """Texts of all templates by "<language tag>/<step>"; mistakes are added to `problems`."""
    texts: dict[str, str] = {}
    for name, file in effective_files(home, "templates", ".txt").items():
        shown, key = _shown(home, file), name.removesuffix(".txt")
        raw, problem = read_bytes(file, shown)
        if problem is None:
            problem = _no_template(raw, key, shown)
        if problem is not None:
            problems.append(problem)
            continue
        contents[f"templates/{name}"] = raw
        if (text := template_text(raw)) is not None:
            texts[key] = text
    return texts


def template_text(raw: bytes) -> str | None:
    """The text of a template, or None when it is switched off."""
    text = raw.decode("utf-8-sig")
    return None if text.strip() == "off: true" else text


def _no_template(raw: bytes, key: str, shown: str) -> Problem | None:
    """Why a file cannot be a template at all."""
    if len(raw) > LARGEST:
        return Problem(path=shown, message=f"more than {LARGEST} bytes are not read")
    if not TEMPLATE_KEY.fullmatch(key):
        return Problem(
            path=shown,
            message="this is not the name of a template",
            hint="Write templates/<language tag>/<step>.txt, as in templates/en/inquiry.txt",
        )
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        hint = "Save the file with encoding UTF-8."
        return Problem(path=shown, line=line, message="a byte in this line is not UTF-8", hint=hint)
    return None


def _template_paths(home: Path, texts: Mapping[str, str]) -> dict[str, str]:
    files = effective_files(home, "templates", ".txt")
    return {key: _shown(home, files[f"{key}.txt"]) for key in texts}


def _template_problems(home: Path, texts: Mapping[str, str], templates: TemplateSet) -> Iterator[Problem]:
    files = effective_files(home, "templates", ".txt")
    for found in templates.problems():
        lines = texts[found.key].splitlines()
        source = lines[found.line - 1].rstrip() if 0 < found.line <= len(lines) else None
        shown = _shown(home, files[f"{found.key}.txt"])
        yield Problem(path=shown, line=found.line, message=found.message, source=source)
