"""What an agent hears before the caller."""

from typing import Final

NUMBER: Final = 23
NAME: Final = "whispers"

STATEMENTS: Final = ("ALTER TABLE queues ADD COLUMN whisper TEXT NOT NULL DEFAULT 'tone'",)
