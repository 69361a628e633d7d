"""``callside trunk``."""

from typing import Annotated, Any

import typer

from callside.cli.options import JsonOption, Row, TenantOption, YesOption, desktop, given, password_from_stdin, sure
from callside.cli.printing import show_row, show_rows

trunks = typer.Typer(no_args_is_help=True, help="Trunks: interconnections with carriers.")

Trunk = Annotated[str, typer.Argument(help="Id or name.")]
Port = Annotated[int | None, typer.Option(help="The carrier's SIP port.")]
Username = Annotated[str | None, typer.Option(help="For the carrier's authentication.")]
FromStdin = Annotated[
    bool, typer.Option("--secret-stdin", help="Read the carrier's password from standard input (or ask for it).")
]
CallerId = Annotated[str | None, typer.Option(help="Number shown to customers unless a campaign has its own.")]
Transport = Annotated[str | None, typer.Option(help="What SIP is carried by: udp, tcp or tls.")]
Register = Annotated[bool | None, typer.Option("--register/--no-register", help="Register with the carrier.")]
Registrar = Annotated[str | None, typer.Option(help="Where to register (host or host:port); the carrier's host else.")]
Realm = Annotated[
    str | None, typer.Option(help="The only realm the secret is used for; whichever the carrier names else.")
]
Expiry = Annotated[int | None, typer.Option(help="Seconds a registration is asked for.")]
Addresses = Annotated[
    list[str] | None,
    typer.Option("--address", help="One more address or network its calls come from; may be repeated; '' for none."),
]


def _words(addresses: list[str] | None) -> list[str] | None:
    return None if not addresses else [one for one in addresses if one]


def _shown(row: Row) -> Row:
    now: dict[str, Any] = row.get("registration") or {}
    state, reason = now.get("state", "unknown"), now.get("reason", "")
    return row | {"registration": "-" if state == "not_wanted" else f"{state}: {reason}" if reason else state}


@trunks.command("list")
def list_trunks(context: typer.Context, tenant: TenantOption = None, as_json: JsonOption = False) -> None:
    """List trunks, and how those that register are."""
    here = desktop(context)
    rows = here.gateway.listing("trunk", here.tenant(tenant))
    columns = ("id", "name", "host", "port", "transport", "username", "has_secret", "caller_id", "registration")
    show_rows(
        rows if as_json else [_shown(one) for one in rows], columns, as_json=as_json, empty="There is no trunk yet."
    )


@trunks.command("add")
def add_trunk(
    context: typer.Context,
    name: str,
    host: Annotated[str | None, typer.Option(help="The carrier's host or address.")] = None,
    port: Port = None,
    tenant: TenantOption = None,
    username: Username = None,
    secret_stdin: FromStdin = False,
    caller_id: CallerId = None,
    transport: Transport = None,
    register: Register = None,
    registrar: Registrar = None,
    realm: Realm = None,
    expiry: Expiry = None,
    address: Addresses = None,
    registers_with_us: Annotated[
        bool, typer.Option("--registers-with-us", help="The far side registers with us; its password is shown once.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Add a trunk."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    secret = password_from_stdin() if secret_stdin else None
    values = given(
        name=name, host=host, port=port, username=username, secret=secret, caller_id=caller_id, transport=transport,
        registers=register, registrar=registrar, realm=realm, expiry_s=expiry, addresses=_words(address),
        registers_with_us=registers_with_us or None,
    )  # fmt: skip
    row = here.gateway.add("trunk", tenant_id, values)
    show_row(row, as_json=as_json, headline="Added the trunk:", once=("sip_password",))


@trunks.command("change")
def change_trunk(
    context: typer.Context,
    trunk: Trunk,
    tenant: TenantOption = None,
    name: Annotated[str | None, typer.Option(help="New name.")] = None,
    host: Annotated[str | None, typer.Option(help="The carrier's host or address.")] = None,
    port: Port = None,
    username: Username = None,
    secret_stdin: FromStdin = False,
    caller_id: CallerId = None,
    transport: Transport = None,
    register: Register = None,
    registrar: Registrar = None,
    realm: Realm = None,
    expiry: Expiry = None,
    address: Addresses = None,
    renew_password: Annotated[
        bool, typer.Option("--renew-password", help="Make a new password for a far side that registers with us.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Change a trunk."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    found = here.item("trunk", tenant_id, trunk)
    secret = password_from_stdin() if secret_stdin else None
    values = given(
        name=name, host=host, port=port, username=username, secret=secret, caller_id=caller_id, transport=transport,
        registers=register, registrar=registrar, realm=realm, expiry_s=expiry, addresses=_words(address),
        renew_password=renew_password or None,
    )  # fmt: skip
    row = here.gateway.change("trunk", tenant_id, str(found["id"]), values)
    show_row(row, as_json=as_json, headline="Changed the trunk:", once=("sip_password",))


@trunks.command("remove")
def remove_trunk(context: typer.Context, trunk: Trunk, tenant: TenantOption = None, yes: YesOption = False) -> None:
    """Remove a trunk that no campaign uses."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    found = here.item("trunk", tenant_id, trunk)
    sure(f"Remove the trunk {found['name']}?", yes=yes)
    here.gateway.remove("trunk", tenant_id, str(found["id"]))
    typer.echo(f"Removed the trunk {found['name']}.")
