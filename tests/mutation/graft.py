"""Puts a changed function or table into the running program, in a process that will end soon."""

from __future__ import annotations

import ast
import gc
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tests.mutation.operators import Function, Mutant

Place = tuple[str, str, int]  #: file, qualified name, first line
Cached = type(lru_cache(lambda: None))


@dataclass(frozen=True, slots=True)
class Live:
    """Every function that was written in some files, as it was before it was decorated."""

    functions: dict[Place, list[FunctionType]] = field(default_factory=lambda: defaultdict(list))
    caches: dict[Place, list[Any]] = field(default_factory=lambda: defaultdict(list))


def functions(files: set[str]) -> Live:
    """Those that are alive now, and what remembers their answers."""
    found = Live()
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename in files:
            found.functions[_place(one.__code__)].append(one)
        elif isinstance(one, Cached) and isinstance(one.__wrapped__, FunctionType):
            found.caches[_place(one.__wrapped__.__code__)].append(one)
    return found


def _place(code: CodeType) -> Place:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def graft(mutant: Mutant, tree: ast.Module, file: Path, live: Live) -> None:
    """Make the mutant true in this process. Raises LookupError when what it changes is not alive."""
    mutant.apply()
    ast.fix_missing_locations(tree)
    if isinstance(mutant.scope, Function):
        code = _code(compile(tree, str(file), "exec"), mutant)
        victims = live.functions.get(_place(code), [])
        if not victims:
            raise LookupError(f"{mutant.name} of {file.name} is not alive")
        for victim in victims:
            victim.__code__ = code
        for cache in live.caches.get(_place(code), []):
            cache.cache_clear()
    else:
        _rebind(mutant, tree, file)


def _code(module: CodeType, mutant: Mutant) -> CodeType:
    waiting = [module]
    for code in waiting:
        if code.co_qualname == mutant.name and mutant.scope.lineno in _first_lines(code, mutant):
            return code
        waiting += [inner for inner in code.co_consts if isinstance(inner, CodeType)]
    raise LookupError(f"{mutant.name} was not compiled")


def _first_lines(code: CodeType, mutant: Mutant) -> range:
    """A decorated function begins at its first decorator."""
    return range(code.co_firstlineno, mutant.scope.lineno + 1)


def _rebind(mutant: Mutant, tree: ast.Module, file: Path) -> None:
    """Run the changed statement in its module, and those that are built of what it names."""
    module = next((m for m in list(sys.modules.values()) if getattr(m, "__file__", None) == str(file)), None)
    if module is None:
        raise LookupError(f"{file.name} is not loaded")
    changed = {mutant.name}
    _run(mutant.scope, mutant.name, module, file)
    for statement in tree.body[tree.body.index(mutant.scope) + 1 :]:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                if changed & {one.id for one in ast.walk(statement) if isinstance(one, ast.Name)}:
                    changed.add(name)
                    _run(statement, name, module, file)


def _run(statement: ast.stmt, name: str, module: ModuleType, file: Path) -> None:
    """Give what it makes now to all who imported the old one."""
    old = vars(module)[name]
    exec(compile(ast.Module([statement], []), str(file), "exec"), vars(module))
    new = vars(module)[name]
    for other in list(sys.modules.values()):
        if getattr(other, "__dict__", {}).get(name) is old:
            setattr(other, name, new)
