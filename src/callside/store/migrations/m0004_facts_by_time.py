"""Facts by time: figures of an interval begin reading at its first fact."""

from typing import Final

NUMBER: Final = 4
NAME: Final = "facts by time"

STATEMENTS: Final = ("CREATE INDEX facts_time ON facts (tenant_id, wall, seq)",)
