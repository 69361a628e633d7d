"""Campaigns through the whole exchange, with an engine and a store in memory: leads are fetched, written, and never dialled twice."""

from dataclasses import replace

import pytest

from callside.agents.machine import AgentState
from callside.dialer.laws.ledger import Answered, LedgerEntry
from callside.dialer.laws.ledger import Outcome as Verdict
from callside.dialer.laws.model import Mode
from callside.dialer.laws.sampling import OLDEST_MS, MachineSample, Sampled
from callside.dialer.leads.model import Blocked, DncList, Lead, LeadList, LeadNumber, LeadState, Outcome
from callside.dialer.model import Campaign, DialRules, PacePlan, Plan, Run
from callside.exchange import lead_fetching
from callside.exchange.dnc_port import EVERYWHERE
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.dialing_desk import Halt
from callside.floor.facts import Record
from callside.kernel.errors import NotAllowedError, NotFoundError, StoreUnavailableError
from callside.sessions.model import LoginType
from tests.fakes.stage import AGENTS, TENANT, TRUNK
from tests.fakes.telephony import FarSide
from tests.unit.exchange.test_exchange import Centre

NUMBERS = [f"+1555010{n:04d}" for n in range(6)]


class DialingCentre(Centre):
    async def begin(self, kind=Mode.PROGRESSIVE, numbers=NUMBERS, **plan):
        kept = self.store.directories
        self.campaign = await kept.add_campaign(
            Campaign(
                "", TENANT, "Spring", kind, TRUNK, frozenset(AGENTS), "+15550100999", DialRules(frozenset({"US"})),
                wrap_up_s=0,
                plan=replace(
                    Plan(
                        run=Run.RUNNING, profile="none", predictive_opt_in=True, officer="Ada", pace=PacePlan(calls_per_second=0)
                    ),
                    **plan,
                ),
            )
        )  # fmt: skip
        self.list = await self.store.leads.add_list(LeadList("", TENANT, "List", self.campaign.id))
        new = [Lead("", TENANT, self.list.id, (LeadNumber(one, zone_key="America/New_York"),)) for one in numbers]
        self.leads = await self.store.leads.add_leads(TENANT, self.list.id, new)
        await self.exchange.directory_changed(TENANT)
        await self.settle()

    async def agent(self, index=0, kind=LoginType.PROGRESSIVE):
        return await self.be_ready(AGENTS[index], kind, self.campaign.id)

    async def lead(self, index=0):
        return await self.store.leads.lead(TENANT, self.leads[index])

    def dialled(self):
        return [one.number for one in self.engine.commands if isinstance(one, cm.DialCustomer)]


@pytest.fixture
async def centre():
    made = DialingCentre()
    await made.exchange.start()
    await made.settle()
    yield made
    made.store.recorder.fails_with = None
    await made.exchange.stop()


async def test_a_campaign_calls_its_leads_one_after_the_other(centre):
    centre.engine.far_sides = {NUMBERS[0]: FarSide.BUSY, NUMBERS[1]: FarSide.UNKNOWN}
    await centre.begin()
    session = await centre.agent()
    await centre.settle()
    assert centre.state(session) is AgentState.TALKING
    assert centre.dialled() == NUMBERS[:3]
    assert (await centre.lead(0)).last_outcome is Outcome.BUSY
    assert (await centre.lead(1)).state is LeadState.DONE
    assert (await centre.lead(2)).state is LeadState.DIALLING


async def test_a_call_that_is_over_is_in_the_ledger_and_the_lead_is_done(centre):
    await centre.begin(numbers=NUMBERS[:1])
    session = await centre.agent()
    await centre.settle()
    await centre.ask(ev.HangUp(session))
    await centre.settle()
    [entry] = await centre.store.ledger.entries(TENANT, centre.campaign.id, 0)
    assert (entry.outcome, entry.number, entry.lead_id) == (Verdict.CONNECTED, NUMBERS[0], centre.leads[0])
    assert (await centre.lead()).state is LeadState.DONE
    assert centre.state(session) is AgentState.READY


async def test_a_number_on_a_do_not_call_list_is_not_dialled(centre):
    await centre.begin(numbers=NUMBERS[:2])
    await centre.store.recorder.write(record_of_block(NUMBERS[0]))
    await centre.agent()
    await centre.settle()
    assert centre.dialled() == [NUMBERS[1]]


async def test_by_hand_a_blocked_number_is_refused_and_another_one_is_not(centre):
    await centre.begin(Mode.MANUAL, profile="")
    await centre.store.recorder.write(record_of_block("+15550109999"))
    session = await centre.agent(kind=LoginType.MANUAL)
    with pytest.raises(NotAllowedError, match="does not want to be called"):
        await centre.ask(ev.Dial(session, "+15550109999"))
    await centre.ask(ev.Dial(session, "+15550109998"))
    assert centre.dialled() == ["+15550109998"]


async def test_an_agent_opens_a_lead_of_their_campaign_and_no_other(centre):
    await centre.begin(Mode.MANUAL, profile="")
    session = await centre.agent(kind=LoginType.MANUAL)
    await centre.exchange.open_lead(TENANT, session, centre.leads[3])
    assert centre.state(session) is AgentState.PREVIEW
    with pytest.raises(NotFoundError, match="no such lead"):
        await centre.exchange.open_lead(TENANT, session, "4711")
    await centre.ask(ev.DialLead(session, 0))
    assert centre.dialled() == [NUMBERS[3]]


async def test_nothing_is_dialled_while_nothing_can_be_written(centre):
    await centre.begin()
    centre.store.recorder.fails_with = StoreUnavailableError("disk full")
    session = centre.row(AGENTS[0], LoginType.PROGRESSIVE, centre.campaign.id)
    with pytest.raises(StoreUnavailableError):
        await centre.ask(ev.OpenSession(session))
    await centre.settle()
    assert centre.dialled() == []


async def test_after_a_restart_the_line_goes_on_and_no_lead_is_called_again(centre):
    centre.engine.far_sides = dict.fromkeys(NUMBERS, FarSide.RINGS)
    await centre.begin()
    session = await centre.agent()
    await centre.settle()
    assert centre.dialled() == NUMBERS[:1]
    await centre.restart(tidy=False)
    await centre.ask(ev.PhoneChanged(session, connected=True))
    await centre.settle()
    assert centre.dialled() == NUMBERS[:1]
    centre.engine.pick_up(next(leg.id for leg in centre.engine.legs.values() if leg.kind == "out"))
    await centre.settle()
    assert centre.state(session) is AgentState.TALKING


async def test_a_number_blocked_while_we_were_away_is_not_called_from_the_screen_where_its_lead_stands(centre):
    await centre.begin(Mode.PREVIEW, numbers=NUMBERS[:1])
    session = await centre.agent(kind=LoginType.MANUAL)
    await centre.settle()
    assert centre.state(session) is AgentState.PREVIEW
    await centre.store.recorder.write(record_of_block(NUMBERS[0]))
    await centre.restart(tidy=False)
    await centre.ask(ev.PhoneChanged(session, connected=True))
    await centre.settle()
    assert centre.state(session) is AgentState.PREVIEW
    with pytest.raises(NotAllowedError, match="does not want to be called"):
        await centre.ask(ev.DialLead(session, 0))
    assert centre.dialled() == []


async def test_a_restart_reads_back_what_was_said_of_samples(centre):
    await centre.begin(numbers=[])
    mine = centre.campaign.id
    now = centre.clock.now().wall
    said = [MachineSample(mine, f"call-{n}", now - n, was_person=n < 3) for n in range(120)]
    long_ago = MachineSample(mine, "long-ago", now - OLDEST_MS - 1, was_person=True)
    await centre.store.recorder.write(Record(TENANT, samples=(*said, long_ago)))
    await centre.restart()
    ground = centre.exchange._runners[TENANT].floor.ground
    report = ground.dialing.tally(mine, ground.directory.profile_at("none", now)).report(now)
    assert report.sampled == Sampled(3, 120)
    assert report.measured
    assert report.false_positive_rate == Sampled(3, 120).upper


async def test_what_pacing_has_learnt_is_written_at_the_end_and_read_back_at_the_start(centre):
    centre.engine.far_sides = dict.fromkeys(NUMBERS, FarSide.BUSY)
    await centre.begin(Mode.PREDICTIVE)
    await centre.agent()
    await centre.settle()

    def learnt():
        return centre.exchange._runners[TENANT].floor.ground.dialing.desks[centre.campaign.id].pacer.known().memory

    before = learnt()
    assert sum(before.failed) == len(centre.dialled()) > 0
    await centre.restart()
    assert sum(learnt().failed) == pytest.approx(sum(before.failed), rel=0.001)


async def test_lists_that_change_are_looked_at_at_once(centre):
    await centre.begin(numbers=[])
    await centre.agent()
    await centre.settle()
    assert centre.dialled() == []
    new = [Lead("", TENANT, centre.list.id, (LeadNumber(NUMBERS[0], zone_key="America/New_York"),))]
    await centre.store.leads.add_leads(TENANT, centre.list.id, new)
    centre.exchange.tell(TENANT, ev.LeadsChanged(centre.campaign.id))
    await centre.settle()
    assert centre.dialled() == NUMBERS[:1]


def record_of_block(number):
    return Record(TENANT, blocked=(Blocked(number, None, "key", 0),))


async def test_a_fetch_that_fails_is_made_again(centre, monkeypatch):
    monkeypatch.setattr("callside.exchange.lead_fetching._AGAIN_S", 0)
    await centre.begin()
    next_leads, failures = (
        centre.store.leads.next_leads,
        [StoreUnavailableError("gone"), RuntimeError("a fault of ours")],
    )

    async def unwilling(*words, **more):
        if failures:
            raise failures.pop()
        return await next_leads(*words, **more)

    centre.store.leads.next_leads = unwilling
    await centre.agent()
    await centre.settle()
    assert not failures
    assert centre.dialled() == NUMBERS[:1]


# ── what a campaign stands on ────────────────────────────────────────────────────────────────────────────────────────
def halt_of(centre):
    return centre.exchange._runner(TENANT).floor.ground.dialing.desks[centre.campaign.id].halt


async def test_a_campaign_that_begins_to_run_stands_on_what_the_store_has_then(centre):
    """Its scrub is a day too old at its start, as a command line beside a running server may leave it."""
    old = centre.clock.now().wall - 32 * 86_400_000
    kept = await centre.store.dnc.add_dnc_list(DncList("", TENANT, "Register", None, old))
    await centre.begin(Mode.PREVIEW, profile="us")
    assert halt_of(centre) is Halt.FORBIDDEN
    await centre.store.dnc.change_dnc_list(replace(kept, scrubbed_at=centre.clock.now().wall))
    await centre.exchange.leads_changed(EVERYWHERE, None)
    assert halt_of(centre) is None


async def test_a_list_that_is_switched_off_halts_its_campaign_until_it_is_on_again(centre):
    await centre.begin()
    assert halt_of(centre) is None
    for enabled, halt in ((False, Halt.NO_LISTS), (True, None)):
        await centre.store.leads.change_list(replace(centre.list, enabled=enabled))
        await centre.exchange.leads_changed(TENANT, centre.campaign.id)
        assert halt_of(centre) is halt


def past_entry(centre, days, call_id):
    when = centre.clock.now().wall - days * 86_400_000
    answered = Answered(when, agent_at=when)
    return LedgerEntry(centre.campaign.id, call_id, None, NUMBERS[0], answered, Verdict.CONNECTED, "none-2")


async def counted(centre):
    await centre.settle()
    report = centre.exchange.campaign_now(TENANT, centre.campaign.id).report
    return report.counts.connected if report is not None else None


async def go_under(centre, profile):
    centre.campaign = replace(centre.campaign, plan=replace(centre.campaign.plan, profile=profile))
    await centre.store.directories.change_campaign(centre.campaign)
    await centre.exchange.directory_changed(TENANT)


@pytest.mark.parametrize("first", ["none", ""])
async def test_a_profile_with_a_longer_window_shows_all_of_it_at_once(centre, first):
    await centre.begin(numbers=[], profile=first)
    past = tuple(past_entry(centre, days, f"call-{days}") for days in (0, 10, 20, 40))
    await centre.store.recorder.write(Record(TENANT, ledger=past))
    await centre.restart()
    assert await counted(centre) == (1 if first else None)
    await go_under(centre, "us")
    assert await counted(centre) == 3
    await go_under(centre, "none")
    assert await counted(centre) == 1
    await go_under(centre, "us")
    assert await counted(centre) == 3


async def test_a_ledger_that_cannot_be_read_is_read_as_soon_as_it_can(centre, monkeypatch):
    await centre.begin(numbers=[], profile="none")
    await centre.store.recorder.write(Record(TENANT, ledger=(past_entry(centre, 10, "call"),)))
    await centre.restart()
    monkeypatch.setattr(lead_fetching, "_AGAIN_S", 0)
    real, failed = centre.store.ledger.entries, []

    async def entries(*args, **more):
        if len(failed) < 3:
            failed.append(args)
            raise StoreUnavailableError("not now")
        return await real(*args, **more)

    monkeypatch.setattr(centre.store.ledger, "entries", entries)
    await go_under(centre, "us")
    assert await counted(centre) == 1
    assert len(failed) == 3
