"""Queries: written once as SQLAlchemy Core expressions, compiled once for each dialect, run on the raw drivers.

SQLAlchemy's engines and sessions are not used; they cost 3.7 times the driver's CPU (stack.md §2). Its type processors do
not run either, so columns hold texts and whole numbers only.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from sqlalchemy import JSON, ScalarSelect, Table, Text, bindparam, cast, func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql import ClauseElement, FromClause

from callside.store.encoding import clean

DialectName = Literal["sqlite", "postgresql"]
_DIALECTS: Final[Mapping[DialectName, Dialect]] = {
    "sqlite": sqlite.dialect(paramstyle="qmark"),
    "postgresql": asyncpg.dialect(),  # type: ignore[no-untyped-call]
}


def values_of(given: FromClause) -> ScalarSelect[Any]:
    """All of a list of values, for ``IN``: both databases then look up one after the other in the column's index."""
    return select(given.c.value).scalar_subquery()


class Compiled:
    """A query's text for one dialect and the order its values go in."""

    __slots__ = ("_constants", "_names", "text")

    def __init__(self, expression: ClauseElement, dialect: Dialect) -> None:
        compiled: Any = expression.compile(dialect=dialect)
        self.text: str = str(compiled)
        self._names: tuple[str, ...] = tuple(compiled.positiontup or ())
        self._constants: dict[str, Any] = {name: value for name, value in compiled.params.items() if value is not None}

    def arguments(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The values in their order, texts :func:`clean`; a name that nobody gave is a mistake of ours (``KeyError``)."""
        if self._constants:
            values = {**self._constants, **values}
        given = [values[name] for name in self._names]
        return tuple([clean(value) if isinstance(value, str) else value for value in given])


class Query:
    """One statement for both databases; ``postgresql`` where that one needs other words."""

    __slots__ = ("_compiled", "_expressions")

    def __init__(self, expression: ClauseElement, *, postgresql: ClauseElement | None = None) -> None:
        self._expressions: dict[DialectName, ClauseElement] = {
            "sqlite": expression,
            "postgresql": expression if postgresql is None else postgresql,
        }
        self._compiled: dict[DialectName, Compiled] = {}

    @classmethod
    def of_list(
        cls,
        name: str,
        build: Callable[[FromClause], ClauseElement],
        postgresql: Callable[[FromClause], ClauseElement] | None = None,
    ) -> "Query":
        """A statement over a list of values, given as JSON text under ``name``; ``build`` finds them as ``.c.value``."""
        given = bindparam(name, type_=Text)
        # Both functions name their one column "value".
        there = func.json_array_elements_text(cast(given, JSON)).table_valued("value", name=f"{name}_given")
        here = func.json_each(given).table_valued("value", name=f"{name}_given")
        return cls(build(here), postgresql=(postgresql or build)(there))

    def compiled(self, dialect: DialectName) -> Compiled:
        """Its text and order of values; made the first time, kept afterwards."""
        found = self._compiled.get(dialect)
        if found is None:
            found = self._compiled[dialect] = Compiled(self._expressions[dialect], _DIALECTS[dialect])
        return found


class Insertion:
    """Rows for some columns of a table, as many at once as there are; a key that is there already refuses them all.

    PostgreSQL takes them as a copy: half the work of a statement over the same rows as JSON, and a tenth of one for each.
    """

    __slots__ = ("columns", "sqlite", "table")

    def __init__(self, table: Table, *columns: str) -> None:
        self.table: str = table.name
        self.columns = columns
        names = ", ".join(table.columns[name].name for name in columns)
        places = ", ".join("?" * len(columns))
        self.sqlite = f"INSERT INTO {table.name} ({names}) VALUES ({places})"  # noqa: S608 - the schema's names, no values

    @staticmethod
    def arguments(rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
        """The rows as both drivers take them, texts :func:`clean`."""
        return [tuple([clean(value) if isinstance(value, str) else value for value in row]) for row in rows]
