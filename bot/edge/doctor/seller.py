"""Whether the seller profile has what a letter needs, and who signs in to send it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.edge.doctor.finding import Finding
from bot.edge.gaps import missing_in
from bot.settings.values import Account


def look_at_profile(account: Account) -> Iterator[Finding]:
    """Gaps of the profile, and the sending address against the name that signs in."""
    for key, profile in account.profiles:
        gaps = missing_in(profile)
        if gaps:
            yield Finding(
                what=key,
                ok=False,
                sentence=f"the profile lacks {', '.join(gaps)}, so drafts are held",
                fix=f"Fill it in below {key}: of the account in rejoinder.yaml.",
            )
        else:
            yield Finding(what=key, ok=True, sentence="a letter has all that it needs")
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
