"""What an agent has done lately: the standing that fairness goes by (research: dialer-acd.md §4.1)."""

from collections import deque
from typing import Final

WINDOW_MS: Final = 3_600_000
"""Rolling, not since login: whoever logs in late is not flooded for the rest of the day, whoever logs in early not spared."""
_SLICE_MS: Final = 60_000


class Workload:
    """Busy, idle and talking time (ms) and calls of about the last hour.

    Sums since the beginning, less what they were when the window began: known by the minute, so that it stays small. Minutes
    are tuples, which the garbage collector lets go when it has seen them once: an hour of 10,000 agents is 600,000.
    """

    __slots__ = ("_before", "_busy", "_calls", "_idle", "_minute", "_starts", "_talk")

    def __init__(self) -> None:
        self._busy = self._idle = self._talk = self._calls = 0
        self._minute = -1
        self._starts: deque[tuple[int, int, int, int, int]] = deque()
        """Minutes with something in them: number, and the sums when it began."""
        self._before = (0, 0, 0, 0, 0)
        """The first of them that is in the window."""

    def add(self, now: int, *, busy: int = 0, idle: int = 0, talk: int = 0, calls: int = 0) -> None:
        """Something has ended now. It counts whole until the window has left its end behind."""
        if now // _SLICE_MS != self._minute:
            self._minute = now // _SLICE_MS
            self._starts.append((self._minute, self._busy, self._idle, self._talk, self._calls))
            self.forget(now)
        self._busy += busy
        self._idle += idle
        self._talk += talk
        self._calls += calls

    def forget(self, now: int) -> None:
        """Leave out what has fallen out of the window."""
        starts, oldest = self._starts, (now - WINDOW_MS) // _SLICE_MS
        while starts and starts[0][0] < oldest:
            starts.popleft()
        self._before = starts[0] if starts else (0, self._busy, self._idle, self._talk, self._calls)

    @property
    def talk(self) -> int:
        """Time spent talking."""
        return self._talk - self._before[3]

    @property
    def calls(self) -> int:
        """Calls had."""
        return self._calls - self._before[4]

    def occupancy(self, idle_now: int = 0) -> int:
        """Busy share in millionths, ``idle_now`` ms of idleness under way included; 0 for who has done nothing."""
        busy = self._busy - self._before[1]
        whole = busy + self._idle - self._before[2] + idle_now
        return busy * 1_000_000 // whole if whole else 0
