"""Options that many commands share, and how they are understood."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callside.kernel.errors import CallsideError

if TYPE_CHECKING:
    from callside.cli.gateway import Gateway
    from callside.config import Settings

Row = dict[str, Any]

TenantOption = Annotated[
    str | None, typer.Option("--tenant", "-t", help="Id or name of the tenant; not needed where there is only one.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask back.")]


class UsageError(CallsideError):
    """The command line does not say clearly what is meant."""


class Desktop:
    """What one run of the command line works with; made when first needed, so that ``--help`` needs none of it."""

    def __init__(self, home: Path | None) -> None:
        self._home = home
        self._settings: Settings | None = None
        self._gateway: Gateway | None = None

    @property
    def settings(self) -> "Settings":
        """The instance's settings.

        Raises:
            SettingsError: One of them cannot be used.
        """
        if self._settings is None:
            from callside.config import load
            from callside.observability import set_up_logs

            self._settings = load(home=self._home)
            set_up_logs("warning")  # to standard error: what a command prints is for its caller
        return self._settings

    @property
    def gateway(self) -> "Gateway":
        """The way to its administration."""
        if self._gateway is None:
            from callside.cli.gateway import gateway_for

            self._gateway = gateway_for(self.settings)
        return self._gateway

    def tenant(self, wanted: str | None) -> str:
        """The id of the tenant meant by ``--tenant``."""
        rows = self.gateway.listing("tenant", "")
        if wanted is None:
            if len(rows) == 1:
                return str(rows[0]["id"])
            if not rows:
                raise UsageError('there is no tenant yet; add one with: callside tenant add "Example Motors"')
            names = ", ".join(f"{row['id']} ({row['name']})" for row in rows[:10])
            raise UsageError(f"--tenant: say which one: {names}")
        return str(self._one_of("tenant", rows, wanted, ("name",))["id"])

    def item(self, noun: str, tenant_id: str, wanted: str) -> Row:
        """The one thing meant by an id, a username, a number or a name."""
        return self._one_of(noun, self.gateway.listing(noun, tenant_id), wanted, ("username", "number", "name"))

    def ids(self, noun: str, tenant_id: str, wanted: Sequence[str]) -> list[str]:
        """The ids of several things."""
        if not wanted:
            return []
        rows = self.gateway.listing(noun, tenant_id)
        return [str(self._one_of(noun, rows, one, ("username", "number", "name"))["id"]) for one in wanted]

    def _one_of(self, noun: str, rows: Sequence[Row], wanted: str, keys: Sequence[str]) -> Row:
        for key in ("id", *keys):
            fits = [row for row in rows if str(row.get(key, "")).casefold() == wanted.casefold()]
            if len(fits) == 1:
                return fits[0]
            if fits:
                ids = ", ".join(str(row["id"]) for row in fits)
                raise UsageError(f'{noun}: several are called "{wanted}"; use one of the ids {ids}')
        raise UsageError(f'{noun}: there is no "{wanted}"; see: callside {noun} list')


def desktop(context: typer.Context) -> Desktop:
    """The present run's :class:`Desktop`."""
    found = context.find_object(Desktop)
    return found if found is not None else Desktop(None)


def given(**values: Any) -> Row:
    """The options that were used: those that are not ``None``."""
    return {name: value for name, value in values.items() if value is not None}


def password_from_stdin() -> str:
    """The first line of standard input: secrets do not belong into arguments, which every user of a machine can read.

    Raises:
        UsageError: There is nothing.
    """
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise UsageError("standard input is empty; write the secret into it, e.g. with: < file")
    return line


def sure(question: str, *, yes: bool) -> None:
    """Ask back before something is taken away.

    Raises:
        UsageError: Nobody can be asked and ``--yes`` was not given.
        typer.Abort: The answer was no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("add --yes: there is nobody to ask back")
    typer.confirm(question, abort=True)


def assigned(
    here: Desktop,
    tenant_id: str,
    present: Sequence[str],
    instead: Sequence[str] | None,
    more: Sequence[str] | None,
    less: Sequence[str] | None,
) -> list[str] | None:
    """The ids of the agents assigned afterwards; ``None`` where that does not change."""
    if instead is None and not more and not less:
        return None
    kept = list(present) if instead is None else here.ids("agent", tenant_id, instead)
    gone = here.ids("agent", tenant_id, less or ())
    return [one for one in dict.fromkeys([*kept, *here.ids("agent", tenant_id, more or ())]) if one not in gone]
