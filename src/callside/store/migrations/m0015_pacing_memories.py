"""What each campaign's pacing has learnt: one row, written over every minute or so."""

from typing import Final

NUMBER: Final = 15
NAME: Final = "pacing memories"
STATEMENTS: Final = (
    """CREATE TABLE pacing_memories (
        tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
        campaign_id TEXT NOT NULL, kept_at {number} NOT NULL, memory TEXT NOT NULL,
        CONSTRAINT pacing_memories_pkey PRIMARY KEY (tenant_id, campaign_id){end}""",
)
