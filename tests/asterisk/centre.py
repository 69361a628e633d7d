"""A whole contact centre on a real engine: exchange, SQLite on disk, agents on desk phones with nailed-up lines, SIPp all around."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from callside.acd.model import TONE, Queue
from callside.agents.machine import AgentState
from callside.agents.model import Agent, Extension
from callside.agents.rules import sip_digest, sip_user
from callside.asterisk.engine import AsteriskTelephony
from callside.asterisk.process import EngineProcess
from callside.calls.model import Trunk
from callside.exchange.exchange import Exchange
from callside.floor import events as ev
from callside.floor.live import LiveSession
from callside.kernel.clock import Moment
from callside.kernel.ids import SessionId, TenantId
from callside.sessions.model import LoginSession, LoginType
from callside.store import open_store
from callside.tenants.model import Tenant
from tests.asterisk.murmur import Murmur
from tests.asterisk.sipp import Sipp, free_port

OUR_NUMBER = "+15550100900"
_PASSWORD = "only-on-the-loopback-interface"
_LINES_WITHIN_S = 30.0
_PHONES_LAST_S = 600


class MachineClock:
    """The machine's own: records on disk take true time."""

    def now(self) -> Moment:
        return Moment(time.monotonic_ns() // 1_000_000, time.time_ns() // 1_000_000)


class Counted:
    """Ids that can be told apart from those of an earlier run of the same engine."""

    def __init__(self) -> None:
        self._count, self._begin = itertools.count(1), time.time_ns()

    def new(self) -> str:
        return f"{self._begin:x}{next(self._count):08x}"


class Centre:
    """Opened by :func:`open_centre`."""

    def __init__(self, folder: Path, process: EngineProcess) -> None:
        self.folder, self.process = folder, process
        self.database = folder / "callside.db"
        self.ids, self.clock = Counted(), MachineClock()
        self.sessions: list[SessionId] = []
        self._handed_over = False
        self._murmur: Murmur | None = None
        access = process.access
        self.telephony = AsteriskTelephony(access.ari_url, access.user, access.password, app_name="callside")
        self.store = open_store(f"sqlite:///{self.database}")
        self.exchange = Exchange(self.store, self.telephony, self.clock, self.ids)
        self.phones = Sipp(folder / "phones", "phone.xml", free_port(), access.ports.sip)

    async def set_up(
        self, agents: int, carriers: list[Sipp], *, auto_answer: int, ring_s: int, max_wait_s: int, whisper: str = TONE
    ) -> None:
        """A tenant with ``agents`` agents, the first ``auto_answer`` of which are connected at once, in one queue."""
        await self.store.open()
        kept = self.store.directories
        self.tenant: TenantId = (await kept.add_tenant(Tenant(TenantId(""), "Example Ltd"))).id
        for number, carrier in enumerate(carriers):
            await kept.add_trunk(Trunk("", self.tenant, f"Carrier {number}", "127.0.0.1", carrier.port))
        people = [
            (
                await kept.add_agent(
                    Agent("", self.tenant, f"a{one}", f"Agent {one}", "-", auto_answer=one < auto_answer)
                )
            ).id
            for one in range(agents)
        ]
        self.extensions = []
        for one in range(agents):
            made = await kept.add_extension(Extension("", self.tenant, str(1000 + one)))
            digest = sip_digest(sip_user(self.tenant, made.id), _PASSWORD)
            await kept.change_extension(Extension(made.id, self.tenant, made.number, secret_digest=digest))
            self.extensions.append(made.id)
        self.agents = people
        queue = Queue("", self.tenant, "Support", frozenset(people), (OUR_NUMBER,), ring_s, 0, max_wait_s)
        await kept.add_queue(replace(queue, whisper=whisper))
        await self.exchange.start()
        await self.until(self.exchange.engine_is_up, "the engine is found")

    async def register_phones(self, audio_port: int | None = None) -> None:
        """All desk phones register, from the socket that they will be called on; their audio may go to another program."""
        users = [sip_user(self.tenant, one) for one in self.extensions]
        rows = [(user, f"[authentication username={user} password={_PASSWORD}]") for user in users]
        registrar = Sipp(self.folder / "register", "register.xml", self.phones.port, self.process.access.ports.sip)
        await registrar.start(rows, seconds=20, words=("-m", str(len(rows)), "-r", "200"))
        counted = await registrar.ended(25)
        assert counted.successful == len(rows), (counted, registrar.errors())
        self._murmur = Murmur() if audio_port is None else None
        media = audio_port if self._murmur is None else self._murmur.port
        await self.phones.start([(str(media),)], seconds=_PHONES_LAST_S, words=("-aa",))

    async def log_in(self, kind: LoginType = LoginType.AUTO, assignment: str | None = None) -> None:
        """Everybody, and wait until everybody has a line."""
        for agent, extension in zip(self.agents, self.extensions, strict=True):
            row = LoginSession(
                SessionId(self.ids.new()), self.tenant, agent, kind, assignment, extension,
                f"digest-{self.ids.new()}", self.clock.now().wall,
            )  # fmt: skip
            await self.ask(ev.OpenSession(row))
            await self.ask(ev.PhoneChanged(row.id, connected=True))
            self.sessions.append(row.id)
        await self.until(
            lambda: all(one.state is not AgentState.CONNECTING for one in self.live()), "all are ready", _LINES_WITHIN_S
        )

    async def ask(self, request: ev.Request) -> None:
        await self.exchange.request(self.tenant, request)

    def live(self) -> list[LiveSession]:
        return self.exchange.live(self.tenant)[0]

    def calls(self):
        return self.exchange.live(self.tenant)[1]

    async def until(self, is_so, what: str, within_s: float = 15.0) -> None:
        """Wait for a condition.

        Raises:
            AssertionError: It is not so in time.
        """
        deadline = time.monotonic() + within_s
        while not is_so():
            assert time.monotonic() < deadline, f"not within {within_s:g} s: {what}"
            await asyncio.sleep(0.01)

    async def hand_over(self) -> None:
        """From here on others run the floor."""
        await self.exchange.stop()
        self._handed_over = True

    async def close(self) -> None:
        if self._murmur is not None:
            self._murmur.close()
        await self.phones.stop()
        if not self._handed_over:
            await self.exchange.stop()
        await self.store.close()


@contextlib.asynccontextmanager
async def open_centre(
    folder: Path, process: EngineProcess, agents: int, carriers: list[Sipp],
    *, auto_answer: int, ring_s: int = 20, max_wait_s: int = 0, audio_port: int | None = None, whisper: str = TONE,
) -> AsyncIterator[Centre]:  # fmt: skip
    """A contact centre with everybody ready, ended with the block."""
    centre = Centre(folder, process)
    try:
        await centre.set_up(
            agents, carriers, auto_answer=auto_answer, ring_s=ring_s, max_wait_s=max_wait_s, whisper=whisper
        )
        await centre.register_phones(audio_port)
        await centre.log_in()
        yield centre
    finally:
        await centre.close()
