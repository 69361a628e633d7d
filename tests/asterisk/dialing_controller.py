"""Callside in a process of its own, for tests that kill it: runs the floors of a database on an engine, its agents' pages open.

Arguments: the database's URL; the ARI's URL, user and password; the campaign's id, and for agents who are not logged in yet
pairs of agent and extension.
"""

import asyncio
import sys

import structlog

from callside.asterisk.engine import AsteriskTelephony
from callside.exchange.exchange import Exchange
from callside.floor import events as ev
from callside.kernel.ids import AgentId, ExtensionId, SessionId
from callside.sessions.model import LoginSession, LoginType
from callside.store import open_store
from tests.asterisk.centre import Counted, MachineClock


async def main() -> None:
    database, url, user, password, campaign, *people = sys.argv[1:]
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    store, ids, clock = open_store(database), Counted(), MachineClock()
    await store.open()
    exchange = Exchange(store, AsteriskTelephony(url, user, password, app_name="callside"), clock, ids)
    await exchange.start()
    async with asyncio.timeout(20):
        while not exchange.engine_is_up():
            await asyncio.sleep(0.01)
    [tenant] = exchange.tenant_ids()
    for session in exchange.live(tenant)[0]:
        await exchange.request(tenant, ev.PhoneChanged(session.id, connected=True))
    for agent, extension in zip(people[::2], people[1::2], strict=True):
        row = LoginSession(
            SessionId(ids.new()), tenant, AgentId(agent), LoginType.PROGRESSIVE, campaign, ExtensionId(extension),
            f"digest-{ids.new()}", clock.now().wall,
        )  # fmt: skip
        await exchange.request(tenant, ev.OpenSession(row))
        await exchange.request(tenant, ev.PhoneChanged(row.id, connected=True))
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
