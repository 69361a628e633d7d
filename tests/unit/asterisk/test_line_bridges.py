"""Where customers and agents meet: what both sides send is passed on, or mixed."""

import pytest

from callside.asterisk.decode import Channel, ChannelStateChange
from callside.asterisk.names import line_bridge, passing_bridge
from callside.calls.model import Cause
from callside.floor import commands as cm
from callside.floor.events import LegGone
from tests.unit.asterisk.commands_scene import Scene


async def test_callers_who_speak_as_the_line_does_are_passed_on_and_the_line_is_asked_once():
    scene = Scene()
    scene.line(codec=None)
    for one in ("ada", "eve"):
        scene.caller(one)
        scene.do(cm.JoinAgent(one, "s1"))
        await scene.done()
        assert scene.book.meeting_of("1", "s1") == passing_bridge("1", "s1")
        scene.in_bridge("line", one, bridge=passing_bridge("1", "s1"))
        scene.book.gone("1", one, Cause.NORMAL)
        await scene.done()
    assert scene.link.asked.count("GET variable") == 1
    assert scene.link.asked.count("POST pass-1-s1") == 1
    assert scene.link.moved == ["line,ada", "line", "line,eve", "line"]


@pytest.mark.parametrize(("theirs", "lines"), [
    ("ulaw", "(alaw|ulaw)"), ("alaw", "(ulaw)"), ("", "(ulaw)"), ("opus", "(opus|ulaw)"), ("ulaw", ""),
])  # fmt: skip
async def test_callers_whose_sound_would_have_to_be_transcoded_or_is_not_known_are_mixed(theirs, lines):
    scene = Scene()
    scene.link.codec = lines
    scene.line(codec=None)
    scene.caller("ada", theirs)
    scene.do(cm.JoinAgent("ada", "s1"))
    await scene.done()
    assert scene.book.meeting_of("1", "s1") == line_bridge("1", "s1")
    assert "POST pass-1-s1" not in scene.link.asked


async def test_a_line_that_was_muted_once_or_found_after_a_restart_is_mixed():
    scene = Scene()
    line = scene.line(codec=None)
    scene.do(cm.SetLineMuted("s1", "line", muted=True), cm.SetLineMuted("s1", "line", muted=False))
    await scene.done()
    assert line.codec == ""
    scene.caller("ada")
    scene.do(cm.JoinAgent("ada", "s1"))
    await scene.done()
    assert scene.book.meeting_of("1", "s1") == line_bridge("1", "s1")


async def test_a_dialled_customer_who_has_answered_is_asked_too_and_one_whom_the_agent_hears_ringing_is_mixed():
    scene = Scene()
    scene.line(codec="ulaw")
    scene.do(cm.DialCustomer("c1", "out", None, "11", "+15550100123", "", 20))
    await scene.until(lambda: scene.book.find("out") is not None)
    scene.book.find("out").started.set()
    await scene.done()
    scene.book.hear(ChannelStateChange(Channel("out", state="Up")))
    scene.do(cm.JoinAgent("out", "s1"))
    await scene.done()
    assert scene.book.meeting_of("1", "s1") == passing_bridge("1", "s1")
    assert scene.link.asked.count("GET variable") == 1
    scene.book.gone("1", "out", Cause.NORMAL)
    scene.do(cm.DialCustomer("c2", "by-hand", "s1", "11", "+15550100123", "", 20))
    await scene.until(lambda: scene.book.find("by-hand") is not None)
    scene.book.find("by-hand").started.set()
    await scene.done()
    assert scene.book.meeting_of("1", "s1") == line_bridge("1", "s1")


async def test_whoever_comes_into_a_talk_meets_its_people_where_they_are():
    scene = Scene()
    scene.line(codec="ulaw")
    scene.caller("ada")
    scene.do(cm.JoinAgent("ada", "s1"))
    await scene.done()
    scene.in_bridge("line", "ada", bridge=passing_bridge("1", "s1"))
    scene.caller("eve", codec="")
    scene.do(cm.JoinAgent("eve", "s1"))
    await scene.done()
    assert scene.link.moved == ["line,ada", "eve"]
    assert "POST line-1-s1" not in scene.link.asked


async def test_a_line_is_taken_from_the_bridge_of_its_last_customer_to_that_of_the_next_who_comes_at_once():
    scene = Scene()
    line = scene.line(codec="ulaw")
    scene.do(cm.JoinAgent("leg", "s1"))
    await scene.done()
    scene.in_bridge("line", "leg")
    scene.caller("ada")
    scene.answers[LegGone("leg", Cause.NORMAL)] = cm.JoinAgent("ada", "s1")
    scene.has_left("leg")
    scene.book.gone("1", "leg", Cause.NORMAL)
    await scene.done()
    assert scene.link.moved == ["line,leg", "line,ada"]
    scene.in_bridge("line", "ada", bridge=passing_bridge("1", "s1"))
    scene.has_left("line")
    assert line.bridge == passing_bridge("1", "s1"), "that it has left the other one is said late"
    scene.pass_time()
    scene.book.gone("1", "ada", Cause.NORMAL)
    await scene.done()
    assert line.bridge is None


async def test_a_caller_who_is_passed_on_is_taken_out_for_hold_and_comes_back_to_where_they_were():
    scene = Scene()
    scene.line(codec="ulaw")
    scene.caller("ada")
    scene.do(cm.JoinAgent("ada", "s1"))
    await scene.done()
    scene.in_bridge("line", "ada", bridge=passing_bridge("1", "s1"))
    scene.do(cm.PartAgent("ada", "s1"))
    await scene.done()
    assert scene.link.moved == ["line,ada", "ada", "line"]
    scene.has_left("ada", bridge=passing_bridge("1", "s1"))
    scene.do(cm.JoinAgent("ada", "s1"))
    await scene.done()
    assert scene.link.moved[-1] == "line,ada"
    assert scene.link.asked.count("POST pass-1-s1") == 1


async def test_when_an_agent_leaves_both_bridges_go():
    scene = Scene()
    scene.line()
    scene.do(cm.CloseLine("s1"))
    await scene.done()
    assert {"DELETE line-1-s1", "DELETE pass-1-s1"} <= set(scene.link.asked)
