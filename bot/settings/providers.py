"""Mail providers as data: where their servers are, how they are found by an address, and their quirks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from pydantic import Field

from bot.settings.parts import AuthservField, FileModel, HostField, LineField, Model, NameField

#: Name of the file under rules/.
PROVIDERS_FILE = "providers.yaml"


class ProviderServerModel(Model):
    """One server of a provider."""

    host: HostField
    port: int | None = Field(default=None, ge=1, le=65535, description="Default: the usual one.")
    security: Literal["tls", "starttls"] = "tls"


class ProviderModel(Model):
    """One provider."""

    title: LineField = Field(description="As its customers call it.")
    domains: list[HostField] = Field(default_factory=list, description="Domains of its addresses.")
    mx: list[HostField] = Field(
        default_factory=list,
        description="Ends of the names of its mail exchangers, for domains of customers.",
    )
    imap: ProviderServerModel
    smtp: ProviderServerModel
    files_sent: bool = Field(description="It puts what it sent into Sent by itself.")
    sign_in: list[Literal["password", "xoauth2"]] = Field(
        min_length=1, description="Ways that work, best first."
    )
    authserv_id: AuthservField | None = Field(
        default=None, description="What it was seen to write; a hint only."
    )
    password_page: LineField | None = Field(default=None, description="Where an app password is made.")
    quirks: list[LineField] = Field(
        min_length=1, description="What a seller must know, a sentence or two each."
    )
    seen: date = Field(description="When these facts were last looked up.")


class ProvidersFile(FileModel):
    """rules/providers.yaml."""

    providers: dict[NameField, ProviderModel]


def provider_of(domain: str, known: ProvidersFile) -> ProviderModel | None:
    """The provider whose own addresses are of this domain."""
    found = (one for one in known.providers.values() if _any_within(domain, one.domains))
    return next(found, None)


def provider_by_mx(exchangers: Iterable[str], known: ProvidersFile) -> ProviderModel | None:
    """The provider that receives the mail of a domain; `exchangers` by preference, the best first."""
    found = (one for host in exchangers for one in known.providers.values() if _any_within(host, one.mx))
    return next(found, None)


def _any_within(host: str, domains: Iterable[str]) -> bool:
    labels = host.casefold().rstrip(".").split(".")
    return any(labels[-domain.count(".") - 1 :] == domain.split(".") for domain in domains)
