"""Imports of leads: how far each has come. Its leads are in cells of their own, which are hidden until all of it is in."""

from typing import Final

NUMBER: Final = 10
NAME: Final = "lead imports"

STATEMENTS: Final = (
    "ALTER TABLE lead_cells ADD COLUMN hidden {number} NOT NULL DEFAULT 0",
    """CREATE TABLE lead_imports (
        tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
        id TEXT NOT NULL, list_id TEXT NOT NULL, file_name TEXT NOT NULL, state TEXT NOT NULL, options TEXT NOT NULL,
        found TEXT NOT NULL, counts TEXT NOT NULL, rows_done {number} NOT NULL, per_mille {number} NOT NULL,
        report_bytes {number} NOT NULL, first_lead {number}, message TEXT NOT NULL, created_at {number} NOT NULL, ended_at {number},
        CONSTRAINT lead_imports_pkey PRIMARY KEY (tenant_id, id){end}""",
)
