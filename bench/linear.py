"""The baseline of matching: what one writes first. Lists, looked through for each decision."""

from callside.kernel.ids import CallId, QueueId, SessionId


class LinearMatcher:
    """The same rules as :class:`callside.acd.matching.Matcher`: longest-waiting call first, to its longest-idle agent."""

    def __init__(self) -> None:
        self._calls: dict[CallId, tuple[int, QueueId]] = {}
        self._agents: dict[SessionId, tuple[int, tuple[QueueId, ...]]] = {}

    def call_waits(self, call_id: CallId, queue_id: QueueId, since: int) -> None:
        """A call takes its place."""
        self._calls[call_id] = since, queue_id

    def agent_idle(self, session_id: SessionId, queue_ids: tuple[QueueId, ...], idle_since: int) -> None:
        """An agent is free."""
        self._agents[session_id] = idle_since, queue_ids

    def next_match(self) -> tuple[CallId, SessionId] | None:
        """Look through all calls that any idle agent could take, then through the agents who could take it."""
        served = {queue_id for _, queue_ids in self._agents.values() for queue_id in queue_ids}
        could = ((since, call_id) for call_id, (since, queue_id) in self._calls.items() if queue_id in served)
        first = min(could, default=None)
        if first is None:
            return None
        call_id = first[1]
        queue_id = self._calls.pop(call_id)[1]
        _, who = min((since, one) for one, (since, queue_ids) in self._agents.items() if queue_id in queue_ids)
        del self._agents[who]
        return call_id, who
