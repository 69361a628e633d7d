"""What administration sets up: kept whole, unique where it must be, gone when it is removed."""

import asyncio
from dataclasses import replace

import pytest

from callside.acd.model import CallbackOffer, CallbackWords, Overflow, OverflowWhen, Queue, Relaxation, Strategy
from callside.agents.model import Agent, Extension
from callside.calls.model import SipTransport, Trunk
from callside.dialer.laws.model import Mode, Purpose, Said
from callside.dialer.leads.model import Outcome
from callside.dialer.leads.rules import EffectKind, LeadEffect, Recycle, RecyclingRules, Then
from callside.dialer.model import CallerIdChoice, Campaign, DialRules, MachineAction, PacePlan, Plan, Run
from callside.kernel.errors import ConflictError, NotFoundError, RequestError
from callside.sessions.model import LoginType
from callside.tenants.model import ApiToken, BreakReason, Disposition, Tenant
from tests.conformance.store.samples import NOW, digest


async def test_a_directory_is_given_back_as_it_was_set_up(world):
    found = await world.directory()
    assert found.tenant == world.tenant
    assert found.agents == {one.id: one for one in (world.agent, world.second_agent)}
    assert found.extensions == {world.extension.id: world.extension}
    assert found.queues == {world.queue.id: world.queue}
    assert found.campaigns == {world.campaign.id: world.campaign}
    assert found.trunks == {world.trunk.id: world.trunk}


async def test_what_was_never_set_up_is_not_there(store):
    assert list(await store.directories.tenants()) == []
    assert await store.directories.tenant("1001") is None
    assert await store.directories.directory("1001") is None
    assert list(await store.directories.tokens("1001")) == []


async def test_a_tenant_keeps_every_field(store):
    kept = store.directories
    added = await kept.add_tenant(
        Tenant(
            "",
            "Zürich ☎",
            "CH",
            ("https://crm.example.com", "http://localhost:8080"),
            (BreakReason("tea", "Tea", 600), BreakReason("other", "Other")),
            (Disposition("won", "Won"), Disposition("lost", "Löst")),
        )
    )
    assert await kept.tenant(added.id) == added
    changed = replace(
        added,
        name="Bern",
        region="DE",
        crm_origins=(),
        breaks=(),
        dispositions=(),
        enabled=False,
        time_zone="Asia/Kolkata",
    )
    await kept.change_tenant(changed)
    assert await kept.tenant(added.id) == changed
    assert list(await kept.tenants()) == [changed]


async def test_ids_are_decimal_digits_and_those_of_queues_and_campaigns_never_meet(world):
    kept = world.store.directories
    more = [await kept.add_queue(Queue("", world.id, f"Queue {n}")) for n in range(3)]
    more += [
        await kept.add_campaign(Campaign("", world.id, f"Campaign {n}", LoginType.PROGRESSIVE, world.trunk.id))
        for n in range(3)
    ]
    ids = [one.id for one in (world.queue, world.campaign, *more)]
    assert len(set(ids)) == len(ids)
    every = [*ids, world.id, world.agent.id, world.extension.id, world.trunk.id, world.token.id]
    assert all(one.isascii() and one.isdecimal() and one[0] != "0" for one in every)


async def test_an_id_is_not_given_again_after_its_owner_is_gone(world):
    kept = world.store.directories
    last = await kept.add_agent(Agent("", world.id, "carl", "Carl", "h"))
    assert await kept.remove_agent(world.id, last.id)
    assert (await kept.add_agent(Agent("", world.id, "carl", "Carl", "h"))).id != last.id


async def test_many_things_added_at_once_get_ids_of_their_own(world):
    kept = world.store.directories
    added = await asyncio.gather(*(kept.add_agent(Agent("", world.id, f"agent{n}", "", "h")) for n in range(20)))
    assert len({one.id for one in added}) == 20
    assert len((await world.directory()).agents) == 22


@pytest.mark.parametrize(
    ("add", "field"),
    [
        (lambda w: w.store.directories.add_tenant(Tenant("", "ACME")), "name"),
        (lambda w: w.store.directories.add_agent(Agent("", w.id, "ANN", "Other", "h")), "username"),
        (lambda w: w.store.directories.add_extension(Extension("", w.id, "205")), "number"),
        (lambda w: w.store.directories.add_queue(Queue("", w.id, "support")), "name"),
        (lambda w: w.store.directories.add_queue(Queue("", w.id, "New", numbers=("+15550100199",))), "numbers"),
        (lambda w: w.store.directories.add_queue(Queue("", w.id, "New", numbers=("+15550100198",))), "numbers"),
        (lambda w: w.store.directories.add_trunk(Trunk("", w.id, "CARRIER", "other.example.com")), "name"),
        (
            lambda w: w.store.directories.add_campaign(Campaign("", w.id, "spring", LoginType.MANUAL, w.trunk.id)),
            "name",
        ),
    ],
    ids=["tenant", "agent", "extension", "queue", "number", "number without plus", "trunk", "campaign"],
)
async def test_a_name_or_number_in_use_is_refused_naming_the_field(world, add, field):
    before = await world.directory()
    with pytest.raises(ConflictError) as refused:
        await add(world)
    assert refused.value.field == field
    assert field in refused.value.message
    assert await world.directory() == before


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda w: w.store.directories.change_agent(replace(w.second_agent, username="Ann")), "username"),
        (lambda w: w.store.directories.change_queue(replace(w.queue, name="Other")), "name"),
        (lambda w: w.store.directories.change_queue(replace(w.queue, numbers=("+15550100177",))), "numbers"),
    ],
    ids=["agent", "queue", "number"],
)
async def test_a_change_to_a_name_or_number_in_use_is_refused_and_changes_nothing(world, change, field):
    await world.store.directories.add_queue(Queue("", world.id, "Other", numbers=("+15550100177",)))
    before = await world.directory()
    with pytest.raises(ConflictError) as refused:
        await change(world)
    assert refused.value.field == field
    assert await world.directory() == before


async def test_two_tenants_may_use_the_same_names_and_numbers(world, twin):
    assert (await twin.directory()).queue_of_number("15550100199") == twin.queue
    assert (await world.directory()).queue_of_number("+15550100199") == world.queue


async def test_every_noun_can_be_changed(world):
    kept = world.store.directories
    agent = replace(world.agent, username="Anna", name="A", password_hash="x", enabled=False, auto_answer=True)
    agent = replace(agent, skills={"spanish": 3})
    assert await kept.change_agent(agent)
    extension = replace(world.extension, number="206", name="", secret_digest="f" * 32)
    assert await kept.change_extension(extension)
    queue = replace(world.queue, name="Help", agents=frozenset({agent.id}), numbers=("+15550100198", "+15550100197"))
    queue = replace(queue, ring_s=5, wrap_up_s=0, max_wait_s=90, priority=3, sticky_s=15, max_waiting=40, ring_count=3)
    queue = replace(
        queue, strategy=Strategy.OCCUPANCY, skills={"spanish": 2}, colour="#2f6fab", script="Say hello.\nAsk."
    )
    queue = replace(queue, relaxation=(Relaxation(30, {"spanish": 1}), Relaxation(60)), service_level_s=30)
    queue = replace(queue, overflow=(Overflow(OverflowWhen.WAITED, None, 60),), short_abandon_s=0, whisper="903")
    queue = replace(
        queue,
        callback=CallbackOffer(
            "7",
            "3",
            countries=("DE", "US"),
            blocked_prefixes=("+49900",),
            key="*",
            hours_id="8",
            words=CallbackWords("9"),
        ),
    )
    assert await kept.change_queue(queue)
    other = await kept.add_trunk(Trunk("", world.id, "Second", "second.example.com"))
    trunk = replace(
        world.trunk,
        name="First",
        host="192.0.2.7",
        port=5080,
        username="",
        secret="",
        caller_id="+15550100100",
        transport=SipTransport.TLS,
        registers=True,
        registrar="reg.example.com:5070",
        realm="example",
        expiry_s=90,
        addresses=("192.0.2.0/24", "2001:db8::7"),
        registers_with_us=True,
        account_digest="d" * 32,
    )
    assert await kept.change_trunk(trunk)
    rules = DialRules(frozenset({"DE"}), ("+49900", "+49190"), allow_premium=True)
    campaign = replace(world.campaign, name="Fall", type=LoginType.PROGRESSIVE, trunk_id=other.id, agents=frozenset())
    campaign = replace(campaign, caller_id="", dial_rules=rules, ring_s=10, wrap_up_s=5, blend_queues=True)
    assert await kept.change_campaign(campaign)
    found = await world.directory()
    assert found.agents[agent.id] == agent
    assert found.extensions == {extension.id: extension}
    assert found.queues == {queue.id: queue}
    assert found.trunks == {trunk.id: trunk, other.id: other}
    assert found.campaigns == {campaign.id: campaign}


async def test_a_change_of_what_is_not_there_says_so(world):
    kept = world.store.directories
    assert not await kept.change_agent(replace(world.agent, id="99999", username="nobody"))
    assert not await kept.change_extension(replace(world.extension, id="99999", number="9"))
    assert not await kept.change_queue(replace(world.queue, id="99999", name="None", numbers=()))
    assert not await kept.change_trunk(replace(world.trunk, id="99999", name="None"))
    assert not await kept.change_campaign(replace(world.campaign, id="99999", name="None"))
    await kept.change_tenant(replace(world.tenant, id="99999", name="None"))
    assert list(await kept.tenants()) == [world.tenant]


async def test_what_is_removed_is_gone_and_can_be_removed_once(world):
    kept = world.store.directories
    for remove, key in (
        (kept.remove_campaign, world.campaign.id),
        (kept.remove_trunk, world.trunk.id),
        (kept.remove_queue, world.queue.id),
        (kept.remove_extension, world.extension.id),
        (kept.remove_agent, world.agent.id),
        (kept.remove_agent, world.second_agent.id),
    ):
        assert await remove(world.id, key)
        assert not await remove(world.id, key)
    found = await world.directory()
    assert not any((found.agents, found.extensions, found.queues, found.campaigns, found.trunks))


async def test_an_agent_who_is_removed_leaves_queues_and_campaigns(world):
    assert await world.store.directories.remove_agent(world.id, world.agent.id)
    found = await world.directory()
    assert found.queues[world.queue.id].agents == {world.second_agent.id}
    assert found.campaigns[world.campaign.id].agents == {world.second_agent.id}


async def test_the_numbers_of_a_removed_queue_are_free_again(world):
    kept = world.store.directories
    assert await kept.remove_queue(world.id, world.queue.id)
    await kept.add_queue(Queue("", world.id, "Support", numbers=world.queue.numbers))


async def test_a_trunk_that_a_campaign_goes_out_on_stays(world):
    with pytest.raises(ConflictError, match="campaign"):
        await world.store.directories.remove_trunk(world.id, world.trunk.id)
    assert world.trunk.id in (await world.directory()).trunks


async def test_what_refers_to_something_that_is_not_there_is_refused(world):
    kept = world.store.directories
    nobody = frozenset({"99999"})
    before = await world.directory()
    for refused in (
        kept.add_agent(Agent("", "99999", "ann", "Ann", "h")),
        kept.add_extension(Extension("", "99999", "7")),
        kept.add_queue(Queue("", world.id, "New", nobody)),
        kept.change_queue(replace(world.queue, agents=nobody)),
        kept.add_campaign(Campaign("", world.id, "New", LoginType.MANUAL, "99999")),
        kept.add_campaign(Campaign("", world.id, "New", LoginType.MANUAL, world.trunk.id, nobody)),
        kept.change_campaign(replace(world.campaign, trunk_id="99999")),
        kept.add_token(ApiToken("", "99999", "CRM", digest("x"), NOW)),
    ):
        with pytest.raises(RequestError) as error:
            await refused
        assert isinstance(error.value, NotFoundError | ConflictError)
    assert await world.directory() == before


async def test_a_password_hash_is_replaced_only_if_nobody_was_faster(world):
    kept = world.store.directories
    assert await kept.replace_password_hash(world.id, world.agent.id, old="$argon2id$first", new="$argon2id$new")
    assert not await kept.replace_password_hash(world.id, world.agent.id, old="$argon2id$first", new="$argon2id$late")
    assert not await kept.replace_password_hash(world.id, "99999", old="$argon2id$first", new="$argon2id$late")
    found = (await world.directory()).agents
    assert found[world.agent.id] == replace(world.agent, password_hash="$argon2id$new")
    assert found[world.second_agent.id] == world.second_agent


async def test_a_token_is_found_by_its_digest_until_it_is_revoked(world):
    kept = world.store.directories
    second = await kept.add_token(ApiToken("", world.id, "Reports", digest("second"), NOW + 1))
    assert await kept.locate_token(world.token.digest) == world.token
    assert list(await kept.tokens(world.id)) == [world.token, second]
    assert await kept.revoke_token(world.id, world.token.id, NOW + 5)
    assert not await kept.revoke_token(world.id, world.token.id, NOW + 9)
    assert await kept.locate_token(world.token.digest) is None
    assert await kept.locate_token(digest("unknown")) is None
    assert list(await kept.tokens(world.id)) == [replace(world.token, revoked_at=NOW + 5), second]


async def test_a_disabled_tenants_tokens_are_not_found(world):
    await world.store.directories.change_tenant(replace(world.tenant, enabled=False))
    assert await world.store.directories.locate_token(world.token.digest) is None


async def test_the_same_token_cannot_be_kept_twice(world, twin):
    with pytest.raises(ConflictError):
        await twin.store.directories.add_token(replace(world.token, id="", tenant_id=twin.id))


async def test_a_tenant_is_removed_with_all_that_is_its_own_and_nothing_else(world, twin):
    session = await world.open_session()
    cdr = world.cdr()
    await world.write(cdrs=[cdr], facts=[world.fact(call_id=cdr.call_id)])
    beside = await twin.directory()
    kept = world.store.directories
    assert await kept.remove_tenant(world.id)
    assert not await kept.remove_tenant(world.id)
    assert await world.directory() is None
    assert await kept.locate_token(world.token.digest) is None
    assert await world.store.sessions.by_id(world.id, session.id) is None
    assert await world.store.call_records.cdr(world.id, cdr.call_id) is None
    assert list(await world.store.call_records.facts(world.id, cdr.call_id)) == []
    assert await twin.directory() == beside


async def test_a_removed_tenants_floor_may_still_write_and_leaves_nothing(world):
    await world.store.directories.remove_tenant(world.id)
    cdr = world.cdr()
    await world.write(facts=[world.fact()], opened=[world.session()], cdrs=[cdr])
    assert await world.store.call_records.cdr(world.id, cdr.call_id) is None


async def test_a_record_written_while_its_tenant_is_removed_leaves_nothing(world):
    cdrs = [world.cdr() for _ in range(12)]
    writing = [world.write(cdrs=[one], facts=[world.fact(call_id=one.call_id)]) for one in cdrs]
    await asyncio.gather(*writing[:6], world.store.directories.remove_tenant(world.id), *writing[6:])
    for one in cdrs:
        assert await world.store.call_records.cdr(world.id, one.call_id) is None
        assert list(await world.store.call_records.facts(world.id, one.call_id)) == []


async def test_all_of_a_campaign_s_plan_is_kept(world):
    plan = Plan(
        run=Run.RUNNING,
        starts_at=1_790_000_000_000,
        ends_at=1_790_100_000_000,
        hours_id="501",
        profile="uk",
        purpose=Purpose.PROMOTIONAL,
        caller_ids=("+15550100123", "+15550100124"),
        caller_id_choice=CallerIdChoice.LOCAL,
        pace=PacePlan(0.02, 8, 3.5, 2, 60, 30),
        detect_machines=True,
        machine_action=MachineAction.MESSAGE,
        machine_message="502",
        safe_message="503",
        safe_message_says=frozenset({Said.WHO, Said.OPT_OUT}),
        regulated=True,
        scrub_token="DLT-0001",
        scrub_token_expires_at=1_790_000_000_000,
        predictive_opt_in=True,
        officer="Zoë \u0001 Example",
        autodialer_notified_at=1_780_000_000_000,
        recycling=RecyclingRules(5, 3, 600, 7200, {Outcome.BUSY: Recycle(600, 4, Then.SAME, 60)}),
        effects={"sale": LeadEffect(EffectKind.SUCCESS), "later": LeadEffect(EffectKind.CALLBACK, 3600, personal=True)},
        preview_s=20,
        script="Good morning.\nHow are you?",
    )
    rules = DialRules(frozenset({"US"}), ("+1900",), prices={"+1": 12, "+44": 30}, dearest=20)
    campaign = replace(world.campaign, type=Mode.PREDICTIVE, plan=plan, dial_rules=rules)
    assert await world.store.directories.change_campaign(campaign)
    assert (await world.directory()).campaigns[campaign.id] == campaign
