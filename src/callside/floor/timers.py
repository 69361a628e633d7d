"""Timers as data: the floor sets and cancels them, whoever runs the floor asks for the next one due."""

from collections.abc import Iterable
from enum import StrEnum
from heapq import heappop, heappush
from typing import Final


class TimerKind(StrEnum):
    """What to look at when it is due. ``key`` is a session's or a call's id."""

    TICKET = "ticket"
    """The session's page never came."""
    IDLE = "idle"
    """The session's page has been away for long."""
    ABSOLUTE = "absolute"
    """The session has lasted its longest."""
    RESUME = "resume"
    """The agent's line was lost in a call and has not come back."""
    WRAP_UP = "wrap_up"
    BREAK = "break"
    """The agent's break has reached its limit."""
    RONA = "rona"
    """The offered call was not answered."""
    RING_TOGETHER = "ring_together"
    """An agent has not answered a call that rings at several (``key`` is the session's id)."""
    RING_OUT = "ring_out"
    """The customer's phone has rung long enough (the engine has its own limit; this is the second line)."""
    MAX_WAIT = "max_wait"
    RELAX = "relax"
    """The waiting call may go to agents with fewer skills now."""
    STICKY = "sticky"
    """The call has waited long enough for one agent alone."""
    OVERFLOW = "overflow"
    """The call has waited as long as its queue's overflow rule says."""
    STANDING = "standing"
    """An idle agent's place by a strategy that moves with time is taken anew."""
    DIAL = "dial"
    """Pacing is to be asked again. ``key`` is a campaign's id."""
    CONNECT = "connect"
    """The person who answered has waited for an agent as long as the law lets them."""
    LISTEN = "listen"
    """Nobody knows yet who has answered: whoever it is is a person now."""
    PREVIEW = "preview"
    """The lead that is shown is called by itself."""
    MENU = "menu"
    """The caller has pressed no key."""
    CALLBACK_OFFER = "callback_offer"
    """The waiting caller is to be offered a callback."""
    CALLBACK_LOOK = "callback_look"
    """The waiting caller's estimate is to be looked at again: whether they are to be offered a callback."""
    CALLBACK_STEP = "callback_step"
    """The caller has pressed nothing on the way to a callback."""
    CALLBACK_DUE = "callback_due"
    """The next attempt of a callback may be made."""
    VOICEMAIL = "voicemail"
    """A voicemail should have ended by itself long ago."""
    ANNOUNCE = "announce"
    """The waiting caller is to be told something again."""


_OF_SESSIONS: Final = frozenset(
    {
        *(TimerKind.TICKET, TimerKind.IDLE, TimerKind.ABSOLUTE, TimerKind.RESUME, TimerKind.WRAP_UP, TimerKind.BREAK),
        *(TimerKind.RING_TOGETHER, TimerKind.STANDING, TimerKind.PREVIEW),
    }
)
"""Kinds whose key is a session's id."""


class Timers:
    """A heap of (due, kind, key); setting one again moves it, cancelling leaves a dead entry that is skipped.

    What is set is kept by key: most calls have no timer when theirs are cancelled, and one look tells. Sessions all have one, so
    theirs are kept apart: calls are not looked for among them. Kinds are kept as plain text: the garbage collector does not look
    at what holds nothing but text and numbers.
    """

    def __init__(self) -> None:
        self._of_sessions: dict[str, dict[str, int]] = {}
        self._of_others: dict[str, dict[str, int]] = {}
        self._heap: list[tuple[int, str, str]] = []

    def set(self, kind: TimerKind, key: str, due: int) -> None:
        """Due at ``due`` (mono ms)."""
        name = kind._value_
        kept = self._of_sessions if name in _OF_SESSIONS else self._of_others
        mine = kept.get(key)
        if mine is None:
            kept[key] = {name: due}
        else:
            mine[name] = due
        heappush(self._heap, (due, name, key))

    def cancel(self, kind: TimerKind, key: str) -> None:
        """No matter if it is not set."""
        name = kind._value_
        kept = self._of_sessions if name in _OF_SESSIONS else self._of_others
        mine = kept.get(key)
        if mine is not None and mine.pop(name, None) is not None and not mine:
            del kept[key]

    def cancel_all(self, kinds: Iterable[TimerKind], key: str) -> None:
        """Several kinds of one call."""
        mine = self._of_others.get(key)
        if mine is None:
            return
        for kind in kinds:
            mine.pop(kind, None)
        if not mine:
            del self._of_others[key]

    def cancel_every(self, key: str) -> None:
        """All of one call: it is no more, or begins anew."""
        self._of_others.pop(key, None)

    def is_set(self, kind: TimerKind, key: str) -> bool:
        """Whether it is due some time."""
        return self.due(kind, key) is not None

    def due(self, kind: TimerKind, key: str) -> int | None:
        """When it is due (mono ms); ``None``: it is not set."""
        return self._due(kind._value_, key)

    def _due(self, name: str, key: str) -> int | None:
        kept = self._of_sessions if name in _OF_SESSIONS else self._of_others
        mine = kept.get(key)
        return mine.get(name) if mine is not None else None

    def next_due(self) -> int | None:
        """When the earliest is due (mono ms)."""
        while self._heap:
            due, name, key = self._heap[0]
            if self._due(name, key) == due:
                return due
            heappop(self._heap)
        return None

    def pop_due(self, now: int) -> tuple[TimerKind, str] | None:
        """Take out one that is due."""
        due = self.next_due()
        if due is None or due > now:
            return None
        _, name, key = heappop(self._heap)
        kind = TimerKind(name)
        self.cancel(kind, key)
        return kind, key
