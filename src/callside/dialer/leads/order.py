"""In which order leads come: within a list, and from several lists side by side."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar

T = TypeVar("T")
_SCALE: Final = 1000
_WORD_BYTES: Final = 7
_LARGEST: Final = 2**53
LAST: Final = 2**62
"""Where a lead stands whose column is empty: behind all others in ascending order."""


def order_key(text: str) -> int:
    """A whole number that sorts like the column's text: numbers by value, ISO dates by time, words by their beginning."""
    text = text.strip()
    if not text:
        return LAST
    for read in (_number, _date):
        found = read(text)
        if found is not None:
            return found
    start = text.casefold().encode("utf-8", "replace")[:_WORD_BYTES]
    return int.from_bytes(start.ljust(_WORD_BYTES, b"\0")) + _LARGEST


def mixed(sources: Sequence[tuple[int, Sequence[T]]], limit: int) -> list[T]:
    """At most ``limit`` things, taken from sources by their weights, evenly spread; each source keeps its own order.

    Whenever a source runs out the others share its part. Proportions show from ``sum of weights`` things on.
    """
    waiting = [(weight, list(reversed(things))) for weight, things in sources]
    credit = [0] * len(waiting)
    found: list[T] = []
    while len(found) < limit:
        alive = [index for index, (_, things) in enumerate(waiting) if things]
        if not alive:
            break
        for index in alive:
            credit[index] += waiting[index][0]
        chosen = max(alive, key=lambda index: (credit[index], -index))
        credit[chosen] -= sum(waiting[index][0] for index in alive)
        found.append(waiting[chosen][1].pop())
    return found


def share(weight: int, weights: int, limit: int) -> int:
    """How many of ``limit`` a source of this weight gives, rounded up."""
    return -(-limit * weight // weights)


def _number(text: str) -> int | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return round(value * _SCALE) if abs(value) < _LARGEST / _SCALE else None


def _date(text: str) -> int | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return round((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * _SCALE)
