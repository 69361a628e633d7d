"""``callside leads``."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from callside.cli.options import Desktop, JsonOption, Row, TenantOption, UsageError, YesOption, desktop, given
from callside.cli.printing import show_row, show_rows
from callside.cli.reception import add_item, change_item, remove_item

leads = typer.Typer(no_args_is_help=True, help="Leads: lists of them, files in and out, who has a number.")

List = Annotated[str, typer.Argument(help="The list, id or name.")]
Campaign = Annotated[str | None, typer.Option("--campaign", help="Campaign it feeds, id or name.")]
Weight = Annotated[int | None, typer.Option("--weight", help="Its share among the campaign's lists.")]
Order = Annotated[str | None, typer.Option("--order", help="oldest, newest, ascending or descending.")]
Column = Annotated[str | None, typer.Option("--order-column", help="For ascending and descending: by which column.")]
Enabled = Annotated[bool | None, typer.Option("--enabled/--disabled", help="Whether it is called from.")]
Token = Annotated[str | None, typer.Option("--scrub-token", help='Of this list (India: DLT); "" for none.')]
TokenEnds = Annotated[str | None, typer.Option("--scrub-until", help='Until when it holds; "" for none.')]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV or XLSX.")]
Out = Annotated[Path | None, typer.Option("--to", help="Write there instead of standard output.")]
Columns = Annotated[list[str] | None, typer.Option("--column", help='Role of a column: "Tel=number"; repeat it.')]


@leads.command("list")
def list_lists(context: typer.Context, tenant: TenantOption = None, as_json: JsonOption = False) -> None:
    """List the lists of leads, and how many of their leads stand where."""
    here = desktop(context)
    rows = here.gateway.listing("lead-list", here.tenant(tenant))
    columns = ("id", "name", "campaign_id", "weight", "order", "enabled", "leads")
    show_rows(rows, columns, as_json=as_json, empty="There is no list of leads yet.")


@leads.command("add")
def add_list(
    context: typer.Context,
    name: str,
    campaign: Campaign = None,
    weight: Weight = None,
    order: Order = None,
    order_column: Column = None,
    token: Token = None,
    token_ends: TokenEnds = None,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a list of leads."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    values = _about(here, tenant_id, campaign, weight=weight, order=order, order_column=order_column)
    values |= _scrub(token, token_ends)
    add_item(here, "lead-list", tenant_id, {"name": name, **values}, as_json=as_json)


@leads.command("change")
def change_list(
    context: typer.Context,
    which: List,
    name: Annotated[str | None, typer.Option("--name", help="New name.")] = None,
    campaign: Campaign = None,
    weight: Weight = None,
    order: Order = None,
    order_column: Column = None,
    enabled: Enabled = None,
    token: Token = None,
    token_ends: TokenEnds = None,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change a list of leads."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    values = _about(
        here, tenant_id, campaign, name=name, weight=weight, order=order, order_column=order_column, enabled=enabled
    )
    values |= _scrub(token, token_ends)
    change_item(here, "lead-list", tenant_id, which, values, as_json=as_json)


@leads.command("remove")
def remove_list(context: typer.Context, which: List, tenant: TenantOption = None, yes: YesOption = False) -> None:
    """Remove a list with all its leads."""
    remove_item(context, "lead-list", which, tenant, yes=yes)


@leads.command("import")
def import_file(
    context: typer.Context,
    which: List,
    file: File,
    region: Annotated[str | None, typer.Option(help="Country of numbers without a country code, e.g. GB.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Instead of the guess, e.g. cp1252.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="Instead of the guess.")] = None,
    column: Columns = None,
    duplicates: Annotated[str | None, typer.Option(help="Where a number must be new: list, campaign, tenant.")] = None,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring a file of leads into a list, and wait for its end."""
    from callside.cli.lead_gateway import leads_of

    here = desktop(context)
    tenant_id = here.tenant(tenant)
    list_id = str(here.item("lead-list", tenant_id, which)["id"])
    choices = given(region=region, encoding=encoding, delimiter=delimiter, duplicates=duplicates)
    if column:
        choices["columns"] = dict(_pair(one) for one in column)
    row = leads_of(here.gateway).bring(tenant_id, list_id, file, choices, _progress)
    show_row(row, as_json=as_json, headline=f"The import is {row['state']}:")
    if row["state"] != "done":
        raise typer.Exit(1)


@leads.command("imports")
def list_imports(context: typer.Context, tenant: TenantOption = None, as_json: JsonOption = False) -> None:
    """List imports, newest first."""
    from callside.cli.lead_gateway import leads_of

    here = desktop(context)
    rows = leads_of(here.gateway).imports(here.tenant(tenant))
    columns = ("id", "list_id", "file_name", "state", "rows_done", "counts", "message")
    show_rows(rows, columns, as_json=as_json, empty="There was no import yet.")


@leads.command("report")
def report(
    context: typer.Context,
    import_id: Annotated[str, typer.Argument(help="The import's id.")],
    to: Out = None,
    tenant: TenantOption = None,
) -> None:
    """Write an import's report: what became of each row, as CSV."""
    from callside.cli.lead_gateway import leads_of

    here = desktop(context)
    tenant_id = here.tenant(tenant)
    with _output(to) as out:
        leads_of(here.gateway).report(tenant_id, import_id, out)


@leads.command("export")
def export(context: typer.Context, which: List, to: Out = None, tenant: TenantOption = None) -> None:
    """Write a list's leads as CSV."""
    from callside.cli.lead_gateway import leads_of

    here = desktop(context)
    tenant_id = here.tenant(tenant)
    list_id = str(here.item("lead-list", tenant_id, which)["id"])
    with _output(to) as out:
        leads_of(here.gateway).export(tenant_id, list_id, out)


@leads.command("find")
def find(context: typer.Context, number: str, tenant: TenantOption = None, as_json: JsonOption = False) -> None:
    """Find leads by number."""
    from callside.cli.lead_gateway import leads_of

    here = desktop(context)
    rows = leads_of(here.gateway).find(here.tenant(tenant), number)
    columns = ("id", "list_id", "name", "state", "due_at", "attempts", "last_outcome", "notes")
    show_rows(rows, columns, as_json=as_json, empty="Nobody has this number.")


def _about(here: Desktop, tenant_id: str, campaign: str | None, **values: Any) -> Row:
    found = given(**values)
    if campaign is not None:
        found["campaign_id"] = str(here.item("campaign", tenant_id, campaign)["id"])
    return found


def _scrub(token: str | None, ends: str | None) -> Row:
    return given(scrub_token=token) | ({} if ends is None else {"scrub_token_expires_at": ends or None})


def _pair(text: str) -> tuple[str, str]:
    header, sign, role = text.rpartition("=")
    if not sign:
        raise UsageError(f'--column: "{text}" says no role; write header=role, e.g. Tel=number')
    return header, role


def _output(to: Path | None) -> Any:
    import contextlib

    return contextlib.nullcontext(sys.stdout.buffer) if to is None else to.open("wb")


def _progress(row: Row) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\r{row['state']}: {row['progress']:.0%}, {row['rows_done']} rows", err=True, nl=False)
