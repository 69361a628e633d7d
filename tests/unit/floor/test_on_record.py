"""Random days that restart from what was written: what is on record is what is in memory, after every step.

The other days' restarts begin from the floor's own objects, so a step that forgets to write one down would not be seen there.
"""

from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from callside.calls.machine import CallState
from callside.dialer.leads.model import LeadState
from callside.floor import events as ev
from callside.floor.floor import Floor
from callside.floor.live import LiveCall, LiveSession
from tests.fakes.dialing import CAMPAIGN
from tests.unit.floor.test_callback_invariants import CallbackDay
from tests.unit.floor.test_change_invariants import ChangingDay
from tests.unit.floor.test_dialing_invariants import DialerDay, ListeningDay, PredictiveDay
from tests.unit.floor.test_invariants import DemandingDay

KINDS = {"live_sessions": LiveSession, "live_calls": LiveCall}


class Rows:
    """The two tables of live rows, as the store keeps them."""

    def __init__(self, stage) -> None:
        self.texts: dict[str, dict[str, bytes]] = {kind: {} for kind in KINDS}
        stage.after_step = self.follow

    def follow(self, stage) -> None:
        for kind, texts in self.texts.items():
            for key, row in getattr(stage.records[-1], kind).items():
                if row is None:
                    texts.pop(key, None)
                else:
                    texts[key] = msgspec.json.encode(row)

    def read(self, kind: str) -> list[Any]:
        return [msgspec.json.decode(text, type=KINDS[kind]) for text in self.texts[kind].values()]

    def differ(self, ground) -> dict[str, list[str]]:
        """Fields that are others in memory, by row. How far a caller is in a dialogue is not kept: it begins again."""
        found = {}
        for kind, there in (("live_sessions", ground.sessions), ("live_calls", ground.calls)):
            kept = {row.id: row for row in self.read(kind)}
            assert kept.keys() == there.keys()
            for key, row in there.items():
                fields = [one.name for one in msgspec.structs.fields(row) if one.name != "asking"]
                wrong = [name for name in fields if getattr(row, name) != getattr(kept[key], name)]
                if wrong:
                    found[key] = wrong
        return found


class OnRecord:
    """A day's floor, followed by the rows that it writes."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = Rows(self.stage)

    @rule()
    def we_crash_and_restart(self):
        old = self.stage.floor.ground
        self.stage.floor = fresh = Floor(old.directory, old.ids)
        rows = self.rows.read("live_sessions"), self.rows.read("live_calls")
        self.stage.take(fresh.restore(*rows, self.stage.now))
        self.engine.on_the_way.clear()
        self.follow()
        if self.engine_up:
            self.give(self.engine.snapshot())

    @invariant()
    def what_is_on_record_is_what_is_in_memory(self):
        assert self.rows.differ(self.stage.floor.ground) == {}


class OnRecordChanging(OnRecord, ChangingDay):
    pass


class OnRecordDemanding(OnRecord, DemandingDay):
    pass


class OnRecordCallback(OnRecord, CallbackDay):
    pass


class Dialled(OnRecord):
    @rule(before_it_was_dialled=st.booleans())
    def we_crash_and_restart(self, before_it_was_dialled):
        old = self.ground
        calls = self.rows.read("live_calls")
        if before_it_was_dialled:
            for call in calls:
                if call.state is CallState.PLANNED:
                    self.lines.legs.pop(call.leg_id, None)
        self.stage.floor = fresh = Floor(self.directory, old.ids)
        self.stage.wanted.clear()
        begun = [one for one in self.stage.book.values() if one.state is LeadState.DIALLING]
        profile = self.directory.profile_at("none", self.stage.now.wall)
        fresh.ground.dialing.recount(CAMPAIGN, profile, self.stage.ledger, 0, self.stage.samples)
        self.stage.take(fresh.restore(self.rows.read("live_sessions"), calls, self.stage.now, begun))
        self.lines.on_the_way.clear()
        self.follow()
        if self.engine_up:
            self.give(ev.EngineFound(tuple(self.lines.legs.values())))


class OnRecordDialer(Dialled, DialerDay):
    pass


class OnRecordPredictive(Dialled, PredictiveDay):
    pass


class OnRecordListening(Dialled, ListeningDay):
    pass


DAYS = (OnRecordChanging, OnRecordDemanding, OnRecordCallback, OnRecordDialer, OnRecordPredictive, OnRecordListening)
for _day in DAYS:
    _day.TestCase.settings = settings(max_examples=30, stateful_step_count=50, deadline=None)
TestChanging, TestDemanding, TestCallback, TestDialer, TestPredictive, TestListening = (one.TestCase for one in DAYS)
