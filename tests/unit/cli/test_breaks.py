"""Reasons for breaks and their limits on the command line."""

import pytest


@pytest.fixture
def motors(callside):
    callside.json("tenant", "add", "Example Motors")
    return callside


def test_reasons_are_added_limited_and_removed(motors):
    assert {one["limit_s"] for one in motors.json("break", "list")} == {None}
    made = motors.json("break", "add", "coach", "--label", "Coaching", "--limit-s", "1200")
    assert made == {"code": "coach", "label": "Coaching", "limit_s": 1200}
    assert motors.json("break", "change", "lunch", "--limit-s", "1800")["label"] == "Lunch"
    assert motors.json("break", "change", "coach", "--no-limit", "--label", "Coach")["limit_s"] is None
    kept = {one["code"]: (one["label"], one["limit_s"]) for one in motors.json("break", "list")}
    assert kept == {
        "break": ("Short break", None),
        "lunch": ("Lunch", 1800),
        "training": ("Training", None),
        "meeting": ("Meeting", None),
        "coach": ("Coach", None),
    }
    assert motors.run("break", "remove", "coach", "--yes").code == 0
    assert "coach" not in {one["code"] for one in motors.json("break", "list")}


def test_what_cannot_be_is_refused_with_the_remedy(motors):
    assert "breaks: each code may stand there once" in motors.run("break", "add", "lunch", "--label", "Lunch").refusal
    assert "limit_s" in motors.run("break", "change", "lunch", "--limit-s", "0").refusal
    assert motors.run("break", "change", "siesta", "--no-limit").refusal.endswith("see: callside break list")
    both = motors.run("break", "change", "lunch", "--no-limit", "--limit-s", "60")
    assert both.refusal.startswith("--no-limit:")
