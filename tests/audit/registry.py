"""What the package registry says of one release: known vulnerabilities, and whether it was taken back."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

PYPI = "https://pypi.org/pypi"
TIMEOUT = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing against a release."""

    name: str
    version: str
    id: str  #: as the registry names it (PYSEC-…, GHSA-…), or "yanked"
    also: tuple[str, ...]  #: other names of the same
    fixed_in: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        names = ", ".join((self.id, *self.also))
        mended = f"; mended in {', '.join(self.fixed_in)}" if self.fixed_in else ""
        return f"{self.name} {self.version}: {names}{mended}\n    {self.text}"


class NoAnswer(Exception):
    """The registry could not be asked about a release, or did not say; so nothing is known. A sentence."""


def ask(name: str, version: str, registry: str = PYPI) -> tuple[Finding, ...]:
    """What is known against this release. Raises NoAnswer."""
    address = f"{registry}/{name}/{version}/json"
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT) as answer:
            said = json.load(answer)
        return tuple(_findings(name, version, said))
    except urllib.error.HTTPError as refusal:
        raise NoAnswer(f"{address} answers {refusal.code}") from refusal
    except (OSError, ValueError) as error:
        raise NoAnswer(f"{address}: {getattr(error, 'reason', None) or error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise NoAnswer(f"{address} says nothing about vulnerabilities") from error


def _findings(name: str, version: str, said: dict) -> Iterator[Finding]:
    for one in said["vulnerabilities"]:
        if not one.get("withdrawn"):
            yield Finding(
                name=name,
                version=version,
                id=one["id"],
                also=tuple(one.get("aliases") or ()),
                fixed_in=tuple(one.get("fixed_in") or ()),
                text=_first_line(one.get("summary") or one.get("details") or "no description"),
            )
    if said["info"]["yanked"]:
        reason = said["info"].get("yanked_reason") or "its authors do not say why"
        text = f"taken back by its authors: {_first_line(reason)}"
        yield Finding(name=name, version=version, id="yanked", also=(), fixed_in=(), text=text)


def _first_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else line[:199] + "…"
