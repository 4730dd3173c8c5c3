"""Who signs the letters: the profile of an account, and stores that share the mailbox of one."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import Field, field_validator

from bot.settings.parts import AddressField, LineField, Model
from bot.settings.values import Profile, StoreAccount

_MARKETPLACE = re.compile(r"amazon\.[a-z]{2,3}(\.[a-z]{2})?")
_TOKEN = re.compile(r"[A-Z0-9]{8,20}")


def _marketplace(name: str) -> str:
    if not _MARKETPLACE.fullmatch(name):
        raise ValueError(f'"{name}" is no marketplace: expected something like amazon.de')
    return name


class ProfileModel(Model):
    """Who signs; what is missing holds a draft until it is filled in."""

    legal_name: LineField | None = None
    from_name: LineField | None = Field(
        default=None, description="Display name in From; default: legal_name."
    )
    postal_address: list[LineField] = Field(default_factory=list, description="One entry a line.")
    country: LineField | None = Field(default=None, description="Written out, under the postal address.")
    signatory: LineField | None = Field(default=None, description="The person under the letter.")
    stores: dict[str, LineField] = Field(
        default_factory=dict, description="Marketplace to store name, such as amazon.de: Brindlecove"
    )

    @field_validator("stores")
    @classmethod
    def _marketplaces(cls, stores: dict[str, str]) -> dict[str, str]:
        for marketplace in stores:
            _marketplace(marketplace)
        return stores

    def value(self) -> Profile:
        """As a frozen value."""
        return Profile(
            legal_name=self.legal_name,
            from_name=self.from_name,
            postal_address=tuple(self.postal_address),
            country=self.country,
            signatory=self.signatory,
            stores=tuple(self.stores.items()),
        )


class StoreModel(Model):
    """One of several seller accounts whose notices arrive in the same mailbox."""

    address: AddressField | None = Field(
        default=None, description="Tied to it at Amazon; its letters come from it. Default: the account's."
    )
    recipients: list[AddressField] = Field(
        default_factory=list, description="Further addresses its notices are sent to."
    )
    merchant_tokens: list[LineField] = Field(default_factory=list, description="As in Seller Central.")
    names: list[LineField] = Field(
        default_factory=list, description="Further names by which notices call it, beside profile.stores."
    )
    profile: ProfileModel

    @field_validator("merchant_tokens")
    @classmethod
    def _tokens(cls, tokens: list[str]) -> list[str]:
        for token in tokens:
            if not _TOKEN.fullmatch(token):
                raise ValueError(f'"{token}" is no merchant token: expected something like A1B2C3D4E5F6G7')
        return tokens

    def value(self, name: str) -> StoreAccount:
        """As a frozen value; what the profile says is a mark as well."""
        return StoreAccount(
            name=name,
            address=self.address,
            recipients=tuple(dict.fromkeys([*([self.address] if self.address else []), *self.recipients])),
            merchant_tokens=tuple(self.merchant_tokens),
            names=tuple(dict.fromkeys([*self.profile.stores.values(), *self.names])),
            marketplaces=tuple(self.profile.stores),
            profile=self.profile.value(),
        )


def refuse_shared_marks(stores: Mapping[str, StoreModel]) -> None:
    """A merchant token or an address belongs to one store. Raises ValueError."""
    seen: dict[str, str] = {}
    for name, store in stores.items():
        marks = [*store.merchant_tokens, *store.recipients, *([store.address] if store.address else [])]
        for mark in dict.fromkeys(one.casefold() for one in marks):
            if mark in seen:
                raise ValueError(f"stores {seen[mark]} and {name} both have {mark}; it can be only one's")
            seen[mark] = name
