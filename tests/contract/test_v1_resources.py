"""What a tenant can do with its things through `/v1`."""

import asyncio
import json
from types import SimpleNamespace

import pytest

from callside.calls.model import Registration, RegistrationState
from callside.floor.events import EndSession
from callside.sessions.model import EndCause
from tests.fakes.installation import ROOT, furnish


@pytest.fixture
async def motors(house):
    return await house.tenant("Example Motors")


async def test_what_is_added_is_listed_and_can_be_read_changed_and_removed(motors):
    ids = await furnish(motors.client)
    changes = {
        "agent": {"name": "Asha Example"},
        "extension": {"name": "Desk 5"},
        "queue": {"wrap_up_s": 5},
        "campaign": {"dial_rules": {"allow_premium": True}},
        "trunk": {"port": 5070},
    }
    for noun, change in changes.items():
        place = f"/v1/{noun}s/{ids[noun]}"
        listed = (await motors.client.get(f"/v1/{noun}s")).json()["items"]
        assert [one["id"] for one in listed] == [ids[noun]]
        before = (await motors.client.get(place)).json()
        assert before == listed[0]
        changed = (await motors.client.patch(place, json=change)).json()
        after = (await motors.client.get(place)).json()
        assert after == {key: value for key, value in changed.items() if key in after}
        field, value = next(iter(change.items()))
        wanted = before[field] | value if isinstance(value, dict) else value
        assert after == before | {field: wanted}
    for noun in ("campaign", "trunk", "queue", "extension", "agent"):
        place = f"/v1/{noun}s/{ids[noun]}"
        assert (await motors.client.delete(place)).status_code == 204
        assert (await motors.client.get(place)).status_code == 404
        assert (await motors.client.delete(place)).status_code == 404


async def test_every_write_tells_the_floor(house, motors):
    ids = await furnish(motors.client)
    house.floors.changed.clear()
    await motors.client.patch(f"/v1/agents/{ids['agent']}", json={"enabled": False})
    await motors.client.delete(f"/v1/queues/{ids['queue']}")
    assert house.floors.changed == [motors.id, motors.id]


async def test_a_password_is_made_and_shown_once_unless_it_is_given(house, motors):
    made = (await motors.client.post("/v1/agents", json={"username": "ag01"})).json()
    assert len(made["password"]) >= 12
    given = (await motors.client.post("/v1/agents", json={"username": "ag02", "password": "correct horse"})).json()
    assert given["password"] is None
    agents = (await house.store.directories.directory(motors.id)).agents
    assert agents[made["id"]].password_hash.startswith("$argon2id$")
    assert "password" not in (await motors.client.get(f"/v1/agents/{made['id']}")).json()


async def test_a_new_password_ends_the_agents_session_and_nobody_elses(house, motors):
    ids = await furnish(motors.client)
    sessions = [SimpleNamespace(id="a", agent_id=ids["agent"]), SimpleNamespace(id="b", agent_id="another")]
    house.floors.rows[motors.id] = (sessions, [])
    place = f"/v1/agents/{ids['agent']}"
    await motors.client.patch(place, json={"name": "Asha"})
    assert house.floors.asked == []
    await motors.client.patch(place, json={"password": "battery staple"})
    assert house.floors.asked == [(motors.id, EndSession("a", EndCause.REVOKED))]


async def test_two_changes_at_once_are_both_kept(motors):
    ids = await furnish(motors.client)
    place = f"/v1/agents/{ids['agent']}"
    changes = [{"name": "Asha"}, {"auto_answer": True}, {"password": "battery staple"}, {"username": "asha"}]
    await asyncio.gather(*(motors.client.patch(place, json=one) for one in changes))
    after = (await motors.client.get(place)).json()
    assert (after["name"], after["auto_answer"], after["username"]) == ("Asha", True, "asha")
    doubled = [motors.client.post("/v1/queues", json={"name": f"Q{n}", "numbers": ["+15550100777"]}) for n in range(5)]
    statuses = sorted(one.status_code for one in await asyncio.gather(*doubled))
    assert statuses == [201, 409, 409, 409, 409]


async def test_an_extension_keeps_a_digest_of_the_password_it_shows_once(house, motors):
    import hashlib

    made = (await motors.client.post("/v1/extensions", json={"number": "205"})).json()
    kept = (await house.store.directories.directory(motors.id)).extensions[made["id"]]
    plain = f"{made['sip_user']}:{made['sip_realm']}:{made['sip_password']}"
    assert kept.secret_digest == hashlib.md5(plain.encode(), usedforsecurity=False).hexdigest()
    place = f"/v1/extensions/{made['id']}"
    assert "sip_password" not in (await motors.client.get(place)).json()
    renewed = (await motors.client.patch(place, json={"renew_password": True})).json()
    assert renewed["sip_password"] not in (None, made["sip_password"])
    assert (await motors.client.patch(place, json={"name": "Desk"})).json()["sip_password"] is None


async def test_a_tokens_life_ends_when_it_is_revoked(house, motors):
    made = (await motors.client.post("/v1/tokens", json={"name": "second"})).json()
    second = house.client(made["token"])
    assert (await second.get("/v1/tenant")).json()["id"] == motors.id
    assert (await motors.client.delete(f"/v1/tokens/{made['id']}")).status_code == 204
    assert (await second.get("/v1/tenant")).status_code == 401
    listed = (await motors.client.get("/v1/tokens")).json()["items"]
    assert [one["revoked_at"] is None for one in listed] == [True, False]
    assert all("token" not in one for one in listed)


async def test_a_break_may_have_a_limit(motors):
    breaks = [{"code": "lunch", "label": "Lunch", "limit_s": 1800}, {"code": "other", "label": "Other"}]
    changed = (await motors.client.patch("/v1/tenant", json={"breaks": breaks})).json()
    assert changed["breaks"] == [breaks[0], breaks[1] | {"limit_s": None}]
    assert (await motors.client.get("/v1/tenant")).json()["breaks"] == changed["breaks"]
    for limit in (0, -1, 43_201, 1.5, "soon"):
        refused = await motors.client.patch("/v1/tenant", json={"breaks": [breaks[0] | {"limit_s": limit}]})
        assert refused.status_code == 400
        assert refused.json()["error"]["field"] == "breaks.0.limit_s"
    refused = await motors.client.patch("/v1/tenant", json={"dispositions": [breaks[0]]})
    assert refused.json()["error"]["field"] == "dispositions.0.limit_s"


async def test_a_tenant_changes_its_own_region_and_origins_and_nothing_else(motors):
    change = {"region": "in", "crm_origins": ["https://CRM.example.com/", "http://localhost:3000"]}
    changed = (await motors.client.patch("/v1/tenant", json=change)).json()
    assert (changed["region"], changed["crm_origins"]) == ("IN", ["https://crm.example.com", "http://localhost:3000"])
    for field in ("name", "enabled", "id"):
        refused = await motors.client.patch("/v1/tenant", json={field: "x"})
        assert (refused.status_code, refused.json()["error"]["field"]) == (400, field)


@pytest.mark.parametrize(
    ("noun", "values", "field"),
    [
        ("agent", {}, "username"),
        ("agent", {"username": "a b"}, "username"),
        ("agent", {"username": "ag01", "password": "short"}, "password"),
        ("agent", {"username": "ag01", "name": "a\u202eb"}, "name"),
        ("agent", {"username": "ag01", "name": "x" * 129}, "name"),
        ("agent", {"username": "ag01", "nmae": "x"}, "nmae"),
        ("extension", {"number": "2 05"}, "number"),
        ("queue", {"name": "Support", "agents": ["999999"]}, "agents"),
        ("queue", {"name": "Support", "numbers": ["call me"]}, "numbers.0"),
        ("queue", {"name": "Support", "ring_s": 1}, "ring_s"),
        ("queue", {"name": "Support\u0000"}, "name"),
        ("queue", {"name": "   "}, "name"),
        ("queue", {"name": "Support", "colour": "red"}, "colour"),
        ("campaign", {"name": "Renewals", "type": "AUTO", "trunk_id": "1"}, "type"),
        ("campaign", {"name": "Renewals", "type": "MANUAL", "trunk_id": "999999"}, "trunk_id"),
        ("trunk", {"name": "Carrier", "host": "sip.carrier.example\nqualify=1"}, "host"),
        ("trunk", {"name": "Carrier", "host": "sip.carrier.example", "port": 70000}, "port"),
        ("trunk", {"name": "Carrier", "host": "sip.carrier.example", "username": "a b"}, "username"),
        ("trunk", {"name": "Carrier", "host": "sip.carrier.example", "secret": "a\nb"}, "secret"),
        ("trunk", {"name": "Carrier", "host": "sip.carrier.example", "caller_id": "nobody"}, "caller_id"),
        ("trunk", {"name": "Carrier", "host": "sip.carrier.example", "registers": True}, "username"),
        ("trunk", {"name": "Carrier", "host": "sip.carrier.example", "registrar": "x:y"}, "registrar"),
        ("trunk", {"name": "Carrier", "host": "sip.carrier.example", "transport": "sctp"}, "transport"),
        ("trunk", {"name": "Carrier", "host": "sip.carrier.example", "expiry_s": 1}, "expiry_s"),
        ("trunk", {"name": "Carrier", "host": "sip.carrier.example", "realm": 'a"b'}, "realm"),
        ("trunk", {"name": "Carrier", "host": "sip.carrier.example", "addresses": ["0.0.0.0/0"]}, "addresses.0"),
        ("token", {"name": ""}, "name"),
        ("token", {"name": None}, "name"),
        ("agent", {"username": "ag01", "name": "\ud800"}, "name"),
        ("agent", {"username": "ag01", "password": "\ud800 correct horse"}, "password"),
        ("trunk", {"name": "Carrier", "host": "sip.carrier.example", "secret": "\ud800"}, "secret"),
        ("queue", {"name": "Support", "ring_s": 10**30}, "ring_s"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_changed(motors, noun, values, field):
    before = (await motors.client.get(f"/v1/{noun}s")).json()
    content = json.dumps(values)  # in ASCII, as a stranger's client may: half characters reach the reader
    refused = await motors.client.post(f"/v1/{noun}s", content=content, headers={"Content-Type": "application/json"})
    assert refused.status_code == 400, refused.text
    error = refused.json()["error"]
    assert (error["code"], error["field"]) == ("invalid_field", field)
    assert error["message"].startswith(f"{field}: ")
    assert (await motors.client.get(f"/v1/{noun}s")).json() == before


@pytest.mark.parametrize(
    "rules", [{"countries": ["XX"]}, {"countries": ["USA"]}, {"blocked_prefixes": ["1900"]}, {"allow": True}]
)
async def test_dial_rules_that_mean_nothing_are_refused(motors, rules):
    ids = await furnish(motors.client)
    refused = await motors.client.patch(f"/v1/campaigns/{ids['campaign']}", json={"dial_rules": rules})
    assert refused.status_code == 400
    assert refused.json()["error"]["field"].startswith("dial_rules.")


async def test_what_is_doubled_or_needed_elsewhere_is_a_conflict(house, motors):
    ids = await furnish(motors.client)
    doubled = [
        ("agents", {"username": "AG1", "password": "correct horse"}),
        ("extensions", {"number": "201"}),
        ("queues", {"name": "Support 1"}),
        ("queues", {"name": "Other", "numbers": ["15550100101"]}),
        ("campaigns", {"name": "Renewals 1", "type": "MANUAL", "trunk_id": ids["trunk"]}),
        ("trunks", {"name": "Carrier 1", "host": "another.carrier.example"}),
        ("trunks", {"name": "Carrier 9", "host": "sip1.carrier.example"}),
    ]
    for path, values in doubled:
        refused = await motors.client.post(f"/v1/{path}", json=values)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict"), (path, values, refused.text)
    needed = await motors.client.delete(f"/v1/trunks/{ids['trunk']}")
    assert needed.status_code == 409
    assert "Renewals 1" in needed.json()["error"]["message"]


async def test_a_trunk_that_registers_shows_how_and_never_its_secret(house, motors):
    values = {
        "name": "Registering", "host": "sip.carrier.example", "username": "us", "secret": "trunk secret",
        "registers": True, "registrar": "registrar.carrier.example:5070", "realm": "carrier", "transport": "tls",
        "addresses": ["192.0.2.9/24", "2001:db8::7"],
    }  # fmt: skip
    added = await motors.client.post("/v1/trunks", json=values)
    assert added.status_code == 201, added.text
    row = added.json()
    assert (row["port"], row["addresses"]) == (5061, ["192.0.2.0/24", "2001:db8::7"])
    assert row["registration"] == {"state": "unknown", "reason": "", "expires_s": None}
    house.floors.registered[motors.id] = {row["id"]: Registration(RegistrationState.REGISTERED, expires_s=60)}
    house.floors.rows[motors.id] = ([], [])
    (shown,) = (await motors.client.get("/v1/trunks")).json()["items"]
    assert shown["registration"] == {"state": "registered", "reason": "", "expires_s": 60}
    assert "trunk secret" not in added.text
    metrics = await house.client().get("http://localhost/metrics")
    assert f'callside_trunk_registered{{tenant="{motors.id}",trunk="{row["id"]}"}} 1.0' in metrics.text
    kept = await motors.client.patch(f"/v1/trunks/{row['id']}", json={"registers": False, "transport": "tcp"})
    assert kept.json()["registration"] == {"state": "not_wanted", "reason": "", "expires_s": None}


async def test_two_trunks_whose_calls_could_not_be_told_apart_are_refused(motors):
    one = {"name": "One", "host": "192.0.2.7", "addresses": ["198.51.100.0/24"]}
    assert (await motors.client.post("/v1/trunks", json=one)).status_code == 201
    for host, port, addresses in (
        ("198.51.100.9", 5060, []),
        ("203.0.113.1", 5060, ["192.0.2.0/28"]),
        ("203.0.113.1", 5060, ["198.51.100.128/25"]),
    ):
        other = {"name": "Other", "host": host, "port": port, "addresses": addresses}
        refused = await motors.client.post("/v1/trunks", json=other)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict"), other
    apart = {"name": "Other", "host": "192.0.2.7", "port": 5080}
    assert (await motors.client.post("/v1/trunks", json=apart)).status_code == 201


async def test_an_agent_who_is_removed_is_assigned_nowhere(motors):
    ids = await furnish(motors.client)
    await motors.client.delete(f"/v1/agents/{ids['agent']}")
    for place in (f"/v1/queues/{ids['queue']}", f"/v1/campaigns/{ids['campaign']}"):
        assert (await motors.client.get(place)).json()["agents"] == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'"x"', b"null", b'{"name": "a", }'])
async def test_a_body_that_is_no_object_is_refused_and_not_a_fault_of_ours(motors, body):
    refused = await motors.client.post("/v1/queues", content=body, headers={"Content-Type": "application/json"})
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] in {"unreadable", "invalid_field"}


async def test_half_a_character_is_refused_in_words_that_can_be_sent(motors):
    sent = {"content": b'{"region": "\\ud800"}', "headers": {"Content-Type": "application/json"}}
    refused = await motors.client.patch("/v1/tenant", **sent)
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "region")


async def test_a_body_that_is_too_large_is_refused(motors):
    def endless():
        for _ in range(33):
            yield b" " * 65_536

    async def chunks():
        for one in endless():
            yield one

    for body in (b"".join(endless()), chunks()):
        refused = await motors.client.post("/v1/queues", content=body, headers={"Content-Type": "application/json"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (413, "too_large")


async def test_unknown_paths_and_methods_have_the_same_shape_of_error(motors):
    nowhere = await motors.client.get("/v1/nowhere")
    assert (nowhere.status_code, nowhere.json()["error"]["code"]) == (404, "not_found")
    wrong = await motors.client.put("/v1/agents", json={})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "method_not_allowed")


async def test_only_the_root_token_administers_the_installation(house, motors):
    for token in (None, motors.token, "guess", ROOT[:-1]):
        refused = await house.client(token).get("/v1/admin/tenants")
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "not_authenticated")
        assert refused.headers["www-authenticate"] == "Bearer"
    made = (await house.root.post("/v1/admin/tenants", json={"name": "Twin Motors", "region": "GB"})).json()
    place = f"/v1/admin/tenants/{made['id']}"
    token = (await house.root.post(f"{place}/tokens", json={"name": "CRM"})).json()["token"]
    assert (await house.client(token).get("/v1/tenant")).json()["name"] == "Twin Motors"
    assert (await house.root.delete(place)).status_code == 409
    assert (await house.root.patch(place, json={"enabled": False})).json()["enabled"] is False
    assert (await house.client(token).get("/v1/tenant")).status_code == 401
    assert (await house.root.delete(place)).status_code == 204
    assert (await house.root.get(place)).status_code == 404
    assert [one["id"] for one in (await house.root.get("/v1/admin/tenants")).json()["items"]] == [motors.id]


async def test_the_root_token_is_no_tenants_token(house, motors):
    assert (await house.root.get("/v1/agents")).status_code == 401


async def test_guessing_tokens_is_slowed_down_and_good_tokens_are_not(house, motors):
    stranger = house.client("guess")
    statuses = {(await stranger.get("/v1/tenant")).status_code for _ in range(70)}
    assert statuses == {401, 429}
    slowed = await stranger.get("/v1/tenant")
    assert int(slowed.headers["retry-after"]) > 0
    assert (await motors.client.get("/v1/tenant")).status_code == 200
