"""The sample CRM's server side against the real guide API: what it keeps to itself, whom it refuses, how it says what went wrong."""

import contextlib
import dataclasses

import aiohttp
import pytest

from callside.kernel.errors import StoreUnavailableError
from callside.sessions.model import EndCause
from tests.fakes.crm import CrmSide, PhoneSide, load_crm
from tests.fakes.logins import PASSWORD, TENANT, TOKEN, TWIN_TOKEN

LOGIN = {"username": "agent1", "password": PASSWORD, "loginType": "MANUAL", "assignment": "281", "extension": ""}


class Browser:
    """An agent's browser on the CRM: keeps cookies, sends what the page's own script sends."""

    def __init__(self, crm):
        self.crm = crm
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.seen = []

    async def get(self, path):
        async with self.http.get(self.crm.url + path) as response:
            return await self._read(response)

    async def post(self, path, body=None, headers=None):
        headers = {"X-CRM": "1", "Origin": self.crm.origin} if headers is None else headers
        async with self.http.post(self.crm.url + path, json=body or {}, headers=headers) as response:
            return await self._read(response)

    async def _read(self, response):
        self.seen.append(f"{response.headers} {await response.text()}")
        return response.status, await response.json(content_type=None) if "json" in response.content_type else None

    async def log_in(self, **changes):
        return await self.post("api/login", LOGIN | changes)

    async def me(self):
        return (await self.get("api/me"))[1]["me"]


@pytest.fixture
async def phone():
    async with PhoneSide() as running:
        yield running


@pytest.fixture
async def crm(phone):
    async with CrmSide(phone) as running:
        yield running


@contextlib.asynccontextmanager
async def browsing(crm):
    browser = Browser(crm)
    try:
        yield browser
    finally:
        await browser.http.close()


@pytest.fixture
async def browser(crm):
    async with browsing(crm) as opened:
        yield opened


def causes(phone):
    return [session.end_cause for session in phone.exchange.sessions.values()]


async def test_the_token_is_in_no_reply_of_any_route(browser, crm):
    await browser.log_in(password="wrong")
    await browser.log_in()
    await browser.post("api/contacts", {"name": "Ann", "number": "+15550100177"})
    await browser.post("api/calls", {"id": "c1", "number": "+15550100177"})
    files = ["static/app.js", "static/phone-link.js", "static/..%2fapp.py", "static/nothing.js"]
    for path in ["", *files, "api/me", "api/contacts", "api/calls", "api/nothing"]:
        await browser.get(path)
    sent = {"api/choices": {"username": "agent1", "loginType": "AUTO"}, "api/contacts/1/notes": {"text": "x"}}
    for path in ("api/choices", "api/contacts/1/notes", "api/session-over", "api/logout"):
        await browser.post(path, sent.get(path))
    await browser.get("api/me")
    assert len(browser.seen) == 18
    assert all(TOKEN not in reply for reply in browser.seen)
    assert TOKEN not in repr(load_crm().CrmConfig("", "", TENANT, TOKEN))


async def test_an_agent_logs_in_and_gets_the_phones_address_for_the_iframe(browser, phone):
    _, found = await browser.post("api/choices", {"username": "agent1", "loginType": "AUTO"})
    assert found["assignments"] == [{"id": "278", "name": "Billing"}, {"id": "277", "name": "Support"}]
    assert {"id": "183", "name": "205"} in found["extensions"]
    status, reply = await browser.log_in(extension="183")
    (session,) = phone.exchange.sessions.values()
    assert status == 200
    assert reply["me"]["phone"].startswith(f"{phone.origin}/wp_plugin/index.php?r=agent&session=")
    assert (session.assignment_id, session.extension_id) == ("281", "183")


async def test_a_reload_finds_the_same_phone_session(browser):
    _, reply = await browser.log_in()
    assert await browser.me() == reply["me"]


async def test_two_agents_in_two_browsers_do_not_mix(crm, phone):
    async with browsing(crm) as one, browsing(crm) as other, browsing(crm) as nobody:
        await one.log_in()
        assert await other.me() is None
        phone.exchange.directories[TENANT].agents["113"] = phone.exchange.directories[TENANT].agents["111"]
        await other.log_in(loginType="AUTO", assignment="")
        await one.post("api/calls", {"id": "c1", "number": "+15550100100", "startedAt": 1})
        assert (await one.me())["phone"] != (await other.me())["phone"]
        assert (await one.me())["loginType"] == "MANUAL"
        await other.post("api/logout")
        assert await other.me() is None
        assert await one.me() is not None
        assert (await nobody.get("api/calls"))[0] == 401
        assert (await nobody.get("api/contacts"))[0] == 401


async def test_an_agents_calls_are_their_own_and_survive_a_reload(browser):
    await browser.log_in()
    await browser.post("api/calls", {"id": "c1", "number": "+15550100100", "startedAt": 5, "evil": "x", "cause": 7})
    await browser.post("api/calls", {"id": "c1", "cause": "busy", "endedAt": 9, "talkMs": -1})
    _, found = await browser.get("api/calls")
    assert found["calls"] == [{"id": "c1", "number": "+15550100100", "startedAt": 5, "cause": "busy", "endedAt": 9}]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-CRM": "1", "Origin": "https://evil.example.com"},
        {"X-CRM": "1", "Origin": "null"},
        {"X-CRM": "1", "Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize(
    "path", ["choices", "login", "logout", "session-over", "contacts", "contacts/1/notes", "calls"]
)
async def test_another_site_cannot_use_the_agents_cookie(browser, phone, path, headers):
    await browser.log_in()
    before = await browser.me()
    status, reply = await browser.post(f"api/{path}", LOGIN, headers=headers)
    assert (status, reply) == (403, {"error": "This request comes from the CRM's own page only."})
    assert await browser.me() == before
    assert causes(phone) == [None]


async def test_the_cookie_is_out_of_reach_of_scripts_and_bound_to_the_crm(browser, crm):
    await browser.log_in()
    (cookie,) = [reply for reply in browser.seen if "Set-Cookie" in reply]
    assert f"crm_{crm.port}=" in cookie
    assert "HttpOnly" in cookie
    assert "Path=/ccplugin/" in cookie
    assert "SameSite=lax" in cookie


async def test_every_reply_forbids_inline_code_and_any_frame_but_the_phone(browser, phone):
    for path in ("", "static/app.js", "api/me", "api/nothing"):
        await browser.get(path)
        assert "script-src 'self'; style-src 'self';" in browser.seen[-1]
        assert f"frame-src {phone.origin};" in browser.seen[-1]
        assert "unsafe" not in browser.seen[-1]


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"password": "wrong"}, 401, "Agent name or password is not right."),
        ({"username": "nobody"}, 401, "Agent name or password is not right."),
        ({"assignment": "999"}, 404, "999"),
        ({"assignment": "280", "loginType": "PROGRESSIVE"}, 403, "not assigned"),
        ({"loginType": "PREDICTIVE"}, 400, "AUTO, PROGRESSIVE, MANUAL"),
        ({"password": ""}, 400, "password"),
        ({"username": 5}, 400, "username"),
    ],
)
async def test_a_refused_login_says_why_and_leaves_nobody_logged_in(browser, changes, status, words):
    answered, reply = await browser.log_in(**changes)
    assert (answered, words in reply["error"]) == (status, True), reply
    assert await browser.me() is None


async def test_a_call_elsewhere_is_told_in_the_phone_systems_own_words(browser, phone, crm):
    await browser.log_in()
    phone.exchange.on_a_call.update(phone.exchange.sessions)
    async with browsing(crm) as second:
        assert await second.log_in() == (409, {"error": "The agent is on a call in another session."})


async def test_a_phone_system_that_is_down_is_told_in_peoples_words(browser, phone):
    phone.exchange.engine_up = False
    down = (503, {"error": "The phone system is down, try again in a moment."})
    assert await browser.log_in() == down
    phone.exchange.store_up = False
    with pytest.raises(StoreUnavailableError):
        await phone.exchange.locate_token("x")
    assert await browser.post("api/choices", {"username": "agent1", "loginType": "AUTO"}) == down


async def test_a_phone_system_that_is_not_there_is_down_too(phone):
    async with CrmSide(phone, callside_url="http://127.0.0.1:1") as crm, browsing(crm) as browser:
        assert await browser.log_in() == (503, {"error": "The phone system is down, try again in a moment."})


async def test_a_wrong_token_is_not_blamed_on_the_agent(phone):
    async with CrmSide(phone, token=TWIN_TOKEN) as crm, browsing(crm) as browser:
        status, reply = await browser.post("api/choices", {"username": "agent1", "loginType": "AUTO"})
        assert (status, "new token" in reply["error"]) == (502, True)


async def test_too_many_attempts_are_told_with_the_time_to_wait(browser):
    for _ in range(5):
        await browser.log_in(password="wrong")
    status, reply = await browser.log_in(password="wrong")
    assert status == 429
    assert reply["error"].startswith("Too many attempts. Wait ")


async def test_a_crm_whose_configuration_is_not_known_yet_says_so():
    from starlette.testclient import TestClient

    known = []
    client = TestClient(load_crm().create_app(lambda: known[0]))
    assert client.get("/").status_code == 200
    reply = client.post("/api/login", json=LOGIN, headers={"X-CRM": "1"})
    assert (reply.status_code, reply.json()["error"].startswith("The CRM is still starting")) == (503, True)


async def test_logging_out_ends_the_phone_session(browser, phone):
    await browser.log_in()
    assert await browser.post("api/logout") == (200, {"me": None})
    assert causes(phone) == [EndCause.LOGOUT]
    assert await browser.me() is None


async def test_on_a_call_the_agent_stays_until_it_is_over_or_they_end_it(browser, phone):
    await browser.log_in()
    phone.exchange.on_a_call.update(phone.exchange.sessions)
    await browser.post("api/logout", {"wait": True})
    assert ((await browser.me())["leaving"], causes(phone)) == (True, [None])
    assert await browser.post("api/logout", {"force": True}) == (200, {"me": None})
    assert causes(phone) == [EndCause.FORCED]


async def test_whoever_logs_in_after_another_agent_in_the_same_browser_ends_that_agents_phone(browser, phone):
    campaigns = phone.exchange.directories[TENANT].campaigns
    campaigns["281"] = dataclasses.replace(campaigns["281"], agents=frozenset({"111", "113"}))
    await browser.log_in()
    status, reply = await browser.log_in(username="Newcomer")
    assert (status, reply["me"]["username"]) == (200, "newcomer")
    assert causes(phone) == [EndCause.LOGOUT, None]
    await browser.log_in(username="newcomer")
    assert causes(phone) == [EndCause.LOGOUT, EndCause.TAKEN_OVER, None]


async def test_a_session_that_the_phone_calls_over_is_forgotten_unless_it_is_not_ours_any_more(browser):
    _, first = await browser.log_in()
    _, second = await browser.log_in()
    await browser.post("api/session-over", {"phone": first["me"]["phone"]})
    assert (await browser.me())["phone"] == second["me"]["phone"]
    await browser.post("api/session-over", {"phone": second["me"]["phone"]})
    assert await browser.me() is None


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'"x"', b"[" * 60_000, b'{"username": "\\ud800"}'])
async def test_what_is_no_json_object_is_refused(browser, crm, body):
    async with browser.http.post(f"{crm.url}api/login", data=body, headers={"X-CRM": "1"}) as response:
        assert (response.status, await response.json()) == (400, {"error": "Send a JSON object."})


async def test_too_much_at_once_is_refused(browser):
    assert (await browser.post("api/login", {"username": "x" * 70_000}))[0] == 413


async def test_notes_and_new_customers_are_kept(browser):
    await browser.log_in()
    _, added = await browser.post("api/contacts", {"name": " Ann Lee ", "company": "", "number": "+15550100177"})
    contact = added["contact"]
    await browser.post(f"api/contacts/{contact['id']}/notes", {"text": "Likes trains"})
    _, found = await browser.get("api/contacts")
    (kept,) = [one for one in found["contacts"] if one["id"] == contact["id"]]
    assert (kept["name"], kept["notes"][0]["text"], kept["notes"][0]["author"]) == ("Ann Lee", "Likes trains", "agent1")
    assert (await browser.post("api/contacts/999/notes", {"text": "x"}))[0] == 404
    assert (await browser.post("api/contacts", {"name": "", "number": "1"}))[0] == 400
