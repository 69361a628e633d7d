"""Nobody without a token makes `/v1` read a large body, whatever operation it is for."""

import json

import pytest

from tests.fakes.installation import ROOT

BOUNDARY = "the-boundary"
MULTIPART = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
PATHS = [
    "/v1/prompts/upload",
    "/v1/lead-imports?list_id=1",
    "/v1/lead-previews",
    "/v1/dnc-files?list_id=1",
    "/v1/agents",
    "/v1/admin/tenants/1/prompts/upload",
    "/v1/admin/tenants",
    "/v1/nothing/here",
]


class Body:
    """A megabyte that tells how much of it was asked for."""

    def __init__(self):
        self.taken = 0

    async def __aiter__(self):
        for _ in range(16):
            self.taken += 1
            yield b"x" * 65_536


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("token", [None, "guessed"])
@pytest.mark.parametrize("length", [None, str(1 << 20)])
async def test_without_a_good_token_none_of_it_is_read(house, path, token, length):
    body = Body()
    headers = MULTIPART | ({"Content-Length": length} if length else {})
    refused = await house.client(token).post(path, content=body, headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "not_authenticated")
    assert refused.headers["www-authenticate"] == "Bearer"
    assert refused.headers["connection"] == "close"
    assert body.taken == 0


async def test_a_tenants_token_opens_none_of_the_installations_paths(house):
    tenant, body = await house.tenant("Example Motors"), Body()
    refused = await tenant.client.post(f"/v1/admin/tenants/{tenant.id}/prompts/upload", content=body, headers=MULTIPART)
    assert (refused.status_code, body.taken) == (401, 0)


async def test_with_one_it_is_read_and_judged(house):
    tenant = await house.tenant("Example Motors")
    for client, path in ((tenant.client, "/v1/agents"), (house.client(ROOT), f"/v1/admin/tenants/{tenant.id}/agents")):
        long = json.dumps({"username": "x" * 20_000, "password": "correct horse"})
        refused = await client.post(path, content=long, headers={"Content-Type": "application/json"})
        assert (refused.status_code, refused.json()["error"]["field"]) == (400, "username")


async def test_guessing_with_large_bodies_is_slowed_down_as_any_guessing(house):
    for _ in range(60):
        await house.client("guessed").post("/v1/prompts/upload", content=Body(), headers=MULTIPART)
    refused = await house.client("guessed").post("/v1/prompts/upload", content=Body(), headers=MULTIPART)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0


async def test_small_bodies_go_the_usual_way(house):
    refused = await house.client().post("/v1/agents", json={"username": "x"})
    assert refused.status_code == 401
    assert "connection" not in refused.headers
