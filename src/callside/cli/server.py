"""``callside serve``, ``callside demo`` and ``callside engine``."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from callside.cli.options import JsonOption, desktop

demo = typer.Typer(help="The demo: a tenant, an engine, a carrier and a sample CRM on this machine.")
engine = typer.Typer(no_args_is_help=True, help="The telephone engine (Asterisk).")


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
) -> None:
    """Run Callside in the foreground; Ctrl-C ends it."""
    from callside.app import Instance
    from callside.app import serve as run_server
    from callside.asterisk.progress import shown_on
    from callside.config import load
    from callside.observability import set_up_logs
    from callside.serving import run_until_done

    settings = load(home=desktop(context).settings.home, host=host, port=port)
    set_up_logs(settings.log_level, settings.log_format)

    def tell(instance: Instance) -> None:
        typer.echo(f"Callside is ready at {instance.base_url} (API: {instance.base_url}/v1/docs). Ctrl-C ends it.")

    run_until_done(run_server(settings, shown_on(sys.stderr), tell))


@demo.callback(invoke_without_command=True)
def run_demo(context: typer.Context) -> None:
    """Run the demo in the foreground; Ctrl-C ends all of it."""
    if context.invoked_subcommand is None:
        from callside.demo import run

        raise typer.Exit(run(desktop(context).settings))


@demo.command("info")
def demo_info(context: typer.Context, as_json: JsonOption = False) -> None:
    """Tell the running demo's tenant, token, agents, passwords, extensions, queues, campaigns and URLs."""
    from callside.demo import info

    found = info(desktop(context).settings)
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for name, value in found.items():
        text = value if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False)
        typer.echo(f"{name.replace('_', ' ')}: {text}")


@demo.command("call-in")
def demo_call_in(
    context: typer.Context,
    to: Annotated[
        str,
        typer.Option("--to", help="Name of one of the demo's queues, e.g. Support, or any number, e.g. +15550100950."),
    ],
    behaviour: Annotated[str, typer.Option("--as", help="Who calls; docs/demo.md has the table.")] = "talker",
) -> None:
    """Have the demo carrier call in."""
    from callside.demo import call_in

    typer.echo(call_in(desktop(context).settings, to, behaviour))


@engine.command("install")
def install_engine(
    context: typer.Context,
    renew: Annotated[bool, typer.Option("--renew", help="Look for a newer version.")] = False,
) -> None:
    """Get an engine for this machine, without root: into the user's cache, from the machine's own package mirror."""
    from callside.asterisk.packages import install
    from callside.asterisk.progress import shown_on

    program = install(shown_on(sys.stderr), cache=desktop(context).settings.engine_cache, renew=renew)
    typer.echo(f"Asterisk {program.version} ({_origin(program.origin)}): {program.command[-1]}")


@engine.command("status")
def engine_status(context: typer.Context, as_json: JsonOption = False) -> None:
    """Tell which engine is used and whether it runs."""
    from dataclasses import asdict

    from callside.asterisk import packages, process

    settings = desktop(context).settings
    if settings.ari_url:
        typer.echo(json.dumps({"external": settings.ari_url}) if as_json else f"external engine: {settings.ari_url}")
        return
    found = packages.find(settings.engine_cache)
    now = process.status(settings.home)
    report = {
        "version": str(found.program.version) if found.program else None,
        "origin": found.program.origin if found.program else None,
        "remarks": list(found.remarks),
        "running": now.running,
        "pid": now.pid or None,
        "ports": asdict(now.ports) if now.ports else None,
    }
    if as_json:
        typer.echo(json.dumps(report, indent=2))
        return
    which = f"Asterisk {report['version']} ({_origin(str(report['origin']))})" if found.program else "none installed"
    typer.echo(f"engine: {which}")
    for remark in found.remarks:
        typer.echo(f"  {remark}")
    where = ", ".join(f"{key} {value}" for key, value in (report["ports"] or {}).items())  # type: ignore[union-attr]
    typer.echo(f"running: yes, process {now.pid}; ports: {where}" if now.running else "running: no")


@engine.command("stop")
def stop_engine(context: typer.Context) -> None:
    """End this home's engine, with all its calls."""
    from callside.asterisk import process

    home: Path = desktop(context).settings.home
    typer.echo("The engine has ended." if process.stop(home) else "No engine runs in this home.")


def _origin(origin: str) -> str:
    return "this machine's own" if origin == "machine" else "from our cache"
