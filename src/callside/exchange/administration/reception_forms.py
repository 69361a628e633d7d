"""The forms of reception: numbers, opening hours, menus, prompts, caller rules, announcements."""

import re
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

from callside.exchange.administration.fields import Id, Name, OptionalName, OurNumber, Zone
from callside.exchange.administration.forms import Form, Sheet

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")


def _time(text: str) -> str:
    if not _TIME.fullmatch(text):
        raise ValueError("write a time as HH:MM, from 00:00 to 24:00")
    return text


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("write a date as YYYY-MM-DD") from None


def _pattern(text: str) -> str:
    compact = re.sub(r"[\s().-]", "", text)
    if not re.fullmatch(r"\+?[0-9]{1,15}\*?", compact):
        raise ValueError("write a number as the carrier sends it, or its beginning with *, e.g. +15550100123 or +1555*")
    return compact


def _key(text: str) -> str:
    if len(text) != 1 or text not in "0123456789*#":
        raise ValueError("a key is one of 0 to 9, * and #")
    return text


Time = Annotated[str, StringConstraints(max_length=5), AfterValidator(_time)]
DateText = Annotated[str, StringConstraints(max_length=10), AfterValidator(_date)]
Pattern = Annotated[str, StringConstraints(max_length=40), AfterValidator(_pattern)]
OptionalId = Annotated[str, StringConstraints(pattern=r"^[0-9]{0,19}$")]
PromptIds = Annotated[list[Id], Field(max_length=20)]
_KEY: Final = r"^[0-9*#]$"
Key = Annotated[str, AfterValidator(_key), WithJsonSchema({"type": "string", "pattern": _KEY})]
MusicClass = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,40}$")]
Text = Annotated[str, StringConstraints(max_length=2000)]
_INNER: Final = ConfigDict(extra="forbid", from_attributes=True)


class LastDestinationForm(Form):
    """Where a call goes on when an agent does not take it."""

    model_config = _INNER

    kind: Literal["queue", "menu", "voicemail", "message"] = Field(examples=["queue"])
    id: OptionalId = Field(default="", examples=["279"], description="Its id; empty: a message in standard words.")


class DestinationForm(Form):
    """Where a call is led."""

    model_config = _INNER

    kind: Literal["queue", "agent", "extension", "menu", "voicemail", "message", "block"] = Field(examples=["queue"])
    id: OptionalId = Field(
        default="",
        examples=["279"],
        description="Its id: a queue's for voicemail, a prompt's for message; empty: the standard words.",
    )
    otherwise: LastDestinationForm | None = Field(
        default=None, description="Of agent and extension: where the call goes on when they do not take it."
    )


class NumberForm(Form):
    """A new entry of the number plan. A queue's own `numbers` are the short way to write the simplest ones."""

    number: OurNumber = Field(examples=["+15550100123"], description="As the carrier sends it.")
    destination: DestinationForm
    hours_id: OptionalId = Field(default="", examples=["501"], description="Opening hours; empty: always open.")
    closed: DestinationForm = Field(
        default_factory=lambda: DestinationForm(kind="message"), description="Where callers go while closed."
    )


class NumberSheet(Sheet):
    """An entry of the number plan."""

    id: str = Field(examples=["502"])
    number: str = Field(examples=["+15550100123"])
    destination: DestinationForm
    hours_id: str
    closed: DestinationForm
    warnings: list[str] = Field(default=[], description="What works, but probably not as it is meant.")


class WindowForm(Form):
    """From `opens` to before `closes`; where that is not later, it closes on the next day."""

    opens: Time = Field(examples=["09:00"])
    closes: Time = Field(examples=["17:00"])


class WeekWindowForm(WindowForm):
    """A window of each week."""

    day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class HolidayForm(Form):
    """A date with windows of its own; none: closed all day."""

    date: DateText = Field(examples=["2026-12-24"])
    windows: Annotated[list[WindowForm], Field(max_length=10)] = Field(default=[])


class HoursForm(Form):
    """New opening hours."""

    name: Name = Field(examples=["Office"])
    zone: Zone = Field(examples=["America/New_York"], description="IANA time zone.")
    weekly: Annotated[list[WeekWindowForm], Field(max_length=70)] = Field(default=[])
    holidays: Annotated[list[HolidayForm], Field(max_length=1000)] = Field(default=[])


class HoursSheet(Sheet):
    """Opening hours."""

    id: str = Field(examples=["501"])
    name: str = Field(examples=["Office"])
    zone: str = Field(examples=["America/New_York"])
    weekly: list[WeekWindowForm]
    holidays: list[HolidayForm]
    open_now: bool


class MenuForm(Form):
    """A new IVR menu."""

    name: Name = Field(examples=["Main menu"])
    greeting: Id = Field(examples=["503"], description="The prompt that names the choices.")
    keys: Annotated[dict[Key, DestinationForm], Field(min_length=1, max_length=12)] = Field(
        examples=[{"1": {"kind": "queue", "id": "279"}}], description="Where each key leads."
    )
    otherwise: DestinationForm = Field(
        default_factory=lambda: DestinationForm(kind="message"), description="Where callers go who chose nothing."
    )
    timeout_s: int = Field(default=5, ge=1, le=60, description="Time to think after the greeting, seconds.")
    retries: int = Field(default=2, ge=0, le=5, description="How often the greeting is played again.")


class MenuSheet(Sheet):
    """An IVR menu."""

    id: str = Field(examples=["504"])
    name: str = Field(examples=["Main menu"])
    greeting: str
    keys: dict[str, DestinationForm]
    otherwise: DestinationForm
    timeout_s: int
    retries: int
    warnings: list[str] = Field(default=[])


_VOICE: Final = r"^((espeak:)?[a-z][a-z0-9+-]{0,30}|piper:[A-Za-z0-9_][A-Za-z0-9_.-]{0,79})$"


class PromptForm(Form):
    """A new prompt, spoken by the built-in voice. Recordings are uploaded instead."""

    name: Name = Field(examples=["Welcome"])
    text: Text = Field(examples=["Welcome to Example Travel."], description="What is to be said.")
    voice: Annotated[str, StringConstraints(pattern=_VOICE)] = Field(
        default="en-us",
        description="A language (piper where it has a model of it, else espeak-ng), espeak:LANGUAGE or piper:MODEL.",
    )


class PromptSheet(Sheet):
    """A prompt."""

    id: str = Field(examples=["503"])
    name: str = Field(examples=["Welcome"])
    source: str = Field(examples=["speech"])
    text: str
    duration_ms: int
    level_dbfs: int = Field(description="Loudness as it came; what callers hear is levelled.")
    spoken_by: str = Field(examples=["espeak-ng en-us"], description="The voice; and why not the one asked for, if so.")
    warnings: list[str] = Field(default=[], description="What is wrong with its sound.")


class CallerRuleForm(Form):
    """A new caller rule; the first that fits holds, by position."""

    pattern: Pattern = Field(examples=["+1555*"], description="A caller's number, or its beginning with *.")
    destination: DestinationForm = Field(description="Kind block: the caller is let go with a message.")
    position: int = Field(default=100, ge=0, le=100_000)
    note: OptionalName = ""


class CallerRuleSheet(Sheet):
    """A caller rule."""

    id: str = Field(examples=["505"])
    pattern: str
    destination: DestinationForm
    position: int
    note: str
    warnings: list[str] = Field(default=[], description="What works, but probably not as it is meant.")


class PlaylistForm(Form):
    """A new playlist: music of one's own for callers who wait."""

    name: Name = Field(examples=["Jazz"])
    prompts: Annotated[list[Id], Field(min_length=1, max_length=100)] = Field(
        examples=[["503", "504"]],
        description="What is played, in this order: recordings that were uploaded as prompts.",
    )
    shuffle: bool = Field(default=False, description="In any order instead.")


class PlaylistSheet(Sheet):
    """A playlist."""

    id: str = Field(examples=["505"])
    name: str = Field(examples=["Jazz"])
    prompts: list[str]
    shuffle: bool
    duration_ms: int = Field(description="All of them together.")


class AnnouncementForm(Form):
    """What callers of a queue hear while they wait."""

    queue_id: Id = Field(examples=["279"])
    answer_at_once: bool = Field(default=True, description="Else callers hear ringing until an agent takes the call.")
    welcome: PromptIds = Field(default=[], description="Prompts played first; no match waits for them.")
    music: MusicClass = Field(
        default="", description="Id of a playlist, or a music class of the engine's; empty: its default."
    )
    periodic: PromptIds = Field(default=[], description="Prompts played in turn, every `every_s` seconds.")
    every_s: int = Field(default=0, ge=0, le=3600, description="Seconds between announcements; 0: none.")
    say_position: bool = False
    say_wait: bool = Field(default=False, description="The estimated wait, as a range that never grows.")
    voicemail_greeting: OptionalId = Field(
        default="",
        examples=["503"],
        description="Prompt before the tone of the queue's voicemail; empty: standard words.",
    )
    voicemail_max_s: int = Field(default=120, ge=5, le=600, description="The longest message, seconds.")
    voicemail_silence_s: int = Field(default=5, ge=2, le=60, description="So much silence ends a message, seconds.")


class AnnouncementSheet(Sheet):
    """What callers of a queue hear while they wait; its id is the queue's."""

    id: str = Field(examples=["279"])
    queue_id: str = Field(examples=["279"])
    answer_at_once: bool
    welcome: list[str]
    music: str
    periodic: list[str]
    every_s: int
    say_position: bool
    say_wait: bool
    voicemail_greeting: str
    voicemail_max_s: int
    voicemail_silence_s: int
    warnings: list[str] = Field(default=[])


def values_of(model: BaseModel, *, only_set: bool) -> dict[str, Any]:
    """The fields as the models they were read into, not as plain dictionaries."""
    names = model.model_fields_set if only_set else type(model).model_fields
    return {name: getattr(model, name) for name in names}
