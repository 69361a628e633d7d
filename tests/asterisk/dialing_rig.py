"""A campaign on the real engine: a carrier whose numbers behave as a seed says, and customers who speak as soon as they answer."""

import random
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from callside.dialer.laws.model import Mode
from callside.dialer.leads.model import Lead, LeadList, LeadNumber, Outcome
from callside.dialer.model import Campaign, DialRules, PacePlan, Plan, Run
from callside.kernel.ids import CampaignId, LeadId, LeadListId, TenantId
from tests.asterisk.far_audio import FarAudio, wall_of
from tests.asterisk.sipp import Sipp

OUTCOMES = {
    "answer": Outcome.CONNECTED,
    "busy": Outcome.BUSY,
    "silent": Outcome.NO_ANSWER,
    "rejected": Outcome.REJECTED,
    "unknown": Outcome.UNALLOCATED,
    "full": Outcome.CONGESTION,
}


@dataclass(frozen=True, slots=True)
class FarPlan:
    """What the carrier does with one number."""

    number: str
    outcome: str
    ring_ms: int
    talk_ms: int


def plans(
    count: int, seed: int, *, longest_ring_ms: int = 1200, shortest_talk_ms: int = 200, longest_talk_ms: int = 900
) -> list[FarPlan]:
    """A quarter answers; the rest is not there, busy, refuses or does not exist."""
    dice = random.Random(seed)
    weights = {"answer": 25, "silent": 45, "busy": 15, "rejected": 6, "unknown": 6, "full": 3}
    drawn = dice.choices(list(weights), weights.values(), k=count)
    return [
        FarPlan(
            f"+1555{index + 2000000:07d}",
            outcome,
            dice.randint(50, longest_ring_ms),
            dice.randint(shortest_talk_ms, longest_talk_ms),
        )
        for index, outcome in enumerate(drawn)
    ]


class Carrier:
    """SIPp behind the trunk, and what it has seen: an account that owes nothing to ours. ``audio`` is both far ends' sound."""

    def __init__(self, folder: Path, engine_port: int, port: int) -> None:
        self.sipp = Sipp(folder, "carrier.xml", port, engine_port)
        self.port, self._folder = port, folder
        self.audio = FarAudio(folder)

    async def start(self, numbers: list[FarPlan], *, seconds: int) -> None:
        await self.audio.start(self._folder / "seen.log")
        rows = [(one.number, one.outcome, str(one.ring_ms), str(one.talk_ms)) for one in numbers]
        await self.sipp.start(
            rows,
            seconds=seconds,
            words=(
                "-infindex", "calls.csv", "0", "-trace_logs", "-log_file", "seen.log", "-key", "voice_port", str(self.audio.customers),
            ),
        )  # fmt: skip

    async def stop(self) -> None:
        await self.sipp.stop()
        await self.audio.stop()

    def seen(self, what: str) -> dict[str, list[float]]:
        """When (wall seconds) each number was ``called``, had ``answered`` or ``left``."""
        found: dict[str, list[float]] = defaultdict(list)
        log = self._folder / "seen.log"
        for line in log.read_text().splitlines() if log.exists() else ():
            word, number, stamp = line.split(maxsplit=2)
            if word == what:
                found[number].append(wall_of(stamp))
        return dict(found)


async def add_campaign(centre, trunk_port: int, kind: Mode, numbers: list[FarPlan], **plan) -> CampaignId:
    """A running campaign for all agents, with its list of leads."""
    kept, tenant = centre.store.directories, TenantId(centre.tenant)
    directory = await kept.directory(tenant)
    trunk = next(one for one in directory.trunks.values() if one.port == trunk_port)
    made = Campaign(
        CampaignId(""), tenant, "Renewals", kind, trunk.id, frozenset(centre.agents), "+15550100999",
        DialRules(frozenset({"US"})), ring_s=30, wrap_up_s=0,
        plan=replace(Plan(run=Run.RUNNING, profile="none", predictive_opt_in=True, officer="Ada Example", pace=PacePlan(calls_per_second=0, smallest_team=0)), **plan),
    )  # fmt: skip
    campaign = await kept.add_campaign(made)
    leads = await centre.store.leads.add_list(LeadList(LeadListId(""), tenant, "List", campaign.id))
    await centre.store.leads.add_leads(
        tenant,
        leads.id,
        [
            Lead(LeadId(""), tenant, leads.id, (LeadNumber(one.number, zone_key="America/New_York"),), f"Lead {n}")
            for n, one in enumerate(numbers)
        ],
    )
    await centre.exchange.directory_changed(tenant)
    return campaign.id
