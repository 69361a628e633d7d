"""How the carrier wrote a caller's number, where it was not in full."""

from typing import Final

NUMBER: Final = 22
NAME: Final = "sent_number"

STATEMENTS: Final = ("ALTER TABLE cdrs ADD COLUMN sent_number TEXT NOT NULL DEFAULT ''",)
