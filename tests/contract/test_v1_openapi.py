"""The OpenAPI document says what is true, and the page that shows it loads nothing from elsewhere."""

import re


def operations(document):
    return [operation for methods in document["paths"].values() for operation in methods.values()]


async def test_the_document_is_served_as_it_is_made(house):
    served = (await house.client().get("/v1/openapi.json")).json()
    assert served == house.document
    assert served["openapi"].startswith("3.1")
    assert served["servers"] == [{"url": "/v1"}]


async def test_every_operation_has_a_name_a_summary_a_tag_and_a_lock(house):
    document = house.document
    names = [one["operationId"] for one in operations(document)]
    assert len(names) == len(set(names)) >= 50
    tags = {one["name"] for one in document["tags"]}
    for one in operations(document):
        assert one["summary"]
        assert set(one["tags"]) <= tags
        assert one["security"] in ([{"Tenant token": []}], [{"Root token": []}])
        assert one["security"] == [{"Root token": []}] or "admin" not in one["operationId"]


async def test_refusals_are_documented_with_our_body_and_422_only_where_rules_forbid_things(house):
    for one in operations(house.document):
        assert {"400", "401", "404", "409", "413", "429", "503"} <= set(one["responses"])
        ruled = one["operationId"].removeprefix("admin_") in {"start_campaign", "change_campaign"}
        assert ("422" in one["responses"]) == ruled
        if ruled:
            body = one["responses"]["422"]["content"]["application/json"]["schema"]
            assert body == {"$ref": "#/components/schemas/RuledBody"}
        schema = one["responses"]["404"]["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/ErrorBody"}


NO_SECRETS = "has_secret|scrub_token"
"""The second is a register's reference for a list of numbers, and opens nothing."""


async def test_secrets_are_written_and_never_read(house):
    schemas = house.document["components"]["schemas"]
    readable = {name: one for name, one in schemas.items() if not name.endswith(("Form", "Patch", "Issued"))}
    for name, schema in readable.items():
        assert not re.search(
            r"'[a-z_]*(password|secret|token)[a-z_]*':", re.sub(NO_SECRETS, "", str(schema.get("properties", {})))
        ), name
    assert schemas["AgentForm"]["properties"]["password"]["writeOnly"] is True
    assert schemas["TrunkForm"]["properties"]["secret"]["writeOnly"] is True


async def test_every_form_has_examples(house):
    schemas = house.document["components"]["schemas"]
    for name in ("AgentForm", "ExtensionForm", "QueueForm", "CampaignForm", "TrunkForm", "TenantForm", "TokenForm"):
        needed = schemas[name]["required"]
        assert all(schemas[name]["properties"][field]["examples"] for field in needed), name


async def test_the_page_runs_under_a_policy_without_strangers(house):
    client = house.client()
    page = await client.get("/v1/docs")
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"""(src|href)=["'](https?:)?//""", page.text)
    assert not re.search(r"<script(?! src=)|<style|\son\w+=|style=", page.text)
    for asset in re.findall(r'(?:src|href)="((?!data:)[^"]+)"', page.text):
        answer = await client.get(f"/v1/{asset}")
        assert answer.status_code == 200, asset
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_answers_are_not_cached_and_not_framed(house):
    tenant = await house.tenant("Example Motors")
    answer = await tenant.client.get("/v1/agents")
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "access-control-allow-origin" not in answer.headers
