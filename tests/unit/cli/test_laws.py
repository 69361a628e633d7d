import json

import pytest
from typer.testing import CliRunner

from callside.cli.main import app
from callside.kernel.errors import CallsideError


def run(*words):
    return CliRunner().invoke(app, ["laws", *words], catch_exceptions=False)


def test_profiles_are_listed_with_how_many_rules_rest_on_words_that_were_read():
    rows = json.loads(run("list", "--json").stdout)
    assert {"ca-1", "in-1", "strict-1", "uk-1", "us-1"} <= {one["profile"] for one in rows}
    assert [one["profile"] for one in rows if not one["in_force"]] == ["none-1"]
    assert next(one for one in rows if one["profile"] == "strict-1")["excerpts_read"] == "0 of 11 rules"
    assert "United Kingdom" in run("list").stdout


def test_a_profile_is_shown_rule_by_rule_with_its_evidence():
    said = run("show", "uk").stdout
    assert "No legal advice" in said
    assert (
        "Bank holidays of Scotland and Northern Ireland alone, and holidays that are proclaimed for one year." in said
    )
    assert "ring (secondary): A phone rings for 15 s" in said
    assert json.loads(run("show", "uk-1", "--json").stdout)["rules"][0]["evidence"] == "house"


def ask(*words):
    return json.loads(run("ask", *words, "--json").stdout)


def test_a_number_may_be_called_when_it_is_day_there():
    said = ask("+12125550100", "-p", "us", "--at", "2026-06-01T09:00-04:00")
    assert (said["allowed"], said["why_not"]) == (True, [])
    assert said["clocks"] == ["Mon 2026-06-01 09:00 -0400 (America/New_York)"]


def test_why_not_is_said_and_from_when_on():
    said = ask("+12125550100", "-p", "us", "--at", "2026-06-01T09:00-04:00", "--zone", "America/Los_Angeles")
    assert not said["allowed"]
    assert "clock of America/Los_Angeles" in said["why_not"][0]
    assert said["until"] == "Mon 2026-06-01 08:00 -0700 (America/Los_Angeles)"
    words = run("ask", "+12125550100", "-p", "us", "--at", "2026-06-01T23:00-04:00").stdout
    assert "+12125550100 may not be called under us-1" in words
    assert "allows no call now by the clock of America/New_York; wait until it does" in words
    assert "Not before Tue 2026-06-02 08:00 -0400 (America/New_York)." in words


def test_a_hold_is_lifted_by_a_reserved_agent():
    held = ("+442079460123", "-p", "uk", "--at", "2026-06-04T12:00+01:00", "--abandoned", "2026-06-01T12:01+01:00")
    assert not ask(*held)["allowed"]
    assert ask(*held, "--reserved")["allowed"]


def test_a_number_that_is_nowhere_is_refused_until_the_lead_says_where():
    nowhere = ("+80000000000", "--at", "2026-06-01T12:00+00:00")
    assert "give the lead a time zone" in ask(*nowhere)["why_not"][0]
    assert ask(*nowhere, "--zone", "Europe/Berlin")["allowed"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("ask", "+12125550100", "--at", "2026-06-01T09:00"), "write an instant with its offset"),
        (("ask", "+12125550100", "--at", "soon"), "write an instant with its offset"),
        (("ask", "+12125550100", "--zone", "Mars"), "zone: there is no such time zone"),
        (("ask", "12", "--profile", "uk"), "number: "),
        (("ask", "+12125550100", "--profile", "atlantis"), "choose one of ca, in"),
        (("show", "uk-9"), "choose one of ca-1"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_the_remedy(words, message):
    with pytest.raises(CallsideError, match=message):
        run(*words)
