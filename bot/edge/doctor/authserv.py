"""Who wrote the topmost authentication results of the last mails, and the line that pins them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from email.parser import BytesHeaderParser

from bot.edge.doctor.finding import Finding, count
from bot.mail.address import organisational_domain
from bot.mail.authentication import is_written_by, topmost_results
from bot.settings.writing import scalar

#: So many of the newest mails are asked.
LAST_MAILS = 50
#: What to pin where Microsoft 365 leaves its name out (`bot.mail.authentication`).
MICROSOFT = "outlook.com"
_WHAT = "authserv_id"
#: How many mails must say the same: at least, of those with the field, and of all.
_ENOUGH, _NEARLY_ALL, _MOST = 5, 0.8, 0.6


def topmost_id(head: bytes) -> str | None:
    """Who said last what is thought of the author; "" when it has no name, None when nobody said anything."""
    fields = BytesHeaderParser().parsebytes(head).items()
    found = topmost_results((name, str(body)) for name, body in fields)
    return None if found is None else found.authserv_id or ""


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
    best, most = _usual(counts) if counts else (of_test or MICROSOFT, 0)
    with_field = counts.total()
    nearly_all = most >= max(_ENOUGH, with_field * _NEARLY_ALL, len(heads) * _MOST)
    seen = f"seen in {most} of the last {len(heads)} mails" if counts else "seen in the test mail"
    sure = nearly_all or (of_test is not None and is_written_by(of_test, best))
    return Pin(authserv_id=best, sure=sure, why=seen)


def _usual(counts: Counter[str]) -> tuple[str, int]:
    """The line to pin, and in how many mails: one name, or `*.domain` for the machines of one provider."""
    providers: dict[str, Counter[str]] = {}
    for name, mails in counts.items():
        provider = organisational_domain(name) or name if name else MICROSOFT
        providers.setdefault(provider, Counter())[name] = mails
    provider, names = max(providers.items(), key=lambda found: found[1].total())
    if provider == MICROSOFT:
        return MICROSOFT, names.total()
    return next(iter(names)) if len(names) == 1 else f"*.{provider}", names.total()


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
    best, most = _usual(counts)
    sentence = f"of the last {count(len(heads), 'mail')}: {seen}"
    line = f"authserv_id: {scalar(best)}"
    if pinned is None:
        sure = " Others were seen too: make sure that this is your provider." if most < counts.total() else ""
        return Finding(
            what=_WHAT,
            ok=False,
            sentence=f"not pinned, so no notice can be proven; {sentence}",
            fix=f"Write into the account in rejoinder.yaml: {line}{sure}",
        )
    if any(is_written_by(name, pinned) for name in counts):
        other = [name for name in counts if not is_written_by(name, pinned)]
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
