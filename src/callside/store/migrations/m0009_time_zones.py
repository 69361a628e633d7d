"""Tenants' time zones: where their days begin."""

from typing import Final

NUMBER: Final = 9
NAME: Final = "time zones of tenants"
STATEMENTS: Final = ("ALTER TABLE tenants ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'UTC'",)
