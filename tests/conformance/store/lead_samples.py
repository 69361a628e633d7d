"""Lists and leads for the tests of stores."""

import itertools
from dataclasses import dataclass

from callside.dialer.leads.model import Lead, LeadList, LeadNumber, LeadProgress
from callside.dialer.leads.rules import RecyclingRules, after_attempt, begin_attempt
from tests.conformance.store.samples import NOW, World

EAST, WEST = "America/New_York", "America/Los_Angeles"
RULES = RecyclingRules()
_count = itertools.count(1)


def lead(*numbers: str, zone_key: str = EAST, **more) -> Lead:
    """With a number of its own where none is named."""
    given = numbers or (f"+1555{next(_count):07d}",)
    return Lead("", "", "", tuple(LeadNumber(number, "", zone_key) for number in given), **more)


@dataclass
class Desk:
    """A tenant's lists, as its floor and its administration use them."""

    world: World

    async def new_list(self, name: str = "People", **more) -> LeadList:
        more.setdefault("campaign_id", self.world.campaign.id)
        return await self.world.store.leads.add_list(LeadList("", self.world.id, name, **more))

    async def add(self, into: LeadList, *leads: Lead) -> list[Lead]:
        ids = await self.world.store.leads.add_leads(self.world.id, into.id, leads)
        return [await self.lead(one) for one in ids]

    async def lead(self, lead_id: str) -> Lead:
        found = await self.world.store.leads.lead(self.world.id, lead_id)
        assert found is not None
        return found

    async def next(self, at: int = NOW, *, zones=(EAST, WEST), agents=(), limit: int = 50) -> list[Lead]:
        found = await self.world.store.leads.next_leads(
            self.world.id, self.world.campaign.id, at, open_zone_keys=frozenset(zones), agent_ids=agents, limit=limit
        )
        return list(found)

    async def next_names(self, *args, **more) -> list[str]:
        return [one.name for one in await self.next(*args, **more)]

    async def step(self, *steps: LeadProgress) -> None:
        await self.world.write(leads=list(steps))

    async def begin(self, one: Lead, index: int = 0, call_id: str = "c1", at: int = NOW) -> Lead:
        await self.step(begin_attempt(one, index, call_id, at))
        return await self.lead(one.id)

    async def call(self, one: Lead, outcome, index: int = 0, at: int = NOW) -> Lead:
        begun = await self.begin(one, index, at=at)
        await self.step(after_attempt(begun, index, outcome, RULES, at))
        return await self.lead(one.id)

    async def tallies(self, into: LeadList) -> dict[str, int]:
        return dict(await self.world.store.leads.tallies(self.world.id, into.id))
