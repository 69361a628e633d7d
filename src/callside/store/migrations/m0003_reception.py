"""Reception: numbers, opening hours, menus, prompts, caller rules, announcements; each thing a document with its key."""

from typing import Final

NUMBER: Final = 3
NAME: Final = "reception"

STATEMENTS: Final = (
    """CREATE TABLE reception (
        tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
        kind TEXT NOT NULL, id TEXT NOT NULL, unique_key TEXT NOT NULL, body TEXT NOT NULL,
        CONSTRAINT reception_pkey PRIMARY KEY (tenant_id, kind, id),
        CONSTRAINT reception_key UNIQUE (tenant_id, kind, unique_key){end}""",
)
