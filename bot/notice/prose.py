"""Who complains in a text without labels: whose address a sentence gives, and the one firm it speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.mail.address import organisational_domain
from bot.mail.text import fold_words
from bot.notice.contact_lines import Barred
from bot.notice.entries import Entry, entries_of
from bot.notice.facts import Complainant, Found, Role
from bot.notice.lexicon import Lexicon, squeeze
from bot.notice.names import kind_of_name, without_honorific
from bot.notice.places import addresses_in, phones_in
from bot.notice.source import Source

#: What only the sense of sentences gives is shown with doubt: a person compares it.
_CONFIDENCE = 0.6
#: Capitalised words before an address, with a bracket or a few small words between: "at the address".
_NAME = re.compile(
    r"((?:[^\W\d_a-zß-ÿ][\w.'’-]*[ \u00a0]+){0,4}[^\W\d_a-zß-ÿ][\w.'’-]*)"
    r"[\s,:;(<\[–—-]*(?:[a-zà-ÿ'’ -]{2,24}[\s:(<]+)?$"
)
_TOKEN = re.compile(r"[^\s,;:()\"“”„«»<>|]+")
#: Small words within the name of a firm.
_WITHIN = frozenset(
    ("&", "+", "und", "and", "et", "e", "y", "de", "du", "del", "della", "di", "i", "en", "og", "och")
)
#: Legal forms that are ordinary words as well.
_ORDINARY = frozenset(("company", "group", "holding", "holdings", "limited", "incorporated", "corporation"))
_MOST_WORDS = 6
#: A line as long as this has sentences in it, although a label may stand among them.
_SENTENCE = 100
#: What a firm is called before its name.
_GENERIC = re.compile(
    r"the|company|firm|brand|die|der|das|firma|unternehmen|marke|la|le|société|(?:l')?entreprise|marque|(?:l')?azienda"
    r"|ditta|società|el|los|empresa|het|de|bedrijf|merk|företaget|bolaget|spółka",
    re.I,
)
#: So far before a firm "your account" makes it ours.
_NEAR = 25


def spoken_contact(source: Source, lexicon: Lexicon, barred: Barred) -> Complainant | None:
    """The party behind the only strange domain in a text that speaks of a rights owner; None when unclear."""
    found = [one for one in addresses_in(source) if not barred(one.value)]
    if len({organisational_domain(one.value.rpartition("@")[2]) for one in found}) != 1:
        return None
    if not lexicon.roles["owner"].found_in(source.folded.flow):
        return None
    first = found[0].span
    low = max(0, source.text.rfind("\n\n", 0, first.start))
    high = source.text.find("\n\n", first.end)
    paragraph = fold_words(source.text[low : high if high >= 0 else len(source.text)])
    if any(lexicon.roles[role].found_in(paragraph) for role in ("us", "other")):
        return None
    name = _named(source, low, first.start, lexicon)
    if name is None:
        return None
    end = min(first.end + 60, high if high >= 0 else len(source.text))
    firm = kind_of_name(name.value, "", lexicon) == "organisation"
    return Complainant(
        role=Role.OWNER,
        name=None if firm else name,
        organisation=name if firm else _the_firm(source, entries_of(source, lexicon), lexicon),
        addresses=tuple(replace(one, confidence=_CONFIDENCE) for one in found[:1]),
        phones=tuple(phones_in(source, first.end, end)),
    )


def _named(source: Source, low: int, end: int, lexicon: Lexicon) -> Found | None:
    """The capitalised words before an address, without "Frau" and its like."""
    match = _NAME.search(source.text[max(low, end - 120) : end])
    if match is None:
        return None
    start = max(low, end - 120) + match.start(1)
    cut = len(match[1]) - len(_without_verb(match[1], source.text[:start]))
    cut += without_honorific(match[1][cut:], lexicon)[0]
    name = source.maybe(start + cut, start + len(match[1]), _CONFIDENCE)
    return name if name and kind_of_name(name.value, "", lexicon) != "nothing" else None


def _without_verb(words: str, before: str) -> str:
    """ "Contact Ann Oak" at the beginning of a sentence: three words, and the first is no name."""
    begins = before.rstrip(" ")[-1:] in ("", ".", "!", "?", ":", "\n")
    first, _, rest = words.partition(" ")
    return rest if begins and " " in rest and not first.endswith(".") else words


def with_firm(
    source: Source, entries: Sequence[Entry], people: list[tuple[int, Complainant]], lexicon: Lexicon
) -> list[tuple[int, Complainant]]:
    """The one complainant with the one firm that the sentences speak of, when it has none."""
    if len(people) != 1 or people[0][1].organisation is not None:
        return people
    return [(people[0][0], replace(people[0][1], organisation=_the_firm(source, entries, lexicon)))]


def _the_firm(source: Source, entries: Sequence[Entry], lexicon: Lexicon) -> Found | None:
    firms = {squeeze(found.value): found for found in _firms(source, entries, lexicon)}
    if not firms:
        firms = {squeeze(found.value): found for found in _called_firms(source, lexicon)}
    return next(iter(firms.values())) if len(firms) == 1 else None


def _firms(source: Source, entries: Sequence[Entry], lexicon: Lexicon) -> Iterator[Found]:
    """Names with a legal form in lines that are neither labelled nor a greeting, and speak of nobody else."""
    labelled = {source.text.rfind("\n", 0, entry.at) for entry in entries}
    at = 0
    for line in source.text.split("\n"):
        start, at = at, at + len(line) + 1
        greeting = not source.text[:start].strip() and line.rstrip().endswith((",", ":", "!"))
        short = start - 1 in labelled and len(line) < _SENTENCE
        if short or greeting or lexicon.roles["other"].found_in(fold_words(line)):
            continue
        for found in _firms_of_line(source, start, line, lexicon):
            before = fold_words(source.text[max(start, found.span.start - _NEAR) : found.span.start])
            if not lexicon.roles["us"].found_in(before):
                yield found


#: "la société Verrerie des Trois Vallées": a word for firms, and the name behind it.
_CALLED = re.compile(
    r"(?<![^\W_])(?:[Ss]ociété|[Cc]ompany|[Ff]irma?|[Ff]irme|Unternehmen|[Aa]zienda|[Dd]itta|[Ss]ocietà|[Ee]mpresa|[Cc]ompañía"
    r"|[Bb]edrijf|[Ff]öretaget|[Bb]olaget|[Ss]półka|[Ff]irmą)\s+"
    r"((?:[^\W\d_a-zß-ÿ][\w'’-]*)(?:\s+(?:(?:de|des|du|la|les|der|di|del|della|van|von|y|e|et|och|&)\s+){0,2}[^\W\d_a-zß-ÿ][\w'’-]*){1,4})"
)


def _called_firms(source: Source, lexicon: Lexicon) -> Iterator[Found]:
    """Names behind a word for firms in sentences that speak of nobody else."""
    for match in _CALLED.finditer(source.text):
        low = source.text.rfind("\n", 0, match.start()) + 1
        before = fold_words(source.text[low : match.end()])
        if any(lexicon.roles[role].found_in(before) for role in ("us", "other", "amazon")):
            continue
        yield source.found(*match.span(1), confidence=_CONFIDENCE)


def _firms_of_line(source: Source, start: int, line: str, lexicon: Lexicon) -> Iterator[Found]:
    tokens = list(_TOKEN.finditer(line))
    for index, token in enumerate(tokens):
        form = squeeze(token[0].rstrip("."))
        if index == 0 or form not in lexicon.names.legal_forms or form in _ORDINARY:
            continue
        if not token[0][:1].isupper():
            continue
        first = _first_word(line, tokens, index)
        if first is None:
            continue
        found = source.found(start + tokens[first].start(), start + token.end(), confidence=_CONFIDENCE)
        if not lexicon.roles["amazon"].found_in(fold_words(found.value)):
            yield found


def _first_word(line: str, tokens: list[re.Match[str]], last: int) -> int | None:
    """Where the capitalised words before a legal form begin."""
    first: int | None = None
    for index in range(last - 1, max(-1, last - 1 - _MOST_WORDS), -1):
        word = tokens[index][0]
        gap = line[tokens[index].end() : tokens[index + 1].start()]
        if gap.strip(" ,\u00a0") or word.endswith(".") or ("," in gap and index + 1 != last):
            break
        if _GENERIC.fullmatch(word) and first is not None:
            break
        if word[:1].isupper() or word[:1].isdigit():
            first = index
        elif word.casefold() not in _WITHIN:
            break
    return first
