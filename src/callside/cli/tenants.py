"""``callside tenant`` and ``callside token``."""

from typing import Annotated

import typer

from callside.cli.options import JsonOption, TenantOption, YesOption, desktop, given, sure
from callside.cli.printing import show_row, show_rows

tenants = typer.Typer(no_args_is_help=True, help="Tenants: the customers of this installation.")
tokens = typer.Typer(no_args_is_help=True, help="API tokens of a tenant.")

Origins = Annotated[
    list[str] | None,
    typer.Option(
        "--origin", help="Origin of CRM pages that may frame the phone, e.g. https://crm.example.com; repeat it."
    ),
]
Region = Annotated[str | None, typer.Option(help="Country of numbers without country code, e.g. US.")]
TimeZone = Annotated[str | None, typer.Option(help="IANA time zone in which its days begin, e.g. America/New_York.")]
_COLUMNS = ("id", "name", "region", "time_zone", "crm_origins", "enabled")


@tenants.command("list")
def list_tenants(context: typer.Context, as_json: JsonOption = False) -> None:
    """List tenants."""
    rows = desktop(context).gateway.listing("tenant", "")
    show_rows(rows, _COLUMNS, as_json=as_json, empty="There is no tenant yet.")


@tenants.command("add")
def add_tenant(
    context: typer.Context,
    name: str,
    region: Region = None,
    time_zone: TimeZone = None,
    origin: Origins = None,
    as_json: JsonOption = False,
) -> None:
    """Add a tenant."""
    row = desktop(context).gateway.add(
        "tenant", "", given(name=name, region=region, time_zone=time_zone, crm_origins=origin)
    )
    show_row(row, as_json=as_json, headline="Added the tenant:")


@tenants.command("change")
def change_tenant(
    context: typer.Context,
    tenant: Annotated[str, typer.Argument(help="Id or name.")],
    name: Annotated[str | None, typer.Option(help="New name.")] = None,
    region: Region = None,
    time_zone: TimeZone = None,
    origin: Origins = None,
    no_origins: Annotated[bool, typer.Option("--no-origins", help="No page may frame the phone any more.")] = False,
    enabled: Annotated[bool | None, typer.Option("--enabled/--disabled")] = None,
    as_json: JsonOption = False,
) -> None:
    """Change a tenant; --origin replaces all its origins."""
    here = desktop(context)
    origins = [] if no_origins else origin
    values = given(name=name, region=region, time_zone=time_zone, crm_origins=origins, enabled=enabled)
    row = here.gateway.change("tenant", "", here.tenant(tenant), values)
    show_row(row, as_json=as_json, headline="Changed the tenant:")


@tenants.command("remove")
def remove_tenant(
    context: typer.Context, tenant: Annotated[str, typer.Argument(help="Id or name.")], yes: YesOption = False
) -> None:
    """Remove a disabled tenant and all that is its own."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    sure(f"Remove tenant {tenant_id} with its agents, queues, campaigns and tokens?", yes=yes)
    here.gateway.remove("tenant", "", tenant_id)
    typer.echo(f"Removed the tenant {tenant_id}.")


@tokens.command("list")
def list_tokens(context: typer.Context, tenant: TenantOption = None, as_json: JsonOption = False) -> None:
    """List tokens; the tokens themselves are kept nowhere."""
    here = desktop(context)
    rows = here.gateway.listing("token", here.tenant(tenant))
    show_rows(rows, ("id", "name", "created_at", "revoked_at"), as_json=as_json, empty="There is no token yet.")


@tokens.command("add")
def add_token(context: typer.Context, name: str, tenant: TenantOption = None, as_json: JsonOption = False) -> None:
    """Make a token and show it, this one time."""
    here = desktop(context)
    row = here.gateway.add("token", here.tenant(tenant), {"name": name})
    show_row(row, as_json=as_json, headline="Made the token:", once=("token",))


@tokens.command("change")
def change_token(
    context: typer.Context,
    token: Annotated[str, typer.Argument(help="Id or name of the old one.")],
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Replace a token: a new one is made and shown, the old one is revoked at once."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    old = here.item("token", tenant_id, token)
    row = here.gateway.add("token", tenant_id, {"name": old["name"]})
    here.gateway.remove("token", tenant_id, str(old["id"]))
    show_row(row, as_json=as_json, headline=f"Revoked {old['id']} and made in its place:", once=("token",))


@tokens.command("remove")
def remove_token(
    context: typer.Context,
    token: Annotated[str, typer.Argument(help="Id or name.")],
    tenant: TenantOption = None,
    yes: YesOption = False,
) -> None:
    """Revoke a token."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    found = here.item("token", tenant_id, token)
    sure(f'Revoke the token "{found["name"]}"? Whatever uses it is refused at once.', yes=yes)
    here.gateway.remove("token", tenant_id, str(found["id"]))
    typer.echo(f"Revoked the token {found['id']}.")
