"""``callside break``: the reasons that a tenant's agents may take a break for."""

from typing import Annotated

import typer

from callside.cli.options import JsonOption, Row, TenantOption, UsageError, YesOption, desktop, sure
from callside.cli.printing import show_row, show_rows

breaks = typer.Typer(no_args_is_help=True, help="Reasons for breaks, and how long one such break may last.")

Limit = Annotated[
    int | None,
    typer.Option(help="Seconds that one such break may last. A longer one is noted; nobody is made ready."),
]
Code = Annotated[str, typer.Argument(help="Short name for programs, e.g. lunch.")]


@breaks.command("list")
def list_breaks(context: typer.Context, tenant: TenantOption = None, as_json: JsonOption = False) -> None:
    """List the reasons, in the order in which agents see them."""
    _, rows = _reasons(context, tenant)
    show_rows(rows, ("code", "label", "limit_s"), as_json=as_json, empty="There is no reason yet.")


@breaks.command("add")
def add_break(
    context: typer.Context,
    code: Code,
    label: Annotated[str, typer.Option(help="What agents read.")],
    limit_s: Limit = None,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a reason at the end."""
    tenant_id, rows = _reasons(context, tenant)
    row: Row = {"code": code, "label": label, "limit_s": limit_s}
    _keep(context, tenant_id, [*rows, row])
    show_row(row, as_json=as_json, headline="Added the reason:")


@breaks.command("change")
def change_break(
    context: typer.Context,
    code: Code,
    label: Annotated[str | None, typer.Option(help="What agents read.")] = None,
    limit_s: Limit = None,
    no_limit: Annotated[bool, typer.Option("--no-limit", help="As long as it takes.")] = False,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change a reason. Its limit holds for breaks that begin from now on."""
    if no_limit and limit_s is not None:
        raise UsageError("--no-limit: leave --limit-s away with it")
    tenant_id, rows = _reasons(context, tenant)
    row = _one(rows, code)
    if label is not None:
        row["label"] = label
    if no_limit or limit_s is not None:
        row["limit_s"] = limit_s
    _keep(context, tenant_id, rows)
    show_row(row, as_json=as_json, headline="Changed the reason:")


@breaks.command("remove")
def remove_break(context: typer.Context, code: Code, tenant: TenantOption = None, yes: YesOption = False) -> None:
    """Remove a reason; who is on such a break stays there."""
    tenant_id, rows = _reasons(context, tenant)
    row = _one(rows, code)
    sure(f'Remove the reason "{row["label"]}"?', yes=yes)
    _keep(context, tenant_id, [one for one in rows if one is not row])
    typer.echo(f"Removed the reason {code}.")


def _reasons(context: typer.Context, tenant: str | None) -> tuple[str, list[Row]]:
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    found = next(row for row in here.gateway.listing("tenant", "") if row["id"] == tenant_id)
    return tenant_id, [dict(one) for one in found["breaks"]]


def _one(rows: list[Row], code: str) -> Row:
    for row in rows:
        if row["code"] == code:
            return row
    raise UsageError(f'break: there is no reason "{code}"; see: callside break list')


def _keep(context: typer.Context, tenant_id: str, rows: list[Row]) -> None:
    desktop(context).gateway.change("tenant", "", tenant_id, {"breaks": rows})
