"""``callside queue``."""

from typing import Annotated

import typer

from callside.cli.callbacks import callback
from callside.cli.matching import matching
from callside.cli.options import JsonOption, TenantOption, YesOption, assigned, desktop, given, sure
from callside.cli.printing import show_row, show_rows

queues = typer.Typer(no_args_is_help=True, help="Queues: where callers wait for an agent.")

queues.command("matching")(matching)
queues.command("callback")(callback)

Queue = Annotated[str, typer.Argument(help="Id or name.")]
Agents = Annotated[list[str] | None, typer.Option("--agent", help="Assigned agent, id or username; repeat it.")]
AddAgents = Annotated[list[str] | None, typer.Option("--add-agent", help="Assign one more; repeat it.")]
DropAgents = Annotated[list[str] | None, typer.Option("--drop-agent", help="Assign one less; repeat it.")]
Numbers = Annotated[
    list[str] | None, typer.Option("--number", help="Our number that leads here, as the carrier sends it; repeat it.")
]
Ring = Annotated[int | None, typer.Option("--ring-s", help="Longest ringing, seconds.")]
WrapUp = Annotated[int | None, typer.Option("--wrap-up-s", help="Wrap-up after a call, seconds; 0 for none.")]
MaxWait = Annotated[int | None, typer.Option("--max-wait-s", help="Longest wait of a caller, seconds; 0: no limit.")]
NewName = Annotated[str | None, typer.Option("--name", help="New name.")]


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
    agents = assigned(here, tenant_id, found["agents"], agent, add_agent, drop_agent)
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
