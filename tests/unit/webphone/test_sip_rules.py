"""What a page may send to the engine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callside.webphone.sip_rules import SipRefusedError, check

OWN = ("ep1",)


def sip(start, *headers, body="", length=None):
    size = len(body.encode()) if length is None else length
    return "\r\n".join([start, *headers, f"Content-Length: {size}", "", body])


def register(
    *,
    to="<sip:ep1@callside.invalid>",
    sender="<sip:ep1@callside.invalid>;tag=1",
    contact="<sip:ep1@x9.invalid;transport=ws>;expires=60",
    more=(),
):
    return sip("REGISTER sip:callside.invalid SIP/2.0", f"From: {sender}", f"To: {to}", f"Contact: {contact}", *more)


def in_dialog(method, tag=";tag=77"):
    return sip(
        f"{method} sip:callside@127.0.0.1:5060;transport=ws SIP/2.0",
        "From: <sip:ep1@callside.invalid>;tag=1",
        f"To: <sip:callside@127.0.0.1>{tag}",
    )


def test_a_page_registers_its_own_endpoint():
    assert check(register(), OWN) == "ep1"
    assert check(register(sender='"Ann" <sip:ep1@callside.invalid>;tag=1', to="sip:ep1@callside.invalid"), OWN) == "ep1"
    assert check(register(contact="*"), OWN) == "ep1"


def test_what_jssip_sends_passes():
    """Registration as JsSIP 3.13 writes it, with RFC 5626's instance in the contact."""
    contact = "<sip:i75m78a3@7lmcegqn7up0.invalid;transport=ws>;+sip.ice;reg-id=1"
    contact += ';+sip.instance="<urn:uuid:c334b4bb-7693-4bba-972c-dc28c1402e1a>";expires=0'
    assert check(register(contact=contact), OWN) == "ep1"


def test_compact_and_oddly_written_headers_are_read_as_what_they_are():
    frame = "REGISTER sip:callside.invalid SIP/2.0\r\nf: <sip:ep1@c.invalid>;tag=1\r\nTO : <sip:ep1@c.invalid>\r\nl: 0\r\n\r\n"
    assert check(frame, OWN) == "ep1"


@pytest.mark.parametrize("frame", ["\r\n", "\r\n\r\n"])
def test_keep_alives_pass(frame):
    assert check(frame, OWN) is None


@pytest.mark.parametrize("status", ["100 Trying", "180 Ringing", "200 OK", "486 Busy Here", "603 Decline"])
def test_answers_pass(status):
    assert (
        check(sip(f"SIP/2.0 {status}", "From: <sip:a@b>;tag=1", "To: <sip:ep1@b>;tag=2", body="v=0\r\n"), OWN) is None
    )


@pytest.mark.parametrize("status", ["300 Multiple Choices", "302 Moved Temporarily", "305 Use Proxy"])
def test_a_page_cannot_redirect_a_call(status):
    with pytest.raises(SipRefusedError, match="redirection"):
        check(sip(f"SIP/2.0 {status}", "From: <sip:a@b>;tag=1", "To: <sip:ep1@b>;tag=2"), OWN)


@pytest.mark.parametrize("method", ["ACK", "BYE", "CANCEL", "INFO", "INVITE", "PRACK", "UPDATE"])
def test_requests_inside_a_call_pass_and_the_same_outside_do_not(method):
    assert check(in_dialog(method), OWN) is None
    with pytest.raises(SipRefusedError, match="outside a call"):
        check(in_dialog(method, tag=""), OWN)


@pytest.mark.parametrize("method", ["REFER", "MESSAGE", "SUBSCRIBE", "PUBLISH", "NOTIFY", "OPTIONS", "FOO"])
def test_other_methods_are_refused_even_inside_a_call(method):
    with pytest.raises(SipRefusedError, match="method not allowed"):
        check(in_dialog(method), OWN)


@pytest.mark.parametrize(
    "changed",
    [
        {"to": "<sip:ep2@callside.invalid>"},
        {"sender": "<sip:ep2@callside.invalid>;tag=1"},
        {"to": "<sip:ep2@c>, <sip:ep1@c>"},
        {"to": "<sip:e%701@callside.invalid>"},
        {"to": '"<sip:ep1@c>" <sip:ep2@c>'},
        {"to": "<tel:+15550100123>"},
        {"to": ""},
    ],
)
def test_a_page_cannot_register_another_endpoint(changed):
    with pytest.raises(SipRefusedError):
        check(register(**changed), OWN)


@pytest.mark.parametrize(
    "contact",
    [
        "<sip:ep1@203.0.113.5>",
        "<sip:+15550100123@carrier.example>",
        "<sip:a@x.invalid>, <sip:b@203.0.113.5>",
        "sip:a@x.invalid@y",
        "<sip:a@203.0.113.5?x=.invalid>",
        '<sip:a@x.invalid>;p="<", <sip:b@203.0.113.5>',
        '<sip:a@x.invalid>;p="\\"", <sip:b@203.0.113.5>',
    ],
)
def test_a_page_cannot_have_the_engine_call_somebody_else(contact):
    with pytest.raises(SipRefusedError, match="contact"):
        check(register(contact=contact), OWN)


@pytest.mark.parametrize(
    "more",
    [
        ("To: <sip:ep2@c>",),
        ("t: <sip:ep2@c>",),
        ("From: <sip:ep2@c>",),
        ("Content-Length: 9",),
        ("l: 9",),
        ("m: <sip:a@x.invalid>",),
    ],
)
def test_doubled_headers_are_refused(more):
    with pytest.raises(SipRefusedError):
        check(register(more=more), OWN)


@pytest.mark.parametrize("name", ["Record-Route", "route", "PATH", "Record-Route "])
def test_a_page_names_no_way_by_which_the_engine_would_send_to_strangers(name):
    """What the engine sends in a call goes along the Record-Route of the answer (RFC 3261 §12.1.2)."""
    way = f"{name}: <sip:198.51.100.7:5060;lr>"
    answer = ("SIP/2.0 200 OK", "From: <sip:callside@c>;tag=1", "To: <sip:ep1@c>;tag=2")
    check(sip(*answer), OWN)
    with pytest.raises(SipRefusedError):
        check(sip(*answer, way), OWN)
    with pytest.raises(SipRefusedError):
        check(register(more=(way,)), OWN)


INVITE = "INVITE sip:+15550100123@c SIP/2.0\r\nFrom: <sip:a@c>;tag=1\r\nTo: <sip:b@c>\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    "frame",
    [
        register() + INVITE,
        in_dialog("ACK") + INVITE,
        sip("SIP/2.0 200 OK", "From: <sip:a@b>;tag=1", "To: <sip:ep1@b>;tag=2", body=INVITE, length=0),
        "\r\n\r\n" + INVITE,
        register().replace("\r\n", "\n"),
        register().replace("Contact", "X: y\nContact"),
        register().replace("Contact", "X: y\rContact"),
        register().replace("Contact", "X: \0\r\nContact"),
        register(more=("X: y\r\n folded",)),
        register(more=("no colon",)),
        sip("REGISTER sip:c SIP/2.0", "From: <sip:ep1@c>;tag=1", "To: <sip:ep1@c>", length="+0"),
        sip("REGISTER sip:c SIP/2.0", "From: <sip:ep1@c>;tag=1", "To: <sip:ep1@c>", length="9" * 5_000),
        sip("REGISTER sip:c SIP/2.0", "From: <sip:ep1@c>;tag=1", "To: <sip:ep1@c>", length="\u0660"),
        "REGISTER sip:c SIP/2.0\r\nFrom: <sip:ep1@c>;tag=1\r\nTo: <sip:ep1@c>\r\n\r\n",
        "GET /ws HTTP/1.1\r\nHost: x\r\n\r\n",
        "invite sip:x@c SIP/2.0\r\nFrom: <sip:a@c>;tag=1\r\nTo: <sip:b@c>;tag=2\r\nContent-Length: 0\r\n\r\n",
        "",
    ],
)
def test_nothing_hides_behind_a_message_that_may_pass(frame):
    with pytest.raises(SipRefusedError):
        check(frame, OWN)


def test_without_known_endpoints_any_one_may_register_and_is_named():
    assert check(register(), ()) == "ep1"


@given(st.text(max_size=400))
def test_any_text_is_let_through_or_refused_but_never_breaks_the_check(text):
    try:
        check(text, OWN)
    except SipRefusedError:
        return
    assert text in {"\r\n", "\r\n\r\n"}


@given(st.integers(0, 300), st.text(st.characters(codec="utf-8"), max_size=3), st.integers(0, 3))
def test_no_mutation_of_a_good_message_registers_another_user(at, text, cut):
    good = register()
    at %= len(good)
    try:
        user = check(good[:at] + text + good[at + cut :], OWN)
    except SipRefusedError:
        return
    assert user in {"ep1", None}
