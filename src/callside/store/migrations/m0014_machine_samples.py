"""What agents said of calls that were taken for machines: a sample of them, which only ever grows, beside the ledger."""

from typing import Final

NUMBER: Final = 14
NAME: Final = "machine samples"
STATEMENTS: Final = (
    """CREATE TABLE machine_samples (
        tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
        call_id TEXT NOT NULL, campaign_id TEXT NOT NULL, said_at {number} NOT NULL, was_person {number} NOT NULL,
        CONSTRAINT machine_samples_pkey PRIMARY KEY (tenant_id, call_id){end}""",
    "CREATE INDEX machine_samples_campaign ON machine_samples (tenant_id, campaign_id, said_at)",
)
