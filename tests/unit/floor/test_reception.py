"""Where callers are led, and what they hear on the way."""

import dataclasses

import pytest

from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.calls.model import Cause, Party
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.directory import Directory
from callside.floor.floor import Floor
from callside.floor.reception import MOST_STEPS
from callside.kernel.ids import LegId
from callside.reception.model import (
    CallerRule,
    Destination,
    Menu,
    MenuKey,
    Number,
    OpeningHours,
    Prompt,
    PromptSource,
    Target,
)
from tests.fakes.stage import (
    AGENTS,
    DESK_PHONE,
    SALES,
    SUPPORT,
    SUPPORT_NUMBER,
    TENANT,
    TRUNK,
    Counter,
    Stage,
    directory,
)

IVR_NUMBER = "+15550100902"
MAIN, BYE, GREETING = "901", "902", "903"
TO_SALES, TO_SUPPORT, TO_MAIN = (
    Destination(Target.QUEUE, SALES),
    Destination(Target.QUEUE, SUPPORT),
    Destination(Target.MENU, MAIN),
)
CHOICES = (MenuKey("1", TO_SALES), MenuKey("2", TO_SUPPORT), MenuKey("*", TO_MAIN))


def reception(destination: Destination = TO_MAIN, **more) -> Stage:
    """The contact centre with one more number, a menu and two prompts."""
    given = {
        "numbers": {"900": Number("900", TENANT, IVR_NUMBER, destination)},
        "menus": {MAIN: Menu(MAIN, TENANT, "Main", GREETING, CHOICES, Destination(Target.MESSAGE, BYE), 5, 1)},
        "prompts": {
            one: Prompt(one, TENANT, f"Prompt {one}", PromptSource.SPEECH, "Hello", "d" * 64, 4_000)
            for one in (BYE, GREETING)
        },
    }
    made = Stage(Floor(dataclasses.replace(directory(), **{**given, **more}), Counter()))
    made.give(ev.EngineFound(()))
    return made


def press(floor: Stage, leg: LegId, *keys: str) -> None:
    for key in keys:
        floor.give(ev.LegDigit(leg, key))


def restarted(floor: Stage) -> Stage:
    ground = floor.floor.ground
    again = Stage(Floor(ground.directory, Counter(), ground.policy), now=floor.now)
    again.take(again.floor.restore(ground.sessions.values(), ground.calls.values(), again.now))
    return again


def test_a_number_with_a_menu_answers_and_asks():
    floor = reception()
    leg = floor.call_in("Ada", IVR_NUMBER)
    assert floor.commands == [cm.AnswerCaller(leg), cm.PlayPrompt(leg, (cm.Recorded(GREETING),))]
    assert floor.call_on(leg).state is CallState.IVR


def test_a_key_leads_to_its_queue_and_interrupts_the_greeting():
    floor = reception()
    leg = floor.call_in("Ada", IVR_NUMBER)
    press(floor, leg, "2")
    assert (floor.call_on(leg).state, floor.call_on(leg).queue_id) == (CallState.QUEUED, SUPPORT)
    assert floor.commands[2:] == [cm.StopPrompt(leg), cm.StartMusic(leg)]


def test_a_caller_from_the_menu_is_offered_at_once_to_an_agent_who_waits():
    floor = reception()
    session = floor.be_ready(AGENTS[0])
    leg = floor.call_in("Ada", IVR_NUMBER)
    floor.wait(2_000)
    press(floor, leg, "1")
    assert floor.session(session).state is AgentState.RINGING
    assert floor.call_on(leg).state is CallState.OFFERED


def test_a_wrong_key_has_the_greeting_said_again_and_after_the_retries_the_caller_goes_on():
    floor = reception()
    leg = floor.call_in("Ada", IVR_NUMBER)
    press(floor, leg, "9")
    assert len(floor.sent(cm.PlayPrompt)) == 2
    press(floor, leg, "8")
    assert floor.last(cm.SayAndHangUp) == cm.SayAndHangUp(leg, cm.Message.NOBODY_AVAILABLE, BYE)


def test_a_caller_who_presses_nothing_is_given_the_time_of_the_greeting_and_of_thinking():
    floor = reception()
    leg = floor.call_in("Ada", IVR_NUMBER)
    floor.wait(8_999)
    assert len(floor.sent(cm.PlayPrompt)) == 1
    floor.wait(1)
    assert len(floor.sent(cm.PlayPrompt)) == 2
    floor.wait(9_000)
    assert floor.last(cm.SayAndHangUp).prompt_id == BYE
    floor.gone(leg)
    [cdr] = floor.cdrs
    assert (cdr.cause, cdr.hung_up_by, cdr.wait_ms, cdr.duration_ms) == (Cause.NORMAL, Party.SYSTEM, 18_000, 18_000)


def test_a_caller_who_gives_up_in_the_menu_has_a_record_and_no_timer_is_left():
    floor = reception()
    leg = floor.call_in("Ada", IVR_NUMBER)
    floor.wait(3_000)
    floor.gone(leg)
    [cdr] = floor.cdrs
    assert (cdr.cause, cdr.wait_ms, cdr.queue_id) == (Cause.ABANDONED, 3_000, None)
    assert floor.floor.next_due() is None


def test_going_in_circles_by_keys_ends_with_a_message():
    floor = reception()
    leg = floor.call_in("Ada", IVR_NUMBER)
    press(floor, leg, *("*" * MOST_STEPS))
    assert floor.last(cm.SayAndHangUp) == cm.SayAndHangUp(leg, cm.Message.NOBODY_AVAILABLE)
    press(floor, leg, "1")
    floor.gone(leg)
    assert floor.cdrs[0].cause is Cause.NOBODY_THERE


def test_keys_pressed_while_waiting_or_talking_change_nothing():
    floor = reception()
    leg = floor.call_in("Ada")
    before = list(floor.commands)
    press(floor, leg, "1", "#")
    assert floor.commands == before


@pytest.mark.parametrize("key", ["1", "9", None])
@pytest.mark.parametrize("missing", ["menus", "prompts", "queues"])
def test_what_administration_removes_under_a_caller_leaves_nobody_in_silence(missing, key):
    floor = reception()
    leg = floor.call_in("Ada", IVR_NUMBER)
    floor.give(ev.DirectoryChanged(dataclasses.replace(floor.floor.ground.directory, **{missing: {}})))
    if key:
        press(floor, leg, key)
    floor.wait(60_000)
    said = floor.sent(cm.SayAndHangUp)
    assert len(said) == 1 or floor.call_on(leg).state is CallState.QUEUED


def test_a_message_is_said_in_the_tenants_words_and_the_call_has_its_record():
    floor = reception(Destination(Target.MESSAGE, BYE))
    leg = floor.call_in("Ada", IVR_NUMBER)
    assert floor.commands == [cm.SayAndHangUp(leg, cm.Message.NOBODY_AVAILABLE, BYE)]
    floor.gone(leg)
    assert floor.cdrs[0].cause is Cause.NORMAL


def test_a_closed_number_says_so_without_an_agent_being_rung():
    closed = OpeningHours("5", TENANT, "Never", "UTC")
    number = Number("900", TENANT, IVR_NUMBER, TO_SALES, "5")
    floor = reception(numbers={"900": number}, hours={"5": closed})
    session = floor.be_ready(AGENTS[0])
    leg = floor.call_in("Ada", IVR_NUMBER)
    assert floor.session(session).state is AgentState.READY
    floor.gone(leg)
    assert floor.cdrs[0].cause is Cause.NOBODY_THERE


def test_a_blocked_caller_hears_something_and_is_on_record_as_rejected():
    rule = CallerRule("1", TENANT, "+15550100123", Destination(Target.BLOCK))
    floor = reception(caller_rules={"1": rule})
    leg = floor.call_in("Ada", SUPPORT_NUMBER)
    assert floor.commands == [cm.SayAndHangUp(leg, cm.Message.NOBODY_AVAILABLE)]
    floor.gone(leg)
    assert (floor.cdrs[0].cause, floor.cdrs[0].queue_id) == (Cause.REJECTED, None)


# ── one agent ──
def to_agent(otherwise: Destination | None = None) -> Destination:
    return Destination(Target.AGENT, AGENTS[1], otherwise)


def test_a_number_of_an_agent_is_offered_to_that_agent_though_another_is_idle_longer():
    floor = reception(to_agent())
    floor.be_ready(AGENTS[0])
    floor.wait(1_000)
    mine = floor.be_ready(AGENTS[1])
    leg = floor.call_in("Ada", IVR_NUMBER)
    assert floor.call_on(leg).session_id == mine
    floor.give(ev.Answer(mine))
    floor.join(leg, mine)
    assert floor.session(mine).state is AgentState.TALKING


def test_an_agent_who_does_not_answer_has_the_call_go_on_where_it_was_to_go():
    floor = reception(to_agent(TO_SUPPORT))
    mine = floor.be_ready(AGENTS[1])
    leg = floor.call_in("Ada", IVR_NUMBER)
    floor.wait(20_000)
    assert floor.session(mine).state is AgentState.NOT_RESPONDING
    assert (floor.call_on(leg).state, floor.call_on(leg).queue_id) == (CallState.QUEUED, SUPPORT)


def test_an_agent_who_logs_in_again_while_a_call_of_their_own_rings_is_logged_in_once_and_the_call_goes_on():
    floor = reception(to_agent(TO_SUPPORT))
    session = floor.be_ready(AGENTS[1])
    leg = floor.call_in("Ada", IVR_NUMBER)
    assert floor.session(session).state is AgentState.RINGING
    assert floor.call_on(leg).queue_id is None
    again = floor.log_in(AGENTS[1])
    assert list(floor.floor.ground.sessions) == [again]
    assert (floor.call_on(leg).state, floor.call_on(leg).queue_id) == (CallState.QUEUED, SUPPORT)


def test_an_agent_who_is_not_there_has_the_call_go_on_at_once():
    floor = reception(to_agent(TO_MAIN))
    leg = floor.call_in("Ada", IVR_NUMBER)
    assert floor.call_on(leg).state is CallState.IVR


def test_without_anywhere_to_go_on_the_caller_hears_that_nobody_is_free():
    floor = reception(to_agent())
    leg = floor.call_in("Ada", IVR_NUMBER)
    assert floor.commands == [cm.SayAndHangUp(leg, cm.Message.NOBODY_AVAILABLE)]


def test_two_callers_for_one_agent_in_one_step_are_both_looked_after():
    floor = reception(to_agent(TO_SUPPORT))
    mine = floor.be_ready(AGENTS[1])
    first = floor.call_in("First", IVR_NUMBER)
    second = floor.call_in("Second", IVR_NUMBER)
    assert floor.call_on(first).session_id == mine
    assert floor.call_on(second).queue_id == SUPPORT


def test_an_extension_is_the_agent_who_is_logged_in_on_that_desk_phone():
    floor = reception(Destination(Target.EXTENSION, DESK_PHONE, TO_SALES))
    mine = floor.log_in(AGENTS[0], extension=DESK_PHONE)
    floor.give(ev.PhoneChanged(mine, connected=True))
    floor.give(ev.LegAnswered(floor.last(cm.RaiseLine).leg_id))
    leg = floor.call_in("Ada", IVR_NUMBER)
    assert floor.call_on(leg).session_id == mine
    assert floor.call_on(floor.call_in("Bob", IVR_NUMBER)).queue_id == SALES


# ── losses ──
def test_a_menu_asks_again_after_a_restart():
    floor = reception()
    leg = floor.call_in("Ada", IVR_NUMBER)
    again = restarted(floor)
    again.give(
        ev.EngineFound((ev.LegSeen(leg, answered=True, arrival=ev.CallerArrived(leg, TRUNK, IVR_NUMBER, "", "")),))
    )
    assert again.commands == [cm.PlayPrompt(leg, (cm.Recorded(GREETING),))]
    press(again, leg, "1")
    assert again.call_on(leg).queue_id == SALES


def test_time_without_an_engine_is_not_a_caller_who_pressed_nothing():
    floor = reception()
    leg = floor.call_in("Ada", IVR_NUMBER)
    floor.give(ev.EngineLost())
    floor.wait(120_000)
    floor.give(ev.EngineFound((ev.LegSeen(leg, answered=True),)))
    assert floor.call_on(leg).tries == 0
    assert floor.call_on(leg).state is CallState.IVR


def test_a_call_on_its_way_to_one_agent_is_led_on_after_a_restart():
    floor = reception(to_agent(TO_SUPPORT))
    floor.be_ready(AGENTS[1])
    leg = floor.call_in("Ada", IVR_NUMBER)
    again = restarted(floor)
    again.give(ev.EngineFound((ev.LegSeen(leg, answered=True),)))
    assert (again.call_on(leg).state, again.call_on(leg).queue_id) == (CallState.QUEUED, SUPPORT)


def test_a_queues_own_numbers_are_entries_of_the_number_plan():
    mine: Directory = directory()
    assert mine.plan.numbers["15550100900"].destination == TO_SUPPORT
