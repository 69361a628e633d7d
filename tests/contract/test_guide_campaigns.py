"""Campaigns of every kind under the guide's login types."""

import dataclasses

import pytest

from callside.dialer.laws.model import Mode
from callside.dialer.model import Campaign, Plan, Run
from tests.fakes.logins import TENANT

KINDS = {"291": Mode.MANUAL, "292": Mode.PREVIEW, "293": Mode.PROGRESSIVE, "294": Mode.PREDICTIVE}


@pytest.fixture(params=list(Run))
def kinds(request, guide):
    """One campaign of each kind, whether it runs or not, for the agent 111."""
    made = {
        key: Campaign(key, TENANT, kind.title(), kind, "1", frozenset({"111"}), plan=Plan(run=request.param))
        for key, kind in KINDS.items()
    }
    known = guide.exchange.directories[TENANT]
    guide.exchange.directories[TENANT] = dataclasses.replace(known, campaigns=made)
    return made


@pytest.mark.parametrize(
    ("login_type", "listed"),
    [
        ("MANUAL", {"291": "Manual", "292": "Preview"}),
        ("PROGRESSIVE", {"294": "Predictive", "293": "Progressive"}),
        ("AUTO", {"278": "Billing", "277": "Support"}),
    ],
)
def test_get_campaign_details_shows_campaigns_under_their_login_type(guide, kinds, login_type, listed):
    reply = guide.post("getCampaignDetails", {"AgentId": "111", "LoginType": login_type})
    assert reply.status_code == 200
    assert reply.json()["CampaignDetails"] == listed
    assert reply.json()["Total"] == len(listed)
    assert list(reply.json()["CampaignDetails"]) == list(listed)


def test_what_an_agent_is_taken_off_is_listed_no_more(guide, kinds):
    asked = {"AgentId": "111", "LoginType": "MANUAL"}
    assert guide.post("getCampaignDetails", asked).json()["Total"] == 2
    known = guide.exchange.directories[TENANT]
    left = {"291": kinds["291"], "292": dataclasses.replace(kinds["292"], agents=frozenset())}
    guide.exchange.directories[TENANT] = dataclasses.replace(known, campaigns=left)
    assert guide.post("getCampaignDetails", asked).json()["CampaignDetails"] == {"291": "Manual"}


@pytest.mark.parametrize("login_type", ["PREVIEW", "PREDICTIVE"])
def test_the_guide_knows_no_login_types_of_these_names(guide, kinds, login_type):
    reply = guide.post("getCampaignDetails", {"AgentId": "111", "LoginType": login_type})
    assert reply.status_code == 400
    assert "LoginType" in reply.json()["ResponseMessage"]


@pytest.mark.parametrize(
    ("campaign", "login_type"),
    [("291", "MANUAL"), ("292", "MANUAL"), ("293", "PROGRESSIVE"), ("Predictive", "PROGRESSIVE")],
)
def test_an_agent_logs_in_to_each_kind_under_its_login_type(guide, kinds, campaign, login_type):
    assert guide.log_in(CampaignName=campaign, LoginType=login_type).status_code == 200
    wrong = "MANUAL" if login_type == "PROGRESSIVE" else "PROGRESSIVE"
    refused = guide.log_in(CampaignName=campaign, LoginType=wrong)
    assert refused.status_code == 404
    assert f"There is one for LoginType {login_type}" in refused.json()["ResponseMessage"]
