"""``callside number``, ``hours``, ``menu``, ``caller-rule``: where callers are led."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final

import typer

from callside.cli.destinations import WHERE, in_words, read_where
from callside.cli.options import Desktop, JsonOption, Row, TenantOption, UsageError, YesOption, desktop, given, sure
from callside.cli.printing import show_row, show_rows

numbers = typer.Typer(no_args_is_help=True, help="The number plan: where each of our numbers leads.")
hours = typer.Typer(no_args_is_help=True, help="Opening hours with time zone and holidays.")
menus = typer.Typer(no_args_is_help=True, help="IVR menus.")
caller_rules = typer.Typer(no_args_is_help=True, help="Where certain callers go; the block list.")

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW: Final = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")

Item = Annotated[str, typer.Argument(help="Id, name or number.")]
NewName = Annotated[str | None, typer.Option("--name", help="New name.")]
To = Annotated[str | None, typer.Option("--to", help=f"Where it leads: {WHERE}.")]
Else = Annotated[
    str | None,
    typer.Option("--else", help="Where a call goes on that the agent does not take: queue:, menu:, message."),
]
Hours = Annotated[str | None, typer.Option("--hours", help="Opening hours, id or name; empty: always open.")]
Closed = Annotated[str | None, typer.Option("--closed", help=f"Where callers go while closed: {WHERE}.")]
Zone = Annotated[str | None, typer.Option("--zone", help="IANA time zone, e.g. America/New_York.")]
Open = Annotated[
    list[str] | None, typer.Option("--open", help='Window of each week, e.g. "mon-fri 09:00-17:00"; repeat it.')
]
Holidays = Annotated[
    list[str] | None, typer.Option("--holiday", help='"2026-12-25", or with hours "2026-12-24 09:00-12:00"; repeat it.')
]
Greeting = Annotated[str | None, typer.Option("--greeting", help="Prompt that names the choices, id or name.")]
Keys = Annotated[list[str] | None, typer.Option("--key", help="KEY=WHERE, e.g. 1=queue:Sales; repeat it.")]
Otherwise = Annotated[str | None, typer.Option("--otherwise", help=f"Where callers go who chose nothing: {WHERE}.")]
Timeout = Annotated[int | None, typer.Option("--timeout-s", help="Time to think after the greeting, seconds.")]
Retries = Annotated[int | None, typer.Option("--retries", help="How often the greeting is played again.")]
Position = Annotated[int | None, typer.Option("--position", help="Rules are tried from the lowest on.")]
Note = Annotated[str | None, typer.Option("--note", help="For people.")]


def _one(here: Desktop, noun: str, tenant_id: str, wanted: str | None) -> str | None:
    return wanted if not wanted else str(here.item(noun, tenant_id, wanted)["id"])


def _show(context: typer.Context, noun: str, tenant: str | None, columns: Sequence[str], *, as_json: bool) -> None:
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    rows = here.gateway.listing(noun, tenant_id)
    rows = rows if as_json else in_words(here, tenant_id, rows)
    show_rows(rows, columns, as_json=as_json, empty=f"There is no {noun} yet.")


def add_item(here: Desktop, noun: str, tenant_id: str, values: Row, *, as_json: bool) -> None:
    """Add a thing and show it."""
    row = here.gateway.add(noun, tenant_id, values)
    _show_one(here, tenant_id, row, as_json=as_json, headline=f"Added the {noun}:")


def change_item(here: Desktop, noun: str, tenant_id: str, item: str, values: Row, *, as_json: bool) -> None:
    """Change a thing and show it."""
    item_id = str(find_item(here, noun, tenant_id, item)["id"])
    row = here.gateway.change(noun, tenant_id, item_id, values)
    _show_one(here, tenant_id, row, as_json=as_json, headline=f"Changed the {noun}:")


def _show_one(here: Desktop, tenant_id: str, row: Row, *, as_json: bool, headline: str) -> None:
    [shown] = [row] if as_json else in_words(here, tenant_id, [row])
    show_row(shown, as_json=as_json, headline=headline)


def remove_item(context: typer.Context, noun: str, item: str, tenant: str | None, *, yes: bool) -> None:
    """Ask back, and take a thing away."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    found = find_item(here, noun, tenant_id, item)
    sure(f"Remove the {noun} {item}?", yes=yes)
    here.gateway.remove(noun, tenant_id, str(found["id"]))
    typer.echo(f"Removed the {noun} {item}.")


def find_item(here: Desktop, noun: str, tenant_id: str, wanted: str) -> Row:
    """A thing by id, name or number; a caller rule by its pattern too."""
    if noun == "caller-rule":
        for row in here.gateway.listing(noun, tenant_id):
            if row["pattern"] == wanted:
                return row
    return here.item(noun, tenant_id, wanted)


@numbers.command("list")
def list_numbers(context: typer.Context, tenant: TenantOption = None, as_json: JsonOption = False) -> None:
    """List the number plan; numbers in a queue's own form stand at the queue."""
    columns = ("id", "number", "destination", "hours_id", "closed", "warnings")
    _show(context, "number", tenant, columns, as_json=as_json)


@numbers.command("add")
def add_number(
    context: typer.Context,
    number: str,
    to: Annotated[str, typer.Option("--to", help=f"Where it leads: {WHERE}.")],
    otherwise: Else = None,
    opening: Hours = None,
    closed: Closed = None,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a number."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    values = _number_values(here, tenant_id, to, otherwise, opening, closed)
    add_item(here, "number", tenant_id, {"number": number, **values}, as_json=as_json)


@numbers.command("change")
def change_number(
    context: typer.Context,
    number: Item,
    to: To = None,
    otherwise: Else = None,
    opening: Hours = None,
    closed: Closed = None,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change where a number leads."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    values = _number_values(here, tenant_id, to, otherwise, opening, closed)
    change_item(here, "number", tenant_id, number, values, as_json=as_json)


@numbers.command("remove")
def remove_number(context: typer.Context, number: Item, tenant: TenantOption = None, yes: YesOption = False) -> None:
    """Remove a number; its callers hear that it is not in service."""
    remove_item(context, "number", number, tenant, yes=yes)


def _number_values(
    here: Desktop, tenant_id: str, to: str | None, otherwise: str | None, opening: str | None, closed: str | None
) -> Row:
    return given(
        destination=read_where(here, tenant_id, to, otherwise),
        hours_id=_one(here, "hours", tenant_id, opening),
        closed=read_where(here, tenant_id, closed, option="--closed"),
    )


@hours.command("list")
def list_hours(context: typer.Context, tenant: TenantOption = None, as_json: JsonOption = False) -> None:
    """List opening hours."""
    columns = ("id", "name", "zone", "weekly", "holidays", "open_now")
    _show(context, "hours", tenant, columns, as_json=as_json)


@hours.command("add")
def add_hours(
    context: typer.Context,
    name: str,
    zone: Annotated[str, typer.Option("--zone", help="IANA time zone, e.g. America/New_York.")],
    window: Open = None,
    holiday: Holidays = None,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add opening hours."""
    here = desktop(context)
    values = given(name=name, zone=zone, weekly=_weekly(window), holidays=_dates(holiday))
    add_item(here, "hours", here.tenant(tenant), values, as_json=as_json)


@hours.command("change")
def change_hours(
    context: typer.Context,
    item: Item,
    name: NewName = None,
    zone: Zone = None,
    window: Open = None,
    holiday: Holidays = None,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change opening hours; --open and --holiday replace all of them."""
    here = desktop(context)
    values = given(name=name, zone=zone, weekly=_weekly(window), holidays=_dates(holiday))
    change_item(here, "hours", here.tenant(tenant), item, values, as_json=as_json)


@hours.command("remove")
def remove_hours(context: typer.Context, item: Item, tenant: TenantOption = None, yes: YesOption = False) -> None:
    """Remove opening hours that no number uses."""
    remove_item(context, "hours", item, tenant, yes=yes)


def _weekly(texts: Sequence[str] | None) -> list[Row] | None:
    return None if texts is None else [row for text in texts for row in _week_windows(text)]


def _week_windows(text: str) -> list[Row]:
    days, _, times = text.strip().partition(" ")
    window = _WINDOW.fullmatch(times.strip())
    first, _, last = days.lower().partition("-")
    if window is None or first not in _DAYS or (last or first) not in _DAYS:
        raise UsageError(f'--open: {text!r} cannot be read; write "mon-fri 09:00-17:00" or "sat 10:00-14:00"')
    begin, end = _DAYS.index(first), _DAYS.index(last or first)
    span = range(begin, end + 1 if end >= begin else end + 8)
    return [{"day": _DAYS[one % 7], "opens": window[1], "closes": window[2]} for one in span]


def _dates(texts: Sequence[str] | None) -> list[Row] | None:
    if texts is None:
        return None
    rows: dict[str, list[Row]] = {}
    for text in texts:
        date, _, times = text.strip().partition(" ")
        window = _WINDOW.fullmatch(times.strip())
        if times and window is None:
            raise UsageError(f'--holiday: {text!r} cannot be read; write "2026-12-24 09:00-12:00"')
        rows.setdefault(date, []).extend([{"opens": window[1], "closes": window[2]}] if window else [])
    return [{"date": date, "windows": windows} for date, windows in rows.items()]


@menus.command("list")
def list_menus(context: typer.Context, tenant: TenantOption = None, as_json: JsonOption = False) -> None:
    """List menus."""
    columns = ("id", "name", "greeting", "keys", "otherwise", "timeout_s", "retries", "warnings")
    _show(context, "menu", tenant, columns, as_json=as_json)


@menus.command("add")
def add_menu(
    context: typer.Context,
    name: str,
    greeting: Annotated[str, typer.Option("--greeting", help="Prompt that names the choices, id or name.")],
    key: Annotated[list[str], typer.Option("--key", help="KEY=WHERE, e.g. 1=queue:Sales; repeat it.")],
    otherwise: Otherwise = None,
    timeout_s: Timeout = None,
    retries: Retries = None,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a menu."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    values = _menu_values(here, tenant_id, greeting, key, otherwise)
    add_item(here, "menu", tenant_id, given(name=name, timeout_s=timeout_s, retries=retries, **values), as_json=as_json)


@menus.command("change")
def change_menu(
    context: typer.Context,
    item: Item,
    name: NewName = None,
    greeting: Greeting = None,
    key: Keys = None,
    otherwise: Otherwise = None,
    timeout_s: Timeout = None,
    retries: Retries = None,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change a menu; --key replaces all of them."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    values = _menu_values(here, tenant_id, greeting, key, otherwise)
    values = given(name=name, timeout_s=timeout_s, retries=retries, **values)
    change_item(here, "menu", tenant_id, item, values, as_json=as_json)


@menus.command("remove")
def remove_menu(context: typer.Context, item: Item, tenant: TenantOption = None, yes: YesOption = False) -> None:
    """Remove a menu that nothing leads to."""
    remove_item(context, "menu", item, tenant, yes=yes)


def _menu_values(
    here: Desktop, tenant_id: str, greeting: str | None, keys: Sequence[str] | None, otherwise: str | None
) -> Row:
    chosen: dict[str, Any] | None = None
    if keys is not None:
        chosen = {}
        for word in keys:
            key, _, where = word.partition("=")
            if not where or key in chosen:
                raise UsageError(f'--key "{word}": write each key once with where it leads, e.g. 1=queue:Sales')
            chosen[key] = read_where(here, tenant_id, where, option=f"--key {key}=")
    return given(
        greeting=_one(here, "prompt", tenant_id, greeting),
        keys=chosen,
        otherwise=read_where(here, tenant_id, otherwise, option="--otherwise"),
    )


@caller_rules.command("list")
def list_rules(context: typer.Context, tenant: TenantOption = None, as_json: JsonOption = False) -> None:
    """List caller rules in the order in which they are tried."""
    columns = ("id", "position", "pattern", "destination", "note", "warnings")
    _show(context, "caller-rule", tenant, columns, as_json=as_json)


@caller_rules.command("add")
def add_rule(
    context: typer.Context,
    pattern: Annotated[str, typer.Argument(help="A caller's number, or its beginning with *.")],
    to: Annotated[str, typer.Option("--to", help=f"Where they go: {WHERE}.")],
    otherwise: Else = None,
    position: Position = None,
    note: Note = None,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a caller rule."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    where = read_where(here, tenant_id, to, otherwise)
    values = given(pattern=pattern, destination=where, position=position, note=note)
    add_item(here, "caller-rule", tenant_id, values, as_json=as_json)


@caller_rules.command("change")
def change_rule(
    context: typer.Context,
    item: Annotated[str, typer.Argument(help="Id or pattern.")],
    to: To = None,
    otherwise: Else = None,
    position: Position = None,
    note: Note = None,
    tenant: TenantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change a caller rule."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    values = given(destination=read_where(here, tenant_id, to, otherwise), position=position, note=note)
    change_item(here, "caller-rule", tenant_id, item, values, as_json=as_json)


@caller_rules.command("remove")
def remove_rule(
    context: typer.Context,
    item: Annotated[str, typer.Argument(help="Id or pattern.")],
    tenant: TenantOption = None,
    yes: YesOption = False,
) -> None:
    """Remove a caller rule."""
    remove_item(context, "caller-rule", item, tenant, yes=yes)
