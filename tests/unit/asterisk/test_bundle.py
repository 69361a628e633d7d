import pytest

from callside.asterisk.bundle import matching_package


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libssl.so.3", "libssl3t64"),
        ("libc.so.6", "libc6"),
        ("libxslt.so.1", "libxslt1.1"),
        ("libsrtp2.so.1", "libsrtp2-1"),
        ("libgcc_s.so.1", "libgcc-s1"),
        ("libstdc++.so.6", "libstdc++6"),
        ("libnspr4.so", "libnspr4"),
        ("libdb-5.3.so", "libdb5.3t64"),
    ],
)
def test_a_library_is_looked_for_in_the_package_named_after_it(library, package):
    if package == "libxslt1.1":  # named against the rule: found by looking into all that is depended on
        assert matching_package(library, ["libc6", package]) is None
    else:
        assert matching_package(library, ["adduser", "libc6-dev", package]) == package


def test_a_library_that_no_package_is_named_after_matches_none():
    assert matching_package("libcrypto.so.3", ["libssl3t64", "libc6"]) is None
