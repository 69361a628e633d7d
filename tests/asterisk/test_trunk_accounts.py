"""A PBX that registers with a real engine of ours: its calls are taken by its digest alone, ours go to where it registered from."""

import pytest

from callside.agents.rules import sip_digest
from callside.asterisk.console import EngineConsole
from callside.asterisk.engine import AsteriskTelephony
from callside.asterisk.folders import EngineFolders
from callside.asterisk.modules import CARRIER_MODULES
from callside.asterisk.process import ensure_running, stop
from callside.asterisk.profile import EngineProfile
from callside.calls.model import RegistrationState, Trunk
from callside.calls.rules import account_user
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.directory import Directory
from callside.kernel.ids import LegId, SessionId, TrunkId
from callside.tenants.model import Tenant
from tests.asterisk.far_sides import CALLER_ID, OUR_NUMBER, TENANT, Ari, Heard, eventually
from tests.asterisk.place import fresh

pytestmark = pytest.mark.asterisk

PBX = TrunkId("21")
USER, PASSWORD = account_user(TENANT, PBX), "canary-of-the-pbx"
WITHIN_S = 45.0

_REGISTERS = """
[pbx]
type = registration
server_uri = sip:127.0.0.1:{port}
client_uri = sip:{user}@127.0.0.1:{port}
contact_user = pbx
outbound_auth = pbx
auth_rejection_permanent = no
expiration = 20
retry_interval = 1
forbidden_retry_interval = 1
fatal_retry_interval = 1
max_retries = 10000
[pbx]
type = identify
endpoint = pbx
match = 127.0.0.1:{port}
"""
_SIDE = """
[{name}]
type = auth
auth_type = userpass
username = {user}
password = {password}
[{name}]
type = aor
contact = sip:127.0.0.1:{port}
[{name}]
type = endpoint
context = numbers
allow = !all,ulaw
aors = {name}
outbound_auth = {name}
"""
_NOBODY = """
[nobody]
type = aor
contact = sip:127.0.0.1:{port}
[nobody]
type = endpoint
context = numbers
allow = !all,ulaw
aors = nobody
from_user = {user}
"""
_DIALPLAN = """
[numbers]
exten => _+X.,1,Set(GLOBAL(CALLED)=${EXTEN} ${CALLERID(num)})
 same => n,Answer()
 same => n,Wait(60)
exten => speak,1,Answer()
 same => n,Wait(60)
"""


class Exchange:
    """Our engine, and the PBX's."""

    def __init__(self, home, program) -> None:
        self.home, self.program = home, program

    async def open(self) -> None:
        self.ours_access = (await ensure_running(self.home / "ours", self.program, EngineProfile())).access
        about = {"port": self.ours_access.ports.sip, "user": USER}
        texts = (
            _SIDE.format(name="pbx", password=PASSWORD, **about),
            _SIDE.format(name="guesser", password="a wrong one", **about),
            _NOBODY.format(**about),
            _REGISTERS.format(**about),
        )
        self.profile = EngineProfile(
            app_name="carrier",
            extra_modules=CARRIER_MODULES,
            extra_dialplan=_DIALPLAN,
            extra_pjsip="".join(texts),
        )
        access = self.ours_access
        console = EngineConsole(self.program, EngineFolders.of(self.home / "ours"))
        self.telephony = AsteriskTelephony(
            access.ari_url, access.user, access.password, app_name="callside", console=console
        )
        self.heard = Heard()
        await self.trust(PASSWORD)
        await self.telephony.start(self.heard)
        await self.heard.until(ev.EngineFound)
        await self.start_pbx()

    async def start_pbx(self) -> None:
        self.process = await ensure_running(self.home / "pbx", self.program, self.profile)
        self.pbx = Ari(self.process.access)

    async def trust(self, password: str) -> None:
        trunk = Trunk(PBX, TENANT, "PBX", "", registers_with_us=True, account_digest=sip_digest(USER, password))
        await self.telephony.set_directory(Directory(tenant=Tenant(TENANT, "Example Ltd"), trunks={PBX: trunk}))

    async def is_in_state(self, wanted: RegistrationState) -> None:
        def there() -> bool:
            now = self.telephony.registrations(TENANT).get(PBX)
            return now is not None and now.state is wanted

        await eventually(there, f"the PBX is {wanted}", WITHIN_S)

    async def call_in(self, endpoint: str) -> str:
        made = await self.pbx.ask(
            "POST", "channels", endpoint=f"PJSIP/{OUR_NUMBER}@{endpoint}", context="numbers", extension="speak",
            priority="1", callerId='"Ada" <+15550100123>',
        )  # fmt: skip
        return str(made["id"])

    async def is_refused(self, endpoint: str) -> None:
        """It calls, the call ends, and nobody here ever hears of it."""
        channel = await self.call_in(endpoint)

        async def over() -> bool:
            return all(one["id"] != channel for one in await self.pbx.ask("GET", "channels"))

        await eventually(over, f"the call of {endpoint} is refused")
        assert self.heard.of(ev.CallerArrived) == []
        assert await Ari(self.ours_access).ask("GET", "channels") == []

    async def close(self) -> None:
        await self.telephony.set_directory(Directory(tenant=Tenant(TENANT, "Example Ltd")))
        await self.telephony.stop()
        for engine in (Ari(self.ours_access), self.pbx):
            for channel in await engine.ask("GET", "channels"):
                await engine.ask("DELETE", f"channels/{channel['id']}")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("accounts")
    yield folder
    for name in ("ours", "pbx"):
        stop(folder / name)


@pytest.fixture
async def exchange(home, engine_program):
    exchange = Exchange(home, engine_program)
    await exchange.open()
    yield exchange
    await exchange.close()


async def test_it_registers_and_calls_go_both_ways(exchange):
    await exchange.is_in_state(RegistrationState.REGISTERED)
    await exchange.call_in("pbx")
    arrived = await exchange.heard.until(ev.CallerArrived)
    assert (arrived.trunk_id, arrived.our_number, arrived.number, arrived.name) == (
        PBX, OUR_NUMBER, "+15550100123", "Ada",
    )  # fmt: skip
    leg = LegId(fresh())
    number = "+15550100171"
    exchange.telephony.execute(TENANT, cm.DialCustomer("c", leg, SessionId(fresh()), PBX, number, CALLER_ID, 10))
    await exchange.heard.until(ev.LegAnswered, leg)
    assert await exchange.pbx.variable("CALLED") == f"{number} {CALLER_ID}"


@pytest.mark.parametrize("endpoint", ["guesser", "nobody"])
async def test_who_does_not_know_the_password_cannot_call_in_whatever_they_call_themselves(exchange, endpoint):
    await exchange.is_in_state(RegistrationState.REGISTERED)
    await exchange.is_refused(endpoint)


async def test_with_a_new_password_the_old_one_is_dead_for_calls_at_once(exchange):
    await exchange.is_in_state(RegistrationState.REGISTERED)
    await exchange.trust("another canary-of-the-pbx")
    await exchange.is_refused("pbx")
    await exchange.trust(PASSWORD)
    await exchange.call_in("pbx")
    await exchange.heard.until(ev.CallerArrived)


async def test_who_leaves_is_awaited_and_who_comes_back_is_registered(exchange):
    await exchange.is_in_state(RegistrationState.REGISTERED)
    await exchange.process.stop()
    await exchange.is_in_state(RegistrationState.AWAITED)
    await exchange.start_pbx()
    await exchange.is_in_state(RegistrationState.REGISTERED)
