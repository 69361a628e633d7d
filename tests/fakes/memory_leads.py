"""Leads in memory: the same port as the real store's and under the same conformance suite."""

import dataclasses
import itertools
from collections import Counter

from callside.dialer.leads.model import OPEN, LeadState, ListOrder
from callside.dialer.leads.order import mixed, order_key
from callside.kernel.errors import ConflictError, InvalidFieldError, NotFoundError

NOBODY = 2**62


class MemoryLeads:
    def __init__(self, directories):
        self._directories = directories
        self.all_lists = {}
        self.rows = {}
        self.anybody_from = {}
        self.dnc_lists = {}
        self.dnc_entries = {}
        self.hidden = {}
        self.forget_imports = lambda tenant_id: None
        self._list_ids, self._ids = itertools.count(801), itertools.count(1001)

    def forget(self, tenant_id):
        for kept in (self.all_lists, self.rows, self.dnc_lists, self.dnc_entries):
            for key in [key for key in kept if key[0] == tenant_id]:
                del kept[key]

    async def lists(self, tenant_id):
        return sorted((one for one in self.all_lists.values() if one.tenant_id == tenant_id), key=lambda one: one.id)

    async def add_list(self, one):
        self._check(one)
        added = one if one.id else dataclasses.replace(one, id=str(next(self._list_ids)))
        self.all_lists[one.tenant_id, added.id] = added
        return added

    async def change_list(self, one):
        self._check(one)
        if (one.tenant_id, one.id) not in self.all_lists:
            return False
        self.all_lists[one.tenant_id, one.id] = one
        self._look_anew(one.tenant_id, one.id)
        return True

    def _look_anew(self, tenant_id, list_id):
        for lead in [one for (owner, _), one in self.rows.items() if owner == tenant_id and one.list_id == list_id]:
            if lead.state is LeadState.BLOCKED:
                self._keep(dataclasses.replace(lead, state=LeadState.DUE, due_at=0), 0)
            self._block(tenant_id, {number.number for number in lead.numbers})

    async def remove_list(self, tenant_id, list_id):
        mine = {key: lead for key, lead in self.rows.items() if key[0] == tenant_id and lead.list_id == list_id}
        if any(lead.state is LeadState.DIALLING for lead in mine.values()):
            raise ConflictError("list: one of its leads is being called", field="list")
        for key in mine:
            del self.rows[key]
        return self.all_lists.pop((tenant_id, list_id), None) is not None

    def leave_campaign(self, tenant_id, campaign_id):
        for key, one in self.all_lists.items():
            if key[0] == tenant_id and one.campaign_id == campaign_id:
                self.all_lists[key] = dataclasses.replace(one, campaign_id=None)

    async def tallies(self, tenant_id, list_id):
        mine = (
            lead
            for key, lead in self.rows.items()
            if key[0] == tenant_id and lead.list_id == list_id and lead.id not in self.hidden
        )
        return dict(
            Counter("fresh" if lead.state is LeadState.DUE and not lead.attempts else str(lead.state) for lead in mine)
        )

    async def add_leads(self, tenant_id, list_id, new):
        if (tenant_id, list_id) not in self.all_lists:
            raise NotFoundError("list: this tenant has no such list of leads", field="list")
        ids = []
        for lead in new:
            ids.append(str(next(self._ids)))
            self._keep(dataclasses.replace(lead, id=ids[-1], tenant_id=tenant_id, list_id=list_id), lead.due_at)
        self._block(tenant_id, {number.number for lead in new for number in lead.numbers})
        return ids

    async def lead(self, tenant_id, lead_id):
        return None if lead_id in self.hidden else self.rows.get((tenant_id, lead_id))

    async def page(self, tenant_id, list_id, *, after, limit):
        mine = [lead for key, lead in self.rows.items() if key[0] == tenant_id and lead.list_id == list_id]
        mine = sorted((lead for lead in mine if lead.id not in self.hidden), key=lambda lead: int(lead.id))
        return [lead for lead in mine if after is None or int(lead.id) > int(after)][:limit]

    async def change_lead(self, tenant_id, lead_id, change):
        if change.state not in {None, LeadState.DUE, LeadState.DONE}:
            raise InvalidFieldError("state: a lead can be made due or done", field="state")
        lead = self.rows.get((tenant_id, lead_id))
        if lead is None:
            return False
        if lead.state is LeadState.DIALLING:
            raise ConflictError("lead: it is being called", field="id")
        said = {name: getattr(change, name) for name in ("name", "notes", "fields")}
        lead = dataclasses.replace(lead, **{name: value for name, value in said.items() if value is not None})
        if change.state is not None or change.due_at is not None:
            stands = {"state": change.state or LeadState.DUE, "due_at": change.due_at or 0, "callback_agent_id": None}
            if change.state is None and lead.state is LeadState.CALLBACK:
                stands = {"due_at": change.due_at}
            lead = dataclasses.replace(lead, **stands)
        self._keep(lead, lead.due_at + (24 * 3_600_000 if lead.callback_agent_id else 0))
        self._block(tenant_id, {number.number for number in lead.numbers})
        return True

    async def leads_with(self, tenant_id, number):
        found = [lead for key, lead in self.rows.items() if key[0] == tenant_id and _has(lead, number)]
        found = [lead for lead in found if lead.id not in self.hidden]
        return sorted(found, key=lambda lead: -int(lead.id))[:100]

    async def zone_keys(self, tenant_id, campaign_id):
        lists = self._feeding(tenant_id, campaign_id)
        return frozenset(
            lead.zone_key for lead in self.rows.values() if lead.list_id in lists and lead.id not in self.hidden
        )

    async def next_leads(self, tenant_id, campaign_id, at, *, open_zone_keys, agent_ids=(), limit=50, closed_lists=()):
        lists = {key: one for key, one in self._feeding(tenant_id, campaign_id).items() if key not in closed_lists}
        here = [lead for key, lead in self.rows.items() if key[0] == tenant_id and lead.list_id in lists]
        here = [lead for lead in here if lead.id not in self.hidden]
        here = [lead for lead in here if lead.zone_key in open_zone_keys]
        here = self._marked(tenant_id, campaign_id, here, at)
        found = [lead for lead in here if self._is_due_callback(lead, agent_ids, at)]
        found.sort(key=lambda lead: (lead.due_at, int(lead.id)))
        from_lists = [(one.weight, self._of_list(one, here, at)) for one in lists.values()]
        return (found + mixed(from_lists, limit))[:limit]

    async def leads_of_agent(self, tenant_id, campaign_id, agent_id, at, *, open_zone_keys, limit=50, closed_lists=()):
        lists = self._feeding(tenant_id, campaign_id)
        own = [
            lead
            for lead in self.rows.values()
            if lead.list_id in lists and lead.state is LeadState.CALLBACK and lead.callback_agent_id == agent_id
        ]
        own = self._marked(tenant_id, campaign_id, sorted(own, key=lambda lead: (lead.due_at, int(lead.id))), at)
        following = await self.next_leads(
            tenant_id, campaign_id, at, open_zone_keys=open_zone_keys, limit=limit, closed_lists=closed_lists
        )
        return (own + [lead for lead in following if lead not in own])[:limit]

    async def dialling(self, tenant_id):
        mine = (lead for key, lead in self.rows.items() if key[0] == tenant_id and lead.state is LeadState.DIALLING)
        return sorted(mine, key=lambda lead: int(lead.id))

    async def blocked_numbers(self, tenant_id, campaign_id, numbers, at):
        return {
            number: self.dnc_lists[owner, list_id].name
            for owner, number, list_id, campaign, ends in self._entries(tenant_id, numbers)
            if campaign in {None, campaign_id} and (ends is None or ends > at)
        }

    def write(self, tenant_id, steps):
        for step in steps:
            lead = self.rows.get((tenant_id, step.lead_id))
            if lead is not None:
                is_due = step.state is LeadState.BLOCKED and step.due_at
                kept = dataclasses.replace(step, state=LeadState.DUE) if is_due else step
                self._keep(_stepped(lead, kept), step.anybody_from)
                self._block(tenant_id, {number.number for number in lead.numbers})

    def opt_out(self, tenant_id, entries):
        from callside.dialer.leads.model import DncList

        for entry in entries:
            list_id = "own" if entry.campaign_id is None else f"own-{entry.campaign_id}"
            name = "Opt-outs" if entry.campaign_id is None else f"Opt-outs of campaign {entry.campaign_id}"
            self.dnc_lists.setdefault((tenant_id, list_id), DncList(list_id, tenant_id, name, entry.campaign_id))
            self.dnc_entries.setdefault((tenant_id, entry.number, list_id), (entry.at, None, entry.reason))
        self._block(tenant_id, {entry.number for entry in entries})

    def _keep(self, lead, anybody_from):
        self.rows[lead.tenant_id, lead.id] = lead
        self.anybody_from[lead.id] = anybody_from

    def _check(self, one):
        if one.tenant_id not in self._directories.by_tenant:
            raise NotFoundError("tenant: there is no such tenant", field="tenant")
        others = [other for key, other in self.all_lists.items() if key[0] == one.tenant_id and other.id != one.id]
        if any(other.name.casefold() == one.name.casefold() for other in others):
            raise ConflictError("name: it is taken", field="name")
        campaigns = self._directories.by_tenant[one.tenant_id].campaigns
        if one.campaign_id is not None and one.campaign_id not in campaigns:
            raise NotFoundError("campaign_id: this tenant has no such campaign", field="campaign_id")

    def _feeding(self, tenant_id, campaign_id):
        mine = sorted((one for one in self.all_lists.values() if one.tenant_id == tenant_id), key=lambda one: one.id)
        return {one.id: one for one in mine if one.enabled and one.campaign_id == campaign_id}

    def _is_due_callback(self, lead, agent_ids, at):
        if lead.state is not LeadState.CALLBACK or lead.due_at > at:
            return False
        return lead.callback_agent_id in agent_ids or self.anybody_from[lead.id] <= at

    def _of_list(self, one, here, at):
        waiting = [lead for lead in here if lead.list_id == one.id and lead.state is LeadState.DUE]
        again = sorted(
            (lead for lead in waiting if 0 < lead.due_at <= at), key=lambda lead: (lead.due_at, int(lead.id))
        )
        by_column = one.order in {ListOrder.ASCENDING, ListOrder.DESCENDING}
        fresh = sorted(
            (lead for lead in waiting if not lead.due_at),
            key=lambda lead: (order_key(lead.fields.get(one.order_column, "")) if by_column else 0, int(lead.id)),
            reverse=one.order in {ListOrder.NEWEST, ListOrder.DESCENDING},
        )
        return fresh + again if one.order is ListOrder.NEWEST else again + fresh

    def _entries(self, tenant_id, numbers):
        for (owner, number, list_id), (_, ends, _) in self.dnc_entries.items():
            if owner in {"", tenant_id} and number in numbers:
                yield owner, number, list_id, self.dnc_lists[owner, list_id].campaign_id, ends

    def _marked(self, tenant_id, campaign_id, leads, at):
        found = []
        for lead in leads:
            numbers = {one.number for one in lead.numbers}
            listed = {
                number
                for _, number, _, campaign, ends in self._entries(tenant_id, numbers)
                if campaign in {None, campaign_id} and (ends is None or ends > at)
            }
            if listed != numbers:
                marked = tuple(dataclasses.replace(one, blocked=one.number in listed) for one in lead.numbers)
                found.append(dataclasses.replace(lead, numbers=marked))
        return found

    def _block(self, tenant_id, numbers):
        for lead in [lead for key, lead in self.rows.items() if key[0] == tenant_id and lead.state in OPEN]:
            mine = [one.number for one in lead.numbers]
            if not numbers & set(mine):
                continue
            campaign_id = self.all_lists[tenant_id, lead.list_id].campaign_id
            ends = dict.fromkeys(mine, 0)
            for _, number, _, campaign, end in self._entries(tenant_id, mine):
                if campaign in {None, campaign_id}:
                    ends[number] = max(ends[number], NOBODY if end is None else end)
            until = min(ends.values())
            if until == NOBODY:
                gone = {"state": LeadState.BLOCKED, "due_at": 0, "callback_agent_id": None}
                self._keep(dataclasses.replace(lead, **gone), 0)
            elif until > lead.due_at:
                self._keep(dataclasses.replace(lead, due_at=until), until)


def _has(lead, number):
    return any(one.number == number for one in lead.numbers)


def _stepped(lead, step):
    """As `rules.applied`, written down once more: the store's doing is held against it."""
    change = step.number
    numbers = [
        dataclasses.replace(one, attempts=change.attempts, last_outcome=change.last_outcome)
        if change is not None and one.number == change.number
        else one
        for one in lead.numbers
    ]
    owned = step.callback_agent_id if step.state in {*OPEN, LeadState.DIALLING} else None
    return dataclasses.replace(
        lead,
        numbers=tuple(numbers),
        state=step.state,
        due_at=step.due_at,
        attempts=step.attempts,
        next_index=step.next_index,
        last_outcome=step.last_outcome,
        callback_agent_id=owned,
        call_id=step.call_id,
        notes=lead.notes if step.notes is None else step.notes,
    )
