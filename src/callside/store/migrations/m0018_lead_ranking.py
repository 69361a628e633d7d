"""A list whose order was changed: how often since its leads were last ranked; 0: they stand as the list says."""

from typing import Final

NUMBER: Final = 18
NAME: Final = "lead_ranking"

STATEMENTS: Final = ("ALTER TABLE lead_lists ADD COLUMN unranked {number} NOT NULL DEFAULT 0",)
