"""``callside agent`` and ``callside extension``."""

from typing import Annotated

import typer

from callside.cli.matching import SkillOptions, read_skills
from callside.cli.options import JsonOption, TenantOption, YesOption, desktop, given, password_from_stdin, sure
from callside.cli.printing import show_row, show_rows

agents = typer.Typer(no_args_is_help=True, help="Agents: people who take and make calls.")
extensions = typer.Typer(no_args_is_help=True, help="Extensions: desk phones.")

Agent = Annotated[str, typer.Argument(help="Id or username.")]
Extension = Annotated[str, typer.Argument(help="Id or number.")]
Name = Annotated[str | None, typer.Option(help="Name for people.")]
AutoAnswer = Annotated[
    bool | None,
    typer.Option("--auto-answer/--no-auto-answer", help="Queue calls connect after a short tone, without ringing."),
]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input (or ask for it).")
]


@agents.command("list")
def list_agents(context: typer.Context, tenant: TenantOption = None, as_json: JsonOption = False) -> None:
    """List agents."""
    here = desktop(context)
    rows = here.gateway.listing("agent", here.tenant(tenant))
    columns = ("id", "username", "name", "enabled", "auto_answer", "skills")
    show_rows(rows, columns, as_json=as_json, empty="There is no agent yet.")


@agents.command("add")
def add_agent(
    context: typer.Context,
    username: str,
    tenant: TenantOption = None,
    name: Name = None,
    password_stdin: FromStdin = False,
    auto_answer: AutoAnswer = None,
    skill: SkillOptions = None,
    as_json: JsonOption = False,
) -> None:
    """Add an agent; without --password-stdin a password is made and shown, this one time."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    password = password_from_stdin() if password_stdin else None
    values = given(username=username, name=name, password=password, auto_answer=auto_answer, skills=read_skills(skill))
    row = here.gateway.add("agent", tenant_id, values)
    show_row(row, as_json=as_json, headline="Added the agent:", once=("password",))


@agents.command("change")
def change_agent(
    context: typer.Context,
    agent: Agent,
    tenant: TenantOption = None,
    username: Annotated[str | None, typer.Option(help="New username.")] = None,
    name: Name = None,
    password_stdin: FromStdin = False,
    auto_answer: AutoAnswer = None,
    skill: SkillOptions = None,
    enabled: Annotated[bool | None, typer.Option("--enabled/--disabled", help="Whether the agent may log in.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Change an agent."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    found = here.item("agent", tenant_id, agent)
    password = password_from_stdin() if password_stdin else None
    values = given(
        username=username,
        name=name,
        password=password,
        auto_answer=auto_answer,
        enabled=enabled,
        skills=read_skills(skill),
    )
    row = here.gateway.change("agent", tenant_id, str(found["id"]), values)
    show_row(row, as_json=as_json, headline="Changed the agent:")


@agents.command("remove")
def remove_agent(context: typer.Context, agent: Agent, tenant: TenantOption = None, yes: YesOption = False) -> None:
    """Remove an agent; a call under way is finished first."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    found = here.item("agent", tenant_id, agent)
    sure(f"Remove the agent {found['username']}?", yes=yes)
    here.gateway.remove("agent", tenant_id, str(found["id"]))
    typer.echo(f"Removed the agent {found['username']}.")


@extensions.command("list")
def list_extensions(context: typer.Context, tenant: TenantOption = None, as_json: JsonOption = False) -> None:
    """List desk phones."""
    here = desktop(context)
    rows = here.gateway.listing("extension", here.tenant(tenant))
    columns = ("id", "number", "name", "sip_user", "sip_realm")
    show_rows(rows, columns, as_json=as_json, empty="There is no extension yet.")


@extensions.command("add")
def add_extension(
    context: typer.Context,
    number: str,
    tenant: TenantOption = None,
    name: Name = None,
    as_json: JsonOption = False,
) -> None:
    """Add a desk phone; its SIP password is made and shown, this one time."""
    here = desktop(context)
    row = here.gateway.add("extension", here.tenant(tenant), given(number=number, name=name))
    show_row(row, as_json=as_json, headline="Added the extension:", once=("sip_password",))


@extensions.command("change")
def change_extension(
    context: typer.Context,
    extension: Extension,
    tenant: TenantOption = None,
    number: Annotated[str | None, typer.Option(help="New number.")] = None,
    name: Name = None,
    renew_password: Annotated[bool, typer.Option("--renew-password", help="Make a new SIP password.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Change a desk phone."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    found = here.item("extension", tenant_id, extension)
    values = given(number=number, name=name, renew_password=renew_password or None)
    row = here.gateway.change("extension", tenant_id, str(found["id"]), values)
    show_row(row, as_json=as_json, headline="Changed the extension:", once=("sip_password",))


@extensions.command("remove")
def remove_extension(
    context: typer.Context, extension: Extension, tenant: TenantOption = None, yes: YesOption = False
) -> None:
    """Remove a desk phone."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    found = here.item("extension", tenant_id, extension)
    sure(f"Remove the extension {found['number']}?", yes=yes)
    here.gateway.remove("extension", tenant_id, str(found["id"]))
    typer.echo(f"Removed the extension {found['number']}.")
