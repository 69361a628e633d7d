"""Figures of a time that is past, read page by page: nothing that was spent in it is lost because it ended later."""

from callside.exchange.fact_reading import figures_between
from callside.floor.facts import Fact
from callside.reporting.figures import Figures
from callside.sessions.model import LoginType
from tests.fakes.stage import AGENTS, MANUAL, TENANT, stage

QUARTER = 900_000


class Kept:
    """Facts as the store gives them: in pages, each with its number."""

    def __init__(self, facts):
        self._facts = list(enumerate(facts, 1))
        self.pages = 0

    async def facts_since(self, _tenant_id, since, *, after=None, limit=500):
        self.pages += 1
        first = after if after is not None else 0
        later = [one for one in self._facts if one[0] > first and (after is not None or one[1].at.wall >= since)]
        return later[:limit]

    async def unavailable(self, _tenant_id, since, until):
        late = [fact for _, fact in self._facts if fact.kind == "call.unavailable"]
        return [fact for fact in late if since <= fact.at.wall < until]


def facts_of(floor):
    """What the floor has put on record, among so much else that each page ends soon."""
    return [one for fact in floor.facts for one in (fact, *[Fact("campaign.stirred", TENANT, fact.at)] * 600)]


async def test_an_agent_s_time_counts_where_it_was_spent_though_it_ended_pages_later():
    floor = stage()
    begin = floor.now.wall - floor.now.wall % QUARTER + QUARTER
    floor.wait(begin - floor.now.wall - 60_000)
    session = floor.be_ready(AGENTS[0])
    floor.wait(60_000 + 2 * QUARTER)
    floor.call_in("Ada")  # the agent was ready all the while, and is not any more
    figures = Figures(begin, begin + QUARTER, QUARTER, agents_by_interval=True)
    await figures_between(Kept(facts_of(floor)), TENANT, figures, people=True)
    assert figures.agent_intervals[AGENTS[0], begin].spent_ms["ready"] == QUARTER
    assert session in floor.floor.ground.sessions


async def test_a_campaign_s_hours_count_where_they_were_worked_though_they_ended_pages_later():
    floor = stage()
    begin = floor.now.wall - floor.now.wall % QUARTER + QUARTER
    floor.wait(begin - floor.now.wall - 60_000)
    floor.be_ready(AGENTS[0], LoginType.MANUAL, MANUAL)
    floor.wait(60_000 + 2 * QUARTER)
    floor.dial(next(iter(floor.floor.ground.sessions)))
    figures = Figures(begin, begin + QUARTER, QUARTER)
    await figures_between(Kept(facts_of(floor)), TENANT, figures, people=True)
    assert figures.dialing.campaign(MANUAL).logged_in_ms == QUARTER


async def test_calls_alone_are_not_followed_longer_than_they_last():
    floor = stage()
    begin = floor.now.wall - floor.now.wall % QUARTER
    floor.gone(floor.call_in("Ada"))
    floor.wait(QUARTER)
    floor.call_in("Grace")
    kept = Kept(facts_of(floor))
    figures = Figures(begin, begin + QUARTER, QUARTER)
    await figures_between(kept, TENANT, figures)
    assert sum(one.offered for one in figures.queues.values()) == 1
    assert kept.pages < len(facts_of(floor)) / 500
