"""A whole installation without an engine: a real store, administration, `/v1`, and floors that show what the test puts there."""

import dataclasses
import pathlib
from types import SimpleNamespace

import httpx2
from starlette.applications import Starlette

from callside.exchange.administration import Administration, Mailroom, Office
from callside.exchange.administration.forms import TenantForm, TokenForm
from callside.exchange.administration.lead_parts import LeadDesks
from callside.exchange.logins import Logins
from callside.exchange.profiles import load_profiles
from callside.exchange.prompt_audio import PromptLibrary
from callside.exchange.secrets import PasswordHasher
from callside.exchange.throttle import Throttle
from callside.exchange.voicemail_files import VoicemailFiles
from callside.floor.floor import Floor
from callside.guide_api.routes import GuideFirst
from callside.ingress.access_log import AccessLog
from callside.ingress.forwarded import ForwardedHeaders
from callside.ingress.headers import SecurityHeaders
from callside.kernel.clock import Moment
from callside.kernel.errors import NotFoundError
from callside.observability import Metrics
from callside.reporting.campaign_board import campaign_now
from callside.reporting.day import Today
from callside.store import open_store
from callside.v1_api import RequestObserver, V1Parts, v1_application
from callside.v1_api.application import openapi_document
from tests.fakes.built_once import BuiltOnce
from tests.fakes.stage import Counter

PROFILES = load_profiles().versions
ROOT = "root-token-of-the-tests"
HASHER = PasswordHasher(time_cost=1, memory_kib=8, threads=1)
"""Cheap: what it costs is not what is tested."""


class Clock:
    """Stands still until it is told to move."""

    def __init__(self):
        self.ms = 1_000_000

    def now(self):
        return Moment(self.ms, 1_800_000_000_000 + self.ms)


class Floors:
    """The exchange as far as `/v1` and logins ask; `rows` are the live ones, `asked` what reached a floor."""

    def __init__(self, store, clock):
        self.store = store
        self.clock = clock
        self.rows = {}
        self.asked = []
        self.changed = []
        self.told = []
        self.up = True
        self.waiting = 0
        self.registered = {}
        self.days = {}
        self.floors = {}

    def today(self, tenant_id):
        return self.days.setdefault(tenant_id, Today(self.clock.now().wall))

    def watch_floor(self, tenant_id):
        raise NotImplementedError("the live feed is tested with a real exchange")

    def engine_is_up(self):
        return self.up

    async def directory(self, tenant_id):
        found = await self.store.directories.directory(tenant_id)
        if found is None:
            raise NotFoundError("no such tenant")
        return dataclasses.replace(found, profiles=PROFILES)

    async def directory_changed(self, tenant_id):
        self.changed.append(tenant_id)
        if await self.store.directories.directory(tenant_id) is not None:
            self.floors[tenant_id] = Floor(await self.directory(tenant_id), Counter())

    def campaign_now(self, tenant_id, campaign_id):
        now = self.clock.now()
        return campaign_now(self.floors[tenant_id].ground, self.today(tenant_id).at(now.wall), now, campaign_id)

    def tell(self, tenant_id, event):
        self.told.append((tenant_id, event))

    async def request(self, tenant_id, request):
        self.asked.append((tenant_id, request))

    def tenant_ids(self):
        return list(self.rows)

    def live(self, tenant_id):
        return self.rows.get(tenant_id, ([], []))

    def registrations(self, tenant_id):
        return self.registered.get(tenant_id, {})

    def callers_missed(self):
        return 2

    def backlog(self):
        return self.waiting


_BUILT = BuiltOnce()
_DOCUMENTS = []


class Installation:
    """Open it with ``async with``; `tenant()` makes tenants with a client that speaks for them."""

    def __init__(self, path):
        self.clock = Clock()
        self.store = open_store(f"sqlite:///{path}")
        self.floors = Floors(self.store, self.clock)
        self.metrics = Metrics()
        self.prompts = pathlib.Path(path).parent / "prompts"
        kept = PromptLibrary(self.prompts)
        around = (self.store.directories, self.floors.directory_changed, HASHER, self.clock, self.floors)
        self.voicemail_folder = pathlib.Path(path).parent / "voicemail"
        mail = Mailroom(self.store.voicemails, VoicemailFiles(self.voicemail_folder), self.floors.tell)
        office = Office(
            *around,
            prompts=kept,
            registrations=self.floors.registrations,
            mailroom=mail,
            leads=self.store.leads,
            numbers=self.store.ledger,
            music=frozenset({"default", "jazz"}),
        )
        self.blocked = []
        leads = LeadDesks.at(office, self.store, pathlib.Path(path).parent / "imports", self.leads_changed)
        self.administration = Administration(office, leads)
        self.logins = Logins(self.floors, HASHER, Throttle(self.clock))
        self.parts = V1Parts(self.administration, self.logins, self.store, self.floors, self.metrics, ROOT)
        bare = GuideFirst(self.logins, Starlette(routes=_BUILT.serving(self.parts)))
        inner = SecurityHeaders(RequestObserver(bare, self.metrics))
        self.app = ForwardedHeaders(AccessLog(inner, self.clock))
        self.root = self.client(ROOT)

    async def leads_changed(self, tenant_id, campaign_id, numbers):
        self.blocked += [(tenant_id, campaign_id, set(numbers))] if numbers else []

    async def bring_in(self):
        """Do what the importer has to do."""
        for one in await self.store.lead_imports.unfinished():
            await self.administration.leads.imports.importer.carry_out(one)

    @property
    def document(self):
        """What OpenAPI says of `/v1`, of whichever installation: made once, to be read only."""
        if not _DOCUMENTS:
            _DOCUMENTS.append(openapi_document(v1_application(self.parts)))
        return _DOCUMENTS[0]

    async def __aenter__(self):
        await self.store.open()
        return self

    async def __aexit__(self, *_):
        await self.store.close()

    def client(self, token=None, address="127.0.0.1"):
        """Speaks with `token`, from `address`; errors of ours are answers, as they are for a real client."""
        transport = httpx2.ASGITransport(app=self.app, client=(address, 5000), raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx2.AsyncClient(transport=transport, base_url="http://phone.test", headers=headers)

    async def tenant(self, name):
        """A new tenant: its id, its token and a client that speaks for it."""
        sheet = await self.administration.tenants.add(TenantForm(name=name))
        issued = await self.administration.tokens.add(sheet.id, TokenForm(name="tests"))
        return SimpleNamespace(id=sheet.id, token=issued.token, token_id=issued.id, client=self.client(issued.token))


async def furnish(client, tag="1"):
    """One of everything for the tenant that `client` speaks for: ids by noun."""

    async def add(noun, **values):
        answer = await client.post(f"/v1/{noun}s", json=values)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    ids = {}
    ids["agent"] = await add("agent", username=f"ag{tag}", password="correct horse")
    ids["extension"] = await add("extension", number=f"20{tag}")
    ids["trunk"] = await add("trunk", name=f"Carrier {tag}", host=f"sip{tag}.carrier.example", secret="trunk secret")
    ids["queue"] = await add("queue", name=f"Support {tag}", agents=[ids["agent"]], numbers=[f"+1555010010{tag}"])
    ids["campaign"] = await add(
        "campaign",
        name=f"Renewals {tag}",
        type="MANUAL",
        trunk_id=ids["trunk"],
        agents=[ids["agent"]],
        dial_rules={"countries": ["US"]},
    )
    ids["lead-list"] = await add("lead-list", name=f"People {tag}", campaign_id=ids["campaign"])
    ids["lead"] = await add("lead", list_id=ids["lead-list"], numbers=[f"+1212555012{tag}"], name=f"Prospect {tag}")
    ids["dnc-list"] = await add("dnc-list", name=f"Register {tag}")
    ids["token"] = await add("token", name=f"CRM {tag}")
    return ids
