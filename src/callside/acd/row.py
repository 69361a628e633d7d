"""The order of waiting calls: nearly all come in order, and nearly always the first is the next to leave."""

from collections import deque
from heapq import heapify, heappop, heappush

import msgspec

from callside.kernel.ids import CallId


class CallEntry(msgspec.Struct, order=True, gc=False):
    """A call's place in a row, compared field by field.

    Attributes:
        serial: Settles the order of those whose key and tie are the same: by arrival in this row.
        group: The number of the group that the row belongs to (no reference: entries are unknown to the garbage collector).
        gone: The call waits here no longer; the entry is skipped when it comes up.
    """

    key: int
    tie: int
    serial: int
    call_id: CallId
    group: int
    gone: bool = False


class Row:
    """Calls by (key, tie, arrival here). Whoever comes in order is put at the end, whoever belongs further ahead into a heap.

    So a call that comes, or that leaves from the front, costs O(1): a heap of thousands would be looked at all the way down,
    at entries that no cache holds any more. Dead entries are cleared away when they outnumber the living.
    """

    __slots__ = ("_early", "_in_order", "_serial", "first", "living")

    def __init__(self) -> None:
        self._in_order: deque[CallEntry] = deque()
        self._early: list[CallEntry] = []
        self._serial = 0
        self.first: CallEntry | None = None
        """Whose turn it is."""
        self.living = 0
        """How many wait. Both are only to be looked at (attributes, because every step asks for them)."""

    def add(self, call_id: CallId, key: int, tie: int, group: int) -> CallEntry:
        """Take a place. The call is not here yet."""
        self._serial = serial = self._serial + 1
        self.living += 1
        entry = CallEntry(key, tie, serial, call_id, group)
        in_order, first = self._in_order, self.first
        if not in_order or in_order[-1] < entry:
            in_order.append(entry)
        else:
            heappush(self._early, entry)
        if first is None or entry < first:
            self.first = entry
        return entry

    def withdraw(self, entry: CallEntry) -> None:
        """Give the place up, which is this row's and not given up yet."""
        entry.gone = True
        self.living -= 1
        if entry is self.first:
            self._step_up()
        elif len(self._in_order) + len(self._early) > _FEWEST_DEAD + 2 * self.living:
            self._compact()

    def entries(self) -> list[CallEntry]:
        """Of all who wait, in no order."""
        return [one for entries in (self._in_order, self._early) for one in entries if not one.gone]

    def _step_up(self) -> None:
        in_order, early = self._in_order, self._early
        while in_order and in_order[0].gone:
            in_order.popleft()
        first = in_order[0] if in_order else None
        if early:
            while early and early[0].gone:
                heappop(early)
            if early and (first is None or early[0] < first):
                first = early[0]
        self.first = first

    def _compact(self) -> None:
        self._in_order = deque(one for one in self._in_order if not one.gone)
        self._early = [one for one in self._early if not one.gone]
        heapify(self._early)


_FEWEST_DEAD = 32
