"""Do-not-call lists in memory: the same port as the real store's and under the same conformance suite."""

import dataclasses
import itertools

from callside.dialer.leads.model import LeadState
from callside.exchange.dnc_port import DncEntry
from callside.kernel.errors import ConflictError, NotFoundError


class MemoryDnc:
    """Keeps what blocks with the leads, who look at it."""

    def __init__(self, leads, directories):
        self._leads = leads
        self._directories = directories
        self._ids = itertools.count(1)

    async def dnc_lists(self, tenant_id):
        mine = [one for (owner, _), one in self._leads.dnc_lists.items() if owner == tenant_id]
        return sorted(mine, key=lambda one: one.id)

    async def add_dnc_list(self, one):
        if one.tenant_id and one.tenant_id not in self._directories.by_tenant:
            raise NotFoundError("tenant: there is no such tenant", field="tenant")
        if one.campaign_id is not None and one.campaign_id not in self._directories.by_tenant[one.tenant_id].campaigns:
            raise NotFoundError("campaign_id: there is no such campaign", field="campaign_id")
        self._check_name(one)
        added = dataclasses.replace(one, id=one.id or str(next(self._ids)))
        self._leads.dnc_lists[one.tenant_id, added.id] = added
        return added

    async def change_dnc_list(self, one):
        if (one.tenant_id, one.id) not in self._leads.dnc_lists:
            return False
        self._check_name(one)
        self._leads.dnc_lists[one.tenant_id, one.id] = one
        return True

    async def remove_dnc_some(self, tenant_id, list_id, *, added_before):
        old = [
            number
            for (owner, number, where), (added_at, _, _) in self._leads.dnc_entries.items()
            if (owner, where) == (tenant_id, list_id) and added_at < added_before
        ]
        return await self.remove_dnc(tenant_id, list_id, old)

    async def remove_dnc_list(self, tenant_id, list_id):
        if await self.dnc_entries(tenant_id, list_id):
            raise ConflictError("list: it has entries", field="list")
        return self._leads.dnc_lists.pop((tenant_id, list_id), None) is not None

    async def add_dnc(self, tenant_id, list_id, entries):
        if (tenant_id, list_id) not in self._leads.dnc_lists:
            raise NotFoundError("list: there is no such do-not-call list", field="list")
        new = {one.number for one in entries if not self._in_force((tenant_id, one.number, list_id), one.added_at)}
        for one in entries:
            self._leads.dnc_entries[tenant_id, one.number, list_id] = (one.added_at, one.expires_at, one.reason)
        for mine in self._concerned(tenant_id):
            for one in entries:
                if one.expires_at is not None:
                    self._free(mine, {one.number})
            self._leads._block(mine, {one.number for one in entries})
        return new

    async def remove_dnc(self, tenant_id, list_id, numbers):
        keys = {(tenant_id, number, list_id) for number in numbers} & self._leads.dnc_entries.keys()
        for key in keys:
            del self._leads.dnc_entries[key]
        for mine in self._concerned(tenant_id) if keys else ():
            self._free(mine, set(numbers))
        return len(keys)

    def _in_force(self, key, now):
        _, ends, _ = self._leads.dnc_entries.get(key, (0, 0, ""))
        return ends is None or ends > now

    def _free(self, mine, numbers):
        for lead in [one for (owner, _), one in self._leads.rows.items() if owner == mine]:
            if lead.state is LeadState.BLOCKED and {one.number for one in lead.numbers} & numbers:
                self._leads._keep(dataclasses.replace(lead, state=LeadState.DUE, due_at=0), 0)
                self._leads._block(mine, {one.number for one in lead.numbers})

    async def dnc_entries(self, tenant_id, list_id, *, after="", limit=100):
        mine = [
            DncEntry(number, *row)
            for (owner, number, where), row in self._leads.dnc_entries.items()
            if (owner, where) == (tenant_id, list_id) and number > after
        ]
        return sorted(mine, key=lambda one: one.number)[:limit]

    def _concerned(self, tenant_id):
        return [tenant_id] if tenant_id else list(self._directories.by_tenant)

    def _check_name(self, one):
        others = [
            other for (owner, key), other in self._leads.dnc_lists.items() if owner == one.tenant_id and key != one.id
        ]
        if any(other.name.casefold() == one.name.casefold() for other in others):
            raise ConflictError("name: it is taken", field="name")
