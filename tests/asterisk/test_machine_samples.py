"""How often machine detection is wrong, measured on the real engine: people whose greeting is long are taken for machines."""

import asyncio
from functools import partial

import pytest

from callside.agents.machine import AgentState
from callside.asterisk.process import ensure_running, stop
from callside.asterisk.profile import EngineProfile
from callside.dialer.laws.ledger import Detected
from callside.dialer.laws.ledger import Outcome as Verdict
from callside.dialer.laws.model import Mode
from callside.dialer.laws.sampling import Sampled
from callside.dialer.leads.rules import EffectKind, LeadEffect
from callside.floor import events as ev
from callside.sessions.model import LoginType
from tests.asterisk.centre import Centre
from tests.asterisk.dialing_rig import Carrier, FarPlan, add_campaign
from tests.asterisk.sipp import free_port

pytestmark = pytest.mark.asterisk

EFFECTS = {"sale": LeadEffect(EffectKind.SUCCESS), "no_contact": LeadEffect(EffectKind.MACHINE)}
SAID = ("sale", "no_contact", "sale")
EVERY = 2
TALKS_MS = 15_000


@pytest.fixture
async def process(tmp_path, engine_program):
    home = tmp_path / "engine"
    yield await ensure_running(home, engine_program, EngineProfile())
    await asyncio.to_thread(stop, home)


async def test_each_second_machine_is_given_an_agent_whose_word_becomes_the_measured_share(tmp_path, process):
    """The far sides speak without a pause from the first moment on: `AMD()` takes that for a machine's greeting."""
    numbers = [FarPlan(f"+155520000{place:02d}", "answer", 50, TALKS_MS) for place in range(EVERY * len(SAID))]
    carrier = Carrier(tmp_path / "carrier", process.access.ports.sip, free_port())
    await carrier.start(numbers, seconds=120)
    centre = Centre(tmp_path, process)
    try:
        await centre.set_up(1, [carrier], auto_answer=1, ring_s=20, max_wait_s=0)
        plan = {"detect_machines": True, "machine_sample_every": EVERY, "effects": EFFECTS}
        campaign = await add_campaign(centre, carrier.port, Mode.PROGRESSIVE, numbers, **plan)
        await centre.register_phones(carrier.audio.phones)
        await centre.log_in(LoginType.PROGRESSIVE, campaign)
        given: set[str] = set()
        for place, disposition in enumerate(SAID, 1):
            await centre.until(partial(is_given_one, centre, given), "the agent is given a machine", 30.0)
            given.add(centre.live()[0].call_id)
            assert len(carrier.seen("answered")) == EVERY * place  # and nobody in between was given the agent
            await centre.until(partial(has_heard, carrier, place), "the agent hears them")
            await centre.ask(ev.Dispose(centre.sessions[0], disposition))
            await centre.ask(ev.HangUp(centre.sessions[0]))
        await centre.until(lambda: not centre.calls(), "all calls are over")
        await written(centre, campaign, len(numbers))
        samples = await centre.store.ledger.samples(centre.tenant, campaign, 0, 100)
        assert [one.was_person for one in samples] == [True, False, True]
        entries = await centre.store.ledger.entries(centre.tenant, campaign, 0)
        mistaken = [one for one in entries if one.answered.detected is Detected.MISTAKEN]
        assert {one.call_id for one in mistaken} == {one.call_id for one in samples if one.was_person}
        assert all(one.outcome in {Verdict.CONNECTED, Verdict.ABANDONED} for one in mistaken)
        others = [one for one in entries if one not in mistaken]
        assert {(one.answered.detected, one.outcome) for one in others} == {(Detected.MACHINE, Verdict.MACHINE)}
        report = centre.exchange.campaign_now(centre.tenant, campaign).report
        assert (report.sampled, report.measured) == (
            Sampled(2, 3),
            False,
        )  # a hundred are needed until they are reckoned with
    finally:
        await centre.close()
        await carrier.stop()


def has_heard(carrier, times) -> bool:
    return sum(map(len, carrier.audio.heard().values())) >= times


def is_given_one(centre, before) -> bool:
    session = centre.live()[0]
    return session.state is AgentState.TALKING and session.call_id not in before


async def written(centre, campaign, count) -> None:
    async with asyncio.timeout(15):
        while len(await centre.store.ledger.entries(centre.tenant, campaign, 0)) < count:
            await asyncio.sleep(0.05)
