"""The small changes that a good test must notice: a module's tree in, one edit for each change out.

Bodies of functions and the tables of a module are changed. Not changed are types, defaults of dataclasses,
docstrings, `assert`, and the words of sentences for people: a test that repeats a sentence proves nothing.
An edit is one attribute of one node set to something else, so it can be undone.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
}
_NAMES = {
    "any": "all",
    "all": "any",
    "min": "max",
    "max": "min",
    "startswith": "endswith",
    "endswith": "startswith",
    "lower": "upper",
    "upper": "lower",
    "partition": "rpartition",
    "rpartition": "partition",
}

#: How the name of a type is written; what stands behind it is for the type checker.
_TYPE = re.compile(r"_?[A-Z][a-z]")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change. `scope` is the outermost function or method it is in, or the statement of a table."""

    number: int
    kind: str
    scope: Function | ast.Assign | ast.AnnAssign
    name: str  #: qualified name of the function, or name of the table
    lines: range  #: of the statement that is changed
    node: ast.AST
    field: str
    value: object  #: what the field becomes

    def apply(self) -> object:
        """Change the tree; gives what was there, for `undo`."""
        before = getattr(self.node, self.field)
        setattr(self.node, self.field, self.value)
        return before

    def undo(self, before: object) -> None:
        """Put back what `apply` gave."""
        setattr(self.node, self.field, before)

    def told(self) -> str:
        """What changes, as `old → new`; of a table only the entry."""
        if not isinstance(self.scope, Function):
            held = getattr(self.node, self.field)
            return f"{_entry(held, self.value)} → {_entry(self.value, held)}"
        old = ast.unparse(self.scope).splitlines()
        before = self.apply()
        new = ast.unparse(ast.fix_missing_locations(self.scope)).splitlines()
        self.undo(before)
        changed = [line for line in difflib.ndiff(old, new) if line[:2] in ("- ", "+ ")]
        gone = " ".join(line[2:].strip() for line in changed if line[0] == "-")
        come = " ".join(line[2:].strip() for line in changed if line[0] == "+")
        return f"{gone} → {come or '(nothing)'}"


def _entry(held: object, other: object) -> str:
    """What of it stands otherwise in the other."""
    if isinstance(held, list) and isinstance(other, list):
        if len(held) == len(other):
            held = [one for one, two in zip(held, other, strict=True) if one is not two]
        else:
            held = [one for one in held if one not in other]
    return ", ".join(ast.unparse(one) for one in (held if isinstance(held, list) else [held])) or "(nothing)"


def mutants(tree: ast.Module) -> list[Mutant]:
    """Every change of this module, in the order of its lines."""
    found: list[Mutant] = []
    for scope, name in _scopes(tree):
        for kind, statement, node, field, value in _edits(scope):
            lines = _lines(statement)
            found.append(
                Mutant(
                    number=len(found),
                    kind=kind,
                    scope=scope,
                    name=name,
                    lines=lines,
                    node=node,
                    field=field,
                    value=value,
                )
            )
    return found


def _scopes(tree: ast.Module) -> Iterator[tuple[Function | ast.Assign | ast.AnnAssign, str]]:
    for statement in tree.body:
        if isinstance(statement, Function):
            yield statement, statement.name
        elif isinstance(statement, ast.ClassDef):
            for inner in statement.body:
                if isinstance(inner, Function):
                    yield inner, f"{statement.name}.{inner.name}"
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0]
            if isinstance(target, ast.Name) and not _is_type(target.id, statement.value):
                yield statement, target.id


def _is_type(name: str, value: ast.expr | None) -> bool:
    match value:
        case ast.Call(func=ast.Name(id="TypeVar")):
            return True
    return _TYPE.match(name) is not None


def _lines(statement: ast.stmt) -> range:
    """A compound statement is its header."""
    inner = getattr(statement, "body", None) or getattr(statement, "cases", None)
    if not inner:
        return range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    first = inner[0]
    line = first.lineno if hasattr(first, "lineno") else first.pattern.lineno
    return range(statement.lineno, max(line, statement.lineno + 1))


Edit = tuple[str, ast.stmt, ast.AST, str, object]


def _edits(scope: Function | ast.Assign | ast.AnnAssign) -> Iterator[Edit]:
    if isinstance(scope, Function):
        for field in ("body",):
            yield from _slots(scope, field, scope)
    else:
        yield from _slots(scope, "value", scope, table=True)


def _slots(parent: ast.AST, field: str, statement: ast.stmt, *, table: bool = False) -> Iterator[Edit]:
    """Edits of the child or children in this field, and below."""
    held = getattr(parent, field)
    for index, node in enumerate(held) if isinstance(held, list) else [(None, held)]:
        if not isinstance(node, ast.AST) or isinstance(node, ast.Assert) or _is_docstring(node):
            continue
        inside = node if isinstance(node, ast.stmt) else statement
        for kind, other in _others(node):
            value: object = other
            if index is not None:
                value = [*held[:index], other, *held[index + 1 :]]
            yield kind, inside, parent, field, value
        for kind, name, value in _changed(node, table=table):
            yield kind, inside, node, name, value
        for name in () if _is_sentence(node) else node._fields:
            if name not in (
                "annotation",
                "returns",
                "decorator_list",
                "args" if isinstance(node, Function) else "",
            ):
                yield from _slots(node, name, inside, table=table)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_sentence(node: ast.AST) -> bool:
    """Words for people with something filled in."""
    pieces = node.values if isinstance(node, ast.JoinedStr) else ()
    return any(isinstance(one, ast.Constant) and " " in str(one.value) for one in pieces)


def _others(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:  # noqa: C901 - one flat list
    """What may stand in the place of this node."""
    match node:
        case ast.Constant(value=bool() as truth):
            yield "constant", ast.Constant(not truth)
        case ast.Constant(value=int() | float() as number):
            yield "constant", ast.Constant(number + 1)
        case ast.Constant(value=str() as text) if " " not in text:
            yield "text", ast.Constant(f"{text}XX")
        case ast.Constant(value=bytes() as data):
            yield "text", ast.Constant(data + b"XX")
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "logic", operand
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            yield "choice", left
            yield "choice", right
        case ast.Return(value=value) if value is not None and not _is_none(value):
            yield "return", ast.Return(ast.Constant(None))
        case ast.Expr() | ast.Raise() | ast.AugAssign():
            yield "statement", ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield "statement", ast.Pass()
        case ast.Continue():
            yield "statement", ast.Break()
        case ast.Break():
            yield "statement", ast.Pass()
        case ast.Try(handlers=handlers, finalbody=[], body=body) if len(handlers) == 1:
            yield "handler", ast.If(ast.Constant(True), body, [])
        case ast.Name(id=name, ctx=ast.Load()) if name in _NAMES:
            yield "name", ast.Name(_NAMES[name], ast.Load())
        case ast.Attribute(value=value, attr=name, ctx=ast.Load()) if name in _NAMES:
            yield "name", ast.Attribute(value, _NAMES[name], ast.Load())


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _changed(  # noqa: C901 - one flat list
    node: ast.AST, *, table: bool
) -> Iterator[tuple[str, str, object]]:
    """What may change within this node: its field, and what that becomes."""
    match node:
        case ast.Compare(ops=ops):
            for index, op in enumerate(ops):
                for other in _COMPARED[type(op)]:
                    yield "comparison", "ops", [*ops[:index], other(), *ops[index + 1 :]]
        case ast.BoolOp(op=op):
            yield "logic", "op", ast.Or() if isinstance(op, ast.And) else ast.And()
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in _ARITHMETIC:
            yield "arithmetic", "op", _ARITHMETIC[type(op)]()
        case ast.If() | ast.IfExp():
            yield "condition", "test", ast.Constant(True)
            yield "condition", "test", ast.Constant(False)
        case ast.While():
            yield "condition", "test", ast.Constant(False)
        case ast.comprehension(ifs=[_, *_] as ifs):
            for index in range(len(ifs)):
                yield "condition", "ifs", _without(ifs, index)
                yield "condition", "ifs", [ast.Constant(False)]
        case ast.match_case(guard=ast.expr()):
            yield "condition", "guard", None
            yield "condition", "guard", ast.Constant(False)
        case ast.Match(cases=cases) if len(cases) > 1:
            for index in range(len(cases)):
                yield "case", "cases", _without(cases, index)
        case ast.MatchOr(patterns=patterns) if len(patterns) > 2:
            for index in range(len(patterns)):
                yield "choice", "patterns", _without(patterns, index)
        case ast.Try(handlers=handlers) if len(handlers) > 1:
            for index in range(len(handlers)):
                yield "handler", "handlers", _without(handlers, index)
        case ast.Call(keywords=keywords):
            for index, keyword in enumerate(keywords):
                if keyword.arg is not None:
                    yield "argument", "keywords", _without(keywords, index)
    if table:
        yield from _of_a_table(node)


def _of_a_table(node: ast.AST) -> Iterator[tuple[str, str, object]]:
    match node:
        case ast.Set(elts=elements) | ast.Tuple(elts=elements) | ast.List(elts=elements):
            for index in range(len(elements)):
                yield "table", "elts", _without(elements, index)
        case ast.Dict(values=values):
            for index, value in enumerate(values):
                other = next((v for v in values if ast.dump(v) != ast.dump(value)), None)
                if other is not None and not isinstance(value, ast.Dict):
                    yield "table", "values", [*values[:index], other, *values[index + 1 :]]
                yield "table", "keys", [*node.keys[:index], _NOWHERE, *node.keys[index + 1 :]]


#: A key that nobody asks for, so the entry is as good as gone.
_NOWHERE = ast.Constant("nowhere")


def _without(values: list[Any], index: int) -> list[Any]:
    return [*values[:index], *values[index + 1 :]]
