"""Callside as it runs for a tenant (floor, journal, SQLite on disk, telephony) in a process of its own, agents logged in."""

import asyncio
import json
import logging
import sys
from pathlib import Path

import structlog

from callside.asterisk.packages import default_cache, install
from callside.asterisk.process import ensure_running
from callside.asterisk.profile import EngineProfile
from callside.floor import events as ev
from callside.floor.view import PhoneView
from callside.kernel.errors import RequestError
from callside.kernel.ids import SessionId
from callside.serving import run_until_done
from tests.asterisk.centre import Centre, open_centre
from tests.asterisk.sipp import Sipp


class HangsUp:
    """An agent who ends each call after ``seconds``."""

    def __init__(self, centre: Centre, session_id: SessionId, seconds: float) -> None:
        self._centre, self._session_id, self._seconds = centre, session_id, seconds
        self._call: str | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        centre.exchange.watch(centre.tenant, session_id, self._look)

    def _look(self, view: PhoneView | None) -> None:
        call = view.call if view is not None else None
        if call is not None and call.state == "talking" and call.id != self._call:
            self._call = call.id
            task = asyncio.create_task(self._end())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _end(self) -> None:
        await asyncio.sleep(self._seconds)
        try:
            await self._centre.ask(ev.HangUp(self._session_id))
        except RequestError:
            return


async def serve(folder: Path, agents: int, carrier_port: int, talk_s: float, audio_port: int, whisper: str) -> None:
    """Until the other side closes our input. ``audio_port``: whose the phones' audio is; 0: nobody's, a murmur."""
    engine = await ensure_running(folder / "engine", install(cache=default_cache()), EngineProfile())
    try:
        carrier = Sipp(folder / "carrier", "caller.xml", carrier_port, engine.access.ports.sip)
        async with open_centre(
            folder, engine, agents, [carrier], auto_answer=agents, audio_port=audio_port or None, whisper=whisper
        ) as centre:
            people = [HangsUp(centre, one, talk_s) for one in centre.sessions] if talk_s else []
            print(json.dumps({"engine": engine.pid, "agents": len(people) or agents}), flush=True)
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    finally:
        await engine.stop()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    folder, agents, carrier, talk, audio, whisper = sys.argv[1:]
    run_until_done(serve(Path(folder), int(agents), int(carrier), float(talk), int(audio), whisper))
