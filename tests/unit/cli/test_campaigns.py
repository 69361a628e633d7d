"""``callside campaign`` does the same with a running server and with a stopped one."""

import pytest


def set_up(callside, kind="PROGRESSIVE", *more):
    callside.json("tenant", "add", "Example Motors")
    callside.json("agent", "add", "ag01")
    callside.json("trunk", "add", "Carrier", "--host", "sip.carrier.example")
    words = ("--type", kind, "--trunk", "Carrier", "--agent", "ag01", "--country", "US")
    return callside.json("campaign", "add", "Spring", *words, *more)


def test_a_campaign_is_started_paused_and_stopped(callside):
    made = set_up(callside, "MANUAL")
    assert (made["run"], made["profile"]) == ("stopped", None)
    for verb, run in (("start", "running"), ("pause", "paused"), ("start", "running"), ("stop", "stopped")):
        assert callside.json("campaign", verb, "spring")["run"] == run
        [listed] = callside.json("campaign", "list")
        assert listed["run"] == run
    assert callside.run("campaign", "start", "Spring").out == "The campaign Spring runs.\n"
    assert callside.run("campaign", "pause", "Spring").out == "The campaign Spring is paused.\n"


def test_a_forbidden_campaign_does_not_start_and_every_rule_is_told(callside):
    set_up(callside, "PROGRESSIVE", "--ring-s", "10")
    refused = callside.run("campaign", "start", "Spring")
    assert refused.code == 1
    assert refused.refusal.startswith("the campaign cannot be started: ring_s: a phone has to ring 15 s or longer")
    for rule in ("ring.min_s", "safe_message.required", "caller_id.required", "scrub.max_age_d"):
        assert f"[{rule}]" in refused.refusal
    assert callside.json("campaign", "list")[0]["run"] == "stopped"


def test_a_start_warns_of_what_hardly_works(callside):
    set_up(callside, "PROGRESSIVE", "--profile", "none")
    started = callside.run("campaign", "start", "Spring")
    assert started.code == 0
    assert "warning: lists: no enabled list has a lead" in started.err


def test_what_predictive_dialling_would_gain_is_said_before_it_is_switched_on(callside):
    set_up(callside, "PREDICTIVE", "--profile", "none")
    refused = callside.run("campaign", "start", "Spring")
    assert refused.code == 1
    assert "predictive dialling with 1 agents" in refused.refusal
    callside.json("campaign", "pace", "Spring", "--opt-in", "--officer", "Asha Example")
    started = callside.run("campaign", "start", "Spring")
    assert started.code == 0
    told, runs = started.out.splitlines()
    assert told.startswith(("Nothing can be said yet", "What predictive dialling would gain cannot be told now"))
    assert runs == "The campaign Spring runs."


def test_the_dialling_is_shown_and_changed(callside):
    set_up(callside)
    shown = callside.json("campaign", "dialing", "Spring")
    assert (shown["profile"], shown["caller_ids"]) == ("strict", [])
    changed = callside.json(
        *("campaign", "dialing", "Spring", "--show", "+15550100123", "--show", "+15550100124", "--choose", "rotate"),
        *("--starts-at", "2027-01-31T09:00:00+01:00", "--price", "+1=12", "--dearest", "20"),
        *("--preview-s", "15", "--script", "Good morning."),
    )
    assert changed["caller_ids"] == ["+15550100123", "+15550100124"]
    assert (changed["caller_id_choice"], changed["starts_at"]) == ("rotate", "2027-01-31T08:00:00Z")
    assert (changed["dial_rules"]["prices"], changed["dial_rules"]["countries"]) == ({"+1": 12}, ["US"])
    cleared = callside.json("campaign", "dialing", "Spring", "--starts-at", "", "--show", "")
    assert (cleared["starts_at"], cleared["caller_ids"], cleared["script"]) == (None, [], "Good morning.")
    assert callside.json("campaign", "change", "Spring", "--regulated", "--purpose", "service")["regulated"] is True
    until = ("--scrub-token", "DLT-0001", "--scrub-until", "2027-01-31T00:00:00+05:30")
    assert callside.json("campaign", "dialing", "Spring", *until)["scrub_token_expires_at"] == "2027-01-30T18:30:00Z"
    gone = callside.json("campaign", "dialing", "Spring", "--scrub-token", "", "--scrub-until", "")
    assert (gone["scrub_token"], gone["scrub_token_expires_at"], gone["regulated"]) == ("", None, True)
    assert callside.json("campaign", "change", "Spring", "--profile", "us")["profile"] == "us"
    assert callside.json("campaign", "change", "Spring", "--profile", "", "--type", "manual")["profile"] is None


def test_pace_and_messages_are_shown_and_changed(callside):
    set_up(callside)
    assert callside.json("campaign", "pace", "Spring")["pace"]["target"] == 0.025
    changed = callside.json("campaign", "pace", "Spring", "--target", "0.02", "--max-lines", "9")
    assert (changed["pace"]["target"], changed["pace"]["max_lines"], changed["pace"]["smallest_team"]) == (0.02, 9, 6)
    notified = callside.json("campaign", "pace", "Spring", "--notified-at", "2027-01-01T00:00:00Z")
    assert notified["autodialer_notified_at"] == "2027-01-01T00:00:00Z"
    assert callside.json("campaign", "pace", "Spring", "--notified-at", "")["autodialer_notified_at"] is None
    confirmed = callside.json("campaign", "messages", "Spring", "--says", "opt_out", "--says", "who")
    assert confirmed["safe_message_says"] == ["who", "opt_out"]
    assert callside.json("campaign", "messages", "Spring", "--says", "")["safe_message_says"] == []
    changed = callside.json("campaign", "messages", "Spring", "--detect-machines", "--action", "agent")
    assert (changed["detect_machines"], changed["machine_action"], changed["safe_message"]) == (True, "agent", None)
    assert callside.json("campaign", "messages", "Spring", "--sample-every", "20")["machine_sample_every"] == 20


def test_what_becomes_of_leads_is_shown_and_changed(callside):
    set_up(callside)
    changed = callside.json(
        *("campaign", "outcomes", "Spring", "--effect", "sale=success", "--effect", "follow_up=callback:3600:mine"),
        *("--effect", "no_contact=machine"),
        *("--recycle", "busy=600:4:same", "--recycle", "no_answer=7200", "--most-attempts", "5"),
    )
    assert changed["effects"]["sale"]["kind"] == "success"
    assert changed["effects"]["no_contact"]["kind"] == "machine"
    assert changed["effects"]["follow_up"] == {"kind": "callback", "after_s": 3600, "personal": True}
    assert changed["recycling"]["outcomes"]["busy"] == {"after_s": 600, "most": 4, "then": "same", "apart_s": 0}
    assert changed["recycling"]["outcomes"]["no_answer"]["apart_s"] == 3 * 3600
    assert changed["recycling"]["most_attempts"] == 5
    assert callside.json("campaign", "outcomes", "Spring", "--effect", "")["effects"] == {}
    assert callside.json("campaign", "outcomes", "Spring")["recycling"]["most_attempts"] == 5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("dialing", "Spring", "--price", "+1"), '--price "+1": write a name, = and a value'),
        (("dialing", "Spring", "--price", "+1=cheap"), '--price "cheap": write a whole number there'),
        (("messages", "Spring", "--safe", "Nobody"), 'prompt: there is no "Nobody"'),
        (("messages", "Spring", "--action", "message"), "machine_message: choose the prompt"),
        (("outcomes", "Spring", "--effect", "sale=joy"), "effects.sale.kind"),
        (
            ("outcomes", "Spring", "--effect", "astonished=success"),
            "effects: this tenant has no disposition astonished",
        ),
        (("outcomes", "Spring", "--recycle", "busy=soon"), '--recycle "soon": write a whole number there'),
        (("change", "Spring", "--profile", "atlantis"), "profile: there is no profile atlantis"),
        (("start", "Autumn"), 'campaign: there is no "Autumn"'),
    ],
)
def test_what_cannot_be_meant_is_refused(stopped, words, said):
    set_up(stopped)
    assert stopped.run("campaign", *words).refusal.startswith(said)


def test_a_status_needs_a_running_server(stopped):
    set_up(stopped)
    assert "start it with: callside serve" in stopped.run("campaign", "status", "Spring").refusal


def test_a_status_is_for_people(tmp_path):
    from tests.fakes.command_line import CommandLine, ServerThread

    with ServerThread(tmp_path):
        callside = CommandLine(tmp_path)
        set_up(callside, "PROGRESSIVE", "--profile", "none")
        callside.json("campaign", "start", "Spring")
        shown = callside.run("campaign", "status", "Spring")
        lines = shown.out.splitlines()
        assert lines[0] == "Spring (PROGRESSIVE) is running."
        assert "  lines out: 0, of them 0 waiting for an agent; agents: 0 ready, 0 talking, 0 wrapping, 0 away" in lines
        assert "  today: 0 dials, 0 live answers, 0 connects" in lines
        assert callside.json("campaign", "status", "Spring")["run"] == "running"
        assert callside.run("campaign", "pacing", "Spring").out.startswith("Nothing can be said yet")
