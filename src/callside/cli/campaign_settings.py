"""``callside campaign dialing``, ``pace``, ``messages`` and ``outcomes``: what few campaigns need to change."""

from typing import Annotated, Any, Final

import typer

from callside.cli.options import Desktop, JsonOption, Row, TenantOption, UsageError, desktop, given
from callside.cli.printing import show_row

Campaign = Annotated[str, typer.Argument(help="Id or name.")]
_DIALING: Final = (
    *("name", "type", "run", "profile", "purpose", "hours_id", "starts_at", "ends_at", "caller_ids"),
    *("caller_id_choice", "dial_rules", "preview_s", "script", "warnings"),
)
_PACE: Final = ("name", "type", "pace", "predictive_opt_in", "officer", "autodialer_notified_at", "warnings")
_MACHINES: Final = ("detect_machines", "machine_action", "machine_message", "machine_sample_every")
_MESSAGES: Final = ("name", "safe_message", *_MACHINES, "warnings")
_OUTCOMES: Final = ("name", "recycling", "effects", "warnings")


def dialing(
    context: typer.Context,
    campaign: Campaign,
    tenant: TenantOption = None,
    hours: Annotated[str | None, typer.Option(help='Your own opening hours, id or name; "" for none.')] = None,
    starts_at: Annotated[str | None, typer.Option(help='E.g. 2027-01-31T09:00:00+01:00; "" for at once.')] = None,
    ends_at: Annotated[str | None, typer.Option(help='Likewise; "" for never.')] = None,
    show: Annotated[
        list[str] | None, typer.Option("--show", help='Number of the caller-id pool; repeat it; "" for none.')
    ] = None,
    choice: Annotated[str | None, typer.Option("--choose", help="Of the pool: first, rotate or local.")] = None,
    price: Annotated[
        list[str] | None, typer.Option(help="What a minute costs by prefix, thousandths, e.g. +1=12; repeat it.")
    ] = None,
    dearest: Annotated[int | None, typer.Option(help="Dearer numbers are refused; 0: prices do not matter.")] = None,
    preview_s: Annotated[
        int | None, typer.Option("--preview-s", help="PREVIEW: the lead is called after so many seconds; 0: by hand.")
    ] = None,
    script: Annotated[str | None, typer.Option(help="Text shown to the agent with each call.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show or change when a campaign dials, and what customers see; --show and --price replace all of them."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    row = here.item("campaign", tenant_id, campaign)
    cleared = _clearable(hours_id=_id(here, "hours", tenant_id, hours), starts_at=starts_at, ends_at=ends_at)
    values = given(
        caller_ids=None if show is None else [one for one in show if one],
        caller_id_choice=choice,
        dial_rules=given(prices=_prices(price), dearest=dearest) or None,
        preview_s=preview_s,
        script=script,
    )
    _shown(here, tenant_id, row, values | cleared, _DIALING, as_json=as_json, headline="The campaign's dialling:")


def pace(
    context: typer.Context,
    campaign: Campaign,
    tenant: TenantOption = None,
    target: Annotated[float | None, typer.Option(help="PREDICTIVE: share that may be abandoned, e.g. 0.025.")] = None,
    smallest_team: Annotated[int | None, typer.Option(help="PREDICTIVE: with fewer agents as PROGRESSIVE.")] = None,
    lines_per_agent: Annotated[float | None, typer.Option(help="Most lines for each agent.")] = None,
    calls_per_second: Annotated[int | None, typer.Option(help="Most new calls in a second; 0: no limit.")] = None,
    calls_per_minute: Annotated[int | None, typer.Option(help="Most new calls in a minute; 0: no limit.")] = None,
    max_lines: Annotated[int | None, typer.Option(help="Most lines at once; 0: no limit.")] = None,
    opt_in: Annotated[
        bool | None, typer.Option("--opt-in/--no-opt-in", help="The deliberate choice of PREDICTIVE.")
    ] = None,
    officer: Annotated[str | None, typer.Option(help="Who answers for PREDICTIVE.")] = None,
    notified_at: Annotated[
        str | None, typer.Option(help='When the carrier was told of the dialler; "" for never.')
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show or change how fast a campaign dials."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    row = here.item("campaign", tenant_id, campaign)
    caps = given(calls_per_second=calls_per_second, calls_per_minute=calls_per_minute, max_lines=max_lines)
    limits = given(target=target, smallest_team=smallest_team, lines_per_agent=lines_per_agent) | caps
    values = given(pace=limits or None, predictive_opt_in=opt_in, officer=officer)
    values |= _clearable(autodialer_notified_at=notified_at)
    _shown(here, tenant_id, row, values, _PACE, as_json=as_json, headline="The campaign's pace:")


def messages(
    context: typer.Context,
    campaign: Campaign,
    tenant: TenantOption = None,
    safe: Annotated[str | None, typer.Option(help='Prompt for people for whom no agent is free; "" for none.')] = None,
    detect_machines: Annotated[
        bool | None, typer.Option("--detect-machines/--no-detect-machines", help="Listen who has answered.")
    ] = None,
    action: Annotated[
        str | None, typer.Option(help="What becomes of machines: hang_up, message (after the beep) or agent.")
    ] = None,
    machine: Annotated[str | None, typer.Option(help='Prompt left on machines; "" for none.')] = None,
    sample_every: Annotated[
        int | None,
        typer.Option(help="Give each so many-th machine to an agent, who says what it was; 0 for none."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show or change what people hear for whom no agent is free, and what becomes of machines."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    row = here.item("campaign", tenant_id, campaign)
    prompts = {"safe_message": safe, "machine_message": machine}
    values = given(detect_machines=detect_machines, machine_action=action, machine_sample_every=sample_every)
    values |= _clearable(**{name: _id(here, "prompt", tenant_id, wanted) for name, wanted in prompts.items()})
    _shown(here, tenant_id, row, values, _MESSAGES, as_json=as_json, headline="The campaign's messages:")


def outcomes(
    context: typer.Context,
    campaign: Campaign,
    tenant: TenantOption = None,
    effect: Annotated[
        list[str] | None,
        typer.Option(
            help="What a disposition does: CODE=success, failure, dnc, machine, retry[:SECONDS] or callback[:SECONDS][:mine]; "
            "repeat it."
        ),
    ] = None,
    recycle: Annotated[
        list[str] | None,
        typer.Option(help="What follows an outcome: OUTCOME=SECONDS[:MOST[:same|other|done]], e.g. busy=600:4:same."),
    ] = None,
    most_attempts: Annotated[int | None, typer.Option(help="Most calls to a lead.")] = None,
    most_per_number: Annotated[int | None, typer.Option(help="Most calls to one number.")] = None,
    other_after_s: Annotated[
        int | None, typer.Option("--other-after-s", help="Until the lead's next number is called, seconds.")
    ] = None,
    personal_for_s: Annotated[
        int | None, typer.Option("--personal-for-s", help="A callback waits so long for its own agent, seconds.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show or change what becomes of leads; --effect and --recycle replace all of them ("" for the defaults)."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    row = here.item("campaign", tenant_id, campaign)
    recycling = given(
        most_attempts=most_attempts,
        most_per_number=most_per_number,
        other_after_s=other_after_s,
        personal_for_s=personal_for_s,
        outcomes=_pairs("--recycle", recycle, _recycle),
    )
    values = given(effects=_pairs("--effect", effect, _effect), recycling=recycling or None)
    _shown(here, tenant_id, row, values, _OUTCOMES, as_json=as_json, headline="What becomes of its leads:")


def _shown(
    here: Desktop, tenant_id: str, row: Row, values: Row, names: tuple[str, ...], *, as_json: bool, headline: str
) -> None:
    if values:
        row = here.gateway.change("campaign", tenant_id, str(row["id"]), values)
    show_row({name: row[name] for name in names}, as_json=as_json, headline=headline)


def _clearable(**values: str | None) -> Row:
    """The options that were used; an empty one takes away what was there."""
    return {name: value or None for name, value in values.items() if value is not None}


def _id(here: Desktop, noun: str, tenant_id: str, wanted: str | None) -> str | None:
    return str(here.item(noun, tenant_id, wanted)["id"]) if wanted else wanted


def _prices(words: list[str] | None) -> dict[str, int] | None:
    return _pairs("--price", words, lambda parts: _whole("--price", parts[0]))


def _pairs(option: str, words: list[str] | None, read: Any) -> dict[str, Any] | None:
    if words is None:
        return None
    found = {}
    for word in filter(None, words):
        name, equals, value = word.partition("=")
        if not equals or not value:
            raise UsageError(f'{option} "{word}": write a name, = and a value')
        found[name] = read(value.split(":"))
    return found


def _effect(parts: list[str]) -> Row:
    kind, *more = parts
    seconds = [one for one in more if one != "mine"]
    known: Row = {"kind": kind}
    if seconds:
        known["after_s"] = _whole("--effect", seconds[0])
    return known | ({"personal": True} if "mine" in more else {})


def _recycle(parts: list[str]) -> Row:
    names = ("after_s", "most", "then")
    known: Row = dict(zip(names, parts, strict=False))
    return known | {name: _whole("--recycle", known[name]) for name in names[:2] if name in known}


def _whole(option: str, text: str) -> int:
    if not text.isdecimal():
        raise UsageError(f'{option} "{text[:20]}": write a whole number there')
    return int(text)
