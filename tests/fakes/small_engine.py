"""Just enough of an engine for random days: legs that exist, whose bridge they are in, and answers still on their way."""

from callside.calls.model import Cause
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.events import LegSeen
from callside.kernel.ids import LegId


class SmallEngine:
    """Obeys commands; the test lets its answers through when it likes."""

    def __init__(self) -> None:
        self.legs: dict[LegId, ev.LegSeen] = {}
        self.arrivals: dict[LegId, ev.CallerArrived] = {}
        self.on_the_way: list[ev.Event] = []
        self.past: list[ev.Event] = []
        self.ever_dialled: list[LegId] = []

    def obey(self, command: cm.Command) -> None:
        match command:
            case cm.RaiseLine(session_id, leg):
                self.ever_dialled.append(leg)
                self.legs[leg] = LegSeen(leg, True, session_id)
                self.on_the_way.append(ev.LegAnswered(leg))
            case cm.DialCustomer(leg_id=leg, session_id=session_id):
                self.ever_dialled.append(leg)
                self.legs[leg] = LegSeen(leg, True, session_id)
                self.on_the_way += [ev.LegRinging(leg), ev.LegJoined(leg, session_id)]
            case cm.JoinAgent(leg, session_id) if leg in self.legs:
                self.legs[leg] = LegSeen(leg, True, session_id)
                self.on_the_way.append(ev.LegJoined(leg, session_id))
            case cm.PartAgent(leg) if leg in self.legs:
                self.legs[leg] = LegSeen(leg, True)
            case cm.HangUpLeg(leg) | cm.SayAndHangUp(leg) if leg in self.legs:
                del self.legs[leg]
                self.on_the_way.append(ev.LegGone(leg, Cause.NORMAL))
            case cm.CloseLine(session_id):
                for leg in [one.leg_id for one in self.legs.values() if one.session_id == session_id]:
                    if leg.startswith("1012."):
                        del self.legs[leg]
                        self.on_the_way.append(ev.LegGone(leg, Cause.NORMAL))
            case _:
                pass

    def snapshot(self) -> ev.EngineFound:
        return ev.EngineFound(
            tuple(
                LegSeen(one.leg_id, one.answered, one.session_id, self.arrivals.get(one.leg_id))
                for one in self.legs.values()
            ),
        )
