"""The ledger in memory, for tests; the conformance suite holds it and the real one to the same behaviour."""

from collections import Counter

from callside.calls.model import Direction
from callside.dialer.laws.ledger import Outcome
from callside.dialer.laws.line_rules import NumberHistory

DAY_MS = 24 * 3_600_000


class MemoryLedger:
    def __init__(self, leads):
        self._leads = leads
        self.kept = {}
        self.said = {}
        self.cdrs = {}

    def write(self, tenant_id, entries, samples):
        for kept, new in ((self.kept, entries), (self.said, samples)):
            for one in new:
                kept.setdefault((tenant_id, one.call_id), one)

    def forget(self, tenant_id):
        for kept in (self.kept, self.said):
            for key in [key for key in kept if key[0] == tenant_id]:
                del kept[key]

    def _mine(self, tenant_id):
        return [entry for (owner, _), entry in self.kept.items() if owner == tenant_id]

    def _scrubbed(self, tenant_id, campaign_id):
        counting = (
            one
            for one in self._leads.dnc_lists.values()
            if one.tenant_id in {tenant_id, ""} and one.campaign_id in {None, campaign_id} and one.scrubbed_at
        )
        return max((one.scrubbed_at for one in counting), default=None)

    async def entries(self, tenant_id, campaign_id, since, *, before=None):
        found = [one for one in self._mine(tenant_id) if one.campaign_id == campaign_id]
        found = [
            one
            for one in found
            if since <= one.answered.answered_at and (before is None or one.answered.answered_at < before)
        ]
        return sorted(found, key=lambda one: (one.answered.answered_at, one.call_id))

    async def outcomes(self, tenant_id, since):
        found = {}
        for entry in self._mine(tenant_id):
            if entry.answered.answered_at >= since:
                found.setdefault(entry.campaign_id, Counter())[entry.outcome.value] += 1
        return found

    async def samples(self, tenant_id, campaign_id, since, most):
        mine = [one for (owner, _), one in self.said.items() if owner == tenant_id]
        found = [one for one in mine if one.campaign_id == campaign_id and one.at >= since]
        return sorted(found, key=lambda one: (one.at, one.call_id))[-most:]

    async def histories(self, tenant_id, campaign_id, numbers, at):
        return {number: self._history(tenant_id, campaign_id, number, at) for number in numbers}

    def _history(self, tenant_id, campaign_id, number, at):
        mine = [
            one
            for one in self._mine(tenant_id)
            if one.number == number and one.answered.answered_at >= at - 31 * DAY_MS
        ]
        made = [
            one
            for (owner, _), one in self.cdrs.items()
            if owner == tenant_id
            and one.customer_number == number
            and one.direction is Direction.OUTBOUND
            and one.went_out
        ]

        def last(outcome):
            return max((one.answered.answered_at for one in mine if one.outcome is outcome), default=None)

        return NumberHistory(
            last_abandoned_at=last(Outcome.ABANDONED),
            last_machine_at=last(Outcome.MACHINE),
            attempts_today=sum(one.started_at >= at - DAY_MS and one.ended_at >= at - 7 * DAY_MS for one in made),
            attempts_week=sum(one.ended_at >= at - 7 * DAY_MS for one in made),
            dnc_scrubbed_at=self._scrubbed(tenant_id, campaign_id),
        )
