"""Commands: refused as the far side has just hung up, and lines that rest between customers."""

import pytest

from callside.asterisk.legs import Leg
from callside.asterisk.names import LegKind, LegMark, line_bridge
from callside.calls.model import Cause
from callside.floor import commands as cm
from callside.floor.events import LegAnswered, LegGone, LegJoined
from tests.unit.asterisk.commands_scene import Scene


@pytest.mark.parametrize(("command", "request_", "status"), [
    (cm.AnswerCaller("leg"), "answer", 404),
    (cm.AnswerCaller("leg"), "answer", 500),
    (cm.JoinAgent("leg", "s1"), "addChannel", 400),
    (cm.JoinAgent("leg", "s1"), "addChannel", 422),
])  # fmt: skip
async def test_a_caller_who_hangs_up_while_a_command_is_done_is_not_recorded_as_a_failure_of_ours(
    command, request_, status
):
    scene = Scene()
    scene.link.refusals[request_] = status
    scene.do(command)
    await scene.until(lambda: any(one.endswith(request_) for one in scene.link.asked))
    scene.book.gone("1", "leg", Cause.NORMAL)
    await scene.done()
    assert scene.told == [LegGone("leg", Cause.NORMAL)]
    assert "DELETE leg" not in scene.link.asked


async def test_a_leg_that_is_refused_a_command_and_goes_on_is_ended_as_failed():
    scene = Scene()
    scene.link.refusals["addChannel"] = 409
    scene.do(cm.JoinAgent("leg", "s1"))
    await scene.until(lambda: "DELETE leg" in scene.link.asked)
    assert scene.leg.verdict is Cause.FAILED
    await scene.done()


async def test_a_caller_whose_agent_is_free_hears_no_music_that_would_end_at_once():
    scene = Scene()
    scene.do(cm.AnswerCaller("leg"), cm.StartMusic("leg"), cm.JoinAgent("leg", "s1"))
    await scene.done()
    assert scene.link.asked == ["POST answer", "POST line-1-s1", "POST addChannel"]


def heard(scene: Scene) -> list[str]:
    return [one for one in scene.link.asked if one.split()[1] in {"moh", "prompt-leg-1"}]


async def test_a_caller_whose_greeting_is_not_there_hears_music_and_not_silence():
    scene = Scene()
    scene.do(cm.PlayPrompt("leg", (cm.Recorded("901"),)))
    await scene.done()
    assert heard(scene) == ["POST moh"]
    scene.do(cm.PlayPrompt("leg", (cm.Phrase.YOU_ARE_NEXT,)))  # and when there is something to be heard, that
    await scene.done()
    assert heard(scene) == ["POST moh", "DELETE moh", "POST prompt-leg-1"]
    scene.commands.prompt_over("prompt-leg-1", well=True)
    await scene.done()
    assert heard(scene)[-1] == "POST prompt-leg-1"


async def test_a_caller_whose_greeting_the_engine_cannot_play_hears_music_and_not_silence():
    scene = Scene()
    scene.do(cm.PlayPrompt("leg", (cm.Phrase.YOU_ARE_NEXT,), loop=True))
    await scene.done()
    scene.commands.prompt_over("prompt-leg-1", well=False)
    await scene.done()
    assert heard(scene) == ["POST prompt-leg-1", "POST moh"]


async def test_a_caller_whose_greeting_the_engine_refuses_hears_music_and_not_silence():
    scene = Scene()
    scene.link.refusals["prompt-leg-1"] = 500
    scene.do(cm.PlayPrompt("leg", (cm.Phrase.YOU_ARE_NEXT,)))
    await scene.done()
    assert heard(scene) == ["POST prompt-leg-1", "POST moh"]


async def test_a_caller_who_comes_back_from_an_agent_hears_music_again():
    scene = Scene()
    scene.do(cm.StartMusic("leg"), cm.JoinAgent("leg", "s1"), cm.StartMusic("leg"))
    await scene.done()
    assert scene.link.asked == ["POST line-1-s1", "POST addChannel", "POST moh"]


async def test_a_line_rests_until_there_is_a_customer_and_enters_the_bridge_with_them():
    scene = Scene()
    scene.line()
    await scene.done()
    assert scene.told == [LegAnswered("line")]
    assert scene.link.asked == []
    scene.do(cm.JoinAgent("leg", "s1"))
    await scene.done()
    assert scene.link.moved == ["line,leg"]


async def test_a_line_rests_again_when_the_customer_has_gone_or_is_on_hold():
    scene = Scene()
    line = scene.line()
    scene.do(cm.JoinAgent("leg", "s1"))
    await scene.done()
    scene.in_bridge("line", "leg")
    scene.do(cm.PartAgent("leg", "s1"))
    await scene.done()
    scene.has_left("leg")
    await scene.done()
    assert scene.link.asked[-1] == "POST removeChannel"
    assert scene.link.moved == ["line,leg", "leg", "line"]
    assert line.bridge is None
    scene.do(cm.JoinAgent("leg", "s1"))
    await scene.done()
    assert scene.link.moved[-1] == "line,leg"
    scene.in_bridge("line", "leg")
    scene.has_left("leg")
    scene.book.gone("1", "leg", Cause.NORMAL)
    await scene.done()
    assert scene.link.moved[-1] == "line"


async def test_a_customer_taken_back_from_hold_at_once_is_joined_again_though_the_engine_says_late_that_they_had_left():
    scene = Scene()
    scene.line()
    scene.do(cm.JoinAgent("leg", "s1"))
    await scene.done()
    scene.in_bridge("line", "leg")
    scene.do(cm.PartAgent("leg", "s1"), cm.JoinAgent("leg", "s1"))
    await scene.done()
    scene.has_left("leg")
    await scene.done()
    assert scene.link.moved == ["line,leg", "leg", "leg"]
    assert scene.book.has_guests(line_bridge("1", "s1"))
    assert scene.told.count(LegJoined("leg", "s1")) == 1
    scene.in_bridge("leg")
    assert scene.told[-1] == LegJoined("leg", "s1")
    assert scene.leg.bridge == line_bridge("1", "s1")


async def test_a_line_whose_customer_goes_waits_for_the_floors_word_on_that_as_it_may_be_the_next_customer():
    scene = Scene()
    scene.line()
    scene.do(cm.JoinAgent("leg", "s1"))
    await scene.done()
    scene.in_bridge("line", "leg")
    scene.has_left("leg")
    await scene.done()
    assert scene.link.moved == ["line,leg"]
    scene.book.add(Leg("next", LegMark(LegKind.IN, "1", "11"), created=True))
    scene.answers[LegGone("leg", Cause.NORMAL)] = cm.JoinAgent("next", "s1")
    scene.book.gone("1", "leg", Cause.NORMAL)
    await scene.done()
    assert scene.link.moved == ["line,leg", "next"]


async def test_a_line_that_waited_for_a_customer_who_went_on_the_way_rests():
    scene = Scene()
    scene.line()
    scene.do(cm.JoinAgent("leg", "s1"))
    await scene.done()
    scene.in_bridge("line", "leg")
    scene.has_left("leg")
    scene.answers[LegGone("leg", Cause.NORMAL)] = cm.JoinAgent("nobody", "s1")
    scene.book.gone("1", "leg", Cause.NORMAL)
    await scene.done()
    assert scene.link.moved == ["line,leg", "line"]
    scene.book.add(Leg("next", LegMark(LegKind.IN, "1", "11"), created=True))
    scene.do(cm.JoinAgent("next", "s1"))
    await scene.done()
    assert scene.link.moved[-1] == "line,next"


async def test_a_bridge_is_made_for_the_first_customer_only_and_anew_when_somebody_has_taken_it_away():
    scene = Scene()
    scene.line()
    scene.do(cm.JoinAgent("leg", "s1"), cm.PartAgent("leg", "s1"), cm.JoinAgent("leg", "s1"))
    await scene.done()
    assert scene.link.asked.count("POST line-1-s1") == 1
    scene.do(cm.PartAgent("leg", "s1"))
    await scene.done()
    scene.link.refusals["addChannel"] = 404
    scene.do(cm.JoinAgent("leg", "s1"))
    await scene.until(lambda: scene.link.asked.count("POST line-1-s1") == 2)
    del scene.link.refusals["addChannel"]
    await scene.done()
    assert scene.link.moved[-2:] == ["leg", "leg"]


async def test_the_bridge_of_a_line_that_rests_for_long_is_taken_away_and_one_in_use_is_not():
    scene = Scene()
    scene.line()
    scene.do(cm.JoinAgent("leg", "s1"))
    await scene.done()
    scene.in_bridge("line", "leg")
    scene.pass_time()
    scene.commands.fold_bridges()
    await scene.done()
    assert "DELETE line-1-s1" not in scene.link.asked
    scene.book.gone("1", "leg", Cause.NORMAL)
    await scene.done()
    scene.commands.fold_bridges()
    await scene.done()
    assert "DELETE line-1-s1" not in scene.link.asked
    scene.pass_time()
    scene.commands.fold_bridges()
    scene.commands.fold_bridges()
    await scene.done()
    assert scene.link.asked.count("DELETE line-1-s1") == 1
    scene.book.add(Leg("next", LegMark(LegKind.IN, "1", "11"), created=True))
    scene.do(cm.JoinAgent("next", "s1"))
    await scene.done()
    assert scene.link.asked[-2:] == ["POST line-1-s1", "POST addChannel"]


async def test_a_line_stays_in_its_bridge_for_a_customer_who_comes_right_behind_the_last_one():
    scene = Scene()
    scene.line()
    scene.do(cm.JoinAgent("leg", "s1"))
    await scene.done()
    scene.in_bridge("line", "leg")
    scene.book.gone("1", "leg", Cause.NORMAL)
    scene.book.add(Leg("next", LegMark(LegKind.IN, "1", "11"), created=True))
    scene.do(cm.JoinAgent("next", "s1"))
    await scene.done()
    assert scene.link.moved == ["line,leg", "next"]


async def test_a_line_does_not_rest_while_the_next_customer_is_on_the_way():
    scene = Scene()
    scene.line()
    scene.do(cm.JoinAgent("leg", "s1"))
    await scene.done()
    scene.in_bridge("line", "leg")
    scene.book.add(Leg("next", LegMark(LegKind.IN, "1", "11"), created=True))
    scene.do(cm.JoinAgent("next", "s1"))
    await scene.done()
    scene.book.gone("1", "leg", Cause.NORMAL)
    await scene.done()
    assert scene.link.moved == ["line,leg", "next"]


async def test_a_line_that_is_renewed_in_a_call_goes_to_the_customer_at_once():
    scene = Scene()
    scene.do(cm.JoinAgent("leg", "s1"))
    await scene.done()
    scene.in_bridge("leg")
    scene.line()
    await scene.done()
    assert scene.link.moved == ["leg", "line"]
    assert LegAnswered("line") not in scene.told
    scene.in_bridge("line")
    assert LegAnswered("line") in scene.told


async def test_a_line_that_goes_at_that_moment_does_not_keep_the_customer_out():
    scene = Scene()
    scene.line()
    scene.link.refusals["addChannel"] = 400
    scene.do(cm.JoinAgent("leg", "s1"))
    await scene.until(lambda: "DELETE leg" in scene.link.asked)
    assert scene.link.moved == ["line,leg", "leg"]
    await scene.done()
