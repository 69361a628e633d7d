"""How often "machine" verdicts are wrong: a sample of them goes to an agent all the same, who says what it really was."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from typing import Final

from callside.kernel.ids import CallId, CampaignId

FEWEST: Final = 100
"""With fewer samples nothing is measured. From here on the bound of a clean record (3.7 %) is below the usual assumption of 5 %."""
MOST: Final = 500
"""Only so many samples count, the newest: what detection was like long ago says nothing of it now."""
OLDEST_MS: Final = 90 * 24 * 3_600_000
"""Nor does a sample that is older."""
_Z: Final = 1.959964
"""Of the two-sided 95 % interval."""


@dataclass(frozen=True, slots=True)
class MachineSample:
    """What an agent said of one call that detection took for a machine.

    Attributes:
        at: When the agent was done with it, wall ms.
        was_person: Detection was wrong.
    """

    campaign_id: CampaignId
    call_id: CallId
    at: int
    was_person: bool


@dataclass(frozen=True, slots=True)
class Sampled:
    """What was found among ``count`` samples."""

    persons: int = 0
    count: int = 0

    @property
    def share(self) -> float | None:
        """Persons among the samples, 0 to 1; ``None`` where there are none."""
        return self.persons / self.count if self.count else None

    @property
    def upper(self) -> float:
        """The share is hardly higher than this."""
        return wilson_upper(self.persons, self.count)

    @property
    def rate(self) -> float | None:
        """What a report reckons with: the upper bound, so that few samples flatter nobody; ``None``: too few to say."""
        return self.upper if self.count >= FEWEST else None


NOTHING_SAMPLED: Final = Sampled()


class Samples:
    """The samples of one campaign that count: the newest, none of them too old. One more costs the same however many there are."""

    def __init__(self, samples: Iterable[MachineSample] = ()) -> None:
        self._kept: deque[MachineSample] = deque()
        self._persons = 0
        for sample in samples:
            self.add(sample)

    def add(self, sample: MachineSample) -> None:
        """One more; they come in the order in which they were said."""
        self._kept.append(sample)
        self._persons += sample.was_person
        if len(self._kept) > MOST:
            self._drop()

    def at(self, wall_ms: int) -> Sampled:
        """What is known at this instant."""
        while self._kept and self._kept[0].at < wall_ms - OLDEST_MS:
            self._drop()
        return Sampled(self._persons, len(self._kept))

    def _drop(self) -> None:
        self._persons -= self._kept.popleft().was_person


def wilson_upper(hits: int, count: int, z: float = _Z) -> float:
    """Upper end of Wilson's score interval for a share of which ``hits`` of ``count`` were seen; 1 where nothing was.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927. Unlike the usual
    normal interval it is good for few samples and for none that hit.
    """
    if not count:
        return 1.0
    share, square = hits / count, z * z
    middle = share + square / (2 * count)
    half = z * sqrt(share * (1 - share) / count + square / (4 * count * count))
    return min(1.0, (middle + half) / (1 + square / count))
