import dataclasses

import pytest

from callside.agents.model import Extension
from callside.agents.rules import sip_digest
from callside.asterisk.sip_objects import browser_phone, groups_of, refusals
from callside.calls.model import SipTransport, Trunk
from callside.floor.directory import Directory
from callside.tenants.model import Tenant

TRUNK = Trunk("11", "1012", "Carrier", "sip.example.com")
PHONE = Extension("183", "1012", "205", secret_digest=sip_digest("ext-1012-183", "password"))


def groups(*, trunk: Trunk | None = None, phone: Extension | None = None) -> list:
    trunks = {trunk.id: trunk} if trunk else {}
    phones = {phone.id: phone} if phone else {}
    return list(groups_of(Directory(Tenant("1012", "T"), trunks=trunks, extensions=phones)))


def attributes(group, type_: str) -> dict[str, str]:
    return next(one.attributes for one in group.objects if one.type == type_)


def test_a_browsers_phone_speaks_webrtc_and_keeps_its_password_out_of_the_engine():
    group = browser_phone("u1", "secret-password")
    assert [one.type for one in group.objects] == ["auth", "aor", "endpoint"]
    assert attributes(group, "endpoint")["webrtc"] == "yes"
    assert attributes(group, "endpoint")["context"] == "callside-agent"
    assert attributes(group, "aor") == {"max_contacts": "1", "remove_existing": "yes"}
    assert "secret-password" not in str(group)


def test_a_trunk_is_known_by_its_host_and_by_its_port_where_that_is_its_own():
    (group,) = groups(trunk=TRUNK)
    assert attributes(group, "identify")["match"] == "sip.example.com"
    assert attributes(group, "aor")["contact"] == "sip:sip.example.com:5060"
    (group,) = groups(trunk=dataclasses.replace(TRUNK, host="127.0.0.1", port=5080))
    assert attributes(group, "identify")["match"] == "127.0.0.1:5080"
    assert "outbound_auth" not in attributes(group, "endpoint")


@pytest.mark.parametrize(
    ("region", "allowed"), [("US", "!all,ulaw,alaw"), ("JP", "!all,ulaw,alaw"), ("DE", "!all,alaw,ulaw")]
)
def test_trunks_and_desk_phones_prefer_the_law_of_their_country_so_that_nothing_has_to_be_transcoded(region, allowed):
    tenant = Tenant("1012", "T", region=region)
    far_side = dataclasses.replace(TRUNK, id="12", registers_with_us=True, account_digest=PHONE.secret_digest)
    made = list(groups_of(Directory(tenant, trunks={"11": TRUNK, "12": far_side}, extensions={PHONE.id: PHONE})))
    assert [attributes(group, "endpoint")["allow"] for group in made] == [allowed] * 3


def test_a_trunk_with_a_username_signs_our_calls():
    (group,) = groups(trunk=dataclasses.replace(TRUNK, username="us", secret="password"))
    assert attributes(group, "endpoint")["outbound_auth"] == "trunk-1012-11"
    assert attributes(group, "auth")["username"] == "us"


def test_our_calls_are_signed_with_sha_256_or_md5_and_for_one_realm_where_it_is_named():
    (group,) = groups(trunk=dataclasses.replace(TRUNK, username="us", secret="password"))
    assert attributes(group, "auth")["supported_algorithms_uac"] == "SHA-256,MD5"
    assert "realm" not in attributes(group, "auth")
    (group,) = groups(trunk=dataclasses.replace(TRUNK, username="us", secret="password", realm="carrier.example"))
    assert attributes(group, "auth")["realm"] == "carrier.example"


def test_a_trunk_that_registers_says_where_as_whom_and_for_how_long():
    trunk = dataclasses.replace(TRUNK, username="us", secret="password", registers=True, expiry_s=120)
    (group,) = groups(trunk=trunk)
    registration = attributes(group, "registration")
    assert registration["server_uri"] == "sip:sip.example.com:5060"
    assert registration["client_uri"] == "sip:us@sip.example.com:5060"
    assert registration["expiration"] == "120"
    assert (registration["line"], registration["endpoint"]) == ("yes", "trunk-1012-11")
    (group,) = groups(trunk=dataclasses.replace(trunk, registrar="[2001:db8::7]:5070", transport=SipTransport.TCP))
    assert attributes(group, "registration")["server_uri"] == "sip:[2001:db8::7]:5070;transport=tcp"


def test_a_refused_registration_is_tried_again_for_ever_but_seldom():
    (group,) = groups(trunk=dataclasses.replace(TRUNK, username="us", secret="password", registers=True))
    registration = attributes(group, "registration")
    assert registration["auth_rejection_permanent"] == "no"
    assert int(registration["forbidden_retry_interval"]) >= 60


def test_calls_from_every_network_of_a_trunk_are_its_own():
    (group,) = groups(trunk=dataclasses.replace(TRUNK, addresses=("192.0.2.0/24", "2001:db8::/48")))
    assert attributes(group, "identify")["match"] == "sip.example.com,192.0.2.0/24,2001:db8::/48"


def test_over_tls_audio_is_encrypted_where_the_carrier_can():
    (group,) = groups(trunk=dataclasses.replace(TRUNK, transport=SipTransport.TLS, port=5061))
    assert attributes(group, "aor")["contact"] == "sip:sip.example.com:5061;transport=tls"
    assert attributes(group, "endpoint")["media_encryption"] == "sdes"


def test_an_ipv6_carrier_is_written_in_brackets():
    (group,) = groups(trunk=dataclasses.replace(TRUNK, host="2001:db8::5"))
    assert attributes(group, "aor")["contact"] == "sip:[2001:db8::5]:5060"


@pytest.mark.parametrize(
    "change",
    [
        {"host": ""},
        {"host": "a b"},
        {"host": "x;transport=tcp"},
        {"host": "x\nmatch=0.0.0.0/0"},
        {"host": "0.0.0.0/0"},
        {"host": "a,b"},
        {"port": 0},
        {"port": 65_536},
        {"username": "a b", "secret": "x"},
        {"username": "us", "secret": "x\ny"},
        {"username": "us", "secret": "x", "realm": 'a"b'},
        {"addresses": ("0.0.0.0/0,endpoint=x",)},
        {"registers": True},
        {"registers": True, "username": "us", "secret": "x", "registrar": "a;transport=udp"},
    ],
)
def test_a_trunk_that_could_mean_something_else_is_left_out_and_named(change):
    trunk = dataclasses.replace(TRUNK, **change)
    assert groups(trunk=trunk) == []
    (text,) = refusals(Directory(Tenant("1012", "T"), trunks={trunk.id: trunk}))
    assert text.startswith("trunk 11: ")
    assert "x\ny" not in text


def test_a_desk_phone_has_its_digest_and_cannot_dial():
    (group,) = groups(phone=PHONE)
    assert attributes(group, "auth")["md5_cred"] == PHONE.secret_digest
    assert attributes(group, "auth")["realm"] == "callside"
    assert attributes(group, "endpoint")["context"] == "callside-agent"


def test_a_desk_phone_without_a_password_is_never_an_open_door():
    phone = dataclasses.replace(PHONE, secret_digest="")
    assert groups(phone=phone) == []
    assert "set one" in refusals(Directory(Tenant("1012", "T"), extensions={phone.id: phone}))[0]


def test_a_changed_trunk_is_another_version_and_an_unchanged_one_is_not():
    (first,), (same,), (other,) = (
        groups(trunk=one)
        for one in (TRUNK, dataclasses.replace(TRUNK, name="Renamed"), dataclasses.replace(TRUNK, port=5080))
    )
    assert first.digest() == same.digest() != other.digest()


ACCOUNT = Trunk("11", "1012", "PBX", "", registers_with_us=True, account_digest=sip_digest("trunk-1012-11", "password"))


def test_a_far_side_that_registers_with_us_is_known_by_its_digest_alone():
    (group,) = groups(trunk=ACCOUNT)
    assert [one.type for one in group.objects] == ["auth", "aor", "endpoint"]
    endpoint, auth, aor = (attributes(group, type_) for type_ in ("endpoint", "auth", "aor"))
    assert (endpoint["auth"], endpoint["identify_by"]) == ("trunk-1012-11", "username,auth_username")
    assert endpoint["context"] == "callside-trunk"
    assert "outbound_auth" not in endpoint
    assert (auth["username"], auth["realm"], auth["md5_cred"]) == ("trunk-1012-11", "callside", ACCOUNT.account_digest)
    assert "contact" not in aor
    assert (aor["max_contacts"], aor["remove_existing"]) == ("1", "yes")


def test_one_without_a_password_is_not_made_known_to_the_engine():
    blank = dataclasses.replace(ACCOUNT, account_digest="")
    assert groups(trunk=blank) == []
    [why] = refusals(Directory(Tenant("1012", "T"), trunks={"11": blank}))
    assert why.startswith("trunk 11: has no SIP password yet")
