"""The manifest of a backup: every file with its size and SHA-256, and which names may be in one at all."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.edge.places import DATABASE, RAW, RESTORED, RULES
from bot.edge.raw import place
from bot.errors import StoreDamaged

MANIFEST = "manifest.json"
#: The layout of a backup; one of a higher number is refused.
FORMAT = 1
#: Where things lie in a backup, whatever the settings say of the state folder.
STATE = "state"
DATABASE_NAME = f"{STATE}/{DATABASE}"
MARK_NAME = f"{STATE}/{RESTORED}"
_MAIL = re.compile(rf"{STATE}/{RAW}/([0-9a-f]+)/([0-9a-f]+)\.eml")
_PART = r"\w[\w.+ -]*"
#: A set of rules by which a case may go on (`bot.edge.rulesets`).
_RULE_SET = re.compile(rf"{STATE}/{RULES}/[0-9a-f]{{64}}\.json")
_EDITED = re.compile(rf"rejoinder\.yaml|rules(?:/{_PART})*/{_PART}\.yaml|templates(?:/{_PART})*/{_PART}\.txt")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file of a backup."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup is and holds."""

    version: str  #: of the Rejoinder that wrote it
    schema: int  #: of its database
    made_at: datetime  #: after the database was copied: nothing in it is newer
    files: Mapping[str, Entry]  #: by name; all but the manifest itself


def hash_of(name: str) -> str | None:
    """SHA-256 that the name of a kept mail promises; None for every other name."""
    found = _MAIL.fullmatch(name)
    digest = found[1] + found[2] if found else ""
    return digest if len(digest) == 64 and name == f"{STATE}/{RAW}/{place(digest)}" else None


def may_be_in_a_backup(name: str) -> bool:
    """True for the names that we write, and so for the only ones that we unpack."""
    known = name in (DATABASE_NAME, MARK_NAME) or hash_of(name) is not None
    return known or bool(_EDITED.fullmatch(name) or _RULE_SET.fullmatch(name))


def manifest_bytes(manifest: Manifest) -> bytes:
    """The file, as JSON for people and programs."""
    value = {
        "format": FORMAT,
        "version": manifest.version,
        "schema": manifest.schema,
        "made_at": manifest.made_at.astimezone(UTC).isoformat(),
        "files": {
            name: {"sha256": entry.sha256, "size": entry.size} for name, entry in manifest.files.items()
        },
    }
    return (json.dumps(value, indent=1) + "\n").encode("ascii")


def read_manifest(raw: bytes, where: str) -> Manifest:
    """Raises StoreDamaged when it is none, or of a later layout."""
    try:
        value = json.loads(raw)
        if value["format"] > FORMAT:
            raise StoreDamaged(
                f"{where} was written by a newer Rejoinder ({value['version']}); install that version"
            )
        manifest = Manifest(
            version=str(value["version"]),
            schema=int(value["schema"]),
            made_at=datetime.fromisoformat(value["made_at"]),
            files={
                name: Entry(sha256=entry["sha256"], size=int(entry["size"]))
                for name, entry in value["files"].items()
            },
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreDamaged(f"{where}: its {MANIFEST} cannot be read ({error}); use another backup") from error
    odd = [name for name in manifest.files if not may_be_in_a_backup(name)]
    odd += [name for name, entry in manifest.files.items() if not _DIGEST.fullmatch(entry.sha256)]
    if odd or manifest.made_at.tzinfo is None:
        raise StoreDamaged(f"{where}: its {MANIFEST} is not one of ours ({odd[:1]}); use another backup")
    return manifest
