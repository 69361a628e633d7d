"""The demo's leads: a campaign that dials by itself, one that shows each customer before the call, and a list for calling by hand.

Their lists are the carrier's numbers and go round: whoever was called comes up again half a minute after the agent has said what
came of it, at any hour. Nothing is dialled before an agent logs in. Rules that let one customer be called a hundred times are for
far sides that are machines.
"""

from dataclasses import replace
from typing import Final

from callside.demo.card import DemoCard
from callside.demo.numbers import CALLER_ID, far_side
from callside.dialer.laws.model import Mode, Said
from callside.dialer.leads.model import Lead, LeadList, LeadNumber, Outcome
from callside.dialer.leads.rules import EffectKind, LeadEffect, Recycle, RecyclingRules, Then
from callside.dialer.leads.zones import zone_key
from callside.dialer.model import Campaign, DialRules, Plan, Run
from callside.exchange.administration import Administration
from callside.exchange.administration.reception_forms import PromptForm
from callside.exchange.leads_port import Leads
from callside.kernel.errors import ConflictError
from callside.kernel.ids import CampaignId, LeadId, LeadListId, PromptId, TenantId, TrunkId
from callside.tenants.model import Tenant

PROGRESSIVE: Final = "Spring offer"
LISTENING: Final = "Reminders"
"""Dials by itself and listens who has answered: some of its customers are answering machines."""
PREVIEW: Final = "Welcome calls"
MANUAL: Final = "Customer care"
MACHINE: Final = "answering_machine"
"""The disposition with which an agent says that it was none but a machine."""
_AGAIN_S: Final = 30
_OFTEN: Final = 100
_RING_S: Final = 12
_WRAP_UP_S: Final = 30
_PREVIEW_S: Final = 20
_SAMPLE_EVERY: Final = 4
_LEFT_AS_THEY_ARE: Final = frozenset({Outcome.CONNECTED, Outcome.RECOVERED, Outcome.TRUNK_DOWN, Outcome.SURPLUS})
"""After a conversation the disposition decides; the others are no attempts."""
_OPEN: Final = ("fresh", "due", "callback", "dialling")
_SCRIPTS: Final = {
    PROGRESSIVE: "Good day, this is Example Travel. The spring catalogue is out.\nMay I tell you about one trip that fits you?",
    LISTENING: "Good day, this is Example Travel. Your trip begins soon.\nHave you got everything you need for it?",
    PREVIEW: "Welcome to Example Travel!\nIs your address still right? Which trips would you like to hear about?",
}
_NOBODY_FREE: Final = (
    "This is Example Travel. We called to tell you about our spring catalogue, and nobody is free just now. "
    "If you do not want to be called again, press 9."
)
_People = tuple[tuple[str, str, str, tuple[tuple[str, str], ...]], ...]
_PEOPLE: Final[dict[str, _People]] = {
    PROGRESSIVE: (
        ("Echo Lindqvist", "Northern Lights Club", "America/Chicago", (("mobile", "echo"),)),
        ("Amara Okafor", "Lakeside Tours", "America/Los_Angeles", (("mobile", "talker"),)),
        ("Basil Thornton", "Thornton Freight", "America/New_York", (("office", "busy"),)),
        ("Stanley Brooks", "Brooks Orchards", "America/Los_Angeles", (("home", "slow"),)),
    ),
    LISTENING: (
        ("Milo Castellan", "Castellan Maps", "America/Denver", (("mobile", "machine"),)),
        ("Greta Halvorsen", "Halvorsen Boats", "America/Chicago", (("home", "greeter"),)),
        ("Idris Vale", "Vale Roofing", "America/New_York", (("office", "mailbox"),)),
    ),
    PREVIEW: (
        ("Rosa Benítez", "Benítez & Daughters", "America/Denver", (("home", "no-answer"), ("mobile", "talker"))),
        ("Early Jamison", "Jamison Bakery", "America/New_York", (("office", "early"),)),
        ("Echo Lindqvist", "Northern Lights Club", "America/Chicago", (("mobile", "echo"), ("office", "busy"))),
    ),
    MANUAL: (
        ("Tomoko Arai", "Arai Pianos", "America/Los_Angeles", (("office", "tone"),)),
        ("Farah Siddiqui", "Siddiqui Dental", "America/Chicago", (("mobile", "short"),)),
    ),
}
"""Name, company, time zone, and what the far sides of their numbers are called. The sample CRM knows most of them."""


async def set_up_campaigns(administration: Administration, leads: Leads, card: DemoCard) -> None:
    """The campaigns, running, with their lists; and the list of the one that agents dial by hand."""
    mine = TenantId(card.tenant_id)
    office = administration.office
    directory = await office.directory(mine)
    message = await _safe_message(administration, mine)
    for name, kind in ((PROGRESSIVE, Mode.PROGRESSIVE), (LISTENING, Mode.PROGRESSIVE), (PREVIEW, Mode.PREVIEW)):
        campaign = Campaign(
            id=CampaignId(""),
            tenant_id=mine,
            name=name,
            type=kind,
            trunk_id=TrunkId(card.trunk_id),
            agents=frozenset(directory.agents),
            caller_id=CALLER_ID,
            dial_rules=DialRules(frozenset({"US"})),
            ring_s=_RING_S,
            wrap_up_s=_WRAP_UP_S,
            plan=replace(_plan(directory.tenant, name), safe_message=message, safe_message_says=frozenset(Said)),
        )
        added = await office.directories.add_campaign(campaign)
        card.campaigns[added.id] = name
    by_hand = next(one for one in directory.campaigns.values() if one.name == MANUAL)
    await office.directories.change_campaign(
        replace(by_hand, plan=replace(_plan(directory.tenant, MANUAL), profile=""))
    )
    for campaign_id, name in card.campaigns.items():
        if name in _PEOPLE:
            made = await leads.add_list(LeadList(LeadListId(""), mine, f"{name}: customers", CampaignId(campaign_id)))
            await leads.add_leads(mine, made.id, [_lead(made, *person) for person in _PEOPLE[name]])
    await office.changed(mine)


async def _safe_message(administration: Administration, mine: TenantId) -> PromptId | None:
    """What people hear for whom no agent is free; ``None`` where no voice is on this machine, as `callside doctor` says."""
    try:
        made = await administration.prompts.add(mine, PromptForm(name="Nobody free", text=_NOBODY_FREE))
    except ConflictError:
        return None
    return PromptId(made.model_dump()["id"])


async def fill_up(leads: Leads, card: DemoCard) -> None:
    """At a later start: a list that is used up (nobody chose what came of the calls) gets its customers again."""
    mine = TenantId(card.tenant_id)
    for one in await leads.lists(mine):
        name = card.campaigns.get(one.campaign_id or "", "")
        tallies = await leads.tallies(mine, one.id)
        if name in _PEOPLE and not any(tallies.get(state) for state in _OPEN):
            await leads.add_leads(mine, one.id, [_lead(one, *person) for person in _PEOPLE[name]])


def _plan(tenant: Tenant, name: str) -> Plan:
    """Everybody is called again soon, whatever came of the last call; who wants to be called back, when they said."""
    again = Recycle(_AGAIN_S, most=_OFTEN, then=Then.SAME)
    always: dict[Outcome, Recycle] = {one: again for one in Outcome if one not in _LEFT_AS_THEY_ARE}
    always[Outcome.SKIPPED] = replace(again, counts=False)
    effects = {one.code: LeadEffect(EffectKind.RETRY, after_s=_AGAIN_S) for one in tenant.dispositions}
    effects |= {code: LeadEffect(EffectKind.MACHINE) for code in effects if code == MACHINE}
    effects |= {
        code: replace(effect, kind=EffectKind.CALLBACK, personal=True)
        for code, effect in effects.items()
        if code == "follow_up"
    }
    return Plan(
        run=Run.RUNNING,
        profile="none",
        recycling=RecyclingRules(most_attempts=_OFTEN, most_per_number=_OFTEN, outcomes=always),
        effects=effects,
        preview_s=_PREVIEW_S,
        detect_machines=name == LISTENING,
        machine_sample_every=_SAMPLE_EVERY if name == LISTENING else 0,
        script=_SCRIPTS.get(name, ""),
    )


def _lead(made: LeadList, name: str, company: str, zone: str, sides: tuple[tuple[str, str], ...]) -> Lead:
    numbers = [(far_side(side).number, label) for label, side in sides]
    return Lead(
        id=LeadId(""),
        tenant_id=made.tenant_id,
        list_id=made.id,
        numbers=tuple(LeadNumber(number, label, zone_key(number, zone)) for number, label in numbers),
        name=name,
        fields={"Company": company, "Far side": ", then ".join(far_side(side).does for _, side in sides)},
        zone=zone,
    )
