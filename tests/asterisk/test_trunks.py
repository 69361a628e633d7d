"""Trunks on a real engine: a second one is the carrier, which asks for MD5 or SHA-256, forgets, and is reached by UDP, TCP and TLS."""

import dataclasses

import pytest
import structlog

from callside.asterisk.console import EngineConsole
from callside.asterisk.engine import AsteriskTelephony
from callside.asterisk.folders import EngineFolders
from callside.asterisk.modules import CARRIER_MODULES
from callside.asterisk.process import ensure_running, stop
from callside.asterisk.profile import EngineProfile
from callside.calls.model import RegistrationState, SipTransport, Trunk
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.floor.directory import Directory
from callside.kernel.ids import LegId, SessionId, TrunkId
from callside.tenants.model import Tenant
from tests.asterisk.far_sides import CALLER_ID, OUR_NUMBER, TENANT, Ari, Heard, eventually
from tests.asterisk.place import fresh
from tests.fakes.certificates import certificate, needs_openssl

pytestmark = [pytest.mark.asterisk, needs_openssl]

SECRETS = {"md5": "first-canary-of-trunks", "sha": "second-canary-of-trunks", "both": "third-canary-of-trunks"}
ALGORITHMS = {"md5": "MD5", "sha": "SHA-256", "both": "SHA-256,MD5"}
NUMBERS = {"md5": "15550100111", "sha": "15550100112", "both": "15550100113"}
"""The carrier knows by the number that is called which account has to pay."""
NOT_THE_CARRIERS = "127.0.0.9"
"""Where calls would have to come from if only the address counted."""
CERTIFIED = ("127.0.0.1", "sip.carrier.example")
"""Whose certificates the carrier shows, on a port each."""
WITHIN_S = 30.0

_ACCOUNT = """
[{name}]
type = auth
auth_type = digest
username = {name}
password = {secret}
supported_algorithms_uas = {algorithms}
[{name}]
type = aor
max_contacts = 1
remove_existing = yes
minimum_expiration = 10
[{name}]
type = endpoint
context = numbers
auth = {name}
aors = {name}
identify_by = header,username
allow = !all,ulaw
media_encryption = sdes
media_encryption_optimistic = yes
[{name}]
type = identify
endpoint = {name}
match_header = To: /{number}/
"""
_TLS = """
[secure-{name}]
type = transport
protocol = tls
bind = 127.0.0.1:{port}
cert_file = {certificate}
priv_key_file = {key}
method = tlsv1_2
"""
_CALLS_US = """
[calling]
type = transport
protocol = tls
bind = 127.0.0.1:0
method = tlsv1_2
verify_server = yes
ca_list_file = {trusted}
[calling]
type = aor
contact = sip:{number}@127.0.0.1:{port}\\;transport=tls
[calling]
type = endpoint
transport = calling
aors = calling
context = numbers
allow = !all,ulaw
media_encryption = sdes
"""
_DIALPLAN = """
[numbers]
exten => _+X.,1,Set(GLOBAL(CARRIED)=)
 same => n,Answer()
 same => n,Set(GLOBAL(CARRIED)=${PJSIP_HEADER(read,Via):8:3} ${CHANNEL(rtp,secure,audio)})
 same => n,Wait(60)
exten => speak,1,Answer()
 same => n,Set(GLOBAL(SPOKEN)=${CHANNEL(rtp,secure,audio)})
 same => n,Wait(60)
"""


class Carriers:
    """Our engine and a carrier that wants to know who we are."""

    def __init__(self, home, program) -> None:
        self.home, self.program = home, program

    async def open(self) -> None:
        trusted = self.home / "trusted.pem"
        if not trusted.exists():
            made = [certificate(self.home, name)[0].read_text() for name in CERTIFIED]
            trusted.write_text("".join(made))
        if not (self.home / "ours.pem").exists():
            certificate(self.home, "127.0.0.1", stem="ours")
        profile = EngineProfile(
            sip_tls_ca=str(trusted),
            sip_tls_cert=str(self.home / "ours.pem"),
            sip_tls_key=str(self.home / "ours.key"),
        )
        self.ours_access = (await ensure_running(self.home / "ours", self.program, profile)).access
        self.tls_ports = {name: self.ours_access.ports.sip + 3 + number for number, name in enumerate(CERTIFIED)}
        accounts = "".join(
            _ACCOUNT.format(name=name, secret=SECRETS[name], algorithms=ALGORITHMS[name], number=NUMBERS[name])
            for name in SECRETS
        )
        self.profile = EngineProfile(
            app_name="carrier",
            extra_modules=CARRIER_MODULES,
            extra_dialplan=_DIALPLAN,
            extra_pjsip=accounts + "".join(map(self.tls_transport, CERTIFIED)) + self.calls_us(),
        )
        await self.start_carrier()
        self.console = EngineConsole(self.program, EngineFolders.of(self.home / "ours"))
        access = self.ours_access
        self.telephony = AsteriskTelephony(
            access.ari_url, access.user, access.password, app_name="callside", console=self.console
        )
        self.heard, self.trunks = Heard(), {}
        await self.telephony.set_directory(self.directory())
        await self.telephony.start(self.heard)
        await self.heard.until(ev.EngineFound)

    def tls_transport(self, name: str) -> str:
        cert, key = self.home / f"{name}.pem", self.home / f"{name}.key"
        return _TLS.format(name=name, port=self.tls_ports[name], certificate=cert, key=key)

    def calls_us(self) -> str:
        """The carrier begins connections itself, and looks at our certificate."""
        port, ours = self.ours_access.ports.sips, self.home / "ours.pem"
        return _CALLS_US.format(number=OUR_NUMBER, port=port, trusted=ours)

    async def start_carrier(self) -> None:
        self.process = await ensure_running(self.home / "carrier", self.program, self.profile)
        self.carrier = Ari(self.process.access)
        self.port = self.process.access.ports.sip

    def directory(self) -> Directory:
        return Directory(tenant=Tenant(TENANT, "Example Ltd"), trunks=dict(self.trunks))

    async def trunk(self, number: str, **values) -> TrunkId:
        """Have one more trunk, to the carrier unless said otherwise."""
        trunk = Trunk(TrunkId(number), TENANT, f"Carrier {number}", "127.0.0.1", self.port)
        self.trunks[trunk.id] = dataclasses.replace(trunk, **values)
        await self.telephony.set_directory(self.directory())
        return trunk.id

    async def state(self, trunk: TrunkId, wanted: RegistrationState):
        def there():
            now = self.telephony.registrations(TENANT).get(trunk)
            return now if now is not None and now.state is wanted else None

        return await eventually(there, f"trunk {trunk} is {wanted}", WITHIN_S)

    async def call_out(self, trunk: TrunkId) -> str:
        """Call a number of the carrier's; what it was carried by."""
        session, leg = SessionId(fresh()), LegId(fresh())
        number = f"+{NUMBERS[self.trunks[trunk].username]}"
        self.telephony.execute(TENANT, cm.DialCustomer("call", leg, session, trunk, number, CALLER_ID, 10))
        await self.heard.until(ev.LegAnswered, leg)
        carried = await eventually(lambda: self.carrier.variable("CARRIED"), "the carrier answered")
        self.telephony.execute(TENANT, cm.HangUpLeg(leg))
        await self.heard.until(ev.LegGone, leg)
        return carried

    async def call_in(self, endpoint: str) -> ev.CallerArrived:
        before = len(self.heard.of(ev.CallerArrived))
        await self.carrier.ask(
            "POST", "channels", endpoint=endpoint, context="numbers", extension="speak", priority="1",
            callerId='"Ada" <+15550100123>',
        )  # fmt: skip
        return await self.heard.until(ev.CallerArrived, count=before + 1)

    async def close(self) -> None:
        await self.telephony.set_directory(Directory(tenant=Tenant(TENANT, "Example Ltd")))
        await self.telephony.stop()
        for engine in (Ari(self.ours_access), self.carrier):
            for channel in await engine.ask("GET", "channels"):
                await engine.ask("DELETE", f"channels/{channel['id']}")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trunks")
    yield folder
    for name in ("ours", "carrier"):
        stop(folder / name)


@pytest.fixture
async def carriers(home, engine_program):
    carriers = Carriers(home, engine_program)
    await carriers.open()
    yield carriers
    await carriers.close()


@pytest.mark.parametrize("account", ["md5", "sha", "both"])
async def test_we_register_and_call_whichever_digest_the_carrier_asks_for(carriers, account):
    trunk = await carriers.trunk("11", username=account, secret=SECRETS[account], registers=True, expiry_s=60)
    registered = await carriers.state(trunk, RegistrationState.REGISTERED)
    assert registered.reason == ""
    assert 0 < registered.expires_s <= 60
    assert await carriers.call_out(trunk)


async def test_a_wrong_password_is_told_with_the_carriers_words_and_mended_by_a_right_one(carriers, caplog):
    with structlog.testing.capture_logs() as logged:
        trunk = await carriers.trunk("11", username="sha", secret="wrong-canary-of-trunks", registers=True)
        refused = await carriers.state(trunk, RegistrationState.REFUSED)
        assert refused.reason.startswith("401 Unauthorized: check username, secret")
        await carriers.trunk("11", username="sha", secret=SECRETS["sha"], registers=True)
        await carriers.state(trunk, RegistrationState.REGISTERED)
    said = str(logged) + caplog.text
    for log in (carriers.home / "ours/engine/log").glob("*.log"):
        said += log.read_text()
    assert "trunk.registration" in said
    assert "canary-of-trunks" not in said


async def test_an_account_the_carrier_does_not_know_is_refused(carriers):
    trunk = await carriers.trunk("11", username="nobody", secret="x-canary-of-trunks", registers=True)
    assert (await carriers.state(trunk, RegistrationState.REFUSED)).reason[:3] in {"401", "403", "404"}


async def test_where_nobody_listens_the_registrar_is_unreachable(carriers):
    trunk = await carriers.trunk(
        "11", username="md5", secret="x", registers=True, registrar="127.0.0.1:9", transport=SipTransport.TCP
    )
    assert "no answer" in (await carriers.state(trunk, RegistrationState.UNREACHABLE)).reason


async def test_a_carrier_that_forgot_us_hears_from_us_again(carriers):
    trunk = await carriers.trunk("11", username="md5", secret=SECRETS["md5"], registers=True, expiry_s=20)
    await carriers.state(trunk, RegistrationState.REGISTERED)
    await carriers.process.stop()
    await carriers.start_carrier()

    async def known() -> bool:
        endpoints = await carriers.carrier.ask("GET", "endpoints/PJSIP")
        return any(one["resource"] == "md5" and one["state"] == "online" for one in endpoints)

    await eventually(known, "the carrier knows us again", 45)
    await carriers.state(trunk, RegistrationState.REGISTERED)


async def test_a_call_to_where_we_registered_is_known_by_it_from_wherever_it_comes(carriers):
    trunk = await carriers.trunk(
        "12", host=NOT_THE_CARRIERS, username="md5", secret=SECRETS["md5"], registers=True,
        registrar=f"127.0.0.1:{carriers.port}",
    )  # fmt: skip
    await carriers.state(trunk, RegistrationState.REGISTERED)
    arrived = await carriers.call_in("PJSIP/md5")
    assert (arrived.trunk_id, arrived.number) == (trunk, "+15550100123")


async def test_calls_from_each_of_a_trunks_networks_are_its_own(carriers):
    address = f"sip:{OUR_NUMBER}@127.0.0.1:{carriers.ours_access.ports.sip}"
    trunk = await carriers.trunk("13", host=NOT_THE_CARRIERS, addresses=("192.0.2.0/24", "127.0.0.0/30"))
    arrived = await carriers.call_in(f"PJSIP/md5/{address}")
    assert (arrived.trunk_id, arrived.our_number) == (trunk, OUR_NUMBER)


async def test_over_tcp_we_register_and_call(carriers):
    trunk = await carriers.trunk(
        "14", username="sha", secret=SECRETS["sha"], registers=True, transport=SipTransport.TCP
    )
    await carriers.state(trunk, RegistrationState.REGISTERED)
    assert await carriers.call_out(trunk) == "TCP 0"


async def test_over_tls_the_carriers_certificate_counts_and_audio_is_encrypted(carriers):
    tls = {"username": "sha", "secret": SECRETS["sha"], "registers": True, "transport": SipTransport.TLS}
    trunk = await carriers.trunk("15", port=carriers.tls_ports["127.0.0.1"], **tls)
    await carriers.state(trunk, RegistrationState.REGISTERED)
    assert await carriers.call_out(trunk) == "TLS 1"


async def test_over_tls_a_certificate_for_another_name_is_not_taken(carriers):
    tls = {"username": "sha", "secret": SECRETS["sha"], "registers": True, "transport": SipTransport.TLS}
    trunk = await carriers.trunk("16", port=carriers.tls_ports["sip.carrier.example"], **tls)
    await carriers.state(trunk, RegistrationState.UNREACHABLE)


async def test_a_carrier_that_begins_the_connection_sees_our_certificate_and_its_audio_is_encrypted(carriers):
    trunk = await carriers.trunk("17", port=carriers.tls_ports["127.0.0.1"], transport=SipTransport.TLS)
    arrived = await carriers.call_in("PJSIP/calling")
    assert (arrived.trunk_id, arrived.our_number, arrived.number) == (trunk, OUR_NUMBER, "+15550100123")
    carriers.telephony.execute(TENANT, cm.AnswerCaller(arrived.leg_id))
    assert await eventually(lambda: carriers.carrier.variable("SPOKEN"), "the carrier hears us answer") == "1"
