"""The sample CRM in a real Chromium, with a page on another origin that stands in for the phone: the message contract."""

import shutil
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from tests.fakes.crm import CrmSide, PhoneSide, Served
from tests.fakes.logins import PASSWORD

pytestmark = pytest.mark.browser
AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
FORGED = '{callside: 1, type: "call.incoming", call: {id: "forged", direction: "inbound", number: "+15550100199", name: "Eve", via: ""}}'
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
async def phone():
    async with PhoneSide() as running:
        yield running


@pytest.fixture
async def crm(phone):
    async with CrmSide(phone) as running:
        yield running


@pytest.fixture
async def context():
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium on this machine; `make packages` installs one")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium, args=QUIET)
        opened = await running.new_context(viewport={"width": 1366, "height": 800})
        opened.set_default_timeout(10_000)
        yield opened
        await running.close()


async def log_in(page, crm):
    await page.goto(crm.url)
    await page.get_by_label("Agent name").fill("agent1")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("radio", name="By hand").check()
    await page.get_by_role("button", name="Log in").click()
    await expect(page.locator(".pill")).to_have_text("Ready")


@pytest.fixture
async def page(context, crm):
    opened = await context.new_page()
    opened.problems = []
    opened.on("pageerror", lambda error: opened.problems.append(str(error)))
    opened.on("console", lambda line: opened.problems.append(line.text) if "violates" in line.text else None)
    await log_in(opened, crm)
    yield opened
    assert opened.problems == []


def framed(page):
    return page.frames[1]


def call(direction="inbound", number="+15550100120", more=""):
    return f'{{id: "c9", direction: "{direction}", number: "{number}", name: "", via: "Support"{more}}}'


async def say(page, message):
    await framed(page).evaluate(f"say({message})")


async def incoming(page, number="+15550100120"):
    await say(page, f'{{type: "call.incoming", call: {call(number=number)}}}')


async def test_the_iframe_gets_the_phones_address_and_what_it_needs_to_be_allowed(page, phone):
    frame = page.get_by_title("Phone")
    assert (await frame.get_attribute("src")).startswith(f"{phone.origin}/wp_plugin/index.php?r=agent&session=")
    allowed = "microphone; autoplay; speaker-selection; local-network-access"
    assert await frame.get_attribute("allow") == allowed


async def test_a_click_on_a_number_dials_and_the_call_is_shown_and_logged(page):
    await page.get_by_role("button", name="Call Amara Okafor").click()
    await expect(page.get_by_label("Call", exact=True)).to_contain_text("Amara Okafor")
    heard = await framed(page).evaluate("heard.filter((one) => one.type === 'dial')")
    assert [(one["number"], one["callside"]) for one in heard] == [("+15550100100", 1)]
    await page.get_by_role("button", name="Hang up").click()
    await framed(page).wait_for_function("heard.some((one) => one.type === 'hangup')")
    ended = '{id: "c1", direction: "outbound", number: "+15550100100", name: "", via: "", cause: "busy", hungUpBy: "customer", talkMs: 0}'
    await say(page, f'{{type: "call.ended", call: {ended}}}')
    await expect(page.get_by_label("Call", exact=True)).to_have_count(0)
    await page.get_by_role("link", name="Calls").click()
    await expect(page.locator(".calls li")).to_contain_text("Busy")
    await page.reload()
    await expect(page.locator(".calls li")).to_contain_text("Busy")


async def test_a_refused_dial_is_told_in_the_phones_words(page):
    await page.get_by_role("button", name="Call Ulf Nordahl").click()
    await expect(page.get_by_role("alert")).to_have_text("This campaign does not dial there.")


async def test_a_known_caller_pops_up(page):
    await incoming(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Amara Okafor")


async def test_an_unknown_caller_can_be_made_a_customer(page):
    await incoming(page, "+15550100177")
    await page.get_by_label("Call", exact=True).get_by_role("link", name="New customer").click()
    await expect(page.get_by_label("Phone number")).to_have_value("+15550100177")
    await page.get_by_label("Name", exact=True).fill("Ann Lee")
    await page.get_by_role("button", name="Save customer").click()
    await expect(page.get_by_label("Call", exact=True)).to_contain_text("Ann Lee")


async def test_whoever_withholds_their_number_is_nobody_we_know(page):
    await incoming(page, "+15550100177")
    await page.get_by_label("Call", exact=True).get_by_role("link", name="New customer").click()
    await page.get_by_label("Name", exact=True).fill("Somebody Unknown")
    await page.get_by_label("Phone number").fill("anonymous")
    await page.get_by_role("button", name="Save customer").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Somebody Unknown")
    await page.get_by_role("link", name="Customers", exact=True).first.click()
    await incoming(page, "")
    await expect(page.get_by_label("Call", exact=True)).to_contain_text("New customer")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Customers")


async def test_a_note_that_is_not_saved_yet_survives_the_next_caller(page):
    await page.get_by_role("link", name="Basil Thornton").click()
    await page.get_by_label("New note").fill("half a thou")
    await incoming(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Amara Okafor")
    await page.go_back()
    await expect(page.get_by_label("New note")).to_have_value("half a thou")


async def test_what_callers_claim_is_never_html(page):
    await say(
        page,
        '{type: "call.incoming", call: {id: "x", direction: "inbound", number: "<b>7</b>", name: "<img src=x>", via: "<i>"}}',
    )
    await expect(page.get_by_label("Call", exact=True)).to_contain_text("<img src=x>")


async def test_messages_of_another_origin_are_not_heard(page, context, crm):
    async with Served(_nothing) as evil:
        await forged_messages_are_ignored(context, crm, f"{evil.origin}/")


async def test_messages_of_the_phones_origin_from_another_window_are_not_heard(page, context, crm, phone):
    await forged_messages_are_ignored(context, crm, f"{phone.origin}/other")


async def forged_messages_are_ignored(context, crm, address):
    """The page at ``address`` opens the CRM (the agent is logged in) and so has a window to post to."""
    attacker = await context.new_page()
    await attacker.goto(address)
    async with context.expect_page() as opening:
        await attacker.evaluate(f"window.crm = window.open('{crm.url}#/calls'); undefined")
    victim = await opening.value
    await expect(victim.locator(".pill")).to_have_text("Ready")
    await attacker.evaluate(f"crm.postMessage({FORGED}, '*')")
    await incoming(victim)  # later than the forged one, so that one was not heard, if it is not shown
    await expect(victim.get_by_label("Call", exact=True)).to_contain_text("Amara Okafor")
    await victim.get_by_role("link", name="Calls").click()
    await expect(victim.locator(".calls li")).to_have_count(1)


@pytest.mark.parametrize(
    "message",
    [
        "null",
        "7",
        '{...JSON.parse(JSON.stringify({type: "call.incoming"}))}',
        '{type: "call.incoming", call: {id: 5, direction: "inbound", number: "1"}}',
        '{type: "call.incoming", callside: 2, call: {id: "v2", direction: "inbound", number: "1"}}',
        '{type: "toString"}',
        '{type: "__proto__"}',
        '{type: "agent.stateChanged", state: {}}',
        '{type: "dial.refused", requestId: "unknown", message: "x"}',
    ],
)
async def test_messages_without_the_contracts_shape_are_not_heard(page, message):
    if message in {"null", "7"}:
        await framed(page).evaluate(f"parent.postMessage({message}, crm)")
    await say(page, message)
    await say(page, '{type: "agent.stateChanged", state: "break", reason: {code: "tea", label: "Tea"}}')
    await expect(page.locator(".pill")).to_have_text("Break: Tea")
    await expect(page.get_by_label("Call", exact=True)).to_have_count(0)


async def test_a_reload_keeps_the_phone_session(page):
    before = await page.get_by_title("Phone").get_attribute("src")
    await page.reload()
    await expect(page.locator(".pill")).to_have_text("Ready")
    assert await page.get_by_title("Phone").get_attribute("src") == before


async def test_a_session_that_is_over_leads_to_the_login_page_which_says_why(page, phone):
    await say(page, '{type: "session.ended", cause: "taken_over"}')
    await expect(page.get_by_text("You logged in at another place")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("button", name="Log in")).to_be_visible()


async def test_on_a_call_logging_out_waits_or_ends_it(page, phone, crm):
    await page.get_by_role("button", name="Call Amara Okafor").click()
    await expect(page.get_by_label("Call", exact=True)).to_be_visible()
    phone.exchange.on_a_call.update(phone.exchange.sessions)
    await page.get_by_role("button", name="Log out").click()
    await page.get_by_role("button", name="Log out after the call").click()
    await expect(page.get_by_text("You are logged out after this call.")).to_be_visible()
    assert [one.ended_at for one in phone.exchange.sessions.values()] == [None]
    await page.get_by_role("button", name="End now").click()
    await expect(page.get_by_role("button", name="Log in")).to_be_visible()
    assert [one.end_cause for one in phone.exchange.sessions.values()] == ["forced"]
    await log_in(page, crm)
    await page.get_by_role("link", name="Calls").click()
    await expect(page.locator(".calls .result")).to_have_text("Not answered")  # its end was noted, not lost


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_are_accessible(page, scheme):
    if not AXE.is_file():
        pytest.skip("axe-core is not installed; `make setup` installs it")
    await page.emulate_media(color_scheme=scheme)
    await page.evaluate(AXE.read_text())  # past the policy, which rightly lets no page load it
    for hash_ in ("#/customers", "#/customers/1", "#/calls", "#/new"):
        await page.evaluate(f"location.hash = '{hash_}'")
        await incoming(page)
        await expect(page.locator(".strip")).to_be_visible()
        found = await page.evaluate(
            "axe.run({iframes: false}).then(({violations}) => violations.map(({id, nodes}) => [id, nodes[0].html]))"
        )
        assert found == []


async def test_the_phone_that_was_put_away_stays_loaded_and_comes_back_with_a_call(page):
    toggle = page.get_by_role("button", name="Phone")
    await toggle.click()
    await page.reload()
    await expect(page.locator(".pill")).to_have_text("Ready")
    await expect(toggle).to_have_attribute("aria-expanded", "false")
    await incoming(page)
    await expect(toggle).to_have_attribute("aria-expanded", "true")


async def log_in_to_a_silent_phone(context, crm):
    page = await context.new_page()
    await page.clock.install()
    await page.goto(crm.url)
    await page.get_by_label("Agent name").fill("agent1")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await page.get_by_title("Phone").wait_for()
    await page.frame_locator("iframe").get_by_text("Loaded").wait_for()
    for _ in range(30):  # a second of the page's own time each
        await page.clock.fast_forward(1_000)
    await expect(page.get_by_role("heading", name="The phone does not answer")).to_be_visible()
    return page


async def test_a_phone_that_does_not_come_up_leads_to_a_new_login(context, crm, phone):
    phone.phone_page = "<!doctype html><title>Nothing</title><p>Loaded"
    page = await log_in_to_a_silent_phone(context, crm)
    await page.get_by_role("button", name="Log in again").click()
    await expect(page.get_by_label("Agent name")).to_be_visible()
    assert [one.end_cause for one in phone.exchange.sessions.values()] == ["logout"]


async def test_the_frame_is_not_heard_when_what_is_in_it_has_another_origin(context, crm, phone):
    phone.phone_page = f"""<!doctype html><title>Not the phone</title><script>
        setInterval(() => {{
          parent.postMessage({FORGED}, "*");
          parent.postMessage({{callside: 1, type: "ready", agent: {{}}, loginType: "AUTO"}}, "*");
        }}, 50)</script><p>Loaded"""
    phone.phone_headers = {"Content-Security-Policy": "sandbox allow-scripts"}  # the same address, the origin "null"
    page = await log_in_to_a_silent_phone(context, crm)
    await expect(page.get_by_label("Call", exact=True)).to_have_count(0)


async def _nothing(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
    await send({"type": "http.response.body", "body": b"<!doctype html><title>Evil</title>"})
