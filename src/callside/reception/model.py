"""Numbers, opening hours, menus, prompts, caller rules and announcements, as administration knows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from callside.kernel.ids import HoursId, MenuId, NumberId, PlaylistId, PromptId, QueueId, RuleId, TenantId


class Target(StrEnum):
    """What kind of place a call is led to."""

    QUEUE = "queue"
    AGENT = "agent"
    EXTENSION = "extension"
    """The agent who is logged in on that desk phone."""
    MENU = "menu"
    VOICEMAIL = "voicemail"
    """A queue's voicemail; the id is the queue's."""
    MESSAGE = "message"
    """A prompt (or the standard words), then the call is over."""
    BLOCK = "block"
    """As a message, and on record as refused."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a call is led.

    Attributes:
        kind: What kind of place.
        id: Its id; empty for ``block`` and for a message in standard words.
        otherwise: For ``agent`` and ``extension``: where the call goes on when they do not take it; ``None``: the standard words.
    """

    kind: Target
    id: str = ""
    otherwise: "Destination | None" = None


@dataclass(frozen=True, slots=True)
class Number:
    """One of our numbers and where it leads.

    Attributes:
        number: As the carrier sends it; digits are compared, a leading ``+`` is not.
        destination: Where callers go (while open, if there are hours).
        hours_id: Opening hours; ``None``: always open.
        closed: Where callers go while closed; ``None``: the standard words.
    """

    id: NumberId
    tenant_id: TenantId
    number: str
    destination: Destination
    hours_id: HoursId | None = None
    closed: Destination | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """From ``start`` to before ``end``, minutes since local midnight; ``end`` not after ``start``: it ends the next day."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class WeekWindow:
    """A window of each week; ``day`` 0 is Monday."""

    day: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Holiday:
    """A date (``2026-12-24``) with windows of its own; none: closed all day."""

    date: str
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When somebody is there.

    Attributes:
        zone: IANA time zone; windows are told in its wall-clock time, through every change of it.
        weekly: Windows of each week.
        holidays: Dates that have windows of their own instead.
    """

    id: HoursId
    tenant_id: TenantId
    name: str
    zone: str
    weekly: tuple[WeekWindow, ...] = ()
    holidays: tuple[Holiday, ...] = ()


@dataclass(frozen=True, slots=True)
class MenuKey:
    """One key (``0-9*#``) of a menu."""

    key: str
    destination: Destination


@dataclass(frozen=True, slots=True)
class Menu:
    """An IVR menu.

    Attributes:
        greeting: Prompt that names the choices.
        keys: The choices.
        timeout_s: How long a caller may think after the greeting.
        retries: How often the greeting is played again after a wrong key or none.
        otherwise: Where callers go who have chosen nothing.
    """

    id: MenuId
    tenant_id: TenantId
    name: str
    greeting: PromptId
    keys: tuple[MenuKey, ...]
    otherwise: Destination
    timeout_s: int = 5
    retries: int = 2


class PromptSource(StrEnum):
    """Where a prompt's sound comes from."""

    UPLOAD = "upload"
    SPEECH = "speech"


@dataclass(frozen=True, slots=True)
class Prompt:
    """Something recorded or spoken.

    Attributes:
        text: What is spoken (``speech``), or what an uploaded file says, for people.
        digest: Names the sound's files: SHA-256 of the samples, hex.
        duration_ms: Its length.
        level_dbfs: Loudness of the sound as it came, RMS over what is not silence, in dB of full scale; kept sounds are levelled.
        spoken_by: Which voice spoke it, and why not the one that was asked for; empty of a recording.
    """

    id: PromptId
    tenant_id: TenantId
    name: str
    source: PromptSource
    text: str
    digest: str
    duration_ms: int
    level_dbfs: int = -19
    spoken_by: str = ""


@dataclass(frozen=True, slots=True)
class CallerRule:
    """Callers whose number is ``pattern`` (or begins with it, where it ends with ``*``) go to ``destination``.

    The first rule that fits holds: by ``position``, then by id.
    """

    id: RuleId
    tenant_id: TenantId
    pattern: str
    destination: Destination
    position: int = 100
    note: str = ""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What callers of one queue hear while they wait.

    Attributes:
        id: The queue's id.
        answer_at_once: Else the call is not answered before an agent is there: the caller hears ringing (and pays nothing).
        welcome: Prompts played first; never waited for.
        music: Id of a playlist, or a music class of the engine's; empty for the default one.
        periodic: Prompts played every ``every_s`` seconds, one after the other in turn.
        every_s: Seconds between announcements; 0: none.
        say_position: Their place in the queue is said with each announcement.
        say_wait: The estimated wait is said as a range, and never a longer one than before.
        voicemail_greeting: Said before the tone of the queue's voicemail; empty: the standard words.
        voicemail_max_s: The longest message, seconds.
        voicemail_silence_s: So many seconds of silence end a message.
    """

    id: QueueId
    tenant_id: TenantId
    answer_at_once: bool = True
    welcome: tuple[PromptId, ...] = ()
    music: str = ""
    periodic: tuple[PromptId, ...] = ()
    every_s: int = 0
    say_position: bool = False
    say_wait: bool = False
    voicemail_greeting: PromptId | None = None
    voicemail_max_s: int = 120
    voicemail_silence_s: int = 5


@dataclass(frozen=True, slots=True)
class Playlist:
    """Music of a tenant's own: prompts that callers of a queue hear one after the other while they wait.

    Attributes:
        prompts: What is played, in this order.
        shuffle: In any order instead.
    """

    id: PlaylistId
    tenant_id: TenantId
    name: str
    prompts: tuple[PromptId, ...] = ()
    shuffle: bool = False


ReceptionItem: TypeAlias = Number | OpeningHours | Menu | Prompt | CallerRule | Announcement | Playlist
KINDS: Final[Mapping[str, type[ReceptionItem]]] = {
    "number": Number,
    "hours": OpeningHours,
    "menu": Menu,
    "prompt": Prompt,
    "caller-rule": CallerRule,
    "announcement": Announcement,
    "playlist": Playlist,
}
"""Each kind of thing by the noun it has in the store, in paths and on the command line."""


def noun_of(item: ReceptionItem) -> str:
    """The noun of a thing's kind."""
    return next(noun for noun, kind in KINDS.items() if isinstance(item, kind))


def key_in_kind(item: ReceptionItem) -> str:
    """What no other thing of the kind may have: a number's digits, a rule's pattern, an announcement's queue, else the name."""
    match item:
        case Number():
            return item.number.lstrip("+")
        case CallerRule():
            return item.pattern.lstrip("+")
        case Announcement():
            return item.id
        case _:
            return item.name.casefold()
