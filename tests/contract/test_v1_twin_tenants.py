"""Every operation of the OpenAPI document, run with another tenant's ids: only 404, and nothing changed (threat T8)."""

import itertools
import json
import re

from tests.fakes.installation import furnish

BODIES = {
    "tenant": {"region": "GB"},
    "agent": {"username": "intruder", "password": "correct horse"},
    "extension": {"number": "666", "renew_password": True},
    "queue": {"name": "Intruders"},
    "campaign": {"name": "Intruders"},
    "trunk": {"name": "Intruders", "host": "intruder.carrier.example"},
    "token": {"name": "Intruders"},
    "lead-list": {"name": "Intruders"},
    "lead": {"name": "Intruder"},
    "dnc-list": {"name": "Intruders"},
}
_HOUR = {"from": "2027-01-15T08:00:00Z", "to": "2027-01-15T09:00:00Z"}
QUESTIONS = {
    "/leads": {"number": "+12125550122"},
    "/dnc-checks": {"number": "+12125550122"},
    "/figures/intervals": _HOUR,
    "/figures/agents/intervals": _HOUR,
    "/figures/campaigns/intervals": _HOUR,
}


def operations(house, *, admin):
    for path, methods in house.document["paths"].items():
        if path.startswith("/admin") == admin:
            for method, operation in methods.items():
                yield method.upper(), path, operation


def noun_of(path):
    """The noun that a path is about: the part before its last hole, or its last part."""
    parts = path.removesuffix("/upload").split("/")
    holes = [place for place, one in enumerate(parts) if one in {"{item_id}", "{call_id}", "{session_id}"}]
    return parts[holes[-1] - 1 if holes else -1].removesuffix("s")


async def kept(house, tenant):
    """All that is kept of a tenant, secrets included."""
    return (
        await house.store.directories.directory(tenant.id),
        list(await house.store.directories.tokens(tenant.id)),
        list(await house.store.leads.lists(tenant.id)),
        list(await house.store.leads.leads_with(tenant.id, "+12125550122")),
        list(await house.store.dnc.dnc_lists(tenant.id)),
    )


async def test_no_operation_reaches_another_tenants_things(house):
    mine, theirs = await house.tenant("Example Motors"), await house.tenant("Twin Motors")
    await furnish(mine.client, "1")
    foreign = await furnish(theirs.client, "2")
    before = await kept(house, theirs)
    tried = 0
    for method, path, _ in operations(house, admin=False):
        if "{" not in path:
            continue
        noun = noun_of(path)
        ids = foreign.values() if noun not in foreign else [foreign[noun]]
        for one in ids:
            place = "/v1" + re.sub(r"{[a-z_]+}", one, path)
            body = BODIES.get(noun, {}) if method == "PATCH" else None
            answer = await mine.client.request(method, place, json=body)
            assert answer.status_code == 404, (method, place, answer.text)
            assert one not in answer.text.replace(f"id {one}", "")
            tried += 1
    assert tried >= 20
    assert await kept(house, theirs) == before
    assert not house.floors.asked


async def test_ids_of_another_tenant_in_a_body_are_not_known(house):
    mine, theirs = await house.tenant("Example Motors"), await house.tenant("Twin Motors")
    own = await furnish(mine.client, "1")
    foreign = await furnish(theirs.client, "2")
    before = await kept(house, mine)
    for noun, field in (("queue", "agents"), ("campaign", "agents"), ("campaign", "trunk_id")):
        value = [foreign["agent"]] if field == "agents" else foreign["trunk"]
        refused = await mine.client.patch(f"/v1/{noun}s/{own[noun]}", json={field: value})
        assert (refused.status_code, refused.json()["error"]["field"]) == (400, field)
    assert await kept(house, mine) == before


async def test_lists_hold_nothing_of_another_tenant(house):
    mine, theirs = await house.tenant("Example Motors"), await house.tenant("Twin Motors")
    await furnish(mine.client, "1")
    await furnish(theirs.client, "2")
    strange = {"Twin Motors", "ag2", "202", "Carrier 2", "Support 2", "Renewals 2", "CRM 2", "Prospect 2", "Register 2"}
    for method, path, _ in operations(house, admin=False):
        if method == "GET" and "{" not in path:
            answer = await mine.client.get("/v1" + path, params=QUESTIONS.get(path))
            assert answer.status_code == 200, (path, answer.text)
            words = {json.dumps(one) for one in strange}
            assert not [one for one in words if one in answer.text]


async def test_without_a_good_token_every_operation_is_refused(house):
    mine = await house.tenant("Example Motors")
    ids = await furnish(mine.client, "1")
    before = await kept(house, mine)
    for admin, token in itertools.product((False, True), (None, "guess")):
        for number, (method, path, _) in enumerate(operations(house, admin=admin)):
            noun = noun_of(path)
            place = "/v1" + path.replace("{tenant_id}", mine.id).replace("{item_id}", ids.get(noun, "1"))
            place = place.replace("{call_id}", "1").replace("{session_id}", "1")
            place = place.replace("{callback_id}", "1")
            body = BODIES.get(noun) if method in {"PATCH", "POST"} else None
            # From an address of its own: too many failures from one are answered with 429.
            answer = await house.client(token, f"198.51.100.{number}").request(method, place, json=body)
            assert answer.status_code == 401, (method, place, answer.text)
    assert await kept(house, mine) == before


async def test_a_tenants_token_opens_no_operation_of_the_installation(house):
    mine, theirs = await house.tenant("Example Motors"), await house.tenant("Twin Motors")
    foreign = await furnish(theirs.client, "2")
    before = await kept(house, theirs)
    for method, path, _ in operations(house, admin=True):
        noun = noun_of(path)
        place = "/v1" + path.replace("{tenant_id}", theirs.id).replace("{item_id}", foreign.get(noun, "1"))
        body = BODIES.get(noun) if method in {"PATCH", "POST"} else None
        answer = await mine.client.request(method, place, json=body)
        assert answer.status_code == 401, (method, place, answer.text)
    assert await kept(house, theirs) == before
