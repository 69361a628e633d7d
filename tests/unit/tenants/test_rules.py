"""Origins are exact."""

import pytest

from callside.kernel.errors import InvalidFieldError
from callside.tenants.rules import read_origin


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://crm.example.com", "https://crm.example.com"),
        (" HTTPS://CRM.Example.com/ ", "https://crm.example.com"),
        ("https://crm.example.com:443", "https://crm.example.com"),
        ("https://crm.example.com:8443", "https://crm.example.com:8443"),
        ("https://büro.example", "https://xn--bro-hoa.example"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://127.0.0.1", "http://127.0.0.1"),
    ],
)
def test_an_origin_is_kept_as_browsers_write_it(text, origin):
    assert read_origin(text) == origin
    assert read_origin(origin) == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "null",
        "https://",
        "https://*.example.com",
        "crm.example.com",
        "http://crm.example.com",
        "https://crm.example.com/app",
        "https://crm.example.com?x",
        "https://crm.example.com#x",
        "https://user@crm.example.com",
        "https://crm.example.com:port",
        "https://crm.example.com:99999",
        "https://crm example.com",
        "https://crm.example.com; script-src *",
        "https://crm.example.com\nX: y",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://crm.example.com",
        "https://-crm.example.com",
    ],
)
def test_anything_looser_is_refused_with_the_field_and_an_example(text):
    with pytest.raises(InvalidFieldError, match=r"crm_origins: .*https://crm\.example\.com") as refused:
        read_origin(text)
    assert refused.value.field == "crm_origins"
    assert refused.value.message.isprintable()
