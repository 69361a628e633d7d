from callside.acd import checks
from callside.acd.model import Overflow, OverflowWhen, Queue, Relaxation, Strategy
from callside.agents.model import Agent


def agent(number, enabled=True, **skills):
    return Agent(number, "1", f"a{number}", "", "", enabled=enabled, skills=skills)


PEOPLE = {one.id: one for one in (agent("1", spanish=1), agent("2", french=3), agent("3", enabled=False, spanish=9))}


def queue(skills, *relaxation, **fields):
    return Queue("5", "1", "Support", frozenset(PEOPLE), skills=skills, relaxation=relaxation, **fields)


QUEUES = {one.id: one for one in (queue({}), Queue("6", "1", "Empty"), Queue("7", "1", "Sales", frozenset({"1"})))}


def warnings_of(asked, people):
    return checks.warnings_of(asked, people, QUEUES)


def test_a_skill_that_somebody_has_is_no_warning():
    assert warnings_of(queue({"spanish": 1}), PEOPLE) == []
    assert warnings_of(queue({}), PEOPLE) == []


def test_a_skill_nobody_has_is_told_with_what_follows():
    assert warnings_of(queue({"spanish": 2}), PEOPLE) == [
        "skills: no agent of this queue has spanish at level 2, asked for; its callers wait until they give up"
    ]
    assert warnings_of(queue({"spanish": 2}, Relaxation(60, {"spanish": 1})), PEOPLE) == [
        "skills: no agent of this queue has spanish at level 2, asked for; nobody is served before 60 s"
    ]


def test_two_skills_must_be_of_one_agent():
    assert warnings_of(queue({"spanish": 1, "french": 1}), PEOPLE)


def test_each_step_of_relaxation_is_looked_at():
    [said] = warnings_of(queue({"french": 1}, Relaxation(30, {"german": 1}), Relaxation(90)), PEOPLE)
    assert (
        said
        == "skills: no agent of this queue has german at level 1, asked for from 30 s on; nobody is served before 90 s"
    )


def test_a_ring_count_without_ring_all_is_told_to_have_no_effect():
    assert warnings_of(queue({}, ring_count=3, strategy=Strategy.RING_ALL), PEOPLE) == []
    [said] = warnings_of(queue({}, ring_count=3), PEOPLE)
    assert said.startswith("ring_count: holds with the strategy ring_all only")


def test_a_queue_with_nobody_who_could_log_in_is_told_once_and_with_what_follows():
    nobody = "agents: this queue has nobody who can log in for it; its callers wait "
    assert warnings_of(Queue("6", "1", "Empty"), PEOPLE) == [nobody + "until they give up"]
    assert warnings_of(Queue("6", "1", "Empty", skills={"french": 1}), PEOPLE) == [nobody + "until they give up"]
    assert warnings_of(Queue("6", "1", "Empty", frozenset({"3"}), max_wait_s=60), PEOPLE) == [nobody + "for 60 s"]
    sends_on = (Overflow(OverflowWhen.UNSTAFFED, "7"),)
    assert warnings_of(Queue("6", "1", "Empty", overflow=sends_on), PEOPLE) == []


def test_overflow_that_never_happens_or_ends_with_nobody_is_told():
    def told(*rules, **fields):
        return warnings_of(queue({}, overflow=rules, **fields), PEOPLE)

    waited = Overflow(OverflowWhen.WAITED, "7", 60)
    assert told(waited, Overflow(OverflowWhen.FULL), max_waiting=3, max_wait_s=61) == []
    assert told(Overflow(OverflowWhen.FULL)) == ["overflow: a queue without max_waiting is never full"]
    [said] = told(waited, max_wait_s=60)
    assert said == "overflow: nobody waits for 60 s: callers are let go after max_wait_s, 60 s"
    assert told(waited, Overflow(OverflowWhen.WAITED, None, 30)) == ["overflow: only the first rule for waited counts"]
    assert told(Overflow(OverflowWhen.UNSTAFFED, "6")) == ["overflow: the queue Empty has no agents"]
