"""Carries out the floor's commands: each in its turn, each failure turned into the end of the leg it concerned."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final, assert_never

import structlog

from callside.asterisk.client import AriRefusedError
from callside.asterisk.customers import Customers
from callside.asterisk.kept_callers import KeptCallers
from callside.asterisk.legs import Leg, LegBook
from callside.asterisk.lines import Lines
from callside.asterisk.names import LegKind, LegMark
from callside.asterisk.prompts import Prompts
from callside.asterisk.tasks import OwnedTasks, Turns
from callside.asterisk.voicemail import Voicemail
from callside.calls.model import Cause
from callside.floor.commands import (
    AnswerCaller,
    AwaitBeep,
    CloseLine,
    Command,
    DetectMachine,
    DialCustomer,
    ForgetCallers,
    HangUpLeg,
    JoinAgent,
    PartAgent,
    PlayDigits,
    PlayPrompt,
    RaiseLine,
    RecordVoicemail,
    RingCaller,
    SayAndHangUp,
    SetLineMuted,
    StartMusic,
    StartRinging,
    StopPrompt,
    StopRinging,
)
from callside.kernel.errors import CallsideError, EngineUnavailableError
from callside.kernel.ids import LegId, SessionId, TenantId

log = structlog.get_logger(__name__)

_COMFORT: Final = (StartMusic, RingCaller, PlayPrompt, StopPrompt, PlayDigits, StartRinging, StopRinging)
"""When these cannot be done the call is the poorer for it, but it goes on."""
_Sounds = StartMusic | RingCaller | PlayPrompt | StopPrompt
_OnOneLeg = AnswerCaller | DetectMachine | AwaitBeep | _Sounds | PlayDigits | SayAndHangUp | RecordVoicemail | HangUpLeg
LegCommand = _OnOneLeg | JoinAgent | PartAgent
_EVENT_SECONDS: Final = 0.5


class Commands:
    """Takes commands in order; commands that share a leg or a session are done one after the other."""

    def __init__(
        self,
        book: LegBook,
        lines: Lines,
        customers: Customers,
        prompts: Prompts,
        voicemail: Voicemail,
        kept: KeptCallers,
        tasks: OwnedTasks,
    ) -> None:
        self._book = book
        self._lines = lines
        self._customers = customers
        self._prompts = prompts
        self._voicemail = voicemail
        self._kept = kept
        self._tasks = tasks
        self._turns = Turns(tasks)
        self._joining: Counter[tuple[TenantId, SessionId]] = Counter()
        """How many commands to join somebody with an agent are still to be done."""

    def take(self, tenant_id: TenantId, command: Command) -> None:
        """Do it soon. Never raises."""
        leg_id: LegId | None = getattr(command, "leg_id", None)
        session_id = getattr(command, "session_id", None)
        self._announce(tenant_id, command)
        keys = [key for key in (("leg", tenant_id, leg_id), ("session", tenant_id, session_id)) if key[2] is not None]
        self._turns.add(keys, lambda: self._carry_out(tenant_id, command, leg_id), type(command).__name__)

    def connect_line(self, leg: Leg) -> None:
        """A line was answered: into its bridge with it, in its turn."""
        keys = (("leg", leg.mark.tenant_id, leg.id), ("session", leg.mark.tenant_id, leg.mark.owner))
        self._turns.add(
            keys, lambda: self._guarded(leg.mark.tenant_id, leg.id, lambda: self._lines.connect(leg)), "connect"
        )

    def rest_line(self, tenant_id: TenantId, session_id: SessionId) -> None:
        """The last customer has left the agent's bridge: the line rests, in its turn, unless the floor has sent the next one."""
        if not self._joining[tenant_id, session_id]:
            self._on_line(tenant_id, session_id, self._rest, "rest")

    async def _rest(self, tenant_id: TenantId, session_id: SessionId) -> None:
        if not self._joining[tenant_id, session_id]:
            await self._lines.rest(tenant_id, session_id)

    def fold_bridges(self) -> None:
        """Take away the bridges of lines that have been at rest for long, each in its turn."""
        for tenant_id, session_id in self._lines.bridges.long_idle():
            self._on_line(tenant_id, session_id, self._lines.fold, "fold")

    def _on_line(
        self,
        tenant_id: TenantId,
        session_id: SessionId,
        work: Callable[[TenantId, SessionId], Awaitable[None]],
        name: str,
    ) -> None:
        async def quietly() -> None:
            try:
                await work(tenant_id, session_id)
            except CallsideError as failed:
                log.info("engine.aside_failed", what=name, reason=failed.message)

        self._turns.add((("session", tenant_id, session_id),), quietly, name)

    def playing(self) -> list[str]:
        """All that plays to a customer as far as the engine has said."""
        return [*self._prompts.playing(), *self._customers.playing(), *self._voicemail.playing()]

    def prompt_over(self, playback_id: str, *, well: bool) -> None:
        """A prompt is at its end (``well``), or could not be played: what comes next, in the leg's turn."""
        leg = self._prompts.leg_of(playback_id)
        if leg is not None:
            turn = (("leg", leg.mark.tenant_id, leg.id),)
            self._turns.add(turn, lambda: self._after_prompt(leg, playback_id, well=well), "over")

    async def _after_prompt(self, leg: Leg, playback_id: str, *, well: bool) -> None:
        try:
            await self._prompts.over(playback_id, well=well)
        except CallsideError as failed:
            log.warning("engine.command_failed", tenant=leg.mark.tenant_id, leg=leg.id, reason=failed.message)

    def _announce(self, tenant_id: TenantId, command: Command) -> None:
        """What later commands and events must know at once, though the work itself has to wait for its turn."""
        match command:
            case RaiseLine(session_id, leg_id):
                self._book.add(Leg(leg_id, LegMark(LegKind.LINE, tenant_id, session_id)))
            case DialCustomer(call_id, leg_id, session_id):
                self._book.add(Leg(leg_id, LegMark(LegKind.OUT, tenant_id, session_id or call_id), undialled=True))
            case JoinAgent(leg_id, session_id):
                self._joining[tenant_id, session_id] += 1
                if (leg := self._book.get(tenant_id, leg_id)) is not None:
                    leg.joins_waiting += 1
            case HangUpLeg(leg_id) if (leg := self._book.get(tenant_id, leg_id)) is not None:
                leg.hang_up_asked = True
            case _:
                pass

    async def _carry_out(self, tenant_id: TenantId, command: Command, leg_id: LegId | None) -> None:
        if isinstance(command, _COMFORT):
            await self._tried(tenant_id, command)
            return
        try:
            await self._guarded(tenant_id, leg_id, lambda: self._do(tenant_id, command))
        finally:
            if isinstance(command, JoinAgent):
                self._join_done(tenant_id, command.session_id)

    def _join_done(self, tenant_id: TenantId, session_id: SessionId) -> None:
        self._joining[tenant_id, session_id] -= 1
        if not self._joining[tenant_id, session_id]:
            del self._joining[tenant_id, session_id]
            if self._book.meeting_of(tenant_id, session_id) is None:
                self.rest_line(tenant_id, session_id)  # for whom it has waited did not come

    async def _tried(self, tenant_id: TenantId, command: Command) -> None:
        try:
            await self._do(tenant_id, command)
        except (CallsideError, ValueError) as failed:
            log.warning("engine.command_failed", tenant=tenant_id, command=type(command).__name__, reason=str(failed))

    async def _guarded(self, tenant_id: TenantId, leg_id: LegId | None, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except EngineUnavailableError as lost:
            log.warning("engine.command_failed", tenant=tenant_id, leg=leg_id, reason=str(lost))
            self._unreached(tenant_id, leg_id)
        except (AriRefusedError, ValueError) as refused:
            if await self._went_by_itself(tenant_id, leg_id):
                return
            log.warning("engine.command_failed", tenant=tenant_id, leg=leg_id, reason=str(refused))
            await self._give_up(tenant_id, leg_id)
        except Exception:
            log.exception("engine.command_broken", tenant=tenant_id, leg=leg_id)
            await self._give_up(tenant_id, leg_id)

    def _unreached(self, tenant_id: TenantId, leg_id: LegId | None) -> None:
        """The engine is away. A leg that it never made is gone; of one that it made ``EngineFound`` will tell."""
        leg = self._book.get(tenant_id, leg_id) if leg_id is not None else None
        if leg is not None and not leg.created and leg.kind is not LegKind.IN:
            self._book.gone(tenant_id, leg.id, Cause.FAILED)

    async def _went_by_itself(self, tenant_id: TenantId, leg_id: LegId | None) -> bool:
        """A refusal is mostly the first that we hear of a far side who hung up just now: then its own end says why, not we."""
        leg = self._book.get(tenant_id, leg_id) if leg_id is not None else None
        if leg is None:
            return leg_id is not None
        return leg.created and await self._ends_soon(leg)

    @staticmethod
    async def _ends_soon(leg: Leg) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_EVENT_SECONDS):
                await leg.ended.wait()
        return leg.ended.is_set()

    async def _give_up(self, tenant_id: TenantId, leg_id: LegId | None) -> None:
        """After a refusal the leg is not what the floor believes: end it, so that the floor hears of its end."""
        leg = self._book.get(tenant_id, leg_id) if leg_id is not None else None
        if leg is None:
            return
        leg.verdict = Cause.FAILED
        try:
            await self._hang_up(leg)
        except (AriRefusedError, EngineUnavailableError) as failed:
            log.warning("engine.hang_up_failed", tenant=tenant_id, leg=leg_id, reason=str(failed))

    async def _do(self, tenant_id: TenantId, command: Command) -> None:
        match command:
            case RaiseLine():
                await self._lines.raise_line(tenant_id, command)
            case CloseLine():
                await self._lines.close(tenant_id, command)
            case SetLineMuted():
                await self._lines.mute(tenant_id, command)
            case StartRinging(session_id):
                await self._lines.start_ringing(tenant_id, session_id)
            case StopRinging(session_id):
                await self._lines.stop_ringing(tenant_id, session_id)
            case DialCustomer():
                await self._customers.dial(tenant_id, command)
            case ForgetCallers(legs):
                await self._kept.forget(tenant_id, legs)
            case _:
                await self._do_on_leg(tenant_id, command)

    async def _do_on_leg(self, tenant_id: TenantId, command: LegCommand) -> None:
        leg = self._book.get(tenant_id, command.leg_id)
        if leg is None:
            # Said once for a leg that nobody knows; for one that was reported gone this says nothing.
            self._book.gone(tenant_id, command.leg_id, Cause.FAILED)
            return
        match command:
            case JoinAgent():
                leg.joins_waiting -= 1
                await self._customers.join(tenant_id, leg, command)
            case PartAgent():
                await self._customers.part(tenant_id, leg, command)
            case _:
                await self._do_with(leg, command)

    async def _do_with(self, leg: Leg, command: _OnOneLeg) -> None:
        match command:
            case StartMusic() | RingCaller() | PlayPrompt() | StopPrompt():
                await self._sound(leg, command)
            case AnswerCaller():
                await self._customers.answer(leg)
            case RecordVoicemail():
                await self._voicemail.record(leg.mark.tenant_id, leg, command)
            case DetectMachine() | AwaitBeep():
                await self._customers.listen(leg, command)
            case PlayDigits():
                await self._customers.play_digits(leg, command)
            case SayAndHangUp():
                await self._customers.say_and_hang_up(leg, command)
            case HangUpLeg():
                await self._hang_up(leg)
            case _:
                assert_never(command)

    async def _sound(self, leg: Leg, command: _Sounds) -> None:
        match command:
            case StartMusic(_, music):
                await self._prompts.start_music(leg, music)
            case RingCaller():
                await self._customers.ring(leg)
            case PlayPrompt():
                await self._prompts.play(leg.mark.tenant_id, leg, command)
            case StopPrompt():
                await self._prompts.silence(leg)
                await self._prompts.music_again(leg)
            case _:
                assert_never(command)

    async def _hang_up(self, leg: Leg) -> None:
        leg.hang_up_asked = True
        if not leg.created:
            self._book.gone(leg.mark.tenant_id, leg.id, leg.verdict or Cause.CANCELLED)
        elif not await self._customers.dismiss(leg):
            # Gone before us. The event that says why may be a moment behind the answer.
            await self._ends_soon(leg)
            self._book.gone(leg.mark.tenant_id, leg.id, leg.verdict or Cause.FAILED)
