"""``callside campaign``: set up, changed, started, paused, stopped, looked at."""

from typing import Annotated, Any

import typer

from callside.cli.campaign_settings import NAMED, OWN, Campaign, add_settings
from callside.cli.options import (
    Desktop,
    JsonOption,
    Row,
    TenantOption,
    YesOption,
    assigned,
    desktop,
    given,
    sure,
)
from callside.cli.printing import show_row, show_rows
from callside.cli.settings_table import Filled, settled

campaigns = typer.Typer(no_args_is_help=True, help="Campaigns: outbound work, its rules, and whether it runs.")
add_settings(campaigns)

Agents = Annotated[list[str] | None, typer.Option("--agent", help="Assigned agent, id or username; repeat it.")]


def _warn(row: Row) -> None:
    for warning in row.get("warnings", ()):
        typer.secho(f"warning: {warning}", fg="yellow", err=True)


@campaigns.command("list")
def list_campaigns(context: typer.Context, tenant: TenantOption = None, as_json: JsonOption = False) -> None:
    """List campaigns."""
    here = desktop(context)
    rows = here.gateway.listing("campaign", here.tenant(tenant))
    columns = ("id", "name", "type", "run", "profile", "trunk_id", "agents", "caller_id")
    show_rows(rows, columns, as_json=as_json, empty="There is no campaign yet.")


@campaigns.command("add")
@settled(*OWN)
def add_campaign(
    context: typer.Context,
    name: str,
    kind: Annotated[str, typer.Option("--type", help="MANUAL, PREVIEW, PROGRESSIVE or PREDICTIVE.")],
    trunk: Annotated[str, typer.Option("--trunk", help="Trunk its calls go out on, id or name.")],
    filled: Filled,
    tenant: TenantOption = None,
    agent: Agents = None,
    as_json: JsonOption = False,
) -> None:
    """Add a campaign, stopped; only numbers of listed countries can be called."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    values = filled(here, tenant_id) | {
        "name": name,
        "type": kind.upper(),
        "trunk_id": str(here.item("trunk", tenant_id, trunk)["id"]),
        "agents": here.ids("agent", tenant_id, agent or ()),
    }
    show_row(here.gateway.add("campaign", tenant_id, values), as_json=as_json, headline="Added the campaign:")


@campaigns.command("change")
@settled(*NAMED, *OWN)
def change_campaign(
    context: typer.Context,
    campaign: Campaign,
    filled: Filled,
    tenant: TenantOption = None,
    agent: Agents = None,
    add_agent: Annotated[list[str] | None, typer.Option("--add-agent", help="Assign one more; repeat it.")] = None,
    drop_agent: Annotated[list[str] | None, typer.Option("--drop-agent", help="Assign one less; repeat it.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Change a campaign; --agent, --country and --block replace all of them."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    found = here.item("campaign", tenant_id, campaign)
    agents = assigned(here, tenant_id, found["agents"], agent, add_agent, drop_agent)
    values = filled(here, tenant_id) | given(agents=agents)
    row = here.gateway.change("campaign", tenant_id, str(found["id"]), values)
    show_row(row, as_json=as_json, headline="Changed the campaign:")


@campaigns.command("remove")
def remove_campaign(
    context: typer.Context, campaign: Campaign, tenant: TenantOption = None, yes: YesOption = False
) -> None:
    """Remove a campaign."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    found = here.item("campaign", tenant_id, campaign)
    sure(f"Remove the campaign {found['name']}?", yes=yes)
    here.gateway.remove("campaign", tenant_id, str(found["id"]))
    typer.echo(f"Removed the campaign {found['name']}.")


@campaigns.command("start")
def start_campaign(
    context: typer.Context, campaign: Campaign, tenant: TenantOption = None, as_json: JsonOption = False
) -> None:
    """Have a campaign's leads called, or go on after a pause; refused where the law it is under forbids it."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    found = here.item("campaign", tenant_id, campaign)
    if found["type"] == "PREDICTIVE" and not as_json:
        _say_expectation(here, tenant_id, found)
    _move(here, tenant_id, found, "start", "runs", as_json=as_json)


@campaigns.command("pause")
def pause_campaign(
    context: typer.Context, campaign: Campaign, tenant: TenantOption = None, as_json: JsonOption = False
) -> None:
    """Dial nothing new; calls under way go on."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    _move(here, tenant_id, here.item("campaign", tenant_id, campaign), "pause", "is paused", as_json=as_json)


@campaigns.command("stop")
def stop_campaign(
    context: typer.Context, campaign: Campaign, tenant: TenantOption = None, as_json: JsonOption = False
) -> None:
    """End it; calls under way go on."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    _move(here, tenant_id, here.item("campaign", tenant_id, campaign), "stop", "is stopped", as_json=as_json)


def _move(here: Desktop, tenant_id: str, found: Row, verb: str, said: str, *, as_json: bool) -> None:
    row = here.gateway.campaign(verb, tenant_id, str(found["id"]))
    if as_json:
        show_row(row, as_json=True, headline="")
        return
    typer.echo(f"The campaign {found['name']} {said}.")
    if verb == "start":
        _warn(row)


@campaigns.command("status")
def campaign_status(
    context: typer.Context, campaign: Campaign, tenant: TenantOption = None, as_json: JsonOption = False
) -> None:
    """How a campaign stands now; needs a running server."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    found = here.item("campaign", tenant_id, campaign)
    row = here.gateway.campaign("status", tenant_id, str(found["id"]))
    if as_json:
        show_row(row, as_json=True, headline="")
        return
    _say_status(row)
    _warn(row)


def _say_status(row: Row) -> None:
    typer.secho(f"{row['name']} ({row['type']}) is {row['run']}.", bold=True)
    if row["halt"]:
        until = f" Until {row['halt_until']}." if row["halt_until"] else ""
        typer.echo(f"  It dials nothing: {row['halt_message']}.{until}")
        for reason in row["halt_reasons"]:
            typer.echo(f"    {reason['message']} [{reason['rule']}]")
    agents = ", ".join(f"{count} {mode}" for mode, count in row["agents"].items())
    typer.echo(f"  lines out: {row['lines']}, of them {row['waiting']} waiting for an agent; agents: {agents}")
    if row["leads"] is not None:
        states = ", ".join(f"{count} {state}" for state, count in row["leads"].items()) or "none"
        typer.echo(f"  leads: {states}; tried: {_percent(row['penetration']['value'])}")
    typer.echo(f"  today: {row['dials']} dials, {row['live']} live answers, {row['connects']} connects")
    told = row["abandonment"]
    if told is not None:
        rate = f"{told['rate']:.2%} of at most {told['target']:.2%}"
        counts = f"{told['abandoned']} abandoned, {told['connected']} connected since {told['since']}"
        typer.echo(f"  abandonment: {rate} ({counts}); {told['formula']}, {told['profile']}")


@campaigns.command("pacing")
def campaign_pacing(
    context: typer.Context, campaign: Campaign, tenant: TenantOption = None, as_json: JsonOption = False
) -> None:
    """What predictive dialling would gain over progressive, from the tenant's own figures."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    found = here.item("campaign", tenant_id, campaign)
    row = here.gateway.campaign("pacing", tenant_id, str(found["id"]))
    if as_json:
        show_row(row, as_json=True, headline="")
    else:
        _say_pacing(row)


def _say_pacing(row: Row) -> None:
    typer.echo(row["message"])


def _say_expectation(here: Desktop, tenant_id: str, found: Row) -> None:
    """Before predictive dialling is switched on; a stopped server cannot tell, and is no reason not to start."""
    from callside.cli.gateway import RefusedError

    try:
        _say_pacing(here.gateway.campaign("pacing", tenant_id, str(found["id"])))
    except RefusedError as refused:
        typer.echo(f"What predictive dialling would gain cannot be told now: {refused.message}")


def _percent(value: Any) -> str:
    return "nothing yet" if value is None else f"{value:.1%}"
