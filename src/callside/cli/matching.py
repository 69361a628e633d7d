"""``callside queue matching``: how a queue chooses agents, what it demands, and where it sends callers on."""

from typing import Annotated, Any

import typer

from callside.acd.model import WHISPERS, OverflowWhen
from callside.cli.options import Desktop, JsonOption, TenantOption, UsageError, desktop, given
from callside.cli.printing import show_row

SkillOptions = Annotated[
    list[str] | None, typer.Option("--skill", help='Skill and level, e.g. spanish=2; repeat it; "" for none.')
]
RelaxOptions = Annotated[
    list[str] | None, typer.Option(help="After so many seconds only this, e.g. 60:spanish=1; repeat it.")
]
WhisperOption = Annotated[str | None, typer.Option(help="What agents hear before a caller: tone, none, or a prompt.")]
_SHOWN = (
    *("name", "strategy", "ring_count", "priority", "skills", "relaxation", "sticky_s", "max_waiting", "overflow"),
    *("service_level_s", "short_abandon_s", "colour", "script", "whisper", "warnings"),
)


_WHEN = frozenset(OverflowWhen)
_VOICEMAIL = "voicemail"
"""Where a queue's name stands else: its own voicemail."""


def read_skills(words: list[str] | None) -> dict[str, int] | None:
    """``["spanish=2"]`` as ``{"spanish": 2}``; ``None`` stays ``None``.

    Raises:
        UsageError: A word is none of that kind.
    """
    if words is None:
        return None
    skills: dict[str, int] = {}
    for word in (part for one in words for part in one.split(",") if part):
        skill, equals, level = word.partition("=")
        if not equals or not level.isdecimal():
            raise UsageError(f'"{word}": write a skill and its level, e.g. spanish=2')
        skills[skill] = int(level)
    return skills


def _read_relaxation(words: list[str] | None) -> list[dict[str, Any]] | None:
    if words is None:
        return None
    steps = []
    for word in filter(None, words):
        after, colon, demands = word.partition(":")
        if not colon or not after.isdecimal():
            raise UsageError(f'--relax "{word}": write seconds and what is asked for then, e.g. 60:spanish=1, or 180:')
        steps.append({"after_s": int(after), "skills": read_skills([demands])})
    return steps


def _read_overflow(here: Desktop, tenant_id: str, words: list[str] | None) -> list[dict[str, Any]] | None:
    if words is None:
        return None
    rules = []
    for word in filter(None, words):
        when, *parts = word.split(":")
        if when not in _WHEN:
            raise UsageError(f'--overflow "{word}": begin with full, unstaffed, waited:SECONDS or estimate:SECONDS')
        rule: dict[str, Any] = {"when": when}
        if when in {"waited", "estimate"}:
            seconds = parts.pop(0) if parts else ""
            if not seconds.isdecimal():
                raise UsageError(f'--overflow "{word}": write seconds too, e.g. {when}:120:Sales, or {when}:120')
            rule["seconds"] = int(seconds)
        target = ":".join(parts)
        rule["voicemail"] = target == _VOICEMAIL
        leads_on = target and not rule["voicemail"]
        rule["to"] = str(here.item("queue", tenant_id, target)["id"]) if leads_on else None
        rules.append(rule)
    return rules


def _read_whisper(here: Desktop, tenant_id: str, word: str | None) -> str | None:
    if word is None or word in WHISPERS:
        return word
    return str(here.item("prompt", tenant_id, word)["id"])


def matching(
    context: typer.Context,
    queue: Annotated[str, typer.Argument(help="Id or name.")],
    tenant: TenantOption = None,
    strategy: Annotated[
        str | None, typer.Option(help="longest_idle, fewest_calls, least_talk, round_robin, occupancy or ring_all.")
    ] = None,
    ring_count: Annotated[int | None, typer.Option(help="ring_all: how many are rung at once; 0: all.")] = None,
    priority: Annotated[int | None, typer.Option(help="Each step is worth a minute of waiting.")] = None,
    skill: SkillOptions = None,
    relax: RelaxOptions = None,
    sticky_s: Annotated[
        int | None, typer.Option("--sticky-s", help="Seconds to wait for the caller's last agent; 0: none.")
    ] = None,
    max_waiting: Annotated[int | None, typer.Option(help="How many may wait; 0: no limit.")] = None,
    overflow: Annotated[
        list[str] | None,
        typer.Option(help="full, unstaffed, waited:S or estimate:S, then :QUEUE, :voicemail or nothing; repeat it."),
    ] = None,
    service_level_s: Annotated[int | None, typer.Option("--service-level-s", help="Answered in time, seconds.")] = None,
    short_abandon_s: Annotated[
        int | None, typer.Option("--short-abandon-s", help="Not counted below, seconds.")
    ] = None,
    colour: Annotated[str | None, typer.Option(help="#rrggbb in the agent's phone.")] = None,
    script: Annotated[str | None, typer.Option(help="Text shown to the agent with each call.")] = None,
    whisper: WhisperOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show or change how a queue finds its agents; --skill, --relax and --overflow replace all of them."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    row = here.item("queue", tenant_id, queue)
    read = {"relaxation": _read_relaxation(relax), "overflow": _read_overflow(here, tenant_id, overflow)}
    order = {"strategy": strategy, "ring_count": ring_count}
    counts = {"priority": priority, "sticky_s": sticky_s, "max_waiting": max_waiting}
    seen = {"service_level_s": service_level_s, "short_abandon_s": short_abandon_s, "colour": colour, "script": script}
    heard = {"whisper": _read_whisper(here, tenant_id, whisper)}
    values = given(skills=read_skills(skill), **order, **read, **counts, **seen, **heard)
    if values:
        row = here.gateway.change("queue", tenant_id, str(row["id"]), values)
    show_row({name: row[name] for name in _SHOWN}, as_json=as_json, headline="The queue's matching:")
