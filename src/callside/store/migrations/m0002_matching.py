"""Matching: how queues choose, what they demand and where they send callers on; what agents can do.

Skills, relaxation and overflow are JSON: they are read whole, with their queue or agent, and never searched.
"""

from typing import Final

NUMBER: Final = 2
NAME: Final = "matching"
STATEMENTS: Final = (
    "ALTER TABLE agents ADD COLUMN skills TEXT NOT NULL DEFAULT '{{}}'",
    "ALTER TABLE queues ADD COLUMN strategy TEXT NOT NULL DEFAULT 'longest_idle'",
    "ALTER TABLE queues ADD COLUMN priority {number} NOT NULL DEFAULT 0",
    "ALTER TABLE queues ADD COLUMN skills TEXT NOT NULL DEFAULT '{{}}'",
    "ALTER TABLE queues ADD COLUMN relaxation TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE queues ADD COLUMN sticky_s {number} NOT NULL DEFAULT 0",
    "ALTER TABLE queues ADD COLUMN max_waiting {number} NOT NULL DEFAULT 0",
    "ALTER TABLE queues ADD COLUMN overflow TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE queues ADD COLUMN service_level_s {number} NOT NULL DEFAULT 20",
    "ALTER TABLE queues ADD COLUMN short_abandon_s {number} NOT NULL DEFAULT 5",
    "ALTER TABLE queues ADD COLUMN colour TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE queues ADD COLUMN script TEXT NOT NULL DEFAULT ''",
)
