"""Call records and live sessions, read through `/v1`."""

from types import SimpleNamespace

import msgspec
import pytest

from callside.agents.machine import AgentState
from callside.calls.model import Cause, Cdr, Direction, Party
from callside.floor.events import EndSession
from callside.floor.facts import Fact, Record
from callside.floor.live import LiveSession
from callside.kernel.clock import Moment
from callside.sessions.machine import LineState
from callside.sessions.model import EndCause, LoginType
from tests.fakes.installation import furnish

DAY = 1_800_000_000_000


@pytest.fixture
async def motors(house):
    tenant = await house.tenant("Example Motors")
    return SimpleNamespace(**vars(tenant), ids=await furnish(tenant.client))


def cdr(tenant, number, ended_at, **more):
    """A call of one minute that ended then."""
    call = Cdr(
        call_id=f"{number:032x}",
        tenant_id=tenant.id,
        direction=Direction.INBOUND,
        customer_number=f"+155501001{number:02}",
        customer_name="A Customer",
        our_number="+15550100101",
        queue_id=tenant.ids["queue"],
        campaign_id=None,
        agent_id=tenant.ids["agent"],
        session_id=None,
        started_at=ended_at - 60_000,
        answered_at=ended_at - 50_000,
        ended_at=ended_at,
        duration_ms=60_000,
        wait_ms=8_000,
        ring_ms=2_000,
        talk_ms=50_000,
        hold_ms=0,
        cause=Cause.NORMAL,
        hung_up_by=Party.CUSTOMER,
    )
    return msgspec.structs.replace(call, **more)


async def finish(house, tenant, *cdrs, facts=()):
    await house.store.recorder.write(Record(tenant.id, facts=list(facts), cdrs=list(cdrs)))


async def pages(client, **query):
    """All pages: the ids on each."""
    found, cursor = [], None
    while True:
        answer = await client.get("/v1/calls", params=query | ({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        found.append([int(one["id"], 16) for one in answer.json()["items"]])
        cursor = answer.json()["next"]
        if cursor is None:
            return found


async def test_pages_hold_every_call_once_newest_first_even_of_one_millisecond(house, motors):
    ends = [DAY, DAY + 1, DAY + 1, DAY + 1, DAY + 5]
    await finish(house, motors, *(cdr(motors, number, at) for number, at in enumerate(ends)))
    found = await pages(motors.client, limit=2)
    assert [len(page) for page in found] == [2, 2, 1]
    flat = [number for page in found for number in page]
    assert sorted(flat) == [0, 1, 2, 3, 4]
    assert [ends[number] for number in flat] == sorted(ends, reverse=True)


async def test_a_call_that_ends_between_two_pages_moves_none_of_the_others(house, motors):
    await finish(house, motors, *(cdr(motors, number, DAY + number) for number in range(4)))
    first = (await motors.client.get("/v1/calls", params={"limit": 2})).json()
    await finish(house, motors, cdr(motors, 9, DAY + 100))
    second = (await motors.client.get("/v1/calls", params={"limit": 2, "cursor": first["next"]})).json()
    assert [int(one["id"], 16) for one in first["items"] + second["items"]] == [3, 2, 1, 0]
    assert second["next"] is None


async def test_calls_are_found_by_agent_queue_number_and_time(house, motors):
    other = {"queue_id": None, "agent_id": None, "campaign_id": motors.ids["campaign"]}
    await finish(house, motors, cdr(motors, 1, DAY), cdr(motors, 2, DAY + 3_600_000, **other))
    wanted = [
        ({"agent_id": motors.ids["agent"]}, [1]),
        ({"queue_id": motors.ids["queue"]}, [1]),
        ({"campaign_id": motors.ids["campaign"]}, [2]),
        ({"number": "+15550100102"}, [2]),
        ({"number": " 15550100102"}, [2]),
        ({"since": "2027-01-15T08:00:01Z"}, [2]),
        ({"since": "2027-01-15T09:00:00+01:00"}, [2, 1]),
        ({"agent_id": "999999"}, []),
    ]
    for query, numbers in wanted:
        assert await pages(motors.client, **query) == [numbers], query


async def test_one_call_comes_with_what_happened_in_it(house, motors):
    call = cdr(motors, 1, DAY, disposition="resolved", notes="Called about the <invoice>")
    facts = [
        Fact("call.arrived", motors.id, Moment(1, DAY - 60_000), call_id=call.call_id, detail={"trunk": "3"}),
        Fact("call.answered", motors.id, Moment(2, DAY - 50_000), call_id=call.call_id, agent_id=call.agent_id),
    ]
    await finish(house, motors, call, facts=facts)
    shown = (await motors.client.get(f"/v1/calls/{call.call_id}")).json()
    assert shown["answered_at"] == "2027-01-15T07:59:10Z"
    assert (shown["direction"], shown["cause"], shown["hung_up_by"]) == ("inbound", "normal", "customer")
    assert shown["wait_ms"] + shown["ring_ms"] + shown["talk_ms"] + shown["hold_ms"] == shown["duration_ms"]
    assert (shown["disposition"], shown["notes"]) == ("resolved", "Called about the <invoice>")
    assert [one["kind"] for one in shown["facts"]] == ["call.arrived", "call.answered"]
    assert shown["facts"][0]["detail"] == {"trunk": "3"}


async def test_another_tenants_calls_and_sessions_are_not_found(house, motors):
    twin = await house.tenant("Twin Motors")
    call = cdr(motors, 1, DAY)
    await finish(house, motors, call, facts=[Fact("call.arrived", motors.id, Moment(1, DAY), call_id=call.call_id)])
    house.floors.rows[motors.id] = ([session(motors)], [])
    for method, path in (
        ("GET", f"/v1/calls/{call.call_id}"),
        ("GET", f"/v1/sessions/{'5' * 32}"),
        ("DELETE", f"/v1/sessions/{'5' * 32}"),
    ):
        assert (await twin.client.request(method, path)).status_code == 404
        assert (await motors.client.request(method, path)).status_code in {200, 204}
    assert [tenant for tenant, _ in house.floors.asked] == [motors.id]
    assert await pages(twin.client) == [[]]
    assert await pages(twin.client, agent_id=motors.ids["agent"]) == [[]]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "AAAA",
        "WzEsMl0",
        "e30",
        "bnVsbA",
        "W3RydWUsICJhIl0",
        "WzFlOTk5LCAiYSJd",
        "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OSwgImEiXQ",
        "%00",
        "ü",
    ],
)
async def test_a_cursor_that_somebody_made_up_is_refused(motors, cursor):
    refused = await motors.client.get("/v1/calls", params={"cursor": cursor})
    assert refused.status_code == 400, refused.text
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "cursor")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 1000}, "limit"),
        ({"since": "yesterday"}, "since"),
        ({"agent_id": "x"}, "agent_id"),
    ],
)
async def test_a_question_that_means_nothing_is_refused(motors, query, field):
    refused = await motors.client.get("/v1/calls", params=query)
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, field)


def session(tenant):
    at = Moment(0, DAY)
    return LiveSession(
        id="5" * 32,
        agent_id=tenant.ids["agent"],
        login_type=LoginType.AUTO,
        queue_ids=(tenant.ids["queue"],),
        campaign_id=None,
        extension_id=None,
        opened=at,
        state=AgentState.TALKING,
        since=at,
        idle_since=at,
        line=LineState.UP,
        call_id="6" * 32,
    )


async def test_who_is_logged_in_is_shown_and_can_be_logged_out(house, motors):
    house.floors.rows[motors.id] = ([session(motors)], [])
    (shown,) = (await motors.client.get("/v1/sessions")).json()["items"]
    assert (shown["agent_username"], shown["state"], shown["line"]) == ("ag1", "talking", "up")
    assert shown["call_id"] == "6" * 32
    place = f"/v1/sessions/{shown['id']}"
    assert (await motors.client.get(place)).json() == shown
    assert (await motors.client.delete(place)).status_code == 204
    assert (await motors.client.delete(place, params={"force": "true"})).status_code == 204
    asked = [request for _, request in house.floors.asked]
    assert asked == [EndSession(shown["id"], EndCause.FORCED, force=force) for force in (False, True)]
