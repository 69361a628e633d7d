"""What the guide benchmark asks: ``bare`` is an ASGI application that only answers, ``callside`` is Callside without an engine.

Both are served by uvicorn as Callside configures it. Prints one line of JSON: the port, and for Callside what is set up.
``quick`` in place of a password hasher shows what a login costs beside the hash.
"""

import asyncio
import contextlib
import json
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from callside.app import Surroundings, assemble
from callside.calls.model import Registration
from callside.config import load
from callside.exchange.administration import Administration, forms
from callside.exchange.administration.queue_forms import QueueForm
from callside.exchange.ports import EventSink, SipCredentials
from callside.exchange.secrets import PasswordHasher
from callside.floor.commands import Command
from callside.floor.directory import Directory
from callside.floor.events import EngineFound
from callside.kernel.ids import ExtensionId, SessionId, TenantId, TrunkId
from callside.observability import set_up_logs
from callside.serving import server_config
from callside.store import open_store

AGENTS = 120
PASSWORD = "amber-birch-1234"
_ANSWER = json.dumps(
    {"ResponseCode": "200", "ResponseStatus": "OK", "ResponseMessage": "Done.", "AgentId": "111"}
).encode()


class NoEngine:
    """A telephone engine that is up and has nothing to do."""

    def __init__(self) -> None:
        self._sink: EventSink | None = None

    async def start(self, sink: EventSink) -> None:
        """It is there."""
        self._sink = sink

    async def stop(self) -> None:
        """Nothing to stop."""

    def is_up(self) -> bool:
        """Always."""
        return True

    async def set_directory(self, directory: Directory) -> None:
        """The floor hears that the engine is there."""
        if self._sink is not None:
            self._sink(directory.tenant.id, EngineFound(()))

    def execute(self, tenant_id: TenantId, command: Command) -> None:
        """Nothing is called."""

    async def issue_credentials(self, tenant_id: TenantId, session_id: SessionId) -> SipCredentials:
        """Nobody asks."""
        return SipCredentials("endpoint", "password", "realm")

    def registrations(self, _tenant_id: TenantId) -> dict[TrunkId, Registration]:
        """Nothing registers."""
        return {}

    def extension_endpoint(self, tenant_id: TenantId, extension_id: ExtensionId) -> str:
        """Nobody is called."""
        return f"{tenant_id}-{extension_id}"


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the body and answers."""
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_ANSWER))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _ANSWER})


@contextlib.asynccontextmanager
async def callside(home: Path, hasher: PasswordHasher) -> AsyncIterator[tuple[ASGIApp, dict[str, Any]]]:
    """Callside's whole application on a database of its own, and what is set up in it."""
    settings = load(home=home)
    store = open_store(settings.database_url)
    await store.open()
    exchange, administration, asgi = assemble(
        settings, Surroundings(store, NoEngine(), hasher, "ws://127.0.0.1:1/", "-")
    )
    await exchange.start()
    try:
        yield asgi, await _furnish(administration)
    finally:
        await exchange.stop()
        await store.close()


async def _furnish(administration: Administration) -> dict[str, Any]:
    tenant = await administration.tenants.add(forms.TenantForm(name="Bench"))
    mine = TenantId(tenant.id)
    token = await administration.tokens.add(mine, forms.TokenForm(name="Bench"))
    agents: list[Any] = []
    for number in range(AGENTS):
        form = forms.AgentForm(username=f"agent{number}", name=f"Agent {number}", password=SecretStr(PASSWORD))
        agents.append(await administration.agents.add(mine, form))
    for number in range(20):
        await administration.extensions.add(mine, forms.ExtensionForm(number=f"2{number:02}"))
    for number in range(10):
        form = QueueForm(name=f"Queue {number}", agents=[one.id for one in agents])
        await administration.queues.add(mine, form)
    credentials = {"TenantId": tenant.id, "Token": token.token}
    return {"credentials": credentials, "agents": {one.username: one.id for one in agents}}


async def main(kind: str) -> None:
    """Serve until SIGTERM."""
    async with contextlib.AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="callside-bench-")))
        settings = load(home=home)
        set_up_logs(settings.log_level, "json")
        app, setup = bare, {}
        if kind != "bare":
            hasher = PasswordHasher(time_cost=1, memory_kib=8) if kind == "quick" else PasswordHasher()
            app, setup = await stack.enter_async_context(callside(home, hasher))
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        server = uvicorn.Server(server_config(app, settings))
        print(json.dumps({"port": listener.getsockname()[1], **setup}), flush=True)
        await server.serve(sockets=[listener])


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(sys.argv[1]))
