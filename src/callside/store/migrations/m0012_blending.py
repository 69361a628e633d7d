"""Blending: agents of a campaign may take their queues' calls too."""

from typing import Final

NUMBER: Final = 12
NAME: Final = "blending"

STATEMENTS: Final = ("ALTER TABLE campaigns ADD COLUMN blend_queues {number} NOT NULL DEFAULT 0",)
