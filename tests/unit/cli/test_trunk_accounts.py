"""Trunks whose far side registers with us, on the command line."""


def test_a_password_is_made_shown_once_and_made_anew(callside):
    callside.json("tenant", "add", "Example Motors")
    made = callside.json("trunk", "add", "PBX", "--registers-with-us", "--caller-id", "+15550100155")
    assert made["sip_user"].endswith(f"-{made['id']}")
    assert len(made["sip_password"]) >= 24
    told = callside.run("trunk", "change", "PBX", "--renew-password")
    assert "sip password" in told.out
    assert made["sip_password"] not in told.out
    [row] = callside.json("trunk", "list")
    assert row["registration"]["state"] in {"unknown", "awaited"}
    assert made["sip_password"] not in callside.run("trunk", "list", "--json").out


def test_what_is_known_of_a_carrier_has_no_place_there(callside):
    callside.json("tenant", "add", "Example Motors")
    refused = callside.run("trunk", "add", "PBX", "--registers-with-us", "--host", "sip.carrier.example")
    assert refused.refusal.startswith("host: leave it out")
    assert callside.run("trunk", "add", "PBX").refusal.startswith("host: say where the carrier is")
