"""From a campaign's form to the campaign, and from the campaign to its sheet."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any, Final

from callside.calls.rules import read_number
from callside.dialer.laws.model import Mode, Purpose, Said
from callside.dialer.leads.model import Outcome
from callside.dialer.leads.rules import (
    DEFAULT_RECYCLING,
    EffectKind,
    LeadEffect,
    Recycle,
    RecyclingRules,
    Then,
)
from callside.dialer.model import CallerIdChoice, Campaign, DialRules, MachineAction, Plan, Run
from callside.exchange.administration.campaign_forms import CampaignSheet
from callside.exchange.administration.desk import known_ids
from callside.exchange.profiles import DEFAULT
from callside.floor.directory import Directory
from callside.kernel.errors import ConflictError, InvalidFieldError

_OWN: Final = frozenset(
    {"name", "type", "trunk_id", "agents", "caller_id", "dial_rules", "ring_s", "wrap_up_s", "blend_queues"}
)
_WORDS: Final = {"purpose": Purpose, "caller_id_choice": CallerIdChoice, "machine_action": MachineAction}
_DATES: Final = ("starts_at", "ends_at", "autodialer_notified_at", "scrub_token_expires_at")
_PROMPTS: Final = ("safe_message", "machine_message")


def fill_campaign(
    campaign: Campaign, given: Mapping[str, Any], directory: Directory, profiles: Iterable[str]
) -> Campaign:
    """The campaign with what a form says.

    Args:
        campaign: As it is, or a blank one.
        given: The fields that are set.
        directory: What the tenant has.
        profiles: Ids of the jurisdiction profiles there are.

    Raises:
        InvalidFieldError: Names the field and the remedy.
        ConflictError: The campaign would have to be stopped first.
    """
    own = {name: value for name, value in given.items() if name in _OWN}
    plan = {name: value for name, value in given.items() if name not in _OWN}
    _fill_own(campaign, own, directory)
    filled = replace(campaign, **own, plan=_fill_plan(campaign.plan, plan, directory, sorted(profiles)))
    if not filled.plan.profile and filled.type is not Mode.MANUAL:
        filled = replace(filled, plan=replace(filled.plan, profile=DEFAULT))
    _check_whole(campaign, filled)
    return filled


def _fill_own(campaign: Campaign, values: dict[str, Any], directory: Directory) -> None:
    if "agents" in values:
        values["agents"] = known_ids("agents", "agent", values["agents"], directory.agents)
    if "trunk_id" in values:
        known_ids("trunk_id", "trunk", [values["trunk_id"]], directory.trunks)
    if "type" in values:
        values["type"] = Mode(values["type"])
    if values.get("caller_id"):
        values["caller_id"] = read_number(values["caller_id"], directory.tenant.region, field="caller_id")
    if "dial_rules" in values:
        values["dial_rules"] = _fill_rules(campaign.dial_rules, values["dial_rules"])


def _fill_rules(rules: DialRules, given: dict[str, Any]) -> DialRules:
    values = dict(given)
    if "countries" in values:
        values["countries"] = frozenset(values["countries"])
    if "blocked_prefixes" in values:
        values["blocked_prefixes"] = tuple(sorted(set(values["blocked_prefixes"])))
    return replace(rules, **values)


def _fill_plan(plan: Plan, values: dict[str, Any], directory: Directory, profiles: list[str]) -> Plan:
    values |= {name: _wall(values[name]) for name in _DATES if name in values}
    values |= {name: kind(values[name]) for name, kind in _WORDS.items() if name in values}
    for name in _PROMPTS:
        known_ids(name, "prompt", [values[name]] if values.get(name) else [], directory.prompts)
    known_ids("hours_id", "opening hours", [values["hours_id"]] if values.get("hours_id") else [], directory.hours)
    values |= _confirmed(plan, values)
    if "profile" in values:
        values["profile"] = _profile(values["profile"], profiles)
    if "caller_ids" in values:
        region = directory.tenant.region
        read = (read_number(one, region, field="caller_ids") for one in values["caller_ids"])
        values["caller_ids"] = tuple(dict.fromkeys(read))
    if "pace" in values:
        values["pace"] = replace(plan.pace, **values["pace"])
    if "recycling" in values:
        values["recycling"] = _fill_recycling(plan.recycling, values["recycling"])
    if "effects" in values:
        values["effects"] = _fill_effects(values["effects"], directory)
    return replace(plan, **values)


def _confirmed(plan: Plan, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the safe message says. It is confirmed of a recording: of another one nothing is."""
    if "safe_message_says" in values:
        return {"safe_message_says": frozenset(Said(one) for one in values["safe_message_says"])}
    is_another = values.get("safe_message", plan.safe_message) != plan.safe_message
    return {"safe_message_says": frozenset()} if is_another else {}


def _profile(wanted: str | None, profiles: list[str]) -> str:
    if wanted is not None and wanted not in profiles:
        msg = f"profile: there is no profile {wanted}; choose one of {', '.join(profiles)}"
        raise InvalidFieldError(msg, field="profile")
    return wanted or ""


def _fill_recycling(rules: RecyclingRules, given: dict[str, Any]) -> RecyclingRules:
    values = dict(given)
    if "outcomes" in values:
        pairs = ((Outcome(word), one) for word, one in values["outcomes"].items())
        values["outcomes"] = {outcome: _fill_recycle(DEFAULT_RECYCLING[outcome], one) for outcome, one in pairs}
    return replace(rules, **values)


def _fill_recycle(rule: Recycle, given: dict[str, Any]) -> Recycle:
    values = dict(given)
    if "then" in values:
        values["then"] = Then(values["then"])
    return replace(rule, **values)


def _fill_effects(given: dict[str, dict[str, Any]], directory: Directory) -> dict[str, LeadEffect]:
    known = [one.code for one in directory.tenant.dispositions]
    for code in sorted(given):
        if code not in known:
            msg = f"effects: this tenant has no disposition {code}; it has {', '.join(known)}"
            raise InvalidFieldError(msg, field="effects")
    return {code: LeadEffect(**{**one, "kind": EffectKind(one["kind"])}) for code, one in given.items()}


def _check_whole(before: Campaign, campaign: Campaign) -> None:
    """What no single field can be wrong about."""
    plan = campaign.plan
    if bool(plan.scrub_token) is not bool(plan.scrub_token_expires_at):
        field = "scrub_token_expires_at" if plan.scrub_token else "scrub_token"
        msg = f"{field}: a scrub token is good until a date; set both, or neither"
        raise InvalidFieldError(msg, field=field)
    if plan.ends_at and plan.ends_at <= plan.starts_at:
        raise InvalidFieldError("ends_at: it must be after starts_at", field="ends_at")
    if plan.machine_action is MachineAction.MESSAGE and plan.machine_message is None:
        msg = "machine_message: choose the prompt that is left on machines, or another machine_action"
        raise InvalidFieldError(msg, field="machine_message")
    if before.plan.run is not Run.STOPPED and before.login_type is not campaign.login_type:
        msg = f"type: stop the campaign first; its agents are logged in as {before.login_type}"
        raise ConflictError(msg, field="type")


def campaign_sheet(campaign: Campaign, warnings: list[str]) -> CampaignSheet:
    """What is shown of a campaign."""
    plan, rules = campaign.plan, campaign.dial_rules
    shown = asdict(plan) | {name: _date(getattr(plan, name)) for name in _DATES}
    shown |= {"profile": campaign.plan.profile or None, "caller_ids": list(plan.caller_ids)}
    shown["safe_message_says"] = [one for one in Said if one in plan.safe_message_says]
    shown["recycling"] = _shown_recycling(plan.recycling)
    own = {
        "id": campaign.id,
        "name": campaign.name,
        "type": campaign.type.value,
        "trunk_id": campaign.trunk_id,
        "agents": sorted(campaign.agents),
        "caller_id": campaign.caller_id,
        "dial_rules": asdict(rules)
        | {"countries": sorted(rules.countries), "blocked_prefixes": list(rules.blocked_prefixes)},
        "ring_s": campaign.ring_s,
        "wrap_up_s": campaign.wrap_up_s,
        "blend_queues": campaign.blend_queues,
    }
    return CampaignSheet.model_validate({**shown, **own, "warnings": warnings})


def _shown_recycling(rules: RecyclingRules) -> dict[str, Any]:
    def shown(rule: Recycle) -> dict[str, Any]:
        return {name: value for name, value in asdict(rule).items() if name != "counts"}

    return asdict(rules) | {"outcomes": {outcome.value: shown(rule) for outcome, rule in rules.outcomes.items()}}


def _wall(date: datetime | None) -> int:
    return round(date.timestamp() * 1000) if date is not None else 0


def _date(wall: int) -> datetime | None:
    return datetime.fromtimestamp(wall / 1000, UTC) if wall else None
