"""``callside prompt`` and ``callside announcement``: what callers hear."""

from pathlib import Path
from typing import Annotated

import typer

from callside.cli.options import Desktop, JsonOption, Row, TenantOption, UsageError, YesOption, desktop, given, sure
from callside.cli.printing import show_row, show_rows
from callside.cli.reception import add_item, change_item, remove_item

prompts = typer.Typer(no_args_is_help=True, help="Prompts: uploaded recordings, or text that is spoken.")
playlists = typer.Typer(no_args_is_help=True, help="Playlists: music of one's own for callers who wait.")
announcements = typer.Typer(no_args_is_help=True, help="What callers of a queue hear while they wait.")

_LARGEST = 10 * 1024 * 1024
Text = Annotated[str | None, typer.Option("--text", help="What the built-in voice is to say.")]
Voice = Annotated[
    str | None, typer.Option("--voice", help="A language, e.g. en-us, de; espeak:LANGUAGE or piper:MODEL.")
]
File = Annotated[Path | None, typer.Option("--file", help="A WAV or MP3 file, at most 10 MB and 5 minutes.")]
Queue = Annotated[str, typer.Argument(help="The queue, id or name.")]
AtOnce = Annotated[
    bool | None, typer.Option("--answer-at-once/--ring", help="Answer at once, or ring until an agent is there.")
]
Welcome = Annotated[list[str] | None, typer.Option("--welcome", help="Prompt played first, id or name; repeat it.")]
Periodic = Annotated[list[str] | None, typer.Option("--periodic", help="Prompt played in turn; repeat it.")]
Music = Annotated[
    str | None, typer.Option("--music", help="A playlist, or a music class of the engine's; empty: its default.")
]
PlayedPrompts = Annotated[list[str] | None, typer.Option("--prompt", help="What is played, id or name; repeat it.")]
Shuffle = Annotated[bool | None, typer.Option("--shuffle/--in-order", help="In any order, or in that of --prompt.")]
Every = Annotated[int | None, typer.Option("--every-s", help="Seconds between announcements; 0: none.")]
SayPosition = Annotated[bool | None, typer.Option("--say-position/--no-position", help="Say the place in the queue.")]
SayWait = Annotated[bool | None, typer.Option("--say-wait/--no-wait", help="Say the estimated wait.")]


@prompts.command("list")
def list_prompts(context: typer.Context, tenant: TenantOption = None, as_json: JsonOption = False) -> None:
    """List prompts."""
    here = desktop(context)
    rows = here.gateway.listing("prompt", here.tenant(tenant))
    columns = ("id", "name", "source", "spoken_by", "duration_ms", "level_dbfs", "text", "warnings")
    show_rows(rows, columns, as_json=as_json, empty="There is no prompt yet.")


@prompts.command("add")
def add_prompt(
    context: typer.Context,
    name: str,
    file: File = None,
    text: Text = None,
    voice: Voice = None,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a prompt: a recording (--file), or text that is spoken (--text)."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    if file is None:
        if text is None:
            raise UsageError("give --file with a recording, or --text with what is to be said")
        add_item(here, "prompt", tenant_id, given(name=name, text=text, voice=voice), as_json=as_json)
        return
    if file.stat().st_size > _LARGEST:
        raise UsageError(f"--file: {file} is larger than 10 MB; send a shorter or compressed one")
    row = here.gateway.upload_prompt(tenant_id, given(name=name, text=text), file.read_bytes())
    show_row(row, as_json=as_json, headline="Added the prompt:")


@prompts.command("change")
def change_prompt(
    context: typer.Context,
    prompt: Annotated[str, typer.Argument(help="Id or name.")],
    name: Annotated[str | None, typer.Option("--name", help="New name.")] = None,
    text: Text = None,
    voice: Voice = None,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change a prompt; a new text is spoken anew, in place of a recording too."""
    here = desktop(context)
    change_item(here, "prompt", here.tenant(tenant), prompt, given(name=name, text=text, voice=voice), as_json=as_json)


@prompts.command("remove")
def remove_prompt(
    context: typer.Context,
    prompt: Annotated[str, typer.Argument(help="Id or name.")],
    tenant: TenantOption = None,
    yes: YesOption = False,
) -> None:
    """Remove a prompt that nothing plays."""
    remove_item(context, "prompt", prompt, tenant, yes=yes)


@announcements.command("list")
def list_announcements(context: typer.Context, tenant: TenantOption = None, as_json: JsonOption = False) -> None:
    """List what callers of each queue hear."""
    here = desktop(context)
    rows = here.gateway.listing("announcement", here.tenant(tenant))
    columns = (
        *("queue_id", "answer_at_once", "welcome", "music", "periodic", "every_s", "say_position", "say_wait"),
        "warnings",
    )
    show_rows(rows, columns, as_json=as_json, empty="There is none yet: callers hear the default music.")


@announcements.command("add")
def add_announcement(
    context: typer.Context,
    queue: Queue,
    at_once: AtOnce = None,
    welcome: Welcome = None,
    music: Music = None,
    periodic: Periodic = None,
    every_s: Every = None,
    say_position: SayPosition = None,
    say_wait: SayWait = None,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what callers of a queue hear."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    values = _said(here, tenant_id, welcome, periodic)
    values |= given(
        answer_at_once=at_once,
        music=_music(here, tenant_id, music),
        every_s=every_s,
        say_position=say_position,
        say_wait=say_wait,
    )
    values["queue_id"] = str(here.item("queue", tenant_id, queue)["id"])
    add_item(here, "announcement", tenant_id, values, as_json=as_json)


@announcements.command("change")
def change_announcement(
    context: typer.Context,
    queue: Queue,
    at_once: AtOnce = None,
    welcome: Welcome = None,
    music: Music = None,
    periodic: Periodic = None,
    every_s: Every = None,
    say_position: SayPosition = None,
    say_wait: SayWait = None,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change what callers of a queue hear; --welcome and --periodic replace all of them."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    values = _said(here, tenant_id, welcome, periodic)
    values |= given(
        answer_at_once=at_once,
        music=_music(here, tenant_id, music),
        every_s=every_s,
        say_position=say_position,
        say_wait=say_wait,
    )
    queue_id = str(here.item("queue", tenant_id, queue)["id"])
    change_item(here, "announcement", tenant_id, queue_id, values, as_json=as_json)


@announcements.command("remove")
def remove_announcement(
    context: typer.Context, queue: Queue, tenant: TenantOption = None, yes: YesOption = False
) -> None:
    """Back to the default music and nothing else."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    found = here.item("queue", tenant_id, queue)
    sure(f"Remove the announcements of {found['name']}?", yes=yes)
    here.gateway.remove("announcement", tenant_id, str(found["id"]))
    typer.echo(f"Removed the announcements of {found['name']}.")


def _music(here: Desktop, tenant_id: str, music: str | None) -> str | None:
    """A playlist by its id, wherever it was named."""
    if not music:
        return music
    rows = here.gateway.listing("playlist", tenant_id)
    return next((str(row["id"]) for row in rows if music.casefold() in {row["id"], row["name"].casefold()}), music)


@playlists.command("list")
def list_playlists(context: typer.Context, tenant: TenantOption = None, as_json: JsonOption = False) -> None:
    """List playlists."""
    here = desktop(context)
    rows = here.gateway.listing("playlist", here.tenant(tenant))
    columns = ("id", "name", "prompts", "shuffle", "duration_ms")
    show_rows(rows, columns, as_json=as_json, empty="There is no playlist yet: callers hear the default music.")


@playlists.command("add")
def add_playlist(
    context: typer.Context,
    name: str,
    prompt: PlayedPrompts = None,
    shuffle: Shuffle = None,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a playlist of recordings that were uploaded as prompts."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    values = given(name=name, prompts=here.ids("prompt", tenant_id, prompt or []), shuffle=shuffle)
    add_item(here, "playlist", tenant_id, values, as_json=as_json)


@playlists.command("change")
def change_playlist(
    context: typer.Context,
    playlist: Annotated[str, typer.Argument(help="Id or name.")],
    name: Annotated[str | None, typer.Option("--name", help="New name.")] = None,
    prompt: PlayedPrompts = None,
    shuffle: Shuffle = None,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change a playlist; --prompt replaces all that was in it."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    prompts = None if prompt is None else here.ids("prompt", tenant_id, prompt)
    values = given(name=name, prompts=prompts, shuffle=shuffle)
    change_item(here, "playlist", tenant_id, playlist, values, as_json=as_json)


@playlists.command("remove")
def remove_playlist(
    context: typer.Context,
    playlist: Annotated[str, typer.Argument(help="Id or name.")],
    tenant: TenantOption = None,
    yes: YesOption = False,
) -> None:
    """Remove a playlist; queues that play it go back to the default music."""
    remove_item(context, "playlist", playlist, tenant, yes=yes)


def _said(here: Desktop, tenant_id: str, welcome: list[str] | None, periodic: list[str] | None) -> Row:
    return given(
        welcome=None if welcome is None else here.ids("prompt", tenant_id, [one for one in welcome if one]),
        periodic=None if periodic is None else here.ids("prompt", tenant_id, [one for one in periodic if one]),
    )
