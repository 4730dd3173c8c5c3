"""Who wrote the topmost authentication results of the last mails, and the line that pins them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from email.parser import BytesHeaderParser

from bot.edge.doctor.finding import Finding, count
from bot.mail.authentication import parse_results

#: So many of the newest mails are asked.
LAST_MAILS = 50
#: What to pin where Microsoft 365 leaves its name out (`bot.mail.authentication`).
MICROSOFT = "outlook.com"
_WHAT = "authserv_id"
#: How many mails must say the same: at least, of those with the field, and of all.
_ENOUGH, _NEARLY_ALL, _MOST = 5, 0.8, 0.6


def topmost_id(head: bytes) -> str | None:
    """The id of the topmost Authentication-Results; "" when it names none, None when there is no field."""
    bodies = BytesHeaderParser().parsebytes(head).get_all("Authentication-Results")
    if not bodies:
        return None
    return parse_results(str(bodies[0])).authserv_id or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """Whose results are to be believed, as far as mails show it."""

    authserv_id: str
    sure: bool
    why: str  #: "seen in 48 of the last 50 mails"


def pin_of(heads: Sequence[bytes], of_test: str | None) -> Pin | None:
    """What to pin, by the newest mails and the id in a test mail to oneself (as `topmost_id` gives it).

    Sure when most mails have the field and nearly all of them agree, or when the test mail says the same: a
    sender can write a field into his own mails, but neither into everybody's nor into ours.
    """
    counts = Counter(found for found in map(topmost_id, heads) if found is not None)
    if not counts and of_test is None:
        return None
    best, most = counts.most_common(1)[0] if counts else (of_test or "", 0)
    with_field = counts.total()
    nearly_all = most >= max(_ENOUGH, with_field * _NEARLY_ALL, len(heads) * _MOST)
    seen = f"seen in {most} of the last {len(heads)} mails" if counts else "seen in the test mail"
    sure = nearly_all or of_test == best
    return Pin(authserv_id=best or MICROSOFT, sure=sure, why=seen)


def vouching(heads: Sequence[bytes], pinned: str | None) -> Finding:
    """Compare the ids of mails, given as their header fields, with the one that is pinned."""
    ids = [topmost_id(head) for head in heads]
    counts = Counter(found for found in ids if found is not None)
    if not counts:
        return Finding(
            what=_WHAT,
            ok=None if pinned else False,
            sentence=f"none of the last {count(len(heads), 'mail')} carries authentication results",
            fix="Ask again when mail has come; if that stays, ask your provider to write them.",
        )
    seen = ", ".join(
        f"{name or 'no name (Microsoft 365)'} in {count}" for name, count in counts.most_common()
    )
    best = counts.most_common(1)[0][0] or MICROSOFT
    sentence = f"of the last {count(len(heads), 'mail')}: {seen}"
    line = f"authserv_id: {best}"
    if pinned is None:
        sure = (
            " Several ids were seen: make sure that this one is your provider's." if len(counts) > 1 else ""
        )
        return Finding(
            what=_WHAT,
            ok=False,
            sentence=f"not pinned, so no notice can be proven; {sentence}",
            fix=f"Write into the account in rejoinder.yaml: {line}{sure}",
        )
    if any(_fits(name, pinned) for name in counts):
        other = [name for name in counts if not _fits(name, pinned)]
        if not other:
            return Finding(what=_WHAT, ok=True, sentence=f"pinned to {pinned}; {sentence}")
        return Finding(
            what=_WHAT,
            ok=None,
            sentence=f"pinned to {pinned}; {sentence}. Mails that others vouch for are not believed",
        )
    return Finding(
        what=_WHAT,
        ok=False,
        sentence=f"pinned to {pinned}, which none of them has; {sentence}",
        fix=f"If your provider changed its name, write: {line}",
    )


def _fits(name: str, pinned: str) -> bool:
    wanted = pinned.casefold().rstrip(".")
    if wanted == MICROSOFT or wanted.endswith(f".{MICROSOFT}"):
        return name in ("", wanted, MICROSOFT) or name.endswith(f".{MICROSOFT}")
    return name == wanted
