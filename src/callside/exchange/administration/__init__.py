"""Administration: tenants and all that is set up for them; one set of use cases for ``/v1``, command line and demo."""

from typing import Any

from callside.exchange.administration.campaigns import CampaignDesk
from callside.exchange.administration.desk import Desk, Mailroom, Office
from callside.exchange.administration.lead_parts import LeadDesks
from callside.exchange.administration.people import AgentDesk, ExtensionDesk
from callside.exchange.administration.playlists import PlaylistDesk
from callside.exchange.administration.prompts import PromptDesk
from callside.exchange.administration.reception import (
    AnnouncementDesk,
    CallerRuleDesk,
    HoursDesk,
    MenuDesk,
    NumberDesk,
)
from callside.exchange.administration.tenants import TenantDesk, TokenDesk
from callside.exchange.administration.trunks import TrunkDesk
from callside.exchange.administration.voicemails import VoicemailDesk
from callside.exchange.administration.work import QueueDesk

__all__ = ["Administration", "Desk", "Mailroom", "Office"]


class Administration:
    """All desks of one installation.

    >>> administration = Administration(Office(store.directories, exchange.directory_changed, hasher, clock, exchange))
    >>> tenant = await administration.tenants.add(TenantForm(name="Example Motors"))
    >>> token = await administration.tokens.add(tenant.id, TokenForm(name="CRM"))
    """

    def __init__(self, office: Office, leads: LeadDesks | None = None) -> None:
        """``leads``: the desks that have to do with leads, where the store keeps some."""
        self.office = office
        self.leads = leads
        self.tenants = TenantDesk(office, leads.imports.importer.forget if leads is not None else None)
        self.tokens = TokenDesk(office)
        self.agents = AgentDesk(office)
        self.extensions = ExtensionDesk(office)
        self.queues = QueueDesk(office)
        self.campaigns = CampaignDesk(office)
        self.trunks = TrunkDesk(office)
        self.numbers = NumberDesk(office)
        self.hours = HoursDesk(office)
        self.menus = MenuDesk(office)
        self.prompts = PromptDesk(office)
        self.caller_rules = CallerRuleDesk(office)
        self.announcements = AnnouncementDesk(office)
        self.playlists = PlaylistDesk(office)
        self.voicemails = VoicemailDesk(office)

    @property
    def desks(self) -> dict[str, Desk[Any]]:
        """The desks of a tenant's things by noun."""
        mine: tuple[Desk[Any], ...] = (
            self.agents,
            self.extensions,
            self.queues,
            self.campaigns,
            self.trunks,
            self.tokens,
        )
        return {one.noun: one for one in (*mine, *self._reception, *self._about_leads)}

    @property
    def _about_leads(self) -> tuple[Desk[Any], ...]:
        return () if self.leads is None else (self.leads.lists, self.leads.dnc)

    @property
    def _reception(self) -> tuple[Desk[Any], ...]:
        return (
            self.numbers,
            self.hours,
            self.menus,
            self.prompts,
            self.caller_rules,
            self.announcements,
            self.voicemails,
            self.playlists,
        )
