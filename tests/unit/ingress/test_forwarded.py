"""Forwarded headers are believed from trusted proxies only."""

import pytest

from callside.ingress.forwarded import HOST, ForwardedHeaders, networks


async def passed(headers, *, peer="10.0.0.1", trusted=("10.0.0.0/8", "fd00::/8"), kind="http"):
    """The scope as the application behind sees it."""
    seen = {}

    async def app(scope, receive, send):
        seen.update(scope)

    raw = [(b"host", b"inside:8080"), *((key.lower().encode(), value.encode()) for key, value in headers)]
    scope = {
        "type": kind,
        "headers": raw,
        "client": (peer, 1) if peer else None,
        "scheme": "ws" if kind == "websocket" else "http",
    }
    await ForwardedHeaders(app, networks(trusted))(scope, None, None)
    return seen


@pytest.mark.parametrize(
    ("hops", "client"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 10.1.1.1", "203.0.113.9"),
        ("203.0.113.9, 10.1.1.1, 10.2.2.2", "203.0.113.9"),
        ("10.3.3.3, 10.1.1.1", "10.3.3.3"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("203.0.113.9, nonsense", "10.0.0.1"),
        ("nonsense, 203.0.113.9", "203.0.113.9"),
        ("", "10.0.0.1"),
        (",,", "10.0.0.1"),
    ],
)
async def test_the_client_is_the_first_stranger_from_the_right(hops, client):
    assert (await passed([("X-Forwarded-For", hops)]))["client"][0] == client


async def test_several_header_lines_are_one_list():
    seen = await passed([("X-Forwarded-For", "198.51.100.1"), ("X-Forwarded-For", "203.0.113.9")])
    assert seen["client"][0] == "203.0.113.9"


@pytest.mark.parametrize("peer", ["203.0.113.200", "unix", None])
async def test_from_anybody_else_they_are_taken_away(peer):
    headers = [
        ("X-Forwarded-For", "1.2.3.4"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example"),
        ("Forwarded", "for=1.2.3.4"), ("X-Real-IP", "1.2.3.4"), ("Accept", "*/*"),
    ]  # fmt: skip
    seen = await passed(headers, peer=peer)
    assert seen["headers"] == [(b"host", b"inside:8080"), (b"accept", b"*/*")]
    assert seen["scheme"] == "http"
    assert seen["client"] == ((peer, 1) if peer else None)


@pytest.mark.parametrize(("kind", "scheme"), [("http", "https"), ("websocket", "wss")])
async def test_scheme_and_host_are_taken_over(kind, scheme):
    seen = await passed([("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "phone.example.com")], kind=kind)
    assert seen["scheme"] == scheme
    assert seen["headers"] == [(b"host", b"phone.example.com")]


@pytest.mark.parametrize("host", ["", "a b", "a/b", "a;b", "a'", "-x", "x" * 300, "[::1", "h:123456"])
async def test_a_host_that_is_none_is_not_taken_over(host):
    assert not HOST.match(host)
    assert (await passed([("X-Forwarded-Host", host)]))["headers"] == [(b"host", b"inside:8080")]


async def test_a_scheme_that_is_none_is_not_taken_over():
    assert (await passed([("X-Forwarded-Proto", "javascript")]))["scheme"] == "http"


async def test_an_ipv4_proxy_on_an_ipv6_socket_is_recognised():
    assert (await passed([("X-Forwarded-For", "203.0.113.9")], peer="::ffff:10.0.0.1"))["client"][0] == "203.0.113.9"


def test_a_proxy_that_is_no_address_is_named():
    with pytest.raises(ValueError, match="caddy"):
        networks(["caddy"])
