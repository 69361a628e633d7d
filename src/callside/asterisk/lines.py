"""Agents' lines: a channel to the agent's device, nailed up in the session's own bridge (DESIGN §3.2)."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from callside.asterisk.client import AriRefusedError
from callside.asterisk.decode import first_codec
from callside.asterisk.legs import Leg, LegBook
from callside.asterisk.line_bridges import LineBridges
from callside.asterisk.link import ABSENT, AriLink, path
from callside.asterisk.names import (
    MARK_VARIABLE,
    LegKind,
    line_bridge,
    passing_bridge,
    ringing_playback,
    whisper_playback,
)
from callside.asterisk.provisioning import Provisioning
from callside.asterisk.tone import OTHER_TONE, TONE_VARIABLE
from callside.floor.commands import CloseLine, RaiseLine, SetLineMuted
from callside.kernel.ids import SessionId, TenantId

CALL_SECONDS: Final = 4 * 3600
"""A customer's leg is cut after this long, whatever happens: nobody pays for a call that both sides forgot."""
_LINE_SECONDS: Final = 24 * 3600
"""A line outlives a shift. A dead one is known by its silence (``rtp_timeout``), long before this."""
_RAISE_SECONDS: Final = 30
_START_SECONDS: Final = 5.0
_NOTHING_LEFT: Final = -32_767
"""For ``VOLUME``, which divides samples of 16 bits by it."""
_DIAL_TRIES: Final = 10
_DIAL_PAUSE_SECONDS: Final = 0.02
_CONFLICT: Final = 409
_NO_BRIDGE: Final = 404
_PASSED_ON: Final = frozenset({"ulaw", "alaw"})
"""Codecs as desk phones and carriers speak them; a browser prefers Opus (RFC 7874 §3), so its line is never among these."""

_ANSWER_BY_ITSELF: Final = {
    "PJSIP_HEADER(add,X-Callside-Line)": "1",
    # What desk phones understand: RFC 3261 §20.9 with the parameter most vendors read, and the older way.
    "PJSIP_HEADER(add,Call-Info)": "<sip:callside>;answer-after=0",
    "PJSIP_HEADER(add,Alert-Info)": "<sip:callside>;info=alert-autoanswer;delay=0",
}


class NotHandedOverError(ValueError):
    """The engine made a leg and did not give it into our hands; it is of no use to anybody."""


class _Variable(msgspec.Struct):
    value: str = ""


_variable: Final = msgspec.json.Decoder(_Variable)


class Lines:
    """What is done with lines and their bridges. Every method may raise EngineUnavailableError and AriRefusedError."""

    def __init__(
        self,
        link: AriLink,
        book: LegBook,
        provisioning: Provisioning,
        app: str,
        seconds: Callable[[], float] = time.monotonic,
        *,
        passes_on: bool = True,
    ) -> None:
        self._link = link
        self._book = book
        self._provisioning = provisioning
        self.app = app
        self.bridges = LineBridges(link, seconds)
        self._passes_on = passes_on
        self._tone = OTHER_TONE
        self._whispering: set[tuple[TenantId, SessionId]] = set()
        """Whose agents heard a prompt before the customer they have, or had last; it may be over."""
        self.unclosed: dict[tuple[TenantId, SessionId], CloseLine] = {}

    async def choose_tone(self) -> None:
        """Find out where the engine has our tone; somebody else's has none."""
        answer = await self._link.ask("GET", path("asterisk", "variable"), {"variable": TONE_VARIABLE}, tolerate=ABSENT)
        self._tone = (_variable.decode(answer).value if answer else "") or OTHER_TONE

    async def raise_line(self, tenant_id: TenantId, command: RaiseLine) -> None:
        """Call the device; :meth:`connect` follows when it answers."""
        leg = self._book.get(tenant_id, command.leg_id)
        if leg is None or leg.hang_up_asked:
            return
        leg.muted, leg.codec = command.muted, None
        variables = {"TIMEOUT(absolute)": str(_LINE_SECONDS), **_ANSWER_BY_ITSELF}
        await self.create(leg, f"PJSIP/{command.endpoint}", variables)
        await self.dial(leg, _RAISE_SECONDS)

    async def connect(self, leg: Leg) -> None:
        """A line was answered: to the customer who waits for it, or to rest; silent first, if it is to be."""
        if leg.kind is not LegKind.LINE or leg.id not in self._book:
            return
        if leg.muted:
            await self._mute(leg, muted=True)
        meeting = self._book.meeting_of(leg.mark.tenant_id, SessionId(leg.mark.owner))
        if meeting is None:
            self._book.line_ready(leg)
        else:
            await self.bridges.ensure(meeting)
            await self.enter(leg, meeting)

    async def rest(self, tenant_id: TenantId, session_id: SessionId) -> None:
        """The last customer has left: out of the bridge with the line, where it would be mixed, and sent silence, for nobody."""
        if self._book.meeting_of(tenant_id, session_id) is not None:
            return
        await self._end_whisper(tenant_id, session_id)
        lines = [leg for leg in self._book.lines_of(tenant_id, session_id) if leg.bridge is not None]
        for bridge in {leg.bridge for leg in lines if leg.bridge is not None}:
            there = [leg for leg in lines if leg.bridge == bridge]
            channels = ",".join(leg.id for leg in there)
            await self._link.ask(
                "POST", path("bridges", bridge, "removeChannel"), {"channel": channels}, tolerate=ABSENT
            )
            for leg in there:
                leg.bridge = None
            self.bridges.rests(bridge)

    async def fold(self, tenant_id: TenantId, session_id: SessionId) -> None:
        """Remove the bridges of a line that has been at rest for long."""
        if self._book.meeting_of(tenant_id, session_id) is None:
            await self.bridges.fold(tenant_id, session_id)

    async def close(self, tenant_id: TenantId, command: CloseLine) -> None:
        """Hang the line up, remove the bridge and the credentials: all three, whichever is already gone."""
        # Until it is done: a session that ends while the engine is away must not leave a phone that may still register.
        self.unclosed[tenant_id, command.session_id] = command
        self._whispering.discard((tenant_id, command.session_id))
        for leg in self._book.lines_of(tenant_id, command.session_id):
            leg.hang_up_asked = True
            await self._link.ask("DELETE", path("channels", leg.id), {"reason": "normal"}, tolerate=ABSENT)
        await self.bridges.remove(tenant_id, command.session_id)
        await self._provisioning.revoke(tenant_id, command.session_id)
        self.unclosed.pop((tenant_id, command.session_id), None)

    async def mute(self, tenant_id: TenantId, command: SetLineMuted) -> None:
        """Silence the agent's voice, or let it be heard again."""
        leg = self._book.get(tenant_id, command.leg_id)
        if leg is None:
            return
        leg.muted = command.muted
        await self._mute(leg, muted=command.muted)

    async def start_ringing(self, tenant_id: TenantId, session_id: SessionId) -> None:
        """Let the agent hear that the customer is being rung: played to the bridge, where a line that is renewed hears it too."""
        await self.stop_ringing(tenant_id, session_id)
        bridge = self._book.meeting_of(tenant_id, session_id) or line_bridge(tenant_id, session_id)
        await self.bridges.ensure(bridge)
        await self._link.ask(
            "POST", path("bridges", bridge, "play", ringing_playback(session_id)), {"media": "tone:ring"}
        )

    async def stop_ringing(self, tenant_id: TenantId, session_id: SessionId) -> None:
        """End that tone, whoever began it."""
        await self._link.ask("DELETE", path("playbacks", ringing_playback(session_id)), tolerate=ABSENT)

    async def whisper(self, tenant_id: TenantId, session_id: SessionId, prompt: str | None) -> None:
        """Tell the agent that here comes a call: by a prompt (as ARI names it), or by a short tone.

        Whoever is played something is out of the bridge for so long. A tone is soon over; a prompt ends at once with the
        customer it was for, as all that is played later, and the next customer, would wait behind it.
        """
        where = ("play",) if prompt is None else ("play", whisper_playback(session_id))
        # A recording, not "tone:": a tone never ends by itself.
        media = {"media": prompt or f"sound:{self._tone}"}
        for leg in self._book.lines_of(tenant_id, session_id):
            if leg.answered:
                if prompt is not None:
                    self._whispering.add((tenant_id, session_id))
                await self._link.ask("POST", path("channels", leg.id, *where), media, tolerate=ABSENT)

    async def _end_whisper(self, tenant_id: TenantId, session_id: SessionId) -> None:
        if (tenant_id, session_id) in self._whispering:
            self._whispering.discard((tenant_id, session_id))
            await self._link.ask("DELETE", path("playbacks", whisper_playback(session_id)), tolerate=ABSENT)

    async def create(self, leg: Leg, endpoint: str, variables: dict[str, str]) -> None:
        """Make the leg's channel and wait until it is in our hands."""
        body = {
            "endpoint": endpoint,
            "app": self.app,
            "appArgs": leg.mark.text,
            "channelId": leg.id,
            "variables": {MARK_VARIABLE: leg.mark.text, **variables},
        }
        await self._link.ask("POST", path("channels", "create"), body=body)
        leg.created = True
        try:
            async with asyncio.timeout(_START_SECONDS):
                await leg.started.wait()
        except TimeoutError:
            raise NotHandedOverError(f"leg {leg.id}: made, but not handed over within {_START_SECONDS:g} s") from None

    async def meet(self, leg: Leg, tenant_id: TenantId, session_id: SessionId) -> None:
        """Put a customer's leg into the agent's bridge, and the line, which rests while there is nobody, right before it."""
        await self._end_whisper(tenant_id, session_id)
        bridge = await self._place_for(leg, tenant_id, session_id)
        self._book.bind(leg, bridge)
        lines = [one for one in self._book.lines_of(tenant_id, session_id) if one.told and one.bridge != bridge]
        try:
            await self.bridges.ensure(bridge)
            await self.enter(leg, bridge, lines)
        except AriRefusedError as refused:
            if leg.id not in self._book or not (lines or refused.http_status == _NO_BRIDGE):
                self._book.unbind(leg)
                raise
            # No bridge (somebody else took it away), or a line that goes this moment.
            self.bridges.forget(bridge)
            await self.bridges.ensure(bridge)
            await self.enter(leg, bridge, lines if refused.http_status == _NO_BRIDGE else [])

    async def _place_for(self, leg: Leg, tenant_id: TenantId, session_id: SessionId) -> str:
        """Where the leg is to meet the agent: with whoever is there, else where their two sides can be passed on, else mixed."""
        meeting = self._book.meeting_of(tenant_id, session_id)
        if meeting is not None:
            return meeting
        lines = self._book.lines_of(tenant_id, session_id)
        codecs = {await self._codec_of(one) for one in (leg, *lines)} if self._passes_on and lines else set()
        if len(codecs) == 1 and codecs <= _PASSED_ON:
            return passing_bridge(tenant_id, session_id)
        return line_bridge(tenant_id, session_id)

    async def _codec_of(self, leg: Leg) -> str:
        """What a leg's far side speaks; asked for once, when it is up."""
        if leg.codec is None and leg.answered:
            answer = await self._link.ask(
                "GET",
                path("channels", leg.id, "variable"),
                {"variable": "CHANNEL(audionativeformat)"},
                tolerate=ABSENT,
            )
            leg.codec = first_codec(_variable.decode(answer).value) if answer else ""
        return leg.codec or ""

    async def enter(self, leg: Leg, bridge: str, before: Sequence[Leg] = ()) -> None:
        """Put the leg into a bridge, and others before it.

        Nobody learns who else is in there: a customer would be shown the agent's line, and a call that is still to be dialled
        would go out in its name.
        """
        channels = ",".join(one.id for one in (*before, leg))
        query = {"channel": channels, "inhibitConnectedLineUpdates": "true"}
        await self._link.ask("POST", path("bridges", bridge, "addChannel"), query)
        for one in before:
            one.bridge = bridge

    async def dial(self, leg: Leg, seconds: int) -> None:
        """Call the leg's far side. Now and then the engine is not ready for it yet although it said so (engine.md §1.2)."""
        for attempt in range(_DIAL_TRIES):
            try:
                leg.undialled = False  # from here on nobody can be sure
                await self._link.ask("POST", path("channels", leg.id, "dial"), {"timeout": str(seconds)})
            except AriRefusedError as refused:
                leg.undialled = True
                if refused.http_status != _CONFLICT or attempt == _DIAL_TRIES - 1 or leg.id not in self._book:
                    raise
                await asyncio.sleep(_DIAL_PAUSE_SECONDS)
            else:
                return

    async def _mute(self, leg: Leg, *, muted: bool) -> None:
        """Turn the agent's voice down to nothing, or leave it as it is.

        ARI's own ``mute`` takes the packets away instead: at its end the Opus decoder makes up for all that it missed, and the
        customer hears noise for as long as a second or two and everything later than it was said.
        """
        leg.codec = ""  # from now on the engine decodes and encodes for this line, also when it is no longer muted
        gain = _NOTHING_LEFT if muted else 0
        await self._link.ask(
            "POST", path("channels", leg.id, "variable"), {"variable": "VOLUME(RX)", "value": str(gain)}
        )
