"""Ring-all: how many agents a queue rings at once."""

from typing import Final

NUMBER: Final = 5
NAME: Final = "ring all"

STATEMENTS: Final = ("ALTER TABLE queues ADD COLUMN ring_count {number} NOT NULL DEFAULT 0",)
