from dataclasses import asdict

import pytest

from callside.dialer.pacing.model import PacingMode
from callside.kernel.errors import InvalidFieldError
from callside.simulation.dial_scenario import (
    DialScenario,
    gains,
    is_dialling,
    read_dial_scenario,
    row_of,
    simulate_dialling,
)
from tests.unit.simulation.test_scenario import EXAMPLES

EXAMPLE = EXAMPLES / "campaign.toml"


def small(**changes):
    plan = {"name": "C", "agents": 8, "answer_rate": 0.25, "talk": {"mean_s": 60}} | changes
    return DialScenario.model_validate({"name": "small", "hours": 0.5, "days": 2, "campaign": [plan]})


def test_the_example_can_be_read_and_is_told_from_one_of_queues():
    assert read_dial_scenario(EXAMPLE).campaigns[0].agents == 15
    assert is_dialling(EXAMPLE)
    assert not is_dialling(EXAMPLES / "one-queue.toml")


def test_ten_more_agents_come_to_the_first_campaign():
    assert read_dial_scenario(EXAMPLE).with_agents(10).campaigns[0].agents == 25
    assert read_dial_scenario(EXAMPLE).with_agents(-20).campaigns[0].agents == 0


def test_every_way_of_pacing_gets_a_result_and_the_same_scenario_the_same_results():
    results = simulate_dialling(small(modes=["progressive", "boost", "predictive"]))
    assert [one.pacing for one in results] == list(PacingMode)
    assert results == simulate_dialling(small(modes=["progressive", "boost", "predictive"]))
    assert results[0].abandoned == 0
    assert results[0].utilisation < results[2].utilisation


def test_the_gain_is_told_of_campaigns_that_were_played_both_ways():
    both, once = simulate_dialling(small()), simulate_dialling(small(modes=["predictive"]))
    assert gains(both) == {"C": both[1].utilisation / both[0].utilisation}
    assert gains(both)["C"] > 1.1
    assert gains(once) == gains(simulate_dialling(small(agents=0))) == {}


def test_a_small_team_stays_progressive_unless_the_scenario_says_otherwise():
    plain, ahead = simulate_dialling(small(agents=5))
    assert asdict(plain) | {"pacing": ahead.pacing} == asdict(ahead)
    plain, ahead = simulate_dialling(small(agents=5, smallest_team=0))
    assert ahead.dials > plain.dials


def test_all_shapes_of_times_and_the_caps_can_be_said():
    shapes = {
        "talk": {"mean_s": 60, "shape": "lognormal", "cv": 0.5},
        "wrap_up": {"mean_s": 10, "shape": "fixed"},
        "answer": {"mean_s": 8, "shape": "fixed"},
        "failure": {"mean_s": 15},
        "calls_per_second": 1,
        "max_lines": 10,
    }
    _, ahead = simulate_dialling(small(**shapes))
    assert 0 < ahead.dials <= 2 * 1800


def test_nobody_there_means_nobody_is_called():
    for result in simulate_dialling(small(agents=0)):
        assert (result.dials, result.utilisation, result.calls_per_agent_hour) == (0, 0.0, 0.0)
        assert row_of(result)[2] == "0.0%"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("answer_rate = 0.20", "answer_rate = 2"), "campaign.0.answer_rate: Input should be less than or equal to 1"),
        (('"boost"', '"bosot"'), "campaign.0.modes.1: Input should be 'progressive', 'boost' or 'predictive'"),
        (("agents = 15", "agents = "), "this is no TOML"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(tmp_path, change, said):
    path = tmp_path / "one.toml"
    path.write_text(EXAMPLE.read_text().replace(*change))
    with pytest.raises(InvalidFieldError) as refused:
        read_dial_scenario(path)
    assert said in refused.value.message
