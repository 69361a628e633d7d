"""Every method of every port with tenant B's id on tenant A's things: it finds nothing and changes nothing."""

import inspect
from dataclasses import replace

import pytest

from callside.dialer.leads.model import Blocked, DncList, LeadList
from callside.dialer.leads.rules import begin_attempt
from callside.exchange.dnc_port import DncEntry, DncLists
from callside.exchange.lead_import.model import Candidate, LeadImport
from callside.exchange.lead_import.port import LeadImports
from callside.exchange.leads_port import LeadChange, Leads
from callside.exchange.ports import CallRecords, CdrQuery, Directories, Recorder, Sessions, VoicemailQuery, Voicemails
from callside.floor.facts import SessionEnded, WrappedUp
from callside.kernel.errors import RequestError
from callside.reception.model import Destination, Number, Target
from callside.sessions.model import EndCause
from callside.tenants.model import Tenant
from tests.conformance.store.lead_samples import EAST, Desk, lead
from tests.conformance.store.samples import NOW, digest, live_call, live_session

# Each with tenant B's id and A's thing. What has no tenant in its question, or adds something new, is listed below instead.
TRESPASSES = {
    "change_agent": lambda b, a: b.store.directories.change_agent(replace(a.agent, tenant_id=b.id, username="x")),
    "change_extension": lambda b, a: b.store.directories.change_extension(
        replace(a.extension, tenant_id=b.id, number="9")
    ),
    "change_queue": lambda b, a: b.store.directories.change_queue(
        replace(a.queue, tenant_id=b.id, name="x", agents=frozenset(), numbers=())
    ),
    "change_campaign": lambda b, a: b.store.directories.change_campaign(
        replace(a.campaign, tenant_id=b.id, name="x", agents=frozenset(), trunk_id=b.trunk.id)
    ),
    "change_trunk": lambda b, a: b.store.directories.change_trunk(replace(a.trunk, tenant_id=b.id, name="x")),
    "remove_agent": lambda b, a: b.store.directories.remove_agent(b.id, a.agent.id),
    "remove_extension": lambda b, a: b.store.directories.remove_extension(b.id, a.extension.id),
    "remove_queue": lambda b, a: b.store.directories.remove_queue(b.id, a.queue.id),
    "remove_campaign": lambda b, a: b.store.directories.remove_campaign(b.id, a.campaign.id),
    "remove_trunk": lambda b, a: b.store.directories.remove_trunk(b.id, a.trunk.id),
    "change_reception": lambda b, a: b.store.directories.change_reception(replace(a.number, tenant_id=b.id)),
    "remove_reception": lambda b, a: b.store.directories.remove_reception(b.id, "number", a.number.id),
    "revoke_token": lambda b, a: b.store.directories.revoke_token(b.id, a.token.id, NOW),
    "replace_password_hash": lambda b, a: b.store.directories.replace_password_hash(
        b.id, a.agent.id, old=a.agent.password_hash, new="stolen"
    ),
    "by_handle": lambda b, a: b.store.sessions.by_handle(b.id, a.open.handle_digest),
    "by_id": lambda b, a: b.store.sessions.by_id(b.id, a.open.id),
    "bind": lambda b, a: b.store.sessions.bind(
        b.id, a.open.id, binding_digest=digest("x"), bearer_digest=digest("y"), at=NOW
    ),
    "learnt": lambda b, a: b.store.recorder.learnt(b.id),
    "cdr": lambda b, a: b.store.call_records.cdr(b.id, a.call.call_id),
    "cdrs": lambda b, a: b.store.call_records.cdrs(b.id, CdrQuery(agent_id=a.agent.id)),
    "facts": lambda b, a: b.store.call_records.facts(b.id, a.call.call_id),
    "facts_since": lambda b, a: b.store.call_records.facts_since(b.id, 0),
    "unavailable": lambda b, a: b.store.call_records.unavailable(b.id, 0, NOW + 1),
    "newest_fact": lambda b, a: b.store.call_records.newest_fact(b.id),
    "change_list": lambda b, a: b.store.leads.change_list(
        replace(a.lead_list, tenant_id=b.id, name="x", campaign_id=None)
    ),
    "remove_list": lambda b, a: b.store.leads.remove_list(b.id, a.lead_list.id),
    "tallies": lambda b, a: b.store.leads.tallies(b.id, a.lead_list.id),
    "lead": lambda b, a: b.store.leads.lead(b.id, a.lead.id),
    "leads_with": lambda b, a: b.store.leads.leads_with(b.id, a.lead.numbers[0].number),
    "zone_keys": lambda b, a: b.store.leads.zone_keys(b.id, a.campaign.id),
    "next_leads": lambda b, a: b.store.leads.next_leads(b.id, a.campaign.id, NOW, open_zone_keys={EAST}),
    "leads_of_agent": lambda b, a: b.store.leads.leads_of_agent(
        b.id, a.campaign.id, a.agent.id, NOW, open_zone_keys={EAST}
    ),
    "dialling": lambda b, a: b.store.leads.dialling(b.id),
    "blocked_numbers": lambda b, a: b.store.leads.blocked_numbers(b.id, a.campaign.id, ["+15550100777"], NOW),
    "page": lambda b, a: b.store.leads.page(b.id, a.lead_list.id, after=None, limit=9),
    "change_lead": lambda b, a: b.store.leads.change_lead(b.id, a.lead.id, LeadChange(name="stolen")),
    "dnc_lists": lambda b, a: b.store.dnc.dnc_lists(b.id),
    "change_dnc_list": lambda b, a: b.store.dnc.change_dnc_list(DncList("own", b.id, "stolen")),
    "remove_dnc_some": lambda b, a: b.store.dnc.remove_dnc_some(b.id, "own", added_before=NOW + 1),
    "remove_dnc_list": lambda b, a: b.store.dnc.remove_dnc_list(b.id, "own"),
    "remove_dnc": lambda b, a: b.store.dnc.remove_dnc(b.id, "own", ["+15550100777"]),
    "dnc_entries": lambda b, a: b.store.dnc.dnc_entries(b.id, "own"),
    "imports": lambda b, a: b.store.lead_imports.imports(b.id),
    "lead_import": lambda b, a: b.store.lead_imports.lead_import(b.id, a.lead_import.id),
    "change_import": lambda b, a: b.store.lead_imports.change_import(
        replace(a.lead_import, tenant_id=b.id, message="x")
    ),
    "undo_some": lambda b, a: b.store.lead_imports.undo_some(b.id, a.lead_import.id),
    "rank_some": lambda b, a: b.store.lead_imports.rank_some(b.id, a.lead_list.id, 0, 0),
    "merge_some": lambda b, a: b.store.lead_imports.merge_some(b.id, a.lead_import.id),
    "write: lead": lambda b, a: b.write(leads=[begin_attempt(a.lead, 0, "stolen", NOW)]),
    "write: opt-out": lambda b, a: b.write(blocked=[Blocked(a.lead.numbers[0].number, None, "key", NOW)]),
    "write: end": lambda b, a: b.write(ended=[SessionEnded(a.open.id, EndCause.FORCED, NOW)]),
    "write: live rows": lambda b, a: b.write(
        live_sessions={a.live_session.id: None}, live_calls={a.live_call.id: None}
    ),
    "one": lambda b, a: b.store.voicemails.one(b.id, a.message.id),
    "remove": lambda b, a: b.store.voicemails.remove(b.id, a.message.id),
    "write: wrap-up": lambda b, a: b.write(wrapped_up=[WrappedUp(a.call.call_id, "stolen", "stolen")]),
}
REFUSED = {
    "add_queue": lambda b, a: b.store.directories.add_queue(
        replace(b.queue, id="", name="x", numbers=(), agents=frozenset({a.agent.id}))
    ),
    "change_queue with their agent": lambda b, a: b.store.directories.change_queue(
        replace(b.queue, agents=frozenset({a.agent.id}))
    ),
    "add_campaign": lambda b, a: b.store.directories.add_campaign(
        replace(b.campaign, id="", name="x", agents=frozenset({a.agent.id}))
    ),
    "add_campaign on their trunk": lambda b, a: b.store.directories.add_campaign(
        replace(b.campaign, id="", name="x", trunk_id=a.trunk.id)
    ),
    "add_dnc": lambda b, a: b.store.dnc.add_dnc(b.id, "own", [DncEntry("+15550100778", NOW)]),
    "add_dnc_list for their campaign": lambda b, a: b.store.dnc.add_dnc_list(DncList("", b.id, "x", a.campaign.id)),
    "add_import": lambda b, a: b.store.lead_imports.add_import(replace(a.lead_import, id="", tenant_id=b.id)),
    "load": lambda b, a: b.store.lead_imports.load(
        replace(a.lead_import, tenant_id=b.id), [Candidate(2, lead())], [], 1, len
    ),
    "add_leads to their list": lambda b, a: b.store.leads.add_leads(b.id, a.lead_list.id, [lead()]),
    "add_list for their campaign": lambda b, a: b.store.leads.add_list(LeadList("", b.id, "x", a.campaign.id)),
    "change_campaign to their trunk": lambda b, a: b.store.directories.change_campaign(
        replace(b.campaign, trunk_id=a.trunk.id)
    ),
}
WITHOUT_A_STRANGERS_ID = {
    "tenants", "tenant", "directory", "add_tenant", "change_tenant", "remove_tenant", "tokens", "add_token", "add_agent",
    "add_extension", "add_trunk", "add_reception", "counts", "ids", "lists", "publish", "unfinished", "unranked", "live",
    "anchor", "locate_token", "locate_handle", "locate_bearer",
}  # fmt: skip


@pytest.fixture
async def inhabited(world):
    """Tenant A with a session, live rows and a finished call."""
    world.open = await world.open_session()
    somewhere = Number("", world.id, "+15550100700", Destination(Target.QUEUE, world.queue.id))
    world.number = await world.store.directories.add_reception(somewhere)
    desk = Desk(world)
    world.lead_list = await desk.new_list()
    (world.lead,) = await desk.add(world.lead_list, lead())
    (under_way,) = await desk.add(world.lead_list, lead())
    await desk.begin(under_way)
    await world.write(blocked=[Blocked("+15550100777", None, "key", NOW)])
    world.lead_import = await world.store.lead_imports.add_import(
        LeadImport("", world.id, world.lead_list.id, "people.csv", NOW)
    )
    world.call = world.cdr()
    world.message = world.voice_message(world.call.call_id)
    await world.write(voicemails=[world.message])
    world.live_session, world.live_call = live_session(), live_call()
    await world.write(
        facts=[world.fact(call_id=world.call.call_id), world.fact("call.unavailable", "missed")], cdrs=[world.call],
        live_sessions={world.live_session.id: world.live_session}, live_calls={world.live_call.id: world.live_call},
    )  # fmt: skip
    return world


async def all_of(world):
    kept = world.store
    return (
        await world.directory(),
        list(await kept.directories.tokens(world.id)),
        await kept.sessions.by_id(world.id, world.open.id),
        await kept.recorder.live(world.id),
        list(await kept.call_records.cdrs(world.id, CdrQuery())),
        list(await kept.call_records.facts(world.id, world.call.call_id)),
        list(await kept.call_records.unavailable(world.id, 0, NOW + 1)),
        list(await kept.voicemails.page(world.id, VoicemailQuery())),
        list(await kept.leads.lists(world.id)),
        list(await kept.lead_imports.imports(world.id)),
        list(await kept.dnc.dnc_lists(world.id)),
        list(await kept.dnc.dnc_entries(world.id, "own")),
        await kept.leads.lead(world.id, world.lead.id),
        await kept.leads.tallies(world.id, world.lead_list.id),
        await kept.leads.blocked_numbers(world.id, None, ["+15550100777", world.lead.numbers[0].number], NOW),
    )


@pytest.mark.parametrize("deed", TRESPASSES)
async def test_another_tenants_things_are_neither_found_nor_changed(inhabited, twin, deed):
    before, beside = await all_of(inhabited), await twin.directory()
    found = await TRESPASSES[deed](twin, inhabited)
    assert not found
    assert await all_of(inhabited) == before
    assert await twin.directory() == beside


@pytest.mark.parametrize("deed", REFUSED)
async def test_another_tenants_things_cannot_be_referred_to(inhabited, twin, deed):
    before, beside = await all_of(inhabited), await twin.directory()
    with pytest.raises(RequestError):
        await REFUSED[deed](twin, inhabited)
    assert await all_of(inhabited) == before
    assert await twin.directory() == beside


async def test_what_a_tenant_reads_is_its_own(inhabited, twin):
    assert await twin.store.recorder.live(twin.id) == ([], [])
    assert list(await twin.store.call_records.cdrs(twin.id, CdrQuery())) == []
    assert list(await twin.store.voicemails.page(twin.id, VoicemailQuery())) == []
    assert await twin.store.voicemails.counts(twin.id) == {}
    assert await twin.store.voicemails.ids(twin.id) == set()
    assert list(await twin.store.directories.tokens(twin.id)) == [twin.token]
    found = await twin.directory()
    assert list(found.agents) == [twin.agent.id, twin.second_agent.id]


def test_every_method_of_every_port_is_in_this_sweep():
    methods = {
        name
        for port in (Directories, Sessions, Recorder, CallRecords, Leads, LeadImports, DncLists, Voicemails)
        for name, _ in inspect.getmembers(port, inspect.isfunction)
        if not name.startswith("_")
    }
    swept = {name.split()[0].rstrip(":") for name in (*TRESPASSES, *REFUSED)} | WITHOUT_A_STRANGERS_ID
    assert methods == swept


async def test_things_of_the_same_id_in_two_tenants_do_not_mix(world, store):
    """Fresh ids never meet; an administrator may choose ids, and then nothing but the tenant tells them apart."""
    kept = store.directories
    tenant = await kept.add_tenant(Tenant("", "Twin"))
    mine = {"tenant_id": tenant.id}
    for agent in (world.agent, world.second_agent):
        await kept.add_agent(replace(agent, **mine))
    await kept.add_extension(replace(world.extension, **mine))
    await kept.add_trunk(replace(world.trunk, **mine))
    queue = await kept.add_queue(
        replace(world.queue, **mine, agents=frozenset({world.agent.id}), numbers=("+15550100100",))
    )
    campaign = await kept.add_campaign(replace(world.campaign, **mine, agents=frozenset({world.second_agent.id})))
    assert (queue.id, campaign.id) == (world.queue.id, world.campaign.id)
    before = await world.directory()
    assert (before.queues[queue.id], before.campaigns[campaign.id]) == (world.queue, world.campaign)
    beside = await kept.directory(tenant.id)
    assert (beside.queues, beside.campaigns) == ({queue.id: queue}, {campaign.id: campaign})
    assert await kept.change_queue(replace(queue, agents=frozenset(), numbers=("+15550100101",)))
    assert await kept.change_campaign(replace(campaign, agents=frozenset()))
    assert await kept.change_agent(replace(world.agent, **mine, name="Other"))
    assert await world.directory() == before
    assert await kept.remove_campaign(tenant.id, campaign.id)
    for remove, thing in (
        (kept.remove_trunk, world.trunk),
        (kept.remove_queue, queue),
        (kept.remove_extension, world.extension),
        (kept.remove_agent, world.agent),
    ):
        assert await remove(tenant.id, thing.id)
    assert await world.directory() == before
