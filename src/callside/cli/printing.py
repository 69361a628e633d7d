"""What commands print: tables for people, JSON for programs."""

import json
from collections.abc import Sequence
from typing import Any, Final

import typer

Row = dict[str, Any]
_WIDEST: Final = 60
_UNCUT: Final = 10_000
_WHOLE: Final = frozenset({"warnings"})
"""Columns whose words are of no use when they are cut."""


def show_rows(rows: Sequence[Row], columns: Sequence[str], *, as_json: bool, empty: str) -> None:
    """A table with ``columns``, or all of it as JSON."""
    if as_json:
        typer.echo(json.dumps(list(rows), indent=2, ensure_ascii=False))
        return
    if not rows:
        typer.echo(empty)
        return
    table = [[_cell(row.get(name), _UNCUT if name in _WHOLE else _WIDEST) for name in columns] for row in rows]
    heads = [name.replace("_", " ") for name in columns]
    widths = [max(map(len, column)) for column in zip(heads, *table, strict=True)]
    typer.secho(_line(heads, widths), bold=True)
    for cells in table:
        typer.echo(_line(cells, widths))


def show_row(row: Row, *, as_json: bool, headline: str, once: Sequence[str] = ()) -> None:
    """One thing after it was written; ``once`` are its secrets, pointed out if they are there."""
    if as_json:
        typer.echo(json.dumps(row, indent=2, ensure_ascii=False))
        return
    typer.echo(headline)
    secrets = {name: row[name] for name in once if row.get(name)}
    for name, value in row.items():
        if value not in (None, "", []) and name not in secrets and name not in {"breaks", "dispositions"}:
            typer.echo(f"  {name.replace('_', ' ')}: {_in_full(value)}")
    for name, value in secrets.items():
        typer.secho(f"  {name.replace('_', ' ')}: {value}", bold=True)
    if secrets:
        typer.echo("Keep it now: it is not shown again.")


def _in_full(value: Any) -> str:
    """Nothing is cut, and text of several lines stays so."""
    lines = value.splitlines() if isinstance(value, str) else [value]
    return "\n    ".join(_cell(one, _UNCUT) for one in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _cell(value: Any, widest: int = _WIDEST) -> str:
    if value is None:
        text = "-"
    elif isinstance(value, bool):
        text = "yes" if value else "no"
    elif isinstance(value, list):
        text = ", ".join(_cell(one, widest) for one in value) or "-"
    elif isinstance(value, dict):
        text = "; ".join(f"{key.replace('_', ' ')}: {_cell(one, widest)}" for key, one in value.items())
    else:
        text = str(value)
    clean = "".join(one if one.isprintable() else "�" for one in text)
    return clean if len(clean) <= widest else clean[: widest - 1] + "…"
