"""How a waiting caller comes to be called back: the offer, their number read to them, another number keyed in.

The caller waits on all the while: an agent who becomes free is joined in the middle of it, and then it is as if it had not been
begun.
"""

from typing import Final

from callside.acd.model import CallbackOffer, Queue
from callside.calls.machine import CallState
from callside.calls.model import Cause
from callside.floor.announcing import arm, welcome_ms
from callside.floor.callbacks import may_open, number_to_call, open_callback
from callside.floor.commands import Digits, Message, Phrase, Piece, PlayPrompt, Recorded, Spoken, StopPrompt
from callside.floor.ground import Ground
from callside.floor.live import Asking, CallbackStep, LiveCall
from callside.floor.queueing import CALLBACK_LOOK_MS, estimated_wait, let_go
from callside.floor.timers import TimerKind
from callside.kernel.ids import PromptId

_CONFIRM, _END, _AGAIN = "1", "#", "*"
_THINKING_MS: Final = 25_000
"""To hear what is said (the engine does not tell its length) and to press something."""
_MOST_WRONG: Final = 3
_LONGEST: Final = 16
_KEYS_TO_CONFIRM: Final = (Phrase.IF_CORRECT_PRESS, Spoken(1), Phrase.OTHER_NUMBER_PRESS, Spoken(2))
_IN_DIALOGUE: Final = frozenset({CallbackStep.CONFIRMING, CallbackStep.ENTERING})


def on_arrival(ground: Ground, call: LiveCall) -> None:
    """The caller waits now: where the wait will be long it is offered after the welcome."""
    queue = ground.queue_of(call)
    if queue is not None and queue.callback is not None and queue.callback.wait_over_s > 0 and _waits(call):
        ground.timers.set(TimerKind.CALLBACK_LOOK, call.id, ground.now.mono + welcome_ms(ground, call))


def look(ground: Ground, call: LiveCall) -> None:
    """Whether the wait will be long by what is known now (agents come and go): then it is offered, else looked at again."""
    queue = ground.queue_of(call)
    limit_s = queue.callback.wait_over_s if queue is not None and queue.callback is not None else 0
    if limit_s == 0 or not _waits(call) or call.asking is not None:
        return
    estimate = estimated_wait(ground, call)
    if estimate is not None and estimate.likely_ms > limit_s * 1000:
        offer(ground, call)
    if call.asking is None:
        ground.timers.set(TimerKind.CALLBACK_LOOK, call.id, ground.now.mono + CALLBACK_LOOK_MS)


def offer(ground: Ground, call: LiveCall) -> None:
    """Tell a waiting caller that they can be called back, once."""
    queue = ground.queue_of(call)
    if queue is None or queue.callback is None or not _waits(call) or call.asking is not None:
        return
    if not ground.engine_up or not may_open(ground, queue):
        return
    call.asking = Asking()
    ground.timers.cancel_all((TimerKind.CALLBACK_OFFER, TimerKind.CALLBACK_LOOK), call.id)
    ground.touch_call(call)
    ground.fact("callback.offered", None, call, queue_id=queue.id)
    _say(ground, call, Recorded(queue.callback.prompt_id))
    arm(ground, call)


def offer_is_due(ground: Ground, call: LiveCall) -> None:
    """They have waited long enough to be offered it; where it cannot be done now it is tried again."""
    offer(ground, call)
    if call.asking is None and _waits(call):
        ground.timers.set(TimerKind.CALLBACK_OFFER, call.id, ground.now.mono + CALLBACK_LOOK_MS)


def is_in_dialogue(call: LiveCall) -> bool:
    """Whether the caller is asked something: nothing else is said meanwhile."""
    return call.asking is not None and call.asking.step in _IN_DIALOGUE


def key_pressed(ground: Ground, call: LiveCall, key: str) -> None:
    """A key of a caller who waits in a queue and was offered to be called back; others mean nothing."""
    queue = ground.queue_of(call)
    if call.asking is None or queue is None or queue.callback is None or not _waits(call):
        return
    match call.asking.step:
        case CallbackStep.OFFERED:
            if key == queue.callback.key:
                _begin(ground, call, call.asking, queue.callback)
        case CallbackStep.CONFIRMING:
            _confirmed(ground, call, call.asking, queue, queue.callback, key)
        case CallbackStep.ENTERING:
            _entered(ground, call, call.asking, queue.callback, key)


def no_key(ground: Ground, call: LiveCall) -> None:
    """They have not answered: they go on waiting, and can press the key again."""
    if call.asking is not None and is_in_dialogue(call):
        _give_up(ground, call, call.asking)


def interrupted(ground: Ground, call: LiveCall) -> None:
    """An agent is rung for them: what they had begun is forgotten, and they hear music until the agent answers."""
    if call.asking is not None and is_in_dialogue(call):
        _give_up(ground, call, call.asking)


def _give_up(ground: Ground, call: LiveCall, asking: Asking) -> None:
    asking.step, asking.keyed = CallbackStep.OFFERED, ""
    ground.timers.cancel(TimerKind.CALLBACK_STEP, call.id)
    ground.touch_call(call)
    if call.leg_id is not None:
        ground.command(StopPrompt(call.leg_id))
    arm(ground, call)


def _begin(ground: Ground, call: LiveCall, asking: Asking, rules: CallbackOffer) -> None:
    number = number_to_call(ground, rules, call.customer_number)
    if number is None:
        _ask_number(ground, call, asking, rules)
    else:
        _read_out(ground, call, asking, rules, number)


def _read_out(ground: Ground, call: LiveCall, asking: Asking, rules: CallbackOffer, number: str) -> None:
    asking.step, asking.number, asking.keyed = CallbackStep.CONFIRMING, number, ""
    before, after = rules.words.number, rules.words.confirm
    _ask(
        ground, call, _words(before, Phrase.NUMBER_IS), Digits(number.removeprefix("+")),
        *((Recorded(after),) if after is not None else _KEYS_TO_CONFIRM),
    )  # fmt: skip


def _ask_number(ground: Ground, call: LiveCall, asking: Asking, rules: CallbackOffer, *before: Piece) -> None:
    asking.step, asking.keyed = CallbackStep.ENTERING, ""
    _ask(ground, call, *before, _words(rules.words.enter, Phrase.ENTER_NUMBER))


def _words(own: PromptId | None, standard: Phrase) -> Piece:
    return Recorded(own) if own is not None else standard


def _confirmed(ground: Ground, call: LiveCall, asking: Asking, queue: Queue, rules: CallbackOffer, key: str) -> None:
    if key != _CONFIRM:
        _ask_number(ground, call, asking, rules)
        return
    ground.timers.cancel(TimerKind.CALLBACK_STEP, call.id)
    if not may_open(ground, queue):
        _give_up(ground, call, asking)
        return
    open_callback(ground, call, queue, asking.number)
    let_go(ground, call, Message.CALLBACK_ARRANGED, Cause.CALLBACK, rules.words.arranged)


def _entered(ground: Ground, call: LiveCall, asking: Asking, rules: CallbackOffer, key: str) -> None:
    if key == _AGAIN:
        _ask_number(ground, call, asking, rules)
    elif key != _END:
        if not asking.keyed and call.leg_id is not None:
            ground.command(StopPrompt(call.leg_id))
        asking.keyed = (asking.keyed + key)[:_LONGEST]
        ground.timers.set(TimerKind.CALLBACK_STEP, call.id, ground.now.mono + _THINKING_MS)
    elif (number := number_to_call(ground, rules, asking.keyed)) is not None:
        _read_out(ground, call, asking, rules, number)
    else:
        asking.wrong += 1
        ground.fact("callback.number_refused", None, call, tries=asking.wrong)
        if asking.wrong >= _MOST_WRONG:
            _give_up(ground, call, asking)
        else:
            _ask_number(ground, call, asking, rules, _words(rules.words.not_valid, Phrase.NOT_VALID))


def _ask(ground: Ground, call: LiveCall, *pieces: Piece) -> None:
    ground.timers.cancel(TimerKind.ANNOUNCE, call.id)
    ground.timers.set(TimerKind.CALLBACK_STEP, call.id, ground.now.mono + _THINKING_MS)
    ground.touch_call(call)
    _say(ground, call, *pieces)


def _say(ground: Ground, call: LiveCall, *pieces: Piece) -> None:
    if call.leg_id is not None:
        ground.command(PlayPrompt(call.leg_id, pieces))


def _waits(call: LiveCall) -> bool:
    return call.state is CallState.QUEUED and call.picked_up and call.hung_up_by is None and call.callback is None
