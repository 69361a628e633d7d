"""The desk for voicemails: what callers said, to be listened to and taken away. Callers add them, nobody changes them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from pydantic import Field

from callside.calls.model import VoiceMessage
from callside.exchange.administration.desk import Desk, Mailroom, one_at_a_time
from callside.exchange.administration.forms import Form, Sheet
from callside.exchange.ports import VoicemailQuery
from callside.floor.voicemail_events import VoicemailRemoved
from callside.kernel.errors import NotAllowedError
from callside.kernel.ids import CallId, TenantId

_AT_ONCE: Final = 500


class VoicemailSheet(Sheet):
    """What a caller said to a queue's voicemail. Number and name are the caller's own claims."""

    id: str = Field(examples=["6f1c0a3f5b0e4d5c9f0f1d9a7a5d0c11"], description="The call's.")
    queue_id: str = Field(examples=["279"])
    number: str = Field(examples=["+15550100123"])
    name: str
    recorded_at: datetime
    duration_ms: int


class NoForm(Form):
    """Nothing can be filled in."""


class VoicemailDesk(Desk[NoForm]):
    """Where voicemails are looked after."""

    noun = "voicemail"
    is_addable = False
    has_pages = True
    is_changeable = False
    form = NoForm
    patch = NoForm
    sheet = VoicemailSheet
    issued = VoicemailSheet

    async def listing(self, tenant_id: TenantId) -> list[Sheet]:
        """All of them, the newest first."""
        found: list[Sheet] = []
        query = VoicemailQuery(limit=_AT_ONCE)
        while True:
            page = await self.page(tenant_id, query)
            found += (voicemail_sheet(one) for one in page)
            if len(page) < _AT_ONCE:
                return found
            query = replace(query, before=(page[-1].recorded_at, page[-1].id))

    async def page(self, tenant_id: TenantId, query: VoicemailQuery) -> Sequence[VoiceMessage]:
        """Some of them, the newest first.

        Raises:
            NotFoundError: No such tenant.
        """
        await self.office.directory(tenant_id)
        return await self._mailroom.rows.page(tenant_id, query)

    async def get(self, tenant_id: TenantId, item_id: str) -> Sheet:
        """One of them; see :meth:`Desk.get`."""
        return voicemail_sheet(await self._kept(tenant_id, item_id))

    async def sound(self, tenant_id: TenantId, item_id: str) -> bytes:
        """What was said, as WAV.

        Raises:
            NotFoundError: There is no such message, or its file is gone.
        """
        message = await self._kept(tenant_id, item_id)
        sound = await self._mailroom.files.read(tenant_id, message.id)
        if sound is None:
            raise self.missing(item_id)
        return sound

    @one_at_a_time
    async def remove(self, tenant_id: TenantId, item_id: str) -> None:
        """Take one away, and its sound; the sound first: a file without a row would be taken for a message that lost it."""
        message = await self._kept(tenant_id, item_id)
        await self._mailroom.files.remove(tenant_id, message.id)
        if await self._mailroom.rows.remove(tenant_id, message.id):
            self._mailroom.tell(tenant_id, VoicemailRemoved(message.queue_id))

    async def add(self, tenant_id: TenantId, form: NoForm) -> Sheet:
        """Callers do that."""
        raise NotAllowedError("voicemail: callers leave them; none can be added here")

    async def change(self, tenant_id: TenantId, item_id: str, patch: NoForm) -> Sheet:
        """Nobody does that."""
        raise NotAllowedError("voicemail: what was said stays as it is")

    async def _kept(self, tenant_id: TenantId, item_id: str) -> VoiceMessage:
        found = await self._mailroom.rows.one(tenant_id, CallId(item_id))
        if found is None:
            raise self.missing(item_id)
        return found

    @property
    def _mailroom(self) -> Mailroom:
        if self.office.mailroom is None:
            raise NotAllowedError("voicemail: this installation keeps none (no folder for them)")
        return self.office.mailroom


def voicemail_sheet(message: VoiceMessage) -> VoicemailSheet:
    """A message as it is shown."""
    return VoicemailSheet(
        id=message.id,
        queue_id=message.queue_id,
        number=message.number,
        name=message.name,
        recorded_at=datetime.fromtimestamp(message.recorded_at / 1000, UTC),
        duration_ms=message.duration_ms,
    )
