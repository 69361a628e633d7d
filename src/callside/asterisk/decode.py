"""ARI's JSON as typed values. Pure; what we do not use is not looked at, what is not well formed is refused in one place.

Names and meanings: Asterisk's own ``rest-api/api-docs/*.json``.
"""

import unicodedata
from typing import Final

import msgspec

_LONGEST_TEXT: Final = 128


class Party(msgspec.Struct, frozen=True):
    """A name and a number as somebody claims them."""

    name: str | None = ""
    number: str | None = ""


class Dialplan(msgspec.Struct, frozen=True):
    """Where a channel is in the dialplan; inside Stasis ``app_data`` holds the application and its arguments."""

    app_name: str | None = ""
    app_data: str | None = ""
    context: str | None = ""


class Channel(msgspec.Struct, frozen=True):
    """A channel as ARI shows it; ``channelvars`` is ``None`` where ari.conf asks for none."""

    id: str
    name: str = ""
    state: str = "Down"
    caller: Party = Party()
    dialplan: Dialplan = Dialplan()
    channelvars: dict[str, str] | None = None

    @property
    def is_up(self) -> bool:
        """Answered."""
        return self.state == "Up"


class Bridge(msgspec.Struct, frozen=True):
    """A bridge and the ids of the channels in it."""

    id: str
    channels: list[str] = []  # msgspec copies it


class Playback(msgspec.Struct, frozen=True):
    """A prompt being played; ``state`` is ``done`` or ``failed`` at its end."""

    id: str
    state: str = ""


class StasisStart(msgspec.Struct, frozen=True, tag=True):
    """A channel came under our control."""

    channel: Channel
    args: list[str] = []


class StasisEnd(msgspec.Struct, frozen=True, tag=True):
    """A channel left our control."""

    channel: Channel


class ChannelStateChange(msgspec.Struct, frozen=True, tag=True):
    """A channel rings, or was answered."""

    channel: Channel


class ChannelDestroyed(msgspec.Struct, frozen=True, tag=True):
    """A channel is gone; ``cause`` is Q.850, ``tech_cause`` the SIP status (22.7 and later)."""

    channel: Channel
    cause: int = 0
    tech_cause: int | None = None


class Dial(msgspec.Struct, frozen=True, tag=True):
    """Progress of an outgoing call; ``dialstatus`` is empty at its begin."""

    peer: Channel
    dialstatus: str = ""


class ChannelEnteredBridge(msgspec.Struct, frozen=True, tag=True):
    """A channel is in a bridge now."""

    bridge: Bridge
    channel: Channel


class ChannelLeftBridge(msgspec.Struct, frozen=True, tag=True):
    """A channel is in a bridge no more."""

    bridge: Bridge
    channel: Channel


class ChannelDtmfReceived(msgspec.Struct, frozen=True, tag=True):
    """The far side pressed a key."""

    channel: Channel
    digit: str


class PlaybackFinished(msgspec.Struct, frozen=True, tag=True):
    """A prompt was played to its end, or could not be."""

    playback: Playback


class LiveRecording(msgspec.Struct, frozen=True):
    """A recording; ``talking_duration`` (whole seconds) is known where silence was listened for."""

    name: str
    cause: str = ""
    talking_duration: int | None = None


class RecordingFinished(msgspec.Struct, frozen=True, tag=True):
    """It is over, however it ended, and stored."""

    recording: LiveRecording


class RecordingFailed(msgspec.Struct, frozen=True, tag=True):
    """It came to nothing."""

    recording: LiveRecording


class ApplicationReplaced(msgspec.Struct, frozen=True, tag=True):
    """Another controller took our application's name: this socket is deaf from now on (engine.md §1.1)."""

    application: str = ""


class RestReply(msgspec.Struct, frozen=True, tag="RESTResponse"):
    """The answer to a request that went over the socket."""

    request_id: str
    status_code: int
    message_body: str = ""


AriEvent = (
    StasisStart
    | StasisEnd
    | ChannelStateChange
    | ChannelDestroyed
    | Dial
    | ChannelEnteredBridge
    | ChannelLeftBridge
    | ChannelDtmfReceived
    | PlaybackFinished
    | RecordingFinished
    | RecordingFailed
    | ApplicationReplaced
)
EVENT_TYPES: Final = (
    "StasisStart",
    "StasisEnd",
    "ChannelStateChange",
    "ChannelDestroyed",
    "Dial",
    "ChannelEnteredBridge",
    "ChannelLeftBridge",
    "ChannelDtmfReceived",
    "PlaybackFinished",
    "RecordingFinished",
    "RecordingFailed",
    "ApplicationReplaced",
    "RESTResponse",  # answers pass the same filter: without this one every request would wait for ever
)
"""All that we want to be sent; the rest (mostly ChannelVarset) is most of ARI's volume (engine.md §1.8)."""


class _Typed(msgspec.Struct):
    type: str


_message: Final = msgspec.json.Decoder(AriEvent | RestReply)
_typed: Final = msgspec.json.Decoder(_Typed)


def decode_message(raw: bytes | str) -> AriEvent | RestReply | None:
    """One message of the socket; ``None`` for a type that we have no use for.

    Raises:
        ValueError: It is not what ARI documents; the message says where.
    """
    try:
        message: AriEvent | RestReply = _message.decode(raw)
    except msgspec.ValidationError as wrong:
        if _type_of(raw) in EVENT_TYPES:
            raise ValueError(str(wrong)) from wrong
        return None
    except msgspec.DecodeError as wrong:
        raise ValueError(str(wrong)) from wrong
    return message


def _type_of(raw: bytes | str) -> str:
    try:
        return _typed.decode(raw).type
    except msgspec.ValidationError:
        return ""


def first_codec(formats: str) -> str:
    """What a far side speaks: the first of its channel's native formats, which the dialplan shows as ``(alaw|ulaw)``."""
    return formats.strip("()").partition("|")[0]


def clean(text: str | None) -> str:
    """What a stranger says of themselves, made harmless to show: no control or direction characters, at most 128 long."""
    kept = (one for one in text or "" if unicodedata.category(one) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    return "".join(kept).strip()[:_LONGEST_TEXT]


def stasis_args(channel: Channel, app: str) -> list[str] | None:
    """The arguments with which a channel is in our application, or ``None`` when it is not in it."""
    if channel.dialplan.app_name != "Stasis":
        return None
    name, *args = (channel.dialplan.app_data or "").split(",")
    return args if name == app else None
