"""Random names for cases, letters and mails."""

from __future__ import annotations

import base64
import secrets

#: Crockford's base32: no I, L, O or U, so that an id can be read out on the telephone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class RandomIds:
    """Fulfils `Ids` from the operating system's randomness."""

    def case_id(self) -> str:
        """Eight characters, 40 bits: collisions are the store's to refuse, and are not expected."""
        return _word(8)

    def letter_id(self) -> str:
        """Twelve characters, 60 bits."""
        return _word(12)

    def message_id(self, domain: str) -> str:
        """`<rj.` and 128 bits in 26 characters of base32, then the domain (RFC 5322 §3.6.4)."""
        token = base64.b32encode(secrets.token_bytes(16)).decode("ascii").rstrip("=")
        return f"<rj.{token}@{domain}>"

    def alert_message_id(self, domain: str) -> str:
        """The same for an alert to the operator, which is no letter: `<rj.alert.…@domain>`."""
        return self.message_id(domain).replace("<rj.", "<rj.alert.")


def _word(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
