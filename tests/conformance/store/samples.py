"""Tenants, sessions, calls and records for the tests of stores."""

import hashlib
import itertools
from dataclasses import dataclass, replace

import msgspec

from callside.acd.model import Queue
from callside.agents.machine import AgentState
from callside.agents.model import Agent, Extension
from callside.calls.machine import CallState
from callside.calls.model import Cause, Cdr, Direction, Party, Trunk, VoiceMessage
from callside.dialer.laws.model import Mode
from callside.dialer.model import Campaign, DialRules
from callside.exchange.ports import Store
from callside.floor.facts import Fact, Record
from callside.floor.live import LiveCall, LiveSession
from callside.kernel.clock import Moment
from callside.kernel.ids import AgentId
from callside.sessions.model import LoginSession, LoginType
from callside.tenants.model import ApiToken, Tenant

NOW = 1_790_000_000_000
_count = itertools.count(1)


def fresh() -> str:
    """32 hex digits, never twice."""
    return f"{next(_count):032x}"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class World:
    """One tenant's things as the store gave them back."""

    store: Store
    tenant: Tenant
    agent: Agent
    second_agent: Agent
    extension: Extension
    queue: Queue
    trunk: Trunk
    campaign: Campaign
    token: ApiToken

    @classmethod
    async def build(cls, store: Store, name: str) -> "World":
        kept = store.directories
        tenant = await kept.add_tenant(Tenant("", name, crm_origins=(f"https://{name.lower()}.example.com",)))
        mine = tenant.id
        agent = await kept.add_agent(Agent("", mine, "ann", "Ann", "$argon2id$first"))
        second = await kept.add_agent(Agent("", mine, "bob", "Bob", "$argon2id$second", auto_answer=True))
        extension = await kept.add_extension(Extension("", mine, "205", "Desk", "0" * 32))
        both = frozenset({agent.id, second.id})
        queue = await kept.add_queue(Queue("", mine, "Support", both, ("+15550100199", "15550100198")))
        trunk = await kept.add_trunk(Trunk("", mine, "Carrier", f"sip.{name.lower()}.example.com", 5070, "u", "s3cret"))
        rules = DialRules(frozenset({"US", "CA"}), ("+1900",), allow_premium=False)
        campaign = await kept.add_campaign(
            Campaign("", mine, "Spring", Mode.MANUAL, trunk.id, both, "+15550100150", rules)
        )
        token = await kept.add_token(ApiToken("", mine, "CRM", digest(f"token of {name}"), NOW))
        return cls(store, tenant, agent, second, extension, queue, trunk, campaign, token)

    @property
    def id(self) -> str:
        return self.tenant.id

    async def directory(self):
        return await self.store.directories.directory(self.id)

    def session(self, agent_id: AgentId | None = None, **more) -> LoginSession:
        key = fresh()
        return LoginSession(
            key, self.id, agent_id or self.agent.id, LoginType.MANUAL, self.campaign.id, None, digest(key), NOW, **more
        )

    async def open_session(self, agent_id: AgentId | None = None) -> LoginSession:
        session = self.session(agent_id)
        await self.write(opened=[session])
        return session

    async def write(self, **parts) -> None:
        await self.store.recorder.write(Record(self.id, **parts))

    def fact(self, kind: str = "call.answered", call_id: str | None = None, **detail) -> Fact:
        return Fact(kind, self.id, Moment(5_000, NOW), fresh(), self.agent.id, call_id, detail)

    def cdr(self, call_id: str | None = None, **more) -> Cdr:
        first = Cdr(
            call_id or fresh(), self.id, Direction.OUTBOUND, "+15550100123", "Ada", "+15550100150", None,
            self.campaign.id, self.agent.id, fresh(), NOW, NOW + 4_000, NOW + 10_000, 10_000, 0, 4_000, 5_000, 1_000,
            Cause.NORMAL, Party.CUSTOMER,
        )  # fmt: skip
        return msgspec.structs.replace(first, **more)

    def voice_message(self, call_id: str | None = None, **more) -> VoiceMessage:
        said = VoiceMessage(call_id or fresh(), self.id, self.queue.id, "+15550100123", "Ada", NOW, 7_000)
        return replace(said, **more)


def live_session(**more) -> LiveSession:
    at = Moment(1_000, NOW)
    row = LiveSession(fresh(), AgentId("7"), LoginType.AUTO, ("277",), None, None, at, AgentState.READY, at, at)
    return msgspec.structs.replace(row, **more)


def live_call(**more) -> LiveCall:
    at = Moment(2_000, NOW)
    row = LiveCall(fresh(), Direction.INBOUND, CallState.QUEUED, at, at, "+15550100123", "Ada", "+15550100199", fresh())
    return msgspec.structs.replace(row, **more)
