"""Do-not-call lists: the installation's (``tenant_id`` empty), a tenant's, a campaign's."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import BigInteger, bindparam, or_, select
from sqlalchemy.dialects.postgresql import insert

from callside.dialer.leads.model import Blocked
from callside.exchange.dnc_port import EVERYWHERE
from callside.kernel.ids import CampaignId, TenantId
from callside.store.connection import Connection, Values
from callside.store.encoding import key_of, to_json
from callside.store.query import Query, values_of
from callside.store.tables import DNC_ENTRIES, DNC_LISTS

OWN: Final = "own"
"""Id of the list that opt-outs go to; of a campaign's with the campaign's id behind it."""
_present = or_(DNC_ENTRIES.c.expires_at.is_(None), DNC_ENTRIES.c.expires_at > bindparam("at", type_=BigInteger))
_counts = or_(DNC_ENTRIES.c.tenant_id == bindparam("tenant"), DNC_ENTRIES.c.tenant_id == bindparam("everywhere"))
_BLOCKED: Final = Query.of_list(
    "numbers",
    lambda given: (
        select(DNC_ENTRIES.c.number, DNC_LISTS.c.name, DNC_LISTS.c.campaign_id, DNC_ENTRIES.c.expires_at)
        .select_from(
            DNC_ENTRIES.join(
                DNC_LISTS,
                (DNC_LISTS.c.tenant_id == DNC_ENTRIES.c.tenant_id) & (DNC_LISTS.c.id == DNC_ENTRIES.c.list_id),
            )
        )
        .where(_counts, DNC_ENTRIES.c.number.in_(values_of(given)), _present)
    ),
)
_ENSURE_LIST: Final = Query(insert(DNC_LISTS).on_conflict_do_nothing())
_ADD: Final = Query(insert(DNC_ENTRIES).on_conflict_do_nothing(index_elements=["tenant_id", "number", "list_id"]))


async def blocking(
    connection: Connection, tenant_id: TenantId, numbers: Iterable[str], at: int
) -> Sequence[tuple[str, str, str | None, int | None]]:
    """Entries that count at this moment: number, name of the list, its campaign, when the entry ends."""
    given = list(dict.fromkeys(numbers))
    if not given:
        return []
    values: Values = {"tenant": tenant_id, "everywhere": EVERYWHERE, "numbers": to_json(given), "at": at}
    return [(row[0], row[1], row[2], row[3]) for row in await connection.fetch_all(_BLOCKED, values)]


async def blocked(
    connection: Connection, tenant_id: TenantId, campaign_id: CampaignId | None, numbers: Collection[str], at: int
) -> Mapping[str, str]:
    """Those that must not be called for this campaign, each with a list it is on."""
    found = await blocking(connection, tenant_id, numbers, at)
    return {number: name for number, name, campaign, _ in found if campaign is None or campaign == campaign_id}


def free_from(
    entries: Iterable[tuple[str, str, str | None, int | None]], campaign_id: str | None
) -> dict[str, int | None]:
    """Of the numbers on lists that count for this campaign: when each may be called again; ``None``: never."""
    found: dict[str, int | None] = {}
    for number, _, campaign, end in entries:
        if campaign is None or campaign == campaign_id:
            known = found.get(number, 0)
            found[number] = None if end is None or known is None else max(known, end)
    return found


async def opt_out(connection: Connection, tenant_id: TenantId, entries: Sequence[Blocked]) -> None:
    """Put numbers on the tenant's or the campaign's own list; one that is there stays as it is."""
    for entry in entries:
        list_id = OWN if entry.campaign_id is None else f"{OWN}-{entry.campaign_id}"
        name = "Opt-outs" if entry.campaign_id is None else f"Opt-outs of campaign {entry.campaign_id}"
        values: Values = {"tenant_id": tenant_id, "id": list_id, "name": name, "name_key": key_of(name)}
        await connection.execute(_ENSURE_LIST, {**values, "campaign_id": entry.campaign_id, "scrubbed_at": None})
        row: Values = {"tenant_id": tenant_id, "number": entry.number, "list_id": list_id, "added_at": entry.at}
        await connection.execute(_ADD, {**row, "expires_at": None, "reason": entry.reason})
