"""Whether a call that came to nothing has left the house: only then may a phone have rung."""

import pytest

from callside.asterisk.decode import Channel, ChannelDestroyed
from callside.asterisk.legs import Leg
from callside.asterisk.names import LegKind, LegMark
from callside.calls.model import Cause
from callside.floor import commands as cm
from callside.floor.events import LegGone
from tests.unit.asterisk.test_commands import Scene

DIAL = cm.DialCustomer("call", "out", None, "11", "+15550100123", "", 30)


def gone(scene: Scene) -> LegGone:
    (word,) = [one for one in scene.told if isinstance(one, LegGone)]
    return word


async def dialling(scene: Scene) -> Leg:
    """As far as the engine has given the leg into our hands."""
    scene.do(DIAL)
    await scene.until(lambda: "POST create" in scene.link.asked)
    leg = scene.book.find("out")
    leg.started.set()
    return leg


async def test_a_call_whose_channel_the_engine_refuses_to_make_has_not_left_the_house():
    scene = Scene()
    scene.link.refusals["create"] = 500
    scene.do(DIAL)
    await scene.done()
    assert not gone(scene).went_out


@pytest.mark.parametrize("status", [409, 500])
async def test_a_call_that_the_engine_refuses_to_dial_has_not_left_the_house(status, monkeypatch):
    monkeypatch.setattr("callside.asterisk.lines._DIAL_PAUSE_SECONDS", 0)
    monkeypatch.setattr("callside.asterisk.commands._EVENT_SECONDS", 0)
    scene = Scene()
    scene.link.refusals["dial"] = status
    await dialling(scene)
    await scene.until(lambda: "DELETE out" in scene.link.asked)
    scene.book.hear(ChannelDestroyed(Channel("out"), 0))
    await scene.done()
    assert not gone(scene).went_out


async def test_a_call_given_up_before_it_was_dialled_has_not_left_the_house():
    scene = Scene()
    scene.do(DIAL, cm.HangUpLeg("out"))
    await scene.done()
    assert gone(scene) == LegGone("out", Cause.CANCELLED, went_out=False)


async def test_of_a_call_that_the_engine_was_asked_to_dial_nobody_knows_whether_a_phone_has_rung():
    scene = Scene()
    await dialling(scene)
    await scene.until(lambda: "POST dial" in scene.link.asked)
    await scene.done()
    scene.book.hear(ChannelDestroyed(Channel("out"), 38, 503))
    assert gone(scene).went_out


async def test_of_a_call_that_an_earlier_process_has_made_nobody_knows_either():
    scene = Scene()
    scene.book.add(Leg("out", LegMark(LegKind.OUT, "1", "call"), created=True))
    scene.book.hear(ChannelDestroyed(Channel("out"), 38, 503))
    assert gone(scene).went_out
