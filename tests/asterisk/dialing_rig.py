"""A campaign on the real engine: agents on desk phones that hear on samples, and a carrier whose numbers behave as a seed says."""

import asyncio
import random
import struct
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from callside.dialer.laws.model import Mode
from callside.dialer.leads.model import Lead, LeadList, LeadNumber, Outcome
from callside.dialer.model import Campaign, DialRules, PacePlan, Plan, Run
from callside.kernel.ids import CampaignId, LeadId, LeadListId, TenantId
from tests.asterisk.sipp import Sipp, free_port

VOICE = b"\x90\x10"
"""The two µ-law samples that the customers' voice is made of: nothing that the engine plays by itself is."""
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


def plans(count: int, seed: int, *, longest_ring_ms: int = 1200, longest_talk_ms: int = 900) -> list[FarPlan]:
    """A quarter answers; the rest is not there, busy, refuses or does not exist."""
    dice = random.Random(seed)
    weights = {"answer": 25, "silent": 45, "busy": 15, "rejected": 6, "unknown": 6, "full": 3}
    drawn = dice.choices(list(weights), weights.values(), k=count)
    return [
        FarPlan(
            f"+1555{index + 2000000:07d}",
            outcome,
            dice.randint(50, longest_ring_ms),
            dice.randint(200, longest_talk_ms),
        )
        for index, outcome in enumerate(drawn)
    ]


class Carrier:
    """SIPp behind the trunk, and what it has seen: an account that owes nothing to ours."""

    def __init__(self, folder: Path, engine_port: int, port: int) -> None:
        self.sipp = Sipp(folder, "carrier.xml", port, engine_port)
        self.port, self._folder = port, folder

    async def start(self, numbers: list[FarPlan], *, seconds: int) -> None:
        write_voice(self._folder / "voice.wav")
        rows = [(one.number, one.outcome, str(one.ring_ms), str(one.talk_ms)) for one in numbers]
        await self.sipp.start(
            rows,
            seconds=seconds,
            words=(
                "-infindex", "calls.csv", "0", "-trace_logs", "-log_file", "seen.log", "-mp", str(free_port()),
            ),
        )  # fmt: skip

    def seen(self, what: str) -> dict[str, list[float]]:
        """When (wall seconds) each number was ``called``, had ``answered`` or ``left``."""
        found: dict[str, list[float]] = defaultdict(list)
        log = self._folder / "seen.log"
        for line in log.read_text().splitlines() if log.exists() else ():
            word, number, stamp = line.split(maxsplit=2)
            if word == what:
                found[number].append(_wall(stamp))
        return dict(found)


def _wall(stamp: str) -> float:
    text = stamp.strip().replace(" ", "T")[:26]
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.astimezone()).astimezone(UTC).timestamp()


def write_voice(path: Path) -> None:
    """Ten seconds of a loud square wave, µ-law at 8,000 Hz."""
    samples = (b"\x90" * 8 + b"\x10" * 8) * 5000
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", 38 + len(samples), b"WAVE", b"fmt ", 16, 7, 1, 8000, 8000, 1, 8, b"data", len(samples)
    )  # fmt: skip
    path.write_bytes(head + samples)


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


class Ears(asyncio.DatagramProtocol):
    """All agents' phones: when each of them (by the engine's port) begins to hear a customer."""

    def __init__(self) -> None:
        self.loud: dict[int, list[float]] = defaultdict(list)
        self._last: dict[int, float] = {}
        self.heard: dict[tuple[str, int], int] = {}

    def connection_made(self, transport) -> None:
        self._transport = transport
        self._alarm = asyncio.get_running_loop().call_later(1.0, self._murmur)

    def datagram_received(self, packet: bytes, sender) -> None:
        self.heard.setdefault(sender, 0)
        if len(packet) < 60 or sum(one in VOICE for one in packet[40:56]) < 12:
            return
        now = time.time()
        if now - self._last.get(sender[1], 0.0) > 0.07:
            self.loud[sender[1]].append(now)
        self._last[sender[1]] = now

    def _murmur(self) -> None:
        for sender, number in self.heard.items():
            head = struct.pack("!BBHII", 0x80, 0, number & 0xFFFF, number * 160 & 0xFFFFFFFF, sender[1])
            self._transport.sendto(head + b"\xff" * 160, sender)
            self.heard[sender] = number + 1
        self._alarm = asyncio.get_running_loop().call_later(1.0, self._murmur)

    def connection_lost(self, error) -> None:
        self._alarm.cancel()
