"""May this campaign call people? What its jurisdiction and the house say, and what will hardly work as it is meant."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from callside.dialer.laws.campaign_rules import CampaignTerms, check_campaign
from callside.dialer.laws.model import Mode, Profile, Violation
from callside.dialer.leads.rules import EffectKind
from callside.dialer.model import Campaign, MachineAction, Plan

SMALLEST_TEAM: Final = 6
"""With fewer agents predictive dialling gains little and reaches a day's limit easily (dialer-acd.md §3.5)."""


@dataclass(frozen=True, slots=True)
class Footing:
    """What a campaign stands on besides its own settings.

    Attributes:
        trunk_caller_id: E.164 its trunk shows where the campaign has no number; empty for none.
        dnc_scrubbed_at: When its numbers were last held against a register, wall ms; ``None``: never.
        leads: Leads in its enabled lists; ``None``: not known.
        callable_now: Whether any of them may be called at this hour; ``None``: not known.
        dispositions: Codes the tenant has.
        tokens: Until when the own scrub tokens of its enabled lists hold, wall ms.
    """

    trunk_caller_id: str = ""
    dnc_scrubbed_at: int | None = None
    leads: int | None = None
    callable_now: bool | None = None
    dispositions: frozenset[str] = frozenset()
    tokens: tuple[int, ...] = ()


def terms_of(campaign: Campaign, footing: Footing) -> CampaignTerms:
    """The campaign, in the words of the laws."""
    plan = campaign.plan
    own = campaign.caller_id or footing.trunk_caller_id
    return CampaignTerms(
        mode=campaign.type,
        purpose=plan.purpose,
        ring_s=campaign.ring_s,
        caller_ids=plan.caller_ids or ((own,) if own else ()),
        abandon_target=plan.pace.target if campaign.type is Mode.PREDICTIVE else 0.0,
        safe_message=plan.safe_message is not None,
        message_says=plan.safe_message_says,
        officer=plan.officer,
        opt_in=plan.predictive_opt_in,
        amd=plan.detect_machines,
        autodialer_notified_at=plan.autodialer_notified_at or None,
        dnc_scrubbed_at=footing.dnc_scrubbed_at,
        # One list that may be called is enough to run; of the others no lead is dialled.
        token_expires_at=max((*footing.tokens, plan.token_expires_at or 0)) or None,
        regulated=plan.regulated,
    )


def broken_rules(campaign: Campaign, profile: Profile | None, footing: Footing, wall_ms: int) -> list[Violation]:
    """Everything that keeps the campaign from running now; empty: it may.

    Args:
        campaign: As it would run.
        profile: Of ``campaign.plan.profile``, in force now; ``None``: it needs none, or there is none.
        footing: What it stands on.
        wall_ms: Now, ms since 1970, UTC.
    """
    found = [*_profile(campaign, profile), *_team(campaign)]
    if profile is not None:
        found += [_in_our_words(one) for one in check_campaign(profile, terms_of(campaign, footing), wall_ms)]
    return found


def warnings_of(campaign: Campaign, footing: Footing, wall_ms: int) -> list[str]:
    """What does not forbid anything, but will hardly work as it is meant."""
    return [*_of_settings(campaign, footing, wall_ms), *_of_leads(campaign, footing, wall_ms)]


def _profile(campaign: Campaign, profile: Profile | None) -> Iterator[Violation]:
    if profile is not None or (campaign.type is Mode.MANUAL and not campaign.plan.profile):
        return
    what = f"no version of {campaign.plan.profile!r} is in force today" if campaign.plan.profile else "it has none"
    yield Violation("profile.effective", "profile", f"profile: {what}; choose another profile")


def _team(campaign: Campaign) -> Iterator[Violation]:
    """The deliberate choice is the same as under a profile that asks for one: the opt-in and a name."""
    if campaign.type is not Mode.PREDICTIVE or campaign.is_answered_for:
        return
    override = "or set predictive_opt_in and name an officer"
    if len(campaign.agents) < SMALLEST_TEAM:
        text = (
            f"agents: predictive dialling with {len(campaign.agents)} agents gains little and easily abandons too many; "
            f"assign {SMALLEST_TEAM} or more, choose PROGRESSIVE, {override}"
        )
        yield Violation("team.smallest", "agents", text)
    if campaign.plan.pace.smallest_team < SMALLEST_TEAM:
        text = f"pace.smallest_team: below {SMALLEST_TEAM} agents it stays progressive; raise it, {override}"
        yield Violation("team.smallest", "pace.smallest_team", text)


_FIELDS: Final = {
    "mode": "type",
    "opt_in": "predictive_opt_in",
    "abandon_target": "pace.target",
    "message_says": "safe_message_says",
    "dnc_scrubbed_at": "dnc",
}
"""What administration calls the laws' fields."""


def _in_our_words(one: Violation) -> Violation:
    field = _FIELDS.get(one.field, one.field)
    return Violation(one.rule, field, one.message.replace(f"{one.field}: ", f"{field}: ", 1), one.until)


def _of_settings(campaign: Campaign, footing: Footing, wall_ms: int) -> Iterator[str]:
    plan, rules = campaign.plan, campaign.dial_rules
    if not campaign.agents:
        yield "agents: nobody is assigned, so nobody can take its calls"
    if not rules.countries:
        yield "dial_rules.countries: no country is listed, so no number can be called"
    if rules.dearest and not rules.prices:
        yield "dial_rules.prices: no price is known, so every number is too dear"
    if 0 < plan.ends_at <= wall_ms:
        yield "ends_at: that time is over, so nothing is dialled"
    yield from _of_machines(plan)
    unknown = sorted(set(plan.effects) - footing.dispositions)
    if unknown:
        yield f"effects: the tenant has no such dispositions any more: {', '.join(unknown)}"


def _of_machines(plan: Plan) -> Iterator[str]:
    if plan.machine_action is not MachineAction.HANG_UP and not plan.detect_machines:
        yield "machine_action: machines are not listened for, so it never comes to that; set detect_machines"
    if plan.machine_sample_every and not plan.detect_machines:
        yield "machine_sample_every: machines are not listened for, so none is sampled; set detect_machines"
    elif plan.machine_sample_every and all(one.kind is not EffectKind.MACHINE for one in plan.effects.values()):
        yield "machine_sample_every: no disposition means a machine, so none is sampled; give one the effect machine"


def _of_leads(campaign: Campaign, footing: Footing, wall_ms: int) -> Iterator[str]:
    expired = sum(one <= wall_ms for one in footing.tokens)
    if expired:
        yield f"lists: the scrub token of {expired} of its lists has expired; where the law asks for one nobody on them is called"
    if campaign.type is Mode.MANUAL:
        return
    if footing.leads == 0:
        yield "lists: no enabled list has a lead, so nobody is called; import one and give it to this campaign"
    elif footing.callable_now is False:
        yield "lists: all its leads are out of calling hours now; they are called when their windows open"
