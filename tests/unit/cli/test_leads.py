"""Leads on the command line: the same with a running server and with a stopped one."""

import csv
import io

import pytest

FILE = "Name;Phone;City\nAda;(212) 555-0131;Springfield\nBob;nothing;x\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(FILE, encoding="utf-8")
    return path


@pytest.fixture
def centre(callside):
    callside.json("tenant", "add", "Example Motors")
    callside.json("leads", "add", "Spring", "--weight", "3")
    callside.json("dnc", "add-list", "Register")
    return callside


def test_a_file_comes_in_and_its_report_and_export_go_out(centre, file, tmp_path):
    done = centre.json("leads", "import", "spring", str(file), "--column", "City=skip")
    assert (done["state"], done["counts"]) == ("done", {"imported": 1, "refused": 1})
    (listed,) = centre.json("leads", "list")
    assert (listed["weight"], listed["leads"]) == (3, {"fresh": 1})
    assert [one["id"] for one in centre.json("leads", "imports")] == [done["id"]]
    report, export = tmp_path / "report.csv", tmp_path / "export.csv"
    assert centre.run("leads", "report", done["id"], "--to", str(report)).code == 0
    assert [row["verdict"] for row in csv.DictReader(io.StringIO(report.read_text()))] == ["imported", "refused"]
    assert centre.run("leads", "export", "Spring", "--to", str(export)).code == 0
    assert "+12125550131" in export.read_text(encoding="utf-8-sig")
    assert [one["name"] for one in centre.json("leads", "find", "212 555 0131")] == ["Ada"]


def test_a_list_has_a_scrub_token_of_its_own_until_it_is_taken_away(centre):
    until = ("--scrub-token", "DLT-0001", "--scrub-until", "2036-01-01T00:00:00+05:30")
    changed = centre.json("leads", "change", "Spring", *until)
    assert (changed["scrub_token"], changed["scrub_token_expires_at"]) == ("DLT-0001", "2035-12-31T18:30:00Z")
    assert "set both" in centre.run("leads", "change", "Spring", "--scrub-token", "").refusal
    gone = centre.json("leads", "change", "Spring", "--scrub-token", "", "--scrub-until", "")
    assert (gone["scrub_token"], gone["scrub_token_expires_at"]) == ("", None)


def test_a_number_is_put_on_a_list_checked_and_taken_off(centre, file):
    centre.json("leads", "import", "Spring", str(file))
    assert centre.json("dnc", "add", "register", "+12125550131")["counts"] == {"added": 1, "known": 0}
    assert centre.json("dnc", "check", "+12125550131") == {"blocked": True, "list": "Register"}
    assert centre.json("leads", "find", "+12125550131")[0]["state"] == "blocked"
    (shown,) = centre.json("dnc", "show", "register")
    assert (shown["number"], shown["expires_at"]) == ("+12125550131", None)
    assert centre.json("dnc", "show", "register", "--after", "+12125550131") == []
    assert centre.json("dnc", "remove", "Register", "+12125550131")["counts"] == {"removed": 1, "unknown": 0}
    assert centre.json("dnc", "import", "Register", str(file), "--whole")["counts"]["added"] == 1
    (listed,) = centre.json("dnc", "list")
    assert listed["scrubbed_at"]


def test_the_installations_lists_count_for_every_tenant(centre, file):
    everywhere = ("--everywhere",)
    centre.json("tenant", "add", "Other Motors")
    assert centre.json("dnc", "list", *everywhere) == []
    added = centre.json("dnc", "add-list", "National register", *everywhere)
    assert (added["name"], added["campaign_id"]) == ("National register", None)
    assert centre.json("dnc", "import", "national register", str(file), "--whole", *everywhere)["counts"]["added"] == 1
    for tenant in ("Example Motors", "Other Motors"):
        found = centre.json("dnc", "check", "+12125550131", "--tenant", tenant)
        assert found == {"blocked": True, "list": "National register"}
    assert centre.json("dnc", "add", "National register", "+12125550132", *everywhere)["counts"]["added"] == 1
    shown = centre.json("dnc", "show", "National register", *everywhere)
    assert [one["number"] for one in shown] == ["+12125550131", "+12125550132"]
    first = centre.run("dnc", "show", "National register", "--limit", "1", *everywhere)
    assert "There may be more: --after +12125550131" in first.out
    (listed,) = centre.json("dnc", "list", *everywhere)
    assert listed["scrubbed_at"]
    assert [one["name"] for one in centre.json("dnc", "list", "--tenant", "Example Motors")] == ["Register"]
    assert "take them off first" in centre.run("dnc", "remove-list", "National register", "--yes", *everywhere).refusal
    gone = centre.json("dnc", "remove", "National register", "+12125550131", "+12125550132", *everywhere)
    assert gone["counts"] == {"removed": 2, "unknown": 0}
    assert centre.run("dnc", "remove-list", "National register", "--yes", *everywhere).code == 0
    assert centre.json("dnc", "list", *everywhere) == []
    said = centre.run("dnc", "list", "--tenant", "Other Motors", *everywhere).refusal
    assert said == "--everywhere: these lists are no tenant's; leave --tenant out"


def test_what_cannot_be_done_is_told_in_one_line(centre, file):
    assert "no column 'Tel'" in centre.run("leads", "import", "Spring", str(file), "--column", "Tel=number").refusal
    assert "header=role" in centre.run("leads", "import", "Spring", str(file), "--column", "Tel").refusal
    assert "no such import" in centre.run("leads", "report", "999").refusal
    assert centre.run("leads", "remove", "Spring", "--yes").code == 0
    assert centre.json("leads", "list") == []
