"""`/healthz`, `/readyz` and `/metrics`."""

import itertools
import re
from types import SimpleNamespace

import pytest

from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from tests.fakes.installation import ROOT

METRICS = "http://localhost:8080/metrics"


async def test_alive_is_not_the_same_as_ready(house):
    assert (await house.client().get("/healthz")).json() == {"status": "ok"}
    assert (await house.client().get("/readyz")).json() == {"ready": True, "reasons": []}
    house.floors.up = False
    unready = await house.client().get("/readyz")
    assert unready.status_code == 503
    assert [one.partition(":")[0] for one in unready.json()["reasons"]] == ["engine"]
    assert (await house.client().get("/healthz")).status_code == 200


async def test_the_figures_are_of_this_moment(house):
    house.floors.rows["1"] = (
        [SimpleNamespace(state=AgentState.READY), SimpleNamespace(state=AgentState.READY)],
        [SimpleNamespace(state=CallState.TALKING)],
    )
    house.floors.waiting = 3
    text = (await house.client().get(METRICS)).text
    for line in (
        'callside_agents{state="ready"} 2.0',
        'callside_calls{state="talking"} 1.0',
        "callside_engine_up 1.0",
        "callside_recorder_queue 3.0",
        "callside_callers_missed 2.0",
    ):
        assert line in text
    house.floors.rows["1"] = ([SimpleNamespace(state=AgentState.TALKING)], [])
    text = (await house.client().get(METRICS)).text
    assert 'callside_agents{state="talking"} 1.0' in text
    assert "ready" not in text
    assert "callside_calls{" not in text


async def test_requests_are_counted_by_operation_not_by_path(house):
    tenant = await house.tenant("Example Motors")
    for item_id in ("1", "2", "3"):
        await tenant.client.get(f"/v1/agents/{item_id}?secret=x")
    await house.client().get("/somebody/made/this/up")
    await house.root.get(f"/v1/admin/tenants/{tenant.id}/agents/{tenant.id}")
    text = (await house.client().get(METRICS)).text
    assert 'callside_http_requests_total{operation="GET /v1/agents/{item_id}",status="404"} 3.0' in text
    assert 'callside_http_requests_total{operation="unmatched",status="404"} 1.0' in text
    admin = 'operation="GET /v1/admin/tenants/{tenant_id}/agents/{item_id}",status="404"'
    assert f"callside_http_requests_total{{{admin}}} 1.0" in text
    assert "secret=x" not in text
    assert "_created" not in text


async def test_paths_that_a_stranger_makes_up_fill_no_memory(house):
    stranger = house.client()
    rooms = ("", "/v1", "/v1/agents/1", "/v1/admin/tenants/1", "/cloudsoftphone/api/webphone", "/board/assets")
    for room, word in itertools.product(rooms, ("ape", "bee", "cat")):
        await stranger.get(f"{room}/{word}")
        await stranger.post(f"{room}/{word}")
    await stranger.post("/cloudsoftphone/api/webphone/getAgentId/", json={})
    counted = re.findall(r'callside_http_requests_total{operation="([^"]+)"', (await stranger.get(METRICS)).text)
    assert sorted(set(counted)) == [
        "GET /board/assets/{path}",
        "POST /board/assets/{path}",
        "POST /cloudsoftphone/api/webphone/getAgentId/",
        "unmatched",
    ]


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("198.51.100.7", {}, 403),
        ("198.51.100.7", {"Authorization": f"Bearer {ROOT}"}, 200),
        ("198.51.100.7", {"Authorization": "Bearer guess"}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "198.51.100.7"}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 403),
        ("127.0.0.1", {"Via": "1.1 proxy"}, 403),
    ],
)
async def test_metrics_are_for_this_machine_and_for_the_root_token(house, address, headers, status):
    answer = await house.client(address=address).get(METRICS, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "203.0.113.9", "LOCALHOST"]
)
async def test_metrics_are_asked_for_by_a_name_that_can_only_be_ours(house, host):
    assert (await house.client().get(METRICS, headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "", "a b", "127.0.0.1@x"],
)
async def test_a_strangers_page_whose_name_leads_to_this_machine_reads_nothing(house, host):
    """DNS rebinding: the browser beside us asks, and shows what it gets to the page."""
    refused = await house.client().get(METRICS, headers={"Host": host})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_allowed")
    with_token = {"Host": host, "Authorization": f"Bearer {ROOT}"}
    assert (await house.client().get(METRICS, headers=with_token)).status_code == 200
