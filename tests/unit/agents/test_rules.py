"""A desk phone's SIP identity."""

from callside.agents.rules import SIP_REALM, sip_digest, sip_user


def test_the_user_is_unique_in_the_installation():
    assert len({sip_user("1", "11"), sip_user("11", "1"), sip_user("1", "1")}) == 3


def test_the_digest_is_the_one_of_rfc_7616():
    import hashlib

    made = hashlib.md5(f"ext-1-2:{SIP_REALM}:secret".encode(), usedforsecurity=False).hexdigest()
    assert sip_digest("ext-1-2", "secret") == made
