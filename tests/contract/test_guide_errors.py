"""The error table of docs/guide.md."""

import logging
from pathlib import Path

import pytest
import structlog

from callside.exchange.secrets import digest
from callside.guide_api.operations import OPERATIONS
from callside.guide_api.replies import REASONS
from callside.guide_api.routes import PREFIX
from callside.tenants.model import ApiToken, Tenant
from tests.contract.conftest import Guide
from tests.fakes.logins import HASHER, PASSWORD, TENANT, TOKEN, TWIN_TOKEN

REQUIRED = {
    "getAgentId": {"AgentUsername": "agent1"},
    "getExtensionId": {},
    "getCampaignDetails": {"AgentId": "111"},
    "createSession": {"AgentUsername": "agent1", "AgentPassword": PASSWORD},
    "endSession": {"Session": "9" * 39},
}


def assert_refused(reply, status, *words):
    """The envelope, whole: nothing but its three texts."""
    envelope = reply.json()
    assert list(envelope) == ["ResponseCode", "ResponseStatus", "ResponseMessage"]
    assert reply.status_code == status
    assert envelope["ResponseCode"] == str(status)
    assert envelope["ResponseStatus"] == REASONS[status]
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["cache-control"] == "no-store"
    for word in words:
        assert word in envelope["ResponseMessage"]
    return envelope["ResponseMessage"]


# ── 400 ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_missing_field_is_named(guide, operation):
    fields = REQUIRED[operation] | {"Token": TOKEN, "TenantId": TENANT}
    for name in fields:
        lacking = {key: value for key, value in fields.items() if key != name}
        message = assert_refused(guide.client.post(f"{PREFIX}/{operation}", json=lacking), 400)
        assert message == f"{name} is missing."
        assert_refused(guide.post(operation, fields | {name: ""}), 400, f"{name} is empty.")


@pytest.mark.parametrize(
    ("value", "kind"),
    [(1.5, "fraction"), (True, "true or false"), (None, "null"), ({"a": 1}, "object"), (["1"], "list")],
)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_field_of_the_wrong_kind_is_named(guide, operation, value, kind):
    for name in [*REQUIRED[operation], "Token", "TenantId"]:
        assert_refused(guide.post(operation, REQUIRED[operation] | {name: value}), 400, name, kind)


@pytest.mark.parametrize("name", ["Token", "AgentPassword"])
def test_secrets_must_be_text_because_numbers_lose_their_zeros(guide, name):
    assert_refused(guide.log_in(**{name: 12345}), 400, name, "quotes")


def test_an_unknown_login_type_is_refused_with_the_known_ones(guide):
    for operation in ("getCampaignDetails", "createSession"):
        reply = guide.post(operation, REQUIRED[operation] | {"LoginType": "PREDICTIVE"})
        assert_refused(reply, 400, "LoginType", "AUTO", "PROGRESSIVE", "MANUAL", "PREDICTIVE")


@pytest.mark.parametrize("login_type", ["PROGRESSIVE", "MANUAL"])
def test_outbound_logins_need_a_campaign(guide, login_type):
    assert_refused(guide.log_in(LoginType=login_type, CampaignName=""), 400, "CampaignName", login_type)
    assert_refused(guide.log_in(LoginType=login_type, CampaignName=7.5), 400, "CampaignName", "fraction")


def test_force_is_yes_or_no(guide):
    assert_refused(guide.post("endSession", {"Session": "1", "Force": "maybe"}), 400, "Force")
    assert_refused(guide.post("endSession", {"Session": "1", "Force": 1}), 400, "Force")


@pytest.mark.parametrize("value", ["a\x00b", "a\nb", "a\x9fb", "a\u202eb"])
def test_control_characters_are_refused(guide, value):
    assert_refused(guide.post("getAgentId", {"AgentUsername": value}), 400, "AgentUsername", "control")


def test_what_is_too_long_is_refused(guide):
    assert_refused(guide.post("getAgentId", {"AgentUsername": "a" * 129}), 400, "AgentUsername", "128")
    assert_refused(guide.log_in(AgentPassword="a" * 1025), 400, "AgentPassword", "1024")


def test_a_number_that_is_too_long_to_be_written_out_is_too_long(guide):
    huge = f'{{"AgentUsername": 0x{"f" * 6_000}, "Token": "{TOKEN}", "TenantId": "{TENANT}"}}'
    assert_refused(guide.post("getAgentId", huge), 400, "AgentUsername", "128")


# ── 401 ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
def refusals_of_credentials(guide):
    wrong = {
        "unknown token": {"Token": "nobody's"},
        "unknown tenant": {"TenantId": "99999"},
        "another tenant's token": {"Token": TWIN_TOKEN},
        "revoked token": {"Token": "revoked-token"},
        "unknown agent": {"AgentUsername": "nobody"},
        "wrong password": {"AgentPassword": "Wrong7"},
        "disabled agent, wrong password": {"AgentUsername": "disabled", "AgentPassword": "Wrong7"},
    }
    return {cause: guide.log_in(**fields) for cause, fields in wrong.items()}


def test_whatever_is_wrong_with_credentials_the_answer_is_the_same(guide):
    replies = refusals_of_credentials(guide)
    for reply in replies.values():
        assert_refused(reply, 401, "Token", "AgentPassword")
    assert len({reply.content for reply in replies.values()}) == 1
    assert len({str(reply.headers) for reply in replies.values()}) == 1
    assert not guide.exchange.requests


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_wants_token_and_tenant_that_belong_together(guide, operation):
    for wrong in ({"Token": "nobody's"}, {"TenantId": "99999"}, {"Token": TWIN_TOKEN}, {"Token": "revoked-token"}):
        assert_refused(guide.post(operation, REQUIRED[operation] | wrong), 401)


def test_a_disabled_tenants_token_is_refused(guide):
    guide.exchange.directories["3"] = type(guide.exchange.directories[TENANT])(Tenant("3", "Three", enabled=False))
    guide.exchange.tokens.append(ApiToken("9", "3", "CRM", digest("three"), 0))
    assert_refused(guide.post("getExtensionId", {"TenantId": "3", "Token": "three"}), 401)


def test_a_hash_is_computed_for_an_unknown_agent_too(exchange):
    seen = []

    class Counting:
        async def verify(self, password_hash, password):
            seen.append(password_hash is None)
            return await HASHER.verify(password_hash, password)

        needs_rehash = staticmethod(HASHER.needs_rehash)

    guide = Guide(exchange, Counting())
    guide.log_in(AgentUsername="nobody")
    guide.log_in(AgentPassword="Wrong7")
    guide.log_in()
    assert seen == [True, False, False]


# ── 403, 404, 409, 503 ───────────────────────────────────────────────────────────────────────────────────────────────
def test_a_disabled_agent_is_told_so_only_with_the_right_password(guide):
    assert_refused(guide.log_in(AgentUsername="disabled"), 403, "disabled")


@pytest.mark.parametrize(("login_type", "what"), [("PROGRESSIVE", "280"), ("PROGRESSIVE", "spring"), ("AUTO", "Night")])
def test_an_agent_who_is_not_assigned_is_refused(guide, login_type, what):
    assert_refused(guide.log_in(LoginType=login_type, CampaignName=what), 403, "agent1", "not assigned")


def test_auto_without_any_queue_is_refused(guide):
    assert_refused(guide.log_in(AgentUsername="newcomer", LoginType="AUTO", CampaignName=""), 403, "any queue")


def test_what_does_not_exist_is_named(guide):
    assert_refused(guide.post("getAgentId", {"AgentUsername": "nobody"}), 404, "AgentUsername", "nobody")
    assert_refused(guide.post("getCampaignDetails", {"AgentId": "1"}), 404, "AgentId", '"1"')
    assert_refused(guide.log_in(CampaignName="Nothing"), 404, "campaign", "Nothing", "getCampaignDetails")
    assert_refused(guide.log_in(LoginType="AUTO", CampaignName="Nothing"), 404, "queue", "Nothing")
    assert_refused(guide.log_in(Ext="999"), 404, "extension", "999")
    assert_refused(guide.post("endSession", {"Session": "6" * 39}), 404, "session")


def test_a_campaign_of_another_login_type_is_pointed_at(guide):
    assert_refused(guide.log_in(LoginType="AUTO", CampaignName="279"), 404, "PROGRESSIVE")


def test_the_session_id_itself_is_not_repeated_in_an_error(guide):
    assert "6666" not in assert_refused(guide.post("endSession", {"Session": "6" * 39}), 404)


def test_an_agent_on_a_call_elsewhere_stays_there(guide):
    guide.log_in()
    guide.exchange.on_a_call.update(guide.exchange.sessions)
    assert_refused(guide.log_in(), 409, "on a call")


def test_with_the_engine_down_nobody_logs_in_but_all_else_works(guide):
    guide.exchange.engine_up = False
    assert assert_refused(guide.log_in(), 503, "engine")
    assert "retry-after" in guide.log_in().headers
    for operation in ("getAgentId", "getExtensionId", "getCampaignDetails"):
        assert guide.post(operation, REQUIRED[operation]).status_code == 200


def test_what_is_wrong_comes_in_the_documented_order(guide):
    guide.exchange.engine_up = False
    steps = [
        ({"Token": "wrong"}, 401),
        ({"AgentPassword": "Wrong7"}, 401),
        ({"AgentUsername": "disabled", "AgentPassword": PASSWORD}, 403),
        ({"AgentUsername": "agent1"}, 404),
        ({"CampaignName": "280"}, 403),
        ({"CampaignName": "279"}, 404),
        ({"Ext": "205"}, 503),
    ]
    fields = {"CampaignName": "Nothing", "Ext": "999"}
    for fix, status in steps:
        fields |= {"Token": TOKEN} | fix
        assert_refused(guide.log_in(**fields), status)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_with_the_store_down_every_operation_says_so(guide, operation):
    guide.exchange.store_up = False
    reply = guide.post(operation, REQUIRED[operation])
    assert_refused(reply, 503, "database")
    assert reply.headers["retry-after"] == "5"


# ── 404 and 405 of the protocol, 413, 500 ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("operation", [*OPERATIONS, "createSession/"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
def test_only_post_is_allowed(guide, operation, method):
    reply = guide.client.request(method, f"{PREFIX}/{operation}")
    assert_refused(reply, 405, "POST", method)
    assert reply.headers["allow"] == "POST"


@pytest.mark.parametrize("path", ["getAgentID", "", "getAgentId/x", "x/getAgentId", "getAgentId//"])
def test_an_unknown_operation_is_answered_with_the_known_ones(guide, path):
    assert_refused(guide.client.post(f"{PREFIX}/{path}"), 404, *OPERATIONS)


def test_more_than_64_kib_is_refused(guide):
    body = b'{"x": "' + b"a" * 65536 + b'"}'
    assert_refused(guide.post("getExtensionId", body), 413, "64 KiB")


def test_more_than_64_kib_is_refused_without_an_announced_length(guide):
    assert_refused(guide.post("getExtensionId", (b" " * 1000 for _ in range(70))), 413, "64 KiB")


def test_a_full_64_kib_is_read(guide):
    body = f'{{"Token": "{TOKEN}", "TenantId": "{TENANT}"}}'.encode()
    assert guide.post("getExtensionId", body.ljust(65536)).status_code == 200


def test_our_own_faults_are_answered_and_logged_without_secrets(guide, caplog):
    async def broken(*_):
        raise RuntimeError(f"INSERT … [parameters: ('{TOKEN}', '{PASSWORD}')]")

    guide.exchange.directory = broken
    with structlog.testing.capture_logs() as logs, caplog.at_level(logging.DEBUG):
        message = assert_refused(guide.log_in(), 500)
    (entry,) = logs
    assert (entry["event"], entry["operation"], entry["error"]) == ("guide.failed", "createSession", "RuntimeError")
    assert entry["reference"] in message
    assert any(Path(__file__).name in where for where in entry["where"])
    for secret in (TOKEN, PASSWORD):
        assert secret not in message + repr(logs) + caplog.text
