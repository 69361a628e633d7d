"""``callside dnc``: a tenant's do-not-call lists, and with ``--everywhere`` the installation's, which count for every tenant."""

from typing import Annotated

import typer

from callside.cli.leads import File, List
from callside.cli.options import Desktop, JsonOption, Row, TenantOption, UsageError, YesOption, desktop, sure
from callside.cli.printing import show_row, show_rows
from callside.cli.reception import add_item

dnc = typer.Typer(no_args_is_help=True, help="Do-not-call lists and the numbers on them.")

Everywhere = Annotated[
    bool, typer.Option("--everywhere", help="The installation's lists, which count for all tenants.")
]
_NOUN = "dnc-list"


@dnc.command("list")
def list_dnc(
    context: typer.Context, tenant: TenantOption = None, everywhere: Everywhere = False, as_json: JsonOption = False
) -> None:
    """List do-not-call lists."""
    here = desktop(context)
    rows = here.gateway.listing(_NOUN, _whose(here, tenant, everywhere=everywhere))
    columns = ("id", "name", "campaign_id", "scrubbed_at")
    show_rows(rows, columns, as_json=as_json, empty="There is no do-not-call list yet.")


@dnc.command("add-list")
def add_dnc_list(
    context: typer.Context,
    name: str,
    campaign: Annotated[str | None, typer.Option("--campaign", help="For this campaign only.")] = None,
    tenant: TenantOption = None,
    everywhere: Everywhere = False,
    as_json: JsonOption = False,
) -> None:
    """Add a do-not-call list."""
    here = desktop(context)
    tenant_id = _whose(here, tenant, everywhere=everywhere)
    if campaign is not None and everywhere:
        raise UsageError("--campaign: a campaign is a tenant's; leave it out, or --everywhere")
    values = {} if campaign is None else {"campaign_id": str(here.item("campaign", tenant_id, campaign)["id"])}
    add_item(here, _NOUN, tenant_id, {"name": name, **values}, as_json=as_json)


@dnc.command("remove-list")
def remove_dnc_list(
    context: typer.Context,
    which: List,
    tenant: TenantOption = None,
    everywhere: Everywhere = False,
    yes: YesOption = False,
) -> None:
    """Remove a do-not-call list; refused while numbers are on it."""
    here = desktop(context)
    tenant_id = _whose(here, tenant, everywhere=everywhere)
    found = here.item(_NOUN, tenant_id, which)
    sure(f"Remove the do-not-call list {found['name']}?", yes=yes)
    here.gateway.remove(_NOUN, tenant_id, str(found["id"]))
    typer.echo(f"Removed the do-not-call list {found['name']}.")


@dnc.command("add")
def put(
    context: typer.Context,
    which: List,
    numbers: Annotated[list[str], typer.Argument(help="Numbers.")],
    reason: Annotated[str, typer.Option(help="For people.")] = "",
    tenant: TenantOption = None,
    everywhere: Everywhere = False,
    as_json: JsonOption = False,
) -> None:
    """Put numbers on a do-not-call list."""
    _entries(
        context, "put", which, {"numbers": numbers, "reason": reason}, tenant, everywhere=everywhere, as_json=as_json
    )


@dnc.command("remove")
def take_off(
    context: typer.Context,
    which: List,
    numbers: Annotated[list[str], typer.Argument(help="Numbers.")],
    tenant: TenantOption = None,
    everywhere: Everywhere = False,
    as_json: JsonOption = False,
) -> None:
    """Take numbers off a do-not-call list; leads that they kept out are let in again."""
    _entries(context, "take_off", which, {"numbers": numbers}, tenant, everywhere=everywhere, as_json=as_json)


@dnc.command("import")
def import_dnc(
    context: typer.Context,
    which: List,
    file: File,
    replaces: Annotated[bool, typer.Option("--whole", help="It is the whole register: others are taken off.")] = False,
    tenant: TenantOption = None,
    everywhere: Everywhere = False,
    as_json: JsonOption = False,
) -> None:
    """Put a file's numbers on a do-not-call list."""
    from callside.cli.lead_gateway import leads_of

    here = desktop(context)
    tenant_id = _whose(here, tenant, everywhere=everywhere)
    list_id = str(here.item(_NOUN, tenant_id, which)["id"])
    row = leads_of(here.gateway).bring_dnc(tenant_id, list_id, file, replaces=replaces)
    show_row(row, as_json=as_json, headline="The file's numbers:")


@dnc.command("show")
def show(
    context: typer.Context,
    which: List,
    after: Annotated[str, typer.Option(help="Begin behind this number (E.164).")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="So many.")] = 100,
    tenant: TenantOption = None,
    everywhere: Everywhere = False,
    as_json: JsonOption = False,
) -> None:
    """Show the numbers on a do-not-call list, in order."""
    from callside.cli.lead_gateway import leads_of

    here = desktop(context)
    tenant_id = _whose(here, tenant, everywhere=everywhere)
    found = here.item(_NOUN, tenant_id, which)
    rows = leads_of(here.gateway).numbers(tenant_id, str(found["id"]), after, limit)
    empty = f"No number is on the list {found['name']}" + (f" behind {after}." if after else ".")
    show_rows(rows, ("number", "added_at", "expires_at", "reason"), as_json=as_json, empty=empty)
    if len(rows) == limit and not as_json:
        typer.echo(f"There may be more: --after {rows[-1]['number']}")


@dnc.command("check")
def check(context: typer.Context, number: str, tenant: TenantOption = None, as_json: JsonOption = False) -> None:
    """Say whether a number may be called."""
    from callside.cli.lead_gateway import leads_of

    here = desktop(context)
    found = leads_of(here.gateway).check(here.tenant(tenant), number)
    if as_json:
        show_row({"blocked": found is not None, "list": found}, as_json=True, headline="")
    else:
        typer.echo("It may be called." if found is None else f'It is on the list "{found}".')


def _entries(
    context: typer.Context,
    verb: str,
    which: str,
    values: Row,
    tenant: str | None,
    *,
    everywhere: bool,
    as_json: bool,
) -> None:
    from callside.cli.lead_gateway import leads_of

    here = desktop(context)
    tenant_id = _whose(here, tenant, everywhere=everywhere)
    values["list_id"] = str(here.item(_NOUN, tenant_id, which)["id"])
    gateway = leads_of(here.gateway)
    row = gateway.put(tenant_id, values) if verb == "put" else gateway.take_off(tenant_id, values)
    show_row(row, as_json=as_json, headline="The numbers:")


def _whose(here: Desktop, tenant: str | None, *, everywhere: bool) -> str:
    """The tenant's id; empty for the installation's."""
    if not everywhere:
        return here.tenant(tenant)
    if tenant is not None:
        raise UsageError("--everywhere: these lists are no tenant's; leave --tenant out")
    return ""
