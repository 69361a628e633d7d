"""Administration: tenants and all that is set up for them; one set of use cases for ``/v1``, command line and demo."""

from typing import Any

from callside.exchange.administration.desk import Desk, Office
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
from callside.exchange.administration.work import CampaignDesk, QueueDesk

__all__ = ["Administration", "Desk", "Office"]


class Administration:
    """All desks of one installation.

    >>> administration = Administration(Office(store.directories, exchange.directory_changed, hasher, clock, exchange))
    >>> tenant = await administration.tenants.add(TenantForm(name="Example Motors"))
    >>> token = await administration.tokens.add(tenant.id, TokenForm(name="CRM"))
    """

    def __init__(self, office: Office) -> None:
        self.office = office
        self.tenants = TenantDesk(office)
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
        return {one.noun: one for one in (*mine, *self._reception)}

    @property
    def _reception(self) -> tuple[Desk[Any], ...]:
        return self.numbers, self.hours, self.menus, self.prompts, self.caller_rules, self.announcements, self.playlists
