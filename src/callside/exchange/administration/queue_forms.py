"""The forms of queues: who waits there, who takes the calls, and what happens when nobody does."""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema

from callside.acd.model import OverflowWhen, Strategy
from callside.exchange.administration.callback_forms import CallbackForm
from callside.exchange.administration.fields import Id, Name, OurNumber, Skills
from callside.exchange.administration.forms import Form, Ids, Sheet

_LONGEST_WAIT_S = 86_400
_LONGEST_SCRIPT = 8000


class RelaxationForm(Form):
    """A weaker demand after a while."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    after_s: int = Field(ge=1, le=_LONGEST_WAIT_S, examples=[60], description="From this wait on, seconds.")
    skills: Skills = Field(default={}, examples=[{"spanish": 1}], description="All that is asked for then.")


class OverflowForm(Form):
    """Where callers are sent on, and when."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    when: OverflowWhen = Field(examples=["waited"])
    to: Id | None = Field(default=None, examples=["280"], description="A queue; null: a message, then the call ends.")
    seconds: int = Field(default=0, ge=0, le=_LONGEST_WAIT_S, description="For `estimate` and `waited`.")
    voicemail: bool = Field(default=False, description="Instead of `to`: the voicemail of this queue.")


_COLOUR: Final = r"^(#[0-9a-fA-F]{6})?$"


def _colour(text: str) -> str:
    if not re.match(_COLOUR, text) or text.endswith("\n"):
        raise ValueError("write a colour as #rrggbb, e.g. #2f6fab; empty for none")
    return text


Colour = Annotated[str, AfterValidator(_colour), WithJsonSchema({"type": "string", "pattern": _COLOUR})]


class QueueForm(Form):
    """A new queue."""

    name: Name = Field(examples=["Support"])
    agents: Ids = Field(default=[], examples=[["111"]], description="Ids of assigned agents.")
    numbers: Annotated[list[OurNumber], Field(max_length=1000)] = Field(
        default=[], examples=[["+15550100123"]], description="Our numbers, as the carrier sends them."
    )
    ring_s: int = Field(default=20, ge=5, le=120, description="How long a call rings at one agent, seconds.")
    wrap_up_s: int = Field(default=30, ge=0, le=3600, description="Wrap-up after a call, seconds; 0 for none.")
    max_wait_s: int = Field(
        default=0, ge=0, le=_LONGEST_WAIT_S, description="Longest wait of a caller, seconds; 0: no limit."
    )
    strategy: Literal["longest_idle", "fewest_calls", "least_talk", "round_robin", "occupancy", "ring_all"] = Field(
        default="longest_idle",
        description="Which idle agent gets a call; counts and shares are those of the last hour.",
    )
    ring_count: int = Field(
        default=0, ge=0, le=1000, description="With `ring_all`: how many are rung at once; 0: all who are idle."
    )
    priority: int = Field(default=0, ge=0, le=100, description="Each step is worth a minute of waiting.")
    skills: Skills = Field(
        default={}, examples=[{"spanish": 2}], description="Skills an agent must have, and the least level."
    )
    relaxation: Annotated[list[RelaxationForm], Field(max_length=20)] = Field(
        default=[], description="Weaker demands after a while."
    )
    sticky_s: int = Field(
        default=0, ge=0, le=3600, description="Seconds to wait for the agent the caller talked with last; 0: none."
    )
    max_waiting: int = Field(default=0, ge=0, le=1_000_000, description="How many may wait; 0: no limit.")
    overflow: Annotated[list[OverflowForm], Field(max_length=8)] = Field(
        default=[], description="Where callers are sent on; the first rule of each kind counts."
    )
    service_level_s: int = Field(default=20, ge=1, le=3600, description="Answered in time is within these seconds.")
    short_abandon_s: int = Field(default=5, ge=0, le=3600, description="Giving up sooner is not counted as abandoned.")
    colour: Colour = Field(default="", examples=["#2f6fab"], description="Mark in the agent's phone.")
    script: Annotated[str, Field(max_length=_LONGEST_SCRIPT)] = Field(
        default="", description="Text shown to the agent with each call."
    )
    callback: CallbackForm | None = Field(default=None, description="Being called back in turn; null: not offered.")
    whisper: Literal["tone", "none"] | Id = Field(
        default="tone",
        examples=["tone", "903"],
        description="What an agent hears before the caller: `tone` (only who is connected by themselves), `none`, or a prompt's "
        "id, then whoever answers.",
    )


class QueueSheet(Sheet):
    """A queue."""

    id: str = Field(examples=["279"])
    name: str = Field(examples=["Support"])
    agents: list[str] = Field(examples=[["111"]])
    numbers: list[str] = Field(examples=[["+15550100123"]])
    ring_s: int
    wrap_up_s: int
    max_wait_s: int
    strategy: Strategy
    ring_count: int
    priority: int
    skills: dict[str, int] = Field(examples=[{"spanish": 2}])
    relaxation: list[RelaxationForm]
    sticky_s: int
    max_waiting: int
    overflow: list[OverflowForm]
    service_level_s: int
    short_abandon_s: int
    colour: str = Field(examples=["#2f6fab"])
    script: str
    callback: CallbackForm | None
    whisper: str = Field(examples=["tone"])
    warnings: list[str] = Field(default=[], description="What works, but hardly as it is meant.")
