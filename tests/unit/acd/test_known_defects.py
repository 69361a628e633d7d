"""What other queues got wrong (research: dialer-acd.md §4.2): each here as something that must not happen."""

from callside.acd.model import Strategy
from callside.agents.machine import AgentState
from callside.calls.machine import CallState
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.sessions.model import EndCause
from tests.fakes.stage import AGENTS, SALES, SALES_NUMBER, directory, stage, with_queue

DAYS = 24 * 3_600_000
ONE_AT_A_TIME = [one for one in Strategy if one is not Strategy.RING_ALL]


def offered_to(floor, leg):
    call = floor.call_on(leg)
    return call.agent_id if call.state is CallState.OFFERED else None


def test_a_match_needs_no_poll_it_happens_in_the_step_that_makes_it_possible():
    """app_queue: each caller's thread looks once a second, half a second late on average."""
    floor = stage()
    leg = floor.call_in("Ada")
    before = floor.now
    session = floor.be_ready(AGENTS[0])
    assert floor.session(session).state is AgentState.RINGING
    assert floor.call_on(leg).since == before == floor.now


def test_an_absent_agent_is_not_rung_again_and_again():
    """app_queue: a missed offer does not move ``leastrecent`` or ``fewestcalls`` (FreePBX issue-tracker 40, mikopbx 409)."""
    for strategy in ONE_AT_A_TIME:
        floor = stage(set_up=with_queue(directory(), strategy=strategy))
        absent = floor.be_ready(AGENTS[0])
        floor.wait(1)
        floor.be_ready(AGENTS[1])
        leg = floor.call_in("Ada")
        rung = {offered_to(floor, leg)}
        floor.wait(20_000)
        rung.add(offered_to(floor, leg))
        assert rung == set(AGENTS[:2]), strategy
        floor.wait(20_000)
        assert offered_to(floor, leg) is None
        assert floor.session(absent).state is AgentState.NOT_RESPONDING


def test_twelve_idle_days_make_no_metric_negative():
    """app_queue: 1,000,000 minus idle seconds goes below nought after 11.6 days and beats a penalty tier."""
    for strategy in ONE_AT_A_TIME:
        floor = stage(set_up=with_queue(directory(), strategy=strategy))
        floor.floor.ground.policy = type(floor.floor.ground.policy)(absolute_ms=30 * DAYS)
        floor.be_ready(AGENTS[0])
        floor.wait(12 * DAYS)
        floor.be_ready(AGENTS[1])
        assert offered_to(floor, floor.call_in("Ada")) == AGENTS[0]
        [why] = [fact.detail for fact in floor.facts if fact.kind == "call.offered"]
        assert why["agent_key"] >= 0


def test_ties_are_settled_to_the_millisecond():
    """app_queue: idle times are whole seconds, so that agents of the same second come in list order."""
    floor = stage()
    floor.be_ready(AGENTS[2])
    floor.wait(1)
    floor.be_ready(AGENTS[0])
    assert offered_to(floor, floor.call_in("Ada")) == AGENTS[2]


def test_order_across_queues_is_first_come_first_served():
    """Asterisk 108: each queue is served for itself; mod_callcenter 2511: the 8th caller before the 1st."""
    floor = stage()
    legs = []
    for number in range(8):
        legs.append(floor.call_in(f"c{number}", **({"number": SALES_NUMBER} if number % 2 else {})))
        floor.wait(1)
    served = []
    for _ in legs:
        session = floor.be_ready(AGENTS[0])
        served.append(floor.floor.ground.calls[floor.session(session).call_id].leg_id)
        floor.gone(served[-1])
        floor.give(ev.EndSession(session, EndCause.LOGOUT, force=True))
    assert served == legs


def test_a_longest_waiting_caller_who_cannot_be_served_stops_nobody():
    """Asterisk 1691: ``force_longest_waiting_caller`` could stop all offers."""
    floor = stage(set_up=with_queue(directory(), skills={"latin": 5}))
    stuck = floor.call_in("nobody can take this one")
    floor.wait(60_000)
    leg = floor.call_in("Sales", SALES_NUMBER)
    floor.be_ready(AGENTS[0])
    assert offered_to(floor, leg) == AGENTS[0]
    assert floor.call_on(stuck).state is CallState.QUEUED


def test_a_favoured_queue_does_not_starve_the_others():
    """Asterisk 1561: with weights, a lower queue's callers may never be served."""
    floor = stage(set_up=with_queue(directory(), SALES, priority=5))
    poor = floor.call_in("Support")
    for number in range(12):
        floor.wait(30_000)
        floor.call_in(f"s{number}", SALES_NUMBER)
        session = floor.be_ready(AGENTS[0])
        call = floor.floor.ground.calls[floor.session(session).call_id]
        if call.leg_id == poor:
            break
        floor.gone(call.leg_id)
        floor.give(ev.EndSession(session, EndCause.LOGOUT, force=True))
    assert offered_to(floor, poor) == AGENTS[0]
    assert floor.call_on(poor).since.mono - floor.call_on(poor).started.mono <= 5 * 60_000 + 30_000


def test_wrap_up_of_one_queue_is_kept_from_the_calls_of_all():
    """Asterisk 1006: wrap-up ends early with several queues; 1377: it is no state that one can see."""
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    leg = floor.take_call("Support", session)
    floor.gone(leg)
    sales = floor.call_in("Sales", SALES_NUMBER)
    floor.wait(29_999)
    assert floor.session(session).state is AgentState.WRAP_UP
    assert floor.call_on(sales).state is CallState.QUEUED
    floor.wait(1)
    assert offered_to(floor, sales) == AGENTS[0]


def test_wrap_ups_end_each_at_its_own_time():
    """OpenSIPS 2679: wrap-up timers released in the wrong order."""
    floor = stage()
    first, second = floor.be_ready(AGENTS[0]), floor.be_ready(AGENTS[1])
    legs = [floor.take_call("a", first), floor.take_call("b", second)]
    floor.gone(legs[0])
    floor.wait(10_000)
    floor.gone(legs[1])
    floor.give(ev.ExtendWrapUp(first))
    floor.wait(29_000)
    assert floor.session(first).state is AgentState.WRAP_UP
    floor.wait(1_000)
    assert {floor.session(one).state for one in (first, second)} == {AgentState.READY}


def test_no_agent_stays_reserved_for_a_caller_who_has_left():
    """mod_callcenter 2540: agents stuck; 2529: a zombie rings at an agent after the caller has left."""
    floor = stage(auto_answer=True)
    session = floor.be_ready(AGENTS[0])
    leg = floor.call_in("Ada")
    assert floor.session(session).state is AgentState.RESERVED
    floor.gone(leg)
    assert floor.session(session).state is AgentState.READY
    floor.join(leg, session)
    assert floor.session(session).state is AgentState.READY
    assert offered_to(floor, floor.call_in("Grace")) == AGENTS[0]


def test_a_caller_is_never_given_to_two_agents():
    """mod_callcenter 2901 and Asterisk 176: the same caller rung or answered twice."""
    floor = stage()
    first = floor.be_ready(AGENTS[0])
    leg = floor.call_in("Ada")
    floor.wait(20_000)
    second = floor.be_ready(AGENTS[1])
    floor.give(ev.Answer(second))
    floor.join(leg, first)  # an old answer that comes late
    assert floor.session(first).state is AgentState.NOT_RESPONDING
    assert floor.call_on(leg).session_id == second
    assert [one.session_id for one in floor.sent(cm.JoinAgent)] == [second]


def test_a_change_of_state_during_an_offer_makes_no_storm_of_offers():
    """mod_callcenter, PR 800: a status change during an offer made a storm of invitations."""
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    floor.call_in("Ada")
    for _ in range(5):
        floor.give(ev.GoOnBreak(session, "lunch"))
        floor.give(ev.CancelBreak(session))
    assert sum(fact.kind == "call.offered" for fact in floor.facts) == 1
    assert floor.session(session).state is AgentState.RINGING


def test_a_page_that_reconnects_during_an_offer_is_no_ring_failure():
    """OpenACD 6: a false ring-fail when the client registers again during an offer."""
    floor = stage()
    session = floor.be_ready(AGENTS[0])
    leg = floor.call_in("Ada")
    floor.give(ev.PhoneChanged(session, connected=True))
    floor.raise_line(session)
    assert floor.session(session).state is AgentState.RINGING
    floor.give(ev.Answer(session))
    floor.join(leg, session)
    assert floor.session(session).state is AgentState.TALKING


def test_not_always_the_first_agent():
    """OpenSIPS 2974: the same agent is always chosen first."""
    for strategy in ONE_AT_A_TIME:
        floor = stage(wrap_up_s=0, set_up=with_queue(directory(wrap_up_s=0), strategy=strategy))
        sessions = [floor.be_ready(one) for one in AGENTS]
        chosen = []
        for name in "abcd":
            leg = floor.call_in(name)
            chosen.append(offered_to(floor, leg))
            session = floor.call_on(leg).session_id
            floor.give(ev.Answer(session))
            floor.join(leg, session)
            floor.wait(1_000)
            floor.gone(leg)
        assert sorted(chosen) == sorted(AGENTS), strategy
        assert len(sessions) == len(AGENTS)


def test_matching_goes_on_after_the_first_agent_of_the_order_has_left():
    """mod_callcenter 1216: top-down stops for ever when the agent at the top is gone."""
    floor = stage(set_up=with_queue(directory(), strategy=Strategy.ROUND_ROBIN))
    first = floor.be_ready(AGENTS[0])
    floor.be_ready(AGENTS[1])
    floor.give(ev.EndSession(first, EndCause.LOGOUT))
    assert offered_to(floor, floor.call_in("Ada")) == AGENTS[1]
