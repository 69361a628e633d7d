"""The port ``Voicemails`` in memory."""

from collections import Counter


class MemoryVoicemails:
    def __init__(self, recorder):
        self._kept = recorder.voicemails

    async def page(self, tenant_id, query):
        mine = [one for one in self._kept.values() if one.tenant_id == tenant_id]
        if query.queue_id is not None:
            mine = [one for one in mine if one.queue_id == query.queue_id]
        if query.before is not None:
            mine = [one for one in mine if (one.recorded_at, one.id) < query.before]
        return sorted(mine, key=lambda one: (one.recorded_at, one.id), reverse=True)[: query.limit]

    async def one(self, tenant_id, message_id):
        return self._kept.get((tenant_id, message_id))

    async def ids(self, tenant_id):
        return {message for tenant, message in self._kept if tenant == tenant_id}

    async def counts(self, tenant_id):
        return dict(Counter(one.queue_id for one in self._kept.values() if one.tenant_id == tenant_id))

    async def remove(self, tenant_id, message_id):
        return self._kept.pop((tenant_id, message_id), None) is not None
