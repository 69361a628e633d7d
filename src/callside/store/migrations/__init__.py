"""The steps of the schema, oldest first. A step that was released is never edited: its checksum is in every database."""

from types import ModuleType
from typing import Final

from callside.store.migrations import (
    m0001_first_ring,
    m0002_matching,
    m0003_reception,
    m0004_facts_by_time,
    m0005_ring_all,
    m0006_leads,
    m0007_dialing,
    m0008_trunks,
    m0009_time_zones,
    m0010_lead_imports,
    m0011_callbacks,
    m0012_blending,
    m0013_voicemail,
    m0014_machine_samples,
    m0015_pacing_memories,
    m0016_voicemail_pages,
    m0017_trunk_accounts,
    m0018_lead_ranking,
    m0019_list_tokens,
    m0020_missed_callers,
    m0021_went_out,
    m0022_sent_number,
)

STEPS: Final[tuple[ModuleType, ...]] = (
    m0001_first_ring,
    m0002_matching,
    m0003_reception,
    m0004_facts_by_time,
    m0005_ring_all,
    m0006_leads,
    m0007_dialing,
    m0008_trunks,
    m0009_time_zones,
    m0010_lead_imports,
    m0011_callbacks,
    m0012_blending,
    m0013_voicemail,
    m0014_machine_samples,
    m0015_pacing_memories,
    m0016_voicemail_pages,
    m0017_trunk_accounts,
    m0018_lead_ranking,
    m0019_list_tokens,
    m0020_missed_callers,
    m0021_went_out,
    m0022_sent_number,
)
