"""``callside laws``: the jurisdiction profiles, and whether a number may be called under one."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from callside.cli.options import JsonOption, UsageError
from callside.cli.printing import show_row, show_rows

if TYPE_CHECKING:
    from callside.dialer.laws.line_rules import NumberHistory
    from callside.dialer.laws.model import Profile, Violation
    from callside.exchange.profiles import ProfileShelf

laws = typer.Typer(no_args_is_help=True, help="Jurisdiction profiles: the laws of dialling, as data. No legal advice.")
_AtOption = Annotated[
    str | None, typer.Option("--at", help="An instant with its offset, e.g. 2026-06-01T09:00-04:00; now by default.")
]
_ProfileArgument = Annotated[str, typer.Argument(help="Id (uk: the version in force) or version (uk-1).")]


@laws.command("list")
def listing(as_json: JsonOption = False) -> None:
    """All profiles in all versions."""
    from callside.exchange.profiles import load_profiles

    now, shelf = _instant(None), load_profiles()
    rows = [
        {
            "profile": one.key,
            "title": one.title,
            "effective_from": one.effective_from.isoformat(),
            "in_force": shelf.is_current(one, now),
            "excerpts_read": f"{sum(origin.verified for origin in one.origins.values())} of {len(one.origins)} rules",
        }
        for name in shelf.ids
        for one in shelf.versions[name]
    ]
    show_rows(
        rows,
        ("profile", "title", "effective_from", "in_force", "excerpts_read"),
        as_json=as_json,
        empty="There are none.",
    )


@laws.command()
def show(profile: _ProfileArgument, as_json: JsonOption = False) -> None:
    """What a profile says, rule by rule, and how well each is known."""
    from callside.dialer.laws.telling import tell
    from callside.exchange.profiles import load_profiles

    found = _profile(load_profiles(), profile, _instant(None))
    rules = [
        {
            "rule": one.rule,
            "says": one.says,
            "evidence": one.origin.evidence.value,
            "source": one.origin.source,
            "note": one.origin.note,
        }
        for one in tell(found)
    ]
    row: dict[str, Any] = {
        "profile": found.key,
        "title": found.title,
        "jurisdiction": found.jurisdiction,
        "effective_from": found.effective_from.isoformat(),
        "written": found.written.isoformat(),
    }
    if as_json:
        show_row({**row, "not_covered": list(found.not_covered), "rules": rules}, as_json=True, headline="")
        return
    show_row(row, as_json=False, headline=f"{found.title}. No legal advice; check what you rely on.")
    for one in rules:
        typer.echo(f"\n{one['rule']} ({one['evidence']}): {one['says']}\n  source: {one['source']}")
        if one["note"]:
            typer.echo(f"  note: {one['note']}")
    typer.echo("\nNot covered:")
    for gap in found.not_covered:
        typer.echo(f"  {gap}")


@laws.command()
def ask(
    number: Annotated[str, typer.Argument(help="With + and country code.")],
    profile: Annotated[str, typer.Option("--profile", "-p", help="Id or version.")] = "strict",
    at: _AtOption = None,
    zone: Annotated[str, typer.Option(help="The lead's own time zone, e.g. America/Chicago.")] = "",
    abandoned: Annotated[str | None, typer.Option(help="When a call to it was last abandoned, like --at.")] = None,
    machine: Annotated[str | None, typer.Option(help="When a machine was last heard there, like --at.")] = None,
    reserved: Annotated[bool, typer.Option("--reserved", help="An agent is reserved for the call.")] = False,
    as_json: JsonOption = False,
) -> None:
    """May I call this number, and if not, why not and from when on? Registers and shown numbers are not asked about."""
    from callside.calls.rules import read_number
    from callside.dialer.laws.line_rules import NumberHistory
    from callside.dialer.laws.zones import zones_of
    from callside.exchange.profiles import load_profiles

    now = _instant(at)
    found, e164 = _profile(load_profiles(), profile, now), read_number(number, "ZZ")
    zones = zones_of(e164, zone)
    past = NumberHistory(
        last_abandoned_at=_instant(abandoned) if abandoned else None,
        last_machine_at=_instant(machine) if machine else None,
    )
    refusals = _refusals(found, zones, past, now, reserved=reserved)
    until = max((one.until for one in refusals if one.until is not None), default=None)
    row: dict[str, Any] = {
        "number": e164,
        "profile": found.key,
        "at": _told(now, "UTC"),
        "clocks": [_told(now, one) for one in zones],
        "allowed": not refusals,
        "why_not": [one.message for one in refusals],
        "until": _told(until, zones[0] if zones else "UTC") if until is not None else None,
    }
    if as_json:
        show_row(row, as_json=True, headline="")
        return
    typer.echo(f"{e164} may {'' if not refusals else 'not '}be called under {found.key} at {row['at']}.")
    for line in (*row["why_not"], *([f"Not before {row['until']}."] if until is not None else []), *row["clocks"]):
        typer.echo(f"  {line}")


def _refusals(
    profile: "Profile", zones: tuple[str, ...], past: "NumberHistory", now: int, *, reserved: bool
) -> list["Violation"]:
    from callside.dialer.laws.line_rules import LineTerms, check_line
    from callside.dialer.laws.model import Purpose
    from callside.dialer.laws.windows import CallingBook

    line = LineTerms(zones, Purpose.SERVICE, agent_reserved=reserved)
    found = check_line(CallingBook(profile), line, past, now)
    return [one for one in found if not one.rule.startswith(("scrub", "caller_id"))]


def _profile(shelf: "ProfileShelf", wanted: str, now: int) -> "Profile":
    return shelf.version(wanted) if "-" in wanted else shelf.in_force(wanted, now)


def _instant(text: str | None) -> int:
    if text is None:
        from callside.cli.parts import CommandClock

        return CommandClock().now().wall
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise UsageError(f'"{text}": write an instant with its offset, e.g. 2026-06-01T09:00-04:00')
    return int(read.timestamp() * 1000)


def _told(instant_ms: int, zone: str) -> str:
    local = datetime.fromtimestamp(instant_ms / 1000, UTC).astimezone(ZoneInfo(zone))
    return f"{local:%a %Y-%m-%d %H:%M %z} ({zone})"
