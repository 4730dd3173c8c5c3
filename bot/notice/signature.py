"""The lines that an answer is signed with: the short ones at its end, below the greeting."""

from __future__ import annotations

import re

from bot.mail.text import fold, fold_words
from bot.notice.lexicon import Lexicon
from bot.notice.names import ends_in_legal_form
from bot.notice.source import Source

#: What people write before their name: "/Pernilla", "- Eva", "~ Tom".
_MARK = re.compile(r"\s*[/~*–—-]{1,2}\s*(?=[^\W\d_])")
#: A signature has no more lines than that.
_SIGNED_LINES = 14
#: A greeting before the name on its line is one only when it is cut off, of several words, or short for them.
_CUT_OFF, _SHORT_FORM = (",", ".", ":", "!"), 4  # letters


def signature_lines(own: Source, display: str, lexicon: Lexicon) -> list[tuple[int, str]]:
    """The last lines of the own words that are short, with their offsets; at most ten.

    Below a signature that bears the author's name there may be a disclaimer of any length.
    """
    out: list[tuple[int, str]] = []
    offset = 0
    for line in own.text.split("\n"):
        stripped = line.strip()
        if stripped and not fold_words(stripped).startswith(lexicon.quoting.devices):
            lead = _MARK.match(line)
            at = lead.end() if lead else line.index(stripped[0])
            out.append((offset + at, line[at:].rstrip()))
        offset += len(line) + 1
    signed = _without_prose(out[-10:], lexicon)
    if signed or not display:
        return _below_greeting(signed, lexicon)
    while out and _is_prose(out[-1][1], lexicon):
        out.pop()
    above = _without_prose(out[-10:], lexicon)
    surname = fold_words(display).split()[-1]
    named = any(surname in fold_words(text).split() for _, text in above)
    return _below_greeting(above, lexicon) if named else []


def _below_greeting(lines: list[tuple[int, str]], lexicon: Lexicon) -> list[tuple[int, str]]:
    """What stands below "Kind regards", or behind it on its line; all other lines where nothing does."""
    signed: list[tuple[int, str]] = []
    others: list[tuple[int, str]] = []
    for start, text in lines:
        end = _greeting_end(text, lexicon)
        if end:
            signed = []
        if end < len(text):
            signed.append((start + end, text[end:]))
            others.append(signed[-1])
    return signed or others


def _greeting_end(text: str, lexicon: Lexicon) -> int:
    """Where the greeting ends that a line begins with, or 0."""
    folded = fold(text)
    if not folded.text.startswith(lexicon.names.closings):
        return 0
    word = next(word for word in lexicon.names.closings if folded.text.startswith(word))
    rest = folded.text[len(word) :]
    bare = rest.lstrip(" ,.:;!-")
    if not bare:
        return len(text)
    apart = rest[:1] in _CUT_OFF or (rest[:1] == " " and (" " in word or len(word) < _SHORT_FORM))
    return folded.origin[len(folded.text) - len(bare)] if apart else 0


def _without_prose(lines: list[tuple[int, str]], lexicon: Lexicon) -> list[tuple[int, str]]:
    """What stands below the last line that is a sentence."""
    cut = max((index + 1 for index, (_, text) in enumerate(lines) if _is_prose(text, lexicon)), default=0)
    return lines[cut:]


def _is_prose(text: str, lexicon: Lexicon) -> bool:
    return len(text) > 90 or _is_sentence(text, lexicon)


#: So long is what a Chinese or Japanese sentence says at least; greetings are shorter.
_SENTENCE_HAN = 8


def _is_sentence(text: str, lexicon: Lexicon) -> bool:
    """A full stop behind more words than a line of a signature has; Chinese and Japanese know no spaces."""
    if text.endswith(("。", "！", "？")):
        return len(text) > _SENTENCE_HAN
    stops = text.endswith((".", "?", "!", ":")) and len(text.split()) > 4
    return stops and not ends_in_legal_form(text, lexicon)


def signed_from(own: Source, lexicon: Lexicon) -> int:
    """Offset of the last greeting, which stands above the signature; the end of the text without one."""
    offset, below = len(own.text), 0
    for line in reversed(own.text.split("\n")):
        offset -= len(line)
        below += bool(line.strip())
        if below > _SIGNED_LINES:
            break
        if line.strip() and _greeting_end(line.strip(), lexicon):
            return offset
        offset -= 1
    return len(own.text)
