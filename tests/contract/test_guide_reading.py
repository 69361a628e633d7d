"""What is understood as a request besides strict JSON, and what is refused rather than guessed."""

import json
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callside.guide_api.body import decode
from callside.kernel.errors import UnreadableError
from tests.contract.test_guide_errors import assert_refused
from tests.examples import examples
from tests.fakes.logins import TENANT, TOKEN

WANTED = {"AgentUsername": "agent1", "Token": TOKEN, "TenantId": TENANT}
STRICT = json.dumps(WANTED)


def agent_id(reply):
    assert reply.status_code == 200, reply.text
    return reply.json()["AgentId"]


# ── understood ───────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "application/json",
        "application/json; charset=utf-8",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "image/png",
        "nonsense",
    ],
)
@pytest.mark.parametrize("form", [False, True], ids=["json", "form"])
def test_content_type_does_not_matter(guide, content_type, form):
    body = urlencode(WANTED) if form else STRICT
    assert agent_id(guide.post("getAgentId", body, content_type=content_type)) == "111"


@pytest.mark.parametrize(
    "body",
    [
        "\ufeff" + STRICT,
        STRICT + ";",
        STRICT + " ; // done\n",
        "// the request\n" + STRICT,
        "/* { */" + STRICT + "/* } */",
        STRICT.replace("}", ",}"),
        STRICT.replace('"', "'"),
        STRICT.replace('"AgentUsername"', "AgentUsername"),
        "\r\n\t " + STRICT + "\r\n",
        "```json\n" + STRICT + "\n```",
        urlencode(WANTED) + "\r\n",
        "\ufeff" + urlencode(WANTED),
        urlencode({"TenantId": "0"}) + "&" + urlencode(WANTED),
        STRICT.replace("{", '{"TenantId": "0", '),
        STRICT.replace(f'"{TENANT}"', TENANT),
        STRICT.replace("{", '{"Ext": {"deep": [[[]]]}, "x": null, '),
        STRICT.replace("{", '{"a": "} \\" // {", \'b\': "/*", '),
        STRICT.replace("}", ',}\n\n\n"Ext": ""\n};\n'),
        STRICT.replace('"agent1"', '"\\u0061gent1"'),
    ],
)
def test_it_is_understood(guide, body):
    assert agent_id(guide.post("getAgentId", body.encode())) == "111"


@pytest.mark.parametrize("content_type", [None, "multipart/form-data; boundary=7d9", "application/json"])
def test_a_multipart_form_is_understood_whatever_its_content_type(guide, content_type):
    parts = [f'--7d9\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in WANTED.items()]
    assert agent_id(guide.post("getAgentId", "".join(parts) + "--7d9--\r\n", content_type=content_type)) == "111"


def test_a_form_creates_a_session(guide):
    fields = {"AgentUsername": "agent1", "AgentPassword": "Apples7", "CampaignName": "279", "Ext": ""}
    body = urlencode(fields | {"LoginType": "progressive", "Token": TOKEN, "TenantId": TENANT})
    assert guide.post("createSession", body).status_code == 200


@pytest.mark.parametrize(
    ("doubled", "found"), [('{"A": "1", "A": "2"}', "2"), ('{"A": "1", "A": "2",}', "2"), ("A=1&A=2", "2")]
)
async def test_of_a_doubled_field_the_last_one_counts(doubled, found):
    assert await decode(doubled.encode()) == {"A": found}


BLANK = st.sampled_from(["", " ", "\n", "\r\n\t", "/* } , */", '// "{\n', "\u00a0"])


@given(
    st.dictionaries(st.text(min_size=1), st.text() | st.integers(-(2**63), 2**64), min_size=1),
    st.lists(BLANK, min_size=8, max_size=8),
    st.booleans(),
    st.sampled_from(["", ";", " ;\n", ";;"]),
)
async def test_blanks_comments_and_trailing_commas_change_nothing(values, blanks, comma, end):
    a, b, c, d, e, f, g, h = blanks
    pairs = f"{c},{d}".join(f"{json.dumps(key)}{e}:{f}{json.dumps(value)}" for key, value in values.items())
    body = f"{a}{{{b}{pairs}{c}{',' if comma else ''}{g}}}{h}{end}"
    assert await decode(body.encode()) == values


@given(st.dictionaries(st.text(min_size=1), st.text(), min_size=1))
async def test_a_form_means_what_json_means(values):
    assert await decode(urlencode(values).encode()) == values


# ── refused ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", ["empty", "JSON object"]),
        ("\ufeff \n", ["empty"]),
        ("hello", ["neither JSON nor a form"]),
        ("[]", ["not a JSON object"]),
        ('"text"', ["not a JSON object"]),
        ("123", ["not a JSON object"]),
        ("null", ["not a JSON object"]),
        ("{", ["cannot be read", "line 1"]),
        ('{\n  "Token": "x",\n  "TenantId": ,\n}', ["line 3, column 15"]),
        ('{"Token": "x" "TenantId": "1"}', ["line 1, column 15"]),
        ('{"Token": "x\n"}', ["cannot be read"]),
        ('{"Token": "x"} {"TenantId": "1"}', ["follows", "line 1, column 16"]),
        ('{"Token": "x"} and more', ["follows"]),
        ('{"Token": "x"}\n"Token": "y"}', ["again", "line 2"]),
        ('{"A": "x"}\n"B": "y"}\n"C": "z"}', ["follows", "line 3"]),
        ("[1,],", ["follows"]),
        ('{"a":' * 40 + "1" + "}" * 40, ["nested", "32"]),
        ('{"a":' * 40 + "1," + "}" * 40, ["nested", "32"]),
        ("[" * 60000, ["nested"]),
        ('{"a":' * 13000, ["nested"]),
        ('{"a": ' + "9" * 5000 + "}", ["cannot be read"]),
        ("&".join(f"f{n}=1" for n in range(101)), ["100 fields"]),
        ("a=%ff", ["UTF-8"]),
        ("--x\r\nnothing", ["multipart"]),
        ('--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\nc\r\n--x--', ["multipart"]),
    ],
)
async def test_it_is_refused_with_a_reason(body, words):
    with pytest.raises(UnreadableError) as refused:
        await decode(body.encode())
    for word in words:
        assert word in refused.value.message


def test_other_encodings_than_utf_8_are_refused(guide):
    for body in (STRICT.encode("utf-16"), '{"Token": "é"}'.encode("latin-1")):
        assert_refused(guide.post("getAgentId", body), 400, "UTF-8", "byte")


def test_a_compressed_body_is_refused(guide):
    reply = guide.client.post(
        "/cloudsoftphone/api/webphone/getAgentId", content=b"\x1f\x8b", headers={"content-encoding": "gzip"}
    )
    assert_refused(reply, 400, "compressed", "gzip")


async def test_a_reason_never_quotes_the_body():
    for body in ('{"Token": "canary", "x": }', '{"Token": "canary"} canary', '{"Token": "canary"', 'canary "Token"'):
        with pytest.raises(UnreadableError) as refused:
            await decode(body.encode())
        assert "canary" not in str(refused.value)
        assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    "hostile",
    ["/*" * 32000, "//" * 32000, '"' * 64000, '{"a":"' + "\\" * 60000, "{" + ";" * 60000 + "}", "'\\" * 30000],
)
async def test_hostile_bodies_are_refused_like_any_other(hostile):
    with pytest.raises(UnreadableError):
        await decode(hostile.encode())


MORE_PIECES = ('"Token"', '"TenantId"', "true", "null", TOKEN, "\ud7ff", "//", "/*", "*/", "```\n", "--x\r\n")
PIECES = st.lists(
    st.sampled_from([*"{}[]:,;\"'\\/*=&%\n -0123456789.eE+`\ufeff", *MORE_PIECES]),
    max_size=40,
).map("".join)


@settings(max_examples=examples(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary() | PIECES.map(str.encode) | st.text().map(str.encode))
def test_no_body_whatsoever_breaks_it(guide, body):
    assert guide.post("getAgentId", body).status_code in {400, 401}
