"""A second tenant with the same names and other ids: nothing of it is ever seen or touched (threat T8)."""

import pytest

from callside.guide_api.routes import PREFIX
from tests.fakes.logins import PASSWORD, TENANT, TOKEN, TWIN, TWIN_PASSWORD, TWIN_TOKEN

MINE = {"Token": TOKEN, "TenantId": TENANT}
THEIRS = {"Token": TWIN_TOKEN, "TenantId": TWIN}


def ids_of(exchange, tenant_id):
    directory = exchange.directories[tenant_id]
    nouns = (directory.agents, directory.extensions, directory.queues, directory.campaigns)
    return {key for noun in nouns for key in noun}


@pytest.mark.parametrize("login_type", ["AUTO", "PROGRESSIVE", "MANUAL"])
def test_no_answer_holds_an_id_of_the_other_tenant(guide, login_type):
    foreign = ids_of(guide.exchange, TWIN)
    asked = [
        ("getAgentId", {"AgentUsername": "agent1"}),
        ("getExtensionId", {}),
        ("getCampaignDetails", {"AgentId": "111", "LoginType": login_type}),
    ]
    for operation, fields in asked:
        reply = guide.post(operation, MINE | fields)
        assert reply.status_code == 200
        assert not [one for one in foreign if f'"{one}"' in reply.text]


def test_every_id_of_the_other_tenant_is_not_found(guide):
    theirs = guide.log_in(**THEIRS, AgentPassword=TWIN_PASSWORD, CampaignName="5279").json()["SessionId"]
    before = dict(guide.exchange.sessions)
    directory = guide.exchange.directories[TWIN]
    refused = [guide.post("getCampaignDetails", {"AgentId": one}) for one in directory.agents]
    refused += [guide.log_in(CampaignName=one) for one in directory.campaigns]
    refused += [guide.log_in(CampaignName=one, LoginType="AUTO") for one in directory.queues]
    refused += [guide.log_in(Ext=one) for one in directory.extensions]
    refused += [guide.post("endSession", {"Session": theirs, "Force": force}) for force in ("false", "true")]
    assert {reply.status_code for reply in refused} == {404}
    assert guide.exchange.sessions == before


def test_the_other_tenants_agent_cannot_log_in_here(guide):
    assert guide.log_in(AgentPassword=TWIN_PASSWORD).status_code == 401
    assert guide.log_in(**THEIRS, AgentPassword=PASSWORD, CampaignName="5279").status_code == 401


@pytest.mark.parametrize("mixed", [{"Token": TWIN_TOKEN, "TenantId": TENANT}, {"Token": TOKEN, "TenantId": TWIN}])
def test_token_and_tenant_id_must_belong_together(guide, mixed):
    for operation, fields in (
        ("getAgentId", {"AgentUsername": "agent1"}),
        ("getExtensionId", {}),
        ("getCampaignDetails", {"AgentId": "111"}),
        ("createSession", {"AgentUsername": "agent1", "AgentPassword": PASSWORD}),
        ("endSession", {"Session": "1"}),
    ):
        assert guide.client.post(f"{PREFIX}/{operation}", json=mixed | fields).status_code == 401
    assert not guide.exchange.requests


async def test_a_bearer_token_alone_names_its_tenant(guide):
    assert (await guide.logins.tenant_of(TOKEN)).id == TENANT
    assert (await guide.logins.tenant_of(TWIN_TOKEN)).id == TWIN


async def test_one_tenants_failures_do_not_slow_the_other_down(guide):
    for _ in range(10):
        guide.log_in(AgentPassword="Wrong7")
    assert guide.log_in().status_code == 429
    assert guide.log_in(**THEIRS, AgentPassword=TWIN_PASSWORD, CampaignName="5279").status_code == 200
