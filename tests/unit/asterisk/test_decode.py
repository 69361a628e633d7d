"""ARI's JSON as a real engine (22.10.1) sent it: ``recorded/ari-22.10.1.jsonl``."""

from pathlib import Path

import msgspec
import pytest

from callside.asterisk import decode
from callside.asterisk.decode import Channel, Dialplan, Party, clean, decode_message, first_codec, stasis_args

RECORDED = (Path(__file__).parent / "recorded/ari-22.10.1.jsonl").read_text().splitlines()


def recorded(kind: type, **wanted: object) -> list:
    messages = [one for one in map(decode_message, RECORDED) if isinstance(one, kind)]
    return [one for one in messages if all(getattr(one, name) == value for name, value in wanted.items())]


@pytest.mark.parametrize("raw", RECORDED)
def test_everything_recorded_is_either_understood_or_of_no_use(raw):
    kind = msgspec.json.decode(raw)["type"]
    message = decode_message(raw)
    assert (message is not None) == (kind in decode.EVENT_TYPES)


def test_every_type_that_is_asked_for_was_recorded():
    assert {msgspec.json.decode(raw)["type"] for raw in RECORDED} >= set(decode.EVENT_TYPES)


def test_an_inbound_call_says_number_trunk_and_caller():
    (start,) = [one for one in recorded(decode.StasisStart) if one.args[0] == "in"]
    assert start.args == ["in", "+15550100900", "trunk-1-2", "0"]
    assert start.channel.caller == Party("Ada Löve", "+15550100123")
    assert not start.channel.is_up
    assert stasis_args(start.channel, "callside") == start.args


def test_our_own_legs_carry_their_mark_in_arguments_and_variable():
    start = next(one for one in recorded(decode.StasisStart) if one.args[0] == "out")
    assert start.channel.id == "leg0"
    assert start.channel.channelvars == {"CALLSIDE_ID": "out,1,aa"}


def test_dialling_shows_its_progress():
    assert [one.dialstatus for one in recorded(decode.Dial)] == ["", "ANSWER", "RINGING", "PROGRESS"]
    assert recorded(decode.Dial, dialstatus="ANSWER")[0].peer.is_up


def test_an_end_has_its_cause_and_the_sip_status_where_there_was_one():
    ends = {(one.cause, one.tech_cause) for one in recorded(decode.ChannelDestroyed)}
    assert {(17, 486), (19, 480), (21, 403), (1, 404), (34, 503), (16, None)} <= ends


def test_an_answer_holds_its_body():
    channels, _, refused = recorded(decode.RestReply)
    assert msgspec.json.decode(channels.message_body, type=list[Channel])[0].state == "Up"
    assert refused.status_code == 404


def test_a_bridge_says_who_is_in_it():
    entered = recorded(decode.ChannelEnteredBridge)[0]
    assert entered.bridge.channels == [entered.channel.id] == ["leg0"]


@pytest.mark.parametrize(
    "raw", ["", "{", "[]", '"x"', "null", '{"type": 5}', '{"type":"Dial"}', '{"type":"StasisStart","channel":{}}']
)
def test_what_is_not_ari_is_refused_or_passed_over_but_never_taken(raw):
    try:
        assert decode_message(raw) is None
    except ValueError as wrong:
        assert str(wrong)  # noqa: PT017 both ways are right


def test_absent_and_null_names_do_not_matter():
    channel = msgspec.json.decode('{"id":"x","caller":{"name":null,"number":null}}', type=Channel)
    assert clean(channel.caller.name) == ""


@pytest.mark.parametrize(
    ("claimed", "shown"),
    [
        ("Ada\r\nInjected: header", "AdaInjected: header"),
        ("\x1b[31mred\x07\x9b", "[31mred"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("a\u2028b\u2029c", "abc"),
        ("  Zoë  ", "Zoë"),
        ("x" * 500, "x" * 128),
        ("👩\u200d💼", "👩💼"),
        (None, ""),
    ],
)
def test_a_callers_claims_are_made_harmless(claimed, shown):
    assert clean(claimed) == shown


def test_a_channel_elsewhere_is_not_in_our_application():
    assert stasis_args(Channel("x", dialplan=Dialplan("Wait", "1")), "callside") is None
    assert stasis_args(Channel("x", dialplan=Dialplan("Stasis", "other,in,1")), "callside") is None
    assert stasis_args(Channel("x", dialplan=Dialplan(None, None)), "callside") is None
    assert stasis_args(Channel("x", dialplan=Dialplan("Stasis", "callside")), "callside") == []


@pytest.mark.parametrize(("formats", "first"), [("(alaw|ulaw)", "alaw"), ("(ulaw)", "ulaw"), ("()", ""), ("", "")])
def test_the_codec_of_a_channel_is_the_first_of_its_native_formats(formats, first):
    assert first_codec(formats) == first
