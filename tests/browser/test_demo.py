"""`make run`: side by side with another, a caller by one command, Ctrl-C, and again."""

import pytest
import pytest_asyncio

from tests.browser.conftest import Desk, demo_engines_stopped, hang_up_all
from tests.browser.stage import Crm, Demo, processes_of, until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def second(demo, tmp_path):
    """Another instance beside the one that all tests share."""
    second = Demo(tmp_path / "second")
    try:
        await second.start()
        yield second
    finally:
        if second.process is not None and second.process.poll() is None:
            second.kill()
        await demo_engines_stopped(second.home)


async def test_two_instances_live_side_by_side_and_one_ends_without_the_other(demo, second, chromium):
    assert second.card["tenant_id"] != "" != demo.card["tenant_id"]
    assert second.card["token"] != demo.card["token"]
    desk = Desk(second, chromium)
    asha = await desk.log_in("asha", "AUTO", "Support")
    assert "Support" in await second.command("demo", "call-in", "--to", "Support")
    await asha.is_in_state("Incoming call")
    await asha.press("Answer")
    await asha.is_in_state("On a call")
    sales = second.card["queue_numbers"]["Sales"]
    assert f"calls {sales}" in await second.command("demo", "call-in", "--to", sales)
    await desk.leave()
    before = second.card
    assert await second.stop() == 0, second.said()[-4000:]
    await until(lambda: not processes_of(second.home), f"nothing is left: {processes_of(second.home)}")
    assert processes_of(demo.home)
    # And again: the same tenant, the same logins, the calls of before.
    await second.start()
    assert (second.card["tenant_id"], second.card["agents"]) == (before["tenant_id"], before["agents"])
    assert [one["customer_number"] for one in await Crm(second).calls()] == ["+15550100120"] * 2
    await hang_up_all(second)


async def test_info_of_a_demo_that_does_not_run_says_what_to_do(demo, tmp_path):
    never = Demo(tmp_path / "never")
    with pytest.raises(AssertionError, match=r"make run"):
        await never.command("demo", "info")
