"""The exchange: every tenant's floor, the store and the engine, and the one way to reach them."""

import asyncio
import contextlib
import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec
import structlog

from callside.calls.model import Registration
from callside.dialer.laws.model import Profile
from callside.exchange import lead_news
from callside.exchange.campaign_grounds import begun, grounds_of, recall_dialing, recall_numbers
from callside.exchange.dnc_port import EVERYWHERE
from callside.exchange.fact_reading import recount
from callside.exchange.floor_runner import FloorRunner, Watcher
from callside.exchange.in_turn import InTurn
from callside.exchange.kept_voicemails import take_stock
from callside.exchange.live_feed import Watch
from callside.exchange.missed_callers import MissedCallers
from callside.exchange.ports import SipCredentials, Store, Telephony
from callside.exchange.profiles import load_profiles
from callside.exchange.voicemail_files import VoicemailFiles
from callside.floor.dialing_setup import last_words
from callside.floor.directory import Directory
from callside.floor.events import (
    Dial,
    DirectoryChanged,
    EndSession,
    EngineEvent,
    EngineFound,
    EngineLost,
    LeadsChanged,
    NumbersBlocked,
    OpenSession,
    Request,
    ShowLead,
)
from callside.floor.floor import Floor
from callside.floor.ground import Policy
from callside.floor.lead_view import LeadRowView, lead_rows
from callside.floor.live import LiveCall, LiveSession
from callside.floor.missed_events import CallersMissed
from callside.floor.view import PhoneView
from callside.floor.voicemail_events import VoicemailRemoved
from callside.kernel.clock import Clock
from callside.kernel.errors import EngineUnavailableError, NotAllowedError, NotFoundError, StoreUnavailableError
from callside.kernel.ids import CampaignId, IdSource, LeadId, SessionId, TenantId, TrunkId
from callside.reporting.campaign_board import CampaignNow, campaign_now
from callside.reporting.day import Today
from callside.sessions.model import EndCause

_ON_DISK_WITHIN_S = 2.0
_log = structlog.get_logger(__name__)


class Exchange:
    """Runs the floors of all tenants in this process."""

    def __init__(
        self,
        store: Store,
        telephony: Telephony,
        clock: Clock,
        ids: IdSource,
        policy: Policy | None = None,
        voicemail_files: VoicemailFiles | None = None,
    ) -> None:
        self.store = store
        self.telephony = telephony
        self.clock = clock
        self._ids = ids
        self._policy = policy or Policy()
        self._voicemail_files = voicemail_files
        self._profiles: dict[str, tuple[Profile, ...]] = load_profiles().versions
        self._runners: dict[TenantId, FloorRunner] = {}
        self._journals: dict[TenantId, asyncio.Task[None]] = {}
        self._recounts: dict[TenantId, asyncio.Task[None]] = {}
        self._missed = MissedCallers(store.call_records, telephony)
        self._changes = InTurn(self._bring_directory)

    async def start(self) -> None:
        """Rebuild every floor from the store, then meet the engine."""
        now = self.clock.now()
        await self.store.recorder.anchor(now.mono, now.wall)
        for tenant in await self.store.directories.tenants():
            await self._begin(tenant.id)
        await self.telephony.start(self._from_engine)

    async def stop(self) -> None:
        """Write what is left and let go; calls go on in the engine."""
        await self._changes.stop()
        await self.telephony.stop()
        await self._missed.stop()
        for runner in self._runners.values():
            runner.stop()
            words = last_words(runner.floor.ground, self.clock.now().wall)
            if not words.is_empty():
                runner.journal.put(words)
        # All at once: while nothing can be written each of them waits in vain.
        journals = [runner.journal for runner in self._runners.values()]
        await asyncio.gather(*(one.drained(_ON_DISK_WITHIN_S) for one in journals))
        if lost := self.backlog():
            _log.error("exchange.records_lost", count=lost, reason="the database could not be written until the end")
        tasks = (*self._recounts.values(), *self._journals.values())
        for task in tasks:
            task.cancel()
        for failed in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(failed, Exception):
                _log.error("exchange.task_failed", exc_info=failed)

    def engine_is_up(self) -> bool:
        """Whether calls can be made and taken."""
        return self.telephony.is_up()

    def registrations(self, tenant_id: TenantId) -> Mapping[TrunkId, Registration]:
        """How the tenant's trunks are registered with their carriers."""
        return self.telephony.registrations(tenant_id)

    async def request(self, tenant_id: TenantId, request: Request) -> None:
        """Hand a request to the tenant's floor; it is on disk when this returns (unless nothing can be written: calls go on).

        Raises:
            RequestError: It cannot be done; nothing has changed.
            EngineUnavailableError: A login while the engine is down.
            StoreUnavailableError: A login that cannot be kept; it was taken back.
        """
        runner = self._runner(tenant_id)
        if isinstance(request, OpenSession):
            await self._open(runner, request)
            return
        if isinstance(request, Dial):
            request = await self._informed(runner, request)
        number = runner.handle(request)
        if not runner.journal.stalled:
            await runner.journal.written(number, _ON_DISK_WITHIN_S)

    async def open_lead(self, tenant_id: TenantId, session_id: SessionId, lead_id: LeadId) -> None:
        """An agent has chosen a lead of their list; see :class:`callside.floor.events.ShowLead`.

        Raises:
            NotFoundError: The session's campaign has no such lead.
            RequestError: It cannot be shown now.
        """
        runner = self._runner(tenant_id)
        campaign_id = runner.floor.ground.session(session_id).campaign_id
        lead, histories = await runner.leads.lead(tenant_id, campaign_id, lead_id)
        await self.request(tenant_id, ShowLead(session_id, lead, histories))

    async def leads_of(self, tenant_id: TenantId, session_id: SessionId) -> Sequence[LeadRowView]:
        """The agent's own list: their callbacks by date, then whoever is next in their campaign.

        Raises:
            NotFoundError: The session is over.
            NotAllowedError: It has no campaign.
            StoreUnavailableError: Nothing can be read.
        """
        runner = self._runner(tenant_id)
        ground = runner.floor.ground
        session = ground.session(session_id)
        if session.campaign_id is None:
            msg = "Only an agent logged in to a campaign has a list"
            raise NotAllowedError(msg)
        leads = await runner.leads.of_agent(tenant_id, session.campaign_id, session.agent_id)
        return lead_rows(ground, session.agent_id, leads)

    def tell(self, tenant_id: TenantId, event: LeadsChanged | NumbersBlocked | VoicemailRemoved) -> None:
        """Something happened to leads, do-not-call lists or voicemails; no matter where the tenant has no floor."""
        runner = self._runners.get(tenant_id)
        if runner is not None:
            runner.handle(event)

    async def _informed(self, runner: FloorRunner, request: Dial) -> Dial:
        """With what is known of the number. While nothing can be read the floor goes by what it has itself."""
        session = runner.floor.ground.sessions.get(request.session_id)
        if session is None or session.campaign_id is None or runner.journal.stalled:
            return request
        try:
            history = await runner.leads.about(runner.tenant_id, request, session.campaign_id)
        except StoreUnavailableError:
            return request
        return msgspec.structs.replace(request, history=history)

    async def _open(self, runner: FloorRunner, request: OpenSession) -> None:
        if not self.telephony.is_up():
            msg = "The telephone engine is down; try again in a moment"
            raise EngineUnavailableError(msg)
        if runner.journal.stalled:
            msg = "The database cannot be written; try again when the administrator has made room"
            raise StoreUnavailableError(msg)
        session = request.session
        if session.extension_id is not None:
            endpoint = self.telephony.extension_endpoint(session.tenant_id, session.extension_id)
            request = msgspec.structs.replace(request, extension_endpoint=endpoint)
        if not await runner.journal.written(runner.handle(request), _ON_DISK_WITHIN_S):
            runner.handle(EndSession(session.id, EndCause.FORCED, force=True))
            msg = "The login could not be kept; try again in a moment"
            raise StoreUnavailableError(msg)

    def view(self, tenant_id: TenantId, session_id: SessionId) -> PhoneView | None:
        """What the session's page shows now; ``None`` when the session is over."""
        runner = self._runners.get(tenant_id)
        return runner.view(session_id) if runner is not None else None

    def watch(self, tenant_id: TenantId, session_id: SessionId, watcher: Watcher) -> Callable[[], None]:
        """Hear of each change; ``None`` for the end. Returns the way to stop.

        Raises:
            NotFoundError: No such tenant.
        """
        return self._runner(tenant_id).watch(session_id, watcher)

    def live(self, tenant_id: TenantId) -> tuple[list[LiveSession], list[LiveCall]]:
        """Everybody logged in and every call, as they are now (read only).

        Raises:
            NotFoundError: No such tenant.
        """
        ground = self._runner(tenant_id).floor.ground
        return list(ground.sessions.values()), list(ground.calls.values())

    def today(self, tenant_id: TenantId) -> Today:
        """The day's figures so far (read only).

        Raises:
            NotFoundError: No such tenant.
        """
        return self._runner(tenant_id).today

    def campaign_now(self, tenant_id: TenantId, campaign_id: CampaignId) -> CampaignNow | None:
        """How a campaign stands (read only); ``None`` where there is none.

        Raises:
            NotFoundError: No such tenant.
        """
        runner, now = self._runner(tenant_id), self.clock.now()
        return campaign_now(runner.floor.ground, runner.today.at(now.wall), now, campaign_id)

    def watch_floor(self, tenant_id: TenantId) -> Watch:
        """The live floor's frames; close what is returned.

        Raises:
            NotFoundError: No such tenant.
        """
        return self._runner(tenant_id).feed.watch()

    def tenant_ids(self) -> list[TenantId]:
        """All tenants with a floor."""
        return list(self._runners)

    def backlog(self) -> int:
        """Records not yet on disk."""
        return sum(runner.journal.backlog for runner in self._runners.values())

    def callers_missed(self) -> int:
        """Callers of our absence who were put on record since the start."""
        return self._missed.count

    async def directory(self, tenant_id: TenantId) -> Directory:
        """What is set up for a tenant.

        Raises:
            NotFoundError: No such tenant.
        """
        return self._runner(tenant_id).floor.ground.directory

    async def directory_changed(self, tenant_id: TenantId) -> None:
        """Administration wrote something: the floor and the engine learn of it.

        Raises:
            StoreUnavailableError: It cannot be read now; they learn of it as soon as it can.
        """
        await self._changes.bring(tenant_id)

    async def _bring_directory(self, tenant_id: TenantId) -> None:
        directory = await self._read_directory(tenant_id)
        runner = self._runners.get(tenant_id)
        if runner is None:
            if directory is not None:
                await self._begin(tenant_id)
            return
        if directory is None:
            known = runner.floor.ground.directory
            directory = Directory(tenant=dataclasses.replace(known.tenant, enabled=False))
        await self.telephony.set_directory(directory)
        ids = begun(runner.floor.ground, directory)
        grounds = await grounds_of(self.store, tenant_id, ids, self.clock.now().wall)
        runner.handle(DirectoryChanged(directory, grounds))
        if runner.today.time_zone != directory.tenant.time_zone:
            await self._move_day(runner, directory.tenant.time_zone)

    async def leads_changed(
        self, tenant_id: TenantId, campaign_id: CampaignId | None, blocked: Collection[str] = ()
    ) -> None:
        """Leads or do-not-call lists of a campaign (``None``: of all) were changed; the floor looks for leads anew.

        ``blocked`` were put on a list: a few are named to the floor, of many it learns by looking anew. ``tenant_id`` empty: the
        installation's list, all floors.

        Raises:
            StoreUnavailableError: What campaigns stand on cannot be read; the floors know the rest.
        """
        runners = list(self._runners.values()) if tenant_id == EVERYWHERE else [self._runner(tenant_id)]
        await lead_news.spread(self.store, runners, campaign_id, blocked, self.clock.now().wall)

    async def sip_credentials(self, tenant_id: TenantId, session_id: SessionId) -> SipCredentials:
        """Credentials for the session's browser phone.

        Raises:
            NotFoundError: The session is over.
            EngineUnavailableError: The engine is not there.
        """
        self._runner(tenant_id).floor.ground.session(session_id)
        return await self.telephony.issue_credentials(tenant_id, session_id)

    def _runner(self, tenant_id: TenantId) -> FloorRunner:
        runner = self._runners.get(tenant_id)
        if runner is None:
            msg = f"TenantId: no tenant {tenant_id!r}"
            raise NotFoundError(msg, field="TenantId")
        return runner

    async def _begin(self, tenant_id: TenantId) -> None:
        directory = await self._read_directory(tenant_id)
        if directory is None:
            return
        sessions, calls = await self.store.recorder.live(tenant_id)
        stock = await take_stock(self.store, self._voicemail_files, tenant_id, calls, self.clock.now())
        floor = Floor(directory, self._ids, self._policy)
        runner = FloorRunner(directory, floor, self.store, self.telephony, self.clock)
        self._recounts[tenant_id] = await self._recount(runner)
        self._journals[tenant_id] = asyncio.get_running_loop().create_task(runner.journal.run(), name="journal")
        begun = await self.store.leads.dialling(tenant_id)
        await recall_dialing(self.store, floor.ground, self.clock.now().wall)
        await recall_numbers(self.store, floor.ground, begun, self.clock.now())
        runner.carry_out(floor.restore(sessions, calls, self.clock.now(), begun))
        self._runners[tenant_id] = runner  # only now: one that could not be read is begun anew, not left half begun
        runner.handle(stock)
        # Only now: for a tenant that is new to it the engine answers with the legs it has.
        await self.telephony.set_directory(directory)

    async def _read_directory(self, tenant_id: TenantId) -> Directory | None:
        directory = await self.store.directories.directory(tenant_id)
        return dataclasses.replace(directory, profiles=self._profiles) if directory is not None else None

    async def _recount(self, runner: FloorRunner) -> asyncio.Task[None]:
        """Count the day's facts from before the start beside the running floor; nothing waits for figures."""
        newest = await self.store.call_records.newest_fact(runner.tenant_id)
        if runner.today.is_complete:
            runner.today.begin_recount()
        work = recount(self.store.call_records, runner.tenant_id, runner.today, self.clock.now().wall, newest)
        return asyncio.get_running_loop().create_task(work, name="recount")

    async def _move_day(self, runner: FloorRunner, time_zone: str) -> None:
        """The tenant's midnight is another: the day is counted again from there."""
        before = self._recounts.get(runner.tenant_id)
        if before is not None:
            before.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await before
        runner.today.move(self.clock.now().wall, time_zone)
        runner.today.begin_recount()
        # What was handled before this moment has to be on disk to be counted; what is handled from now on is kept back.
        await runner.journal.written(runner.journal.newest, _ON_DISK_WITHIN_S)
        self._recounts[runner.tenant_id] = await self._recount(runner)

    def _from_engine(self, tenant_id: TenantId, event: EngineEvent) -> None:
        runner = self._runners.get(tenant_id)
        if runner is None:
            return
        if isinstance(event, CallersMissed):
            self._missed.take(runner, event)
            return
        if isinstance(event, EngineFound | EngineLost):
            _log.info("engine.found" if isinstance(event, EngineFound) else "engine.lost", tenant_id=tenant_id)
        runner.try_out(event)
