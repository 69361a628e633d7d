"""Security headers are added where an edge set none."""

import pytest

from callside.ingress.headers import CLOSED_POLICY, HSTS, missing


def added(own=(), *, secure=False):
    """What is added to a reply that has its own headers."""
    raw = [(name.encode(), value.encode()) for name, value in dict(own).items()]
    return {name.decode(): value.decode() for name, value in missing(raw, secure=secure)}


def test_a_bare_reply_gets_them_all():
    assert added() == {
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
        "content-security-policy": CLOSED_POLICY,
        "x-frame-options": "DENY",
    }


@pytest.mark.parametrize(("secure", "expected"), [(True, HSTS), (False, None)])
def test_hsts_is_sent_over_https_only(secure, expected):
    assert added(secure=secure).get("strict-transport-security") == expected


def test_what_an_edge_says_itself_stands():
    own = {
        "Content-Security-Policy": "default-src 'self'",
        "Cache-Control": "public",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    assert set(added(own)) == {"x-content-type-options", "referrer-policy"}
