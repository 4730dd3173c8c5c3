"""Octets made into text: the declared charset where it fits, else what the octets themselves say."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

#: What mailers mean when they write these names.
_MEANT = {
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252",
    "ansi_x3.4-1968": "cp1252", "windows-1252": "cp1252", "iso8859-1": "cp1252",
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "hz-gb-2312": "hz",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932",
    "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "big5": "big5hkscs", "iso-2022-jp": "iso2022_jp_ext",
    "iso-8859-9": "cp1254", "windows-1254": "cp1254", "utf8": "utf-8", "unicode-1-1-utf-7": "utf-7",
}  # fmt: skip
#: No charsets: what these would make of a mail is none of its text.
_NO_CHARSET = ("idna", "punycode", "rot", "unicode_escape", "raw_unicode", "unicode-escape", "undefined")
_ESCAPES = re.compile(rb"\x1b\$[@B]|\x1b\$\([CD]")
_MULTI = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_SAMPLE = 40_000  #: octets that are looked at to guess
#: The commonest characters of written Chinese, both ways of writing them, and of our subject.
_HAN = frozenset(
    "的一是不了人我在有他这中大来上国们您请和到为与及或将对如果提交商品投诉权利亚马逊編這國們請為與對"
)


def decode_octets(octets: bytes, declared: str | None) -> str:
    """The text. The declared charset is believed unless the octets contradict it; nothing is ever refused."""
    name = _meant(declared)
    # Most mails hold no escape at all, and to look for one octet is quicker than for a pattern.
    if b"\x1b" in octets and _is_japanese(octets, name):
        return octets.decode("iso2022_jp_ext", "replace")
    if octets.isascii() and name in (None, "cp1252", "utf-8"):
        return octets.decode("ascii")
    if name in (None, "cp1252", "cp1254", "iso-8859-15"):
        # Octets of those charsets are hardly ever right UTF-8 by chance.
        text = _strict(octets, "utf-8")
        if text is not None:
            return text
    if name is not None and name != "cp1252":
        text = _strict(octets, name)
        if text is not None:
            return text
    return _guessed(octets, name)


def _is_japanese(octets: bytes, name: str | None) -> bool:
    """Written in ISO-2022-JP, whatever else was declared that these octets would be no text in."""
    unclear = name in (None, "cp1252", "utf-8") or name.startswith("iso2022")
    return unclear and _ESCAPES.search(octets[:_SAMPLE]) is not None


@lru_cache(maxsize=64)  # the same few in every mail
def _meant(declared: str | None) -> str | None:
    """The codec to try for a declared charset, or None when there is no such charset."""
    name = (declared or "").strip("\"' ").casefold()
    name = _MEANT.get(name, name)
    if not name or name.startswith(_NO_CHARSET) or not (name.isascii() and name.isprintable()):
        return None
    try:
        b"a".decode(name)
    except LookupError:
        return None
    except ValueError:
        pass  # a charset of more than one octet
    return name


def _strict(octets: bytes, name: str) -> str | None:
    try:
        return octets.decode(name)
    except (LookupError, ValueError):
        return None


def _guessed(octets: bytes, declared: str | None) -> str:
    """UTF-8 with few errors, a charset of East Asia that makes sense, Windows-1252, or replacements."""
    sample = octets[:_SAMPLE]
    high = sum(octet > 0x7F for octet in sample) or 1
    if sum(map(len, _MULTI.findall(sample))) > 0.9 * high:
        return octets.decode("utf-8", "replace")
    for name in ("cp932", "euc_jp", "gb18030", "big5hkscs"):
        if _makes_sense(sample, name):
            return octets.decode(name, "replace")
    name = _neighbour(octets) or "cp1252"
    text = _strict(octets, name)
    if text is not None:
        return text
    return octets.decode(declared or "utf-8", "replace")


#: Inside words, octets that Western Europe has no letter for, and Poland or Turkey has. Icelandic letters are
#: Turkish ones: no notice is Icelandic.
_NEIGHBOURS = (
    ("iso8859_2", re.compile(rb"[a-z][\xb1\xb3\xb6]|[\xb1\xb3\xb6][a-z]|\xbf[a-z]{2}")),
    ("cp1250", re.compile(rb"[a-z][\xb9\xb3\x9c]|[\xb3\x9c][a-z]|\xbf[a-z]{2}")),
    ("cp1254", re.compile(rb"[a-z\xfc\xf6\xe7][\xf0\xfd\xfe]|[\xfd\xfe][a-z\xfc\xf6\xe7]")),
)


def _neighbour(octets: bytes) -> str | None:
    """A charset of the neighbours that one misread word in a hundred octets of them speaks for, if any."""
    sample = octets[:_SAMPLE]
    high = sum(octet > 0x7F for octet in sample)
    counts = {name: len(odd.findall(sample)) for name, odd in _NEIGHBOURS}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] >= 2 and counts[best] > 0.2 * high else None


def _makes_sense(sample: bytes, name: str) -> bool:
    """Kana for Japanese, the commonest characters for Chinese; a cut character at the end is forgiven."""
    text = sample.decode(name, "replace")
    seen = Counter(_kind(char) for char in text if char > "\x7f")
    total = sum(seen.values())
    if total < 4 or seen["broken"] > max(1, total // 50):
        return False
    if name in ("cp932", "euc_jp"):
        return seen["kana"] > 0.2 * total
    common = sum(char in _HAN for char in text)
    return seen["han"] > 0.5 * total and common > 0.05 * total


def _kind(char: str) -> str:
    if "\u3041" <= char <= "\u30fa":
        return "kana"
    if "\u4e00" <= char <= "\u9fff":
        return "han"
    return "broken" if char == "\ufffd" else "other"
