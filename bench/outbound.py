"""A campaign on a real engine: ten agents, a carrier of which a quarter answers. What the agent and the next lead wait for.

Heard is measured on samples at the agents' phones; dialled and answered are the carrier's (SIPp's) own times.
"""

import asyncio
import bisect
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.tables import Table, percentile
from callside.asterisk.packages import default_cache, install
from callside.asterisk.process import ensure_running, stop
from callside.asterisk.profile import EngineProfile
from callside.calls.model import Cdr
from callside.dialer.laws.ledger import Outcome
from callside.dialer.laws.model import Mode
from callside.dialer.leads.model import LeadState
from callside.exchange.ports import CdrQuery
from callside.sessions.model import LoginType
from tests.asterisk.centre import Centre
from tests.asterisk.dialing_rig import OUTCOMES, Carrier, FarPlan, add_campaign, plans
from tests.asterisk.far_sides import Ari
from tests.asterisk.sipp import free_port

AGENTS = 10
LEADS = 1000
SEED = 20261127
_PATIENCE_S = 400


def run() -> Iterable[Table]:
    """The table."""
    yield asyncio.run(_both())


async def _both() -> Table:
    rows: list[Sequence[str]] = []
    for kind in (Mode.PROGRESSIVE, Mode.PREDICTIVE):
        with tempfile.TemporaryDirectory(prefix="callside-bench-") as name:
            rows += await _campaign(Path(name), kind)
    return Table("outbound", ["10 agents, 1,000 leads, 25 % answer", "calls", "p50", "p95", "p99", "aim"], rows)


async def _campaign(folder: Path, kind: Mode) -> list[Sequence[str]]:
    program = await asyncio.to_thread(install, default_cache())
    process = await ensure_running(folder / "engine", program, EngineProfile())
    numbers = plans(LEADS, SEED)
    carrier, centre = Carrier(folder / "carrier", process.access.ports.sip, free_port()), Centre(folder, process)
    await carrier.start(numbers, seconds=_PATIENCE_S)
    try:
        await centre.set_up(AGENTS, [carrier.sipp], auto_answer=AGENTS, ring_s=20, max_wait_s=0)
        campaign = await add_campaign(centre, carrier.port, kind, numbers)
        [leads] = [one.id for one in await centre.store.leads.lists(centre.tenant)]
        await centre.register_phones(carrier.audio.phones)
        await centre.log_in(LoginType.PROGRESSIVE, campaign)
        ports = await _ports(centre)
        async with asyncio.timeout(_PATIENCE_S):
            while await _unfinished(centre, leads) or centre.calls():  # noqa: ASYNC110 - the store has no bell
                await asyncio.sleep(0.2)
        await _check(centre, carrier, campaign, numbers, kind)
        cdrs = await centre.store.call_records.cdrs(centre.tenant, CdrQuery(limit=2 * LEADS))
        return _rows(kind, cdrs, carrier, carrier.audio.heard(), ports)
    finally:
        await centre.close()
        await carrier.stop()
        await asyncio.to_thread(stop, folder / "engine")


async def _ports(centre: Centre) -> dict[str, int]:
    """Which of the engine's ports each agent's phone hears."""
    ari, found = Ari(centre.process.access), {}
    for session in centre.live():
        value = await ari.ask("GET", f"channels/{session.line_leg}/variable?variable=CHANNEL(rtp,src)")
        found[session.agent_id] = int(value["value"].rpartition(":")[2])
    return found


async def _unfinished(centre: Centre, leads: str) -> bool:
    tally = await centre.store.leads.tallies(centre.tenant, leads)
    return tally.get("fresh", 0) + tally.get("dialling", 0) > 0


async def _check(centre: Centre, carrier: Carrier, campaign: str, numbers: list[FarPlan], kind: Mode) -> None:
    """Figures of a run that went wrong are not worth having."""
    called = carrier.seen("called")
    assert {number: len(times) for number, times in called.items()} == {one.number: 1 for one in numbers}
    ledger = await centre.store.ledger.entries(centre.tenant, campaign, 0)
    assert {one.number for one in ledger} == carrier.seen("answered").keys()
    assert kind is not Mode.PROGRESSIVE or all(one.outcome is Outcome.CONNECTED for one in ledger)
    for one in numbers:
        [lead] = await centre.store.leads.leads_with(centre.tenant, one.number)
        assert lead.state is not LeadState.DIALLING
        assert one.outcome == "answer" or lead.last_outcome is OUTCOMES[one.outcome]


def _rows(
    kind: Mode, cdrs: Sequence[Cdr], carrier: Carrier, loud: dict[int, list[float]], ports: dict[str, int]
) -> list[Sequence[str]]:
    heard = _heard(cdrs, carrier.seen("answered"), loud, ports)
    rows = [_row(f"{kind}: customer answered → agent hears", heard, "p99 ≤ 100 ms")]
    if kind is Mode.PROGRESSIVE:
        dialled = _dialled(cdrs, carrier.seen("called"))
        rows.append(_row(f"{kind}: agent free → next INVITE at the carrier", dialled, "p95 ≤ 300 ms"))
    return rows


def _heard(
    cdrs: Sequence[Cdr], answered: dict[str, list[float]], loud: dict[int, list[float]], ports: dict[str, int]
) -> list[float]:
    """Of each call an agent was on: from the carrier's answer to the first loud sample at that agent's phone (s)."""
    found = []
    for cdr in cdrs:
        if cdr.agent_id is not None and cdr.answered_at is not None:
            at, begins = answered[cdr.customer_number][0], loud[ports[cdr.agent_id]]
            place = bisect.bisect_left(begins, at)
            found += [begins[place] - at] if place < len(begins) else []
    return found


def _dialled(cdrs: Sequence[Cdr], called: dict[str, list[float]]) -> list[float]:
    """Of each line but an agent's first: from the end of their call before to the INVITE at the carrier (s)."""
    free: dict[str, int] = {}
    found = []
    for cdr in sorted(cdrs, key=lambda one: one.started_at):
        if cdr.agent_id is None:
            continue
        if cdr.agent_id in free:  # one after the other: an agent has one line at a time
            found.append(called[cdr.customer_number][0] - free[cdr.agent_id] / 1000)
        free[cdr.agent_id] = cdr.ended_at
    return found


def _row(name: str, seconds: list[float], aim: str) -> Sequence[str]:
    shown = [f"{1000 * percentile(seconds, share):.0f} ms" for share in (0.5, 0.95, 0.99)]
    return (name, str(len(seconds)), *shown, aim)
