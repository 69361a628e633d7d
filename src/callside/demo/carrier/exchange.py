"""The carrier as a running program: started, made to call in, asked what it heard, stopped."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from callside.asterisk.access import EngineAccess
from callside.asterisk.configuration import outdated_files
from callside.asterisk.folders import EngineFolders
from callside.asterisk.process import EngineProcess, ensure_running, find_running
from callside.asterisk.program import EngineProgram
from callside.demo.carrier.dialplan import carrier_profile
from callside.kernel.errors import EngineUnavailableError


@dataclass(frozen=True, slots=True)
class Carrier:
    """A running demo carrier."""

    process: EngineProcess

    @classmethod
    async def start(cls, home: Path, program: EngineProgram, callside_sip_port: int) -> "Carrier":
        """The carrier of ``home``: the one that runs there with its calls, or one started now.

        One that would be configured otherwise today is ended first: its trunk's other end may have moved.

        Raises:
            EngineStartError: It does not start.
        """
        folders, profile = EngineFolders.of(home), carrier_profile(callside_sip_port)
        older = find_running(home)
        if older is not None and outdated_files(folders, program, older.access.ports, profile):
            await older.stop()
        folders.make()
        cls.heard_in(home).mkdir(parents=True, exist_ok=True)
        return cls(await ensure_running(home, program, profile))

    @classmethod
    def find(cls, home: Path) -> "Carrier | None":
        """The carrier that runs in ``home``."""
        process = find_running(home)
        return cls(process) if process is not None else None

    @staticmethod
    def heard_in(home: Path) -> Path:
        """Folder of what far sides recorded."""
        return EngineFolders.of(home).root / "spool" / "monitor" / "heard"

    @property
    def sip_port(self) -> int:
        """Where Callside's trunk goes."""
        return self.process.access.ports.sip

    async def call_in(self, number: str, caller: str, behaviour: str, name: str = "Demo caller") -> str:
        """Call one of Callside's numbers; the caller acts like that far side once answered. Returns the carrier's channel id.

        Raises:
            EngineUnavailableError: The carrier does not take the order.
        """
        order = {
            "endpoint": f"PJSIP/{number}@callside",
            "context": "carrier-out",
            "extension": f"caller-{behaviour}",
            "priority": "1",
            "callerId": f'"{name}" <{caller}>',
            "timeout": "60",
        }
        return str((await self._ask("POST", "channels", order))["id"])

    async def channels(self) -> int:
        """How many calls' legs the carrier has."""
        return len(await self._ask("GET", "channels", {}))

    async def hang_up(self, channel: str) -> None:
        """End a call from the carrier's side."""
        await self._ask("DELETE", f"channels/{channel}", {})

    async def last_digits(self) -> str:
        """The DTMF digits that the ``digits`` number has got."""
        reply = await self._ask("GET", "asterisk/variable", {"variable": "LAST_DIGITS"})
        return str(reply["value"])

    async def _ask(self, method: str, path: str, query: dict[str, str]) -> "dict[str, object]":
        access: EngineAccess = self.process.access
        timeout = aiohttp.ClientTimeout(total=5)
        async with (
            aiohttp.ClientSession(headers=access.headers, timeout=timeout) as http,
            http.request(method, f"{access.ari_url}/{path}", params=query) as reply,
        ):
            if reply.status >= 300:
                raise EngineUnavailableError(f"the demo carrier answered {reply.status}: {await reply.text()}")
            return await reply.json() if reply.status != 204 else {}

    async def stop(self) -> None:
        """End it."""
        async with asyncio.timeout(30):
            await self.process.stop()
