"""How a campaign's leads are called, and the ledger of answered calls, which only ever grows."""

from typing import Final

NUMBER: Final = 7
NAME: Final = "dialing"

STATEMENTS: Final = (
    "ALTER TABLE campaigns ADD COLUMN plan TEXT NOT NULL DEFAULT '{{}}'",
    """CREATE TABLE ledger (
        tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
        call_id TEXT NOT NULL, campaign_id TEXT NOT NULL, lead_id TEXT, number TEXT NOT NULL,
        answered_at {number} NOT NULL, greeting_end_at {number}, agent_at {number}, message_at {number}, left_at {number},
        detected TEXT NOT NULL, outcome TEXT NOT NULL, profile TEXT NOT NULL,
        CONSTRAINT ledger_pkey PRIMARY KEY (tenant_id, call_id){end}""",
    "CREATE INDEX ledger_campaign ON ledger (tenant_id, campaign_id, answered_at)",
    "CREATE INDEX ledger_number ON ledger (tenant_id, number, answered_at)",
)
