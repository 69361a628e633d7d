"""``callside queue callback``: whether and how a queue's callers are called back."""

from typing import Annotated, Any

import typer

from callside.cli.options import Desktop, JsonOption, TenantOption, UsageError, desktop, given
from callside.cli.printing import show_row

Off = Annotated[bool, typer.Option("--off", help="Callers are not offered it any more; open ones are dropped.")]
AfterS = Annotated[int | None, typer.Option("--after-s", help="Offered after this wait, seconds; 0: not so.")]
WaitOverS = Annotated[
    int | None, typer.Option("--wait-over-s", help="Offered over this estimated wait, seconds; 0: not so.")
]
Hours = Annotated[str | None, typer.Option(help='Opening hours in which they are called, id or name; "" for any time.')]
Say = Annotated[
    list[str] | None,
    typer.Option(
        help="Prompt of your own on the way: WHAT=PROMPT, nothing after = for the standard words; WHAT is number, confirm, "
        "enter, not_valid or arranged; repeat it."
    ),
]
_SAID = ("number", "confirm", "enter", "not_valid", "arranged")


def _settings(here: Desktop, tenant_id: str, prompt: str | None, trunk: str | None, values: dict[str, Any]) -> Any:
    return {
        **values,
        **given(
            prompt_id=str(here.item("prompt", tenant_id, prompt)["id"]) if prompt else None,
            trunk_id=str(here.item("trunk", tenant_id, trunk)["id"]) if trunk else None,
        ),
    }


def _chosen(here: Desktop, noun: str, tenant_id: str, **wanted: str | None) -> dict[str, Any]:
    """Ids by field; "" is none, and what was not asked for is left out."""
    return {
        field: str(here.item(noun, tenant_id, one)["id"]) if one else None
        for field, one in wanted.items()
        if one is not None
    }


def _words(here: Desktop, tenant_id: str, say: list[str]) -> dict[str, Any]:
    pairs = [one.partition("=") for one in say]
    wrong = next((what for what, _, _ in pairs if what not in _SAID), None)
    if wrong is not None or not all(sign for _, sign, _ in pairs):
        raise UsageError(f"--say: write WHAT=PROMPT, where WHAT is one of {', '.join(_SAID)}")
    return _chosen(here, "prompt", tenant_id, **{what: prompt for what, _, prompt in pairs})


def callback(
    context: typer.Context,
    queue: Annotated[str, typer.Argument(help="Id or name.")],
    tenant: TenantOption = None,
    off: Off = False,
    prompt: Annotated[str | None, typer.Option(help="Prompt that offers it, with the key; id or name.")] = None,
    trunk: Annotated[str | None, typer.Option(help="Trunk to call back on, id or name.")] = None,
    caller_id: Annotated[str | None, typer.Option(help="Number shown to customers; empty for the trunk's.")] = None,
    country: Annotated[list[str] | None, typer.Option(help="Country that is called, e.g. US; repeat it.")] = None,
    block: Annotated[list[str] | None, typer.Option(help="Prefix that is not, e.g. +1900; repeat it.")] = None,
    after_s: AfterS = None,
    wait_over_s: WaitOverS = None,
    hours: Hours = None,
    say: Say = None,
    key: Annotated[str | None, typer.Option(help="Key that asks for it.")] = None,
    ring_s: Annotated[int | None, typer.Option("--ring-s", help="Longest ringing at the customer, seconds.")] = None,
    attempts: Annotated[int | None, typer.Option(help="Calls to a customer who does not answer.")] = None,
    retry_s: Annotated[int | None, typer.Option("--retry-s", help="Seconds from one to the next.")] = None,
    most: Annotated[int | None, typer.Option(help="No more open ones than this.")] = None,
    within_s: Annotated[
        int | None, typer.Option("--within-s", help="A timely first attempt, seconds of open hours.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show or change how a queue's callers are called back; --country and --block replace all of them."""
    here = desktop(context)
    tenant_id = here.tenant(tenant)
    row = here.item("queue", tenant_id, queue)
    counts = given(ring_s=ring_s, attempts=attempts, retry_s=retry_s, most=most, within_s=within_s)
    words = given(caller_id=caller_id, countries=country, blocked_prefixes=block, key=key)
    when = given(after_s=after_s, wait_over_s=wait_over_s)
    when |= _chosen(here, "hours", tenant_id, hours_id=hours)
    own = {"words": _words(here, tenant_id, say)} if say else {}
    values = _settings(here, tenant_id, prompt, trunk, {**words, **when, **counts, **own})
    if off and values:
        raise UsageError("--off: leave the other options out")
    if off or values:
        row = here.gateway.change("queue", tenant_id, str(row["id"]), {"callback": None if off else values})
    settings = row["callback"] or {"callback": "off"}
    show_row({"name": row["name"], **settings}, as_json=as_json, headline="The queue's callbacks:")
