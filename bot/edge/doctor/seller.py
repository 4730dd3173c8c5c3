"""Whether the seller profile has what a letter needs, and who signs in to send it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.edge.doctor.finding import Finding
from bot.settings.values import Account


def look_at_profile(account: Account) -> Iterator[Finding]:
    """Gaps of the profile, and the sending address against the name that signs in."""
    profile = account.profile
    wanted = {
        "legal_name": profile.legal_name,
        "postal_address": profile.postal_address,
        "signatory": profile.signatory,
        "stores": profile.stores,
    }
    gaps = [name for name, value in wanted.items() if not value]
    if gaps:
        yield Finding(
            what="profile",
            ok=False,
            sentence=f"the profile lacks {', '.join(gaps)}, so drafts are held",
            fix="Fill it in below profile: of the account in rejoinder.yaml.",
        )
    else:
        yield Finding(what="profile", ok=True, sentence="a letter has all that it needs")
    user = account.smtp.user
    if user and "@" in user and user.casefold() != account.address.casefold():
        yield Finding(
            what="sending address",
            ok=None,
            sentence=f"letters are from {account.address}, and {user} signs in to send them",
            fix="Make sure that your provider lets this login send from that address.",
        )
    else:
        yield Finding(what="sending address", ok=True, sentence=f"letters are from {account.address}")
