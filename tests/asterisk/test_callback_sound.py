"""Called back on a real engine: the caller presses 1, hears their number, confirms, hangs up, is called and hears the agent."""

import dataclasses
from pathlib import Path

import pytest

from callside.acd.model import CallbackOffer, Queue
from callside.agents.machine import AgentState
from callside.agents.model import Agent
from callside.calls.model import Cause, Direction
from callside.exchange.exchange import Exchange
from callside.exchange.ports import CdrQuery
from callside.exchange.prompt_audio import PromptLibrary
from callside.floor import events as ev
from callside.kernel.ids import AgentId, QueueId, SessionId
from callside.sessions.model import LoginSession, LoginType
from tests.asterisk.centre import Counted, MachineClock
from tests.asterisk.far_sides import (
    CALLER_ID,
    DESK_PHONE,
    OUR_NUMBER,
    RECORDS,
    TENANT,
    TRUNK,
    directory,
    eventually,
    telephony_of,
)
from tests.asterisk.test_reception_sound import AGENT_HZ, eventually_heard, pitches, seconds_of, tone
from tests.fakes.memory_store import MemoryStore

pytestmark = pytest.mark.asterisk

AGENT, SUPPORT = AgentId("111"), QueueId("279")
OFFER_HZ = 600


def far_ends(place):
    return place.carrier.ask("GET", "channels")


async def test_a_caller_who_presses_1_and_confirms_is_called_back_and_hears_the_agent(place, tmp_path: Path):
    await place.telephony.stop()
    await place.carrier.ask("POST", "asterisk/variable", variable="DESK_SPEAKS", value="yes")
    offer_prompt = await tone(PromptLibrary(tmp_path / "prompts"), "901", OFFER_HZ, 2)
    store = MemoryStore()
    offer = CallbackOffer("901", TRUNK, CALLER_ID, after_s=1)
    store.directories.by_tenant[TENANT] = dataclasses.replace(
        directory(place.carrier_access),
        agents={AGENT: Agent(AGENT, TENANT, "asha", "Asha", "-")},
        queues={SUPPORT: Queue(SUPPORT, TENANT, "Support", frozenset({AGENT}), (OUR_NUMBER,), callback=offer)},
        prompts={"901": offer_prompt},
    )
    exchange = Exchange(store, telephony_of(place.access, prompts=tmp_path / "prompts"), MachineClock(), Counted())
    await exchange.start()
    try:
        await eventually(exchange.engine_is_up, "the engine is found")
        await place.carrier.call(OUR_NUMBER, caller=f'"Ada" <{RECORDS}>', extension="asker")
        await eventually_heard(place, OFFER_HZ)
        caller = exchange.live(TENANT)[1][0].leg_id

        async def their_number_is_read_to_them() -> bool:
            try:
                said = await place.ours.ask("GET", f"playbacks/prompt-{caller}-2")
            except AssertionError:  # not yet, or over
                return False
            return said["media_uri"] == f"digits:{RECORDS.removeprefix('+')}"

        await eventually(their_number_is_read_to_them, "their number is read to them")

        def kept():
            return next((one for one in exchange.live(TENANT)[1] if one.callback is not None), None)

        await eventually(kept, "the caller has confirmed")
        assert (kept().customer_number, kept().queue_id) == (RECORDS, SUPPORT)

        async def nobody_is_on_the_line() -> bool:
            return not await far_ends(place)

        await eventually(nobody_is_on_the_line, "the caller was let go")
        row = LoginSession(
            SessionId("b" * 32), TENANT, AGENT, LoginType.AUTO, None, DESK_PHONE, "digest", MachineClock().now().wall
        )
        await exchange.request(TENANT, ev.OpenSession(row))
        await exchange.request(TENANT, ev.PhoneChanged(row.id, connected=True))

        def agent():
            return exchange.live(TENANT)[0][0]

        await eventually(lambda: agent().state is AgentState.RINGING, "the agent is asked first")
        await exchange.request(TENANT, ev.Answer(row.id))
        await eventually(lambda: agent().state is AgentState.TALKING, "they talk")
        assert kept() is None

        def customer_hears_the_agent() -> bool:
            return seconds_of(pitches(place.recorded("customer")), AGENT_HZ) > 0.5

        path = place.home / "carrier/heard/customer.ulaw"
        await eventually(lambda: path.exists() and path.stat().st_size > 8_000, "the customer has heard for a second")
        await exchange.request(TENANT, ev.HangUp(row.id))
        await eventually(customer_hears_the_agent, "the customer has heard the agent")
        await eventually(lambda: agent().state is AgentState.WRAP_UP, "the call is over")

        async def both_on_record():
            cdrs = await store.call_records.cdrs(TENANT, CdrQuery())
            return cdrs if len(cdrs) == 2 else None

        cdrs = await eventually(both_on_record, "both calls are on record")
        assert {(one.direction, one.cause) for one in cdrs} == {
            (Direction.INBOUND, Cause.CALLBACK), (Direction.OUTBOUND, Cause.NORMAL),
        }  # fmt: skip
    finally:
        await exchange.stop()
