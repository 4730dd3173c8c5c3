"""Addresses and telephone numbers as they stand in text, also where the writer hides them from machines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.mail.address import canonical
from bot.mail.text import fold
from bot.notice.facts import Found
from bot.notice.source import Source

_PLAIN = re.compile(
    r"(?<![A-Za-z0-9._%+'@＠-])([A-Za-z0-9][A-Za-z0-9._%+'/=&-]{0,63}[@＠](?:[^\W_](?:[\w-]{0,61}[^\W_])?[.．]){1,8}[^\W\d_]{2,24})(?![\w@-])"
)
_OPEN, _CLOSE = r"[\[({<〔［（]", r"[\])}>〕］）]"
#: What the sign and the full stop are called where they are written in words.
_SIGN = r"(?:at|ät|arroba|arobase|chiocciola|małpa|apenstaartje|snabel-?a|et|艾特|アット|chez|@|a)"
_STOP = r"(?:dot|punkt|punto|point|punt|kropka|nokta|ponto|点|ドット|\.)"
_AT = (
    rf"(?:\s*{_OPEN}\s*{_SIGN}\s*{_CLOSE}\s*|\s+AT\s+|\s+\bat\b\s+(?=[\w-]+\s*"
    rf"(?:{_OPEN}|\s+dot\s)))"
)
_DOT = rf"(?:\.|\s*{_OPEN}\s*{_STOP}\s*{_CLOSE}\s*|\s+(?:DOT|dot|PUNKT)\s+)"
_HIDDEN = re.compile(
    rf"(?<![\w.+-])([A-Za-z0-9][\w.+-]{{0,63}}(?:{_DOT}[\w+-]{{1,40}}){{0,2}}){_AT}([A-Za-z0-9][\w-]{{0,62}}(?:{_DOT}[A-Za-z0-9][\w-]{{0,62}}){{1,5}})(?![\w-])"
)
#: "name @ firm . example": spaces that keep collectors of addresses off.
_SPACED = re.compile(
    r"(?<![\w.+-])([A-Za-z0-9][\w.+-]{0,63}) [@＠] "
    r"([A-Za-z0-9][\w-]{0,62}(?:(?:\.| \. )[A-Za-z0-9][\w-]{0,62}){0,4}(?:\.| \. )[A-Za-z]{2,24})(?![\w@-])"
)
#: Without one of these nothing is hidden: a sign in brackets, AT as a word, "at" before a "dot" or a bracket.
_MAY_HIDE = (  # each alone, because one that begins with letters is found more quickly
    re.compile(rf"at\s+[\w-]+\s*(?:{_OPEN}|\sdot\s)"),
    re.compile(r"AT\s"),
    re.compile(rf"{_OPEN}\s*{_SIGN}\s*{_CLOSE}"),
)
_PHONE = re.compile(r"(?<![\w.,/:-])(\+?\(?\d[\d\s()./\u2010-\u2014-]{5,22}\d)(?![\w-])")
#: Right before a number at which nobody answers.
_FAX = re.compile(r"(?:fax|télécopie|ファックス|传真)\W{0,4}$", re.I)
_ORDER = re.compile(r"\d{3}-\d{7}-\d{7}")
#: What makes the digits behind it the number of a right.
_COUNTRY = re.compile(r"(?<![A-Za-z])(?:EP|US|WO|DE|GB|UK|FR|IT|ES|NL|PL|SE|TR|JP|CN|KR|EU|BE|AT|CH) ?$")
_DOCKET = re.compile(r"\d:\d\d-|\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4}")


def addresses_in(source: Source, start: int = 0, end: int | None = None) -> Iterator[Found]:
    """Every addr-spec in a range, in plain form; the span is what stands in the mail."""
    if source.addresses is None:
        source.addresses = tuple(_addresses(source))
    stop = len(source.text) if end is None else end
    for found in source.addresses:
        if start <= found.span.start and found.span.end <= stop:
            yield found


def _addresses(source: Source) -> Iterator[Found]:
    """All of a text: the plain ones, then those with spaces in between, then those written in words."""
    text = source.text
    taken: list[tuple[int, int]] = []
    signs = "@" in text or "＠" in text
    for match in _PLAIN.finditer(text) if signs else ():
        spec = canonical(fold(match[1]).text if "＠" in match[1] else match[1].rstrip("."))
        if spec:
            taken.append(match.span(1))
            yield source.found(*match.span(1), spec)
    for match in _SPACED.finditer(text) if signs and (" @ " in text or " ＠ " in text) else ():
        spec = canonical(match[1] + "@" + match[2].replace(" ", ""))
        if spec and " " in match[0] and not _overlaps(match, taken):
            taken.append(match.span())
            yield source.found(*match.span(), spec)
    for match in _HIDDEN.finditer(text) if any(sign.search(text) for sign in _MAY_HIDE) else ():
        if _overlaps(match, taken):
            continue
        local = re.sub(rf"{_DOT}", ".", match[1])
        spec = canonical(local + "@" + re.sub(rf"{_DOT}", ".", match[2]))
        if spec:
            yield source.found(*match.span(), spec)


def _overlaps(match: re.Match[str], taken: list[tuple[int, int]]) -> bool:
    return any(match.start() < end and match.end() > start for start, end in taken)


def phones_in(source: Source, start: int, end: int) -> Iterator[Found]:
    """Telephone numbers as written; order numbers, dates and dockets are none."""
    for match in _PHONE.finditer(source.text, start, end):
        text = match[1].strip()
        digits = re.sub(r"\D", "", text)
        if not 7 <= len(digits) <= 15 or _ORDER.search(text) or _DOCKET.search(text) or "\n" in text:
            continue
        if text.isdigit() and not text.startswith("0"):
            continue  # a bare number is an identifier
        if _COUNTRY.search(source.text, max(start, match.start(1) - 4), match.start(1)):
            continue
        if _FAX.search(source.text, max(start, match.start() - 12), match.start()):
            continue
        begin = match.start(1) - (1 if match.start(1) and source.text[match.start(1) - 1] == "+" else 0)
        yield source.found(begin, match.end(1))
