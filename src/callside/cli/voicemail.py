"""``callside voicemail``: what callers said to queues' voicemails."""

from pathlib import Path
from typing import Annotated

import typer

from callside.cli.options import JsonOption, TenantOption, UsageError, YesOption, desktop, given, sure
from callside.cli.printing import show_row, show_rows

voicemails = typer.Typer(no_args_is_help=True, help="Voicemail: what callers said, and how they are greeted.")
Message = Annotated[str, typer.Argument(help="Id of the message.")]


@voicemails.command("list")
def list_voicemails(
    context: typer.Context,
    tenant: TenantOption = None,
    queue: Annotated[str | None, typer.Option(help="Only of this queue, id or name.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List messages, the newest first."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    wanted = str(here.item("queue", tenant_id, queue)["id"]) if queue is not None else None
    rows = [row for row in here.gateway.listing("voicemail", tenant_id) if wanted in {None, row["queue_id"]}]
    columns = ("id", "queue_id", "number", "name", "recorded_at", "duration_ms")
    show_rows(rows, columns, as_json=as_json, empty="There is no message.")


@voicemails.command("fetch")
def fetch(
    context: typer.Context,
    message: Message,
    file: Annotated[Path, typer.Option("--file", help="Where to write it (WAV).")],
    tenant: TenantOption = None,
) -> None:
    """Write what was said to a file."""
    here = desktop(context)
    if file.exists():
        raise UsageError(f"--file: {file} is there already; name another")
    sound = here.gateway.voicemail_sound(here.tenant(tenant), message)
    file.write_bytes(sound)
    typer.echo(f"Wrote {file} ({len(sound):,} bytes).")


@voicemails.command("remove")
def remove(context: typer.Context, message: Message, tenant: TenantOption = None, yes: YesOption = False) -> None:
    """Remove a message and its sound."""
    here = desktop(context)
    sure(f"Remove the message {message}?", yes=yes)
    here.gateway.remove("voicemail", here.tenant(tenant), message)
    typer.echo(f"Removed the message {message}.")


@voicemails.command("settings")
def settings(
    context: typer.Context,
    queue: Annotated[str, typer.Argument(help="Id or name.")],
    tenant: TenantOption = None,
    greeting: Annotated[str | None, typer.Option(help='Prompt before the tone, id or name; "" for none.')] = None,
    max_s: Annotated[int | None, typer.Option("--max-s", help="The longest message, seconds.")] = None,
    silence_s: Annotated[int | None, typer.Option("--silence-s", help="So much silence ends one, seconds.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Say how a queue's voicemail greets, and how long a message may be."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    found = here.item("queue", tenant_id, queue)
    prompt = str(here.item("prompt", tenant_id, greeting)["id"]) if greeting else greeting
    values = given(voicemail_greeting=prompt, voicemail_max_s=max_s, voicemail_silence_s=silence_s)
    queue_id = str(found["id"])
    if any(row["id"] == queue_id for row in here.gateway.listing("announcement", tenant_id)):
        row = here.gateway.change("announcement", tenant_id, queue_id, values)
    else:
        row = here.gateway.add("announcement", tenant_id, {"queue_id": queue_id, **values})
    shown = {name: row[name] for name in ("voicemail_greeting", "voicemail_max_s", "voicemail_silence_s")}
    show_row({"queue": found["name"], **shown}, as_json=as_json, headline="The queue's voicemail:")
