"""The shop a mail is about: named in its text, else the sender's."""

from __future__ import annotations

import re
from collections import Counter

from bot.notice.facts import Found
from bot.notice.source import Source

_SHOP = re.compile(
    r"(?<![\w@./-])(?:www\.)?(amazon\.(?:com\.(?:mx|br|au|tr|be)|co\.(?:uk|jp|za)|com|de|fr|it|es|nl|pl|se|ie|in|ca|sg|ae|sa|eg|cn))(?![\w-]|\.\w|/)",
    re.I,
)


def shop_in(source: Source, sender: str | None) -> Found | None:
    """The shop that the text names, links aside; among several the sender's, else the most frequent."""
    found = [source.found(*match.span(1), match[1].lower()) for match in _SHOP.finditer(source.text)]
    if not found:
        return None
    counts = Counter(item.value for item in found)
    local = {shop: count for shop, count in counts.items() if shop != "amazon.com"} or dict(counts)
    if sender in local or (sender in counts and sender != "amazon.com"):
        chosen = str(sender)
    else:
        chosen = max(local, key=lambda shop: local[shop])
    return next(item for item in found if item.value == chosen)


def shop_of_domain(domain: str) -> str | None:
    """`amazon.de` for `bounces.amazon.de`; None for what is no shop."""
    match = (
        _SHOP.match(domain)
        if domain.startswith("amazon.")
        else _SHOP.search(" " + domain.partition(".amazon.")[2])
    )
    if match:
        return match[1].lower()
    rest = domain.partition(".amazon.")[2]
    return f"amazon.{rest}" if rest else None
