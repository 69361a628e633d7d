"""The agent's own list, and a lead of it: from the store to the page's view."""

import dataclasses

import pytest

from callside.agents.machine import AgentState
from callside.dialer.leads.model import Lead, LeadList, LeadNumber, LeadState
from callside.floor import events as ev
from callside.kernel.errors import ConflictError, NotAllowedError, NotFoundError
from callside.kernel.ids import LeadId, LeadListId
from callside.sessions.model import LoginType
from tests.fakes.stage import AGENTS, MANUAL, TENANT
from tests.unit.exchange.test_exchange import Centre

NUMBER = "+15550100123"


def a_lead(list_id, name, **fields):
    return Lead(LeadId(""), TENANT, list_id, (LeadNumber(NUMBER),), name=name, **fields)


@pytest.fixture
async def centre():
    made = Centre()
    await made.exchange.start()
    yield made
    await made.exchange.stop()


async def with_leads(centre, *leads, campaign_id=MANUAL):
    made = await centre.store.leads.add_list(LeadList(LeadListId(""), TENANT, "Spring", campaign_id))
    return await centre.store.leads.add_leads(TENANT, made.id, [a_lead(made.id, name, **rest) for name, rest in leads])


async def test_callbacks_come_first_then_whoever_is_next(centre):
    later = centre.clock.now().wall + 3_600_000
    callback = {"state": LeadState.CALLBACK, "due_at": later, "callback_agent_id": AGENTS[0]}
    await with_leads(centre, ("Fresh", {}), ("Callback", callback))
    session = await centre.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    rows = await centre.exchange.leads_of(TENANT, session)
    assert [(one.name, one.dueAt, one.callback is not None) for one in rows] == [
        ("Callback", later, True),
        ("Fresh", 0, False),
    ]


async def test_a_lead_of_the_list_is_opened_and_nobody_else_can_have_it(centre):
    (lead_id,) = await with_leads(centre, ("Maria", {}))
    first = await centre.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    second = await centre.be_ready(AGENTS[1], LoginType.MANUAL, MANUAL)
    await centre.exchange.open_lead(TENANT, first, lead_id)
    await centre.settle()
    assert centre.state(first) is AgentState.PREVIEW
    assert centre.exchange.view(TENANT, first).lead.name == "Maria"
    assert list(await centre.exchange.leads_of(TENANT, second)) == []
    with pytest.raises(ConflictError, match="somebody else has it"):
        await centre.exchange.open_lead(TENANT, second, lead_id)


async def test_a_lead_that_was_skipped_is_not_lost(centre):
    (lead_id,) = await with_leads(centre, ("Maria", {}))
    session = await centre.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    await centre.exchange.open_lead(TENANT, session, lead_id)
    await centre.ask(ev.SkipLead(session, "not a good time"))
    await centre.settle()
    assert centre.exchange.view(TENANT, session).lead is None
    kept = await centre.store.leads.lead(TENANT, lead_id)
    assert (kept.state, kept.attempts) == (LeadState.DUE, 0)
    assert kept.due_at > centre.clock.now().wall


async def test_a_lead_of_another_campaign_or_none_is_not_found(centre):
    (foreign,) = await with_leads(centre, ("Not mine", {}), campaign_id=None)
    session = await centre.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    for lead_id in (foreign, LeadId("123456")):
        with pytest.raises(NotFoundError, match="lead"):
            await centre.exchange.open_lead(TENANT, session, lead_id)
    assert centre.state(session) is AgentState.READY


async def test_a_lead_of_a_list_that_was_disabled_since_is_not_opened(centre):
    (lead_id,) = await with_leads(centre, ("Maria", {}))
    session = await centre.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    (spring,) = await centre.store.leads.lists(TENANT)
    await centre.store.leads.change_list(dataclasses.replace(spring, enabled=False))
    with pytest.raises(NotFoundError, match="lead"):
        await centre.exchange.open_lead(TENANT, session, lead_id)
    assert centre.state(session) is AgentState.READY


async def test_only_agents_of_a_campaign_have_a_list(centre):
    session = await centre.be_ready(AGENTS[0])
    with pytest.raises(NotAllowedError):
        await centre.exchange.leads_of(TENANT, session)
    with pytest.raises(NotFoundError):
        await centre.exchange.leads_of(TENANT, "nobody")


async def test_a_callback_that_the_agent_put_is_on_their_list(centre):
    directory = centre.store.directories.by_tenant[TENANT]
    campaign = dataclasses.replace(directory.campaigns[MANUAL], wrap_up_s=30)
    campaigns = directory.campaigns | {MANUAL: campaign}
    centre.store.directories.by_tenant[TENANT] = dataclasses.replace(directory, campaigns=campaigns)
    await centre.exchange.directory_changed(TENANT)
    (lead_id,) = await with_leads(centre, ("Maria", {}))
    session = await centre.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    await centre.exchange.open_lead(TENANT, session, lead_id)
    await centre.ask(ev.DialLead(session))
    await centre.settle()
    await centre.ask(ev.HangUp(session))
    await centre.settle()
    assert centre.state(session) is AgentState.WRAP_UP
    at = centre.clock.now().wall + 86_400_000
    code = directory.tenant.dispositions[0].code
    await centre.ask(ev.Dispose(session, code, callback_at=at, callback_mine=True))
    await centre.settle()
    (row,) = await centre.exchange.leads_of(TENANT, session)
    assert (row.id, row.dueAt, row.callback.mine) == (lead_id, at, True)
