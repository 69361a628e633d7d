"""A list's own scrub token, and until when it holds (wall ms; 0: it has none)."""

from typing import Final

NUMBER: Final = 19
NAME: Final = "list_tokens"

STATEMENTS: Final = (
    "ALTER TABLE lead_lists ADD COLUMN scrub_token TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE lead_lists ADD COLUMN scrub_token_expires_at {number} NOT NULL DEFAULT 0",
)
