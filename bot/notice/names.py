"""Persons, desks and firms told apart in lines that carry no label."""

from __future__ import annotations

import re

from bot.mail.text import fold, fold_words, in_ideographs
from bot.notice.lexicon import Lexicon, squeeze

_WORD = re.compile(r"[^\W\d_][\w.'’-]*")
#: Surname and given name, written apart.
_TWO_IDEOGRAPHIC = re.compile(r"[\u3400-\u9fff々]{1,3}[ \u3000]([\u3040-\u30ff\u3400-\u9fff々]{1,3})")
#: What East Asian letters put behind a name, apart from it or not.
_BEHIND = re.compile(r"(?:[ \u3000]*(?:様|殿|御中|先生|女士|小姐|律师|律師))+[ \u3000]*$")


def kind_of_name(text: str, domain: str, lexicon: Lexicon) -> str:
    """organisation | desk | person | nothing, for a piece of a contact block.

    `domain` is the complainant's mail domain without its suffix: a firm's name often is its domain.
    """
    folded = fold(text)
    words = [word for word in text.replace(",", " ").split() if _WORD.match(word) or word in ("&", "+")]
    if not words or (any(char.isdigit() for char in text) and not has_legal_form(text, lexicon)):
        return "nothing"
    if has_legal_form(text, lexicon):
        return "organisation"
    apart = _TWO_IDEOGRAPHIC.fullmatch(text.strip())
    if apart and not _names_a_group(apart[1], lexicon):
        return "person"
    if lexicon.names.desk.found_in(folded.flow):
        return "desk"
    if lexicon.names.organisation.found_in(folded.flow) or "&" in text or "+" in words:
        return "organisation"
    if in_ideographs(text):
        return "person" if len(text.replace(" ", "")) <= 5 else "organisation"
    return "person" if _looks_like_person(words, domain) else "organisation"


def _names_a_group(text: str, lexicon: Lexicon) -> bool:
    folded = fold_words(text)
    return lexicon.names.desk.found_in(folded) or lexicon.names.organisation.found_in(folded)


def _looks_like_person(words: list[str], domain: str) -> bool:
    """Two to four capitalised words, unless the first of them, or all, make up the domain."""
    last = re.split("['’]", words[-1])[-1]  # "d’Hauteville", "dell'Orto"
    if not 2 <= len(words) <= 4 or not words[0][0].isupper() or not last[:1].isupper():
        return False
    if any(len(word) > 4 and word.isupper() for word in words[:1]):
        return False
    squeezed = [squeeze(word) for word in words]
    host = squeeze(domain)
    if not host:
        return True
    if host.startswith("".join(squeezed[:2])) or host == squeezed[0]:
        return host.startswith(squeezed[-1]) or len(host) > len("".join(squeezed))
    return not (len(squeezed[0]) > 3 and host.startswith(squeezed[0]) and squeezed[-1] not in host)


def has_legal_form(text: str, lexicon: Lexicon) -> bool:
    """Whether a word of the name, but its first, is `Ltd`, or `有限公司` a part of it."""
    words = fold_words(text).replace(",", " ").split()
    if any(squeeze(word) in lexicon.names.legal_forms for word in words[1:] or words):
        return True
    squeezed = squeeze(text)
    return any(form in squeezed for form in lexicon.names.unspaced_forms)


def is_only_legal_form(text: str, lexicon: Lexicon) -> bool:
    """`Inc.` behind a comma belongs to the name before it."""
    return bool(text.strip()) and squeeze(text.strip(" .")) in lexicon.names.legal_forms


def ends_in_legal_form(text: str, lexicon: Lexicon) -> bool:
    """`Inc.`, `Ltd. Şti.`, `Sp. z o.o.`: the full stop belongs to the name."""
    words = text.split()
    return any(is_only_legal_form(" ".join(words[-count:]), lexicon) for count in (1, 2, 3))


def without_honorific(text: str, lexicon: Lexicon) -> tuple[int, bool]:
    """How many leading characters are an honorific, and whether there was one."""
    cut = 0
    for _ in range(3):
        rest = text[cut:]
        lead = len(rest) - len(rest.lstrip())
        folded = fold(rest[lead:])
        end = _honorific_end(folded.text, lexicon.names.honorifics)
        if not 0 < end < len(folded.text):
            break
        cut += lead + folded.origin[end]
    return cut, cut > 0


def honorific_behind(text: str) -> int:
    """How many characters at the end of a name are an honorific, with the spaces before it."""
    match = _BEHIND.search(text)
    return len(match[0]) if match and match.start() > 0 else 0


def _honorific_end(folded: str, honorifics: tuple[str, ...]) -> int:
    """Where the honorific ends that a folded name begins with, with full stops and spaces behind it; or 0."""
    if not folded.startswith(honorifics):
        return 0
    behind = (folded[len(word) :] for word in honorifics if folded.startswith(word))
    rest = next((rest for rest in behind if not rest or rest[0] in ". :"), None)
    return 0 if rest is None else len(folded) - len(rest.lstrip(". :"))


def announces_only(text: str, hint: str, lexicon: Lexicon) -> bool:
    """ "Write to", "Tel": words that announce what follows, and name nobody."""
    field = lexicon.label_fields.get(squeeze(text))
    if text.islower() and hint in ("text", "person"):
        return True
    return field in ("phone", "address") if hint in ("person", "organisation") else field is not None


def behalf_before(text: str, lexicon: Lexicon) -> int:
    """How many leading characters are "on behalf of": who follows is whom it is done for."""
    folded = fold(text)
    lead = len(folded.text) - len(folded.text.lstrip())
    if not folded.text.startswith(lexicon.names.behalf, lead):
        return 0
    words = (word for word in lexicon.names.behalf if folded.text.startswith(f"{word} ", lead))
    longest = next(words, None)
    return folded.origin[lead + len(longest) + 1] if longest else 0


def desk_behind(text: str, lexicon: Lexicon) -> int:
    """`株式会社みなと彩工房 法務部`: how many characters at the end are a desk of the firm before it."""
    words = text.rstrip().split()
    if (
        len(words) < 2
        or not in_ideographs(words[-1])
        or not lexicon.names.desk.found_in(fold_words(words[-1]))
    ):
        return 0
    return len(text) - text.rindex(words[-1]) if has_legal_form(text, lexicon) else 0
