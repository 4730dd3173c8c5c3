"""Sets of rules that were in force, kept by their hash: a case goes on by the one it began with."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.case.playbook import Playbook
from bot.draft.templates import TemplateSet
from bot.edge.backup.files import explained, fsync_file
from bot.edge.home import Loaded, hash_of_files, rule_model, switched_off, template_text
from bot.edge.places import RULES, made
from bot.errors import StoreDamaged
from bot.settings.explain import check
from bot.settings.rules import CalendarFile, PlaybookFile, PolicyFile
from bot.settings.text import read_yaml

#: What a case goes on by; everything else of a set only matters when it is opened.
_OF_A_CASE = (PolicyFile, PlaybookFile, CalendarFile)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """What of a kept set a case goes on by."""

    rules_hash: str
    playbooks: Mapping[str, Playbook]
    calendars: Mapping[str, CalendarFile]
    templates: TemplateSet


def place_of(state: Path, rules_hash: str) -> Path:
    """Where a set lies in the state folder."""
    return state / RULES / f"{rules_hash}.json"


def keep_set(loaded: Loaded) -> Path:
    """Keep what was loaded, durably, unless it is there; where it lies. Raises StoreError, StoreFull."""
    target = place_of(loaded.settings.state, loaded.rules_hash)
    if target.exists():
        return target
    texts = {name: raw.decode("utf-8", "surrogateescape") for name, raw in sorted(loaded.files.items())}
    with explained("the rules in force were not kept"):
        made(loaded.settings.state)
        target.parent.mkdir(mode=0o700, exist_ok=True)
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump(texts, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
        fsync_file(target.parent)
    return target


def kept_set(state: Path, rules_hash: str, default_language: str) -> RuleSet | None:
    """The set of this hash, or None when it was never kept here. Raises StoreDamaged."""
    place = place_of(state, rules_hash)
    try:
        texts = json.loads(place.read_text(encoding="ascii"))
        files = {name: text.encode("utf-8", "surrogateescape") for name, text in texts.items()}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, AttributeError) as error:
        raise StoreDamaged(f"{place} cannot be read ({error}); {_WHAT_TO_DO}") from error
    if hash_of_files(files) != rules_hash:
        raise StoreDamaged(f"{place} is not what was kept; {_WHAT_TO_DO}")
    models = {}
    for name, raw in files.items():
        short = name.removeprefix("rules/")
        model = rule_model(short) if name.startswith("rules/") else None
        if model is None or not issubclass(model, _OF_A_CASE):
            continue
        document = read_yaml(raw, name)
        if switched_off(document):
            continue
        if (checked := check(model, document)) is None:
            return None  # a later version reads these files otherwise: today's rules hold
        models[short.rpartition("/")[2].removesuffix(".yaml")] = checked
    policy = models.pop("policy")
    assert isinstance(policy, PolicyFile)
    return RuleSet(
        rules_hash=rules_hash,
        playbooks={n: m.value(n, policy.value()) for n, m in models.items() if isinstance(m, PlaybookFile)},
        calendars={n: m for n, m in models.items() if isinstance(m, CalendarFile)},
        templates=TemplateSet(_texts(files), default_language),
    )


_WHAT_TO_DO = "take it from a backup, or let its cases follow today's rules: `rejoinder case rebase`"


def _texts(files: Mapping[str, bytes]) -> dict[str, str]:
    found = {}
    for name, raw in files.items():
        if name.startswith("templates/") and (text := template_text(raw)) is not None:
            found[name.removeprefix("templates/").removesuffix(".txt")] = text
    return found
