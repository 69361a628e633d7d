"""A heap whose entries can be withdrawn: the data structure under all matching (research: dialer-acd.md §4.1)."""

from heapq import heapify, heappop, heappush
from typing import Generic, TypeVar

K = TypeVar("K", bound=str)
_FEWEST_DEAD = 32


class Line(Generic[K]):
    """Ordered by (key, tie, arrival here); whoever is withdrawn leaves a dead entry that is skipped when it comes up.

    ``add`` costs O(log n), ``discard`` O(1): when the dead outnumber the living, all of them are cleared away at once. The heap's
    top is alive after each of them.
    """

    __slots__ = ("_serial", "heap", "valid")

    def __init__(self) -> None:
        self.heap: list[tuple[int, int, int, K]] = []
        """Entries: key, tie, a serial number and who; the first is alive."""
        self.valid: dict[K, int] = {}
        """Everybody who is here. Both are only to be looked at (attributes, because every step asks for them)."""
        self._serial = 0

    def __len__(self) -> int:
        return len(self.valid)

    def __contains__(self, who: K) -> bool:
        return who in self.valid

    def add(self, who: K, key: int, tie: int) -> None:
        """Take a place, or another than before."""
        self._serial += 1
        came_again = who in self.valid
        self.valid[who] = self._serial
        heappush(self.heap, (key, tie, self._serial, who))
        if came_again:
            self._clear_top()

    def discard(self, who: K) -> None:
        """No matter if it is not there."""
        if self.valid.pop(who, None) is None:
            return
        if self.heap[0][3] == who:
            self._clear_top()
        elif len(self.heap) > _FEWEST_DEAD + 2 * len(self.valid):
            self._compact()

    def some(self, count: int) -> list[K]:
        """The first, and up to ``count - 1`` of those near it: the heap's top, in no strict order."""
        return [one for _, _, serial, one in self.heap[: 2 * count] if self.valid.get(one) == serial][:count]

    def all(self) -> list[K]:
        """Everybody, in no order."""
        return list(self.valid)

    def entries(self) -> list[tuple[int, int, int, K]]:
        """Everybody's entry, in no order."""
        return [entry for entry in self.heap if self.valid.get(entry[3]) == entry[2]]

    def _clear_top(self) -> None:
        heap, valid = self.heap, self.valid
        while heap and valid.get(heap[0][3]) != heap[0][2]:
            heappop(heap)

    def _compact(self) -> None:
        self.heap = self.entries()
        heapify(self.heap)
