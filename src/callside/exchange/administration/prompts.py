"""The desk for prompts: recordings that are uploaded, and text that the built-in voice says."""

from dataclasses import replace
from typing import Any, Final, cast

from callside.exchange.administration.desk import Desk, one_at_a_time
from callside.exchange.administration.fields import LONGEST_NAME, clean_name
from callside.exchange.administration.forms import Sheet, patch_of
from callside.exchange.administration.reception_forms import PromptForm, PromptSheet
from callside.exchange.administration.references import users_of
from callside.exchange.administration.sounds import sound_warnings
from callside.exchange.prompt_audio import PromptLibrary, Sound
from callside.floor.directory import Directory
from callside.kernel.errors import ConflictError, InvalidFieldError
from callside.kernel.ids import PromptId, TenantId
from callside.reception.model import Prompt, PromptSource

_NOWHERE: Final = "file: this installation keeps no prompts (no folder for them)"


class PromptDesk(Desk[PromptForm]):
    """Where prompts are administered. The sound is kept beside the store, by its digest."""

    noun = "prompt"
    form = PromptForm
    patch = patch_of(PromptForm, "PromptPatch")
    sheet = PromptSheet
    issued = PromptSheet

    async def listing(self, tenant_id: TenantId) -> list[Sheet]:
        """All prompts, by name."""
        prompts = (await self.office.directory(tenant_id)).prompts.values()
        return [self._sheet(one) for one in sorted(prompts, key=lambda one: (one.name, one.id))]

    async def get(self, tenant_id: TenantId, item_id: str) -> Sheet:
        """One prompt; see :meth:`Desk.get`."""
        return self._sheet(self._kept(await self.office.directory(tenant_id), item_id))

    async def add(self, tenant_id: TenantId, form: PromptForm) -> Sheet:
        """Have a text spoken; see :meth:`Desk.add`."""
        await self.office.directory(tenant_id)
        sound = await self._library.speak(tenant_id, form.text, form.voice)
        return await self._add(tenant_id, form.name, PromptSource.SPEECH, form.text, sound)

    async def upload(self, tenant_id: TenantId, name: str, file: bytes, text: str = "") -> Sheet:
        """Add a recording.

        Raises:
            InvalidFieldError: Name or file cannot be used; the message says what to do.
            ConflictError: The name is taken.
        """
        await self.office.directory(tenant_id)
        called = _read_name(name)
        sound = await self._library.upload(tenant_id, file)
        return await self._add(tenant_id, called, PromptSource.UPLOAD, text[:2000], sound)

    async def change(self, tenant_id: TenantId, item_id: str, patch: PromptForm) -> Sheet:
        """Change name or text; a new text or voice is spoken anew, also where there was a recording."""
        given: dict[str, Any] = patch.model_dump(exclude_unset=True)
        kept = self._kept(await self.office.directory(tenant_id), item_id)
        voice = given.pop("voice", None)
        if voice is not None or "text" in given:
            default = str(PromptForm.model_fields["voice"].default)
            sound = await self._library.speak(tenant_id, given.get("text", kept.text), voice or default)
            given |= {"source": PromptSource.SPEECH, **_of(sound)}
        return await self._change(tenant_id, item_id, given)

    @one_at_a_time
    async def remove(self, tenant_id: TenantId, item_id: str) -> None:
        """Take a prompt away; refused while something plays it."""
        directory = await self.office.directory(tenant_id)
        prompt = self._kept(directory, item_id)
        users = users_of(directory, self.noun, prompt.id)
        if users:
            raise ConflictError(f"prompt: it is used by {', '.join(users)}; change that first", field="id")
        await self.office.directories.remove_reception(tenant_id, self.noun, prompt.id)
        await self.office.changed(tenant_id)
        await self._clear(tenant_id, prompt)

    @one_at_a_time
    async def _add(self, tenant_id: TenantId, name: str, source: PromptSource, text: str, sound: Sound) -> Sheet:
        self._still_there(tenant_id, sound.digest)
        blank = Prompt(PromptId(""), tenant_id, name, source, text, **_of(sound))
        try:
            added = cast("Prompt", await self.office.directories.add_reception(blank))
        except ConflictError:
            await self._clear(tenant_id, blank)
            raise
        await self.office.changed(tenant_id)
        return self._sheet(added)

    @one_at_a_time
    async def _change(self, tenant_id: TenantId, item_id: str, given: dict[str, Any]) -> Sheet:
        kept = self._kept(await self.office.directory(tenant_id), item_id)
        prompt = replace(kept, **given)
        if prompt.digest != kept.digest:
            self._still_there(tenant_id, prompt.digest)
            await self._unconfirm(tenant_id, prompt)
        if not await self.office.directories.change_reception(prompt):
            raise self.missing(item_id)
        await self.office.changed(tenant_id)
        if prompt.digest != kept.digest:
            await self._clear(tenant_id, kept)
        return self._sheet(prompt)

    def _still_there(self, tenant_id: TenantId, digest: str) -> None:
        """The sound came before our turn; the last other prompt of the same sound may have gone since, and its files with it."""
        if not self._library.has(tenant_id, digest):
            raise ConflictError(
                "file: a prompt of the same sound was removed at this moment; send it again", field="file"
            )

    async def _unconfirm(self, tenant_id: TenantId, prompt: Prompt) -> None:
        """Nobody has heard yet what it says now: campaigns whose safe message it is ask for that again."""
        for one in (await self.office.directory(tenant_id)).campaigns.values():
            if one.plan.safe_message == prompt.id and one.plan.safe_message_says:
                plan = replace(one.plan, safe_message_says=frozenset())
                await self.office.directories.change_campaign(replace(one, plan=plan))

    async def _clear(self, tenant_id: TenantId, prompt: Prompt) -> None:
        """Two prompts may be the same sound."""
        prompts = (await self.office.directory(tenant_id)).prompts.values()
        if all(one.digest != prompt.digest for one in prompts):
            await self._library.forget(tenant_id, prompt.digest)

    def _sheet(self, prompt: Prompt) -> Sheet:
        shown = PromptSheet.model_validate(prompt)
        return shown.model_copy(update={"warnings": sound_warnings(self.office, prompt)})

    @property
    def _library(self) -> PromptLibrary:
        if self.office.prompts is None:
            raise ConflictError(_NOWHERE, field="file")
        return self.office.prompts

    def _kept(self, directory: Directory, item_id: str) -> Prompt:
        found = directory.prompts.get(PromptId(item_id))
        if found is None:
            raise self.missing(item_id)
        return found


def _read_name(name: str) -> str:
    try:
        clean = clean_name(name)
    except ValueError as wrong:
        raise InvalidFieldError(f"name: {wrong}", field="name") from None
    if not 0 < len(clean) <= LONGEST_NAME:
        raise InvalidFieldError(f"name: write a name of 1 to {LONGEST_NAME} characters", field="name")
    return clean


def _of(sound: Sound) -> dict[str, Any]:
    return {
        "digest": sound.digest,
        "duration_ms": sound.duration_ms,
        "level_dbfs": sound.level_dbfs,
        "spoken_by": sound.spoken_by,
    }
