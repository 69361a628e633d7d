"""The live feed through a real socket: snapshot and changes, who may watch, who does not keep up."""

import asyncio
import contextlib
import dataclasses
import json

import pytest
import websockets

from callside.exchange.secrets import digest
from callside.floor import events as ev
from callside.tenants.model import ApiToken, BreakReason
from tests.fakes.live_centre import TOKEN, Board, LiveCentre, close_code
from tests.fakes.stage import AGENTS, SUPPORT, TENANT, directory
from tests.patience import PATIENCE_S

TWIN, TWIN_TOKEN = "1013", "token-of-the-twin"


@pytest.fixture
async def centre():
    async with LiveCentre() as made:
        yield made


async def test_a_board_shows_what_is_there_and_then_what_changes(centre):
    session = await centre.be_ready(AGENTS[0])
    async with centre.board() as ws:
        assert ws.subprotocol == "callside.live.v1"
        board = await Board().read_until(ws, lambda board: True)
        [agent] = board.of("agents")
        assert (agent["agent_id"], agent["state"], agent["name"]) == (AGENTS[0], "ready", "Agent 111")
        assert {row["name"] for row in board.of("queues")} == {"Support", "Sales"}
        assert board.of("calls") == []

        leg = await centre.caller()
        await board.read_until(ws, lambda board: board.of("calls"))
        [call] = board.of("calls")
        assert (call["state"], call["number"], call["agent_id"]) == ("offered", "+15550100123", AGENTS[0])
        queue = board.rows["queues", SUPPORT]
        assert (queue["waiting"], queue["ringing"], queue["oldest"]) == (1, 1, call["started"])

        await centre.ask(ev.Answer(session))
        await board.read_until(ws, lambda board: board.rows["agents", session]["state"] == "talking")
        queue = board.rows["queues", SUPPORT]
        assert (queue["waiting"], queue["oldest"], queue["answered"], queue["talking"]) == (0, None, 1, 1)
        assert queue["service_level"] == {"value": 1.0, "formula": "SL_B"}

        await centre.hang_up(leg)
        await board.read_until(ws, lambda board: not board.of("calls"))
        assert board.rows["agents", session]["state"] == "wrap_up"


async def test_two_boards_see_the_same_frames_and_a_late_one_begins_with_a_snapshot(centre):
    async with centre.board() as one, centre.board(browser=False, origin=None) as two:
        boards = [await Board().read_until(ws, lambda board: True) for ws in (one, two)]
        await centre.be_ready(AGENTS[0])
        for board, ws in zip(boards, (one, two), strict=True):
            await board.read_until(ws, lambda board: any(row["state"] == "ready" for row in board.of("agents")))
        async with centre.board() as three:
            late = await Board().read_until(three, lambda board: True)
        assert boards[0].rows == boards[1].rows == late.rows


async def test_a_service_level_falls_while_nothing_happens(centre):
    await centre.caller()
    async with centre.board() as ws:
        board = await Board().read_until(ws, lambda board: True)
        assert board.rows["queues", SUPPORT]["service_level"]["value"] is None
        centre.clock.ms += 20_001
        await board.read_until(ws, lambda board: board.rows["queues", SUPPORT]["service_level"]["value"] == 0.0)


async def test_a_break_says_when_it_goes_beyond_its_limit(centre):
    limited = dataclasses.replace(directory().tenant, breaks=(BreakReason("lunch", "Lunch", 1800),))
    centre.store.directories.by_tenant[TENANT] = dataclasses.replace(directory(), tenant=limited)
    await centre.exchange.directory_changed(TENANT)
    session = await centre.be_ready(AGENTS[0])
    async with centre.board() as ws:
        board = await Board().read_until(ws, lambda board: True)
        assert board.rows["agents", session]["break_limit_at"] is None
        await centre.ask(ev.GoOnBreak(session, "lunch"))
        await board.read_until(ws, lambda board: board.rows["agents", session]["state"] == "break")
        row = board.rows["agents", session]
        assert row["break_limit_at"] == row["since"] + 1_800_000
        await centre.ask(ev.GoReady(session))
        await board.read_until(ws, lambda board: board.rows["agents", session]["break_limit_at"] is None)


async def test_another_tenant_s_token_sees_nothing_of_this_one(centre):
    twin = dataclasses.replace(directory().tenant, id=TWIN, name="Twin", crm_origins=())
    centre.store.directories.by_tenant[TWIN] = dataclasses.replace(directory(), tenant=twin, queues={}, agents={})
    await centre.exchange.directory_changed(TWIN)
    await centre.store.directories.add_token(ApiToken("", TWIN, "board", digest(TWIN_TOKEN), 0))
    await centre.be_ready(AGENTS[0])
    async with centre.board(TWIN_TOKEN) as theirs, centre.board() as ours:
        board = await Board().read_until(ours, lambda board: True)
        frames = [await theirs.recv()]
        await centre.caller()
        await board.read_until(ours, lambda board: board.of("calls"))
        feed = centre.exchange._runners[TWIN].feed
        feed.flush()
        feed.stop()  # closes their socket, after all that was for it
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                frames.append(await theirs.recv())
    assert [json.loads(frames[0])[kind] for kind in ("agents", "queues", "calls")] == [[], [], []]
    assert len(frames) == 1


async def test_a_token_that_is_not_good_is_told_by_the_close_code_or_the_status(centre):
    async with centre.board("somebody's") as ws:
        assert await close_code(ws) == 4003
    with pytest.raises(websockets.InvalidStatus) as refused:
        await centre.board("somebody's", browser=False, origin=None)
    assert refused.value.response.status_code == 401


async def test_a_page_from_elsewhere_cannot_open_the_feed_even_with_a_token(centre):
    with pytest.raises(websockets.InvalidStatus) as refused:
        await centre.board(origin="https://evil.example.com")
    assert refused.value.response.status_code == 403
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(f"ws://{centre.host}/v1/live?token={TOKEN}", proxy=None)
    assert refused.value.response.status_code == 401


async def test_the_feed_only_tells(centre):
    async with centre.board() as ws:
        await ws.recv()
        await ws.send("anything")
        assert await close_code(ws) == 4004


async def test_boards_are_told_when_the_server_stops(centre):
    async with centre.board() as ws:
        await ws.recv()
        await centre.exchange.stop()
        assert await close_code(ws) == 1012
        await centre.start()


async def test_who_left_is_forgotten(centre):
    feed = centre.exchange._runners[TENANT].feed
    async with centre.board() as ws:
        await ws.recv()
        assert len(feed._watches) == 1
    async with asyncio.timeout(PATIENCE_S):
        while feed._watches:
            await asyncio.sleep(0.01)
    assert feed._sent == {}


async def test_who_does_not_keep_up_gets_a_new_snapshot_and_the_others_notice_nothing(centre):
    runner = centre.exchange._runners[TENANT]
    slow, quick = runner.feed.watch(), runner.feed.watch()
    behind, there = Board(), Board()
    behind.take(await slow.frame())
    there.take(await quick.frame())
    for agent in AGENTS:
        session = await centre.be_ready(agent)
        for reason in ("lunch", "lunch", "lunch"):
            centre.clock.ms += 1_000
            await centre.ask(ev.GoOnBreak(session, reason))
            runner.feed.flush()
            centre.clock.ms += 1_000
            await centre.ask(ev.GoReady(session))
            runner.feed.flush()
            while quick._frames:
                there.take(await quick.frame())
    assert len(slow._frames) <= 16
    while slow._frames or slow._behind:
        behind.take(await slow.frame())
    assert (behind.resyncs, there.resyncs) == (1, 0)
    assert behind.rows == there.rows
    slow.close()
    quick.close()
