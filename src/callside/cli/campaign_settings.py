"""The options of campaigns, as tables; and ``callside campaign dialing``, ``pace``, ``messages``, ``outcomes``: what few need."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final

import typer

from callside.cli.options import JsonOption, Row, TenantOption, UsageError, desktop
from callside.cli.printing import show_row
from callside.cli.settings_table import Filled, Setting, settled

Campaign = Annotated[str, typer.Argument(help="Id or name.")]
_NO_LIMIT: Final = "0: no limit."


def _pairs(option: str, read: Callable[[list[str]], Any], words: list[str]) -> dict[str, Any]:
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not value:
            raise UsageError(f'{option} "{word}": write a name, = and a value')
        found[name] = read(value.split(":"))
    return found


def _price(parts: list[str]) -> int:
    return _whole("--price", parts[0])


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


OWN: Final = (
    Setting("caller_id", "--caller-id", "Number shown to customers."),
    Setting("dial_rules.countries", "--country", "Country that may be called, e.g. US; repeat it.", list[str]),
    Setting("dial_rules.blocked_prefixes", "--block", "Prefix that may not, e.g. +1900; repeat it.", list[str]),
    Setting("dial_rules.allow_premium", "--premium/--no-premium", "Premium-rate numbers may be called.", bool),
    Setting("ring_s", "--ring-s", "Longest ringing, seconds.", int),
    Setting("wrap_up_s", "--wrap-up-s", "Wrap-up after a call, seconds; 0 for none.", int),
    Setting("blend_queues", "--blend-queues/--no-blend-queues", "Ready agents also get their queues' calls.", bool),
    Setting(
        "profile",
        "--profile",
        'Jurisdiction, e.g. us; "" for the strictest (MANUAL: for none). See docs/laws.md.',
        clears=True,
    ),
    Setting("purpose", "--purpose", "What the calls are for: promotional, service or transactional."),
    Setting("regulated", "--regulated/--not-regulated", "They are for a bank, broker, insurer or pension fund.", bool),
)
"""Of every campaign; the commands ``add`` and ``change``."""

NAMED: Final = (
    Setting("name", "--name", "New name."),
    Setting("type", "--type", "MANUAL, PREVIEW, PROGRESSIVE or PREDICTIVE.", read=str.upper),
    Setting("trunk_id", "--trunk", "Trunk its calls go out on, id or name.", noun="trunk"),
)

_DIALING: Final = (
    Setting("hours_id", "--hours", 'Your own opening hours, id or name; "" for none.', noun="hours", clears=True),
    Setting("starts_at", "--starts-at", 'E.g. 2027-01-31T09:00:00+01:00; "" for at once.', clears=True),
    Setting("ends_at", "--ends-at", 'Likewise; "" for never.', clears=True),
    Setting("caller_ids", "--show", 'Number of the caller-id pool; repeat it; "" for none.', list[str]),
    Setting("caller_id_choice", "--choose", "Of the pool: first, rotate or local."),
    Setting(
        *("dial_rules.prices", "--price", "What a minute costs by prefix, thousandths, e.g. +1=12; repeat it."),
        list[str],
        read=partial(_pairs, "--price", _price),
    ),
    Setting("dial_rules.dearest", "--dearest", "Dearer numbers are refused; 0: prices do not matter.", int),
    Setting("scrub_token", "--scrub-token", 'What the register gave for the scrubbed leads (India: DLT); "" for none.'),
    Setting(
        "scrub_token_expires_at", "--scrub-until", "Until when it holds, e.g. 2027-01-31T00:00:00+05:30.", clears=True
    ),
    Setting("preview_s", "--preview-s", "PREVIEW: the lead is called after so many seconds; 0: by hand.", int),
    Setting("script", "--script", "Text shown to the agent with each call."),
)
_PACE: Final = (
    Setting("pace.target", "--target", "PREDICTIVE: share that may be abandoned, e.g. 0.025.", float),
    Setting("pace.smallest_team", "--smallest-team", "PREDICTIVE: with fewer agents as PROGRESSIVE.", int),
    Setting("pace.lines_per_agent", "--lines-per-agent", "Most lines for each agent.", float),
    Setting("pace.calls_per_second", "--calls-per-second", f"Most new calls in a second; {_NO_LIMIT}", int),
    Setting("pace.calls_per_minute", "--calls-per-minute", f"Most new calls in a minute; {_NO_LIMIT}", int),
    Setting("pace.max_lines", "--max-lines", f"Most lines at once; {_NO_LIMIT}", int),
    Setting("predictive_opt_in", "--opt-in/--no-opt-in", "The deliberate choice of PREDICTIVE.", bool),
    Setting("officer", "--officer", "Who answers for PREDICTIVE."),
    Setting(
        "autodialer_notified_at",
        "--notified-at",
        'When the carrier was told of the dialler; "" for never.',
        clears=True,
    ),
)
_MESSAGES: Final = (
    Setting(
        *("safe_message", "--safe", 'Prompt for people for whom no agent is free; "" for none.'),
        noun="prompt",
        clears=True,
    ),
    Setting(
        "safe_message_says",
        "--says",
        "You heard it say this, and confirm it: who, why or opt_out; repeat it.",
        list[str],
    ),
    Setting("detect_machines", "--detect-machines/--no-detect-machines", "Listen who has answered.", bool),
    Setting("machine_action", "--action", "What becomes of machines: hang_up, message (after the beep) or agent."),
    Setting("machine_message", "--machine", 'Prompt left on machines; "" for none.', noun="prompt", clears=True),
    Setting(
        *("machine_sample_every", "--sample-every"),
        "Give each so many-th machine to an agent, who says what it was; 0 for none.",
        int,
    ),
)
_OUTCOMES: Final = (
    Setting(
        *("effects", "--effect"),
        "What a disposition does: CODE=success, failure, dnc, machine, retry[:SECONDS] or callback[:SECONDS][:mine]; repeat it.",
        list[str],
        read=partial(_pairs, "--effect", _effect),
    ),
    Setting(
        *("recycling.outcomes", "--recycle"),
        "What follows an outcome: OUTCOME=SECONDS[:MOST[:same|other|done]], e.g. busy=600:4:same.",
        list[str],
        read=partial(_pairs, "--recycle", _recycle),
    ),
    Setting("recycling.most_attempts", "--most-attempts", "Most calls to a lead.", int),
    Setting("recycling.most_per_number", "--most-per-number", "Most calls to one number.", int),
    Setting("recycling.other_after_s", "--other-after-s", "Until the lead's next number is called, seconds.", int),
    Setting(
        "recycling.personal_for_s", "--personal-for-s", "A callback waits so long for its own agent, seconds.", int
    ),
)


def add_settings(app: typer.Typer) -> None:
    """The commands that show and change what few campaigns need."""
    law = ("profile", "purpose", "regulated")
    replaced = "--show and --price replace all of them"
    for name, table, more, says in (
        ("dialing", _DIALING, ("run", *law), f"Show or change when it dials, and what customers see; {replaced}."),
        ("pace", _PACE, (), "Show or change how fast a campaign dials."),
        ("messages", _MESSAGES, (), "Show or change what people hear for whom nobody is free, and machines."),
        (
            "outcomes",
            _OUTCOMES,
            (),
            'Show or change what becomes of leads; --effect and --recycle replace all ("": none).',
        ),
    ):
        app.command(name, help=says)(_command(table, ("name", "type", *more)))


def _command(table: tuple[Setting, ...], also: tuple[str, ...]) -> Callable[..., None]:
    shown = dict.fromkeys((*also, *(one.field.partition(".")[0] for one in table), "warnings"))

    @settled(*table)
    def settings(
        context: typer.Context,
        campaign: Campaign,
        filled: Filled,
        tenant: TenantOption = None,
        as_json: JsonOption = False,
    ) -> None:
        here = desktop(context)
        tenant_id = here.tenant(tenant)
        row = here.item("campaign", tenant_id, campaign)
        values = filled(here, tenant_id)
        if values:
            row = here.gateway.change("campaign", tenant_id, str(row["id"]), values)
        show_row({name: row[name] for name in shown}, as_json=as_json, headline=f"The campaign {row['name']}:")

    return settings
