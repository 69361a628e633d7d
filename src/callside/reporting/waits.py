"""How long callers waited: a distribution in bounded memory."""

import math
from collections import Counter
from typing import Final

_GRAIN_MS: Final = 100


class Waits:
    """Counts of waits by tenth of a second, rounded up: what is asked of whole tenths is answered exactly.

    Rounding up keeps a wait of exactly 20 s within 20 s and one of 20.001 s out of it, so every service level and every
    short-abandon rule can be asked afterwards; nothing is fixed when the call is counted.
    """

    __slots__ = ("_by_tenth", "count", "total_ms")

    def __init__(self) -> None:
        self._by_tenth: Counter[int] = Counter()
        self.count = 0
        self.total_ms = 0

    def add(self, wait_ms: int) -> None:
        """One more call."""
        self._by_tenth[-(-wait_ms // _GRAIN_MS)] += 1
        self.count += 1
        self.total_ms += wait_ms

    def within(self, limit_ms: int) -> int:
        """How many waited at most ``limit_ms`` (a whole tenth of a second)."""
        last = limit_ms // _GRAIN_MS
        return sum(count for tenth, count in self._by_tenth.items() if tenth <= last)

    def quantile_ms(self, share: float) -> int | None:
        """The wait that ``share`` of the calls did not exceed (nearest rank), to a tenth of a second."""
        rank = max(1, math.ceil(share * self.count))
        for tenth in sorted(self._by_tenth):
            rank -= self._by_tenth[tenth]
            if rank <= 0:
                return tenth * _GRAIN_MS
        return None

    def mean_ms(self) -> int | None:
        """The mean, in whole milliseconds."""
        return round(self.total_ms / self.count) if self.count else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Waits) and (self._by_tenth, self.total_ms) == (other._by_tenth, other.total_ms)

    __hash__ = None  # type: ignore[assignment]
