"""Campaigns on the real engine, against a carrier that keeps its own account: nobody twice, nobody lost, every end right."""

import asyncio
import sys
from collections import Counter

import pytest

from callside.asterisk.process import ensure_running, stop
from callside.asterisk.profile import EngineProfile
from callside.dialer.laws.ledger import Outcome as Verdict
from callside.dialer.laws.model import Mode
from callside.dialer.leads.model import LeadState, Outcome
from callside.exchange.ports import CdrQuery
from callside.sessions.model import LoginType
from tests.asterisk.centre import Centre
from tests.asterisk.dialing_rig import OUTCOMES, Carrier, add_campaign, plans
from tests.asterisk.far_sides import Ari
from tests.asterisk.sipp import free_port

pytestmark = pytest.mark.asterisk

AGENTS = 10


@pytest.fixture
async def process(tmp_path, engine_program):
    home = tmp_path / "engine"
    yield await ensure_running(home, engine_program, EngineProfile())
    await asyncio.to_thread(stop, home)


async def leads_of(centre, numbers):
    return {one.number: (await centre.store.leads.leads_with(centre.tenant, one.number))[0] for one in numbers}


@pytest.mark.parametrize("kind", [Mode.PROGRESSIVE, Mode.PREDICTIVE])
async def test_every_lead_ends_as_the_carrier_says_and_nobody_is_called_twice(tmp_path, process, kind):
    # They stay long enough to be put through by a busy machine as well: who leaves before is no fault of the dialer's.
    numbers = plans(200, seed=11, shortest_talk_ms=1500, longest_talk_ms=2500)
    carrier = Carrier(tmp_path / "carrier", process.access.ports.sip, free_port())
    await carrier.start(numbers, seconds=240)
    centre = Centre(tmp_path, process)
    try:
        await centre.set_up(AGENTS, [carrier], auto_answer=AGENTS, ring_s=20, max_wait_s=0)
        campaign = await add_campaign(centre, carrier.port, kind, numbers)
        [leads] = [one.id for one in await centre.store.leads.lists(centre.tenant)]
        await centre.register_phones(carrier.audio.phones)
        await centre.log_in(LoginType.PROGRESSIVE, campaign)
        async with asyncio.timeout(200):
            while await unfinished(centre, leads) or centre.calls():
                await asyncio.sleep(0.2)
        called, answered = carrier.seen("called"), carrier.seen("answered")
        assert {number: len(times) for number, times in called.items()} == {one.number: 1 for one in numbers}
        known = await leads_of(centre, numbers)
        ledger = await centre.store.ledger.entries(centre.tenant, campaign, 0)
        verdicts = {one.number: one.outcome for one in ledger}
        assert verdicts.keys() == answered.keys() == {one.number for one in numbers if one.outcome == "answer"}
        if kind is Mode.PROGRESSIVE:
            assert set(verdicts.values()) == {Verdict.CONNECTED}
        for one in numbers:
            lead = known[one.number]
            assert lead.state is not LeadState.DIALLING
            assert lead.attempts == 1
            if verdicts.get(one.number) in {None, Verdict.CONNECTED}:
                assert lead.last_outcome is OUTCOMES[one.outcome], (one, lead)
        cdrs = await centre.store.call_records.cdrs(centre.tenant, CdrQuery(limit=1000))
        assert Counter(one.customer_number for one in cdrs) == Counter(one.number for one in numbers)
        assert carrier.audio.heard(), "no agent ever heard anybody"
    finally:
        await centre.close()
        await carrier.stop()


async def start_controller(centre, campaign, people=()):
    access = centre.process.access
    with (centre.folder / "controller.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.asterisk.dialing_controller", f"sqlite:///{centre.database}",
            access.ari_url, access.user, access.password, campaign, *people,
            stdout=asyncio.subprocess.PIPE, stderr=log,
        )  # fmt: skip
    said = b""
    try:
        async with asyncio.timeout(60):
            said = (await process.stdout.readline()).strip()
    finally:
        if process.returncode is None and said != b"ready":
            process.kill()
    assert said == b"ready", (centre.folder / "controller.log").read_text()
    return process


async def test_killed_in_the_middle_it_goes_on_and_nobody_is_called_twice_or_forgotten(tmp_path, process):
    numbers = plans(120, seed=12)
    carrier = Carrier(tmp_path / "carrier", process.access.ports.sip, free_port())
    await carrier.start(numbers, seconds=240)
    centre = Centre(tmp_path, process)
    running = None
    try:
        await centre.set_up(AGENTS, [carrier], auto_answer=AGENTS, ring_s=20, max_wait_s=0)
        campaign = await add_campaign(centre, carrier.port, Mode.PROGRESSIVE, numbers)
        [leads] = [one.id for one in await centre.store.leads.lists(centre.tenant)]
        await centre.register_phones(carrier.audio.phones)
        await centre.hand_over()
        people = [part for pair in zip(centre.agents, centre.extensions, strict=True) for part in pair]
        running = await start_controller(centre, campaign, people)
        for share in (0.3, 0.6):
            async with asyncio.timeout(60):
                while len(carrier.seen("called")) < share * len(numbers):
                    await asyncio.sleep(0.05)
            running.kill()
            await running.wait()
            on_the_way = len(await Ari(process.access).ask("GET", "channels"))
            assert on_the_way >= AGENTS, "calls and lines went down with the process"
            running = await start_controller(centre, campaign)
        async with asyncio.timeout(120):
            while await unfinished(centre, leads):
                await asyncio.sleep(0.2)
        called = carrier.seen("called")
        assert {number: len(times) for number, times in called.items() if len(times) > 1} == {}
        states = {
            one.number: lead for one, lead in zip(numbers, (await leads_of(centre, numbers)).values(), strict=True)
        }
        # Of a line that was to be dialled when the process died nobody knows: it is called again in a while, not at once.
        never_out = {number for number in states if number not in called}
        assert all(states[one].state is LeadState.DUE for one in never_out)
        assert all(states[one].last_outcome is Outcome.RECOVERED for one in never_out)
        assert len(never_out) <= 2 * AGENTS
        assert not [one for one in states.values() if one.state is LeadState.DIALLING]
        cdrs = await centre.store.call_records.cdrs(centre.tenant, CdrQuery(limit=1000))
        assert {one.customer_number for one in cdrs} >= called.keys()
        assert max(Counter(one.customer_number for one in cdrs).values()) == 1
    finally:
        if running is not None and running.returncode is None:
            running.kill()
            await running.wait()
        await centre.close()
        await carrier.stop()


async def unfinished(centre, leads) -> bool:
    tally = await centre.store.leads.tallies(centre.tenant, leads)
    return tally.get("fresh", 0) + tally.get("dialling", 0) > 0
