"""What the floor asks the engine to do. Leg ids are chosen by the floor for every leg that it has dialled.

A command that cannot be done is answered by an event (``LegGone``), never by an exception. Commands on one leg, and commands on
one session's line, are done in the order given.
"""

from enum import StrEnum
from typing import TypeAlias

import msgspec

from callside.kernel.ids import CallId, LegId, PromptId, QueueId, SessionId, TrunkId


class Message(StrEnum):
    """Something the engine says to a caller before it lets them go."""

    NUMBER_NOT_IN_SERVICE = "number_not_in_service"
    NOBODY_AVAILABLE = "nobody_available"
    CALLBACK_ARRANGED = "callback_arranged"
    VOICEMAIL_KEPT = "voicemail_kept"


class Phrase(StrEnum):
    """Words that the engine has of its own."""

    YOU_ARE_NEXT = "you_are_next"
    YOU_ARE_NUMBER = "you_are_number"
    IN_THE_QUEUE = "in_the_queue"
    EXPECTED_WAIT = "expected_wait"
    LESS_THAN = "less_than"
    TO = "to"
    MINUTES = "minutes"
    NUMBER_IS = "number_is"
    IF_CORRECT_PRESS = "if_correct_press"
    OTHER_NUMBER_PRESS = "other_number_press"
    ENTER_NUMBER = "enter_number"
    NOT_VALID = "not_valid"
    SPEAK_AFTER_TONE = "speak_after_tone"


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """A prompt of the tenant."""

    prompt_id: PromptId


class Spoken(msgspec.Struct, frozen=True, gc=False):
    """A whole number in words."""

    value: int


class Digits(msgspec.Struct, frozen=True, gc=False):
    """Digits, each said by itself."""

    text: str


Piece: TypeAlias = Phrase | Recorded | Spoken | Digits
"""A part of what a caller hears."""


class RaiseLine(msgspec.Struct, frozen=True, gc=False):
    """Call the agent's device and keep its leg in the session's own bridge; ``LegAnswered`` when it is there."""

    session_id: SessionId
    leg_id: LegId
    endpoint: str
    muted: bool = False


class CloseLine(msgspec.Struct, frozen=True, gc=False):
    """The session is over: hang its line up, remove its bridge and its SIP credentials."""

    session_id: SessionId


class DialCustomer(msgspec.Struct, frozen=True, gc=False):
    """Call out on a trunk. Done only when the facts before it are on disk.

    For a session: early media is heard by the agent, an answered customer is joined at once. Without one (a dialer's line) nobody
    hears anything, and after ``LegAnswered`` the leg waits for what it is told.
    """

    call_id: CallId
    leg_id: LegId
    session_id: SessionId | None
    trunk_id: TrunkId
    number: str
    caller_id: str
    ring_s: int


class DetectMachine(msgspec.Struct, frozen=True, gc=False):
    """Listen whether a person or a machine has answered the leg; ``LegJudged`` says it. The leg may hang up meanwhile.

    Attributes:
        at_most_ms: When it is not known by then it is ``UNSURE``; 0: five seconds.
    """

    leg_id: LegId
    at_most_ms: int = 0


class AwaitBeep(msgspec.Struct, frozen=True, gc=False):
    """Listen until a machine's greeting is over; then ``BeepOver``."""

    leg_id: LegId


class AnswerCaller(msgspec.Struct, frozen=True, gc=False):
    """Pick up an inbound leg."""

    leg_id: LegId


class StartMusic(msgspec.Struct, frozen=True, gc=False):
    """The leg hears music on hold, also after each prompt, until it is joined. ``music``: the engine's class; empty: default."""

    leg_id: LegId
    music: str = ""


class RingCaller(msgspec.Struct, frozen=True, gc=False):
    """An inbound leg that is not answered yet hears that somebody is being rung."""

    leg_id: LegId


class PlayPrompt(msgspec.Struct, frozen=True, gc=False):
    """The leg hears ``pieces``, one after the other, instead of whatever it hears; music goes on after them.

    ``loop``: again and again. ``JoinAgent``, ``StopPrompt``, ``SayAndHangUp``, ``HangUpLeg`` and the next ``PlayPrompt`` end it at
    once. A piece that is not there is left out.
    """

    leg_id: LegId
    pieces: tuple[Piece, ...]
    loop: bool = False


class StopPrompt(msgspec.Struct, frozen=True, gc=False):
    """What ``PlayPrompt`` began ends."""

    leg_id: LegId


class RecordVoicemail(msgspec.Struct, frozen=True, gc=False):
    """The leg hears ``greeting`` and a tone, then what it says is recorded: until ``#``, silence, ``max_s`` or its end.

    Answered by ``VoicemailEnded``, also after the leg is gone. Said again for a leg that is being recorded it changes nothing.
    ``fallback``: said where nothing of the greeting is there.
    """

    leg_id: LegId
    call_id: CallId
    queue_id: QueueId
    greeting: tuple[Piece, ...]
    fallback: tuple[Piece, ...]
    max_s: int
    silence_s: int


class StartRinging(msgspec.Struct, frozen=True, gc=False):
    """The session's agent hears a ringback tone until ``StopRinging`` (the carrier sent no early media)."""

    session_id: SessionId


class StopRinging(msgspec.Struct, frozen=True, gc=False):
    """End of the ringback tone."""

    session_id: SessionId


class JoinAgent(msgspec.Struct, frozen=True, gc=False):
    """Customer and agent hear each other; music ends. Answered by ``LegJoined``.

    ``whisper``: what the agent hears first, a queue's :attr:`~callside.acd.model.Queue.whisper`; empty: nothing.
    """

    leg_id: LegId
    session_id: SessionId
    whisper: str = ""


class PartAgent(msgspec.Struct, frozen=True, gc=False):
    """Take the customer's leg out of the agent's bridge (hold); it hears music."""

    leg_id: LegId
    session_id: SessionId


class SetLineMuted(msgspec.Struct, frozen=True, gc=False):
    """The agent's microphone is not heard, or is heard again."""

    session_id: SessionId
    leg_id: LegId
    muted: bool


class PlayDigits(msgspec.Struct, frozen=True, gc=False):
    """Send DTMF out on the leg."""

    leg_id: LegId
    digits: str


class SayAndHangUp(msgspec.Struct, frozen=True, gc=False):
    """Answer if need be, say the tenant's own prompt, or else the message, hang up. ``MessageStarted`` when it is heard.

    ``linger_s``: seconds of silence after it, in which the far side may still press a key.
    """

    leg_id: LegId
    message: Message
    prompt_id: PromptId | None = None
    linger_s: int = 0


class HangUpLeg(msgspec.Struct, frozen=True, gc=False):
    """End a leg. ``LegGone`` follows."""

    leg_id: LegId


class ForgetCallers(msgspec.Struct, frozen=True, gc=False):
    """These callers of ``CallersMissed`` are on record, on disk."""

    legs: tuple[LegId, ...]


Command = (
    RaiseLine
    | CloseLine
    | DialCustomer
    | DetectMachine
    | AwaitBeep
    | AnswerCaller
    | StartMusic
    | RingCaller
    | PlayPrompt
    | StopPrompt
    | RecordVoicemail
    | StartRinging
    | StopRinging
    | JoinAgent
    | PartAgent
    | SetLineMuted
    | PlayDigits
    | SayAndHangUp
    | HangUpLeg
    | ForgetCallers
)
