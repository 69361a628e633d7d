"""When a queue's customers may be called back: its hours for callbacks, or at any time."""

from dataclasses import dataclass

from callside.acd.model import CallbackOffer
from callside.floor.ground import Ground
from callside.kernel.zones import DAY_MS
from callside.reception.calendar import LOOK_AHEAD_DAYS, next_change, next_open
from callside.reception.model import OpeningHours
from callside.reception.rules import is_open


@dataclass(frozen=True, slots=True)
class CallWindow:
    """At one moment (wall ms each).

    Attributes:
        opens: Shut until then; 0: it is open.
        shuts: Open until then; 0: nothing is known of an end, or it is shut.
    """

    opens: int = 0
    shuts: int = 0


def hours_of(ground: Ground, offer: CallbackOffer) -> OpeningHours | None:
    """The hours; ``None``: at any time."""
    return ground.directory.hours.get(offer.hours_id) if offer.hours_id is not None else None


def window_of(ground: Ground, offer: CallbackOffer, at: int) -> CallWindow:
    """The window at ``at`` (wall ms). Hours that do not open in the next 60 days are looked at again after them."""
    hours = hours_of(ground, offer)
    if hours is None:
        return CallWindow()
    if is_open(hours, at):
        return CallWindow(shuts=next_change(hours, at) or 0)
    return CallWindow(opens=next_open((hours,), at) or at + LOOK_AHEAD_DAYS * DAY_MS)
