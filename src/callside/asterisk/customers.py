"""Customers' legs: calling them, answering them, music, joining them with an agent, and letting them go."""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from callside.acd.model import TONE
from callside.asterisk.client import AriRefusedError
from callside.asterisk.configuration import AMD_CONTEXT, BEEP_EXTENSION, DETECT_EXTENSION
from callside.asterisk.legs import Leg, LegBook
from callside.asterisk.lines import CALL_SECONDS, Lines
from callside.asterisk.link import ABSENT, AriLink, path
from callside.asterisk.names import session_of_bridge, trunk_endpoint
from callside.asterisk.prompts import Prompts
from callside.asterisk.tasks import OwnedTasks
from callside.floor.commands import (
    AwaitBeep,
    DetectMachine,
    DialCustomer,
    JoinAgent,
    Message,
    PartAgent,
    PlayDigits,
    SayAndHangUp,
)
from callside.floor.events import LegJoined, MessageStarted
from callside.kernel.errors import EngineUnavailableError
from callside.kernel.ids import LegId, PromptId, TenantId

log = structlog.get_logger(__name__)

_NUMBER: Final = re.compile(r"\+?[0-9]{3,15}\Z")
_DIGITS: Final = re.compile(r"[0-9*#A-D]{1,64}\Z")
_PROMPTS: Final = {
    Message.NUMBER_NOT_IN_SERVICE: "sound:ss-noservice",
    Message.NOBODY_AVAILABLE: "sound:vm-nobodyavail,sound:vm-goodbye",
    Message.VOICEMAIL_KEPT: "sound:auth-thankyou,sound:vm-goodbye",
    Message.CALLBACK_ARRANGED: "sound:auth-thankyou,sound:vm-goodbye",
}
_GONE: Final = frozenset({404})
_LONGEST_MESSAGE_SECONDS: Final = 20.0
_LONGEST_PROMPT_SECONDS: Final = 310.0
_CONGESTION_SECONDS: Final = 3.0


class Customers:
    """What is done with customers' legs. Every method may raise EngineUnavailableError and AriRefusedError."""

    def __init__(self, link: AriLink, book: LegBook, lines: Lines, prompts: Prompts, tasks: OwnedTasks) -> None:
        self._link = link
        self._book = book
        self._lines = lines
        self._prompts = prompts
        self._tasks = tasks
        self._playing: dict[str, asyncio.Future[bool]] = {}

    async def dial(self, tenant_id: TenantId, command: DialCustomer) -> None:
        """Call out. For an agent the leg is in their bridge before it is dialled, so that they hear what the network says.

        Raises:
            ValueError: The number is not one: it was to be checked long before, but it becomes part of a dial string here.
        """
        leg = self._book.get(tenant_id, command.leg_id)
        if leg is None or leg.hang_up_asked:
            return
        if not _NUMBER.match(command.number):
            raise ValueError(f"leg {leg.id}: the number to dial is not E.164")
        session_id = command.session_id
        if session_id is None:
            leg.codec = None  # known by the time it is joined; one that is joined before it is dialled has none yet
        variables = {"TIMEOUT(absolute)": str(CALL_SECONDS)}
        if _NUMBER.match(command.caller_id):
            # On an outgoing channel the party we present is the "connected" one; "CALLERID" is the far side. Where its name is
            # not declared valid, empty as it is, the whole party counts as withheld.
            variables |= {
                "CONNECTEDLINE(num)": command.caller_id,
                "CONNECTEDLINE(num-pres)": "allowed",
                "CONNECTEDLINE(name-valid)": "1",
                "CONNECTEDLINE(name-pres)": "allowed",
            }
        await self._lines.create(
            leg, f"PJSIP/{command.number}@{trunk_endpoint(tenant_id, command.trunk_id)}", variables
        )
        if session_id is not None:
            await self._lines.meet(leg, tenant_id, session_id)
        await self._lines.dial(leg, max(1, command.ring_s))

    async def listen(self, leg: Leg, command: DetectMachine | AwaitBeep) -> None:
        """Let the dialplan listen to the leg: it leaves our hands and comes back with what was heard (engine.md: no ARI operation).

        Its events go on to reach us only where they were asked for: a far side that hangs up meanwhile must not be missed.
        """
        source = {"eventSource": f"channel:{leg.id}"}
        await self._link.ask("POST", path("applications", self._lines.app, "subscription"), source)
        leg.listening = True
        where = _detection(command) if isinstance(command, DetectMachine) else BEEP_EXTENSION
        query = {"context": AMD_CONTEXT, "extension": where, "priority": "1"}
        try:
            await self._link.ask("POST", path("channels", leg.id, "continue"), query)
        except AriRefusedError:
            leg.listening = False
            raise

    async def answer(self, leg: Leg) -> None:
        """Pick up."""
        if not leg.answered:
            await self._link.ask("POST", path("channels", leg.id, "answer"))

    async def ring(self, leg: Leg) -> None:
        """The caller hears that somebody is being rung; one who was answered hears what they hear."""
        if not leg.answered:
            await self._link.ask("POST", path("channels", leg.id, "ring"), tolerate=ABSENT)

    async def join(self, tenant_id: TenantId, leg: Leg, command: JoinAgent) -> None:
        """Put the leg into the agent's bridge. Nothing waits for what the agent hears first."""
        await self._prompts.end_all(leg)
        if leg.session_id == command.session_id:
            # Adding it again would take it out for a moment.
            if leg.answered:
                self._book.tell(tenant_id, LegJoined(leg.id, command.session_id))
            return
        await self._lines.meet(leg, tenant_id, command.session_id)
        if command.whisper:
            prompt = None
            if command.whisper != TONE:
                prompt = self._prompts.recorded(tenant_id, PromptId(command.whisper))
            # Asked for last: the engine does one thing after the other, and this is the one that can wait a millisecond.
            self._beside(self._lines.whisper(tenant_id, command.session_id, prompt), "whisper")

    async def part(self, tenant_id: TenantId, leg: Leg, command: PartAgent) -> None:
        """Out of the agent's bridge, into music."""
        bridge = leg.bound_for or leg.bridge
        if bridge is not None and session_of_bridge(bridge) == (tenant_id, command.session_id):
            await self._leave(leg, bridge)
        await self._prompts.start_music(leg, "")

    async def play_digits(self, leg: Leg, command: PlayDigits) -> None:
        """DTMF towards the leg's far side.

        Raises:
            ValueError: They are no digits.
        """
        if not _DIGITS.match(command.digits):
            raise ValueError(f"leg {leg.id}: digits to play must be 1 to 64 of 0-9 * # A-D")
        await self._link.ask("POST", path("channels", leg.id, "dtmf"), {"dtmf": command.digits})

    async def say_and_hang_up(self, leg: Leg, command: SayAndHangUp) -> None:
        """Begin to say it; the rest goes on beside the leg's other commands, so that a hang-up is not kept waiting."""
        await self.answer(leg)
        await self._prompts.end_all(leg)
        if leg.bridge is not None:
            await self._leave(leg, leg.bridge)
        self._beside(self._say(leg, command), "say")

    async def dismiss(self, leg: Leg) -> bool:
        """End it; the engine's own word that it is gone becomes ``LegGone``. False: the engine has no such channel."""
        leg.hang_up_asked = True
        return (
            await self._link.ask("DELETE", path("channels", leg.id), {"reason": "normal"}, tolerate=_GONE) is not None
        )

    def playing(self) -> list[str]:
        """Messages whose end was not told yet."""
        return list(self._playing)

    def playback_finished(self, playback_id: str, *, well: bool) -> None:
        """The engine's word on something that was played."""
        future = self._playing.get(playback_id)
        if future is not None and not future.done():
            future.set_result(well)

    async def _say(self, leg: Leg, command: SayAndHangUp) -> None:
        own = self._prompts.recorded(leg.mark.tenant_id, command.prompt_id) if command.prompt_id else None
        try:
            said = own is not None and await self._say_one(leg, own, _LONGEST_PROMPT_SECONDS)
            if not said and leg.id in self._book:
                said = await self._say_one(leg, _PROMPTS[command.message], _LONGEST_MESSAGE_SECONDS)
            if not said and leg.id in self._book:
                await self._play(leg.id, "tone:congestion", _CONGESTION_SECONDS)
            elif command.linger_s and leg.id in self._book:
                await self._until_gone(leg, command.linger_s)
        finally:
            await self.dismiss(leg)

    async def _say_one(self, leg: Leg, media: str, seconds: float) -> bool:
        return await self._play(
            leg.id, media, seconds, lambda: self._book.tell(leg.mark.tenant_id, MessageStarted(leg.id))
        )

    @staticmethod
    async def _until_gone(leg: Leg, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await leg.ended.wait()

    async def _play(self, leg_id: LegId, media: str, seconds: float, begun: Callable[[], None] | None = None) -> bool:
        """Play to the end, at most ``seconds`` long; false when the engine could not (the prompt is not installed)."""
        playback = f"say-{leg_id}-{len(media)}"
        future = asyncio.get_running_loop().create_future()
        self._playing[playback] = future
        try:
            await self._link.ask("POST", path("channels", leg_id, "play", playback), {"media": media})
            if begun is not None:
                begun()
            async with asyncio.timeout(seconds):
                return bool(await future)
        except TimeoutError:
            return True
        finally:
            del self._playing[playback]

    async def _leave(self, leg: Leg, bridge: str) -> None:
        leg.parting = True
        await self._link.ask("POST", path("bridges", bridge, "removeChannel"), {"channel": leg.id}, tolerate=ABSENT)
        self._book.parted(leg, bridge)

    def _beside(self, work: Awaitable[None], name: str) -> None:
        async def quietly() -> None:
            try:
                await work
            except (AriRefusedError, EngineUnavailableError) as failed:
                log.info("engine.aside_failed", what=name, reason=failed.message)

        self._tasks.start(quietly(), name)


def _detection(command: DetectMachine) -> str:
    """Where the dialplan listens who has answered; the time it may take is part of the name."""
    return f"{DETECT_EXTENSION}{command.at_most_ms}" if command.at_most_ms else DETECT_EXTENSION
