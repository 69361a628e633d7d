"""What an agent's page shows of campaigns that dial: the card of the lead before them, why nothing is dialled, their own list.

All words of a lead are somebody else's: whoever shows them shows them as text. Long ones are cut, so that a view stays small.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from callside.calls.rules import show_number
from callside.dialer.leads.model import Lead, LeadNumber, LeadState
from callside.dialer.leads.rules import EffectKind
from callside.dialer.model import Campaign, Run
from callside.floor.dialing_desk import Halt
from callside.floor.ground import Ground
from callside.floor.live import LiveSession
from callside.kernel.clock import Moment
from callside.kernel.ids import AgentId, CampaignId

MOST_FIELDS: Final = 40
LONGEST_VALUE: Final = 500
_LONGEST_NAME: Final = 80
_LONGEST_EXCERPT: Final = 160


@dataclass(frozen=True, slots=True)
class CampaignView:
    """The campaign the agent dials for.

    Attributes:
        type: ``MANUAL``, ``PREVIEW``, ``PROGRESSIVE`` or ``PREDICTIVE``.
        halt: Why nothing is dialled: ``stopped``, ``paused``, or one of :class:`~callside.floor.dialing_desk.Halt`; ``None``: it
            is.
        resumesMs: Until it goes on or is tried again, where that is known.
    """

    type: str
    halt: str | None
    resumesMs: int | None  # noqa: N815 - the page's own spelling


@dataclass(frozen=True, slots=True)
class LeadNumberView:
    """One of a lead's numbers; ``blocked``: it must not be called."""

    number: str
    display: str
    label: str
    attempts: int
    lastOutcome: str | None  # noqa: N815
    blocked: bool


@dataclass(frozen=True, slots=True)
class LeadFieldView:
    """A column of the import."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class LeadCallbackView:
    """Somebody asked to be called back: by ``agent``, or by anybody (empty)."""

    agent: str
    mine: bool


@dataclass(frozen=True, slots=True)
class LeadView:
    """The lead before the agent.

    Attributes:
        chosen: Which of ``numbers`` is called, or is to be called next.
        zone: The IANA zone whose clock the customer goes by; empty where it may be one of several.
    """

    id: str
    name: str
    numbers: tuple[LeadNumberView, ...]
    chosen: int
    fields: tuple[LeadFieldView, ...]
    notes: str
    zone: str
    attempts: int
    lastOutcome: str | None  # noqa: N815
    callback: LeadCallbackView | None


@dataclass(frozen=True, slots=True)
class LeadRowView:
    """A lead in the agent's own list; ``dueAt``: wall ms, 0 for "when its turn comes". ``notes``: how they begin."""

    id: str
    name: str
    display: str
    label: str
    attempts: int
    lastOutcome: str | None  # noqa: N815
    dueAt: int  # noqa: N815
    callback: LeadCallbackView | None
    notes: str


def campaign_view(ground: Ground, session: LiveSession, now: Moment) -> CampaignView | None:
    """The session's campaign, and what keeps it from dialling."""
    campaign = ground.campaign_of(session)
    if campaign is None:
        return None
    if campaign.plan.run is not Run.RUNNING:
        return CampaignView(campaign.type, campaign.plan.run, None)
    desk = ground.dialing.desk(campaign.id)
    halt = desk.halt if desk is not None else None
    return CampaignView(campaign.type, halt, _resumes(ground, campaign, halt, now))


def _resumes(ground: Ground, campaign: Campaign, halt: Halt | None, now: Moment) -> int | None:
    match halt:
        case Halt.NOT_YET:
            return max(0, campaign.plan.starts_at - now.wall)
        case Halt.TRUNK_DOWN:
            return max(0, ground.dialing.trunk(campaign.trunk_id).until - now.mono)
        case _:
            return None


def lead_view(ground: Ground, session: LiveSession) -> LeadView | None:
    """The card of the lead that is shown, called, or whose call is being wrapped up."""
    lead = ground.dialing.leads.get(session.lead_id) if session.lead_id is not None else None
    if lead is None:
        return None
    call = ground.calls.get(call_id) if (call_id := session.call_id or session.wrap_call_id) is not None else None
    of_call = call is not None and call.lead_id == lead.id
    chosen = call.lead_number if call is not None and of_call else lead.next_index
    return LeadView(
        id=lead.id,
        name=lead.name,
        numbers=tuple(_number(ground, one, session.campaign_id) for one in lead.numbers),
        chosen=min(chosen, len(lead.numbers) - 1),
        fields=_fields(lead),
        notes=lead.notes,
        zone=_zone(lead, chosen),
        attempts=lead.attempts,
        lastOutcome=lead.last_outcome,
        callback=_callback(ground, lead, session.agent_id),
    )


def lead_rows(ground: Ground, agent_id: AgentId, leads: Iterable[Lead]) -> tuple[LeadRowView, ...]:
    """Leads as lines of the agent's list; those that somebody has before them are left out."""
    region = ground.directory.tenant.region
    return tuple(
        LeadRowView(
            id=lead.id,
            name=lead.name,
            display=show_number(_next(lead).number, region),
            label=_next(lead).label,
            attempts=lead.attempts,
            lastOutcome=lead.last_outcome,
            dueAt=lead.due_at,
            callback=_callback(ground, lead, agent_id),
            notes=_cut(lead.notes, _LONGEST_EXCERPT),
        )
        for lead in leads
        if lead.id not in ground.dialing.leads
    )


def callback_codes(ground: Ground, campaign_id: CampaignId | None) -> tuple[str, ...]:
    """Dispositions that say "call again": with them the page asks for a date at once."""
    campaign = ground.directory.campaigns.get(campaign_id) if campaign_id else None
    if campaign is None:
        return ()
    return tuple(code for code, effect in campaign.plan.effects.items() if effect.kind is EffectKind.CALLBACK)


def _next(lead: Lead) -> LeadNumber:
    return lead.numbers[min(lead.next_index, len(lead.numbers) - 1)]


def _number(ground: Ground, one: LeadNumber, campaign_id: CampaignId | None) -> LeadNumberView:
    refused = one.blocked or ground.dialing.is_blocked(one.number, campaign_id)
    display = show_number(one.number, ground.directory.tenant.region)
    return LeadNumberView(one.number, display, one.label, one.attempts, one.last_outcome, refused)


def _fields(lead: Lead) -> tuple[LeadFieldView, ...]:
    full = ((name, value) for name, value in lead.fields.items() if value.strip())
    first = (pair for pair, _ in zip(full, range(MOST_FIELDS), strict=False))
    return tuple(LeadFieldView(_cut(name, _LONGEST_NAME), _cut(value, LONGEST_VALUE)) for name, value in first)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _zone(lead: Lead, index: int) -> str:
    if lead.zone:
        return lead.zone
    key = lead.numbers[min(index, len(lead.numbers) - 1)].zone_key
    return "" if "|" in key else key


def _callback(ground: Ground, lead: Lead, agent_id: AgentId) -> LeadCallbackView | None:
    owner = lead.callback_agent_id
    if owner is None:
        return LeadCallbackView("", mine=False) if lead.state is LeadState.CALLBACK else None
    agent = ground.directory.agents.get(owner)
    return LeadCallbackView(agent.name if agent else "", mine=owner == agent_id)
