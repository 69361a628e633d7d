"""Every request example of the guide, as it is printed (placeholders replaced), and the reply to it, byte for byte."""

import json
import re

import pytest

from callside.guide_api.routes import PREFIX


@pytest.mark.parametrize("operation", ["getAgentId", "getExtensionId", "getCampaignDetails"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_the_printed_request_gets_the_printed_reply(guide, golden, operation, slash):
    reply = guide.post(operation + slash, golden(f"{operation}.request.txt"))
    assert reply.content == golden(f"{operation}.reply.txt")
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["cache-control"] == "no-store"
    assert not reply.history


@pytest.mark.parametrize("print_of_it", ["first-page", "both-pages", "both-pages-fenced", "merged"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_session_is_created_by_each_way_to_paste_its_torn_example(guide, golden, print_of_it, slash):
    reply = guide.post(f"createSession{slash}", golden(f"createSession.{print_of_it}.request.txt"))
    session_id = reply.json()["SessionId"]
    assert re.fullmatch("[1-9][0-9]{38}", session_id)
    assert reply.content == golden("createSession.reply.txt").replace(b"<SessionId>", session_id.encode())


def test_the_second_page_alone_is_read_and_what_it_lacks_is_named(guide, golden):
    reply = guide.post("createSession", golden("createSession.second-page.request.txt"))
    assert reply.status_code == 400
    assert reply.json()["ResponseMessage"] == (
        "AgentUsername is missing; AgentPassword is missing; Token is missing; TenantId is missing."
    )


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_printed_end_of_a_session_ends_it(guide, golden, slash):
    session_id = guide.log_in().json()["SessionId"].encode()
    reply = guide.post(f"endSession{slash}", golden("endSession.request.txt").replace(b"<SessionId>", session_id))
    assert reply.content == golden("endSession.reply.txt")
    assert [session.end_cause for session in guide.exchange.sessions.values()] == ["logout"]


def test_codes_and_ids_are_text_and_the_total_is_a_number(guide):
    reply = guide.post("getCampaignDetails", {"AgentId": "111"}).json()
    assert list(reply) == ["ResponseCode", "ResponseStatus", "ResponseMessage", "Total", "CampaignDetails"]
    assert reply["ResponseCode"] == "200"
    assert reply["Total"] == 2
    assert json.dumps(reply["CampaignDetails"]) == '{"278": "Billing", "277": "Support"}'


def test_no_cookie_is_set_and_no_other_origin_is_allowed(guide):
    reply = guide.post("getExtensionId", {}, origin="https://crm.example.com")
    assert reply.status_code == 200
    assert "set-cookie" not in reply.headers
    assert not [name for name in reply.headers if name.startswith("access-control-")]


def test_the_paths_are_the_guides():
    assert PREFIX == "/cloudsoftphone/api/webphone"
