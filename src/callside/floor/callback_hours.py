"""When a queue's customers may be called back: its hours for callbacks, or at any time."""

from dataclasses import dataclass

from callside.acd.model import CallbackOffer
from callside.floor.ground import Ground
from callside.floor.live import LiveCall
from callside.kernel.zones import DAY_MS
from callside.reception.calendar import LOOK_AHEAD_DAYS, next_change, next_open, open_between
from callside.reception.model import OpeningHours
from callside.reception.rules import digits_of, is_open


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


def owed_ms(ground: Ground, offer: CallbackOffer, kept: LiveCall) -> int:
    """How long the customer has been owed the call: since they came to the queue, in hours in which they may be called alone.

    Without hours for callbacks it is the opening hours of the number that they called; where that has none, all time counts.
    """
    since = kept.queued or kept.started
    hours = hours_of(ground, offer) or _hours_of_number(ground, kept.our_number)
    if hours is None:
        return since.elapsed_until(ground.now)
    return open_between(hours, since.wall, ground.now.wall)


def _hours_of_number(ground: Ground, our_number: str) -> OpeningHours | None:
    plan = ground.directory.plan
    number = plan.numbers.get(digits_of(our_number))
    return plan.hours.get(number.hours_id) if number is not None and number.hours_id is not None else None
