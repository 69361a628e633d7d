"""Looks at an engine from outside, the same way whoever runs it: an ARI application that is told of every channel and bridge.

All times are the engine's own timestamps (whole milliseconds). Connected means: the caller is in a bridge with a second channel.
"""

import asyncio
import contextlib
import json
import urllib.parse
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import aiohttp

from callside.asterisk.access import EngineAccess

_APP = "observer"
_SEEN = ("ChannelCreated", "ChannelEnteredBridge", "ChannelLeftBridge")


class Observer:
    """What one run looked like. ``callers`` is how the callers' channels are called."""

    def __init__(self, callers: str) -> None:
        self._callers = callers
        self._created: dict[str, float] = {}
        self._together: dict[str, str] = {}
        """Who a caller talks to: the bridge for nailed-up lines, the agent's endpoint otherwise."""
        self._ended: dict[str, float] = {}
        self.waits_ms: list[float] = []
        self.idle_ms: list[float] = []
        self.first: float | None = None
        self.last = 0.0

    def take(self, event: dict[str, Any]) -> None:
        """One event."""
        at = datetime.strptime(event["timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z").timestamp() * 1000
        channel = event["channel"]
        match event["type"]:
            case "ChannelCreated" if channel["name"].startswith(self._callers):
                self._created[channel["id"]] = at
                self.first = self.first or at
            case "ChannelEnteredBridge":
                self._entered(at, event["bridge"], channel)
            case "ChannelLeftBridge" if channel["id"] in self._together:
                self._ended[self._together.pop(channel["id"])] = at
                self.last = max(self.last, at)
            case _:
                pass

    def _entered(self, at: float, bridge: dict[str, Any], channel: dict[str, Any]) -> None:
        if len(bridge["channels"]) < 2:
            return
        for caller in bridge["channels"]:
            created = self._created.pop(caller, None)
            if created is None:
                continue
            self.waits_ms.append(at - created)
            agent = bridge["id"] if bridge["id"].startswith("line-") else channel["name"].rpartition("-")[0]
            self._together[caller] = agent
            if agent in self._ended:
                self.idle_ms.append(at - self._ended.pop(agent))


@contextlib.asynccontextmanager
async def observed(access: EngineAccess, callers: str) -> AsyncIterator[Observer]:
    """Looks on while the block runs."""
    observer = Observer(callers)
    query = urllib.parse.urlencode({"app": _APP, "subscribeAll": "true"})
    async with (
        aiohttp.ClientSession(headers=access.headers) as http,
        http.ws_connect(f"{access.ari_url}/events?{query}", max_msg_size=0) as socket,
    ):
        wanted = {"allowed": [{"type": one} for one in _SEEN], "disallowed": []}
        async with http.put(f"{access.ari_url}/applications/{_APP}/eventFilter", json=wanted) as reply:
            reply.raise_for_status()

        async def read() -> None:
            async for message in socket:
                observer.take(json.loads(message.data))

        reading = asyncio.create_task(read())
        try:
            yield observer
            await asyncio.sleep(0.3)  # what is still on its way
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
