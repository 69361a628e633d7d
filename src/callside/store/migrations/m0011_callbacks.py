"""Callbacks: whether and how a queue's callers are called back. JSON: read whole, with its queue."""

from typing import Final

NUMBER: Final = 11
NAME: Final = "callbacks"

STATEMENTS: Final = ("ALTER TABLE queues ADD COLUMN callback TEXT NOT NULL DEFAULT 'null'",)
