"""What the written configuration makes of a real engine: pushed agents, trunks, media, the guard loop."""

import asyncio
import hashlib
import re
import uuid
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from callside.asterisk.access import EngineAccess
from callside.asterisk.capabilities import read_capabilities
from callside.asterisk.modules import CARRIER_MODULES
from callside.asterisk.process import ensure_running
from callside.asterisk.profile import EngineProfile

pytestmark = pytest.mark.asterisk

CARRIER_DIALPLAN = """
[carrier]
exten => echo,1,Answer()
 same => n,Echo()
exten => speak,1,Answer()
 same => n(again),Playback(demo-congrats)
 same => n,Goto(again)
"""
SECONDS = 15


class Ari:
    """Requests and the events of one app, as plain as can be."""

    def __init__(self, access: EngineAccess, http: aiohttp.ClientSession) -> None:
        self.access = access
        self.http = http
        self.events: list[dict] = []
        self.news = asyncio.Condition()

    async def ask(self, method: str, path: str, *, json=None, **params: str):
        async with self.http.request(method, self.access.ari_url + path, params=params, json=json) as reply:
            body = await reply.json() if reply.content_type == "application/json" else None
            assert reply.status < 300, f"{method} {path}: {reply.status} {body}"
            return body

    async def push(self, kind: str, name: str, **fields: str) -> None:
        listed = [{"attribute": key, "value": value} for key, value in fields.items()]
        path = f"/asterisk/config/dynamic/res_pjsip/{kind}/{name}"
        await self.ask("PUT", path, json={"fields": listed})

    async def trunk(self, name: str, port: int, context: str) -> None:
        await self.push("aor", name, contact=f"sip:127.0.0.1:{port}")
        await self.push("endpoint", name, transport="udp", disallow="all", allow="ulaw", context=context, aors=name)
        await self.push("identify", name, endpoint=name, match="127.0.0.1")

    async def event(self, kind: str, **wanted: str) -> dict:
        def fits(event: dict) -> bool:
            channel = event.get("channel") or event.get("peer") or {}
            return event["type"] == kind and all(channel.get(key) == value for key, value in wanted.items())

        def found() -> list[dict]:
            return [event for event in self.events if fits(event)]

        async with asyncio.timeout(SECONDS), self.news:
            await self.news.wait_for(found)
        return found()[0]

    @asynccontextmanager
    async def listening(self, app: str) -> AsyncIterator[None]:
        async def read(socket: aiohttp.ClientWebSocketResponse) -> None:
            async for message in socket:
                async with self.news:
                    self.events.append(message.json())
                    self.news.notify_all()

        async with self.http.ws_connect(f"{self.access.ari_url}/events?app={app}") as socket:
            reader = asyncio.create_task(read(socket))
            try:
                yield
            finally:
                reader.cancel()

    async def call(self, target: str) -> str:
        channel = uuid.uuid4().hex
        await self.ask("POST", "/channels/create", endpoint=target, app="callside", channelId=channel, formats="ulaw")
        await self.event("StasisStart", id=channel)
        await self.ask("POST", f"/channels/{channel}/dial")
        await self.event("ChannelStateChange", id=channel, state="Up")
        return channel


@pytest.fixture(scope="module")
def homes(tmp_path_factory):
    return tmp_path_factory.mktemp("pair")


@pytest.fixture
async def ours(homes, engine_program):
    engine = await ensure_running(homes / "ours", engine_program, EngineProfile())
    async with aiohttp.ClientSession(headers=engine.access.headers) as http:
        yield Ari(engine.access, http)
    await engine.stop()


@pytest.fixture
async def carrier(homes, engine_program):
    profile = EngineProfile(app_name="carrier", extra_modules=CARRIER_MODULES, extra_dialplan=CARRIER_DIALPLAN)
    engine = await ensure_running(homes / "carrier", engine_program, profile)
    async with aiohttp.ClientSession(headers=engine.access.headers) as http:
        yield Ari(engine.access, http)
    await engine.stop()


@pytest.fixture
async def trunk(ours, carrier):
    await ours.trunk("carrier", carrier.access.ports.sip, "callside-trunk")
    await carrier.trunk("callside", ours.access.ports.sip, "carrier")


def sip_socket(ours: Ari):
    # While an INVITE is open Asterisk answers a closing socket seconds late; nobody waits for that.
    hurry = aiohttp.ClientWSTimeout(ws_close=0.2)
    return ours.http.ws_connect(ours.access.sip_websocket_url, protocols=("sip",), timeout=hurry)


class AgentPhone:
    """Just enough of SIP over WebSocket (RFC 7118) to register and to look at an INVITE."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, name: str, password: str) -> None:
        self.socket = socket
        self.name = name
        self.password = password

    def register(self, sequence: int, authorization: str = "") -> str:
        lines = [
            "REGISTER sip:callside.invalid SIP/2.0",
            f"Via: SIP/2.0/WS {self.name}.invalid;branch=z9hG4bK{uuid.uuid4().hex}",
            "Max-Forwards: 70",
            f"From: <sip:{self.name}@callside.invalid>;tag=1",
            f"To: <sip:{self.name}@callside.invalid>",
            f"Call-ID: {self.name}",
            f"CSeq: {sequence} REGISTER",
            f"Contact: <sip:{self.name}@{self.name}.invalid;transport=ws>;expires=60",
            *([f"Authorization: {authorization}"] if authorization else []),
            "Content-Length: 0",
        ]
        return "\r\n".join(lines) + "\r\n\r\n"

    def answer_to(self, challenge: str) -> str:
        def digest(text: str) -> str:
            return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 the scheme's own (RFC 2617)

        realm, nonce = (re.search(rf'{key}="([^"]*)"', challenge)[1] for key in ("realm", "nonce"))
        uri = "sip:callside.invalid"
        secret = digest(f"{self.name}:{realm}:{self.password}")
        response = digest(f"{secret}:{nonce}:00000001:x:auth:{digest(f'REGISTER:{uri}')}")
        return (
            f'Digest username="{self.name}", realm="{realm}", nonce="{nonce}", uri="{uri}", algorithm=MD5, '
            f'qop=auth, nc=00000001, cnonce="x", response="{response}"'
            + (f', opaque="{opaque[1]}"' if (opaque := re.search(r'opaque="([^"]*)"', challenge)) else "")
        )

    async def receive(self, start: str) -> str:
        async with asyncio.timeout(SECONDS):
            while not (text := await self.socket.receive_str()).startswith(start):
                pass
        return text

    async def sign_in(self) -> str:
        await self.socket.send_str(self.register(1))
        challenge = await self.receive("SIP/2.0 401")
        await self.socket.send_str(self.register(2, self.answer_to(challenge)))
        return (await self.receive("SIP/2.0 ")).splitlines()[0]


async def push_agent(ours: Ari, name: str, password: str) -> None:
    await ours.push("auth", name, auth_type="digest", username=name, password=password)
    await ours.push("aor", name, max_contacts="1", remove_existing="yes")
    await ours.push(
        "endpoint",
        name,
        webrtc="yes",
        dtls_auto_generate_cert="yes",
        transport="ws",
        disallow="all",
        allow="opus,ulaw",
        context="callside-agent",
        auth=name,
        aors=name,
    )


async def test_a_pushed_agent_registers_and_is_offered_encrypted_opus(ours):
    await push_agent(ours, "a1", "secret-of-a1")
    async with (
        ours.listening("callside"),
        sip_socket(ours) as socket,
    ):
        phone = AgentPhone(socket, "a1", "secret-of-a1")
        assert await phone.sign_in() == "SIP/2.0 200 OK"
        await ours.ask(
            "POST", "/channels/create", endpoint="PJSIP/a1", app="callside", channelId="c1", formats="opus,ulaw"
        )
        await ours.event("StasisStart", id="c1")
        await ours.ask("POST", "/channels/c1/dial")
        offer = await phone.receive("INVITE ")
        await ours.ask("DELETE", "/channels/c1")
    assert "UDP/TLS/RTP/SAVPF" in offer
    assert "a=fingerprint:SHA-256 " in offer
    assert "a=setup:actpass" in offer
    assert "opus/48000/2" in offer
    assert "a=rtcp-mux" in offer
    assert re.search(r"a=candidate:.* typ host", offer)


async def test_an_agent_is_known_although_a_trunk_matches_the_same_address(ours, trunk):
    await push_agent(ours, "a2", "secret-of-a2")
    async with sip_socket(ours) as socket:
        assert await AgentPhone(socket, "a2", "secret-of-a2").sign_in() == "SIP/2.0 200 OK"


async def test_a_wrong_password_does_not_register(ours):
    await push_agent(ours, "a3", "secret-of-a3")
    async with sip_socket(ours) as socket:
        assert (await AgentPhone(socket, "a3", "wrong").sign_in()).startswith("SIP/2.0 401")


async def test_two_calls_through_the_trunk_are_bridged_and_the_speech_is_recorded(ours, trunk, homes):
    async with ours.listening("callside"):
        speaker, echo = await ours.call("PJSIP/speak@carrier"), await ours.call("PJSIP/echo@carrier")
        await ours.ask("POST", "/bridges/b1", type="mixing")
        await ours.ask("POST", "/bridges/b1/addChannel", channel=f"{speaker},{echo}")
        # What the echo sends back can only be the speaker's voice.
        await ours.ask("POST", f"/channels/{echo}/snoop/s1", spy="in", app="callside")
        await ours.event("StasisStart", id="s1")
        await ours.ask("POST", "/channels/s1/record", name="day/one", format="wav", maxDurationSeconds="2")
        async with asyncio.timeout(SECONDS), ours.news:
            await ours.news.wait_for(lambda: any(event["type"] == "RecordingFinished" for event in ours.events))
        await ours.ask("DELETE", "/bridges/b1")
    with wave.open(str(homes / "ours/engine/spool/recording/day/one.wav")) as sound:
        samples = memoryview(sound.readframes(sound.getnframes())).cast("h")
    assert len(samples) > 12_000
    assert max(abs(sample) for sample in samples) > 3000


async def test_music_prompts_and_tones_play_on_a_channel(ours, trunk):
    async with ours.listening("callside"):
        channel = await ours.call("PJSIP/echo@carrier")
        await ours.ask("POST", f"/channels/{channel}/moh")
        await ours.ask("DELETE", f"/channels/{channel}/moh")
        await ours.ask("POST", f"/channels/{channel}/play/p1", media="sound:beep")
        await ours.ask("POST", f"/channels/{channel}/play/p2", media="tone:ring;tonezone=de")
        async with asyncio.timeout(SECONDS), ours.news:
            await ours.news.wait_for(
                lambda: any(
                    event["type"] == "PlaybackStarted" and event["playback"]["id"] == "p2" for event in ours.events
                )
            )
        first = next(
            event["playback"]
            for event in ours.events
            if event["type"] == "PlaybackFinished" and event["playback"]["id"] == "p1"
        )
        assert first["state"] == "done"
        await ours.ask("DELETE", "/playbacks/p2")
        await ours.ask("DELETE", f"/channels/{channel}")


async def test_a_call_without_a_controller_waits_and_is_handed_over_when_there_is_one(ours, carrier, trunk):
    async def waiting() -> bool:
        return any(channel["dialplan"]["app_name"] == "Wait" for channel in await ours.ask("GET", "/channels"))

    await carrier.ask(
        "POST",
        "/channels",
        endpoint="PJSIP/+15550100123@callside",
        extension="echo",
        context="carrier",
        priority="1",
    )
    async with asyncio.timeout(SECONDS):
        while not await waiting():
            await asyncio.sleep(0.05)
    async with ours.listening("callside"):
        start = await ours.event("StasisStart")
        assert start["args"][:3] == ["in", "+15550100123", "carrier"]
        assert int(start["args"][3]) > 0
        await ours.ask("DELETE", f"/channels/{start['channel']['id']}")


async def test_answering_machine_detection_comes_back_with_its_verdict(ours, trunk):
    async with ours.listening("callside"):
        channel = await ours.call("PJSIP/speak@carrier")
        ours.events.clear()
        path = f"/channels/{channel}/continue"
        await ours.ask("POST", path, context="callside-amd", extension="detect", priority="1")
        back = await ours.event("StasisStart", id=channel)
        assert back["args"][0] == "amd"
        assert back["args"][1] in {"MACHINE", "HUMAN", "NOTSURE"}
        await ours.ask("DELETE", f"/channels/{channel}")


async def test_the_engine_tells_its_capabilities(engine):
    found = await read_capabilities(engine.ari_url, engine.user, engine.password)
    assert found.missing == ()
    assert found.opus
    assert found.rest_over_websocket
    assert found.version.major >= 22
