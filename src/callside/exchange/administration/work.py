"""The desk for queues."""

from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

from callside.acd.checks import warnings_of
from callside.acd.model import WHISPERS, Overflow, OverflowWhen, Queue, Relaxation, Strategy
from callside.exchange.administration.callback_forms import callback_warnings, fill_callback
from callside.exchange.administration.desk import Desk, known_ids, one_at_a_time
from callside.exchange.administration.forms import Sheet, patch_of
from callside.exchange.administration.queue_forms import QueueForm, QueueSheet
from callside.exchange.administration.references import users_of
from callside.exchange.administration.sounds import in_queue, missing_sounds
from callside.floor.directory import Directory
from callside.kernel.errors import ConflictError, InvalidFieldError
from callside.kernel.ids import PromptId, QueueId, TenantId
from callside.reception.rules import digits_of

_LONGEST_WHISPER_MS: Final = 5_000


class QueueDesk(Desk[QueueForm]):
    """Where queues are administered."""

    noun = "queue"
    form = QueueForm
    patch = patch_of(QueueForm, "QueuePatch")
    sheet = QueueSheet
    issued = QueueSheet

    async def listing(self, tenant_id: TenantId) -> list[Sheet]:
        """All queues, by name."""
        directory = await self.office.directory(tenant_id)
        by_name = sorted(directory.queues.values(), key=lambda one: (one.name, one.id))
        return [self._sheet(one, directory) for one in by_name]

    async def get(self, tenant_id: TenantId, item_id: str) -> Sheet:
        """One queue; see :meth:`Desk.get`."""
        directory = await self.office.directory(tenant_id)
        return self._sheet(self._kept(directory, item_id), directory)

    @one_at_a_time
    async def add(self, tenant_id: TenantId, form: QueueForm) -> Sheet:
        """Add a queue; see :meth:`Desk.add`."""
        directory = await self.office.directory(tenant_id)
        queue = _fill_queue(Queue(QueueId(""), tenant_id, form.name), form.model_dump(), directory)
        added = await self.office.directories.add_queue(queue)
        await self.office.changed(tenant_id)
        return self._sheet(added, directory)

    @one_at_a_time
    async def change(self, tenant_id: TenantId, item_id: str, patch: QueueForm) -> Sheet:
        """Change a queue; see :meth:`Desk.change`."""
        directory = await self.office.directory(tenant_id)
        queue = _fill_queue(self._kept(directory, item_id), patch.model_dump(exclude_unset=True), directory)
        if not await self.office.directories.change_queue(queue):
            raise self.missing(item_id)
        await self.office.changed(tenant_id)
        return self._sheet(queue, directory)

    @one_at_a_time
    async def remove(self, tenant_id: TenantId, item_id: str) -> None:
        """Take a queue away; callers waiting in it are let go."""
        directory = await self.office.directory(tenant_id)
        users = [*users_of(directory, self.noun, item_id), *_queues_that_overflow_to(directory, item_id)]
        if users:
            raise ConflictError(f"queue: {', '.join(users)} leads there; change that first", field="id")
        if not await self.office.directories.remove_queue(tenant_id, QueueId(item_id)):
            raise self.missing(item_id)
        await self.office.directories.remove_reception(tenant_id, "announcement", item_id)
        await self.office.changed(tenant_id)

    def _sheet(self, queue: Queue, directory: Directory) -> QueueSheet:
        shown = QueueSheet.model_validate(queue)
        warnings = [
            *warnings_of(queue, directory.agents, directory.queues),
            *callback_warnings(queue, directory),
            *_whisper_warnings(queue, directory),
            *missing_sounds(self.office, directory, in_queue(queue)),
        ]
        return shown.model_copy(update={"agents": sorted(queue.agents), "warnings": warnings})

    def _kept(self, directory: Directory, item_id: str) -> Queue:
        found = directory.queues.get(QueueId(item_id))
        if found is None:
            raise self.missing(item_id)
        return found


def _fill_queue(queue: Queue, given: dict[str, Any], directory: Directory) -> Queue:
    values = dict(given)
    if "agents" in values:
        values["agents"] = known_ids("agents", "agent", values["agents"], directory.agents)
    for number in values.get("numbers", ()):
        other = directory.queue_of_number(number)
        if other is not None and other.id != queue.id:
            raise ConflictError(f"numbers: {number} already leads to the queue {other.name}", field="numbers")
        if other is None and directory.has_number(number):
            raise ConflictError(f"numbers: {number} is in the number plan already; change it there", field="numbers")
    if "numbers" in values:
        spelt: dict[str, str] = {}
        for number in values["numbers"]:
            spelt.setdefault(digits_of(number), number)  # with + and without it is one number
        values["numbers"] = tuple(spelt.values())
    _matching(queue, values, directory)
    return replace(queue, **values)


def _whisper_warnings(queue: Queue, directory: Directory) -> list[str]:
    prompt = directory.prompts.get(PromptId(queue.whisper))
    if prompt is None or prompt.duration_ms <= _LONGEST_WHISPER_MS:
        return []
    lasts = f"the prompt {prompt.name} lasts {prompt.duration_ms / 1000:.0f} s"
    return [f"whisper: {lasts}, for which agent and caller do not hear each other; give one of a second or two"]


def _queues_that_overflow_to(directory: Directory, item_id: str) -> list[str]:
    queues = (one for one in directory.queues.values() if one.id != item_id)
    return sorted(f"the queue {one.name}" for one in queues if any(rule.to == item_id for rule in one.overflow))


def _matching(queue: Queue, values: dict[str, Any], directory: Directory) -> None:
    """Put the floor's own types where the form's are, and refuse what cannot be meant."""
    if "strategy" in values:
        values["strategy"] = Strategy(values["strategy"])
    if "relaxation" in values:
        steps = tuple(Relaxation(**step) for step in values["relaxation"])
        if any(step.after_s >= later.after_s for step, later in pairwise(steps)):
            raise InvalidFieldError("relaxation: each step must come later than the one before it", field="relaxation")
        values["relaxation"] = steps
    if "overflow" in values:
        values["overflow"] = _overflow(queue, values["overflow"], directory)
    if "whisper" in values and values["whisper"] not in WHISPERS:
        known_ids("whisper", "prompt", [values["whisper"]], directory.prompts)
    if "callback" in values:
        values["callback"] = fill_callback(queue, values["callback"], directory)


def _overflow(queue: Queue, given: list[dict[str, Any]], directory: Directory) -> tuple[Overflow, ...]:
    rules = tuple(Overflow(**rule) for rule in given)
    for rule in rules:
        if rule.when in {OverflowWhen.WAITED, OverflowWhen.ESTIMATE} and rule.seconds == 0:
            raise InvalidFieldError(f"overflow: {rule.when} needs seconds", field="overflow")
        if rule.voicemail and rule.to is not None:
            raise InvalidFieldError("overflow: voicemail is this queue's own; leave `to` out", field="overflow")
        if rule.to is not None and rule.to == queue.id:
            raise InvalidFieldError("overflow: a queue cannot send its callers to itself", field="overflow")
    known_ids("overflow", "queue", [rule.to for rule in rules if rule.to is not None], directory.queues)
    return rules
