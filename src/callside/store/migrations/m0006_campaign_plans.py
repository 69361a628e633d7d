"""How a campaign's leads are called."""

from typing import Final

NUMBER: Final = 6
NAME: Final = "campaign plans"

STATEMENTS: Final = ("ALTER TABLE campaigns ADD COLUMN plan TEXT NOT NULL DEFAULT '{{}}'",)
