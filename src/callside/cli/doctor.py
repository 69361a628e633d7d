"""``callside doctor``: is all as it must be, and if not, what to do."""

import json
from typing import Final

import typer

from callside.cli.options import JsonOption, desktop

_MARKS: Final = {"ok": ("ok", "green"), "warning": ("!!", "yellow"), "error": ("XX", "red")}


def doctor(context: typer.Context, as_json: JsonOption = False) -> None:
    """Check engine, database, ports, certificates, audio and browser rules; each finding comes with its remedy.

    Ends with 1 when something is an error.
    """
    from dataclasses import asdict

    from callside.cli.checks import examine

    findings = examine(desktop(context).settings)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in findings], indent=2, ensure_ascii=False))
    else:
        for one in findings:
            mark, color = _MARKS[one.level]
            typer.secho(f"{mark:2} ", fg=color, nl=False)
            typer.echo(f"{one.check}: {one.message}")
            if one.remedy:
                typer.echo(f"     -> {one.remedy}")
        counts = {level: sum(one.level == level for one in findings) for level in _MARKS}
        typer.echo(f"{counts['error']} errors, {counts['warning']} warnings")
    if any(one.level == "error" for one in findings):
        raise typer.Exit(1)
