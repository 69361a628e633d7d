"""Callers who came and went without us, mostly while nobody of ours listened: each gets its record, as any other call."""

from typing import Final

from callside.calls.model import Cause, Cdr, Direction, Party
from callside.calls.rules import arrival_id, caller_number, clean_caller
from callside.floor.facts import Fact
from callside.floor.ground import Ground
from callside.floor.missed_events import CallersMissed, MissedCaller
from callside.kernel.clock import Moment
from callside.kernel.ids import CallId, QueueId
from callside.reception.model import Target
from callside.reception.rules import Route, route

UNAVAILABLE: Final = "call.unavailable"
"""The one fact of such a call. It tells of a time that was over when it was written, at which it counts in figures."""


def callers_missed(ground: Ground, event: CallersMissed) -> None:
    """Put them on record. One whose call the floor has is left to it; whoever is on record already must not be told again."""
    for caller in event.callers:
        call_id = arrival_id(caller.leg_id, caller.our_number)
        if call_id not in ground.calls and caller.leg_id not in ground.call_legs:
            _put_on_record(ground, call_id, caller)


def _put_on_record(ground: Ground, call_id: CallId, caller: MissedCaller) -> None:
    sent = clean_caller(caller.number)
    number = caller_number(sent, ground.directory.tenant.region)
    way = route(ground.directory.plan, caller.our_number, caller.number, caller.came_at, number)
    queue_id = _queue_of(ground, way)
    lasted_ms = max(0, caller.went_at - caller.came_at)
    cause, by = _cause_of(way, caller), Party.SYSTEM if caller.given_up else Party.CUSTOMER
    came = Moment(ground.now.mono - (ground.now.wall - caller.came_at), caller.came_at)
    detail = {"queue_id": queue_id, "why": way.why, "cause": cause, "hung_up_by": by, "lasted_ms": lasted_ms}
    ground.record.facts.append(Fact(UNAVAILABLE, ground.tenant_id, came, None, None, call_id, detail))
    cdr = Cdr(
        call_id=call_id,
        tenant_id=ground.tenant_id,
        direction=Direction.INBOUND,
        customer_number=number,
        customer_name="",
        our_number=clean_caller(caller.our_number),
        queue_id=queue_id,
        campaign_id=None,
        agent_id=None,
        session_id=None,
        started_at=caller.came_at,
        answered_at=None,
        ended_at=caller.came_at + lasted_ms,
        duration_ms=lasted_ms,
        wait_ms=lasted_ms,
        ring_ms=0,
        talk_ms=0,
        hold_ms=0,
        cause=cause,
        hung_up_by=by,
        sent_number=sent if sent != number else "",
    )
    ground.record.cdrs += (cdr,)


def _queue_of(ground: Ground, way: Route) -> QueueId | None:
    """The queue that the number leads to. Where it leads to a menu nobody knows what they would have chosen."""
    there = way.destination
    if there is None or there.kind is not Target.QUEUE or QueueId(there.id) not in ground.directory.queues:
        return None
    return QueueId(there.id)


def _cause_of(way: Route, caller: MissedCaller) -> Cause:
    """As if we had been there, of those whom nobody would have answered."""
    if way.destination is None:
        return Cause.UNALLOCATED
    if way.destination.kind is Target.BLOCK:
        return Cause.REJECTED
    return Cause.ABANDONED if caller.at_once else Cause.SYSTEM_UNAVAILABLE
