"""The guide's operations: CPU per request of the server's process, against an ASGI application that only answers."""

import asyncio
import contextlib
import json
import statistics
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.guide_server import AGENTS, PASSWORD
from bench.load import Cost, measure, post
from bench.processes import started, told
from bench.tables import Table
from callside.exchange.secrets import PasswordHasher
from callside.guide_api.routes import PREFIX

ROUNDS = 5
_REQUESTS = 2_000
_HASHES = 20


@dataclass(frozen=True, slots=True)
class Server:
    """A server under test."""

    pid: int
    port: int
    credentials: dict[str, str]
    agents: dict[str, str]

    async def ask(self, operation: str, bodies: list[dict[str, Any]]) -> Cost:
        """Post them all to one operation."""
        requests = [post(f"{PREFIX}/{operation}", json.dumps(self.credentials | one).encode()) for one in bodies]
        return await measure(self.port, self.pid, requests)


def run() -> Iterable[Table]:
    """The table."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="callside-bench-")))
        servers = {kind: _start(stack, kind, folder) for kind in ("bare", "callside", "quick")}
        yield asyncio.run(_compare(servers))


def _start(stack: contextlib.ExitStack, kind: str, folder: Path) -> Server:
    process = stack.enter_context(started(["-m", "bench.guide_server", kind], log=folder / f"{kind}.log"))
    report = json.loads(told(process))
    return Server(process.pid, report["port"], report.get("credentials", {}), report.get("agents", {}))


async def _compare(servers: dict[str, Server]) -> Table:
    costs: dict[str, list[Cost]] = {}
    for _ in range(ROUNDS):  # in turn, so that what else the machine does meets all of them
        for name, cost in [*(await _simple(servers)), *(await _sessions(servers["quick"]))]:
            costs.setdefault(name, []).append(cost)
    base = statistics.median(one.cpu_us for one in costs["bare ASGI application"])
    rows = []
    for name, found in costs.items():
        cpu = statistics.median(one.cpu_us for one in found)
        rate = statistics.median(one.per_second for one in found)
        rows.append((name, f"{cpu:.0f}", f"{cpu / base:.1f} ×", f"{rate:,.0f}"))
    hashing = await _hash_cost()
    rows.append(
        ("one argon2id verification, which createSession adds", f"{hashing:,.0f}", f"{hashing / base:,.0f} ×", "")
    )
    head = ("operation", "CPU µs per request", ": bare", "requests/s")
    return Table("guide", head, rows)


async def _simple(servers: dict[str, Server]) -> list[tuple[str, Cost]]:
    server = servers["callside"]
    username, agent_id = next(iter(server.agents.items()))
    found = [
        ("bare ASGI application", await servers["bare"].ask("getAgentId", [{"AgentUsername": username}] * _REQUESTS))
    ]
    for operation, fields in (
        ("getAgentId", {"AgentUsername": username}),
        ("getExtensionId", {}),
        ("getCampaignDetails", {"AgentId": agent_id, "LoginType": "AUTO"}),
    ):
        found.append((operation, await server.ask(operation, [fields] * _REQUESTS)))
    return found


async def _sessions(server: Server) -> list[tuple[str, Cost]]:
    logins = [{"AgentUsername": one, "AgentPassword": PASSWORD, "Ext": ""} for one in server.agents]
    created = await server.ask("createSession", logins)
    handles = [json.loads(body)["SessionId"] for body in created.bodies]
    assert len(set(handles)) == AGENTS
    ended = await server.ask("endSession", [{"Session": one} for one in handles])
    return [("createSession, without the password hash", created), ("endSession", ended)]


async def _hash_cost() -> float:
    hasher = PasswordHasher()
    kept = await hasher.hash(PASSWORD)
    began = time.process_time()
    for _ in range(_HASHES):
        assert await hasher.verify(kept, PASSWORD)
    used = time.process_time() - began
    hasher.close()
    return used / _HASHES * 1e6
