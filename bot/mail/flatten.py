"""HTML made into lines of text: what a person sees, and the targets of mailto links (selectolax)."""

from __future__ import annotations

import re
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.mail.text import clean

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "td",
        "th",
        "caption",
        "ul",
    ]
)
_PARAGRAPHS = frozenset(("p", "h1", "h2", "h3", "h4", "ul", "ol"))
_DROPPED = "head, script, style, template, noscript, title, meta, link, object, svg, iframe"
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0+(?:px|pt|em|%)?\s*(?:;|$|!)|mso-hide\s*:\s*all"
    r"|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$|!)|max-height\s*:\s*0",
    re.IGNORECASE,
)
_SPACES = re.compile(r"\s+")
_ADDRESS_LIKE = re.compile(r"[^\s@<>]+@[^\s@<>]+")
HTML_LIMIT = 1_000_000  #: characters of HTML that we look at
_DEPTH = 400  #: deeper elements are read as plain text


def flatten(html: str) -> str:
    """The visible text of an HTML part, one line for each block, table rows as `label: value`."""
    tree = LexborHTMLParser(html[:HTML_LIMIT])
    for node in tree.css(_DROPPED):
        node.decompose()
    hiding: dict[str, bool] = {}  # the same few styles come over and over
    for node in tree.css("[hidden], [style]"):
        attributes = node.attributes
        style = attributes.get("style") or ""
        if style not in hiding:
            hiding[style] = _HIDDEN.search(style) is not None
        if hiding[style] or "hidden" in attributes:
            node.decompose()
    root = tree.body or tree.root
    if root is None:
        return ""
    out: list[str] = []
    _walk(root, out, 0)
    return _tidy("".join(out))


def _tidy(text: str) -> str:
    """No spaces at line ends, at most one empty line in a row."""
    lines = [" ".join(line.split()) for line in clean(text).split("\n")]
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip("\n")


def _walk(node: LexborNode, out: list[str], depth: int) -> None:
    if depth > _DEPTH:
        out.append(node.text(deep=True, separator=" "))
        return
    child = node.child
    while child is not None:
        _one(child, out, depth)
        child = child.next


def _one(node: LexborNode, out: list[str], depth: int) -> None:
    tag = node.tag
    if tag == "-text":
        out.append(_SPACES.sub(" ", node.text_content or ""))
    elif tag == "br":
        out.append("\n")
    elif tag in ("table", "dl"):
        out.append("\n")
        (_table if tag == "table" else _definitions)(node, out, depth)
        out.append("\n")
    elif tag == "a":
        _link(node, out, depth)
    elif tag == "blockquote" and _is_cited(node):
        _cited(node, out, depth)
    elif tag == "pre":
        _break(out, 1)
        _as_written(node, out, depth)
        _break(out, 1)
    elif tag in _BLOCKS:
        breaks = 2 if tag in _PARAGRAPHS else 1
        _break(out, breaks)
        if tag == "li":
            out.append("-- ")
        _walk(node, out, depth + 1)
        _break(out, breaks)
    elif tag and not tag.startswith(("-", "!", "_")):
        _walk(node, out, depth + 1)


def _as_written(node: LexborNode, out: list[str], depth: int) -> None:
    """What `pre` holds keeps its line ends: mailers wrap whole plain-text mails in it."""
    child = node.child
    while child is not None:
        if child.tag == "-text":
            out.append((child.text_content or "").replace("\r\n", "\n"))
        elif child.child is None or child.tag == "a" or depth > _DEPTH:
            _one(child, out, depth + 1)
        else:
            _as_written(child, out, depth + 1)
        child = child.next


def _is_cited(node: LexborNode) -> bool:
    """A mailer, not a designer, made this quotation."""
    attributes = node.attributes
    marks = (attributes.get("type"), attributes.get("class"), attributes.get("id"), attributes.get("cite"))
    text = " ".join(mark for mark in marks if mark).casefold()
    return "cite" in text or "quote" in text or "mid:" in text


def _cited(node: LexborNode, out: list[str], depth: int) -> None:
    """Quoted lines are marked as in plain text (RFC 3676 §4.5)."""
    inner: list[str] = []
    _walk(node, inner, depth + 1)
    _break(out, 1)
    out.append("".join(f"> {line}".rstrip() + "\n" for line in _tidy("".join(inner)).split("\n")))


def _break(out: list[str], wanted: int) -> None:
    """At least so many line breaks at the end; neighbouring blocks share theirs."""
    have = 0
    for piece in reversed(out):
        tail = piece.rstrip(" ")
        have += len(tail) - len(tail.rstrip("\n"))
        if tail.strip("\n ") or have >= wanted:
            break
    out.append("\n" * (wanted - have))


def _link(node: LexborNode, out: list[str], depth: int) -> None:
    """A link's text; the address of a mailto link is added when the text does not show it."""
    inner: list[str] = []
    _walk(node, inner, depth + 1)
    shown = "".join(inner)
    out.append(shown)
    target = (node.attributes.get("href") or "").strip()
    if not target.casefold().startswith("mailto:"):
        return
    targets = _ADDRESS_LIKE.findall(unquote(target[7:].split("?")[0]).replace(",", " "))
    out.extend(f" <{address}>" for address in targets if address.casefold() not in shown.casefold())


def _rows(table: LexborNode) -> list[list[LexborNode]]:
    """The cells of each row of this very table, not of tables inside it."""
    rows = _children(table, frozenset(("tr",)), frozenset(("tbody", "thead", "tfoot")))
    return [_children(row, frozenset(("td", "th")), frozenset()) for row in rows]


def _children(node: LexborNode, wanted: frozenset[str], through: frozenset[str]) -> list[LexborNode]:
    found: list[LexborNode] = []
    child = node.child
    while child is not None:
        if child.tag in wanted:
            found.append(child)
        elif child.tag in through:
            found.extend(_children(child, wanted, frozenset()))
        child = child.next
    return found


def _cell(node: LexborNode, depth: int) -> str:
    out: list[str] = []
    _walk(node, out, depth + 1)
    return _tidy("".join(out))


def _table(table: LexborNode, out: list[str], depth: int) -> None:
    """Rows of two cells read `label: value`; under a row of headings every cell gets its heading."""
    rows = [[(cell.tag or "", _cell(cell, depth)) for cell in row] for row in _rows(table)]
    heads = _headings(rows)
    for cells in rows[1:] if heads else rows:
        texts = [text for _, text in cells]
        if heads and len(texts) == len(heads):
            lines = [_labelled(head, text) for head, text in zip(heads, texts, strict=True) if text]
        elif len(texts) == 2 and _is_label(texts[0]) and texts[1]:
            lines = [_labelled(texts[0], texts[1])]
        else:
            lines = [text for text in texts if text]
        out.append("\n".join(lines) + "\n")


def _definitions(node: LexborNode, out: list[str], depth: int) -> None:
    """A list of terms reads `term: what is said of it`."""
    term = ""
    for child in _children(node, frozenset(("dt", "dd")), frozenset(("div",))):
        text = _cell(child, depth)
        if child.tag == "dt":
            term = text
        elif text:
            out.append((_labelled(term, text) if _is_label(term) else text) + "\n")


def _headings(rows: list[list[tuple[str, str]]]) -> list[str] | None:
    if len(rows) < 2 or len(rows[0]) < 2 or any(len(row) != len(rows[0]) for row in rows):
        return None
    first = [text for _, text in rows[0]]
    marked = all(tag == "th" for tag, _ in rows[0])
    plain = len(first) > 2 and not any(char.isdigit() or char in ":@" for text in first for char in text)
    return first if (marked or plain) and all(_is_label(text) for text in first) else None


def _is_label(text: str) -> bool:
    return 0 < len(text) <= 60 and "\n" not in text and "@" not in text and not text.endswith((".", "!", "?"))


def _labelled(label: str, value: str) -> str:
    return f"{label if label.endswith((':', '：')) else label + ':'} {value}"
