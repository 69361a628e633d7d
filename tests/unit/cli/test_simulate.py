import json
from pathlib import Path

from typer.testing import CliRunner

from callside.cli.main import app

EXAMPLE = str(Path(__file__).parents[3] / "examples" / "scenarios" / "one-queue.toml")


def run(*words):
    return CliRunner().invoke(app, ["simulate", *words], catch_exceptions=False)


def test_it_prints_a_line_for_each_queue_and_writes_a_page(tmp_path):
    page = tmp_path / "day.html"
    said = run(EXAMPLE, "--agents", "+2", "--html", str(page))
    assert said.exit_code == 0
    assert "12 agents" in said.stdout
    assert "Support" in said.stdout
    assert page.read_text().startswith("<!doctype html>")


def test_programs_get_json_and_the_same_each_time():
    first, again = (run(EXAMPLE, "--json", "--no-html", "--seed", "5").stdout for _ in range(2))
    assert first == again
    [queue] = json.loads(first)["queues"]
    assert queue["offered"] == queue["answered"] + queue["abandoned"] + queue["let_go"]


CAMPAIGN = """
name = "Small"
hours = 0.2
days = 1
[[campaign]]
name = "Renewals"
agents = 6
answer_rate = 0.3
talk = { mean_s = 60 }
"""


def test_a_scenario_of_campaigns_compares_the_ways_of_pacing(tmp_path):
    path = tmp_path / "campaign.toml"
    path.write_text(CAMPAIGN)
    said = run(str(path), "--agents", "+1", "--seed", "3").output
    assert "progressive" in said
    assert "predictive" in said
    rows = json.loads(run(str(path), "--json", "--agents", "+1", "--seed", "3").output)
    gain = rows[1]["utilisation"] / rows[0]["utilisation"]
    assert f": predictive fills {gain:.2f} times as much of the agents' time as progressive" in said
    assert [row["pacing"] for row in rows] == ["progressive", "predictive"]
    assert not path.with_suffix(".html").exists()
