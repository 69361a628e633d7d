"""Trunks whose far side registers with us; of its password a digest is kept."""

from typing import Final

NUMBER: Final = 17
NAME: Final = "trunk accounts"
STATEMENTS: Final = (
    "ALTER TABLE trunks ADD COLUMN registers_with_us {number} NOT NULL DEFAULT 0",
    "ALTER TABLE trunks ADD COLUMN account_digest TEXT NOT NULL DEFAULT ''",
)
