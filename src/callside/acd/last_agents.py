"""Who talked last with whom: a bounded memory, the longest unheard-of forgotten first."""

from typing import Final

from callside.kernel.ids import AgentId

_MOST: Final = 100_000


class LastAgents:
    """The last agent of each contact. Not kept over a restart: then a caller goes to whoever is free."""

    def __init__(self, most: int = _MOST) -> None:
        self._agents: dict[str, AgentId] = {}
        self._most = most

    def remember(self, contact: str, agent_id: AgentId) -> None:
        """They have talked."""
        self._agents.pop(contact, None)
        self._agents[contact] = agent_id
        if len(self._agents) > self._most:
            del self._agents[next(iter(self._agents))]

    def of(self, contact: str) -> AgentId | None:
        """The agent this contact talked with last."""
        return self._agents.get(contact)
