"""Ringing lines that nobody would be there for: ended once they have rung for as long as the law asks, not before.

The agents they were launched for went on a break, or lost their line. Whoever answered then would be a call abandoned; so the phone
that has had its time is let go. The lead was not reached by our choice: for it that was no attempt. For the law it was one, because
the phone rang.
"""

from collections.abc import Iterator
from typing import Final

from callside.calls.machine import CallState
from callside.calls.model import Cause, Party
from callside.dialer.laws.line_rules import may_give_up
from callside.dialer.laws.model import Profile
from callside.floor.dialing_desk import Desk
from callside.floor.ground import Ground
from callside.floor.live import LiveCall
from callside.floor.talk import release_customer
from callside.kernel.ids import CallId

_LOOK_AGAIN_MS: Final = 1000
_LEAST_RING_MS: Final = 15_000
"""Also where no law asks for it: phones that ring for a moment are a nuisance that would buy agents a few seconds."""


def let_go(ground: Ground, desk: Desk) -> None:
    """End those that may be ended and that pacing has nobody for."""
    if desk.pacer is None or desk.book is None:
        return
    now, profile = ground.now, desk.book.profile
    may_go: list[str] = []
    for call in _for_nobody(ground, desk):
        if not _long_enough(profile, call.started.elapsed_until(now)):
            break  # launched in this order: none of the others has rung for longer
        if call.state is CallState.RINGING and _long_enough(profile, call.since.elapsed_until(now)):
            may_go.append(call.id)
    for line_id in desk.pacer.surplus_lines(may_go, now.mono) if may_go else ():
        call = ground.calls[CallId(line_id)]
        ground.fact("call.surplus", None, call, rung_ms=call.since.elapsed_until(now), profile=profile.key)
        release_customer(ground, call, Party.SYSTEM, Cause.SURPLUS)


def due(ground: Ground, desk: Desk) -> int | None:
    """When to look again (mono ms); ``None``: there is no such line."""
    first = next(_for_nobody(ground, desk), None)
    if first is None or desk.pacer is None or desk.book is None:
        return None
    soonest = first.started.mono + max(_LEAST_RING_MS, desk.book.profile.min_ring_s * 1000)
    return max(ground.now.mono + _LOOK_AGAIN_MS, soonest)


def _long_enough(profile: Profile, rung_ms: int) -> bool:
    return rung_ms >= _LEAST_RING_MS and may_give_up(profile, rung_ms)


def _for_nobody(ground: Ground, desk: Desk) -> Iterator[LiveCall]:
    """Lines not answered yet that no agent is kept free for, oldest first."""
    for call_id in desk.lines:
        call = ground.calls[call_id]
        if call.state in {CallState.PLANNED, CallState.RINGING} and not call.session_id and not call.hung_up_by:
            yield call
