"""The abandonment ledger, and what calls that were made say of a number."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import BigInteger, and_, bindparam, case, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from callside.calls.model import Direction
from callside.dialer.laws.ledger import Answered, Detected, LedgerEntry, Outcome
from callside.dialer.laws.line_rules import NumberHistory
from callside.dialer.laws.sampling import MachineSample
from callside.exchange.dnc_port import EVERYWHERE
from callside.kernel.ids import CallId, CampaignId, TenantId
from callside.store.connection import Connection, Row, Values
from callside.store.encoding import to_json
from callside.store.query import Query
from callside.store.tables import CDRS, DNC_LISTS, LEDGER, MACHINE_SAMPLES

_DAY_MS: Final = 24 * 3_600_000
_WEEK_MS: Final = 7 * _DAY_MS
_LONGEST_HOLD_MS: Final = 31 * _DAY_MS
_FIELDS: Final = tuple(column.name for column in LEDGER.c if column.name != "tenant_id")
_mine = LEDGER.c.tenant_id == bindparam("tenant")
_since = LEDGER.c.answered_at >= bindparam("since", type_=BigInteger)
_ADD: Final = Query(insert(LEDGER).on_conflict_do_nothing(index_elements=["tenant_id", "call_id"]))
_ENTRIES: Final = Query(
    select(*(LEDGER.c[name] for name in _FIELDS))
    .where(
        _mine,
        LEDGER.c.campaign_id == bindparam("campaign"),
        _since,
        LEDGER.c.answered_at < bindparam("before", type_=BigInteger),
    )
    .order_by(LEDGER.c.answered_at, LEDGER.c.call_id)
)
_OUTCOMES: Final = Query(
    select(LEDGER.c.campaign_id, LEDGER.c.outcome, func.count())
    .where(_mine, _since)
    .group_by(LEDGER.c.campaign_id, LEDGER.c.outcome)
)
_ADD_SAMPLE: Final = Query(insert(MACHINE_SAMPLES).on_conflict_do_nothing(index_elements=["tenant_id", "call_id"]))
_SAMPLES: Final = Query(
    select(MACHINE_SAMPLES.c.call_id, MACHINE_SAMPLES.c.said_at, MACHINE_SAMPLES.c.was_person)
    .where(
        MACHINE_SAMPLES.c.tenant_id == bindparam("tenant"),
        MACHINE_SAMPLES.c.campaign_id == bindparam("campaign"),
        MACHINE_SAMPLES.c.said_at >= bindparam("since", type_=BigInteger),
    )
    .order_by(MACHINE_SAMPLES.c.said_at.desc(), MACHINE_SAMPLES.c.call_id.desc())
    .limit(bindparam("most", type_=BigInteger))
)
_LAST: Final = Query.of_list(
    "numbers",
    lambda given: (
        select(LEDGER.c.number, LEDGER.c.outcome, func.max(LEDGER.c.answered_at))
        .select_from(given.join(LEDGER, and_(LEDGER.c.number == given.c.value, _since)))
        .where(_mine)
        .group_by(LEDGER.c.number, LEDGER.c.outcome)
    ),
)
_today = case((CDRS.c.started_at >= bindparam("day", type_=BigInteger), 1), else_=0)
_ATTEMPTS: Final = Query.of_list(
    "numbers",
    lambda given: (
        select(CDRS.c.customer_number, func.count(), func.sum(_today))
        .select_from(
            given.join(
                CDRS,
                and_(
                    CDRS.c.customer_number == given.c.value,
                    CDRS.c.ended_at >= bindparam("since", type_=BigInteger),
                    CDRS.c.direction == bindparam("direction"),
                    CDRS.c.went_out == 1,
                ),
            )
        )
        .where(CDRS.c.tenant_id == bindparam("tenant"))
        .group_by(CDRS.c.customer_number)
    ),
)
_SCRUBBED: Final = Query(
    select(func.max(DNC_LISTS.c.scrubbed_at)).where(
        or_(DNC_LISTS.c.tenant_id == bindparam("tenant"), DNC_LISTS.c.tenant_id == bindparam("everywhere")),
        or_(DNC_LISTS.c.campaign_id.is_(None), DNC_LISTS.c.campaign_id == bindparam("campaign")),
    )
)
_LAST_FIELDS: Final = {Outcome.ABANDONED.value: "last_abandoned_at", Outcome.MACHINE.value: "last_machine_at"}


async def add(connection: Connection, tenant_id: TenantId, entries: Sequence[LedgerEntry]) -> None:
    """Keep entries; one of a call that has one already changes nothing."""
    for entry in entries:
        await connection.execute(_ADD, {**_values(entry), "tenant_id": tenant_id})


async def add_samples(connection: Connection, tenant_id: TenantId, samples: Sequence[MachineSample]) -> None:
    """Keep samples; one of a call that has one already changes nothing."""
    for one in samples:
        values: Values = {"call_id": one.call_id, "campaign_id": one.campaign_id, "said_at": one.at}
        await connection.execute(_ADD_SAMPLE, {**values, "was_person": int(one.was_person), "tenant_id": tenant_id})


async def samples(
    connection: Connection, tenant_id: TenantId, campaign_id: CampaignId, since: int, most: int
) -> Sequence[MachineSample]:
    """The newest of a campaign, oldest first."""
    values: Values = {"tenant": tenant_id, "campaign": campaign_id, "since": since, "most": most}
    rows = await connection.fetch_all(_SAMPLES, values)
    return [MachineSample(campaign_id, CallId(call), int(at), bool(person)) for call, at, person in reversed(rows)]


async def of_campaign(
    connection: Connection, tenant_id: TenantId, campaign_id: CampaignId, since: int, before: int
) -> Sequence[LedgerEntry]:
    """A campaign's entries of a span of time, oldest first."""
    values: Values = {"tenant": tenant_id, "campaign": campaign_id, "since": since, "before": before}
    return [_entry(row) for row in await connection.fetch_all(_ENTRIES, values)]


async def outcomes(connection: Connection, tenant_id: TenantId, since: int) -> Mapping[CampaignId, Mapping[str, int]]:
    """Counts by campaign and outcome."""
    found: dict[CampaignId, dict[str, int]] = {}
    for campaign_id, outcome, count in await connection.fetch_all(_OUTCOMES, {"tenant": tenant_id, "since": since}):
        found.setdefault(CampaignId(campaign_id), {})[outcome] = int(count)
    return found


async def histories(
    connection: Connection, tenant_id: TenantId, campaign_id: CampaignId | None, numbers: Sequence[str], at: int
) -> Mapping[str, NumberHistory]:
    """What is known of the numbers."""
    known: dict[str, dict[str, int]] = {number: {} for number in numbers}
    if not known:
        return {}
    base: Values = {"tenant": tenant_id, "numbers": to_json(list(known))}
    for number, outcome, last in await connection.fetch_all(_LAST, {**base, "since": at - _LONGEST_HOLD_MS}):
        if outcome in _LAST_FIELDS:
            known[number][_LAST_FIELDS[outcome]] = int(last)
    made: Values = {**base, "since": at - _WEEK_MS, "day": at - _DAY_MS, "direction": Direction.OUTBOUND.value}
    for number, week, day in await connection.fetch_all(_ATTEMPTS, made):
        known[number] |= {"attempts_week": int(week), "attempts_today": int(day)}
    scope: Values = {"tenant": tenant_id, "everywhere": EVERYWHERE, "campaign": campaign_id or ""}
    row = await connection.fetch_one(_SCRUBBED, scope)
    scrubbed = None if row is None or row[0] is None else int(row[0])
    return {number: _history(fields, scrubbed) for number, fields in known.items()}


def _history(fields: Mapping[str, int], scrubbed: int | None) -> NumberHistory:
    return NumberHistory(
        last_abandoned_at=fields.get("last_abandoned_at"),
        last_machine_at=fields.get("last_machine_at"),
        attempts_today=fields.get("attempts_today", 0),
        attempts_week=fields.get("attempts_week", 0),
        dnc_scrubbed_at=scrubbed,
    )


def _values(entry: LedgerEntry) -> Values:
    answered = entry.answered
    return {
        "call_id": entry.call_id,
        "campaign_id": entry.campaign_id,
        "lead_id": entry.lead_id,
        "number": entry.number,
        "answered_at": answered.answered_at,
        "greeting_end_at": answered.greeting_end_at,
        "agent_at": answered.agent_at,
        "message_at": answered.message_at,
        "left_at": answered.left_at,
        "detected": answered.detected.value,
        "outcome": entry.outcome.value,
        "profile": entry.profile,
    }


def _entry(row: Row) -> LedgerEntry:
    values = dict(zip(_FIELDS, row, strict=True))
    moments = ("answered_at", "greeting_end_at", "agent_at", "message_at", "left_at")
    answered = Answered(**{name: values[name] for name in moments}, detected=Detected(values["detected"]))
    return LedgerEntry(
        CampaignId(values["campaign_id"]),
        CallId(values["call_id"]),
        values["lead_id"],
        values["number"],
        answered,
        Outcome(values["outcome"]),
        values["profile"],
    )
