"""``callside queue`` and ``callside campaign``."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from callside.cli.callbacks import callback
from callside.cli.matching import matching
from callside.cli.options import Desktop, JsonOption, TenantOption, YesOption, desktop, given, sure
from callside.cli.printing import show_row, show_rows

queues = typer.Typer(no_args_is_help=True, help="Queues: where callers wait for an agent.")
campaigns = typer.Typer(no_args_is_help=True, help="Campaigns: outbound work and what may be dialled.")

queues.command("matching")(matching)
queues.command("callback")(callback)

Queue = Annotated[str, typer.Argument(help="Id or name.")]
Campaign = Annotated[str, typer.Argument(help="Id or name.")]
Agents = Annotated[list[str] | None, typer.Option("--agent", help="Assigned agent, id or username; repeat it.")]
AddAgents = Annotated[list[str] | None, typer.Option("--add-agent", help="Assign one more; repeat it.")]
DropAgents = Annotated[list[str] | None, typer.Option("--drop-agent", help="Assign one less; repeat it.")]
Numbers = Annotated[
    list[str] | None, typer.Option("--number", help="Our number that leads here, as the carrier sends it; repeat it.")
]
Ring = Annotated[int | None, typer.Option("--ring-s", help="Longest ringing, seconds.")]
WrapUp = Annotated[int | None, typer.Option("--wrap-up-s", help="Wrap-up after a call, seconds; 0 for none.")]
MaxWait = Annotated[int | None, typer.Option("--max-wait-s", help="Longest wait of a caller, seconds; 0: no limit.")]
Countries = Annotated[
    list[str] | None, typer.Option("--country", help="Country that may be called, e.g. US; repeat it.")
]
Blocked = Annotated[list[str] | None, typer.Option("--block", help="Prefix that may not, e.g. +1900; repeat it.")]
Premium = Annotated[bool | None, typer.Option("--premium/--no-premium", help="Premium-rate numbers may be called.")]
Blend = Annotated[
    bool | None, typer.Option("--blend-queues/--no-blend-queues", help="Ready agents also get their queues' calls.")
]
CallerId = Annotated[str | None, typer.Option(help="Number shown to customers.")]
Trunk = Annotated[str | None, typer.Option(help="Trunk its calls go out on, id or name.")]
NewName = Annotated[str | None, typer.Option("--name", help="New name.")]


def _assigned(
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


@queues.command("list")
def list_queues(context: typer.Context, tenant: TenantOption = None, as_json: JsonOption = False) -> None:
    """List queues."""
    here = desktop(context)
    rows = here.gateway.listing("queue", here.tenant(tenant))
    columns = ("id", "name", "agents", "numbers", "ring_s", "wrap_up_s", "max_wait_s")
    show_rows(rows, columns, as_json=as_json, empty="There is no queue yet.")


@queues.command("add")
def add_queue(
    context: typer.Context,
    name: str,
    tenant: TenantOption = None,
    agent: Agents = None,
    number: Numbers = None,
    ring_s: Ring = None,
    wrap_up_s: WrapUp = None,
    max_wait_s: MaxWait = None,
    as_json: JsonOption = False,
) -> None:
    """Add a queue."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    agents = here.ids("agent", tenant_id, agent or ())
    values = given(name=name, numbers=number, ring_s=ring_s, wrap_up_s=wrap_up_s, max_wait_s=max_wait_s)
    row = here.gateway.add("queue", tenant_id, {**values, "agents": agents})
    show_row(row, as_json=as_json, headline="Added the queue:")


@queues.command("change")
def change_queue(
    context: typer.Context,
    queue: Queue,
    tenant: TenantOption = None,
    name: NewName = None,
    agent: Agents = None,
    add_agent: AddAgents = None,
    drop_agent: DropAgents = None,
    number: Numbers = None,
    ring_s: Ring = None,
    wrap_up_s: WrapUp = None,
    max_wait_s: MaxWait = None,
    as_json: JsonOption = False,
) -> None:
    """Change a queue; --agent and --number replace all of them."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    found = here.item("queue", tenant_id, queue)
    agents = _assigned(here, tenant_id, found["agents"], agent, add_agent, drop_agent)
    values = given(name=name, agents=agents, numbers=number, ring_s=ring_s, wrap_up_s=wrap_up_s, max_wait_s=max_wait_s)
    row = here.gateway.change("queue", tenant_id, str(found["id"]), values)
    show_row(row, as_json=as_json, headline="Changed the queue:")


@queues.command("remove")
def remove_queue(context: typer.Context, queue: Queue, tenant: TenantOption = None, yes: YesOption = False) -> None:
    """Remove a queue; callers who wait in it are let go."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    found = here.item("queue", tenant_id, queue)
    sure(f"Remove the queue {found['name']}?", yes=yes)
    here.gateway.remove("queue", tenant_id, str(found["id"]))
    typer.echo(f"Removed the queue {found['name']}.")


def _rules(countries: list[str] | None, blocked: list[str] | None, premium: bool | None) -> dict[str, Any] | None:
    return given(countries=countries, blocked_prefixes=blocked, allow_premium=premium) or None


@campaigns.command("list")
def list_campaigns(context: typer.Context, tenant: TenantOption = None, as_json: JsonOption = False) -> None:
    """List campaigns."""
    here = desktop(context)
    rows = here.gateway.listing("campaign", here.tenant(tenant))
    columns = ("id", "name", "type", "trunk_id", "agents", "caller_id", "dial_rules")
    show_rows(rows, columns, as_json=as_json, empty="There is no campaign yet.")


@campaigns.command("add")
def add_campaign(
    context: typer.Context,
    name: str,
    kind: Annotated[str, typer.Option("--type", help="MANUAL or PROGRESSIVE.")],
    trunk: Annotated[str, typer.Option(help="Trunk its calls go out on, id or name.")],
    tenant: TenantOption = None,
    agent: Agents = None,
    caller_id: CallerId = None,
    country: Countries = None,
    block: Blocked = None,
    premium: Premium = None,
    ring_s: Ring = None,
    wrap_up_s: WrapUp = None,
    blend_queues: Blend = None,
    as_json: JsonOption = False,
) -> None:
    """Add a campaign; only numbers of listed countries can be called."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    values = given(
        name=name,
        type=kind.upper(),
        trunk_id=str(here.item("trunk", tenant_id, trunk)["id"]),
        agents=here.ids("agent", tenant_id, agent or ()),
        caller_id=caller_id,
        dial_rules=_rules(country, block, premium),
        ring_s=ring_s,
        wrap_up_s=wrap_up_s,
        blend_queues=blend_queues,
    )
    row = here.gateway.add("campaign", tenant_id, values)
    show_row(row, as_json=as_json, headline="Added the campaign:")


@campaigns.command("change")
def change_campaign(
    context: typer.Context,
    campaign: Campaign,
    tenant: TenantOption = None,
    name: NewName = None,
    trunk: Trunk = None,
    agent: Agents = None,
    add_agent: AddAgents = None,
    drop_agent: DropAgents = None,
    caller_id: CallerId = None,
    country: Countries = None,
    block: Blocked = None,
    premium: Premium = None,
    ring_s: Ring = None,
    wrap_up_s: WrapUp = None,
    blend_queues: Blend = None,
    as_json: JsonOption = False,
) -> None:
    """Change a campaign; --agent, --country and --block replace all of them."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    found = here.item("campaign", tenant_id, campaign)
    values = given(
        name=name,
        trunk_id=None if trunk is None else str(here.item("trunk", tenant_id, trunk)["id"]),
        agents=_assigned(here, tenant_id, found["agents"], agent, add_agent, drop_agent),
        caller_id=caller_id,
        dial_rules=_rules(country, block, premium),
        ring_s=ring_s,
        wrap_up_s=wrap_up_s,
        blend_queues=blend_queues,
    )
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
