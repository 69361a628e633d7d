"""What pacing has learnt, kept for the next process and the next day: how much of it still counts after a while.

Evidence, not truth. The answer rate of the last minutes is nothing any more after some of them: the list and the hour are others.
The shapes (when lines are answered, how long calls last) hold for longer and fade by the day, so that a new list or another
season is believed after as many calls as it takes. What fades is how much was seen, never what: a figure gone over night would
be a guess again, and the doubt that pacing reckons with follows from how much was seen.
"""

from dataclasses import dataclass, fields, replace
from typing import Final

from callside.dialer.pacing.model import Memory
from callside.kernel.ids import CampaignId

_SHAPES_HALF_MS: Final = 24 * 3_600_000
_LATELY_HALF_MS: Final = 60_000
_DAY_APART_MS: Final = 4 * 3_600_000
"""After so long a pause the limit is looked for anew: where it ended is what the end of a shift asked for."""
_MOST: Final = 1e9
_FARTHEST: Final = 20.0


@dataclass(frozen=True, slots=True)
class CampaignMemory:
    """What a campaign's pacing had learnt at a moment (wall ms)."""

    campaign_id: CampaignId
    at: int
    memory: Memory


def aged(memory: Memory, passed_ms: int) -> Memory:
    """What still counts of it so many milliseconds later; nothing of what cannot have been learnt."""
    if not is_sound(memory):
        return Memory()
    passed = max(0, passed_ms)
    shapes, lately = (0.5 ** (passed / half) for half in (_SHAPES_HALF_MS, _LATELY_HALF_MS))
    is_new_shift = passed >= _DAY_APART_MS
    return replace(
        memory,
        answered=_times(memory.answered, shapes),
        failed=_times(memory.failed, shapes),
        ringing_s=_times(memory.ringing_s, shapes),
        talk_ends=_times(memory.talk_ends, shapes),
        talk_s=_times(memory.talk_s, shapes),
        wrap_ends=_times(memory.wrap_ends, shapes),
        wrap_s=_times(memory.wrap_s, shapes),
        wraps=(memory.wraps[0] * shapes, memory.wraps[1] * shapes),
        recent=(memory.recent[0] * lately, memory.recent[1] * lately),
        caution=None if is_new_shift else memory.caution,
        steered=0.0 if is_new_shift else memory.steered,
    )


def is_sound(memory: Memory) -> bool:
    """Whether these can be figures that were learnt: counts and times not below zero, none beyond all measure."""
    counts = [one for each in fields(memory) if isinstance(held := getattr(memory, each.name), tuple) for one in held]
    caution = memory.caution
    return all(0 <= one <= _MOST for one in (*counts, memory.steered)) and (
        caution is None or abs(caution) <= _FARTHEST
    )


def _times(values: tuple[float, ...], factor: float) -> tuple[float, ...]:
    return tuple(value * factor for value in values)
