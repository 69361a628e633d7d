"""Voicemail of all queues, the newest first, page by page."""

from typing import Final

NUMBER: Final = 16
NAME: Final = "voicemail pages"
STATEMENTS: Final = ("CREATE INDEX voicemails_newest ON voicemails (tenant_id, recorded_at, id)",)
