"""What an agent has done lately: the standing that fairness goes by (research: dialer-acd.md §4.1)."""

from collections import deque
from typing import Final

WINDOW_MS: Final = 3_600_000
"""Rolling, not since login: whoever logs in late is not flooded for the rest of the day, whoever logs in early not spared."""
_SLICE_MS: Final = 60_000


class Workload:
    """Busy, idle and talking time (ms) and calls of about the last hour: kept by the minute, so that it stays small.

    Minutes are tuples, which the garbage collector lets go when it has seen them once: an hour of 10,000 agents is 600,000.
    """

    __slots__ = ("_slices", "busy", "calls", "idle", "talk")

    def __init__(self) -> None:
        self._slices: deque[tuple[int, int, int, int, int]] = deque()
        self.busy = self.idle = self.talk = self.calls = 0

    def add(self, now: int, *, busy: int = 0, idle: int = 0, talk: int = 0, calls: int = 0) -> None:
        """Something has ended now. It counts whole until the window has left its end behind."""
        number, slices = now // _SLICE_MS, self._slices
        if slices and slices[-1][0] == number:
            _, b, i, t, c = slices.pop()
            slices.append((number, b + busy, i + idle, t + talk, c + calls))
        else:
            slices.append((number, busy, idle, talk, calls))
            self.forget(now)
        self.busy += busy
        self.idle += idle
        self.talk += talk
        self.calls += calls

    def forget(self, now: int) -> None:
        """Leave out what has fallen out of the window."""
        oldest = (now - WINDOW_MS) // _SLICE_MS
        while self._slices and self._slices[0][0] < oldest:
            _, busy, idle, talk, calls = self._slices.popleft()
            self.busy -= busy
            self.idle -= idle
            self.talk -= talk
            self.calls -= calls

    def occupancy(self, idle_now: int = 0) -> int:
        """Busy share in millionths, ``idle_now`` ms of idleness under way included; 0 for who has done nothing."""
        whole = self.busy + self.idle + idle_now
        return self.busy * 1_000_000 // whole if whole else 0
