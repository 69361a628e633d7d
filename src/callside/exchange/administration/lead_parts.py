"""All desks that have to do with leads, put together."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from callside.exchange.administration.desk import LeadsChanged, Office
from callside.exchange.administration.dnc import DncDesk
from callside.exchange.administration.leads import ImportDesk, LeadDesk, LeadListDesk
from callside.exchange.dnc_port import DncLists
from callside.exchange.lead_import.importer import LeadImporter
from callside.exchange.lead_import.port import LeadImports
from callside.exchange.leads_port import Leads


class LeadStore(Protocol):
    """What of the store is about leads."""

    @property
    def leads(self) -> Leads:
        """Lists and leads."""

    @property
    def lead_imports(self) -> LeadImports:
        """Files that come in."""

    @property
    def dnc(self) -> DncLists:
        """Do-not-call lists."""


@dataclass(frozen=True, slots=True)
class LeadDesks:
    """The desks."""

    lists: LeadListDesk
    leads: LeadDesk
    imports: ImportDesk
    dnc: DncDesk

    @classmethod
    def at(cls, office: Office, store: LeadStore, folder: Path, changed: LeadsChanged) -> "LeadDesks":
        """Put together; uploads and reports are kept in ``folder``."""
        lists = LeadListDesk(office, store.leads, changed)
        importer = LeadImporter(store.lead_imports, office.directories, office.clock, folder)
        importer.on_published = lists.told
        lists.on_reordered = importer.wake
        return cls(
            lists,
            LeadDesk(office, store.leads, lists),
            ImportDesk(lists, store.lead_imports, importer),
            DncDesk(office, store.dnc, store.leads, changed),
        )
