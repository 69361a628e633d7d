"""`/v1` for leads: lists, files in and out, single leads, do-not-call lists."""

import csv
import io
import json

import pytest

from callside.exchange.dnc_port import EVERYWHERE
from tests.fakes.installation import furnish

FILE = "Name;Phone;City\nAda;(212) 555-0131;=1+1\nBob;nothing;x\nAnn;+12125550131;y\n"


@pytest.fixture
async def mine(house):
    tenant = await house.tenant("Example Motors")
    tenant.ids = await furnish(tenant.client)
    return tenant


def rows(answer):
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"), newline="")))


async def upload(mine, content=FILE, **choices):
    values = {"list_id": mine.ids["lead-list"], "file_name": "people.csv", "choices": json.dumps(choices)}
    return await mine.client.post("/v1/lead-imports", params=values, content=content)


async def test_a_file_comes_in_and_its_report_and_export_go_out(house, mine):
    answer = await upload(mine)
    assert answer.status_code == 202, answer.text
    place = f"/v1/lead-imports/{answer.json()['id']}"
    assert (await mine.client.get(f"/v1/lead-reports/{answer.json()['id']}")).status_code == 404
    await house.bring_in()
    done = (await mine.client.get(place)).json()
    assert (done["state"], done["progress"]) == ("done", 1.0)
    assert done["counts"] == {"imported": 1, "refused": 1, "duplicate": 1}
    assert (await mine.client.get("/v1/lead-imports")).json()["items"] == [done]
    report = rows(await mine.client.get(f"/v1/lead-reports/{done['id']}"))
    assert [(row["line"], row["verdict"]) for row in report] == [
        ("2", "imported"),
        ("3", "refused"),
        ("4", "duplicate"),
    ]
    exported = rows(await mine.client.get(f"/v1/lead-exports/{mine.ids['lead-list']}"))
    assert [(row["name"], row["number"]) for row in exported] == [
        ("Prospect 1", "+12125550121"),
        ("Ada", "+12125550131"),
    ]
    assert "City: =1+1" in exported[1]["other fields"] or exported[1].get("City") == "'=1+1"
    assert (await mine.client.get(f"/v1/lead-lists/{mine.ids['lead-list']}")).json()["leads"] == {"fresh": 2}
    assert (await mine.client.delete(place)).status_code == 409


async def test_a_file_is_looked_at_before_it_is_taken(mine):
    seen = (await mine.client.post("/v1/lead-previews", content=FILE)).json()
    assert seen["columns"] == [["Name", "name"], ["Phone", "number"], ["City", "field"]]
    assert seen["sample"][0] == ["Ada", "(212) 555-0131", "=1+1"]
    assert "semicolons" in seen["form"]


async def test_choices_nested_without_end_are_refused_like_any_others(mine):
    values = {"list_id": mine.ids["lead-list"], "choices": "[" * 20_000}
    refused = await mine.client.post("/v1/lead-imports", params=values, content=b"x")
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "choices")


@pytest.mark.parametrize(
    ("content", "choices", "field"),
    [
        ("", {}, "file"),
        ("Name\nAda\n", {}, "file"),
        (FILE, {"columns": {"Tel": "number"}}, "file"),
        (FILE, {"encoding": "rot13"}, "encoding"),
        (FILE, {"misspelt": 1}, "misspelt"),
        (FILE, {"columns": {"Phone": "nonsense"}}, "columns.Phone"),
    ],
)
async def test_what_cannot_be_read_is_refused_with_the_field(house, mine, content, choices, field):
    answer = await upload(mine, content, **choices)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["field"] == field
    assert (await mine.client.get("/v1/lead-imports")).json()["items"] == []
    assert not list((house.prompts.parent / "imports").rglob("upload-*"))


async def test_an_import_that_is_cancelled_is_gone(house, mine):
    one = (await upload(mine)).json()
    assert (await mine.client.delete(f"/v1/lead-imports/{one['id']}")).status_code == 204
    await house.bring_in()
    assert (await mine.client.get(f"/v1/lead-imports/{one['id']}")).json()["state"] == "cancelled"
    assert (await mine.client.get("/v1/leads", params={"number": "+12125550131"})).json()["items"] == []


async def test_a_lead_is_found_changed_and_made_due_again(mine):
    (found,) = (await mine.client.get("/v1/leads", params={"number": "212 555 0121"})).json()["items"]
    assert (found["id"], found["state"], found["due_at"]) == (mine.ids["lead"], "due", None)
    place = f"/v1/leads/{found['id']}"
    assert (await mine.client.patch(place, json={"notes": "after six", "state": "done"})).json()["state"] == "done"
    again = await mine.client.patch(place, json={"state": "due", "due_at": "2027-01-15T08:00:00Z"})
    assert (again.json()["due_at"], again.json()["notes"]) == ("2027-01-15T08:00:00Z", "after six")
    assert (await mine.client.patch(place, json={"state": "blocked"})).status_code == 400
    assert (
        await mine.client.post("/v1/leads", json={"list_id": "999", "numbers": ["+12125550140"]})
    ).status_code == 400


async def test_of_many_numbers_the_one_that_is_none_is_named_and_none_is_on_the_list(mine):
    where = {"list_id": mine.ids["dnc-list"]}
    answer = await mine.client.post("/v1/dnc-entries", json={**where, "numbers": ["+12125550131", "x\u0007y", "12"]})
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "numbers")
    assert answer.json()["error"]["message"].startswith(
        'numbers: the number in place 2, "x�y": this is not a phone number'
    )
    assert (await mine.client.get(f"/v1/dnc-lists/{where['list_id']}/entries")).json()["items"] == []


async def test_an_end_that_is_past_keeps_nobody_from_being_called_and_is_refused(house, mine):
    past = "2020-01-01T00:00:00Z"
    where = {"list_id": mine.ids["dnc-list"], "expires_at": past}
    answer = await mine.client.post("/v1/dnc-entries", json={**where, "numbers": ["+12125550131"]})
    by_file = await mine.client.post("/v1/dnc-files", params=where, content="Phone\n+12125550131\n")
    for one in (answer, by_file):
        assert (one.status_code, one.json()["error"]["field"]) == (400, "expires_at")
    assert (await mine.client.get(f"/v1/dnc-lists/{where['list_id']}/entries")).json()["items"] == []
    assert house.blocked == []


async def test_a_number_on_a_do_not_call_list_blocks_its_leads_and_the_floor_hears_of_it(house, mine):
    values = {"list_id": mine.ids["dnc-list"], "numbers": ["(212) 555-0121", "+12125550199"], "reason": "by phone"}
    assert (await mine.client.post("/v1/dnc-entries", json=values)).json()["counts"] == {"added": 2, "known": 0}
    assert house.blocked == [(mine.id, None, {"+12125550121", "+12125550199"})]
    lead = f"/v1/leads/{mine.ids['lead']}"
    assert (await mine.client.get(lead)).json()["state"] == "blocked"
    entries = (await mine.client.get(f"/v1/dnc-lists/{mine.ids['dnc-list']}/entries")).json()["items"]
    assert [(one["number"], one["reason"]) for one in entries] == [
        ("+12125550121", "by phone"),
        ("+12125550199", "by phone"),
    ]
    check = await mine.client.get("/v1/dnc-checks", params={"number": "+12125550121"})
    assert check.json() == {"blocked": True, "list": "Register 1"}
    assert (await mine.client.delete(f"/v1/dnc-lists/{mine.ids['dnc-list']}")).status_code == 409
    gone = await mine.client.post(
        "/v1/dnc-removals", json={"list_id": mine.ids["dnc-list"], "numbers": ["+12125550121"]}
    )
    assert gone.json()["counts"] == {"removed": 1, "unknown": 0}
    assert (await mine.client.get(lead)).json()["state"] == "due"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Phone\nnone\n", "no number"),
        (b"Phone\n+12125550133\nx\ny\n", "fewer numbers (1) than rows that are none (2)"),
        (b"Phone\n", "no row below it"),
    ],
)
async def test_a_register_that_is_cut_off_lets_nobody_be_called_again(house, mine, content, said):
    where = {"list_id": mine.ids["dnc-list"], "replaces": "true"}
    await mine.client.post("/v1/dnc-files", params=where, content=b"Phone\n+12125550131\n+12125550132\n")
    before = (await mine.client.get(f"/v1/dnc-lists/{where['list_id']}")).json()["scrubbed_at"]
    house.clock.ms += 60_000
    answer = await mine.client.post("/v1/dnc-files", params=where, content=content)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "file")
    assert said in answer.json()["error"]["message"]
    entries = (await mine.client.get(f"/v1/dnc-lists/{where['list_id']}/entries")).json()["items"]
    assert {"+12125550131", "+12125550132"} <= {one["number"] for one in entries}
    assert (await mine.client.get(f"/v1/dnc-lists/{where['list_id']}")).json()["scrubbed_at"] == before


async def test_a_whole_register_comes_as_a_file_and_the_next_one_replaces_it(house, mine):
    where = {"list_id": mine.ids["dnc-list"], "replaces": "true"}
    first = await mine.client.post("/v1/dnc-files", params=where, content="number\n+12125550121\nx\n+12125550122\n")
    assert first.json() == {
        "counts": {"added": 2, "known": 0, "refused": 1},
        "refused": [[3, 'number: "x" is no phone number']],
    }
    house.clock.ms += 1000
    second = await mine.client.post("/v1/dnc-files", params=where, content="+12125550122\n")
    assert second.json()["counts"] == {"added": 0, "known": 1, "removed": 1}
    assert (await mine.client.get(f"/v1/leads/{mine.ids['lead']}")).json()["state"] == "due"
    assert (await mine.client.get(f"/v1/dnc-lists/{mine.ids['dnc-list']}")).json()["scrubbed_at"] is not None


async def test_of_a_whole_register_the_floor_hears_who_is_new_on_it_and_of_other_files_everybody(house, mine):
    where = {"list_id": mine.ids["dnc-list"]}
    old, new = "+12125550121", "+12125550122"
    for replaces, numbers in (("true", [old]), ("true", [old, new]), ("true", [old, new]), ("false", [old])):
        content = "\n".join(["number", *numbers])
        answer = await mine.client.post("/v1/dnc-files", params={**where, "replaces": replaces}, content=content)
        assert answer.status_code == 200, answer.text
        house.clock.ms += 1000
    assert [numbers for _, _, numbers in house.blocked] == [{old}, {new}, {old}]


async def test_another_order_of_a_list_is_worked_off_beside_and_the_floor_hears_when_it_is_through(house, mine):
    importer = house.administration.leads.imports.importer
    place = f"/v1/lead-lists/{mine.ids['lead-list']}"
    told = []
    importer.on_published = told_to(told)
    answer = await mine.client.patch(place, json={"order": "ascending", "order_column": "City"})
    assert answer.status_code == 200, answer.text
    assert importer._wake.is_set()
    await importer.finish()
    assert told == [(mine.id, mine.ids["lead-list"])]
    await mine.client.patch(place, json={"weight": 5})
    await importer.finish()
    assert len(told) == 1


def told_to(told):
    async def note(tenant_id, list_id):
        told.append((tenant_id, list_id))

    return note


async def test_a_tenant_that_is_removed_takes_its_files_and_reports_along(house, mine):
    await upload(mine)
    folder = house.administration.leads.imports.importer._folder / mine.id
    waits = list(folder.glob("upload-*"))
    assert waits
    other = await house.tenant("Other Motors")
    assert (await house.root.patch(f"/v1/admin/tenants/{mine.id}", json={"enabled": False})).status_code == 200
    assert (await house.root.delete(f"/v1/admin/tenants/{mine.id}")).status_code == 204
    assert not folder.exists()
    await house.administration.leads.imports.importer.finish()
    assert (await other.client.get("/v1/lead-imports")).json() == {"items": []}


async def test_the_installations_own_list_counts_for_every_tenant(house, mine):
    one = (await house.root.post("/v1/admin/everywhere/dnc-lists", json={"name": "National"})).json()
    values = {"list_id": one["id"], "numbers": ["+12125550121"]}
    answer = await house.root.post("/v1/admin/everywhere/dnc-entries", json=values)
    assert answer.json()["counts"]["added"] == 1
    assert house.blocked == [(EVERYWHERE, None, {"+12125550121"})]
    assert (await mine.client.get(f"/v1/leads/{mine.ids['lead']}")).json()["state"] == "blocked"
    assert (await mine.client.get(f"/v1/dnc-lists/{one['id']}")).status_code == 404
    assert (await mine.client.post("/v1/admin/everywhere/dnc-entries", json=values)).status_code == 401
