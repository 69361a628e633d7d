"""Folding stored facts into figures, page by page: memory holds one page and the figures, however long the time."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

import structlog

from callside.exchange.ports import CallRecords
from callside.floor.facts import Fact
from callside.floor.missed import UNAVAILABLE
from callside.kernel.errors import CallsideError
from callside.kernel.ids import TenantId
from callside.reporting.day import Today
from callside.reporting.figures import Figures

_log = structlog.get_logger(__name__)
_PAGE: Final = 500
_LONGEST_TAIL_MS: Final = 6 * 3_600_000
"""So long after the end of the time asked for, calls that arrived in it are followed to their ends."""
_LONGEST_SESSION_MS: Final = 12 * 3_600_000
"""And so long what people did in it: no state outlasts its session."""


async def facts_from(
    records: CallRecords, tenant_id: TenantId, since: int, up_to: int | None = None
) -> AsyncIterator[Sequence[Fact]]:
    """Pages of the facts from ``since`` (wall ms) on, in their order; ``up_to``: the number of the last one wanted."""
    after: int | None = None
    while page := await records.facts_since(tenant_id, since, after=after, limit=_PAGE):
        after = page[-1][0]
        yield [fact for number, fact in page if up_to is None or number <= up_to]
        if len(page) < _PAGE or (up_to is not None and after >= up_to):
            return


async def figures_between(
    records: CallRecords, tenant_id: TenantId, figures: Figures, *, people: bool = False
) -> Figures:
    """Count what is on disk of a time that may be over; ``figures`` says which (its ``until`` is not open).

    ``people``: their time is asked for too. A state is on record when it ends, so one that began in this time may be told of much
    later, and nothing before says that it is still to come.
    """
    since, until = figures.since, figures.until or figures.since
    for late in await records.unavailable(tenant_id, since, until):
        figures.take(late)
    tail_ms = _LONGEST_SESSION_MS if people else _LONGEST_TAIL_MS
    async for page in facts_from(records, tenant_id, since):
        for fact in page:
            if fact.kind != UNAVAILABLE:
                figures.take(fact)
        last = page[-1].at.wall
        if last >= until + tail_ms or (last >= until and not people and figures.is_settled()):
            break
    return figures


async def recount(records: CallRecords, tenant_id: TenantId, today: Today, wall: int, newest: int) -> None:
    """Count the day's facts up to the number ``newest``, then those that happened meanwhile."""
    complete = False
    try:
        async for page in facts_from(records, tenant_id, today.at(wall).since, newest):
            today.recount(page)
        complete = True
    except CallsideError as error:
        _log.error("figures.not_recounted", tenant_id=tenant_id, error=error.message)
    finally:
        today.end_recount(is_complete=complete)
