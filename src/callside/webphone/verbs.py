"""What the page may ask on the phone socket: each verb's fields and bounds, and the floor request it becomes."""

from typing import Annotated, Any

import msgspec

from callside.floor import events
from callside.floor.events import Request
from callside.kernel.errors import InvalidFieldError
from callside.kernel.ids import SessionId
from callside.sessions.model import EndCause

MAX_FRAME = 16_384
"""Characters of a frame from the page; the longest verb is ``call.notes``."""
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Number = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Reason = Annotated[str, msgspec.Meta(max_length=200)]
NumberIndex = Annotated[int, msgspec.Meta(ge=0, le=99)]
WallMs = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Digits = Annotated[str, msgspec.Meta(pattern=r"^[0-9*#A-D]{1,32}\Z")]
Notes = Annotated[str, msgspec.Meta(max_length=8_000)]
FrameId = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class Verb(msgspec.Struct, frozen=True, kw_only=True, tag_field="do"):
    """A frame of the page; ``id`` comes back in the reply."""

    id: FrameId

    def request(self, session_id: SessionId) -> Request | None:
        """The floor's request; ``None`` for verbs the socket answers itself."""
        return None


class Pong(msgspec.Struct, frozen=True, tag_field="do", tag="pong"):
    """Answer to a ping; wants no reply."""


class Ping(Verb, frozen=True, tag="ping"):
    """Is anybody there? The reply is all there is to it: a page whose network has changed asks."""


class LineCredentials(Verb, frozen=True, tag="line.credentials"):
    """New SIP credentials."""


class LineReady(Verb, frozen=True, tag="line.ready"):
    """The page has registered with its newest credentials and answers at once."""


class StateReady(Verb, frozen=True, tag="state.ready"):
    """Take calls."""

    def request(self, session_id: SessionId) -> Request:
        """See :class:`Verb`."""
        return events.GoReady(session_id)


class StateBreak(Verb, frozen=True, tag="state.break"):
    """Go on a break."""

    reason: Code

    def request(self, session_id: SessionId) -> Request:
        """See :class:`Verb`."""
        return events.GoOnBreak(session_id, self.reason)


class StateCancelBreak(Verb, frozen=True, tag="state.cancelBreak"):
    """Take a waiting break back."""

    def request(self, session_id: SessionId) -> Request:
        """See :class:`Verb`."""
        return events.CancelBreak(session_id)


class CallDial(Verb, frozen=True, tag="call.dial"):
    """Call a number."""

    number: Number

    def request(self, session_id: SessionId) -> Request:
        """See :class:`Verb`."""
        return events.Dial(session_id, self.number)


class CallAnswer(Verb, frozen=True, tag="call.answer"):
    """Take the offered call."""

    def request(self, session_id: SessionId) -> Request:
        """See :class:`Verb`."""
        return events.Answer(session_id)


class CallDecline(Verb, frozen=True, tag="call.decline"):
    """Leave the offered call."""

    def request(self, session_id: SessionId) -> Request:
        """See :class:`Verb`."""
        return events.Decline(session_id)


class CallHangUp(Verb, frozen=True, tag="call.hangup"):
    """End the call."""

    def request(self, session_id: SessionId) -> Request:
        """See :class:`Verb`."""
        return events.HangUp(session_id)


class CallMute(Verb, frozen=True, tag="call.mute"):
    """Silence the microphone, or not."""

    on: bool

    def request(self, session_id: SessionId) -> Request:
        """See :class:`Verb`."""
        return events.SetMute(session_id, self.on)


class CallHold(Verb, frozen=True, tag="call.hold"):
    """Put the customer on hold, or take them back."""

    on: bool

    def request(self, session_id: SessionId) -> Request:
        """See :class:`Verb`."""
        return events.SetHold(session_id, self.on)


class CallDigits(Verb, frozen=True, tag="call.digits"):
    """DTMF."""

    digits: Digits

    def request(self, session_id: SessionId) -> Request:
        """See :class:`Verb`."""
        return events.SendDigits(session_id, self.digits)


class CallNotes(Verb, frozen=True, tag="call.notes"):
    """Replace the notes."""

    text: Notes

    def request(self, session_id: SessionId) -> Request:
        """See :class:`Verb`."""
        return events.WriteNotes(session_id, self.text)


class WrapUpDispose(Verb, frozen=True, tag="wrapUp.dispose"):
    """Choose the disposition; ``callbackAt``: when the customer wants to be called again, ``callbackMine``: by this agent."""

    disposition: Code
    finish: bool = True
    callbackAt: WallMs | None = None  # noqa: N815 - the page's own spelling
    callbackMine: bool = False  # noqa: N815

    def request(self, session_id: SessionId) -> Request:
        """See :class:`Verb`."""
        return events.Dispose(session_id, self.disposition, self.finish, self.callbackAt, self.callbackMine)


class WrapUpExtend(Verb, frozen=True, tag="wrapUp.extend"):
    """More time."""

    def request(self, session_id: SessionId) -> Request:
        """See :class:`Verb`."""
        return events.ExtendWrapUp(session_id)


class LeadsList(Verb, frozen=True, tag="leads.list"):
    """The agent's own list: their callbacks, then who is next."""


class LeadShow(Verb, frozen=True, tag="lead.show"):
    """Open a lead of that list; ``lead`` is its id."""

    lead: Code


class LeadNext(Verb, frozen=True, tag="lead.next"):
    """Open the campaign's next lead."""

    def request(self, session_id: SessionId) -> Request:
        """See :class:`Verb`."""
        return events.NextLead(session_id)


class LeadSkip(Verb, frozen=True, tag="lead.skip"):
    """Do not call the lead shown now."""

    reason: Reason = ""

    def request(self, session_id: SessionId) -> Request:
        """See :class:`Verb`."""
        return events.SkipLead(session_id, self.reason)


class LeadDial(Verb, frozen=True, tag="lead.dial"):
    """Call the lead shown, or the one being wrapped up once more, on that one of its numbers."""

    number: NumberIndex = 0

    def request(self, session_id: SessionId) -> Request:
        """See :class:`Verb`."""
        return events.DialLead(session_id, self.number)


class SessionEnd(Verb, frozen=True, tag="session.end"):
    """Log out."""

    def request(self, session_id: SessionId) -> Request:
        """See :class:`Verb`."""
        return events.EndSession(session_id, EndCause.LOGOUT)


AnyVerb = (
    Ping
    | LineCredentials
    | LineReady
    | StateReady
    | StateBreak
    | StateCancelBreak
    | CallDial
    | CallAnswer
    | CallDecline
    | CallHangUp
    | CallMute
    | CallHold
    | CallDigits
    | CallNotes
    | WrapUpDispose
    | WrapUpExtend
    | LeadsList
    | LeadShow
    | LeadNext
    | LeadSkip
    | LeadDial
    | SessionEnd
)
_VERBS: msgspec.json.Decoder[Any] = msgspec.json.Decoder(AnyVerb | Pong)


class _Envelope(msgspec.Struct, frozen=True):
    id: FrameId
    do: str


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_KNOWN = frozenset(str(one.__struct_config__.tag) for one in AnyVerb.__args__)


class FrameError(Exception):
    """The frame is no frame of the protocol: the socket is closed."""


class FieldRefusedError(InvalidFieldError):
    """A known verb with a field that is not as it should be; the reply says so under ``number``."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number


def read(frame: str) -> AnyVerb | Pong:
    """The verb in a frame.

    Raises:
        FrameError: Too long, no JSON object, no ``id``, or a verb that does not exist.
        FieldRefusedError: A field of a known verb is missing or wrong.
    """
    if len(frame) > MAX_FRAME:
        msg = "frame too long"
        raise FrameError(msg)
    try:
        verb: AnyVerb | Pong = _VERBS.decode(frame)
        return verb
    except msgspec.ValidationError as error:
        refused = str(error)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        msg = "not JSON"
        raise FrameError(msg) from None
    try:
        envelope = _ENVELOPE.decode(frame)
    except msgspec.DecodeError:
        msg = "not a verb with an id"
        raise FrameError(msg) from None
    if envelope.do not in _KNOWN:
        msg = "no such verb"
        raise FrameError(msg)
    raise FieldRefusedError(envelope.id, f"{envelope.do}: {refused}")
