"""Identifiers. Each is text; the types keep one kind from being passed where another is meant."""

from typing import NewType, Protocol

TenantId = NewType("TenantId", str)
"""Decimal digits, as in the guide's ``TenantId``."""
AgentId = NewType("AgentId", str)
"""Decimal digits, as in the guide's ``AgentId``."""
ExtensionId = NewType("ExtensionId", str)
"""Decimal digits: the key in the guide's ``Extension`` object (its value is the extension's number)."""
QueueId = NewType("QueueId", str)
"""Decimal digits, unique among the queues *and* campaigns of an installation (the guide lists both in one place)."""
CampaignId = NewType("CampaignId", str)
"""Decimal digits, from the same series as :data:`QueueId`."""
TrunkId = NewType("TrunkId", str)
LeadListId = NewType("LeadListId", str)
"""Decimal digits, unique in the installation."""
LeadId = NewType("LeadId", str)
"""Decimal digits, unique in the installation, higher for whoever came later."""
NumberId = NewType("NumberId", str)
"""Decimal digits; all ids of reception (numbers, hours, menus, prompts, caller rules) are of one series."""
HoursId = NewType("HoursId", str)
MenuId = NewType("MenuId", str)
PromptId = NewType("PromptId", str)
RuleId = NewType("RuleId", str)
PlaylistId = NewType("PlaylistId", str)
SessionId = NewType("SessionId", str)
"""Our own key of a login session (32 hex digits). Never the guide's ``SessionId``, which is a secret handle."""
CallId = NewType("CallId", str)
LegId = NewType("LegId", str)
"""One leg of a call in the engine; equal to the engine's own id for it."""


class IdSource(Protocol):
    """Where the floor takes new identifiers from, so that a replay can give it the same ones again."""

    def new(self) -> str:
        """A fresh identifier: 32 lower-case hex digits, never given twice."""
