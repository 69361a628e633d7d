"""The demo tenant, set up through administration's own use cases: once, and kept."""

import secrets
from typing import Any, Final

from pydantic import SecretStr

from callside.demo.campaigns import MACHINE, set_up_campaigns
from callside.demo.card import DemoCard
from callside.demo.numbers import CALLER_ID, SALES_NUMBER, SUPPORT_NUMBER
from callside.demo.reception import set_up_reception
from callside.exchange.administration import Administration, campaign_forms, forms, queue_forms
from callside.exchange.administration.tenants import TenantPatch
from callside.exchange.administration.trunk_forms import TrunkForm
from callside.exchange.leads_port import Leads
from callside.kernel.ids import TenantId
from callside.tenants.model import DEFAULT_DISPOSITIONS

_AGENTS: Final = (("asha", "Asha Example", False), ("ben", "Ben Example", False), ("chloe", "Chloe Example", True))
_DISPOSITIONS: Final = [
    *(forms.Choice(code=one.code, label=one.label) for one in DEFAULT_DISPOSITIONS),
    forms.Choice(code=MACHINE, label="Answering machine"),
]
_WORDS: Final = (
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "heron",
    "inlet",
    "jetty",
    "koala",
    "lemon",
)


async def seed(administration: Administration, leads: Leads, carrier_port: int, origins: list[str]) -> DemoCard:
    """Make the tenant and all that is in it."""
    tenant = await administration.tenants.add(
        forms.TenantForm(name="Example Travel", region="US", crm_origins=origins, dispositions=_DISPOSITIONS),
    )
    mine = TenantId(tenant.id)
    token = await administration.tokens.add(mine, forms.TokenForm(name="Sample CRM"))
    trunk = await administration.trunks.add(
        mine,
        TrunkForm(name="Demo carrier", host="127.0.0.1", port=carrier_port, caller_id=CALLER_ID),
    )
    card = DemoCard(tenant.id, _of(token, "token"), _of(trunk, "id"))
    for username, name, auto_answer in _AGENTS:
        await _agent(administration, card, username, name, auto_answer=auto_answer)
    await _desk_phone(administration, card)
    await _work(administration, card)
    await set_up_campaigns(administration, leads, card)
    await set_up_reception(administration, card)
    return card


async def refresh(administration: Administration, card: DemoCard, carrier_port: int, origins: list[str]) -> bool:
    """A later start: the carrier and the page may have other ports. ``False`` when the tenant is gone."""
    mine = TenantId(card.tenant_id)
    directory = await administration.office.directories.directory(mine)
    if directory is None:
        return False
    if set(directory.tenant.crm_origins) != set(origins):
        patch = forms.read_form(TenantPatch, {"crm_origins": origins})
        await administration.tenants.change(mine, patch)
    trunk = await administration.trunks.get(mine, card.trunk_id)
    if _of(trunk, "port") != carrier_port:
        await administration.trunks.change(
            mine, card.trunk_id, forms.read_form(administration.trunks.patch, {"port": carrier_port})
        )
    return True


async def _agent(
    administration: Administration,
    card: DemoCard,
    username: str,
    name: str,
    *,
    auto_answer: bool,
) -> None:
    password = f"{secrets.choice(_WORDS)}-{secrets.choice(_WORDS)}-{secrets.randbelow(9000) + 1000}"
    form = forms.AgentForm(username=username, name=name, password=SecretStr(password), auto_answer=auto_answer)
    added = await administration.agents.add(TenantId(card.tenant_id), form)
    card.agents[username] = password
    card.agent_ids[username] = _of(added, "id")


async def _desk_phone(administration: Administration, card: DemoCard) -> None:
    form = forms.ExtensionForm(number="205", name="Desk phone")
    added = await administration.extensions.add(TenantId(card.tenant_id), form)
    card.extensions[_of(added, "id")] = "205"
    card.extension_secrets["205"] = _of(added, "sip_password")


async def _work(administration: Administration, card: DemoCard) -> None:
    mine, everybody = TenantId(card.tenant_id), list(card.agent_ids.values())
    for name, number in (("Support", SUPPORT_NUMBER), ("Sales", SALES_NUMBER)):
        queue = await administration.queues.add(
            mine, queue_forms.QueueForm(name=name, agents=everybody, numbers=[number])
        )
        card.queues[_of(queue, "id")] = name
        card.queue_numbers[name] = number
    for name, kind in (("Customer care", "MANUAL"), ("Renewals", "MANUAL")):
        campaign = await administration.campaigns.add(
            mine,
            campaign_forms.CampaignForm.model_validate(
                {
                    "name": name,
                    "type": kind,
                    "trunk_id": card.trunk_id,
                    "agents": everybody,
                    "dial_rules": {"countries": ["US"]},
                },
            ),
        )
        card.campaigns[_of(campaign, "id")] = name


def _of(sheet: object, key: str) -> Any:
    return getattr(sheet, key)
