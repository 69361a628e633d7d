"""The phone's page and assets over real HTTP (reliability-security research §1.1)."""

import pytest

from callside.exchange.secrets import digest
from tests.fakes.phone import CRM
from tests.fakes.phone_server import Browser, PhoneServer, get

PAGE = "<!doctype html><title>Phone</title><script type=module src=/phone/assets/index-abc.js></script>"


@pytest.fixture
def static_dir(tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "assets" / "index-abc.js").write_text("export {};")
    (tmp_path / "assets" / "ring-abc.woff2").write_bytes(b"wOF2")
    return tmp_path


@pytest.fixture
async def server(static_dir):
    async with PhoneServer(static_dir) as running:
        yield running


def policy(headers):
    """The Content-Security-Policy as a table."""
    parts = (part.split() for part in headers["Content-Security-Policy"].split("; "))
    return {name: values for name, *values in parts}


@pytest.mark.parametrize("path", ["/wp_plugin/index.php?r=agent&session={}", "/phone?session={}"])
async def test_the_page_names_its_tenants_crm_as_the_only_one_that_may_frame_it(server, path):
    _, handle = server.exchange.log_in()
    status, body, headers = await get(server, path.format(handle))
    assert (status, body) == (200, PAGE)
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    policies = headers.getall("Content-Security-Policy")
    assert policies == [
        "; ".join(
            [
                "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "media-src 'self' blob:",
                f"connect-src 'self' ws://{server.host}", "base-uri 'none'", "object-src 'none'", "form-action 'none'",
                f"frame-ancestors {CRM}",
            ]
        )
    ]  # fmt: skip
    assert (
        headers["Permissions-Policy"]
        == "microphone=(self), speaker-selection=(self), autoplay=(self), camera=(), geolocation=()"
    )
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "X-Frame-Options" not in headers
    assert "Strict-Transport-Security" not in headers


@pytest.mark.parametrize("session", ["1" * 39, "636", "", "abc", "1' or 1", "%0d%0aX: y", "9" * 5000])
async def test_an_unknown_id_gets_the_same_page_that_nobody_may_frame(server, session):
    status, body, headers = await get(server, f"/wp_plugin/index.php?r=agent&session={session}")
    assert (status, body) == (200, PAGE)
    assert policy(headers)["frame-ancestors"] == ["'none'"]


async def test_looking_at_the_page_consumes_nothing(server):
    row, handle = server.exchange.log_in()
    for _ in range(3):
        await get(server, f"/phone?session={handle}")
    assert server.exchange.sessions.rows[row.tenant_id, row.id] == row
    status, _, _ = await Browser(server).redeem(handle)
    assert status == 200


async def test_after_the_id_is_stripped_from_the_address_a_reload_of_the_frame_still_works(server):
    _, handle = server.exchange.log_in()
    _, body, _ = await Browser(server).redeem(handle)
    assert body["frame"] == digest(handle)
    _, _, headers = await get(server, f"/phone?frame={body['frame']}")
    assert policy(headers)["frame-ancestors"] == [CRM]


async def test_an_origin_that_could_break_out_of_the_header_is_left_out(static_dir):
    async with PhoneServer(static_dir) as server:
        server.exchange.allow("https://ok.example", "https://x;script-src *", "*", "http://localhost:8080")
        _, handle = server.exchange.log_in()
        _, _, headers = await get(server, f"/phone?session={handle}")
        assert policy(headers)["frame-ancestors"] == ["https://ok.example", "http://localhost:8080"]
        assert policy(headers)["script-src"] == ["'self'"]


async def test_without_a_build_the_page_says_how_to_make_one(tmp_path):
    async with PhoneServer(tmp_path) as server:
        status, body, headers = await get(server, "/phone")
        assert status == 503
        assert "make web" in body
        assert headers["Cache-Control"] == "no-store"


async def test_assets_are_kept_for_good_and_have_their_true_type(server):
    for name, media_type in [("index-abc.js", "text/javascript; charset=utf-8"), ("ring-abc.woff2", "font/woff2")]:
        status, _, headers = await get(server, f"/phone/assets/{name}")
        assert status == 200
        assert headers["Content-Type"] == media_type
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"


@pytest.mark.parametrize(
    "path",
    [
        "/phone/assets/none.js",
        "/phone/assets/../index.html",
        "/phone/assets/%2e%2e/index.html",
        "/phone/assets/",
        "/nowhere",
    ],
)
async def test_what_is_not_there_is_not_cached(server, path):
    status, body, headers = await get(server, path)
    assert status == 404
    assert "Phone" not in body
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/phone", 200), ("HEAD", "/phone", 200), ("POST", "/phone", 405), ("GET", "/phone/assets/index-abc.js", 200),
        ("GET", "/phone/assets/none", 404), ("GET", "/phone/redeem", 405), ("POST", "/phone/redeem", 403),
        ("OPTIONS", "/phone/redeem", 405), ("GET", "/phone/socket", 404), ("GET", "/nowhere", 404),
    ],
)  # fmt: skip
async def test_every_route_and_every_refusal_carries_the_security_headers(server, method, path, status):
    seen, _, headers = await get(server, path, method=method)
    assert seen == status
    for name in (
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "Referrer-Policy",
        "Cross-Origin-Resource-Policy",
        "Cache-Control",
    ):
        assert len(headers.getall(name)) == 1, name
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "Server" not in headers
    assert not [name for name in headers if name.lower().startswith("access-control-")]


async def test_behind_a_trusted_proxy_the_page_is_https_and_says_so(static_dir):
    forwarded = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "phone.example.com",
        "X-Forwarded-For": "203.0.113.9",
    }
    async with PhoneServer(static_dir, trusted=["127.0.0.1"]) as server:
        _, _, headers = await get(server, "/phone", headers=forwarded)
        assert policy(headers)["connect-src"] == ["'self'", "wss://phone.example.com"]
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    async with PhoneServer(static_dir) as server:
        _, _, headers = await get(server, "/phone", headers=forwarded)
        assert policy(headers)["connect-src"] == ["'self'", f"ws://{server.host}"]
        assert "Strict-Transport-Security" not in headers
