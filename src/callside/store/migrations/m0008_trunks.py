"""Trunks: registration with the carrier, transport, and more addresses that calls come from (a JSON list)."""

from typing import Final

NUMBER: Final = 8
NAME: Final = "trunks that register"
STATEMENTS: Final = (
    "ALTER TABLE trunks ADD COLUMN transport TEXT NOT NULL DEFAULT 'udp'",
    "ALTER TABLE trunks ADD COLUMN registers {number} NOT NULL DEFAULT 0",
    "ALTER TABLE trunks ADD COLUMN registrar TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE trunks ADD COLUMN realm TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE trunks ADD COLUMN expiry_s {number} NOT NULL DEFAULT 300",
    "ALTER TABLE trunks ADD COLUMN addresses TEXT NOT NULL DEFAULT '[]'",
)
