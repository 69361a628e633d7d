"""Secrets put into every operation come out in no log line (threat T26)."""

import io
import json
import logging

import pytest
import structlog

from callside.guide_api.routes import PREFIX
from callside.observability import set_up_logs
from tests.fakes.installation import furnish

CANARY = "canary-7f3a9b2e"
HANDLE = "7" * 39
OPERATIONS = ("getAgentId", "getExtensionId", "getCampaignDetails", "createSession", "endSession")


@pytest.fixture
def log():
    """All that is logged, down to debug."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = io.StringIO()
    set_up_logs("debug", "json", stream)
    yield stream
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def filled(document, schema):
    """A body of that schema whose every text is a canary."""
    schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if "anyOf" in schema:
        return filled(document, schema["anyOf"][0])
    if schema.get("type") == "object":
        return {key: filled(document, one) for key, one in schema.get("properties", {}).items()}
    return {"array": [CANARY], "integer": 1, "boolean": True}.get(schema.get("type"), CANARY)


async def test_no_operation_of_v1_logs_a_secret(house, log):
    document = house.document
    mine = await house.tenant("Example Motors")
    ids = await furnish(mine.client, "1")
    made = await mine.client.post("/v1/agents", json={"username": "ag09", "password": CANARY})
    assert made.status_code == 201
    trunk = {"name": "Second", "host": "second.carrier.example", "secret": CANARY}
    assert (await mine.client.post("/v1/trunks", json=trunk)).status_code == 201
    shown = await mine.client.post("/v1/extensions", json={"number": "299"})
    token = (await mine.client.post("/v1/tokens", json={"name": "shown"})).json()["token"]
    seen = 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            noun = [one for one in path.split("/") if "{" not in one][-1].removesuffix("s")
            place = "/v1" + path.replace("{tenant_id}", mine.id).replace("{item_id}", ids.get(noun, "1"))
            place = place.replace("{call_id}", "1").replace("{session_id}", "1") + f"?token={CANARY}&session={HANDLE}"
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            body = filled(document, content["schema"]) if content else None
            for number, bearer in enumerate((mine.token, f"{CANARY}-bearer", None)):
                if method == "delete" and bearer == mine.token:
                    continue  # its own token would be revoked
                client = house.client(bearer, f"198.51.{number}.{seen % 200}")
                await client.request(method, place, json=body)
                seen += 1
    assert seen > 100
    text = log.getvalue()
    assert text.count('"event": "http.request"') >= seen
    for secret in (CANARY, HANDLE, mine.token, token, shown.json()["sip_password"], made.json().get("password")):
        assert secret is None or secret not in text


@pytest.mark.parametrize("form", ["json", "printed", "form"])
async def test_no_operation_of_the_guide_logs_a_secret(house, log, form):
    mine = await house.tenant("Example Motors")
    await furnish(mine.client, "1")
    fields = {"AgentUsername": "ag1", "AgentPassword": CANARY, "CampaignName": "", "Session": HANDLE, "Ext": ""}
    for token in (mine.token, f"{CANARY}-token"):
        body = {**fields, "Token": token, "TenantId": mine.id}
        for operation in OPERATIONS:
            sent = {"json": body} if form == "json" else {"data": body}
            if form == "printed":
                sent = {"content": json.dumps(body)[:-1] + ", // as the guide prints it\n};"}
            await house.client().post(f"{PREFIX}/{operation}?session={HANDLE}&token={CANARY}", **sent)
    text = log.getvalue()
    assert text.count('"event": "http.request"') >= 10
    for secret in (CANARY, HANDLE, mine.token):
        assert secret not in text


async def test_the_database_file_holds_no_password_and_no_token(house, tmp_path):
    mine = await house.tenant("Example Motors")
    await mine.client.post("/v1/agents", json={"username": "ag09", "password": CANARY})
    shown = (await mine.client.post("/v1/extensions", json={"number": "299"})).json()
    made = (await mine.client.post("/v1/agents", json={"username": "ag10"})).json()
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    assert b"ag09" in kept
    for secret in (CANARY, mine.token, shown["sip_password"], made["password"]):
        assert secret.encode() not in kept


async def test_a_fault_of_ours_does_not_log_what_it_choked_on(house, log):
    mine = await house.tenant("Example Motors")

    def choke(_tenant_id):
        raise RuntimeError(f"no such row: token={CANARY} session {HANDLE}")

    house.floors.live = choke
    answer = await mine.client.get("/v1/sessions")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
    text = log.getvalue()
    assert "RuntimeError" in text
    assert "no such row" in text
    for secret in (CANARY, HANDLE, mine.token):
        assert secret not in text
        assert secret not in answer.text
