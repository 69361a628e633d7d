"""The demo as a process of its own, and a CRM's server beside it."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from callside.demo.carrier import Carrier
from tests.browser.sound import Sound

DEADLINE_S = 20
_KEPT = "CALLSIDE_ENGINE_CACHE"
START_S = 180  # the engine may have to be downloaded first


async def until(condition, what, deadline_s=DEADLINE_S):
    """Wait for a condition (which may be awaitable) and return what it gave."""
    try:
        async with asyncio.timeout(deadline_s):
            while True:
                found = condition()
                if asyncio.iscoroutine(found):
                    found = await found
                if found:
                    return found
                await asyncio.sleep(0.03)
    except TimeoutError:
        raise AssertionError(f"not within {deadline_s} s: {what}") from None


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def processes_of(home):
    """Everything that runs with this home in its command line or environment's CALLSIDE_HOME: engines, carriers, servers."""
    needle, found = os.fsencode(home), {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                command = (entry / "cmdline").read_bytes()
                if needle in command:
                    found[int(entry.name)] = command.replace(b"\0", b" ").decode(errors="replace")
    return found


class Demo:
    """``callside demo`` in a home of its own."""

    def __init__(self, home, port=None):
        self.home = Path(home)
        self.port = port or free_port()
        self.environment = {
            **{key: value for key, value in os.environ.items() if key == _KEPT or not key.startswith("CALLSIDE_")},
            "CALLSIDE_HOME": str(self.home),
            "CALLSIDE_PORT": str(self.port),
        }
        self.output = self.home.with_name(f"{self.home.name}.out")
        self.process = None
        self.card = {}

    @property
    def url(self):
        return self.card["urls"]["callside"]

    @property
    def carrier(self):
        return Carrier.find(self.home / "carrier")

    @property
    def heard(self):
        """What far sides have recorded, oldest first."""
        folder = Carrier.heard_in(self.home / "carrier")
        return sorted(folder.glob("in-*.wav"), key=lambda path: path.stat().st_ctime)

    async def start(self):
        """Until it says that it is ready; what it says goes to a file beside its home."""
        before = self.output.stat().st_size if self.output.exists() else 0
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "callside", "demo"],
                env=self.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip

        def is_ready():
            said = self.output.read_bytes()[before:].decode(errors="replace")
            assert self.process.poll() is None, f"callside demo ended at once:\n{said[-4000:]}"
            return "Callside is ready" in said

        await until(is_ready, "callside demo says that it is ready", START_S)
        self.card = json.loads(await self.command("demo", "info", "--json"))
        assert self.card["running"] is True

    async def command(self, *words):
        """Run the command line against this home; its output."""
        running = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "callside", *words, env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        out, err = await running.communicate()
        assert running.returncode == 0, f"callside {' '.join(words)}: {err.decode()}"
        return out.decode()

    def kill(self):
        """As the machine's memory killer would; engine and carrier live on."""
        self.process.kill()
        self.process.wait(10)

    async def stop(self):
        """Ctrl-C, as a person ends it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        await until(lambda: self.process.poll() is not None, "callside demo ends after Ctrl-C", 40)
        return self.process.returncode

    def engine_pid(self):
        return json.loads((self.home / "engine" / "run" / "engine.json").read_text())["pid"]

    def said(self):
        return self.output.read_text(errors="replace")


class Crm:
    """A CRM's server: the guide's operations and the tenant's part of /v1, with the tenant's token."""

    def __init__(self, demo):
        self.demo = demo
        self.card = demo.card

    async def operation(self, name, **fields):
        """One of the guide's five; its reply."""
        body = {"Token": self.card["token"], "TenantId": self.card["tenant_id"], **fields}
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{self.demo.url}/cloudsoftphone/api/webphone/{name}", json=body) as reply,
        ):
            return await reply.json()

    async def create_session(self, username, login_type, campaign, ext=""):
        return await self.operation(
            "createSession", AgentUsername=username, AgentPassword=self.card["agents"][username],
            CampaignName=campaign, LoginType=login_type, Ext=ext,
        )  # fmt: skip

    async def end_session(self, session_id, **more):
        return await self.operation("endSession", Session=session_id, **more)

    async def v1(self, path, method="GET", body=None):
        headers = {"Authorization": f"Bearer {self.card['token']}"}
        async with (
            aiohttp.ClientSession(headers=headers) as http,
            http.request(method, f"{self.demo.url}/v1/{path}", json=body) as reply,
        ):
            if method == "DELETE" and reply.status == 404:
                return None  # gone by itself
            assert reply.status < 300, await reply.text()
            return await reply.json() if reply.status != 204 else None

    async def sessions(self):
        return (await self.v1("sessions"))["items"]

    async def calls(self):
        """Finished calls, newest first."""
        self._looked = datetime.now(UTC).isoformat()
        return await self._finished()

    async def last_call(self, known):
        """The call record that was not among ``known``; there is exactly one."""
        fresh = await until(lambda: self._fresh(known), "the call has its record")
        assert len(fresh) == 1, fresh
        return fresh[0]

    async def _fresh(self, known):
        # A call of an earlier test may get its record only now: it began before we looked.
        before = {one["id"] for one in known}
        return [one for one in await self._finished() if one["id"] not in before and one["started_at"] > self._looked]

    async def _finished(self):
        return (await self.v1("calls"))["items"]


class FarSide:
    """What a far side of the carrier heard in the calls since this was made."""

    def __init__(self, demo):
        self._demo = demo
        self._before = set(demo.heard)

    async def sound(self):
        """Of the one call since then, whole: waits until it is over and the file is closed."""
        carrier = self._demo.carrier

        async def is_over():
            return not await carrier.channels()

        await until(is_over, "the carrier's calls are over")
        path = await self._recording()
        size = -1

        def is_closed():
            nonlocal size
            before, size = size, path.stat().st_size
            with contextlib.suppress(Exception):
                return size == before and len(Sound.read(path).samples) * 2 == size - 44
            return False

        await until(is_closed, "the recording is closed")
        return Sound.read(path)

    async def has_heard(self, seconds):
        """Wait until the call has lasted that long for the far side (what is on disk lags behind)."""
        path = await self._recording()
        await until(lambda: path.stat().st_size >= seconds * 16_000, f"the far side has heard {seconds} s")

    async def _recording(self):
        return (await until(lambda: [one for one in self._demo.heard if one not in self._before], "a recording"))[0]
