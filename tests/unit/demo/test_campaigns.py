"""The demo's campaigns on a real store and a real floor: somebody to call at any hour, again and again, and nobody unasked."""

import asyncio
from dataclasses import replace

import pytest

from callside.demo.campaigns import LISTENING, MACHINE, MANUAL, PREVIEW, PROGRESSIVE, fill_up
from callside.demo.numbers import far_side
from callside.demo.seed import seed
from callside.dialer.leads.rules import EffectKind
from callside.exchange.exchange import Exchange
from callside.floor import events as ev
from callside.kernel.ids import LeadListId
from callside.sessions.model import LoginSession, LoginType
from tests.fakes.installation import Installation
from tests.fakes.stage import Counter
from tests.fakes.telephony import FakeTelephony, FarSide
from tests.patience import PATIENCE_S

LOGINS = {
    PROGRESSIVE: LoginType.PROGRESSIVE,
    LISTENING: LoginType.PROGRESSIVE,
    PREVIEW: LoginType.MANUAL,
    MANUAL: LoginType.MANUAL,
}


class Demo:
    """The demo's tenant with an engine in memory."""

    def __init__(self, installed, card):
        self.store, self.card, self.clock = installed.store, card, installed.clock
        self.engine = FakeTelephony()
        self.exchange = Exchange(installed.store, self.engine, installed.clock, Counter())

    async def until(self, condition):
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                for runner in self.exchange._runners.values():
                    runner.journal.hurry()
                await asyncio.sleep(0.005)

    async def agent(self, username, work):
        campaign = next(key for key, name in self.card.campaigns.items() if name == work)
        row = LoginSession(
            id=f"session-{username}", tenant_id=self.card.tenant_id, agent_id=self.card.agent_ids[username], login_type=LOGINS[work],
            assignment_id=campaign, extension_id=None, handle_digest=f"handle-{username}", opened_at=self.clock.now().wall,
        )  # fmt: skip
        for request in (
            ev.OpenSession(row),
            ev.PhoneChanged(row.id, connected=True),
            ev.RaiseLineRequested(row.id, "u1"),
        ):
            await self.exchange.request(self.card.tenant_id, request)
        return row.id

    def view(self, session_id):
        return self.exchange.view(self.card.tenant_id, session_id)


@pytest.fixture
async def demo(tmp_path):
    async with Installation(tmp_path / "demo.db") as installed:
        card = await seed(installed.administration, installed.store.leads, 5060, ["http://localhost:8080"])
        made = Demo(installed, card)
        await made.exchange.start()
        await made.until(made.engine.is_up)
        yield made
        await made.exchange.stop()


async def test_they_are_campaigns_that_administration_can_show_and_change(tmp_path):
    async with Installation(tmp_path / "demo.db") as installed:
        card = await seed(installed.administration, installed.store.leads, 5060, ["http://localhost:8080"])
        client = installed.client(card.token)
        shown = await client.get("/v1/campaigns")
        assert shown.status_code == 200, shown.text
        running = {one["name"]: one["id"] for one in shown.json()["items"] if one["run"] == "running"}
        assert set(running) == {PROGRESSIVE, LISTENING, PREVIEW, MANUAL}
        for campaign_id in running.values():
            changed = await client.patch(f"/v1/campaigns/{campaign_id}", json={"ring_s": 15})
            assert changed.status_code == 200, changed.text


async def test_a_list_that_is_used_up_is_filled_at_the_next_start_and_no_other(demo):
    leads, mine = demo.store.leads, demo.card.tenant_id
    before = {one.id: await leads.tallies(mine, one.id) for one in await leads.lists(mine)}
    await fill_up(leads, demo.card)
    assert {one.id: await leads.tallies(mine, one.id) for one in await leads.lists(mine)} == before
    (full,) = [one for one in await leads.lists(mine) if demo.card.campaigns[one.campaign_id] == PROGRESSIVE]
    await leads.remove_list(mine, full.id)
    empty = await leads.add_list(replace(full, id=LeadListId("")))
    await fill_up(leads, demo.card)
    assert (await leads.tallies(mine, empty.id))["fresh"] == 4


async def test_nothing_is_dialled_before_an_agent_logs_in(demo):
    await demo.until(lambda: demo.exchange.backlog() == 0)
    assert demo.exchange.live(demo.card.tenant_id) == ([], [])


@pytest.mark.parametrize("hour", range(0, 24, 3))
async def test_an_agent_of_the_dialer_talks_with_somebody_at_any_hour(demo, hour):
    demo.clock.ms += hour * 3_600_000
    session = await demo.agent("asha", PROGRESSIVE)
    await demo.until(lambda: demo.view(session).state.name == "talking")
    view = demo.view(session)
    assert (view.lead.name, view.call.number) == ("Echo Lindqvist", far_side("echo").number)
    assert view.call.script.startswith("Good day")
    assert view.wrapUp is None


async def test_whoever_was_called_comes_up_again(demo):
    session = await demo.agent("asha", PROGRESSIVE)
    names = []
    for _ in range(6):
        await demo.until(lambda: demo.view(session).state.name == "talking")
        names.append(demo.view(session).lead.name)
        await demo.exchange.request(demo.card.tenant_id, ev.HangUp(session))
        await demo.until(lambda: demo.view(session).state.name == "wrap_up")
        demo.clock.ms += 35_000
        await demo.exchange.request(demo.card.tenant_id, ev.Dispose(session, "resolved"))
    assert names.count("Echo Lindqvist") >= 2
    assert len(set(names)) >= 3


async def test_machines_are_hung_up_on_the_person_comes_and_every_fourth_machine_all_the_same(demo):
    machines = {far_side("machine").number, far_side("mailbox").number}
    demo.engine.machines |= machines
    session = await demo.agent("asha", LISTENING)
    met = []

    def talks():
        demo.clock.ms += 1000
        demo.exchange._runners[demo.card.tenant_id].handle(ev.TimePassed())
        return demo.view(session).state.name == "talking"

    for _ in range(6):
        await demo.until(talks)
        met.append(demo.view(session).call.number)
        await demo.exchange.request(demo.card.tenant_id, ev.HangUp(session))
        await demo.until(lambda: demo.view(session).state.name == "wrap_up")
        await demo.exchange.request(demo.card.tenant_id, ev.Dispose(session, MACHINE))
    assert met[0] == far_side("greeter").number
    assert 1 <= len([one for one in met if one in machines]) <= 3


async def test_the_customer_is_shown_first_and_called_when_the_agent_says_so(demo):
    session = await demo.agent("asha", PREVIEW)
    await demo.until(lambda: demo.view(session).state.name == "preview")
    view = demo.view(session)
    assert (view.lead.name, view.previewMs) == ("Rosa Benítez", 20_000)
    assert [one.number for one in view.lead.numbers] == [far_side("no-answer").number, far_side("talker").number]
    demo.engine.far_sides[far_side("no-answer").number] = FarSide.RINGS
    await demo.exchange.request(demo.card.tenant_id, ev.DialLead(session))
    assert demo.view(session).state.name == "dialing"


async def test_customers_to_choose_from_are_listed_beside_calling_by_hand(demo):
    session = await demo.agent("asha", MANUAL)
    await demo.until(lambda: demo.view(session).state.name == "ready")
    rows = await demo.exchange.leads_of(demo.card.tenant_id, session)
    assert [one.name for one in rows] == ["Tomoko Arai", "Farah Siddiqui"]
    await demo.exchange.open_lead(demo.card.tenant_id, session, rows[0].id)
    assert demo.view(session).lead.name == "Tomoko Arai"
    assert demo.view(session).campaign.halt is None


async def test_agents_can_say_that_it_was_an_answering_machine(demo):
    directory = await demo.exchange.directory(demo.card.tenant_id)
    assert MACHINE in {one.code for one in directory.tenant.dispositions}
    for campaign_id, name in demo.card.campaigns.items():
        if name in LOGINS:
            assert directory.campaigns[campaign_id].plan.effects[MACHINE].kind is EffectKind.MACHINE
