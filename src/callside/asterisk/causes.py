"""Why a leg ended: from Q.850 causes and SIP statuses to the field's words."""

from typing import Final

from callside.calls.model import Cause

_BY_SIP: Final = {
    403: Cause.REJECTED,
    404: Cause.UNALLOCATED,
    408: Cause.NO_ANSWER,
    410: Cause.UNALLOCATED,
    480: Cause.NO_ANSWER,
    484: Cause.UNALLOCATED,
    486: Cause.BUSY,
    487: Cause.CANCELLED,
    503: Cause.CONGESTION,
    600: Cause.BUSY,
    603: Cause.REJECTED,
    604: Cause.UNALLOCATED,
}
_BY_Q850: Final = {
    1: Cause.UNALLOCATED,
    16: Cause.NORMAL,
    17: Cause.BUSY,
    18: Cause.NO_ANSWER,
    19: Cause.NO_ANSWER,
    21: Cause.REJECTED,
    28: Cause.UNALLOCATED,
    34: Cause.CONGESTION,
    42: Cause.CONGESTION,
}


def cause_of(q850: int, sip: int | None, *, answered: bool, hang_up_asked: bool) -> Cause:
    """Name the end of a leg.

    Args:
        q850: Hang-up cause (ITU-T Q.850 table 1).
        sip: Status of the far side's final answer, where it gave one; says more than the cause that was mapped from it.
        answered: The leg was up: how it then ended is normal, or a failure.
        hang_up_asked: We asked for the end.
    """
    if answered:
        return Cause.NORMAL if hang_up_asked or q850 in {0, 16, 127} else _BY_Q850.get(q850, Cause.FAILED)
    if hang_up_asked:
        return Cause.CANCELLED
    if sip in _BY_SIP:
        return _BY_SIP[sip]
    return _BY_Q850.get(q850, Cause.FAILED)
