"""Answered calls into the abandonment ledger; and samples of what was taken for a machine, of which an agent says what it was."""

from dataclasses import replace
from typing import Final

from callside.calls.machine import CallState
from callside.calls.model import AnsweredBy, Cause
from callside.dialer.laws.ledger import Answered, Detected, Outcome, enter
from callside.dialer.laws.line_rules import NumberHistory
from callside.dialer.laws.sampling import MachineSample
from callside.dialer.leads.rules import EffectKind
from callside.dialer.model import Campaign
from callside.floor.dialing_checks import profile_of
from callside.floor.dialing_desk import Desk
from callside.floor.ground import Ground
from callside.floor.live import LiveCall

_DETECTED: Final = {
    AnsweredBy.PERSON: Detected.HUMAN,
    AnsweredBy.MACHINE: Detected.MACHINE,
    AnsweredBy.UNSURE: Detected.UNSURE,
}


def is_sample(desk: Desk | None, campaign: Campaign | None) -> bool:
    """Whether the machine that has just been detected is given an agent all the same. Counts it."""
    if desk is None or campaign is None:
        return False
    every = campaign.plan.machine_sample_every
    desk.machines += 1
    return every > 0 and desk.machines % every == 0 and _can_be_said(campaign)


def enter_over(ground: Ground, call: LiveCall, campaign: Campaign) -> None:
    """The call is over. A sample's entry, which is never changed, waits for what its agent says."""
    if call.dialled and call.picked is not None and not _is_asked_about(call):
        _enter(ground, call, campaign, _detected(call))


def enter_sampled(ground: Ground, call: LiveCall, campaign: Campaign) -> None:
    """The agent is done with the call; if it was a sample, what they said of it counts. Without a word the verdict stands."""
    if not _is_asked_about(call):
        return
    was_person = _was_person(call, campaign)
    if was_person is not None:
        sample = MachineSample(campaign.id, call.id, ground.now.wall, was_person)
        ground.record.samples += (sample,)
        ground.dialing.samples_of(campaign.id).add(sample)
        ground.fact("machine.sampled", None, call, was_person=was_person)
    _enter(ground, call, campaign, Detected.MISTAKEN if was_person else Detected.MACHINE)


def _is_asked_about(call: LiveCall) -> bool:
    return call.sampled and call.answered is not None


def _was_person(call: LiveCall, campaign: Campaign) -> bool | None:
    if call.disposition is None or not _can_be_said(campaign):
        return None
    effect = campaign.plan.effects.get(call.disposition)
    return effect is None or effect.kind is not EffectKind.MACHINE


def _can_be_said(campaign: Campaign) -> bool:
    return any(one.kind is EffectKind.MACHINE for one in campaign.plan.effects.values())


def _detected(call: LiveCall) -> Detected:
    if call.judged is None:
        return Detected.OFF
    if call.judged is AnsweredBy.MACHINE and call.cause is not Cause.MACHINE:
        return Detected.UNSURE  # an agent was to be given the call all the same
    return _DETECTED[call.judged]


def _enter(ground: Ground, call: LiveCall, campaign: Campaign, detected: Detected) -> None:
    """With the instants of one clock."""
    profile = profile_of(ground, campaign)
    if profile is None or call.picked is None:
        return
    picked = call.picked
    by_customer = call.hung_up_by == "customer" and call.answered is None
    answered = Answered(
        answered_at=picked.wall,
        greeting_end_at=picked.wall + picked.elapsed_until(call.greeted) if call.greeted else None,
        agent_at=picked.wall + picked.elapsed_until(call.answered) if call.answered else None,
        message_at=picked.wall + picked.elapsed_until(call.message_at) if call.message_at else None,
        left_at=picked.wall + picked.elapsed_until(ground.now) if by_customer else None,
        detected=detected,
    )
    entry = enter(profile, campaign.id, call.id, call.lead_id, call.customer_number, answered)
    ground.record.ledger += (entry,)
    ground.dialing.tally(campaign.id, profile).add(entry)
    if entry.outcome is Outcome.MACHINE:
        known = ground.dialing.histories.get(call.customer_number) or NumberHistory()
        ground.dialing.histories[call.customer_number] = replace(known, last_machine_at=ground.now.wall)
    ground.fact("ledger.entered", None, call, outcome=entry.outcome, profile=entry.profile, state=CallState.ENDED)
