"""Who we are in a letter: the seller as the other side must be able to see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerProfile:
    """One seller account's identity; an empty field is a gap, never a guess."""

    legal_name: str
    postal_address: tuple[str, ...]  #: lines as on an envelope, without the country
    country: str = ""  #: written out, as the last line of the address; may be empty
    signatory: str  #: who signs
    stores: Mapping[str, str] = field(default_factory=dict)  #: marketplace ("amazon.de") to store name
    languages: tuple[str, ...] = ()  #: language tags the account writes, best first
    sending_address: str  #: addr-spec the letters come from; the one tied to the Amazon account
    from_name: str = ""  #: display name; the legal name when empty
    own_copy: str | None = None  #: where the copy to yourself goes

    def store(self, marketplace: str | None) -> str | None:
        """Store name on this marketplace; when the notice names none, the only store there is."""
        if marketplace is not None:
            return self.stores.get(marketplace)
        return next(iter(self.stores.values())) if len(self.stores) == 1 else None

    def gaps(self, marketplace: str | None) -> tuple[str, ...]:
        """Names of what a letter about this marketplace needs and the profile lacks."""
        wanted = {
            "legal_name": self.legal_name.strip(),
            "postal_address": "".join(self.postal_address).strip(),
            "signatory": self.signatory.strip(),
            "sending_address": self.sending_address.strip(),
            f"stores.{marketplace or '(the marketplace is not known)'}": (
                self.store(marketplace) or ""
            ).strip(),
        }
        return tuple(name for name, value in wanted.items() if not value)
