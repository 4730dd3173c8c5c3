"""A statement that is compiled once and then handed to the driver as it stands.

SQLAlchemy's way to each statement (cache key, parameters, result object) costs four times what SQLite needs
to find one row. What a letter asks on its way out goes this way; all else is asked of the connection.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import Select
from sqlalchemy.types import TypeDecorator, TypeEngine

Values = Mapping[str, Any]
_Turn = Callable[[Any], Any] | None


class _Compiled(NamedTuple):
    text: str
    names: tuple[str, ...]  #: of its parameters, in the order of the text when that is positional
    pick: Callable[[Values], Sequence[Any]]  #: their values, in that order
    turns: tuple[tuple[int, Callable[[Any], Any]], ...]  #: what becomes of some for the driver, by place
    constants: dict[str, Any]  #: what the statement itself brings
    positional: bool


class Prepared:
    """A SELECT, INSERT, UPDATE or DELETE with every parameter bound by name.

    An INSERT or UPDATE sets the columns that the first values name; later ones must name the same.
    Errors are the driver's own, not SQLAlchemy's.
    """

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._compiled: dict[tuple[str, ...], _Compiled] = {}
        self._row: Callable[[Sequence[Any]], Any] | None = None

    def all(self, connection: Connection, values: Values) -> list[Any]:
        """Every row, each a named tuple."""
        cursor = self._run(connection, values)
        found = cursor.fetchall()
        cursor.close()
        if not found:
            return []
        make = self._row = self._row or _row_of(self._statement, connection.dialect)
        return [make(one) for one in found]

    def first(self, connection: Connection, values: Values) -> Any | None:
        """The first row, or None."""
        found = self.all(connection, values)
        return found[0] if found else None

    def value(self, connection: Connection, values: Values) -> Any:
        """The first column of the first row, or None."""
        found = self.first(connection, values)
        return found[0] if found else None

    def write(self, connection: Connection, *values: Values) -> int:
        """How many rows it touched, over all `values`."""
        touched = 0
        for one in values:
            cursor = self._run(connection, one)
            touched += cursor.rowcount
            cursor.close()
        return touched

    def _run(self, connection: Connection, values: Values) -> Any:
        key = connection.dialect.name, *values
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = _compile(self._statement, connection.dialect, values)
        if compiled.constants:
            values = {**compiled.constants, **values}
        given = list(compiled.pick(values))
        for place, turn in compiled.turns:
            given[place] = turn(given[place])
        cursor = connection.connection.cursor()
        cursor.execute(
            compiled.text, given if compiled.positional else dict(zip(compiled.names, given, strict=True))
        )
        return cursor


def _compile(statement: Executable, dialect: Dialect, values: Values) -> _Compiled:
    assert isinstance(statement, ClauseElement)
    compiled = statement.compile(dialect=dialect, column_keys=sorted(values))
    assert isinstance(compiled, SQLCompiler)
    names = tuple(compiled.positiontup) if compiled.positiontup is not None else tuple(compiled.binds)
    every = enumerate(_outward(compiled.binds[name].type, dialect) for name in names)
    turns = tuple((place, turn) for place, turn in every if turn is not None)
    constants = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
    return _Compiled(str(compiled), names, _pick(names), turns, constants, compiled.positiontup is not None)


def _pick(names: tuple[str, ...]) -> Callable[[Values], Sequence[Any]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: [values[name] for name in names]  # of one name it would give no sequence


def _outward(kind: TypeEngine[Any], dialect: Dialect) -> _Turn:
    if isinstance(kind, TypeDecorator) and kind.impl_instance.bind_processor(dialect) is None:
        return partial(kind.process_bind_param, dialect=dialect)  # without the steps between
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _row_of(statement: Executable, dialect: Dialect) -> Callable[[Sequence[Any]], Any]:
    """From what the driver gives to a named tuple of our values."""
    assert isinstance(statement, Select)
    columns = statement.selected_columns
    row = namedtuple("Row", [column.key or f"column_{n}" for n, column in enumerate(columns)])  # type: ignore[misc]
    turns = [
        (n, turn)
        for n, column in enumerate(columns)
        if (turn := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
    ]
    if not turns:
        return row._make

    def make(found: Sequence[Any]) -> Any:
        values = list(found)
        for n, turn in turns:
            values[n] = turn(values[n])
        return row._make(values)

    return make
