"""Voicemail: what callers said; the sound is a file."""

from typing import Final

NUMBER: Final = 13
NAME: Final = "voicemail"

STATEMENTS: Final = (
    """CREATE TABLE voicemails (
        tenant_id TEXT NOT NULL, id TEXT NOT NULL, queue_id TEXT NOT NULL, number TEXT NOT NULL, name TEXT NOT NULL,
        recorded_at {number} NOT NULL, duration_ms {number} NOT NULL,
        CONSTRAINT voicemails_pkey PRIMARY KEY (tenant_id, id)
    )""",
    "CREATE INDEX voicemails_queue ON voicemails (tenant_id, queue_id, recorded_at, id)",
)
