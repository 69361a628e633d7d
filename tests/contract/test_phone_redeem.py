"""Redeem over real HTTP: one browser wins, guessing is slowed, other pages are refused (reliability-security research T3, T4, T7)."""

import asyncio
import re

import pytest

from callside.exchange.secrets import digest
from callside.floor.events import PhoneChanged
from tests.fakes.phone import CRM
from tests.fakes.phone_server import Browser, PhoneServer, closed, frame


@pytest.fixture
async def server(tmp_path):
    async with PhoneServer(tmp_path) as running:
        yield running


async def test_the_first_redeem_gives_a_bearer_and_the_binding_cookie(server):
    row, handle = server.exchange.log_in()
    browser = Browser(server)
    status, body, headers = await browser.redeem(handle)
    assert status == 200
    assert set(body) == {"bearer", "origins", "frame"}
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", body["bearer"])
    assert body["origins"] == [CRM]
    assert re.fullmatch(
        r"__Host-cs=[A-Za-z0-9_-]{43}; Path=/; Secure; HttpOnly; SameSite=None; Partitioned", headers["Set-Cookie"]
    )
    kept = server.exchange.sessions.rows[row.tenant_id, row.id]
    assert kept.bearer_digest == digest(body["bearer"])
    assert kept.binding_digest == digest(browser.cookie)


async def test_the_same_browser_may_redeem_again_and_the_former_bearer_is_dead_at_once(server):
    _, handle = server.exchange.log_in()
    browser = Browser(server)
    first = await browser.bearer(handle)
    second = await browser.bearer(handle)
    assert first != second
    async with server.phone(first) as ws:
        assert await closed(ws) == (4003, "bearer not valid")
    async with server.phone(second) as ws:
        await frame(ws, "view")


async def test_another_browser_is_told_that_the_phone_is_in_use(server):
    _, handle = server.exchange.log_in()
    bearer = await Browser(server).bearer(handle)
    stranger = Browser(server)
    stranger.cookie = "B" * 43
    for other in (Browser(server), stranger):
        status, body, headers = await other.redeem(handle)
        assert status == 409
        assert body["error"]["code"] == "conflict"
        assert "Set-Cookie" not in headers
    async with server.phone(bearer) as ws:
        await frame(ws, "view")


async def test_where_cookies_fail_the_secret_kept_by_the_page_is_the_binding(server):
    _, handle = server.exchange.log_in()
    kept = "k" * 43
    assert (await Browser(server).redeem(handle, binding=kept))[0] == 200
    assert (await Browser(server).redeem(handle, binding=kept))[0] == 200
    assert (await Browser(server).redeem(handle, binding="x" * 43))[0] == 409
    assert (await Browser(server).redeem(handle, binding="short"))[0] == 409
    assert (await Browser(server).redeem(handle))[0] == 409


async def test_the_cookie_alone_is_enough_when_the_page_lost_its_own_secret(server):
    _, handle = server.exchange.log_in()
    browser = Browser(server)
    await browser.redeem(handle, binding="k" * 43)
    assert browser.cookie == "k" * 43
    assert (await browser.redeem(handle, binding="n" * 43))[0] == 200
    assert browser.cookie == "k" * 43


async def test_two_browsers_racing_for_the_same_url_have_one_winner(server):
    for _ in range(60):
        _, handle = server.exchange.log_in()
        one, two = Browser(server), Browser(server)
        outcomes = await asyncio.gather(one.redeem(handle), two.redeem(handle))
        assert sorted(status for status, _, _ in outcomes) == [200, 409]


async def test_unknown_ended_and_late_ids_get_the_same_answer(server):
    ended, ended_handle = server.exchange.log_in()
    server.exchange.end(ended)
    _, late_handle = server.exchange.log_in()
    server.clock.step(60_001)
    answers = [await Browser(server).redeem(one) for one in ("1" * 39, "636", ended_handle, late_handle)]
    assert [status for status, _, _ in answers] == [404] * 4
    assert len({str(body) for _, body, _ in answers}) == 1


async def test_a_bound_session_may_be_redeemed_long_after_its_login(server):
    _, handle = server.exchange.log_in()
    browser = Browser(server)
    await browser.bearer(handle)
    server.clock.step(3_600_000)
    await browser.bearer(handle)


async def test_guessing_is_stopped_after_twenty_wrong_ids_and_allowed_again_later(server):
    statuses = [(await Browser(server).redeem("1" * 39))[0] for _ in range(25)]
    assert statuses == [404] * 20 + [429] * 5
    _, _, headers = await Browser(server).redeem("1" * 39)
    assert int(headers["Retry-After"]) > 0
    server.clock.step(60_000)
    assert (await Browser(server).redeem("1" * 39))[0] == 404


async def test_a_page_that_redeems_without_end_is_slowed_down_and_nobody_else(server):
    (_, handle), (_, other) = server.exchange.log_in(), server.exchange.log_in()
    browser = Browser(server)
    answers = [(await browser.redeem(handle))[0] for _ in range(62)]
    assert answers == [200] * 60 + [429] * 2
    assert (await Browser(server).redeem(other))[0] == 200
    server.clock.step(2_000)
    assert (await browser.redeem(handle))[0] == 200


async def test_the_guess_limit_counts_the_client_behind_the_proxy_not_the_proxy(tmp_path):
    async with PhoneServer(tmp_path, trusted=["127.0.0.0/8"]) as server:
        for _ in range(20):
            await Browser(server).redeem("1" * 39, headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.5"})
        assert (await Browser(server).redeem("1" * 39, headers={"X-Forwarded-For": "198.51.100.2, 203.0.113.5"}))[
            0
        ] == 429
        assert (await Browser(server).redeem("1" * 39, headers={"X-Forwarded-For": "203.0.113.6"}))[0] == 404


@pytest.mark.parametrize(
    ("headers", "drop"),
    [
        ({}, ["X-Callside"]),
        ({"X-Callside": "0"}, []),
        ({"Sec-Fetch-Site": "cross-site"}, []),
        ({"Sec-Fetch-Site": "same-site"}, []),
        ({"Sec-Fetch-Site": "none"}, []),
        ({"Origin": "https://evil.example"}, []),
        ({"Origin": "null"}, []),
        ({}, ["X-Callside", "Origin", "Sec-Fetch-Site"]),
    ],
)
async def test_a_redeem_from_another_page_is_refused_and_consumes_nothing(server, headers, drop):
    row, handle = server.exchange.log_in()
    status, body, _ = await Browser(server).redeem(handle, headers=headers, drop=drop)
    assert (status, body["error"]["code"]) == (403, "not_allowed")
    assert server.exchange.sessions.rows[row.tenant_id, row.id] == row


async def test_an_old_browser_that_sends_neither_origin_nor_sec_fetch_may_redeem(server):
    _, handle = server.exchange.log_in()
    assert (await Browser(server).redeem(handle, drop=["Origin", "Sec-Fetch-Site"]))[0] == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"{", 400), (b"[]", 400), (b'{"session": 636}', 400), (b"{}", 400), (b"\xff\xfe", 400),
        (b'{"session": "' + b"1" * 200 + b'"}', 400), (b"[" * 1000, 400), (b'{"session": "' + b"1" * 1100 + b'"}', 413),
    ],
)  # fmt: skip
async def test_a_body_that_is_not_right_is_refused_by_name(server, body, status):
    seen, reply, _ = await Browser(server).redeem("", body=body)
    assert seen == status
    assert reply["error"]["message"]


async def test_a_new_redeem_closes_the_sockets_of_the_bearer_before(server):
    row, handle = server.exchange.log_in()
    browser = Browser(server)
    async with server.phone(await browser.bearer(handle)) as old:
        await frame(old, "view")
        await browser.bearer(handle)
        assert await closed(old) == (4001, "opened again")
    assert server.exchange.requests[0] == PhoneChanged(row.id, connected=True)
