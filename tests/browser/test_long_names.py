"""Names and numbers from outside, at their worst, on a phone as narrow as any: all of it is text, and none of it leaves the page."""

import json

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
NAME = "<img src=x onerror=document.title='owned'> مرحبا بكم " + "Wolfeschlegelsteinhausenbergerdorff" * 3
NUMBER = "+" + "1234567890" * 6
NARROW, WIDE = {"width": 280, "height": 600}, {"width": 1200, "height": 800}
OUTSIDE = """() => [...document.querySelectorAll("body *")].filter((one) => {
  const {left, right, width} = one.getBoundingClientRect();
  const cut = (part) => part && (["hidden", "clip"].includes(getComputedStyle(part).overflowX) || cut(part.parentElement));
  return width && (left < -1 || right > innerWidth + 1) && !cut(one.parentElement);
}).map((one) => `${one.tagName}.${one.className}: ${one.textContent.slice(0, 40)}`)"""


def worst(view):
    """The server's view with everybody and everything called the worst that there is."""
    for one in (view["call"], view["lastCall"], (view["wrapUp"] or {}).get("call")):
        if one:
            one |= {"name": NAME, "via": NAME, "number": NUMBER, "display": NUMBER}
    for one in (view["agent"], *view["assignment"]):
        one["name"] = NAME
    for one in (*view["breaks"], *(view["wrapUp"] or {}).get("dispositions", ())):
        one["label"] = NAME
    return view


async def with_the_worst_names(page):
    def route(socket):
        server = socket.connect_to_server()

        def pass_on(text):
            frame = json.loads(text)
            socket.send(json.dumps({**frame, "view": worst(frame["view"])}) if frame["type"] == "view" else text)

        server.on_message(pass_on)

    await page.route_web_socket("**/phone/socket", route)


async def all_is_inside(page):
    for size in (NARROW, WIDE):
        await page.set_viewport_size(size)
        assert await page.evaluate(OUTSIDE) == []
    await page.set_viewport_size(NARROW)


async def test_the_worst_names_stay_inside_a_narrow_phone_and_are_never_html(desk):
    page = await (await desk.context(viewport=NARROW)).new_page()
    await with_the_worst_names(page)
    await page.goto(desk.page_url(await desk.session("asha", "MANUAL", "Customer care")))
    await page.locator('[data-situation="dial"]').wait_for()
    await all_is_inside(page)
    await page.get_by_role("button", name="Break", exact=True).click()
    await all_is_inside(page)
    await page.keyboard.press("Escape")
    await page.get_by_label("Number to dial").fill("+15550100100")
    await page.get_by_role("button", name="Dial", exact=True).click()
    await page.locator('[data-situation="in_call"]').wait_for()
    await all_is_inside(page)
    await page.get_by_role("button", name="Hang up").click()
    await page.locator('[data-situation="wrap_up"]').wait_for()
    await all_is_inside(page)
    assert await page.title() == "Callside phone"
    assert await page.locator("img").count() == 0
    await page.get_by_role("button", name="Save and be ready").click()
