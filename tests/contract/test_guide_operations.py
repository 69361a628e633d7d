"""What the five operations do."""

import pytest

from callside.floor.events import EndSession, OpenSession
from callside.sessions.model import EndCause, LoginType
from tests.fakes.logins import PASSWORD, TENANT


def opened(guide):
    return [request.session for _, request in guide.exchange.requests if isinstance(request, OpenSession)]


@pytest.mark.parametrize("username", ["agent1", "AGENT1", " Agent1 "])
def test_an_agent_is_found_by_username_in_any_case(guide, username):
    assert guide.post("getAgentId", {"AgentUsername": username}).json()["AgentId"] == "111"


def test_case_is_compared_beyond_ascii(guide):
    assert guide.post("getAgentId", {"AgentUsername": "ZOË"}).json()["AgentId"] == "114"


def test_extensions_come_by_number(guide):
    reply = guide.post("getExtensionId", {}).json()
    assert list(reply["Extension"].items()) == [("183", "205"), ("184", "1000")]
    assert reply["Total"] == 2


@pytest.mark.parametrize("auto", [{}, {"LoginType": "AUTO"}, {"LoginType": "auto"}, {"LoginType": ""}])
def test_auto_is_the_default_and_lists_the_agents_queues_by_name(guide, auto):
    reply = guide.post("getCampaignDetails", {"AgentId": "111"} | auto).json()
    assert list(reply["CampaignDetails"].items()) == [("278", "Billing"), ("277", "Support")]


@pytest.mark.parametrize(
    ("login_type", "listed"),
    [("PROGRESSIVE", {"279": "Queue1"}), ("MANUAL", {"281": "By hand", "282": "Älter"}), ("Manual", None)],
)
def test_the_other_types_list_the_agents_campaigns_of_that_type(guide, login_type, listed):
    reply = guide.post("getCampaignDetails", {"AgentId": 111, "LoginType": login_type}).json()
    assert reply["CampaignDetails"] == (listed or {"281": "By hand", "282": "Älter"})
    assert reply["Total"] == len(reply["CampaignDetails"])
    assert reply["ResponseMessage"] == "Queue Selected Successfully."


def test_an_agent_with_nothing_to_log_in_to_gets_an_empty_list(guide):
    reply = guide.post("getCampaignDetails", {"AgentId": "113"})
    assert reply.content.endswith(b'"Total":0,"CampaignDetails":{}}')


def test_a_login_reaches_the_floor_with_all_that_was_chosen(guide):
    session_id = guide.log_in(Ext="183").json()["SessionId"]
    (session,) = opened(guide)
    assert (session.tenant_id, session.agent_id, session.login_type) == (TENANT, "111", LoginType.PROGRESSIVE)
    assert (session.assignment_id, session.extension_id) == ("279", "183")
    assert session.opened_at == guide.exchange.clock.now().wall
    assert len(session.id) == 32
    assert session_id not in repr(session)


@pytest.mark.parametrize("campaign", ["279", pytest.param(279, id="number"), "Queue1", "queue1", " QUEUE1 "])
def test_a_campaign_is_chosen_by_id_or_name(guide, campaign):
    assert guide.log_in(CampaignName=campaign).status_code == 200
    assert opened(guide)[0].assignment_id == "279"


@pytest.mark.parametrize("nothing", ["", "  ", None])
def test_auto_without_a_choice_means_all_of_the_agents_queues(guide, nothing):
    assert guide.log_in(LoginType="AUTO", CampaignName=nothing).status_code == 200
    assert opened(guide)[0].assignment_id is None


def test_auto_may_choose_one_queue(guide):
    guide.log_in(LoginType=None, CampaignName="support")
    assert opened(guide)[0].assignment_id == "277"


@pytest.mark.parametrize(
    ("extension", "meant"), [("", None), (None, None), ("183", "183"), ("205", "183"), (1000, "184")]
)
def test_the_line_is_raised_in_the_browser_or_on_an_extension_by_id_or_number(guide, extension, meant):
    assert guide.log_in(Ext=extension).status_code == 200
    assert opened(guide)[0].extension_id == meant


def test_each_login_gets_another_session_id(guide):
    assert len({guide.log_in().json()["SessionId"] for _ in range(5)}) == 5


def test_a_second_login_takes_over_while_no_call_is_on(guide):
    guide.log_in()
    guide.log_in()
    causes = [session.end_cause for session in guide.exchange.sessions.values()]
    assert causes == [EndCause.TAKEN_OVER, None]


@pytest.mark.parametrize("name", ["Session", "SessionId"])
@pytest.mark.parametrize("as_number", [False, True])
def test_a_session_is_ended_by_its_id_under_either_name(guide, name, as_number):
    session_id = guide.log_in().json()["SessionId"]
    assert guide.post("endSession", {name: int(session_id) if as_number else session_id}).status_code == 200
    assert [session.end_cause for session in guide.exchange.sessions.values()] == [EndCause.LOGOUT]


def test_ending_a_session_twice_is_no_error(guide):
    session_id = guide.log_in().json()["SessionId"]
    first, second = (guide.post("endSession", {"Session": session_id}) for _ in range(2))
    assert first.content == second.content
    assert len([one for _, one in guide.exchange.requests if isinstance(one, EndSession)]) == 1


def test_on_a_call_the_session_goes_on_until_the_call_is_over(guide):
    session_id = guide.log_in().json()["SessionId"]
    guide.exchange.on_a_call.update(guide.exchange.sessions)
    reply = guide.post("endSession", {"Session": session_id})
    assert reply.json()["ResponseMessage"] == "Logged Out Successfully."
    assert [session.end_cause for session in guide.exchange.sessions.values()] == [None]


@pytest.mark.parametrize(
    ("force", "ended"), [("true", True), ("TRUE", True), (True, True), ("false", False), ("", False)]
)
def test_force_does_not_wait_for_the_call(guide, force, ended):
    session_id = guide.log_in().json()["SessionId"]
    guide.exchange.on_a_call.update(guide.exchange.sessions)
    assert guide.post("endSession", {"Session": session_id, "Force": force}).status_code == 200
    (session,) = guide.exchange.sessions.values()
    assert session.end_cause == (EndCause.FORCED if ended else None)


async def test_an_old_hash_is_brought_to_todays_parameters_at_login(guide):
    from callside.exchange.secrets import PasswordHasher

    old = PasswordHasher(time_cost=2, memory_kib=16, threads=1)
    weak = await old.hash(PASSWORD)
    old.close()
    await guide.exchange.replace_password_hash(
        TENANT, "111", old=guide.exchange.directories[TENANT].agents["111"].password_hash, new=weak
    )
    assert guide.log_in().status_code == 200
    fresh = guide.exchange.directories[TENANT].agents["111"].password_hash
    assert fresh != weak
    assert not guide.logins._hasher.needs_rehash(fresh)
    assert guide.log_in().status_code == 200


def test_a_change_of_the_directory_is_seen_at_once(guide):
    assert guide.post("getAgentId", {"AgentUsername": "agent1"}).status_code == 200
    import dataclasses

    directory = guide.exchange.directories[TENANT]
    renamed = dataclasses.replace(directory.agents["111"], username="agent-one")
    agents = directory.agents | {"111": renamed}
    guide.exchange.directories[TENANT] = dataclasses.replace(directory, agents=agents)
    assert guide.post("getAgentId", {"AgentUsername": "agent1"}).status_code == 404
    assert guide.post("getAgentId", {"AgentUsername": "agent-one"}).json()["AgentId"] == "111"
