"""Where this computer seems to stand: its time zone, and the country of it, as a first answer to offer."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

_LOCALTIME = Path("/etc/localtime")
_TIMEZONE = Path("/etc/timezone")
#: Domains that end in these belong to the country of another code, or to none.
_NO_COUNTRY = frozenset({"AI", "CC", "CO", "IO", "LY", "ME", "SH", "TO", "TV", "WS"})
_OTHER_CODE = {"UK": "GB"}
#: Where nearly everybody lives in one of several zones (Büsingen, Ceuta, Madeira have others).
_USUAL = {"DE": "Europe/Berlin", "ES": "Europe/Madrid", "PT": "Europe/Lisbon", "CN": "Asia/Shanghai"}


def own_time_zone(environment: Mapping[str, str] = os.environ, localtime: Path = _LOCALTIME) -> str | None:
    """Name in the IANA list, such as Europe/Berlin; None when it cannot be told or is no place (UTC)."""
    told = [environment.get("TZ", "").lstrip(":"), localtime.resolve().as_posix().partition("/zoneinfo/")[2]]
    if localtime is _LOCALTIME and _TIMEZONE.is_file():
        told.append(_TIMEZONE.read_text(encoding="utf-8", errors="replace").strip())
    places = (name for name in told if "/" in name and not name.startswith("Etc/"))
    return next((name for name in places if _is_zone(name)), None)


def country_of_zone(zone: str) -> str | None:
    """Two letters (ISO 3166) of the country that a time zone is named after."""
    return next((code for code, name in _zones() if name == zone), None)


def zone_of_country(country: str) -> str | None:
    """The time zone of a country, or None when it has several and no usual one, or is unknown."""
    found = [name for code, name in _zones() if code == country]
    return found[0] if len(found) == 1 else _USUAL.get(country)


def country_of_domain(domain: str) -> str | None:
    """The country in whose name space a domain lies, None for .com and for codes that are sold as words."""
    end = domain.rpartition(".")[2].upper()
    code = _OTHER_CODE.get(end, end)
    known = {one for one, _ in _zones()}
    return code if code in known and code not in _NO_COUNTRY else None


def country_name(code: str) -> str | None:
    """In English, as it is written under a postal address abroad."""
    for line in _table("iso3166.tab"):
        known, _, name = line.partition("\t")
        if known == code:
            return {"GB": "United Kingdom"}.get(code, name.strip())
    return None


def _zones() -> list[tuple[str, str]]:
    rows = (line.split("\t") for line in _table("zone.tab"))
    return [(row[0], row[2].strip()) for row in rows if len(row) >= 3]


def _table(name: str) -> list[str]:
    text = (resources.files("tzdata") / "zoneinfo" / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
