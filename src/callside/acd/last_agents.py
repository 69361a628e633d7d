"""Who talked last with whom: a bounded memory, the longest unheard-of forgotten first."""

from collections import OrderedDict
from typing import Final

from callside.kernel.ids import AgentId

_MOST: Final = 100_000


class LastAgents:
    """The last agent of each contact. Not kept over a restart: then a caller goes to whoever is free."""

    def __init__(self, most: int = _MOST) -> None:
        # A plain dictionary that is emptied from its front looks at every hole there each time: 15 µs a call at this size.
        self._agents: OrderedDict[str, AgentId] = OrderedDict()
        self._most = most

    def remember(self, contact: str, agent_id: AgentId) -> None:
        """They have talked."""
        self._agents[contact] = agent_id
        self._agents.move_to_end(contact)
        if len(self._agents) > self._most:
            self._agents.popitem(last=False)

    def of(self, contact: str) -> AgentId | None:
        """The agent this contact talked with last."""
        return self._agents.get(contact)
