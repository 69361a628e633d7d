"""Voicemail of a queue: greeting, tone, recording. Nobody waits for it: the call has left its line, the engine does the rest."""

from typing import Final

from callside.calls.machine import CallEvent, CallState
from callside.calls.model import Cause, Party, VoicemailEnd, VoiceMessage
from callside.floor.announcing import pick_up
from callside.floor.commands import Message, Phrase, Recorded, RecordVoicemail
from callside.floor.facts import Fact
from callside.floor.ground import Ground
from callside.floor.live import LiveCall
from callside.floor.queueing import leave_line, let_go
from callside.floor.talk import advance, release_customer
from callside.floor.timers import TimerKind
from callside.floor.voicemail_events import VoicemailEnded, VoicemailRemoved, VoicemailsCounted
from callside.kernel.ids import PromptId, QueueId
from callside.reception.model import Announcement

_LEEWAY_MS: Final = 60_000
"""For the tone, the file, and an engine that is busy."""
_MOST_SPEAKERS: Final = 1000
"""So many callers' numbers are kept for recordings that are yet to be brought; a disk may be full for long."""


def take_over(ground: Ground) -> None:
    """At the end of a step: calls that a rule has sent to voicemail in it."""
    while ground.mail.sent:
        call = ground.calls.get(ground.mail.sent.pop(0))
        if call is not None and call.state is CallState.QUEUED and call.hung_up_by is None:
            begin(ground, call, call.queue_id or QueueId(""))


def begin(ground: Ground, call: LiveCall, queue_id: QueueId) -> None:
    """The caller may speak to the voicemail of a queue; of one that is not there (any more) they hear that nobody is."""
    if queue_id not in ground.directory.queues:
        let_go(ground, call, Message.NOBODY_AVAILABLE, Cause.NOBODY_THERE)
        return
    leave_line(ground, call)
    ground.timers.cancel(TimerKind.ANNOUNCE, call.id)
    pick_up(ground, call)
    ground.lead_to(call, queue_id)
    call.asking = call.owner_id = None
    advance(ground, call, CallEvent.SPEAK, "call.voicemail_began", mailbox=queue_id)
    record(ground, call)


def record(ground: Ground, call: LiveCall) -> None:
    """Have it recorded; also when the engine is found again, which may be recording already."""
    queue_id = call.queue_id or QueueId("")
    sound = ground.directory.announcements.get(queue_id) or Announcement(queue_id, ground.directory.tenant.id)
    remember(ground, call)
    prompt = ground.directory.prompts.get(sound.voicemail_greeting or PromptId(""))
    greeting_ms = prompt.duration_ms if prompt else _LEEWAY_MS
    due = ground.now.mono + greeting_ms + sound.voicemail_max_s * 1000 + _LEEWAY_MS
    ground.timers.set(TimerKind.VOICEMAIL, call.id, due)
    if call.leg_id is not None:
        greeting = (Recorded(sound.voicemail_greeting),) if sound.voicemail_greeting else ()
        words = (Phrase.SPEAK_AFTER_TONE,)
        limits = sound.voicemail_max_s, sound.voicemail_silence_s
        ground.command(RecordVoicemail(call.leg_id, call.id, queue_id, greeting, words, *limits))


def remember(ground: Ground, call: LiveCall) -> None:
    """Who speaks: the recording is told of when the call may be gone."""
    if call.state is CallState.VOICEMAIL:
        ground.mail.speakers[call.id] = call.customer_number, call.customer_name
        if len(ground.mail.speakers) > _MOST_SPEAKERS:
            del ground.mail.speakers[next(iter(ground.mail.speakers))]


def ended(ground: Ground, event: VoicemailEnded) -> None:
    """The recording is over: keep it, unless nobody spoke; a caller who is still there hears that it was kept."""
    call = ground.calls.get(event.call_id)
    number, name = ground.mail.speakers.get(event.call_id, ("", ""))
    if event.end is not VoicemailEnd.FAILED:  # what could not be brought may come later
        ground.mail.speakers.pop(event.call_id, None)
    if event.call_id in ground.mail.adopted:
        ground.mail.adopted.discard(event.call_id)
    else:
        _put_on_record(ground, event, number, name)
    if call is None or call.state is not CallState.VOICEMAIL or call.hung_up_by is not None:
        return
    ground.timers.cancel(TimerKind.VOICEMAIL, call.id)
    kept = event.end is VoicemailEnd.KEPT
    let_go(ground, call, Message.VOICEMAIL_KEPT if kept else Message.NOBODY_AVAILABLE, Cause.VOICEMAIL)


def _put_on_record(ground: Ground, event: VoicemailEnded, number: str, name: str) -> None:
    ground.record.facts.append(_fact(ground, event))
    if event.end is VoicemailEnd.KEPT:
        tenant_id = ground.directory.tenant.id
        wall, length = ground.now.wall, event.duration_ms
        message = VoiceMessage(event.call_id, tenant_id, event.queue_id, number, name, wall, length)
        ground.record.voicemails += (message,)
        ground.mail.kept[event.queue_id] = ground.mail.kept.get(event.queue_id, 0) + 1
        ground.waiting.changed.add(event.queue_id)


def overdue(ground: Ground, call: LiveCall) -> None:
    """The engine has not said that it is over: let the caller go. What was recorded is found when it tells."""
    if call.state is CallState.VOICEMAIL:
        release_customer(ground, call, Party.SYSTEM, Cause.VOICEMAIL)


def counted(ground: Ground, event: VoicemailsCounted) -> None:
    """How many are kept, as the store has counted before anything else could happen to one."""
    ground.mail.kept = dict(event.counts)
    ground.mail.adopted = set(event.adopted)
    ground.waiting.changed |= event.counts.keys()


def removed(ground: Ground, event: VoicemailRemoved) -> None:
    """One less. Counted here and not anew in the store, which does not know yet of those whose record is on its way there."""
    ground.mail.kept[event.queue_id] = max(0, ground.mail.kept.get(event.queue_id, 0) - 1)
    ground.waiting.changed.add(event.queue_id)


def _fact(ground: Ground, event: VoicemailEnded) -> Fact:
    return Fact(
        kind=f"voicemail.{event.end}",
        tenant_id=ground.directory.tenant.id,
        at=ground.now,
        call_id=event.call_id,
        detail={"mailbox": event.queue_id, "duration_ms": event.duration_ms},
    )
