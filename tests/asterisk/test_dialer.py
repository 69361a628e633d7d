"""Campaigns on the real engine, against a carrier that keeps its own account: nobody twice, nobody lost, every end right."""

import asyncio
from collections import Counter

import pytest

from callside.asterisk.process import ensure_running, stop
from callside.asterisk.profile import EngineProfile
from callside.dialer.laws.ledger import Outcome as Verdict
from callside.dialer.laws.model import Mode
from callside.dialer.leads.model import LeadState
from callside.exchange.ports import CdrQuery
from callside.sessions.model import LoginType
from tests.asterisk.centre import Centre
from tests.asterisk.dialing_rig import OUTCOMES, Carrier, Ears, add_campaign, plans
from tests.asterisk.sipp import free_port

pytestmark = pytest.mark.asterisk

AGENTS = 10


@pytest.fixture
async def process(tmp_path, engine_program):
    home = tmp_path / "engine"
    yield await ensure_running(home, engine_program, EngineProfile())
    await asyncio.to_thread(stop, home)


async def finished(centre, lists) -> bool:
    tallies = [await centre.store.leads.tallies(centre.tenant, one) for one in lists]
    return sum(tally.get("fresh", 0) + tally.get("dialling", 0) for tally in tallies) == 0


async def leads_of(centre, numbers):
    return {one.number: (await centre.store.leads.leads_with(centre.tenant, one.number))[0] for one in numbers}


@pytest.mark.parametrize("kind", [Mode.PROGRESSIVE, Mode.PREDICTIVE])
async def test_every_lead_ends_as_the_carrier_says_and_nobody_is_called_twice(tmp_path, process, kind):
    numbers = plans(200, seed=11)
    carrier = Carrier(tmp_path / "carrier", process.access.ports.sip, free_port())
    await carrier.start(numbers, seconds=240)
    centre = Centre(tmp_path, process)
    try:
        await centre.set_up(AGENTS, [carrier], auto_answer=AGENTS, ring_s=20, max_wait_s=0)
        campaign = await add_campaign(centre, carrier.port, kind, numbers)
        lists = [one.id for one in await centre.store.leads.lists(centre.tenant)]
        await centre.register_phones(Ears)
        await centre.log_in(LoginType.PROGRESSIVE, campaign)
        async with asyncio.timeout(200):
            while not await finished(centre, lists) or centre.calls():
                await asyncio.sleep(0.2)
        called, answered = carrier.seen("called"), carrier.seen("answered")
        assert {number: len(times) for number, times in called.items()} == {one.number: 1 for one in numbers}
        leads = await leads_of(centre, numbers)
        ledger = await centre.store.ledger.entries(centre.tenant, campaign, 0)
        verdicts = {one.number: one.outcome for one in ledger}
        assert verdicts.keys() == answered.keys() == {one.number for one in numbers if one.outcome == "answer"}
        if kind is Mode.PROGRESSIVE:
            assert set(verdicts.values()) == {Verdict.CONNECTED}
        for one in numbers:
            lead = leads[one.number]
            assert lead.state is not LeadState.DIALLING
            assert lead.attempts == 1
            if verdicts.get(one.number) in {None, Verdict.CONNECTED}:
                assert lead.last_outcome is OUTCOMES[one.outcome], (one, lead)
        cdrs = await centre.store.call_records.cdrs(centre.tenant, CdrQuery(limit=1000))
        assert Counter(one.customer_number for one in cdrs) == Counter(one.number for one in numbers)
        assert centre.murmur.loud, "no agent ever heard anybody"
    finally:
        await centre.close()
        await carrier.sipp.stop()
