"""All commands together."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from callside import __version__
from callside.cli.backup import backup, restore
from callside.cli.breaks import breaks
from callside.cli.campaigns import campaigns
from callside.cli.dnc import dnc
from callside.cli.doctor import doctor
from callside.cli.laws import laws
from callside.cli.leads import leads
from callside.cli.options import Desktop
from callside.cli.people import agents, extensions
from callside.cli.reception import caller_rules, hours, menus, numbers
from callside.cli.server import demo, engine, serve
from callside.cli.simulate import simulate
from callside.cli.sounds import announcements, playlists, prompts
from callside.cli.tenants import tenants, tokens
from callside.cli.trunks import trunks
from callside.cli.voicemail import voicemails
from callside.cli.work import queues
from callside.kernel.errors import CallsideError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # its traces print local variables, secrets among them
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"callside {__version__}")
        raise typer.Exit


@app.callback()
def start(
    context: typer.Context,
    home: Annotated[
        Path | None, typer.Option(help="Folder of the instance; CALLSIDE_HOME or ~/.callside by default.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """The phone at the side of the CRM. Administration works against a running server and against a stopped one."""
    context.obj = Desktop(home)


app.command()(serve)
app.add_typer(demo, name="demo")
app.command()(doctor)
app.command()(backup)
app.command()(restore)
app.command()(simulate)
app.add_typer(engine, name="engine")
for _room, _name in (
    (tenants, "tenant"),
    (tokens, "token"),
    (breaks, "break"),
    (agents, "agent"),
    (extensions, "extension"),
    (queues, "queue"),
    (campaigns, "campaign"),
    (trunks, "trunk"),
    (numbers, "number"),
    (hours, "hours"),
    (menus, "menu"),
    (prompts, "prompt"),
    (caller_rules, "caller-rule"),
    (announcements, "announcement"),
    (playlists, "playlist"),
    (leads, "leads"),
    (dnc, "dnc"),
    (voicemails, "voicemail"),
    (laws, "laws"),
):
    app.add_typer(_room, name=_name)


def main() -> None:
    """Run the command line; what Callside refuses is told in one line, and ends with 1."""
    try:
        app()
    except (CallsideError, OSError) as refused:
        said = refused.message if isinstance(refused, CallsideError) else str(refused)
        typer.secho(f"error: {said}", fg="red" if sys.stderr.isatty() else None, err=True)
        sys.exit(1)
