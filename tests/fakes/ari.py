"""An engine's REST interface and socket, as far as a controller sees them: it does what the test says, and can go and come back."""

import asyncio
import contextlib
import json
from urllib.parse import parse_qs, unquote, urlsplit

from aiohttp import web

STANDING = {
    "bridges": "[]",
    "channels": "[]",
    "endpoints/PJSIP": "[]",
    "recordings/stored": "[]",
    "asterisk/info": "{}",
}
NOT_THERE = ("recordings/live/", "channels/callside-probe", "asterisk/variable")


class Ari:
    """`asked`: requests in order; `answers`: what is answered instead of the usual, by method and path."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.answers: dict[tuple[str, str], tuple[int, str]] = {}
        self.channels: dict[str, dict] = {}
        self.playing: set[str] = set()
        self.silent: set[str] = set()
        """Last words of paths that are not answered."""
        self._socket: web.WebSocketResponse | None = None

    @contextlib.asynccontextmanager
    async def running(self):
        served = web.Application()
        served.router.add_get("/ari/events", self._events)
        served.router.add_get("/ari/recordings/stored/{name}/file", self._file)
        runner = web.AppRunner(served, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/ari"
        try:
            yield self
        finally:
            await self.drop()
            await runner.cleanup()

    async def drop(self) -> None:
        """The socket breaks; the engine's calls go on."""
        socket, self._socket = self._socket, None
        if socket is not None and not socket.closed:
            await socket.close()

    async def say(self, kind: str, **what) -> None:
        """An event, lost where nobody is connected."""
        if self._socket is not None and not self._socket.closed:
            await self._socket.send_str(json.dumps({"type": kind, **what}))

    def has_channel(self, channel_id: str, *args: str, state: str = "Up", mark: str = "") -> dict:
        """A channel in the controller's hands."""
        self.channels[channel_id] = {
            "id": channel_id,
            "state": state,
            "caller": {"name": "", "number": "+15550100123"},
            "dialplan": {"app_name": "Stasis", "app_data": ",".join(("callside", *args)), "context": "trunk"},
            "channelvars": {"CALLSIDE_ID": mark},
        }
        return self.channels[channel_id]

    def times(self, method: str, where: str) -> int:
        return sum(one[:2] == (method, where) for one in self.asked)

    async def _events(self, request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._socket = socket
        async for message in socket:
            asked = json.loads(message.data)
            parts = urlsplit(asked["uri"])
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            where = unquote(parts.path)
            self.asked.append((asked["method"], where, query))
            if where.rsplit("/", 1)[-1] in self.silent:
                continue
            status, body = self._answer(asked["method"], where)
            reply = {"type": "RESTResponse", "request_id": asked["request_id"], "status_code": status}
            await socket.send_str(json.dumps({**reply, "message_body": body}))
        return socket

    async def _file(self, _request):
        return web.Response(body=bytes(44) + bytes(16 * 3000))

    def _answer(self, method: str, where: str) -> tuple[int, str]:
        told = self.answers.get((method, where))
        if told is not None:
            return told
        parts = where.split("/")
        if method == "GET" and where == "channels":
            return 200, json.dumps(list(self.channels.values()))
        if method == "GET" and where in STANDING:
            return 200, STANDING[where]
        if parts[0] == "playbacks":
            return self._playback(method, parts[1])
        if method == "GET" and parts[0] == "channels" and parts[-1] == "variable":
            return 200, '{"value": ""}'
        if method == "GET" and where.startswith(NOT_THERE):
            return 404, ""
        if method == "POST" and len(parts) == 4 and parts[2] == "play":
            self.playing.add(parts[3])
        return 204, ""

    def _playback(self, method: str, playback_id: str) -> tuple[int, str]:
        if playback_id not in self.playing:
            return 404, ""
        if method == "DELETE":
            self.playing.discard(playback_id)
        return 200, json.dumps({"id": playback_id, "state": "playing"})


async def until(is_so, seconds: float = 5.0) -> None:
    """Wait for something that happens by itself."""
    async with asyncio.timeout(seconds):
        while not is_so():
            await asyncio.sleep(0.001)
