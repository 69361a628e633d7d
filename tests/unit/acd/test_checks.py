from callside.acd.checks import warnings_of
from callside.acd.model import Queue, Relaxation, Strategy
from callside.agents.model import Agent


def agent(number, enabled=True, **skills):
    return Agent(number, "1", f"a{number}", "", "", enabled=enabled, skills=skills)


PEOPLE = {one.id: one for one in (agent("1", spanish=1), agent("2", french=3), agent("3", enabled=False, spanish=9))}


def queue(skills, *relaxation):
    return Queue("5", "1", "Support", frozenset(PEOPLE), skills=skills, relaxation=relaxation)


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
    assert warnings_of(Queue("5", "1", "Support", ring_count=3, strategy=Strategy.RING_ALL), PEOPLE) == []
    [said] = warnings_of(Queue("5", "1", "Support", ring_count=3), PEOPLE)
    assert said.startswith("ring_count: holds with the strategy ring_all only")
