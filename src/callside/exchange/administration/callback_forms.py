"""The form of a queue's callbacks, and what it means."""

from dataclasses import asdict, replace
from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints

from callside.acd.model import CallbackOffer, Queue
from callside.calls.rules import read_number
from callside.exchange.administration.desk import known_ids
from callside.exchange.administration.fields import Id, Prefix, Region
from callside.exchange.administration.forms import Form
from callside.floor.directory import Directory
from callside.kernel.errors import InvalidFieldError
from callside.kernel.ids import PromptId, TrunkId

Key = Annotated[str, StringConstraints(pattern=r"^[0-9*#]$")]
_LONGEST_S = 86_400


class CallbackWordsForm(Form):
    """Prompts of your own for what is said on the way; null: the standard words."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    number: Id | None = Field(default=None, description="Before their number is read out.")
    confirm: Id | None = Field(default=None, description="After it: 1 confirms, any other key is for another number.")
    enter: Id | None = Field(default=None, description="Key in a number, then #.")
    not_valid: Id | None = Field(default=None, description="That number cannot be called; `enter` follows.")
    arranged: Id | None = Field(default=None, description="The last words: you are called back.")


class CallbackForm(Form):
    """Callers may hang up, keep their place and be called back in their turn."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    prompt_id: Id = Field(default="", validate_default=False, examples=["503"], description="Says so, with the key.")
    trunk_id: Id = Field(default="", validate_default=False, examples=["3"], description="What they are called on.")
    caller_id: Annotated[str, Field(max_length=40)] = Field(
        default="", examples=["+15550100123"], description="Number shown to them; empty for the trunk's."
    )
    countries: Annotated[list[Region], Field(max_length=300)] = Field(
        default=[], examples=[["US"]], description="Countries that are called; none: the tenant's own."
    )
    blocked_prefixes: Annotated[list[Prefix], Field(max_length=1000)] = Field(default=[], examples=[["+1900"]])
    after_s: int = Field(default=60, ge=0, le=_LONGEST_S, description="Offered after this wait, seconds; 0: not so.")
    wait_over_s: int = Field(
        default=0,
        ge=0,
        le=_LONGEST_S,
        description="Offered as soon as the estimated wait is longer, on arrival or later; 0: not so.",
    )
    key: Key = Field(default="1", description="What a caller presses who wants it.")
    ring_s: int = Field(default=30, ge=5, le=120, description="How long their phone may ring, seconds.")
    attempts: int = Field(default=3, ge=1, le=10, description="How often somebody who does not answer is called.")
    retry_s: int = Field(default=600, ge=30, le=_LONGEST_S, description="From one attempt to the next, seconds.")
    most: int = Field(default=100, ge=1, le=10_000, description="No more open ones than this.")
    within_s: int = Field(
        default=1800,
        ge=1,
        le=_LONGEST_S,
        description="What figures take for a timely first attempt, seconds. Only time in `hours_id` counts; without it, in the "
        "opening hours of the number that was called.",
    )
    hours_id: Id | None = Field(
        default=None, examples=["501"], description="Opening hours in which they are called; null: at any time."
    )
    words: CallbackWordsForm = Field(default=CallbackWordsForm(), description="Prompts of your own on the way.")


def fill_callback(queue: Queue, given: dict[str, Any] | None, directory: Directory) -> CallbackOffer | None:
    """The queue's callbacks with what a form says; fields left out stay as they are.

    Raises:
        InvalidFieldError: Something is missing, unknown, or cannot be meant.
    """
    if given is None:
        return None
    values = dict(given)
    for name in ("countries", "blocked_prefixes"):
        if name in values:
            values[name] = tuple(sorted(set(values[name])))
    if values.get("caller_id"):
        values["caller_id"] = read_number(values["caller_id"], directory.tenant.region, field="callback.caller_id")
    before = queue.callback or CallbackOffer(PromptId(""), TrunkId(""))
    if "words" in values:
        values["words"] = replace(before.words, **values["words"])
    offer = replace(before, **values)
    _refuse(offer, directory)
    return offer


def _refuse(offer: CallbackOffer, directory: Directory) -> None:
    if not offer.prompt_id:
        raise InvalidFieldError("callback.prompt_id: give the prompt that offers it", field="callback.prompt_id")
    known_ids("callback.prompt_id", "prompt", [offer.prompt_id], directory.prompts)
    for name, prompt_id in asdict(offer.words).items():
        known_ids(f"callback.words.{name}", "prompt", [prompt_id] if prompt_id else [], directory.prompts)
    known_ids("callback.hours_id", "opening hours", [offer.hours_id] if offer.hours_id else [], directory.hours)
    if not offer.trunk_id:
        raise InvalidFieldError("callback.trunk_id: give the trunk to call back on", field="callback.trunk_id")
    known_ids("callback.trunk_id", "trunk", [offer.trunk_id], directory.trunks)
    if not offer.caller_id and not directory.trunks[offer.trunk_id].caller_id:
        msg = "callback.caller_id: the trunk has no number of its own to show; give one here"
        raise InvalidFieldError(msg, field="callback.caller_id")
    if offer.after_s == 0 and offer.wait_over_s == 0:
        msg = "callback.after_s: say when it is offered: after_s seconds of waiting, or wait_over_s of estimated wait"
        raise InvalidFieldError(msg, field="callback.after_s")


def callback_warnings(queue: Queue, directory: Directory) -> list[str]:
    """What keeps callers from asking for it."""
    sound = directory.announcements.get(queue.id)
    if queue.callback is None or sound is None or sound.answer_at_once:
        return []
    return [
        "callback: callers of this queue are answered with the agent only (answer_at_once), so nobody can ask for it"
    ]
