"""YAML text to plain values, with the line and column of every key and value.

The text is composed into nodes and the nodes are turned into values here, instead of letting ruamel.yaml
construct objects: so that every duplicate key is found and not only the first, anchors and tags (which can
blow a small file up, or mean something else elsewhere) are refused, and each value knows its place.
YAML 1.2: `no` and `12:30` stay text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.errors import Problem

#: Larger files are a mistake: the largest of ours has some ten kilobytes.
LARGEST = 1_000_000

Loc = tuple[str | int, ...]
_WIDEST = 100  #: characters of a line shown, unless the mistake stands further right
_DEEPEST = 50  #: levels of lists and mappings
_TOO_DEEP = "the file is nested too deeply to be read"
_PLAIN_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")}


#: A key behind which somebody may have written the secret itself; it must not be shown again.
_SECRET_KEY = re.compile(r"(?:password|passwd|secret|token)[\w-]*[\"']?\s*:", re.IGNORECASE)


def _shown(lines: list[str], number: int) -> str | None:
    """A line as it stands in the file, without what may be a secret."""
    line = lines[number - 1].rstrip()
    if key := _SECRET_KEY.search(line):
        return line[: key.end()] + (" …" if line[key.end() :].strip() else "")
    before = next((one for one in reversed(lines[: number - 1]) if one.strip()), "")
    hangs = (key := _SECRET_KEY.search(before)) and not before[key.end() :].strip(" |>-+")
    return None if hangs else line


@dataclass(slots=True, kw_only=True)
class Document:
    """One file, read: its plain value, the place of each key and value, and what is wrong with it."""

    path: str  #: as shown to a person, relative to the home
    text: str = ""
    value: Any = None
    keys: dict[Loc, tuple[int, int]] = field(default_factory=dict)  #: 1-based line and column of a key
    values: dict[Loc, tuple[int, int]] = field(default_factory=dict)  #: the same of a value
    problems: list[Problem] = field(default_factory=list)
    #: values that do not stand in the file but were set from outside: loc -> where ("REJOINDER_SAFE_MODE")
    overrides: dict[Loc, str] = field(default_factory=dict)

    def problem(self, message: str, place: tuple[int, int] | None = None, hint: str | None = None) -> Problem:
        """A mistake at a place of this file, with the line as it stands there."""
        if place is None:
            return Problem(path=self.path, message=message, hint=hint)
        line, column = place
        lines = self.text.splitlines()
        source = _shown(lines, line) if 0 < line <= len(lines) else None
        if source is not None and len(source) > max(_WIDEST, column + 20):
            source = source[: max(_WIDEST, column + 20)] + "…"
        return Problem(path=self.path, line=line, column=column, message=message, hint=hint, source=source)

    def known(self, loc: Loc) -> Loc:
        """The part of a pydantic location that stands in the file; names of union branches are left out."""
        known: Loc = ()
        for piece in loc:
            if (*known, piece) in self.values:
                known = (*known, piece)
        return known


def read_yaml(raw: bytes, path: str) -> Document:
    """Read one file; never raises: what is wrong stands in `problems`."""
    document = Document(path=path)
    if len(raw) > LARGEST:
        document.problems.append(
            document.problem(f"the file has {len(raw)} bytes; more than {LARGEST} are not read")
        )
        return document
    try:
        document.text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        document.text = raw.decode("utf-8", "replace")
        document.problems.append(
            document.problem("this byte is not UTF-8", (line, column), "Save the file with encoding UTF-8.")
        )
        return document
    if (nul := document.text.find("\0")) >= 0:
        line = document.text.count("\n", 0, nul) + 1
        document.problems.append(document.problem("a NUL character has no place in a text file", (line, 1)))
        return document
    node = _compose(document)
    if node is not None:
        _check_nodes(node, document)
        if not document.problems:
            try:
                document.value = _plain(node, (), document)
            except RecursionError:
                document.problems.append(document.problem(_TOO_DEEP))
    return document


def _compose(document: Document) -> Node | None:
    yaml = YAML(typ="safe", pure=True)  # comments need not be kept: half the time of "rt"
    yaml.version = (1, 2)
    try:
        node: Node | None = yaml.compose(document.text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark is not None else None
        document.problems.append(document.problem(*_syntax(error, document, place)))
        return None
    except YAMLError as error:  # e.g. a control character, which has no mark
        first = str(error).strip().splitlines()[0]
        document.problems.append(document.problem(f"this is not YAML: {first}"))
        return None
    except RecursionError:
        document.problems.append(document.problem(_TOO_DEEP))
        return None
    return node


def _syntax(
    error: MarkedYAMLError, document: Document, place: tuple[int, int] | None
) -> tuple[str, tuple[int, int] | None, str | None]:
    """A sentence for what the parser stumbled over."""
    said = " ".join(str(error.problem or error.context or "this is not YAML").split())
    if "end of stream" in said and error.context:
        said, mark = " ".join(str(error.context).split()) + " that is never closed", error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark is not None else place
    if place is not None:
        lines = document.text.splitlines()
        line = lines[place[0] - 1] if place[0] <= len(lines) else ""
        indent = line[: len(line) - len(line.lstrip())]
        if "\t" in indent:
            where = (place[0], indent.index("\t") + 1)
            return "a tab where YAML wants spaces", where, "Indent with spaces."
    said = said.replace("'<stream end>'", "the end of the file")
    if "undefined alias" in said:
        return "aliases (*name) are not allowed", place, "Write the value out."
    if "mapping values are not allowed" in said:
        return said, place, 'Put a text that holds ": " in quotes, or mend the indentation above.'
    if "expected a single document" in str(error):
        return "a second document begins here", place, "Remove the line with ---."
    return said, place, None


def _place(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _walk(root: Node) -> Iterator[Node]:
    """Every node once, parents first, in the order of the file; no recursion, so depth costs nothing."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:  # an alias: the same node again, or a loop
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, MappingNode):
            waiting.extend(part for pair in reversed(node.value) for part in reversed(pair))
        elif isinstance(node, SequenceNode):
            waiting.extend(reversed(node.value))


def _check_nodes(root: Node, document: Document) -> None:
    for node in _walk(root):
        if node.anchor is not None:
            document.problems.append(
                document.problem(
                    # The caret points at it; a password that begins with & must not be said aloud.
                    "anchors (&name) and aliases are not allowed",
                    _place(node),
                    "Write the value out each time.",
                )
            )
        if str(node.tag) not in _PLAIN_TAGS and not str(node.tag).endswith(":timestamp"):
            document.problems.append(
                document.problem("tags (!name) are not allowed", _place(node), "Leave it out.")
            )
        if isinstance(node, MappingNode):
            _check_keys(node, document)


def _check_keys(node: MappingNode, document: Document) -> None:
    first: dict[str, int] = {}
    for key, _value in node.value:
        if not isinstance(key, ScalarNode):
            document.problems.append(
                document.problem("a key must be a word, not a list or a mapping", _place(key))
            )
        elif key.value in first:
            document.problems.append(
                document.problem(
                    f'key "{key.value}" stands here a second time (first in line {first[key.value]})',
                    _place(key),
                    "Keep one of the two.",
                )
            )
        else:
            first[key.value] = _place(key)[0]


def _plain(node: Node, loc: Loc, document: Document) -> Any:
    document.values[loc] = _place(node)
    if len(loc) > _DEEPEST:
        raise RecursionError
    if isinstance(node, MappingNode):
        mapping = {}
        for key, value in node.value:
            inner = (*loc, key.value)
            document.keys[inner] = _place(key)
            mapping[key.value] = _plain(value, inner, document)
        return mapping
    if isinstance(node, SequenceNode):
        return [_plain(value, (*loc, i), document) for i, value in enumerate(node.value)]
    return _scalar(node) if isinstance(node, ScalarNode) else None


def _scalar(node: ScalarNode) -> str | int | float | bool | None:
    text: str = node.value
    kind = str(node.tag).rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    try:
        if kind == "int":
            return int(text.replace("_", ""), 0 if text.lstrip("+-")[:2].lower() in ("0x", "0o") else 10)
        if kind == "float":
            return float(text.replace("_", ""))
    except ValueError:
        return text
    return text
