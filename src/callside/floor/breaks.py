"""How long breaks last: one that goes on beyond its limit is noted, once. Nobody is made ready by it."""

from callside.floor.ground import Ground
from callside.floor.live import LiveSession
from callside.floor.timers import TimerKind


def begun(ground: Ground, session: LiveSession, code: str) -> None:
    """The session's break has just begun, for the reason ``code``. Its limit is the one that holds now."""
    reasons = ground.directory.tenant.breaks
    session.break_reason = code
    session.break_limit_s = next((one.limit_s for one in reasons if one.code == code), None)
    session.break_exceeded = False
    watch(ground, session)


def watch(ground: Ground, session: LiveSession) -> None:
    """Look again when the limit is reached; at once where it has been already (after a restart)."""
    if session.break_limit_s is not None and not session.break_exceeded:
        ground.timers.set(TimerKind.BREAK, session.id, session.since.mono + session.break_limit_s * 1000)


def ended(ground: Ground, session: LiveSession) -> None:
    """It is over, or another one begins."""
    ground.timers.cancel(TimerKind.BREAK, session.id)
    session.break_reason = session.break_limit_s = None
    session.break_exceeded = False


def limit_reached(ground: Ground, session: LiveSession) -> None:
    """It goes on beyond its limit."""
    session.break_exceeded = True
    ground.fact("agent.break_exceeded", session, reason=session.break_reason, limit_s=session.break_limit_s)
    ground.touch(session)
