"""Imports of leads in memory: the same port as the real store's and under the same conformance suite."""

import dataclasses
import itertools
from collections import Counter

from callside.dialer.leads.model import LeadState
from callside.exchange.lead_import.model import ENDED, ImportState, Judgement, Scope
from callside.kernel.errors import ConflictError, NotFoundError


class MemoryLeadImports:
    rows_at_once = 250

    def __init__(self, leads):
        self._leads = leads
        leads.forget_imports = self._forget
        self.kept = {}
        self._ids = itertools.count(1)

    async def add_import(self, one):
        if (one.tenant_id, one.list_id) not in self._leads.all_lists:
            raise NotFoundError("list: this tenant has no such list of leads", field="list")
        added = dataclasses.replace(one, id=one.id or str(next(self._ids)))
        self.kept[one.tenant_id, added.id] = added
        return added

    async def imports(self, tenant_id):
        mine = [one for one in self.kept.values() if one.tenant_id == tenant_id]
        return sorted(mine, key=lambda one: (one.created_at, one.id), reverse=True)[:200]

    async def lead_import(self, tenant_id, import_id):
        return self.kept.get((tenant_id, import_id))

    async def unfinished(self):
        waiting = [one for one in self.kept.values() if one.state not in ENDED]
        return sorted(waiting, key=lambda one: (one.created_at, one.id))

    async def change_import(self, one):
        if (one.tenant_id, one.id) not in self.kept:
            return False
        self.kept[one.tenant_id, one.id] = one
        return True

    async def load(self, one, candidates, others, rows, written):
        into = self._leads.all_lists.get((one.tenant_id, one.list_id))
        if into is None:
            raise ConflictError("list: it was removed", field="list")
        judged, first = [], one.first_lead
        for row in candidates:
            known = self._known(one, into)
            lead = dataclasses.replace(row.lead, numbers=tuple(n for n in row.lead.numbers if n.number not in known))
            left_out = [f"{n.number} is known" for n in row.lead.numbers if n.number in known]
            if not lead.numbers:
                judged.append(Judgement(row.line, "duplicate", "; ".join(left_out), number=row.lead.numbers[0].number))
                continue
            (lead_id,) = await self._leads.add_leads(one.tenant_id, one.list_id, [lead])
            self._leads.hidden[lead_id] = one.id
            first = int(lead_id) if first is None else first
            blocked = self._leads.rows[one.tenant_id, lead_id].state is LeadState.BLOCKED
            verdict = "blocked" if blocked else "imported"
            judged.append(
                Judgement(
                    row.line, verdict, "; ".join(filter(None, [row.note, *left_out])), lead_id, lead.numbers[0].number
                )
            )
        everything = sorted([*judged, *others], key=lambda row: row.line)
        counts = Counter(one.counts) + Counter(str(row.verdict) for row in everything)
        now = dataclasses.replace(
            one, counts=dict(counts), rows_done=one.rows_done + rows, first_lead=first, report_bytes=written(everything)
        )
        await self.change_import(now)
        return now

    async def publish(self, one):
        for lead_id in [lead_id for lead_id, mine in self._leads.hidden.items() if mine == one.id]:
            del self._leads.hidden[lead_id]
        now = dataclasses.replace(one, state=ImportState.DONE, per_mille=1000)
        await self.change_import(now)
        return now

    async def undo_some(self, tenant_id, import_id):
        mine = [lead_id for lead_id, whose in self._leads.hidden.items() if whose == import_id]
        mine = [lead_id for lead_id in mine if (tenant_id, lead_id) in self._leads.rows]
        for lead_id in mine:
            del self._leads.rows[tenant_id, lead_id]
            del self._leads.hidden[lead_id]
        return bool(mine)

    async def unranked(self):
        return []  # leads in memory are sorted when they are asked for

    async def rank_some(self, tenant_id, list_id, after, seen):
        return None

    async def merge_some(self, tenant_id, import_id):
        return False

    def _known(self, one, into):
        lists = {into.id}
        for other in self._leads.all_lists.values():
            same = into.campaign_id is not None and other.campaign_id == into.campaign_id
            scope = one.options.duplicates
            if other.tenant_id == one.tenant_id and (scope is Scope.TENANT or (scope is Scope.CAMPAIGN and same)):
                lists.add(other.id)
        mine = (lead for lead in self._leads.rows.values() if lead.tenant_id == one.tenant_id and lead.list_id in lists)
        return {number.number for lead in mine for number in lead.numbers}

    def _forget(self, tenant_id):
        for key in [key for key in self.kept if key[0] == tenant_id]:
            del self.kept[key]
