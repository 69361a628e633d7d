"""Security headers are added where an edge set none."""

import pytest
from starlette.datastructures import MutableHeaders

from callside.ingress.headers import CLOSED_POLICY, HSTS, complete


def test_a_bare_reply_gets_them_all():
    headers = MutableHeaders()
    complete(headers, secure=False)
    assert dict(headers) == {
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
        "content-security-policy": CLOSED_POLICY,
        "x-frame-options": "DENY",
    }


@pytest.mark.parametrize(("secure", "expected"), [(True, HSTS), (False, None)])
def test_hsts_is_sent_over_https_only(secure, expected):
    headers = MutableHeaders()
    complete(headers, secure=secure)
    assert headers.get("strict-transport-security") == expected


def test_what_an_edge_says_itself_stands():
    own = {
        "content-security-policy": "default-src 'self'",
        "cache-control": "public",
        "cross-origin-resource-policy": "cross-origin",
    }
    headers = MutableHeaders(own)
    complete(headers, secure=False)
    assert {key: headers[key] for key in own} == own
    assert "x-frame-options" not in headers
