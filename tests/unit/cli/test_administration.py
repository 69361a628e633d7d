"""Administration on the command line does the same with a running server and with a stopped one."""

import pytest

from tests.fakes.command_line import CommandLine, ServerThread


def set_up(callside):
    """A small contact centre, set up as docs/administration.md says."""
    callside.json("tenant", "add", "Example Motors", "--origin", "https://crm.example.com")
    return {
        "token": callside.json("token", "add", "CRM production"),
        "agent": callside.json("agent", "add", "ag01", "--name", "Asha Example"),
        "extension": callside.json("extension", "add", "205"),
        "queue": callside.json("queue", "add", "Support", "--agent", "ag01", "--number", "+15550100123"),
        "trunk": callside.json(
            "trunk", "add", "Carrier", "--host", "sip.carrier.example", "--secret-stdin", stdin="hush hush\n"
        ),
        "campaign": callside.json(
            *("campaign", "add", "Renewals", "--type", "manual", "--trunk", "carrier", "--agent", "AG01"),
            *("--country", "us", "--block", "+1900", "--caller-id", "+15550100199"),
        ),
    }


def test_a_contact_centre_is_set_up_from_nothing(callside):
    made = set_up(callside)
    assert len(made["token"]["token"]) >= 40
    assert made["agent"]["password"]
    assert made["extension"]["sip_password"]
    assert made["queue"]["agents"] == made["campaign"]["agents"] == [made["agent"]["id"]]
    assert made["campaign"]["trunk_id"] == made["trunk"]["id"]
    rules = {"countries": ["US"], "blocked_prefixes": ["+1900"], "allow_premium": False}
    assert made["campaign"]["dial_rules"] == rules | {"prices": {}, "dearest": 0}
    assert made["trunk"]["has_secret"] is True
    for noun, one in made.items():
        (listed,) = callside.json(noun, "list")
        assert listed["id"] == one["id"]
        assert not {"password", "sip_password", "token", "secret"} & set(listed)


def test_things_are_changed_by_what_people_call_them(callside):
    made = set_up(callside)
    second = callside.json("agent", "add", "ag02", "--password-stdin", stdin="correct horse\n")
    assert second["password"] is None
    changed = callside.json("queue", "change", "support", "--add-agent", "ag02", "--drop-agent", "ag01")
    assert changed["agents"] == [second["id"]]
    assert changed["numbers"] == made["queue"]["numbers"]
    assert callside.json("agent", "change", "ag01", "--disabled")["enabled"] is False
    assert callside.json("extension", "change", "205", "--renew-password")["sip_password"]
    assert callside.json("campaign", "change", "Renewals", "--premium")["dial_rules"]["countries"] == ["US"]
    assert callside.json("trunk", "change", "Carrier", "--port", "5070")["port"] == 5070
    assert callside.json("tenant", "change", "Example Motors", "--no-origins")["crm_origins"] == []
    new = callside.json("token", "change", "CRM production")
    old, kept = sorted(callside.json("token", "list"), key=lambda one: one["id"] == new["id"])
    assert (old["revoked_at"] is None, kept["revoked_at"]) == (False, None)


def test_what_is_removed_is_gone(callside):
    set_up(callside)
    for noun, name in (
        ("campaign", "Renewals"),
        ("trunk", "Carrier"),
        ("queue", "Support"),
        ("extension", "205"),
        ("agent", "ag01"),
    ):
        assert callside.run(noun, "remove", name, "--yes").code == 0
        assert callside.json(noun, "list") == []
    callside.json("tenant", "change", "Example Motors", "--disabled")
    assert callside.run("tenant", "remove", "Example Motors", "--yes").code == 0
    assert callside.json("tenant", "list") == []


REFUSED = (
    (("agent", "add", "a b"), "username: "),
    (("agent", "change", "nobody", "--disabled"), 'agent: there is no "nobody"; see: callside agent list'),
    (("queue", "add", "Sales", "--agent", "nobody"), 'agent: there is no "nobody"'),
    (("queue", "add", "Sales", "--ring-s", "1"), "ring_s: "),
    (("campaign", "add", "X", "--type", "AUTO", "--trunk", "Carrier"), "type: "),
    (("campaign", "add", "X", "--type", "MANUAL", "--trunk", "Carrier", "--country", "XX"), "dial_rules.countries"),
    (("trunk", "remove", "Carrier", "--yes"), "trunk: give these campaigns another trunk first: Renewals"),
    (("tenant", "change", "Example Motors", "--origin", "http://crm.example.com"), "crm_origins: "),
    (("tenant", "remove", "Example Motors", "--yes"), "tenant: disable it first"),
    (("agent", "remove", "ag01"), "add --yes"),
)


def test_a_refusal_is_one_line_that_names_the_field(callside):
    set_up(callside)
    for words, said in REFUSED:
        result = callside.run(*words, stdin="")
        assert result.code == 1, words
        assert result.refusal.startswith(said), words
        assert "\n" not in result.refusal


def test_which_tenant_is_asked_only_where_there_are_several(callside):
    assert "there is no tenant yet" in callside.run("agent", "list").refusal
    callside.json("tenant", "add", "Example Motors")
    callside.json("agent", "add", "ag01")
    callside.json("tenant", "add", "Twin Motors")
    assert "--tenant: say which one" in callside.run("agent", "list").refusal
    assert callside.json("agent", "list", "--tenant", "Twin Motors") == []
    assert len(callside.json("agent", "list", "-t", "example motors")) == 1


def test_tables_are_for_people(callside):
    set_up(callside)
    lines = callside.run("queue", "list").out.splitlines()
    assert lines[0].split() == ["id", "name", "agents", "numbers", "ring", "s", "wrap", "up", "s", "max", "wait", "s"]
    assert "+15550100123" in lines[1]
    shown = callside.run("token", "add", "second").out
    assert "Keep it now: it is not shown again." in shown
    assert callside.run("token", "list").out.count("second") == 1


def test_what_was_set_up_while_stopped_is_there_when_it_runs(tmp_path):
    made = set_up(CommandLine(tmp_path))
    with ServerThread(tmp_path):
        assert [one["id"] for one in CommandLine(tmp_path).json("agent", "list")] == [made["agent"]["id"]]
        CommandLine(tmp_path).json("agent", "add", "ag02")
    assert [one["username"] for one in CommandLine(tmp_path).json("agent", "list")] == ["ag01", "ag02"]


def test_a_server_that_was_killed_does_not_stand_in_the_way(tmp_path):
    import json

    with ServerThread(tmp_path):
        path = tmp_path / "run" / "control.json"
        told = json.loads(path.read_text())
    path.write_text(json.dumps(told | {"started": 1}))
    assert CommandLine(tmp_path).json("tenant", "list") == []


def test_a_queue_s_matching_is_shown_and_changed(callside):
    set_up(callside)
    shown = callside.json("queue", "matching", "Support")
    assert (shown["strategy"], shown["skills"], shown["overflow"], shown["warnings"]) == ("longest_idle", {}, [], [])
    callside.json("queue", "add", "Sales", "--agent", "ag01")
    changed = callside.json(
        *("queue", "matching", "Support", "--strategy", "occupancy", "--skill", "spanish=2", "--relax", "60:spanish=1"),
        *(
            "--relax",
            "180:",
            "--max-waiting",
            "9",
            "--overflow",
            "full",
            "--overflow",
            "waited:120:Sales",
            "--colour",
            "#2f6fab",
        ),
    )
    [sales] = [row["id"] for row in callside.json("queue", "list") if row["name"] == "Sales"]
    assert changed["strategy"] == "occupancy"
    assert changed["relaxation"] == [{"after_s": 60, "skills": {"spanish": 1}}, {"after_s": 180, "skills": {}}]
    assert changed["overflow"] == [
        {"when": "full", "to": None, "seconds": 0, "voicemail": False},
        {"when": "waited", "to": sales, "seconds": 120, "voicemail": False},
    ]
    assert "no agent of this queue has spanish at level 2" in changed["warnings"][0]
    several = callside.json("queue", "matching", "Support", "--strategy", "ring_all", "--ring-count", "3")
    assert (several["strategy"], several["ring_count"]) == ("ring_all", 3)
    callside.json("agent", "change", "ag01", "--skill", "spanish=2")
    assert callside.json("queue", "matching", "Support")["warnings"] == []
    assert callside.run("queue", "remove", "Sales", "--yes").refusal.startswith("queue: the queue Support leads there")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--skill", "spanish"), '"spanish": write a skill and its level'),
        (("--strategy", "random"), "strategy: "),
        (("--overflow", "waited:Sales"), '--overflow "waited:Sales": write seconds too'),
        (("--overflow", "busy:Sales"), '--overflow "busy:Sales": begin with full, unstaffed'),
        (("--overflow", "waited:0"), "overflow: waited needs seconds"),
        (("--overflow", "full:Support"), "overflow: a queue cannot send its callers to itself"),
        (("--relax", "60:", "--relax", "30:"), "relaxation: each step must come later"),
        (("--colour", "red"), "colour: write a colour as #rrggbb"),
    ],
)
def test_matching_that_cannot_be_is_refused(callside, words, said):
    set_up(callside)
    assert callside.run("queue", "matching", "Support", *words).refusal.startswith(said)
