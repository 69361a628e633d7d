"""What a caller hears while waiting in a queue: welcome, music, announcements. Nothing here ever holds a match up."""

from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.floor.commands import (
    AnswerCaller,
    PartAgent,
    Phrase,
    Piece,
    PlayPrompt,
    Recorded,
    RingCaller,
    Spoken,
    StartMusic,
)
from callside.floor.directory import Directory
from callside.floor.ground import Ground
from callside.floor.live import CallbackStep, LiveCall, LiveSession
from callside.floor.timers import TimerKind
from callside.kernel.ids import QueueId
from callside.reception.model import Announcement

_WAITS = frozenset({CallState.QUEUED, CallState.OFFERED})
_ROUND_S = 60


def pick_up(ground: Ground, call: LiveCall) -> None:
    """Answer the caller, unless that was done."""
    if not call.picked_up and call.leg_id is not None:
        call.picked_up = True
        ground.touch_call(call)
        ground.command(AnswerCaller(call.leg_id))


def greet(ground: Ground, call: LiveCall) -> None:
    """The caller has come to a queue: ringing, or welcome and music."""
    if call.leg_id is None:
        return
    sound = _sound(ground, call)
    if not sound.answer_at_once and not call.picked_up:
        ground.command(RingCaller(call.leg_id))
        return
    pick_up(ground, call)
    ground.command(StartMusic(call.leg_id, sound.music))
    if sound.welcome:
        ground.command(PlayPrompt(call.leg_id, tuple(Recorded(one) for one in sound.welcome)))
    if sound.every_s > 0:
        _arm(ground, call, sound)


def welcome_ms(ground: Ground, call: LiveCall) -> int:
    """How long what is said on arrival takes."""
    prompts = (ground.directory.prompts.get(one) for one in _sound(ground, call).welcome)
    return sum(one.duration_ms for one in prompts if one is not None)


def play_music(ground: Ground, call: LiveCall) -> None:
    """Music of the call's queue, where the caller has been answered."""
    if call.leg_id is not None and call.picked_up:
        ground.command(StartMusic(call.leg_id, _sound(ground, call).music))


def music_again(ground: Ground, call: LiveCall, session: LiveSession) -> None:
    """Taken back from an agent whom the engine has joined them with, or is about to: nobody waits in an agent's bridge."""
    if call.leg_id is not None:
        ground.command(PartAgent(call.leg_id, session.id))
    play_music(ground, call)


def hear_other_queue(ground: Ground, call: LiveCall, before: QueueId | None) -> None:
    """The caller was sent on from another queue: no second welcome, but this queue's answer, music and announcements."""
    sound = _sound(ground, call)
    earlier = ground.directory.announcements.get(before) if before is not None else None
    ground.timers.cancel(TimerKind.ANNOUNCE, call.id)
    if not call.picked_up and sound.answer_at_once:
        pick_up(ground, call)
        play_music(ground, call)
    elif sound.music != (earlier or ground.directory.plain_sound).music:
        play_music(ground, call)
    _arm(ground, call, sound)


def hear_what_holds_now(ground: Ground, before: Directory) -> None:
    """Announcements have changed: whoever waits hears the other music at once, and what is said now from the next message on."""
    for queue_id in before.announcements.keys() | ground.directory.announcements.keys():
        was = before.announcements.get(queue_id, before.plain_sound)
        now = ground.directory.announcements.get(queue_id, ground.directory.plain_sound)
        if was != now:
            for call in ground.waiting.calls(queue_id):
                _hear_now(ground, call, was, now)


def _hear_now(ground: Ground, call: LiveCall, was: Announcement, now: Announcement) -> None:
    agent = ground.sessions.get(call.session_id) if call.session_id is not None else None
    if call.hung_up_by is not None or call.leg_id is None or (agent is not None and agent.state is AgentState.RESERVED):
        return  # on their way out, or to their agent: no music may play into that talk
    if now.answer_at_once and not call.picked_up:
        pick_up(ground, call)
        play_music(ground, call)
    elif now.music != was.music:
        play_music(ground, call)
    due, at = ground.timers.due(TimerKind.ANNOUNCE, call.id), ground.now.mono + now.every_s * 1000
    if now.every_s == 0:
        ground.timers.cancel(TimerKind.ANNOUNCE, call.id)
    elif call.picked_up and not _is_asked(call) and (due is None or due > at):
        ground.timers.set(TimerKind.ANNOUNCE, call.id, at)


def _is_asked(call: LiveCall) -> bool:
    """Whether they are in the middle of arranging a callback: after that the timer is set again."""
    return call.asking is not None and call.asking.step is not CallbackStep.OFFERED


def arm(ground: Ground, call: LiveCall) -> None:
    """Set the timer for the next announcement."""
    _arm(ground, call, _sound(ground, call))


def _arm(ground: Ground, call: LiveCall, sound: Announcement) -> None:
    if sound.every_s > 0 and call.picked_up:
        ground.timers.set(TimerKind.ANNOUNCE, call.id, ground.now.mono + sound.every_s * 1000)


def announce(ground: Ground, call: LiveCall) -> None:
    """It is time to tell the waiting caller something."""
    if call.state not in _WAITS or call.hung_up_by is not None:
        return
    sound = _sound(ground, call)
    pieces: list[Piece] = []
    if call.state is CallState.QUEUED:
        pieces = _pieces(ground, call, sound)
    if pieces and call.leg_id is not None:
        call.announced += 1
        ground.touch_call(call)
        ground.command(PlayPrompt(call.leg_id, tuple(pieces)))
    arm(ground, call)


def _pieces(ground: Ground, call: LiveCall, sound: Announcement) -> list[Piece]:
    pieces: list[Piece] = []
    if sound.say_position or sound.say_wait:
        place = ground.matcher.ahead(call.id) + 1
        if sound.say_position:
            pieces += _place_in_words(place)
        if sound.say_wait:
            pieces += _wait_in_words(ground, call, place)
    if sound.periodic:
        pieces.append(Recorded(sound.periodic[call.announced % len(sound.periodic)]))
    return pieces


def _place_in_words(place: int) -> list[Piece]:
    if place <= 1:
        return [Phrase.YOU_ARE_NEXT]
    return [Phrase.YOU_ARE_NUMBER, Spoken(place), Phrase.IN_THE_QUEUE]


def _wait_in_words(ground: Ground, call: LiveCall, place: int) -> list[Piece]:
    """As a range of whole minutes that never grows (dialer-acd.md §4.3); nothing where nothing is known."""
    estimate = ground.estimate(ground, call, place)
    if estimate is None:
        return []
    low_s, high_s = estimate
    if call.told_wait_s is not None:
        high_s = min(high_s, call.told_wait_s)
    if call.told_least_s is not None:
        low_s = min(low_s, call.told_least_s)
    call.told_wait_s, call.told_least_s = high_s, low_s
    high = max(1, -(-high_s // _ROUND_S))
    low = min(low_s // _ROUND_S, high)
    if low in {0, high}:
        return [Phrase.EXPECTED_WAIT, Phrase.LESS_THAN, Spoken(max(2, high)), Phrase.MINUTES]
    return [Phrase.EXPECTED_WAIT, Spoken(low), Phrase.TO, Spoken(high), Phrase.MINUTES]


def _sound(ground: Ground, call: LiveCall) -> Announcement:
    sound = ground.directory.announcements.get(call.queue_id) if call.queue_id is not None else None
    return sound or ground.directory.plain_sound
