"""The phone socket over a real server: who may open it, verbs, views, and how it ends."""

import asyncio
import contextlib
import json
import logging

import pytest
import structlog
import websockets

from callside.floor import events
from callside.floor.lead_view import (
    CampaignView,
    LeadCallbackView,
    LeadFieldView,
    LeadNumberView,
    LeadRowView,
    LeadView,
)
from callside.floor.view import LineView
from callside.kernel.errors import ConflictError, StoreUnavailableError
from callside.sessions.model import EndCause
from tests.fakes.phone_server import Browser, PhoneServer, ask, closed, frame, until


@pytest.fixture
async def server(tmp_path):
    async with PhoneServer(tmp_path) as running:
        yield running


@pytest.fixture
async def phone(server):
    """A session with its socket open and its first view taken."""
    row, handle = server.exchange.log_in()
    bearer = await Browser(server).bearer(handle)
    async with server.phone(bearer) as ws:
        await frame(ws, "view")
        ws.row, ws.bearer = row, bearer
        server.exchange.requests.clear()
        yield ws


async def test_the_socket_selects_its_version_and_begins_with_the_view(server):
    row, handle = server.exchange.log_in()
    async with server.phone(await Browser(server).bearer(handle)) as ws:
        assert ws.subprotocol == "callside.v1"
        view = (await frame(ws, "view"))["view"]
        assert view["agent"] == {"id": "7", "name": "Ann", "username": "ann"}
        assert view["loginType"] == "MANUAL"
        assert server.exchange.requests == [events.PhoneChanged(row.id, connected=True)]


@pytest.mark.parametrize("path", ["/phone/socket", "/phone/sip"])
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", None, "http://127.0.0.1", "http://localhost.evil.example"]
)
async def test_a_socket_from_another_page_or_without_an_origin_is_refused(server, path, origin):
    _, handle = server.exchange.log_in()
    bearer = await Browser(server).bearer(handle)
    with pytest.raises(websockets.InvalidStatus) as refused:
        await server.phone(bearer, path=path, origin=origin)
    assert refused.value.response.status_code == 403
    assert refused.value.response.headers["X-Content-Type-Options"] == "nosniff"


async def test_only_the_configured_public_origins_may_open_sockets(tmp_path):
    async with PhoneServer(tmp_path, public_origins=("https://phone.example.com",)) as server:
        _, handle = server.exchange.log_in()
        status, body, _ = await Browser(server).redeem(handle, headers={"Origin": "https://phone.example.com"})
        assert status == 200
        async with server.phone(body["bearer"], origin="https://phone.example.com") as ws:
            await frame(ws, "view")
        with pytest.raises(websockets.InvalidStatus):
            await server.phone(body["bearer"])


@pytest.mark.parametrize("protocol", ["callside.v1", "chat"])
async def test_without_a_bearer_or_our_protocol_there_is_no_socket(server, protocol):
    bearer = None if protocol == "callside.v1" else "b" * 43
    with pytest.raises(websockets.InvalidStatus) as refused:
        await server.phone(bearer, protocol=protocol)
    assert refused.value.response.status_code == 401


@pytest.mark.parametrize("bearer", ["b" * 43, "short", "b" * 2000])
async def test_a_wrong_bearer_is_told_by_close_code(server, bearer):
    async with server.phone(bearer) as ws:
        assert await closed(ws) == (4003, "bearer not valid")
    assert server.exchange.requests == []


async def test_a_bearer_that_dies_between_the_look_and_the_list_is_still_found_dead(server, monkeypatch):
    _, handle = server.exchange.log_in()
    browser = Browser(server)
    bearer = await browser.bearer(handle)
    look = server.tickets.session_of

    async def overtaken(text):
        found = await look(text)
        monkeypatch.setattr(server.tickets, "session_of", look)
        await server.tickets.redeem(handle, [browser.cookie])
        return found

    monkeypatch.setattr(server.tickets, "session_of", overtaken)
    async with server.phone(bearer) as ws:
        assert await closed(ws) == (4001, "opened again")


async def test_guessing_bearers_is_stopped(server):
    for _ in range(60):
        async with server.phone("b" * 43) as ws:
            assert (await closed(ws))[0] == 4003
    with pytest.raises(websockets.InvalidStatus) as refused:
        await server.phone("b" * 43)
    assert refused.value.response.status_code == 429


@pytest.mark.parametrize(
    ("verb", "request_of"),
    [
        ({"do": "state.ready"}, events.GoReady),
        ({"do": "state.break", "reason": "lunch"}, lambda sid: events.GoOnBreak(sid, "lunch")),
        ({"do": "state.cancelBreak"}, events.CancelBreak),
        ({"do": "call.dial", "number": "+15550100123"}, lambda sid: events.Dial(sid, "+15550100123")),
        ({"do": "call.answer"}, events.Answer),
        ({"do": "call.decline"}, events.Decline),
        ({"do": "call.hangup"}, events.HangUp),
        ({"do": "call.mute", "on": True}, lambda sid: events.SetMute(sid, muted=True)),
        ({"do": "call.hold", "on": False}, lambda sid: events.SetHold(sid, held=False)),
        ({"do": "call.digits", "digits": "12#*A"}, lambda sid: events.SendDigits(sid, "12#*A")),
        ({"do": "call.notes", "text": "Ring back ☎"}, lambda sid: events.WriteNotes(sid, "Ring back ☎")),
        ({"do": "wrapUp.dispose", "disposition": "sale"}, lambda sid: events.Dispose(sid, "sale", finish=True)),
        (
            {"do": "wrapUp.dispose", "disposition": "sale", "finish": False},
            lambda sid: events.Dispose(sid, "sale", finish=False),
        ),
        (
            {"do": "wrapUp.dispose", "disposition": "cb", "callbackAt": 1_790_000_000_000, "callbackMine": True},
            lambda sid: events.Dispose(sid, "cb", callback_at=1_790_000_000_000, callback_mine=True),
        ),
        ({"do": "wrapUp.extend"}, events.ExtendWrapUp),
        ({"do": "lead.next"}, events.NextLead),
        ({"do": "lead.skip", "reason": "on holiday"}, lambda sid: events.SkipLead(sid, "on holiday")),
        ({"do": "lead.skip"}, events.SkipLead),
        ({"do": "lead.dial"}, events.DialLead),
        ({"do": "lead.dial", "number": 2}, lambda sid: events.DialLead(sid, 2)),
        ({"do": "session.end"}, lambda sid: events.EndSession(sid, EndCause.LOGOUT)),
    ],
)
async def test_each_verb_becomes_its_request_and_is_confirmed(server, phone, verb, request_of):
    assert await ask(phone, 7, **verb) == {"type": "reply", "id": 7, "ok": True, "value": None}
    assert server.exchange.requests == [request_of(phone.row.id)]


async def test_a_lead_of_the_list_is_opened_by_its_id(server, phone):
    assert (await ask(phone, 1, "lead.show", lead="9001"))["ok"]
    assert server.exchange.opened == [(phone.row.tenant_id, phone.row.id, "9001")]
    server.exchange.refusal = ConflictError("lead: somebody else has it")
    assert (await ask(phone, 2, "lead.show", lead="9001"))["error"]["code"] == "conflict"


async def test_the_agents_own_list_is_the_replys_value(server, phone):
    mine = LeadCallbackView("Ann", mine=True)
    server.exchange.list = (
        LeadRowView("9001", "Maria <b>", "(555) 010-0123", "mobile", 1, "no_answer", 1_790_000_000_000, mine, ""),
    )
    reply = await ask(phone, 1, "leads.list")
    assert reply["value"] == {
        "leads": [
            {
                "id": "9001", "name": "Maria <b>", "display": "(555) 010-0123", "label": "mobile", "attempts": 1,
                "lastOutcome": "no_answer", "dueAt": 1_790_000_000_000, "callback": {"agent": "Ann", "mine": True}, "notes": "",
            }
        ]
    }  # fmt: skip


async def test_a_lead_is_sent_as_the_page_reads_it(server, phone):
    number = LeadNumberView("+15550100123", "(555) 010-0123", "mobile", 1, "busy", blocked=False)
    fields = (LeadFieldView("10", "ten"), LeadFieldView("2", "two"))
    server.exchange.shows = {
        "lead": LeadView("9001", "Maria", (number,), 0, fields, "", "Europe/Berlin", 1, "busy", None),
        "campaign": CampaignView("PREVIEW", None, None),
        "previewMs": 20_000,
    }
    server.exchange.change(phone.row)
    view = (await frame(phone, "view"))["view"]
    assert (view["previewMs"], view["campaign"]) == (20_000, {"type": "PREVIEW", "halt": None, "resumesMs": None})
    assert view["lead"] == {
        "id": "9001", "name": "Maria", "chosen": 0, "notes": "", "zone": "Europe/Berlin", "attempts": 1, "lastOutcome": "busy", "callback": None,
        "numbers": [{"number": "+15550100123", "display": "(555) 010-0123", "label": "mobile", "attempts": 1, "lastOutcome": "busy", "blocked": False}],
        "fields": [{"name": "10", "value": "ten"}, {"name": "2", "value": "two"}],
    }  # fmt: skip


async def test_the_line_is_asked_for_with_the_newest_credentials(server, phone):
    early = await ask(phone, 1, "line.ready")
    assert early["error"]["code"] == "conflict"
    first = (await ask(phone, 2, "line.credentials"))["value"]
    second = (await ask(phone, 3, "line.credentials"))["value"]
    assert set(first) == {"endpoint", "password", "realm", "sipPath"}
    assert second["sipPath"] == "/phone/sip"
    assert (await ask(phone, 4, "line.ready"))["ok"]
    assert server.exchange.requests == [events.RaiseLineRequested(phone.row.id, second["endpoint"])]


async def test_a_desk_phone_is_called_again_without_credentials(server, phone):
    server.exchange.line = LineView("down", "extension", "205")
    assert (await ask(phone, 1, "line.ready"))["ok"]
    assert server.exchange.requests == [events.RaiseLineRequested(phone.row.id, "")]


@pytest.mark.parametrize("error", [ConflictError("You are on a call."), StoreUnavailableError("The disk is full.")])
async def test_a_refused_verb_says_why_and_the_socket_goes_on(server, phone, error):
    server.exchange.refusal = error
    reply = await ask(phone, 1, "call.dial", number="+15550100123")
    assert reply == {"type": "reply", "id": 1, "ok": False, "error": {"code": error.code, "message": error.message}}
    server.exchange.refusal = None
    assert (await ask(phone, 2, "call.hangup"))["ok"]


@pytest.mark.parametrize(
    "verb",
    [
        {"do": "call.dial"}, {"do": "call.dial", "number": 5}, {"do": "call.dial", "number": ""}, {"do": "call.mute", "on": "yes"},
        {"do": "call.digits", "digits": "1;2"}, {"do": "call.digits", "digits": "1\n"},
        {"do": "call.notes", "text": "x" * 8_001}, {"do": "state.break", "reason": None},
        {"do": "lead.show"}, {"do": "lead.show", "lead": ""}, {"do": "lead.show", "lead": 9001}, {"do": "lead.dial", "number": -1},
        {"do": "lead.dial", "number": "first"}, {"do": "lead.skip", "reason": "x" * 201},
        {"do": "wrapUp.dispose", "disposition": "cb", "callbackAt": "tomorrow"}, {"do": "wrapUp.dispose", "disposition": "cb", "callbackAt": -1},
    ],
)  # fmt: skip
async def test_a_verb_with_a_wrong_field_is_refused_by_name_and_the_socket_goes_on(server, phone, verb):
    reply = await ask(phone, 3, **verb)
    assert reply["error"]["code"] == "invalid_field"
    assert verb["do"] in reply["error"]["message"]
    assert server.exchange.requests == []
    assert (await ask(phone, 4, "state.ready"))["ok"]


@pytest.mark.parametrize(
    "sent",
    [
        "hello", "[]", "{}", '{"do":"call.hangup"}', '{"id":1}', '{"id":1,"do":"floor.reset"}', '{"id":"1","do":"call.hangup"}',
        '{"id":-1,"do":"call.hangup"}', "[" * 10_000, "x" * 20_000, b'{"id":1,"do":"call.hangup"}', "\ud83d".encode("utf-8", "surrogatepass"),
    ],
)  # fmt: skip
async def test_what_is_no_frame_of_the_protocol_closes_the_socket(server, phone, sent):
    await phone.send(sent)
    code, _ = await closed(phone)
    assert code == 4004
    assert events.HangUp(phone.row.id) not in server.exchange.requests


async def test_a_frame_over_64_kib_closes_the_socket(phone):
    await phone.send("x" * 70_000)
    assert (await closed(phone))[0] in {1009, 4004}


async def test_too_many_verbs_are_refused_and_time_makes_room_again(server, phone):
    for number in range(60):
        await phone.send(json.dumps({"id": number, "do": "call.digits", "digits": "1"}))
    replies = [await frame(phone, "reply") for _ in range(60)]
    assert [reply["ok"] for reply in replies] == [True] * 40 + [False] * 20
    assert replies[-1]["error"]["code"] == "too_many_requests"
    server.clock.step(1_000)
    assert (await ask(phone, 99, "call.digits", digits="1"))["ok"]


@pytest.mark.parametrize("sent", ['{"do":"pong"}', '{"id":1,"do":"call.dial"}', '{"id":1,"do":"ping"}'])
async def test_a_flood_of_any_frames_closes_the_socket(phone, sent):
    with contextlib.suppress(websockets.ConnectionClosed):
        for _ in range(400):
            await phone.send(sent)
    assert (await closed(phone))[0] == 4004


async def test_many_changes_become_few_views_and_the_last_one_wins(server, phone):
    for _ in range(500):
        last = server.exchange.change(phone.row)
    seen = 0
    while True:
        seen += 1
        if (await frame(phone, "view"))["view"]["seq"] == last.seq:
            break
    assert seen < 10


async def test_a_newer_socket_of_the_session_closes_the_older_and_the_floor_sees_no_gap(server, phone):
    async with server.phone(phone.bearer) as newer:
        await frame(newer, "view")
        assert await closed(phone) == (4001, "opened again")
        assert (await ask(newer, 1, "state.ready"))["ok"]
        assert events.PhoneChanged(phone.row.id, connected=False) not in server.exchange.requests


async def test_the_floor_hears_when_the_last_socket_is_gone(server, phone):
    await phone.close()
    await until(lambda: server.exchange.requests == [events.PhoneChanged(phone.row.id, connected=False)])
    assert server.exchange.watching() == 0


async def test_the_floor_hears_of_a_page_whose_connection_just_broke(server, phone):
    phone.transport.abort()
    await until(lambda: server.exchange.requests == [events.PhoneChanged(phone.row.id, connected=False)])


@pytest.mark.parametrize("cause", list(EndCause))
async def test_the_end_of_the_session_closes_the_socket_with_its_cause(server, phone, cause):
    server.exchange.end(phone.row, cause)
    assert await closed(phone) == (4002, cause.value)


async def test_the_cause_is_told_even_when_its_record_is_written_a_moment_later(server, phone):
    server.exchange.end(phone.row, EndCause.TAKEN_OVER, written=False)
    closing = asyncio.create_task(closed(phone))
    await asyncio.sleep(0)
    server.exchange.write_end(phone.row, EndCause.TAKEN_OVER)
    assert await closing == (4002, "taken_over")


async def test_a_bearer_of_an_ended_session_opens_nothing(server, phone):
    server.exchange.end(phone.row)
    await closed(phone)
    async with server.phone(phone.bearer) as again:
        assert (await closed(again))[0] == 4003


async def test_a_page_that_asks_whether_anybody_is_there_is_answered(server, phone):
    assert await ask(phone, 7, "ping") == {"type": "reply", "id": 7, "ok": True, "value": None}
    assert server.exchange.requests == []


async def test_the_server_pings_and_gives_up_on_a_silent_page(tmp_path):
    async with PhoneServer(tmp_path, ping_s=0.02, dead_s=0.3) as server:
        row, handle = server.exchange.log_in()
        async with server.phone(await Browser(server).bearer(handle)) as ws:
            await frame(ws, "ping")
            await ws.send('{"do":"pong"}')
            assert (await closed(ws))[0] == 1001
        await until(lambda: server.exchange.requests[-1:] == [events.PhoneChanged(row.id, connected=False)])


async def test_a_page_that_answers_pings_stays(tmp_path):
    async with PhoneServer(tmp_path, ping_s=0.02, dead_s=0.5) as server:
        _, handle = server.exchange.log_in()
        async with server.phone(await Browser(server).bearer(handle)) as ws:
            for _ in range(50):
                await frame(ws, "ping")
                await ws.send('{"do":"pong"}')
            assert (await ask(ws, 1, "state.ready"))["ok"]


async def test_the_number_of_sockets_is_bounded(tmp_path):
    async with PhoneServer(tmp_path, max_sockets=1) as server:
        bearers = [await Browser(server).bearer(server.exchange.log_in()[1]) for _ in range(2)]
        async with server.phone(bearers[0]) as ws:
            await frame(ws, "view")
            async with server.phone(bearers[1]) as other:
                assert await closed(other) == (1012, "too many sockets")
            async with server.phone(bearers[0]) as renewed:
                await frame(renewed, "view")


async def test_a_server_that_stops_asks_the_pages_to_come_again(tmp_path):
    async with PhoneServer(tmp_path) as server:
        _, handle = server.exchange.log_in()
        ws = await server.phone(await Browser(server).bearer(handle))
        await frame(ws, "view")
    assert (await closed(ws))[0] == 1012


async def test_no_log_line_holds_a_handle_a_bearer_a_cookie_or_a_sip_password(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    with structlog.testing.capture_logs() as events_logged:
        async with PhoneServer(tmp_path) as server:
            _, handle = server.exchange.log_in()
            browser = Browser(server)
            bearer = await browser.bearer(handle)
            await Browser(server).redeem(handle)
            async with server.phone(bearer) as ws:
                await ask(ws, 1, "line.credentials")
                await ws.send("nonsense")
                await closed(ws)
            async with server.phone("canary-" + "b" * 40) as ws:
                await closed(ws)
            await until(lambda: sum(one["event"] == "socket.closed" for one in events_logged) >= 2)
    written = str(events_logged) + caplog.text
    assert "ticket.in_use" in written
    assert "http.request" in written
    for secret in (handle, bearer, browser.cookie, "sip-password-canary", "canary-b"):
        assert secret not in written
