from pathlib import Path

import pytest

from callside.kernel.errors import InvalidFieldError
from callside.simulation.scenario import Scenario, read_scenario

EXAMPLES = Path(__file__).parents[3] / "examples" / "scenarios"
GOOD = """
name = "Small"
[[queue]]
name = "Support"
calls_per_hour = 10
talk = { mean_s = 60 }
[[agents]]
count = 2
queues = ["Support"]
"""


def written(tmp_path, text):
    path = tmp_path / "one.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "path", [EXAMPLES / "one-queue.toml", EXAMPLES / "two-languages.toml"], ids=lambda path: path.stem
)
def test_the_examples_can_be_read(path):
    assert read_scenario(path).queues


def test_two_more_agents_come_to_the_first_group(tmp_path):
    scenario = read_scenario(written(tmp_path, GOOD))
    assert scenario.with_agents(2).agents[0].count == 4
    assert scenario.with_agents(-5).agents[0].count == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("talk = {", "tlak = {"), "queue.0.talk: Field required"),
        (('queues = ["Support"]', 'queues = ["Sales"]'), 'there is no queue "Sales"; there are Support'),
        (("calls_per_hour = 10", ""), "give calls_per_hour or calls_per_interval"),
        (("mean_s = 60", "mean_s = -1"), "queue.0.talk.mean_s: Input should be greater than 0"),
        (("count = 2", "count = "), "this is no TOML"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(tmp_path, change, said):
    with pytest.raises(InvalidFieldError) as refused:
        read_scenario(written(tmp_path, GOOD.replace(*change)))
    assert said in refused.value.message
    assert refused.value.message.startswith("one.toml: ")


def test_rates_go_by_the_quarter_of_an_hour():
    queue = Scenario.model_validate(
        {
            "name": "x",
            "queue": [{"name": "Q", "calls_per_interval": [9, 0, 18], "talk": {"mean_s": 1}}],
            "agents": [{"count": 1, "queues": ["Q"]}],
        }
    ).queues[0]
    assert [queue.rate_per_ms(one) * 900_000 for one in (0, 899, 900, 1800, 2699, 2700)] == [9, 9, 0, 18, 18, 0]
