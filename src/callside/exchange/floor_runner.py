"""Runs one tenant's floor: hands it events and the time, has its record written and its commands done, tells its watchers."""

import asyncio
from collections import defaultdict
from collections.abc import Callable

import structlog

from callside.calls.model import Cause
from callside.exchange.journal import Journal
from callside.exchange.lead_fetching import LeadFetching
from callside.exchange.live_feed import LiveFeed
from callside.exchange.ports import Store, Telephony
from callside.floor.commands import Command, DialCustomer
from callside.floor.directory import Directory
from callside.floor.events import Event, LegGone, Request, TimePassed, WritingChanged
from callside.floor.floor import Floor
from callside.floor.ground import Outcome
from callside.floor.view import PhoneView, TodayView, view_of
from callside.kernel.clock import Clock
from callside.kernel.errors import RequestError
from callside.kernel.ids import AgentId, LegId, SessionId
from callside.reporting.day import Today

Watcher = Callable[[PhoneView | None], None]
_QUEUES_EVERY_S = 0.5
_log = structlog.get_logger(__name__)


class FloorRunner:
    """One tenant's floor and everything around it. All methods run on the event loop; none of them awaits in between."""

    def __init__(self, directory: Directory, floor: Floor, store: Store, telephony: Telephony, clock: Clock) -> None:
        self.tenant_id = directory.tenant.id
        self.floor = floor
        self.journal = Journal(store.recorder, self._on_written, self._on_stalled, self._on_resumed)
        self.leads = LeadFetching(
            lambda: self.floor.ground, store.leads, store.ledger, self.journal, clock, self.handle
        )
        self.today = Today(clock.now().wall, directory.tenant.time_zone)
        self.feed = LiveFeed(lambda: self.floor.ground, self.today, clock)
        self._telephony = telephony
        self._clock = clock
        self._held: list[tuple[int, Command]] = []
        self._watchers: dict[SessionId, list[Watcher]] = defaultdict(list)
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = 0
        """Mono ms of what it was set for."""
        self._queues_due: asyncio.TimerHandle | None = None
        self._seq = 0

    def handle(self, event: Event) -> int:
        """Hand an event to the floor; the number of its record in the journal.

        Raises:
            RequestError: The floor refuses a request.
        """
        try:
            outcome = self.floor.handle(event, self._clock.now())
        except Exception as error:
            # A request that is refused has changed nothing. Of any other step half is in memory now; were it not on record too, a
            # session that ended in it could never be opened again.
            if not (isinstance(error, RequestError) and isinstance(event, Request)):
                self.carry_out(self.floor.broken_off())
            raise
        return self.carry_out(outcome)

    def try_out(self, event: Event) -> None:
        """Hand in what nobody waits for. A fault of ours in one event must not take the tenant's calls and timers with it."""
        try:
            self.handle(event)
        except Exception:  # noqa: BLE001 - logged whole
            _log.exception("floor.event_failed", tenant_id=self.tenant_id, floor_event=type(event).__name__)
            self._arm()

    def carry_out(self, outcome: Outcome) -> int:
        """Record first, then commands, then watchers."""
        number = self.journal.put(outcome.record) if not outcome.record.is_empty() else 0
        for command in outcome.commands:
            if isinstance(command, DialCustomer) and self.journal.stalled:
                asyncio.get_running_loop().call_soon(self._undialled, command.leg_id)
            elif isinstance(command, DialCustomer) or self._waits_behind(command):
                self._held.append((number, command))
                self.journal.hurry()
            else:
                self._telephony.execute(self.tenant_id, command)
        if outcome.wants:
            self.leads.want(outcome.wants)
        if outcome.lacking:
            self.leads.recall(outcome.lacking)
        self._arm()
        # What is only looked at comes last: a fault of ours in it must take no command, timer or lead with it.
        self.today.take(outcome.record.facts)
        self.feed.note(outcome)
        for session_id in outcome.changed:
            self._show(session_id)
        if outcome.queues and self._queues_due is None:
            self._queues_due = asyncio.get_running_loop().call_later(_QUEUES_EVERY_S, self._show_queues)
        return number

    def view(self, session_id: SessionId) -> PhoneView | None:
        """The page's snapshot; ``None`` when the session is over."""
        session = self.floor.ground.sessions.get(session_id)
        if session is None:
            return None
        self._seq += 1
        now = self._clock.now()
        return view_of(self.floor.ground, session, now, self._seq, self._done_today(session.agent_id, now.wall))

    def watch(self, session_id: SessionId, watcher: Watcher) -> Callable[[], None]:
        """Hear of each change of the session until the returned function is called."""
        self._watchers[session_id].append(watcher)

        def stop() -> None:
            watchers = self._watchers.get(session_id, [])
            if watcher in watchers:
                watchers.remove(watcher)
            if not watchers:
                self._watchers.pop(session_id, None)

        return stop

    def stop(self) -> None:
        """No more timers, and no more to watch."""
        self.feed.stop()
        self.leads.stop()
        for handle in (self._alarm, self._queues_due):
            if handle is not None:
                handle.cancel()

    def _done_today(self, agent_id: AgentId, wall: int) -> TodayView:
        done = self.today.at(wall).agent(agent_id)
        talk_ms, wrap_ms = done.spent_ms["talking"] + done.spent_ms["held"], done.spent_ms["wrap_up"]
        handled = round((talk_ms + wrap_ms) / done.answered) if done.answered else 0
        return TodayView(done.answered, talk_ms, wrap_ms, handled)

    def _waits_behind(self, command: Command) -> bool:
        mine = {getattr(command, "leg_id", None), getattr(command, "session_id", None)} - {None}
        return any(mine & {getattr(held, "leg_id", None), getattr(held, "session_id", None)} for _, held in self._held)

    def _on_written(self, number: int) -> None:
        due = [command for count, command in self._held if count <= number]
        self._held = [(count, command) for count, command in self._held if count > number]
        for command in due:
            # A call may be over before it was dialled (the engine was found again, without its leg): nobody is called for it.
            if not isinstance(command, DialCustomer) or command.leg_id in self.floor.ground.call_legs:
                self._telephony.execute(self.tenant_id, command)

    def _on_stalled(self) -> None:
        """What is not on disk is not dialled: calls that wait for it fail, the rest goes on."""
        held, self._held = self._held, []
        self.try_out(WritingChanged(can_write=False))
        for _, command in held:
            if not isinstance(command, DialCustomer):
                self._telephony.execute(self.tenant_id, command)
        for _, command in held:
            if isinstance(command, DialCustomer):
                self._undialled(command.leg_id)

    def _on_resumed(self) -> None:
        self.try_out(WritingChanged(can_write=True))

    def _undialled(self, leg_id: LegId) -> None:
        self.try_out(LegGone(leg_id, Cause.FAILED, went_out=False))

    def _show(self, session_id: SessionId) -> None:
        watchers = self._watchers.get(session_id)
        if not watchers:
            return
        view = self.view(session_id)
        for watcher in list(watchers):
            watcher(view)

    def _show_queues(self) -> None:
        self._queues_due = None
        for session_id in list(self._watchers):
            session = self.floor.ground.sessions.get(session_id)
            if session is not None and session.queue_ids:
                self._show(session_id)

    def _arm(self) -> None:
        """See to it that the floor is told when its earliest timer is due. An alarm that is early looks again when it goes off."""
        due = self.floor.next_due()
        if due is None:
            return
        if self._alarm is not None:
            if self._alarm_at <= due:
                return
            self._alarm.cancel()
        delay = max(0, due - self._clock.now().mono) / 1000
        self._alarm = asyncio.get_running_loop().call_later(delay, self._wake)
        self._alarm_at = due

    def _wake(self) -> None:
        self._alarm = None
        due = self.floor.next_due()
        if due is not None and due <= self._clock.now().mono:
            self.try_out(TimePassed())
        else:
            self._arm()
