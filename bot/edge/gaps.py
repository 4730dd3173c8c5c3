"""What an account still lacks before a letter can leave; no mistake in a file, and no server is asked."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.settings.values import Account, Profile, SecretFrom


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One thing that is missing."""

    key: str  #: of the account in rejoinder.yaml
    sentence: str


def gaps_of(account: Account, environment: Mapping[str, str] = os.environ) -> Iterator[Gap]:
    """In the order in which they stop something."""
    yield from _password(account, environment)
    if account.authserv_id is None:
        yield Gap(
            key="authserv_id",
            sentence="without it no notice can be proven, so none opens a case; `rejoinder doctor` says "
            "which line to paste",
        )
    for key, profile in account.profiles:
        missing = missing_in(profile)
        if missing:
            yield Gap(
                key=key, sentence=f"it lacks {', '.join(missing)}, so letters are held until they are there"
            )


def missing_in(profile: Profile) -> tuple[str, ...]:
    """Keys of what a letter needs and the profile lacks."""
    wanted = {
        "legal_name": profile.legal_name,
        "signatory": profile.signatory,
        "postal_address": profile.postal_address,
        "stores": profile.stores,
    }
    return tuple(key for key, value in wanted.items() if not value)


def _password(account: Account, environment: Mapping[str, str]) -> Iterator[Gap]:
    named = {server.password for server in (account.imap, account.smtp) if server.password is not None}
    for source in sorted(named, key=str):
        why = _missing(source, environment)
        if why is not None:
            yield Gap(key="password", sentence=why)


def _missing(source: SecretFrom, environment: Mapping[str, str]) -> str | None:
    if source.file is not None and not source.file.exists():
        return f"there is no file {source.file} yet; `rejoinder password` asks for it and puts it there"
    if source.env is not None and source.env not in environment:
        return f"the variable {source.env} is not set here; set it where the daemon is started"
    return None
