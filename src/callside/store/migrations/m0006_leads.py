"""Leads: lists, their leads and numbers, do-not-call lists.

``lane`` and ``rank`` say how a lead waits (see ``repositories/leads/lanes.py``): one index serves each question for the next
lead without passing over those that are done, under way, not due or in a zone that is closed. A cell is one list's leads of
one time zone. ``lead_numbers`` finds leads by number; what is kept about a number is in its lead's own row.
"""

from typing import Final

NUMBER: Final = 6
NAME: Final = "leads"

STATEMENTS: Final = (
    """CREATE TABLE lead_lists (
        tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
        id TEXT NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL, campaign_id TEXT, weight {number} NOT NULL,
        ordering TEXT NOT NULL, order_column TEXT NOT NULL, enabled {number} NOT NULL,
        CONSTRAINT lead_lists_pkey PRIMARY KEY (tenant_id, id),
        CONSTRAINT lead_lists_name UNIQUE (tenant_id, name_key){end}""",
    "CREATE INDEX lead_lists_campaign ON lead_lists (tenant_id, campaign_id)",
    """CREATE TABLE lead_cells (
        tenant_id TEXT NOT NULL, id {number} NOT NULL, list_id TEXT NOT NULL, zone_key TEXT NOT NULL,
        import_id TEXT NOT NULL,
        CONSTRAINT lead_cells_pkey PRIMARY KEY (tenant_id, id),
        CONSTRAINT lead_cells_zone UNIQUE (tenant_id, list_id, import_id, zone_key){end}""",
    """CREATE TABLE lead_tallies (
        tenant_id TEXT NOT NULL, list_id TEXT NOT NULL, standing TEXT NOT NULL, leads {number} NOT NULL,
        CONSTRAINT lead_tallies_pkey PRIMARY KEY (tenant_id, list_id, standing){end}""",
    """CREATE TABLE leads (
        id {lead_key},
        tenant_id TEXT NOT NULL, list_id TEXT NOT NULL, cell_id {number} NOT NULL, lane {number}, rank {number} NOT NULL,
        order_key {number} NOT NULL, name TEXT NOT NULL, zone TEXT NOT NULL, numbers TEXT NOT NULL, fields TEXT NOT NULL,
        state TEXT NOT NULL, due_at {number} NOT NULL, attempts {number} NOT NULL, next_index {number} NOT NULL,
        callback_agent_id TEXT, call_id TEXT, last_outcome TEXT, notes TEXT NOT NULL{end}""",
    "CREATE INDEX leads_next ON leads (cell_id, lane, rank, id) WHERE lane IS NOT NULL",
    "CREATE INDEX leads_personal ON leads (tenant_id, callback_agent_id, due_at, id) WHERE callback_agent_id IS NOT NULL",
    "CREATE INDEX leads_dialling ON leads (tenant_id, id) WHERE state = 'dialling'",
    "CREATE INDEX leads_list ON leads (tenant_id, list_id, id)",
    """CREATE TABLE lead_numbers (
        tenant_id TEXT NOT NULL, number TEXT NOT NULL, lead_id {number} NOT NULL, list_id TEXT NOT NULL,
        CONSTRAINT lead_numbers_pkey PRIMARY KEY (tenant_id, number, lead_id){keyed_end}""",
    """CREATE TABLE dnc_lists (
        tenant_id TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL, campaign_id TEXT,
        scrubbed_at {number},
        CONSTRAINT dnc_lists_pkey PRIMARY KEY (tenant_id, id),
        CONSTRAINT dnc_lists_name UNIQUE (tenant_id, name_key){end}""",
    """CREATE TABLE dnc_entries (
        tenant_id TEXT NOT NULL, number TEXT NOT NULL, list_id TEXT NOT NULL, added_at {number} NOT NULL,
        expires_at {number}, reason TEXT NOT NULL,
        CONSTRAINT dnc_entries_pkey PRIMARY KEY (tenant_id, number, list_id),
        FOREIGN KEY (tenant_id, list_id) REFERENCES dnc_lists (tenant_id, id) ON DELETE CASCADE{keyed_end}""",
    "CREATE INDEX dnc_entries_list ON dnc_entries (tenant_id, list_id, number)",
    "ALTER TABLE cdrs ADD COLUMN lead_id TEXT",
    "CREATE INDEX cdrs_lead ON cdrs (tenant_id, lead_id, ended_at, call_id) WHERE lead_id IS NOT NULL",
)
