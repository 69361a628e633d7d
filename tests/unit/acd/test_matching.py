from hypothesis import given
from hypothesis import strategies as st

from callside.acd.matching import Matcher

QUEUES = ("support", "sales", "night")


def pair(matcher):
    match = matcher.next_match()
    return match and (match.call_id, match.session_id)


def test_the_longest_waiting_call_goes_to_the_longest_idle_agent():
    matcher = Matcher()
    matcher.call_waits("second", "support", 20)
    matcher.call_waits("first", "support", 10)
    matcher.agent_idle("late", ("support",), 7)
    matcher.agent_idle("early", ("support",), 3)
    assert pair(matcher) == ("first", "early")
    assert pair(matcher) == ("second", "late")
    assert pair(matcher) is None


def test_calls_of_equal_age_keep_the_order_of_their_arrival():
    matcher = Matcher()
    for name in ("a", "b", "c"):
        matcher.call_waits(name, "support", 5)
    served = []
    for agent in ("x", "y", "z"):
        matcher.agent_idle(agent, ("support",), 0)
        served.append(pair(matcher)[0])
    assert served == ["a", "b", "c"]


def test_a_call_that_comes_back_is_at_its_old_place():
    matcher = Matcher()
    matcher.call_waits("first", "support", 10)
    matcher.call_waits("second", "support", 20)
    matcher.agent_idle("one", ("support",), 0)
    assert pair(matcher) == ("first", "one")
    matcher.call_waits("first", "support", 10)
    matcher.agent_idle("two", ("support",), 0)
    assert pair(matcher) == ("first", "two")


def test_an_agent_matched_in_one_queue_is_gone_from_all():
    matcher = Matcher()
    matcher.agent_idle("one", ("support", "sales"), 0)
    matcher.call_waits("a", "support", 1)
    matcher.call_waits("b", "sales", 2)
    assert pair(matcher) == ("a", "one")
    assert pair(matcher) is None
    assert matcher.waiting("sales") == 1


def test_what_an_agent_can_take_follows_their_queues_their_skills_and_new_demands():
    matcher = Matcher()
    one, spanish = ("support",), (("spanish", 2),)
    matcher.agent_idle("one", one, 0, {"spanish": 1})
    assert pair(matcher) is None
    matcher.call_waits("hard", "support", 1, 0, spanish)
    assert pair(matcher) is None
    matcher.agent_idle("one", one, 0, {"spanish": 2})
    assert pair(matcher) == ("hard", "one")
    matcher.call_waits("harder", "support", 2, 0, (("spanish", 3),))
    matcher.call_waits("night", "night", 3)
    matcher.agent_idle("one", one, 4, {"spanish": 3})
    assert pair(matcher) == ("harder", "one")
    matcher.agent_idle("one", ("support", "night"), 5, {"spanish": 3})
    assert pair(matcher) == ("night", "one")


def test_who_is_forgotten_can_come_as_somebody_new():
    matcher = Matcher()
    matcher.agent_idle("one", ("support",), 0)
    assert pair(matcher) is None
    matcher.forget("one")
    matcher.call_waits("a", "support", 1)
    assert pair(matcher) is None
    matcher.agent_idle("one", ("support",), 2)
    assert pair(matcher) == ("a", "one")


def test_who_left_is_not_matched():
    matcher = Matcher()
    matcher.call_waits("a", "support", 1)
    matcher.call_leaves("a")
    matcher.agent_idle("one", ("support",), 0)
    matcher.agent_busy("one")
    matcher.call_waits("b", "support", 2)
    assert pair(matcher) is None
    assert matcher.waiting("support") == 1


steps = st.lists(
    st.one_of(
        st.tuples(st.just("waits"), st.integers(0, 15), st.sampled_from(QUEUES), st.integers(0, 5)),
        st.tuples(st.just("leaves"), st.integers(0, 15)),
        st.tuples(st.just("idle"), st.integers(0, 7), st.sets(st.sampled_from(QUEUES)), st.integers(0, 5)),
        st.tuples(st.just("busy"), st.integers(0, 7)),
    ),
    max_size=80,
)


@given(steps)
def test_it_matches_as_a_scan_of_everything_would(given_steps):
    matcher, calls, agents = Matcher(), {}, {}
    for number, step in enumerate(given_steps):
        match step:
            case ("waits", call, queue, since):
                matcher.call_waits(f"c{call}", queue, since, number)
                calls[f"c{call}"] = (since, number, queue)
            case ("leaves", call):
                matcher.call_leaves(f"c{call}")
                calls.pop(f"c{call}", None)
            case ("idle", agent, queues, since):
                matcher.agent_idle(f"a{agent}", tuple(sorted(queues)), since)
                agents[f"a{agent}"] = (since, number, queues)
            case ("busy", agent):
                matcher.agent_busy(f"a{agent}")
                agents.pop(f"a{agent}", None)
        while True:
            served = [
                (since, order, call)
                for call, (since, order, queue) in calls.items()
                if any(queue in queues for _, _, queues in agents.values())
            ]
            if not served:
                assert pair(matcher) is None
                break
            call = min(served)[2]
            queue = calls.pop(call)[2]
            agent = min((since, order, name) for name, (since, order, queues) in agents.items() if queue in queues)[2]
            del agents[agent]
            assert pair(matcher) == (call, agent)
