"""Where a caller is led: by the number plan, through menus, to a queue, an agent or a message. Each way ends with a CDR."""

from collections.abc import Callable

from callside.agents.machine import AgentState
from callside.calls.machine import CallEvent, CallState
from callside.calls.model import Cause
from callside.floor import asking, voicemail
from callside.floor.announcing import arm, greet, pick_up, play_music
from callside.floor.callbacks import called_again, take_kept_place
from callside.floor.commands import Message, PlayPrompt, Recorded, StopPrompt
from callside.floor.ground import Ground
from callside.floor.live import LiveCall, LiveSession
from callside.floor.queueing import enqueue, let_go
from callside.floor.talk import advance
from callside.floor.timers import TimerKind
from callside.kernel.ids import AgentId, MenuId, PromptId, QueueId
from callside.reception.model import Destination, Menu, Target
from callside.reception.rules import STANDARD_WORDS, choose

MOST_STEPS = 100
"""A caller who presses keys for ever is let go after so many ways."""


def lead(ground: Ground, call: LiveCall, destination: Destination, why: str) -> None:
    """Lead a caller who is in no queue, and whose row is written in this step anyway, to a destination.

    One that is not there (any more) says the standard words.
    """
    call.steps += 1
    ground.fact_of_call("call.led", call, {"to": destination.kind, "id": destination.id, "why": why})
    if call.steps > MOST_STEPS:
        let_go(ground, call, Message.NOBODY_AVAILABLE, Cause.NOBODY_THERE)
        return
    _LEADERS[destination.kind](ground, call, destination)


def go_on(ground: Ground, call: LiveCall, why: str) -> None:
    """The agent it was led to has not taken it."""
    fallback, call.fallback = call.fallback or STANDARD_WORDS, None
    ground.touch_call(call)
    lead(ground, call, fallback, why)


def resume(ground: Ground, call: LiveCall) -> None:
    """The engine is back and the caller still there: what they heard begins again."""
    if call.state is CallState.IVR:
        menu = ground.directory.menus.get(call.menu_id or MenuId(""))
        if menu is None:
            _leave(ground, call, STANDARD_WORDS, "menu:gone")
        else:
            _ask(ground, call, menu)
    elif call.state is CallState.VOICEMAIL:
        voicemail.record(ground, call)
    elif call.queue_id is None and call.state is CallState.QUEUED:
        go_on(ground, call, "engine:found")
    else:
        play_music(ground, call)
        asking.interrupted(ground, call)
        arm(ground, call)


# ── destinations ─────────────────────────────────────────────────────────────────────────────────────────────────────
def _to_queue(ground: Ground, call: LiveCall, destination: Destination) -> None:
    queue = ground.directory.queues.get(QueueId(destination.id))
    if queue is None:
        let_go(ground, call, Message.NOBODY_AVAILABLE, Cause.NOBODY_THERE)
        return
    if call.queue_id != queue.id:
        ground.lead_to(call, queue.id)
    if call.fallback is not None:
        call.fallback = None
    ground.fact_of_call("call.queued", call, {"queue_id": queue.id})
    kept = take_kept_place(ground, call, queue) if ground.callbacks.places else None
    greet(ground, call)
    enqueue(ground, call, queue)
    if kept is not None:
        called_again(ground, call, kept)
    if queue.callback is not None or call.queue_id != queue.id:  # a rule may have sent it on
        asking.on_arrival(ground, call)


def _to_agent(ground: Ground, call: LiveCall, destination: Destination) -> None:
    session_id = ground.session_of_agent.get(AgentId(destination.id))
    _to_session(ground, call, destination, ground.sessions.get(session_id) if session_id else None)


def _to_extension(ground: Ground, call: LiveCall, destination: Destination) -> None:
    there = (one for one in ground.sessions.values() if one.extension_id == destination.id)
    _to_session(ground, call, destination, next(there, None))


def _to_session(ground: Ground, call: LiveCall, destination: Destination, session: LiveSession | None) -> None:
    call.fallback = destination.otherwise
    if session is None or session.state is not AgentState.READY:
        go_on(ground, call, "agent:not_ready")
        return
    pick_up(ground, call)
    play_music(ground, call)
    ground.direct.append((call.id, session.id))


def _to_voicemail(ground: Ground, call: LiveCall, destination: Destination) -> None:
    voicemail.begin(ground, call, QueueId(destination.id))


def _to_message(ground: Ground, call: LiveCall, destination: Destination) -> None:
    if PromptId(destination.id) in ground.directory.prompts:
        let_go(ground, call, Message.NOBODY_AVAILABLE, Cause.NORMAL, PromptId(destination.id))
    else:
        let_go(ground, call, Message.NOBODY_AVAILABLE, Cause.NOBODY_THERE)


def _to_nobody(ground: Ground, call: LiveCall, destination: Destination) -> None:
    let_go(ground, call, Message.NOBODY_AVAILABLE, Cause.REJECTED, PromptId(destination.id) if destination.id else None)


def _to_menu(ground: Ground, call: LiveCall, destination: Destination) -> None:
    menu = ground.directory.menus.get(MenuId(destination.id))
    if menu is None:
        let_go(ground, call, Message.NOBODY_AVAILABLE, Cause.NOBODY_THERE)
        return
    pick_up(ground, call)
    call.menu_id, call.tries = menu.id, 0
    advance(ground, call, CallEvent.ENTER_MENU, "call.menu_entered", menu_id=menu.id)
    _ask(ground, call, menu)


_LEADERS: dict[Target, Callable[[Ground, LiveCall, Destination], None]] = {
    Target.QUEUE: _to_queue,
    Target.AGENT: _to_agent,
    Target.EXTENSION: _to_extension,
    Target.MENU: _to_menu,
    Target.VOICEMAIL: _to_voicemail,
    Target.MESSAGE: _to_message,
    Target.BLOCK: _to_nobody,
}


# ── menus ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _ask(ground: Ground, call: LiveCall, menu: Menu) -> None:
    prompt = ground.directory.prompts.get(menu.greeting)
    if call.leg_id is not None:
        ground.command(PlayPrompt(call.leg_id, (Recorded(menu.greeting),)))
    # The engine does not say when a prompt is over; how long it is, is known.
    thinking = (prompt.duration_ms if prompt else 0) + menu.timeout_s * 1000
    ground.timers.set(TimerKind.MENU, call.id, ground.now.mono + thinking)


def key_pressed(ground: Ground, call: LiveCall, key: str) -> None:
    """The caller pressed a key; it counts while a menu asks, or when a callback was offered."""
    if call.state is not CallState.IVR or call.hung_up_by is not None:
        ground.fact("call.digit_received", None, call)
        asking.key_pressed(ground, call, key)
        return
    menu = ground.directory.menus.get(call.menu_id or MenuId(""))
    destination = choose(menu, key) if menu is not None else STANDARD_WORDS
    if menu is None or destination is not None:
        _leave(ground, call, destination or STANDARD_WORDS, f"key:{key}")
    else:
        _again(ground, call, menu, f"wrong_key:{key}")


def no_key(ground: Ground, call: LiveCall) -> None:
    """The caller has pressed nothing in time."""
    if call.state is not CallState.IVR or call.hung_up_by is not None:
        return
    menu = ground.directory.menus.get(call.menu_id or MenuId(""))
    if menu is None:
        _leave(ground, call, STANDARD_WORDS, "menu:gone")
    elif not ground.engine_up:
        _ask(ground, call, menu)  # They could not hear us: it does not count.
    else:
        _again(ground, call, menu, "no_key")


def _again(ground: Ground, call: LiveCall, menu: Menu, why: str) -> None:
    call.tries += 1
    ground.fact("call.menu_retried", None, call, menu_id=menu.id, why=why, tries=call.tries)
    ground.touch_call(call)
    if call.tries > menu.retries:
        _leave(ground, call, menu.otherwise, why)
    else:
        _ask(ground, call, menu)


def _leave(ground: Ground, call: LiveCall, destination: Destination, why: str) -> None:
    ground.timers.cancel(TimerKind.MENU, call.id)
    menu_id, call.menu_id = call.menu_id, None
    advance(ground, call, CallEvent.LEAVE_MENU, "call.menu_left", menu_id=menu_id, why=why)
    if call.leg_id is not None:
        ground.command(StopPrompt(call.leg_id))
    lead(ground, call, destination, why)
