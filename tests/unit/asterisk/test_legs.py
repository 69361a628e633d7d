"""Whatever the engine says, however often and in whatever order: each leg is announced, answered and gone once."""

from hypothesis import given
from hypothesis import strategies as st

from callside.asterisk.decode import (
    Bridge,
    Channel,
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelEnteredBridge,
    ChannelLeftBridge,
    ChannelStateChange,
    Dial,
)
from callside.asterisk.legs import Leg, LegBook
from callside.asterisk.names import LegKind, LegMark, line_bridge
from callside.calls.model import Cause
from callside.floor.events import LegAnswered, LegDigit, LegGone, LegJoined, LegRinging, LegSeen

HOME, OTHER = line_bridge("1", "s1"), line_bridge("1", "s2")
DOWN, UP = Channel("leg", state="Down"), Channel("leg", state="Up")


class Scene:
    def __init__(self, kind: LegKind) -> None:
        self.told = []
        self.lines = []
        self.book = LegBook(lambda tenant, event: self.told.append((tenant, event)), self.lines.append)
        self.leg = self.book.add(Leg("leg", LegMark(kind, "1", "s1"), created=True))

    def hear(self, *events) -> list:
        for event in events:
            self.book.hear(event)
        return [event for _, event in self.told]


def test_a_called_customer_rings_answers_and_is_joined_where_it_was_put_before():
    scene = Scene(LegKind.OUT)
    heard = scene.hear(
        ChannelEnteredBridge(Bridge(HOME), DOWN),
        Dial(DOWN, ""),
        Dial(DOWN, "RINGING"),
        ChannelStateChange(UP),
        Dial(UP, "ANSWER"),
    )
    assert heard == [LegRinging("leg"), LegAnswered("leg"), LegJoined("leg", "s1")]


def test_early_media_once_heard_is_not_taken_back():
    scene = Scene(LegKind.OUT)
    assert scene.hear(Dial(DOWN, "PROGRESS"), Dial(DOWN, "RINGING")) == [LegRinging("leg", early_media=True)] * 2


def test_a_line_counts_as_answered_only_in_its_bridge():
    scene = Scene(LegKind.LINE)
    assert scene.hear(ChannelStateChange(UP), ChannelStateChange(UP)) == []
    assert scene.lines == [scene.leg]
    assert scene.hear(ChannelEnteredBridge(Bridge(OTHER), UP)) == []
    assert scene.hear(ChannelEnteredBridge(Bridge(HOME), UP), ChannelEnteredBridge(Bridge(HOME), UP)) == [
        LegAnswered("leg")
    ]


def test_a_caller_is_joined_each_time_it_comes_into_an_agents_bridge():
    scene = Scene(LegKind.IN)
    scene.hear(ChannelStateChange(UP), ChannelEnteredBridge(Bridge(HOME), UP), ChannelLeftBridge(Bridge(HOME), UP))
    assert scene.leg.session_id is None
    assert scene.hear(ChannelEnteredBridge(Bridge(OTHER), UP)) == [LegJoined("leg", "s1"), LegJoined("leg", "s2")]


def test_a_bridge_of_another_tenant_or_of_nobody_joins_nobody():
    scene = Scene(LegKind.IN)
    assert (
        scene.hear(
            ChannelEnteredBridge(Bridge(line_bridge("2", "s1")), UP), ChannelEnteredBridge(Bridge("holding"), UP)
        )
        == []
    )


def test_leaving_a_bridge_late_does_not_undo_entering_the_next():
    scene = Scene(LegKind.IN)
    scene.hear(
        ChannelEnteredBridge(Bridge(HOME), UP),
        ChannelEnteredBridge(Bridge(OTHER), UP),
        ChannelLeftBridge(Bridge(HOME), UP),
    )
    assert scene.leg.session_id == "s2"


def test_a_sessions_lines_are_known_oldest_first_until_they_end():
    scene = Scene(LegKind.LINE)
    newer = scene.book.add(Leg("newer", scene.leg.mark))
    scene.book.add(Leg("other", LegMark(LegKind.LINE, "1", "s2")))
    assert scene.book.lines_of("1", "s1") == [scene.leg, newer]
    scene.hear(ChannelDestroyed(UP, 16))
    assert scene.book.lines_of("1", "s1") == [newer]
    assert scene.book.lines_of("2", "s1") == []


def test_digits_and_the_end_are_told_with_their_details():
    scene = Scene(LegKind.OUT)
    assert scene.hear(ChannelDtmfReceived(UP, "5"), ChannelDestroyed(DOWN, 17, 486)) == [
        LegDigit("leg", "5"),
        LegGone("leg", Cause.BUSY, 486),
    ]


def test_a_verdict_of_ours_stands_above_the_engines_cause():
    scene = Scene(LegKind.OUT)
    scene.leg.verdict = Cause.FAILED
    assert scene.hear(ChannelDestroyed(DOWN, 16)) == [LegGone("leg", Cause.FAILED)]


def test_unknown_legs_are_passed_over():
    scene = Scene(LegKind.OUT)
    stranger = Channel("stranger", state="Up")
    assert (
        scene.hear(
            ChannelStateChange(stranger), ChannelDestroyed(stranger, 16), ChannelEnteredBridge(Bridge(HOME), stranger)
        )
        == []
    )


def test_a_leg_is_found_by_its_own_tenant_only():
    scene = Scene(LegKind.OUT)
    assert scene.book.get("1", "leg") is scene.leg
    assert scene.book.get("2", "leg") is None
    scene.book.gone("2", "leg", Cause.FAILED)
    assert scene.told == [("2", LegGone("leg", Cause.FAILED))]
    assert "leg" in scene.book


def test_what_the_engine_no_longer_has_is_forgotten_without_a_word():
    scene = Scene(LegKind.LINE)
    scene.book.keep_only([])
    assert scene.told == []
    assert scene.book.seen() == {}
    assert scene.book.lines_of("1", "s1") == []


def test_what_is_seen_is_told_with_the_session_it_is_in():
    scene = Scene(LegKind.OUT)
    scene.hear(ChannelEnteredBridge(Bridge(HOME), UP))
    assert scene.book.seen() == {"1": (LegSeen("leg", True, "s1"),)}


CHANNELS = st.sampled_from([DOWN, UP])
BRIDGES = st.sampled_from([Bridge(HOME), Bridge(OTHER), Bridge("holding")])
EVENTS = st.one_of(
    st.builds(ChannelStateChange, CHANNELS),
    st.builds(Dial, CHANNELS, st.sampled_from(["", "RINGING", "PROGRESS", "ANSWER", "BUSY"])),
    st.builds(ChannelEnteredBridge, BRIDGES, CHANNELS),
    st.builds(ChannelLeftBridge, BRIDGES, CHANNELS),
    st.builds(ChannelDestroyed, CHANNELS, st.sampled_from([0, 16, 17, 19]), st.sampled_from([None, 486])),
)


@given(st.sampled_from(LegKind), st.lists(EVENTS, max_size=30))
def test_no_order_of_events_makes_a_leg_answered_or_gone_twice_or_live_on_after_its_end(kind, events):
    scene = Scene(kind)
    heard = scene.hear(*events)
    assert sum(isinstance(event, LegAnswered) for event in heard) <= (kind is not LegKind.IN)
    gone = [index for index, event in enumerate(heard) if isinstance(event, LegGone)]
    assert len(gone) == any(isinstance(event, ChannelDestroyed) for event in events)
    assert not gone or gone[0] == len(heard) - 1
    joined = [index for index, event in enumerate(heard) if isinstance(event, LegJoined)]
    if kind is LegKind.OUT and joined:
        assert LegAnswered("leg") in heard[: joined[0]]
