"""Time zones by name, and the instants at which their clocks are changed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from callside.kernel.errors import InvalidFieldError

DAY_MS = 24 * 60 * 60 * 1000
_LONGEST_NAME = 64


def read_zone(name: str, *, field: str = "zone") -> ZoneInfo:
    """The time zone of an IANA name.

    Args:
        name: E.g. ``"Europe/London"``.
        field: Named in the error.

    Raises:
        InvalidFieldError: There is no zone of that name.
    """
    try:
        if len(name) > _LONGEST_NAME:
            raise ValueError(name[:_LONGEST_NAME])
        return ZoneInfo(name)
    except (
        ZoneInfoNotFoundError,
        ValueError,
        OSError,
    ):  # a folder of the database, or a name with "..", is no zone either
        msg = f"{field}: there is no such time zone; write an IANA name like Europe/London"
        raise InvalidFieldError(msg, field=field) from None


def offset_s(zone: ZoneInfo, instant_ms: int) -> int:
    """How far ahead of UTC the clocks of a zone are at an instant (ms since 1970, UTC), in seconds."""
    local = datetime.fromtimestamp(instant_ms // 1000, UTC).astimezone(zone)
    return int((local.utcoffset() or timedelta()).total_seconds())


def offset_changes(zone: ZoneInfo, start_ms: int, end_ms: int, step_ms: int = DAY_MS) -> list[int]:
    """The instants after ``start_ms``, up to ``end_ms``, from which on another offset holds, in order.

    Clocks are looked at once every ``step_ms``; where the offset differs, the second is found by halving. Two changes within one
    step that cancel out are not seen: real zones keep an offset for weeks.
    """
    found: list[int] = []
    before_ms, before = start_ms, offset_s(zone, start_ms)
    while before_ms < end_ms:
        after_ms = min(before_ms + step_ms, end_ms)
        after = offset_s(zone, after_ms)
        if after != before:
            found.append(_first_with(zone, before_ms, after_ms, before))
        before_ms, before = after_ms, after
    return found


def _first_with(zone: ZoneInfo, low_ms: int, high_ms: int, old: int) -> int:
    low, high = low_ms // 1000, -(-high_ms // 1000)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset_s(zone, middle * 1000) == old else (low, middle)
    return high * 1000
