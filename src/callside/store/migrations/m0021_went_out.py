"""Calls that never left the house (0): for no law's limit they were attempts. Of older records nobody knows: they count."""

from typing import Final

NUMBER: Final = 21
NAME: Final = "went_out"

STATEMENTS: Final = ("ALTER TABLE cdrs ADD COLUMN went_out {number} NOT NULL DEFAULT 1",)
