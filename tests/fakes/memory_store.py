"""The store in memory: the same ports as the real ones and under the same conformance suite; nothing survives the process."""

import copy
import dataclasses
import itertools

import msgspec

from callside.exchange.ports import CdrQuery
from callside.floor.directory import Directory
from callside.kernel.errors import ConflictError, NotFoundError
from callside.reception.model import key_in_kind, noun_of
from tests.fakes.memory_dnc import MemoryDnc
from tests.fakes.memory_lead_imports import MemoryLeadImports
from tests.fakes.memory_leads import MemoryLeads
from tests.fakes.memory_ledger import MemoryLedger
from tests.fakes.memory_voicemails import MemoryVoicemails

_NOUNS = {
    "agent": ("agents", "username"),
    "extension": ("extensions", "number"),
    "queue": ("queues", "name"),
    "campaign": ("campaigns", "name"),
    "trunk": ("trunks", "name"),
}


_AT_RECEPTION = {
    "number": "numbers",
    "hours": "hours",
    "menu": "menus",
    "prompt": "prompts",
    "caller-rule": "caller_rules",
    "announcement": "announcements",
    "playlist": "playlists",
}
_KEY_FIELDS = {"number": "number", "caller-rule": "pattern", "announcement": "queue_id"}


class MemoryDirectories:
    def __init__(self):
        self.by_tenant: dict[str, Directory] = {}
        self.tokens_of: dict[str, list] = {}
        self.on_removed = lambda tenant_id: None
        self.on_campaign_removed = lambda tenant_id, campaign_id: None
        work = itertools.count(271)
        self._ids = {
            "tenant": itertools.count(1011),
            "agent": itertools.count(101),
            "extension": itertools.count(181),
            "queue": work,
            "campaign": work,
            "trunk": itertools.count(11),
            "token": itertools.count(1),
            "reception": itertools.count(501),
        }
        for noun in _NOUNS:
            setattr(self, f"add_{noun}", lambda thing, noun=noun: self._add(noun, thing))
            setattr(self, f"change_{noun}", lambda thing, noun=noun: self._change(noun, thing))
            setattr(self, f"remove_{noun}", lambda tenant, key, noun=noun: self._remove(noun, tenant, key))

    async def tenants(self):
        return [one.tenant for one in self.by_tenant.values()]

    async def tenant(self, tenant_id):
        found = self.by_tenant.get(tenant_id)
        return found.tenant if found else None

    async def directory(self, tenant_id):
        return self.by_tenant.get(tenant_id)

    async def add_tenant(self, tenant):
        if any(one.tenant.name.casefold() == tenant.name.casefold() for one in self.by_tenant.values()):
            raise ConflictError(f"name: {tenant.name!r} is taken", field="name")
        added = tenant if tenant.id else dataclasses.replace(tenant, id=str(next(self._ids["tenant"])))
        self.by_tenant[added.id] = Directory(added)
        return added

    async def change_tenant(self, tenant):
        if tenant.id in self.by_tenant:
            self.by_tenant[tenant.id] = dataclasses.replace(self.by_tenant[tenant.id], tenant=tenant)

    async def remove_tenant(self, tenant_id):
        self.tokens_of.pop(tenant_id, None)
        self.on_removed(tenant_id)
        return self.by_tenant.pop(tenant_id, None) is not None

    async def tokens(self, tenant_id):
        return list(self.tokens_of.get(tenant_id, ()))

    async def locate_token(self, digest):
        for one in itertools.chain.from_iterable(self.tokens_of.values()):
            if one.digest == digest and one.revoked_at is None and self.by_tenant[one.tenant_id].tenant.enabled:
                return one
        return None

    async def add_token(self, token):
        self._known(token.tenant_id)
        if any(one.digest == token.digest for one in itertools.chain.from_iterable(self.tokens_of.values())):
            raise ConflictError("token: it exists already", field="token")
        added = dataclasses.replace(token, id=str(next(self._ids["token"])))
        self.tokens_of.setdefault(token.tenant_id, []).append(added)
        return added

    async def revoke_token(self, tenant_id, token_id, at):
        mine = self.tokens_of.get(tenant_id, [])
        for place, one in enumerate(mine):
            if one.id == token_id and one.revoked_at is None:
                mine[place] = dataclasses.replace(one, revoked_at=at)
                return True
        return False

    async def replace_password_hash(self, tenant_id, agent_id, *, old, new):
        known = self.by_tenant.get(tenant_id)
        agent = known.agents.get(agent_id) if known else None
        if agent is None or agent.password_hash != old:
            return False
        return await self._change("agent", dataclasses.replace(agent, password_hash=new))

    async def add_reception(self, item):
        added = item if item.id else dataclasses.replace(item, id=str(next(self._ids["reception"])))
        self._keep_reception(added)
        return added

    async def change_reception(self, item):
        known = self.by_tenant.get(item.tenant_id)
        if known is None or item.id not in getattr(known, _AT_RECEPTION[noun_of(item)]):
            return False
        self._keep_reception(item)
        return True

    async def remove_reception(self, tenant_id, noun, item_id):
        known = self.by_tenant.get(tenant_id)
        things = dict(getattr(known, _AT_RECEPTION[noun])) if known else {}
        if things.pop(item_id, None) is None:
            return False
        self.by_tenant[tenant_id] = dataclasses.replace(known, **{_AT_RECEPTION[noun]: things})
        return True

    def _keep_reception(self, item):
        known, noun = self._known(item.tenant_id), noun_of(item)
        things = getattr(known, _AT_RECEPTION[noun])
        if any(one.id != item.id and key_in_kind(one) == key_in_kind(item) for one in things.values()):
            field = _KEY_FIELDS.get(noun, "name")
            raise ConflictError(f"{field}: it is taken", field=field)
        changed = dataclasses.replace(known, **{_AT_RECEPTION[noun]: {**things, item.id: item}})
        self.by_tenant[item.tenant_id] = changed

    async def _add(self, noun, thing):
        things = getattr(self._known(thing.tenant_id), _NOUNS[noun][0])
        self._check(noun, thing, things)
        added = thing if thing.id else dataclasses.replace(thing, id=str(next(self._ids[noun])))
        self._put(noun, thing.tenant_id, {**things, added.id: added})
        return added

    async def _change(self, noun, thing):
        things = self._things(noun, thing.tenant_id)
        if thing.id not in things:
            return False
        self._check(noun, thing, {key: one for key, one in things.items() if key != thing.id})
        self._put(noun, thing.tenant_id, {**things, thing.id: thing})
        return True

    async def _remove(self, noun, tenant_id, key):
        things = self._things(noun, tenant_id)
        if key not in things:
            return False
        if noun == "trunk" and any(one.trunk_id == key for one in self.by_tenant[tenant_id].campaigns.values()):
            raise ConflictError("id: a campaign goes out on this trunk", field="id")
        self._put(noun, tenant_id, {other: one for other, one in things.items() if other != key})
        if noun == "campaign":
            self.on_campaign_removed(tenant_id, key)
        for work in ("queue", "campaign") if noun == "agent" else ():
            freed = {
                one.id: dataclasses.replace(one, agents=one.agents - {key})
                for one in self._things(work, tenant_id).values()
            }
            self._put(work, tenant_id, freed)
        return True

    def _known(self, tenant_id):
        if tenant_id not in self.by_tenant:
            raise NotFoundError("tenant: there is no such tenant", field="tenant")
        return self.by_tenant[tenant_id]

    def _things(self, noun, tenant_id):
        known = self.by_tenant.get(tenant_id)
        return getattr(known, _NOUNS[noun][0]) if known else {}

    def _put(self, noun, tenant_id, things):
        self.by_tenant[tenant_id] = dataclasses.replace(self.by_tenant[tenant_id], **{_NOUNS[noun][0]: things})

    def _check(self, noun, thing, others):
        field = _NOUNS[noun][1]
        value = getattr(thing, field)
        if any(getattr(one, field).casefold() == value.casefold() for one in others.values()):
            raise ConflictError(f"{field}: {value!r} is taken", field=field)
        numbers = {number.lstrip("+") for one in others.values() for number in getattr(one, "numbers", ())}
        for number in getattr(thing, "numbers", ()):
            if number.lstrip("+") in numbers:
                raise ConflictError(f"numbers: {number} leads to another queue already", field="numbers")
        known = self.by_tenant[thing.tenant_id]
        if not getattr(thing, "agents", frozenset()) <= known.agents.keys():
            raise NotFoundError("agents: this tenant has no such agent", field="agents")
        if noun == "campaign" and thing.trunk_id not in known.trunks:
            raise NotFoundError("trunk_id: this tenant has no such trunk", field="trunk_id")


class MemorySessions:
    def __init__(self):
        self.rows = {}

    async def by_handle(self, tenant_id, handle_digest):
        found = (one for one in self.rows.values() if one.handle_digest == handle_digest)
        return next((one for one in found if one.tenant_id == tenant_id), None)

    async def locate_handle(self, handle_digest):
        return self._open(lambda one: one.handle_digest == handle_digest)

    async def by_id(self, tenant_id, session_id):
        found = self.rows.get(session_id)
        return found if found and found.tenant_id == tenant_id else None

    async def locate_bearer(self, bearer_digest):
        return self._open(lambda one: one.bearer_digest == bearer_digest)

    async def bind(self, tenant_id, session_id, *, binding_digest, bearer_digest, at):
        row = await self.by_id(tenant_id, session_id)
        if row is None or row.ended_at is not None or row.binding_digest not in {None, binding_digest}:
            return False
        self.rows[session_id] = dataclasses.replace(
            row, binding_digest=binding_digest, bearer_digest=bearer_digest, bound_at=row.bound_at or at
        )
        return True

    def _open(self, fits):
        found = (one for one in self.rows.values() if one.ended_at is None and fits(one))
        return next(((one.tenant_id, one.id) for one in found), None)


class MemoryRecorder:
    def __init__(self, directories, sessions, leads, ledger):
        self._directories = directories
        self._leads = leads
        self._ledger = ledger
        self._sessions = sessions
        self.facts = []
        self._last_facts = {}
        self.cdrs = ledger.cdrs
        self.live_rows = {}
        self.voicemails = {}
        self.memories = {}
        self.fails_with = None

    async def write(self, record):
        if self.fails_with is not None:
            raise self.fails_with
        if record.tenant_id not in self._directories.by_tenant:
            return
        # Opening is all that can be refused: done on a copy first, so that a refused record leaves nothing.
        self._sessions.rows = self._opened(record, self._ended(record, dict(self._sessions.rows)))
        if record.facts != self._last_facts.get(record.tenant_id):  # the same record, tried again
            self.facts += record.facts
            self._last_facts[record.tenant_id] = list(record.facts)
        for key, row in (*record.live_sessions.items(), *record.live_calls.items()):
            self.live_rows[record.tenant_id, key] = copy.deepcopy(row)
        for cdr in record.cdrs:
            self.cdrs.setdefault((cdr.tenant_id, cdr.call_id), cdr)
        for one in record.voicemails:
            cdr, said = self.cdrs.get((record.tenant_id, one.id)), one
            if cdr is not None and not one.number:
                said = dataclasses.replace(one, number=cdr.customer_number, name=cdr.customer_name)
            self.voicemails.setdefault((record.tenant_id, one.id), said)
        for one in record.wrapped_up:
            cdr = self.cdrs.get((record.tenant_id, one.call_id))
            if cdr is not None and cdr.disposition is None and not cdr.notes:
                self.cdrs[record.tenant_id, one.call_id] = msgspec.structs.replace(
                    cdr, disposition=one.disposition, notes=one.notes
                )
        self._leads.write(record.tenant_id, record.leads)
        self._ledger.write(record.tenant_id, record.ledger, record.samples)
        self._leads.opt_out(record.tenant_id, record.blocked)
        self.memories |= {(record.tenant_id, one.campaign_id): one for one in record.memories}

    def _ended(self, record, rows):
        for one in record.ended:
            row = rows.get(one.session_id)
            if row is not None and row.tenant_id == record.tenant_id and row.ended_at is None:
                rows[row.id] = dataclasses.replace(row, ended_at=one.at, end_cause=one.cause)
        return rows

    def _opened(self, record, rows):
        for row in record.opened:
            if row.id in rows:
                continue  # the same record, tried again
            for other in rows.values():
                same_agent = (other.tenant_id, other.agent_id) == (row.tenant_id, row.agent_id)
                if (same_agent and other.ended_at is None) or other.handle_digest == row.handle_digest:
                    raise ConflictError("agent_id: the agent has an open session, or the handle was given before")
            rows[row.id] = row
        return rows

    def forget(self, tenant_id):
        self.facts[:] = [one for one in self.facts if one.tenant_id != tenant_id]
        self._leads.forget(tenant_id)
        self._leads.forget_imports(tenant_id)
        self._ledger.forget(tenant_id)
        for rows in (self.cdrs, self.live_rows, self.voicemails, self.memories):
            for key in [key for key in rows if key[0] == tenant_id]:
                del rows[key]
        for key in [key for key, row in self._sessions.rows.items() if row.tenant_id == tenant_id]:
            del self._sessions.rows[key]

    async def live(self, tenant_id):
        rows = [copy.deepcopy(row) for key, row in self.live_rows.items() if key[0] == tenant_id and row is not None]
        sessions = [row for row in rows if type(row).__name__ == "LiveSession"]
        return sessions, [row for row in rows if type(row).__name__ == "LiveCall"]

    async def learnt(self, tenant_id):
        return [one for (owner, _), one in sorted(self.memories.items()) if owner == tenant_id]

    def leave_campaign(self, tenant_id, campaign_id):
        self._leads.leave_campaign(tenant_id, campaign_id)
        self.memories.pop((tenant_id, campaign_id), None)

    async def anchor(self, now_mono, now_wall):
        pass


class MemoryCallRecords:
    def __init__(self, recorder):
        self._recorder = recorder

    async def cdrs(self, tenant_id, query: CdrQuery):
        wanted = {"agent_id": query.agent_id, "queue_id": query.queue_id, "campaign_id": query.campaign_id}
        wanted["customer_number"] = query.number
        found = [one for one in self._recorder.cdrs.values() if one.tenant_id == tenant_id]
        for field, value in wanted.items():
            found = [one for one in found if value is None or getattr(one, field) == value]
        found = [one for one in found if query.since is None or one.ended_at >= query.since]
        found = [one for one in found if query.before is None or (one.ended_at, one.call_id) < query.before]
        return sorted(found, key=lambda one: (one.ended_at, one.call_id), reverse=True)[: query.limit]

    async def cdr(self, tenant_id, call_id):
        return self._recorder.cdrs.get((tenant_id, call_id))

    async def facts(self, tenant_id, call_id):
        return [one for one in self._recorder.facts if one.tenant_id == tenant_id and one.call_id == call_id]

    async def facts_since(self, tenant_id, since, *, after=None, limit=500):
        mine = [(n, one) for n, one in enumerate(self._recorder.facts, 1) if one.tenant_id == tenant_id]
        if after is None:
            new = ((n, one) for n, one in mine if one.at.wall >= since and one.kind != "call.unavailable")
            first = min(((one.at.wall, n) for n, one in new), default=None)
            if first is None:
                return []
            after = first[1] - 1
        return [(n, one) for n, one in mine if n > after][:limit]

    async def unavailable(self, tenant_id, since, until):
        mine = (one for one in self._recorder.facts if one.tenant_id == tenant_id and one.kind == "call.unavailable")
        return sorted((one for one in mine if since <= one.at.wall < until), key=lambda one: one.at.wall)

    async def newest_fact(self, tenant_id):
        return max((n for n, one in enumerate(self._recorder.facts, 1) if one.tenant_id == tenant_id), default=0)


class MemoryStore:
    def __init__(self):
        self.directories = MemoryDirectories()
        self.sessions = MemorySessions()
        self.leads = MemoryLeads(self.directories)
        self.lead_imports = MemoryLeadImports(self.leads)
        self.dnc = MemoryDnc(self.leads, self.directories)
        self.ledger = MemoryLedger(self.leads)
        self.recorder = MemoryRecorder(self.directories, self.sessions, self.leads, self.ledger)
        self.directories.on_removed = self.recorder.forget
        self.directories.on_campaign_removed = self.recorder.leave_campaign
        self.call_records = MemoryCallRecords(self.recorder)
        self.voicemails = MemoryVoicemails(self.recorder)

    async def open(self):
        pass

    async def close(self):
        pass

    async def is_healthy(self):
        return self.recorder.fails_with is None
