"""Which schema a database has, and the steps from there to ours. Why not Alembic: docs/decisions/0004-store.md.

Each database runs the steps itself, each in one transaction (``sqlite.py``, ``postgres.py``); here is what they agree on.
"""

import hashlib
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Final, NamedTuple

from callside.kernel.errors import StoreUnavailableError
from callside.store.migrations import STEPS
from callside.store.query import DialectName

VERSIONS_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS schema_versions (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, "
    "checksum TEXT NOT NULL)"
)
APPLIED: Final = "SELECT number, checksum FROM schema_versions ORDER BY number"
_WORDS: Final[Mapping[DialectName, Mapping[str, str]]] = {
    "sqlite": {
        "number": "INTEGER",
        "serial": "INTEGER NOT NULL CONSTRAINT facts_pkey PRIMARY KEY",
        "lead_key": "INTEGER NOT NULL CONSTRAINT leads_pkey PRIMARY KEY",
        "end": ") STRICT",
        # For narrow tables with long keys: the key's index is the table.
        "keyed_end": ") STRICT, WITHOUT ROWID",
    },
    "postgresql": {
        "number": "BIGINT",
        "serial": "BIGINT GENERATED ALWAYS AS IDENTITY CONSTRAINT facts_pkey PRIMARY KEY",
        "lead_key": "BIGINT CONSTRAINT leads_pkey PRIMARY KEY",
        "end": ")",
        "keyed_end": ")",
    },
}


class Step(NamedTuple):
    """One step of the schema, in one database's words."""

    number: int
    name: str
    statements: tuple[str, ...]
    checksum: str


def steps(dialect: DialectName, modules: Sequence[ModuleType] = STEPS) -> list[Step]:
    """All steps, oldest first."""
    return [_step(module, _WORDS[dialect]) for module in modules]


def missing(known: Sequence[Step], applied: Sequence[tuple[int, str]]) -> list[Step]:
    """The steps a database still lacks.

    Raises:
        StoreUnavailableError: It was written by a newer Callside, or by one whose schema was another.
    """
    by_number = {step.number: step for step in known}
    newest = known[-1].number
    for number, checksum in applied:
        if number not in by_number:
            msg = (
                f"The database has schema {number}, this Callside knows schemas up to {newest}: "
                "start the newer Callside again, or restore the backup made before the upgrade"
            )
            raise StoreUnavailableError(msg)
        if by_number[number].checksum != checksum:
            msg = (
                f"The database's schema {number} is not the one this Callside knows (another checksum): "
                "it comes from a build between releases; start that one, or restore a backup"
            )
            raise StoreUnavailableError(msg)
    there = {number for number, _ in applied}
    return [step for step in known if step.number not in there]


def _step(module: ModuleType, words: Mapping[str, str]) -> Step:
    statements = tuple(one.format_map(words) for one in module.STATEMENTS)
    # Spaces do not count, so that a formatter may move them.
    text = "\n".join(" ".join(one.split()) for one in statements)
    return Step(module.NUMBER, module.NAME, statements, hashlib.sha256(text.encode()).hexdigest())
