"""Callers of our absence: their facts tell of a time that is over, so figures of an interval look for them by that time."""

from typing import Final

NUMBER: Final = 20
NAME: Final = "missed_callers"

STATEMENTS: Final = ("CREATE INDEX facts_unavailable ON facts (tenant_id, wall) WHERE kind = 'call.unavailable'",)
