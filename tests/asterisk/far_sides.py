"""A second Asterisk behind a real SIP trunk: the carrier's far sides, and a desk phone that registers with ours."""

import asyncio
import inspect
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from callside.acd.model import Queue
from callside.agents.model import Extension
from callside.agents.rules import sip_digest
from callside.asterisk.access import EngineAccess
from callside.asterisk.engine import AsteriskTelephony
from callside.asterisk.modules import CARRIER_MODULES
from callside.asterisk.process import ensure_running
from callside.asterisk.profile import EngineProfile
from callside.asterisk.program import EngineProgram
from callside.calls.model import Trunk
from callside.floor.directory import Directory
from callside.floor.events import EngineEvent
from callside.kernel.ids import ExtensionId, QueueId, TenantId, TrunkId
from callside.tenants.model import Tenant
from tests.fakes.telephony import FarSide
from tests.patience import PATIENCE_S

TENANT, OTHER_TENANT = TenantId("1012"), TenantId("1013")
TRUNK, DESK_PHONE, MISSING_PHONE = TrunkId("11"), ExtensionId("183"), ExtensionId("184")
OUR_NUMBER = "+15550100900"
CALLER_ID = "+15550100999"
_DESK_PASSWORD = "only-in-this-test"

NUMBERS = {
    FarSide.ANSWERS: "+15550100101",
    FarSide.RINGS: "+15550100201",
    FarSide.RINGS_OUT: "+15550100202",
    FarSide.BUSY: "+15550100301",
    FarSide.REJECTS: "+15550100401",
    FarSide.UNKNOWN: "+15550100501",
    FarSide.CONGESTED: "+15550100601",
    FarSide.ANSWERS_AFTER_EARLY_MEDIA: "+15550100701",
    FarSide.HANGS_UP: "+15550100801",
}
LISTENS = "+15550100102"
"""Answers and notes the digits it is sent."""
RECORDS = "+15550100103"
"""Answers and records what it hears."""
PERSON = "+15550100104"
"""Answers, says hello, and listens."""
MACHINE = "+15550100105"
"""Answers with a long greeting, beeps, and keeps what it hears then."""

_DIALPLAN = """
[numbers]
exten => +15550100101,1,Set(GLOBAL(FROM)=${CALLERID(num)})
 same => n,Answer()
 same => n,Milliwatt()
exten => +15550100102,1,Answer()
 same => n,Read(DIGITS,,3,,1,10)
 same => n,Set(GLOBAL(DIGITS)=${DIGITS})
 same => n,Wait(60)
exten => +15550100103,1,Answer()
 same => n,Record(@{recordings}/customer.ulaw,0,0,kqx)
exten => +15550100104,1,Answer()
 same => n,Wait(0.3)
 same => n,Playback(hello)
 same => n,Wait(60)
exten => +15550100105,1,Answer()
 same => n,Wait(0.3)
 same => n,Playback(vm-theperson&vm-isunavail&vm-intro&beep)
 same => n,Record(@{recordings}/message.ulaw,0,0,kqx)
exten => _+155501002XX,1,Ringing()
 same => n,Wait(60)
exten => _+155501003XX,1,Hangup(17)
exten => _+155501004XX,1,Hangup(21)
exten => _+155501005XX,1,Hangup(1)
exten => _+155501006XX,1,Hangup(34)
exten => _+155501007XX,1,Progress()
 same => n,Playtones(ring)
 same => n,Wait(1)
 same => n,Answer()
 same => n,Milliwatt()
exten => _+155501008XX,1,Answer()
 same => n,Wait(0.3)
 same => n,Hangup()
exten => desk,1,Set(GLOBAL(ASKED)=${PJSIP_HEADER(read,X-Callside-Line)} ${PJSIP_HEADER(read,Call-Info)})
 same => n,Answer()
 same => n,GotoIf($["${DESK_SPEAKS}" = "yes"]?speak,1)
 same => n,Record(@{recordings}/desk.ulaw,0,0,kqx)
exten => speak,1,Answer()
 same => n,Milliwatt()
exten => listener,1,Answer()
 same => n,Record(@{recordings}/caller.ulaw,0,0,kqx)
exten => reader,1,Answer()
 same => n,Read(DIGITS,,3,,1,10)
 same => n,Set(GLOBAL(DIGITS)=${DIGITS})
 same => n,Wait(60)
exten => chooser,1,Answer()
 same => n,MixMonitor(@{recordings}/both.sln,Sr(@{recordings}/caller.sln))
 same => n,Wait(3)
 same => n,SendDTMF(2)
 same => n,Wait(60)
exten => talker,1,Answer()
 same => n,MixMonitor(@{recordings}/both.sln,Sr(@{recordings}/caller.sln))
 same => n,Milliwatt()
exten => silent,1,Answer()
 same => n,MixMonitor(@{recordings}/both.sln,Sr(@{recordings}/caller.sln))
 same => n,Wait(60)
exten => asker,1,Answer()
 same => n,MixMonitor(@{recordings}/both.sln,Sr(@{recordings}/caller.sln))
 same => n,Wait(4)
 same => n,SendDTMF(1)
 same => n,Wait(5)
 same => n,SendDTMF(1)
 same => n,Wait(60)
"""
_PJSIP = """
[callside]
type = endpoint
context = numbers
disallow = all
allow = ulaw,alaw
aors = callside
direct_media = no
[callside-alaw]
type = endpoint
context = numbers
disallow = all
allow = alaw
aors = callside
direct_media = no
[callside]
type = aor
contact = sip:127.0.0.1:@{port}
[callside]
type = identify
endpoint = callside
match = 127.0.0.1:@{port}
[desk]
type = auth
auth_type = userpass
username = @{desk}
password = @{password}
[desk]
type = registration
server_uri = sip:127.0.0.1:@{port}
client_uri = sip:@{desk}@127.0.0.1:@{port}
contact_user = desk
outbound_auth = desk
auth_rejection_permanent = no
expiration = 15
retry_interval = 1
forbidden_retry_interval = 1
fatal_retry_interval = 1
max_retries = 10000
"""


def _filled(text: str, **values: object) -> str:
    for name, value in values.items():
        text = text.replace(f"@{{{name}}}", str(value))
    return text


def desk_endpoint() -> str:
    return f"ext-{TENANT}-{DESK_PHONE}"


async def start_carrier(home: Path, program: EngineProgram, ours: EngineAccess) -> EngineAccess:
    """The carrier's engine, whose desk phone goes on trying to register with ours."""
    (home / "heard").mkdir(parents=True, exist_ok=True)
    port = ours.ports.sip
    profile = EngineProfile(
        app_name="carrier",
        extra_modules=(*CARRIER_MODULES, "app_mixmonitor"),
        extra_dialplan=_filled(_DIALPLAN, recordings=home / "heard"),
        extra_pjsip=_filled(_PJSIP, port=port, desk=desk_endpoint(), password=_DESK_PASSWORD),
    )
    return (await ensure_running(home, program, profile)).access


def directory(carrier: EngineAccess) -> Directory:
    """What the tests' tenant has: the carrier as its trunk, a desk phone that is there, and one that nobody plugged in."""
    desk = Extension(DESK_PHONE, TENANT, "205", secret_digest=sip_digest(desk_endpoint(), _DESK_PASSWORD))
    missing = Extension(MISSING_PHONE, TENANT, "206", secret_digest=sip_digest(f"ext-{TENANT}-{MISSING_PHONE}", "x"))
    support = Queue(QueueId("279"), TENANT, "Support", frozenset(), (OUR_NUMBER,))
    return Directory(
        tenant=Tenant(TENANT, "Example Ltd"),
        extensions={DESK_PHONE: desk, MISSING_PHONE: missing},
        queues={support.id: support},
        trunks={TRUNK: Trunk(TRUNK, TENANT, "Carrier", "127.0.0.1", carrier.ports.sip)},
    )


def telephony_of(
    access: EngineAccess, app_name: str = "callside", prompts: Path | None = None, voicemail: Path | None = None
) -> AsteriskTelephony:
    where = {"prompts": prompts, "voicemail": voicemail}
    return AsteriskTelephony(access.ari_url, access.user, access.password, app_name=app_name, **where)


@dataclass
class Heard:
    """What the floors would have been told."""

    events: list[tuple[TenantId, EngineEvent]] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, tenant_id: TenantId, event: EngineEvent) -> None:
        self.events.append((tenant_id, event))
        self._news.set()

    def of(self, kind: type, leg_id: str | None = None, tenant_id: TenantId = TENANT) -> list[Any]:
        return [
            event
            for tenant, event in self.events
            if tenant == tenant_id and isinstance(event, kind) and leg_id in {None, getattr(event, "leg_id", None)}
        ]

    async def until(
        self, kind: type, leg_id: str | None = None, *, count: int = 1, tenant_id: TenantId = TENANT
    ) -> Any:
        """The ``count``-th event of a kind (about a leg), waited for."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while len(found := self.of(kind, leg_id, tenant_id)) < count:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"no {kind.__name__} number {count} of leg {leg_id} among {self.events}") from None
        return found[count - 1]


class Ari:
    """Looking into an engine from outside, as a person with curl would."""

    def __init__(self, access: EngineAccess) -> None:
        self.access = access

    async def ask(self, method: str, path: str, body: object = None, **query: str) -> Any:
        async with (
            aiohttp.ClientSession(headers=self.access.headers) as http,
            http.request(method, f"{self.access.ari_url}/{path}", params=query, json=body) as reply,
        ):
            if method == "DELETE" and reply.status == 404:
                return None  # gone by itself meanwhile
            assert reply.status < 400, (method, path, reply.status, await reply.text())
            return await reply.json() if reply.content_type == "application/json" else None

    async def variable(self, name: str) -> str:
        return (await self.ask("GET", "asterisk/variable", variable=name))["value"]

    async def call(
        self, number: str, caller: str = '"Ada" <+15550100123>', extension: str = "speak", trunk: str = "callside"
    ) -> str:
        """The carrier's subscriber ``caller`` calls ``number`` of ours; the id of the carrier's channel."""
        made = await self.ask(
            "POST",
            "channels",
            endpoint=f"PJSIP/{number}@{trunk}",
            context="numbers",
            extension=extension,
            priority="1",
            callerId=caller,
        )
        return made["id"]


async def eventually(condition: Callable[[], Any], what: str, within: float = PATIENCE_S) -> Any:
    """Wait until ``condition`` (which may be asynchronous) is true."""
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {within:g} s: {what}"
        await asyncio.sleep(0.02)


async def phone_is_there(ours: Ari) -> bool:
    endpoints = await ours.ask("GET", "endpoints/PJSIP")
    return any(one["resource"] == desk_endpoint() and one["state"] == "online" for one in endpoints)
