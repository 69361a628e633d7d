"""A telephone engine in memory. Nothing in it takes time: what is said here happens in the loop's next turns, always in the same order.

Far sides do what the test has said they do (``far_sides``, by number; the rest answer). The conformance suite holds this engine
and the real one to the same behaviour.
"""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from callside.calls.model import AnsweredBy, Cause, Registration, RegistrationState, VoicemailEnd
from callside.exchange.ports import EventSink, SipCredentials
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.directory import Directory
from callside.floor.missed_events import CallersMissed, MissedCaller
from callside.floor.voicemail_events import VoicemailEnded
from callside.kernel.errors import EngineUnavailableError
from callside.kernel.ids import ExtensionId, LegId, SessionId, TenantId, TrunkId

_TELLING_MS = 1000
"""So long it takes at least to tell a machine from a person."""


class FarSide(Enum):
    """What somebody who is called does."""

    ANSWERS = "answers"
    ANSWERS_AFTER_EARLY_MEDIA = "answers after early media"
    RINGS = "rings until somebody does something"
    RINGS_OUT = "rings out"
    BUSY = "busy"
    REJECTS = "rejects"
    UNKNOWN = "unknown number"
    CONGESTED = "congested"
    HANGS_UP = "answers and hangs up"


_REFUSALS = {
    FarSide.BUSY: (Cause.BUSY, 486),
    FarSide.REJECTS: (Cause.REJECTED, 403),
    FarSide.UNKNOWN: (Cause.UNALLOCATED, 404),
    FarSide.CONGESTED: (Cause.CONGESTION, 503),
}


@dataclass
class FakeLeg:
    """One leg, and what a test may want to see of it."""

    id: LegId
    tenant_id: TenantId
    kind: str
    session_id: SessionId | None = None
    """Whose bridge it is in."""
    line_of: SessionId | None = None
    """Whose line it is, answered or not."""
    answered: bool = False
    music: bool = False
    muted: bool = False
    hang_up_asked: bool = False
    caller_id: str = ""
    number: str = ""
    digits: str = ""
    arrival: ev.CallerArrived | None = None
    voicemail: cm.RecordVoicemail | None = None
    """What is being recorded of it."""
    said: list[cm.Message] = field(default_factory=list)
    rung: bool = False
    playing: tuple[cm.Piece, ...] = ()
    """What it hears over the music; a loop plays until it is ended, other prompts are over in the loop's next turn."""
    heard: list[tuple[cm.Piece, ...]] = field(default_factory=list)
    own_words: list[str] = field(default_factory=list)


class FakeTelephony:
    """Implements ``exchange.ports.Telephony`` without an engine."""

    def __init__(self) -> None:
        self.far_sides: dict[str, FarSide] = {}
        self.machines: set[str] = set()
        """Numbers where a machine answers; the rest are people."""
        self.unreachable: set[str] = set()
        """Endpoints of agents' phones that are not there."""
        self.legs: dict[LegId, FakeLeg] = {}
        self.gone: set[tuple[TenantId, LegId]] = set()
        self.ringing: set[SessionId] = set()
        self.announced: list[SessionId] = []
        self.commands: list[cm.Command] = []
        self.directories: dict[TenantId, Directory] = {}
        self.credentials: dict[SessionId, SipCredentials] = {}
        self.kept: dict[tuple[TenantId, LegId], MissedCaller] = {}
        """Callers who came and went while nobody listened."""
        self._sink: EventSink | None = None
        self._up = True
        self._count = itertools.count(1)

    # ── the port ──
    async def start(self, sink: EventSink) -> None:
        self._sink = sink
        if self._up:
            self._found()

    async def stop(self) -> None:
        self._sink = None

    def is_up(self) -> bool:
        return self._up and self._sink is not None

    async def set_directory(self, directory: Directory) -> None:
        is_new = directory.tenant.id not in self.directories
        self.directories[directory.tenant.id] = directory
        if is_new and self.is_up():
            self._tell(directory.tenant.id, ev.EngineFound(self._seen(directory.tenant.id)))

    def execute(self, tenant_id: TenantId, command: cm.Command) -> None:
        self.commands.append(command)
        self._soon(lambda: self._do(tenant_id, command))

    async def issue_credentials(self, tenant_id: TenantId, session_id: SessionId) -> SipCredentials:
        if not self.is_up():
            raise EngineUnavailableError("The telephone engine is not connected.")
        number = next(self._count)
        made = SipCredentials(f"u{number:024x}", f"password-{number:032d}", "callside")
        self.credentials[session_id] = made
        return made

    def extension_endpoint(self, tenant_id: TenantId, extension_id: ExtensionId) -> str:
        return f"ext-{tenant_id}-{extension_id}"

    # ── what a test does to it ──
    def registrations(self, tenant_id: TenantId) -> dict[TrunkId, Registration]:
        """Of a carrier that takes everybody."""
        known = self.directories.get(tenant_id)
        taken = Registration(RegistrationState.REGISTERED, expires_s=60)
        return (
            {one.id: taken for one in known.trunks.values() if one.registers or one.registers_with_us}
            if known and self._up
            else {}
        )

    def call_in(self, tenant_id: TenantId, trunk_id: TrunkId, our_number: str, number: str, name: str = "") -> LegId:
        """Somebody calls one of our numbers."""
        leg = FakeLeg(LegId(f"in-{next(self._count)}"), tenant_id, "in", number=number)
        self.legs[leg.id] = leg
        leg.arrival = ev.CallerArrived(leg.id, trunk_id, our_number, number, name)
        self._tell(tenant_id, leg.arrival)
        return leg.id

    def keep(self, tenant_id: TenantId, trunk_id: TrunkId, our_number: str, number: str, came: int, went: int) -> LegId:
        """Somebody calls one of our numbers, and hangs up, while nobody listens."""
        leg_id = LegId(f"kept-{next(self._count)}")
        self.kept[tenant_id, leg_id] = MissedCaller(leg_id, trunk_id, our_number, number, came, went)
        return leg_id

    def pick_up(self, leg_id: LegId) -> None:
        """The far side of a ringing leg answers."""
        self._answer(self.legs[leg_id])

    def press(self, leg_id: LegId, digit: str) -> None:
        """The far side presses a key."""
        self._tell(self.legs[leg_id].tenant_id, ev.LegDigit(leg_id, digit))

    def speak(self, leg_id: LegId, duration_ms: int) -> None:
        """The caller has spoken to the voicemail for so long, and it is over; nothing, if for less than a second."""
        leg = self.legs[leg_id]
        said, leg.voicemail = leg.voicemail, None
        assert said is not None, "nothing is being recorded"
        self._tell_recorded(leg, said, duration_ms)

    def _tell_recorded(self, leg: FakeLeg, said: cm.RecordVoicemail, duration_ms: int) -> None:
        end = VoicemailEnd.KEPT if duration_ms >= 1000 else VoicemailEnd.EMPTY
        self._tell(leg.tenant_id, VoicemailEnded(said.call_id, said.queue_id, end, duration_ms))

    def hang_up(self, leg_id: LegId, cause: Cause = Cause.NORMAL) -> None:
        """The far side goes."""
        self._end(leg_id, cause)

    def lose(self, *, calls_survive: bool = True) -> None:
        """The engine is gone; with its calls, or only out of sight."""
        self._up = False
        if not calls_survive:
            self.legs.clear()
            self.ringing.clear()
            self.credentials.clear()
        for tenant_id in self.directories:
            self._tell(tenant_id, ev.EngineLost())

    def find(self) -> None:
        """The engine is back."""
        self._up = True
        self._found()

    def together(self, session_id: SessionId) -> set[LegId]:
        """The legs in an agent's bridge."""
        return {leg.id for leg in self.legs.values() if leg.session_id == session_id}

    # ── inside ──
    def _found(self) -> None:
        for tenant_id in self.directories:
            kept = tuple(one for (owner, _), one in self.kept.items() if owner == tenant_id)
            went = frozenset(one.leg_id for one in kept)
            self._tell(tenant_id, ev.EngineFound(self._seen(tenant_id), went))
            if kept:
                self._tell(tenant_id, CallersMissed(kept))

    def _seen(self, tenant_id: TenantId) -> tuple[ev.LegSeen, ...]:
        mine = (leg for leg in self.legs.values() if leg.tenant_id == tenant_id)
        return tuple(ev.LegSeen(leg.id, leg.answered, leg.session_id, leg.arrival) for leg in mine)

    def _soon(self, action: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_soon(action)

    def _tell(self, tenant_id: TenantId, event: ev.EngineEvent) -> None:
        def tell() -> None:
            if self._sink is not None:
                self._sink(tenant_id, event)

        self._soon(tell)

    def _do(self, tenant_id: TenantId, command: cm.Command) -> None:
        match command:
            case cm.RaiseLine(session_id, leg_id, endpoint, muted):
                self._raise(FakeLeg(leg_id, tenant_id, "line", muted=muted), session_id, endpoint)
            case cm.DialCustomer():
                self._dial(tenant_id, command)
            case cm.CloseLine(session_id):
                self._close(tenant_id, session_id)
            case cm.StartRinging(session_id):
                self.ringing.add(session_id)
            case cm.StopRinging(session_id):
                self.ringing.discard(session_id)
            case cm.ForgetCallers(legs):
                for leg_id in legs if self._up else ():
                    self.kept.pop((tenant_id, leg_id), None)
            case _:
                self._do_on_leg(tenant_id, command)

    def _do_on_leg(self, tenant_id: TenantId, command: cm.Command) -> None:
        leg = self.legs.get(command.leg_id)  # type: ignore[union-attr]
        if not self._up:
            return
        if leg is None or leg.tenant_id != tenant_id:
            self._report_gone(tenant_id, command.leg_id, Cause.FAILED, None)  # type: ignore[union-attr]
            return
        match command:
            case cm.AnswerCaller():
                leg.answered = True
            case cm.DetectMachine():
                by = AnsweredBy.MACHINE if leg.number in self.machines else AnsweredBy.PERSON
                if 0 < command.at_most_ms < _TELLING_MS:
                    by = AnsweredBy.UNSURE
                self._tell(tenant_id, ev.LegJudged(leg.id, by))
            case cm.AwaitBeep():
                self._tell(tenant_id, ev.BeepOver(leg.id))
            case cm.StartMusic():
                leg.music = True
            case cm.RingCaller():
                leg.rung = not leg.answered
            case cm.PlayPrompt(_, pieces, loop):
                self._play(leg, pieces, loop=loop)
            case cm.StopPrompt():
                leg.playing = ()
            case cm.RecordVoicemail():
                leg.voicemail, leg.music, leg.playing = command, False, ()
            case cm.JoinAgent(_, session_id, announce):
                if announce:
                    self.announced.append(session_id)
                leg.music, leg.session_id, leg.playing = False, session_id, ()
                self._tell(tenant_id, ev.LegJoined(leg.id, session_id))
            case cm.PartAgent():
                leg.music, leg.session_id = True, None
            case cm.SetLineMuted(_, _, muted):
                leg.muted = muted
            case cm.PlayDigits(_, digits):
                leg.digits += digits
            case cm.SayAndHangUp(_, message, prompt_id):
                leg.said.append(message)
                leg.own_words += [prompt_id] if prompt_id is not None else []
                leg.playing = ()
                leg.answered, leg.hang_up_asked = True, True
                self._tell(tenant_id, ev.MessageStarted(leg.id))
                self._soon(lambda: self._end(leg.id, Cause.NORMAL))
            case cm.HangUpLeg():
                leg.hang_up_asked = True
                self._end(leg.id, Cause.NORMAL if leg.answered else Cause.CANCELLED)

    def _play(self, leg: FakeLeg, pieces: tuple[cm.Piece, ...], *, loop: bool) -> None:
        prompts = self.directories[leg.tenant_id].prompts
        there = tuple(one for one in pieces if not isinstance(one, cm.Recorded) or one.prompt_id in prompts)
        leg.playing = there
        if there:
            leg.heard.append(there)
        if not loop:

            def over() -> None:
                if leg.playing is there:
                    leg.playing = ()

            self._soon(over)

    def _raise(self, leg: FakeLeg, session_id: SessionId, endpoint: str) -> None:
        self.gone.discard((leg.tenant_id, leg.id))
        if not self._up or endpoint in self.unreachable:
            self._report_gone(leg.tenant_id, leg.id, Cause.FAILED, None)
            return
        self.legs[leg.id] = leg
        leg.line_of = session_id

        def answer() -> None:
            if leg.id in self.legs:
                leg.answered, leg.session_id = True, session_id
                self._tell(leg.tenant_id, ev.LegAnswered(leg.id))

        self._soon(answer)

    def _dial(self, tenant_id: TenantId, command: cm.DialCustomer) -> None:
        leg = FakeLeg(
            command.leg_id, tenant_id, "out", command.session_id, caller_id=command.caller_id, number=command.number
        )
        self.gone.discard((leg.tenant_id, leg.id))
        does = self.far_sides.get(command.number, FarSide.ANSWERS)
        known = command.trunk_id in self.directories[tenant_id].trunks
        if not self._up or not known or not command.number.lstrip("+").isdigit():
            self._report_gone(tenant_id, leg.id, Cause.FAILED, None)
            return
        self.legs[leg.id] = leg
        if does in _REFUSALS:
            cause, status = _REFUSALS[does]
            self._end(leg.id, cause, status)
            return
        self._tell(tenant_id, ev.LegRinging(leg.id, early_media=does is FarSide.ANSWERS_AFTER_EARLY_MEDIA))
        if does is FarSide.RINGS_OUT:
            self._soon(lambda: self._end(leg.id, Cause.NO_ANSWER, 480))
        elif does is not FarSide.RINGS:
            self._soon(lambda: self._answer(leg))
        if does is FarSide.HANGS_UP:
            self._soon(lambda: self._end(leg.id, Cause.NORMAL))

    def _answer(self, leg: FakeLeg) -> None:
        if leg.id not in self.legs or leg.answered:
            return
        leg.answered = True
        self._tell(leg.tenant_id, ev.LegAnswered(leg.id))
        if leg.session_id is not None:
            self._tell(leg.tenant_id, ev.LegJoined(leg.id, leg.session_id))

    def _close(self, tenant_id: TenantId, session_id: SessionId) -> None:
        self.ringing.discard(session_id)
        self.credentials.pop(session_id, None)
        for leg in list(self.legs.values()):
            if leg.tenant_id != tenant_id or session_id not in {leg.session_id, leg.line_of}:
                continue
            leg.session_id = None
            if leg.kind == "line":
                self._end(leg.id, Cause.NORMAL)

    def _end(self, leg_id: LegId, cause: Cause, tech_cause: int | None = None) -> None:
        leg = self.legs.pop(leg_id, None)
        if leg is not None and leg.voicemail is not None:
            self._tell_recorded(leg, leg.voicemail, 0)
        if leg is not None:
            self._report_gone(leg.tenant_id, leg_id, cause, tech_cause)

    def _report_gone(self, tenant_id: TenantId, leg_id: LegId, cause: Cause, tech_cause: int | None) -> None:
        if (tenant_id, leg_id) not in self.gone:
            self.gone.add((tenant_id, leg_id))
            self._tell(tenant_id, ev.LegGone(leg_id, cause, tech_cause))
