"""Who is logged in for each queue, and who of them takes calls: counted as it changes, never by looking at everybody."""

from callside.kernel.ids import QueueId, SessionId


class Crew:
    """The sessions of each queue."""

    def __init__(self) -> None:
        self._queues_of: dict[SessionId, tuple[QueueId, ...]] = {}
        self._serving: set[SessionId] = set()
        self._logged_in: dict[QueueId, int] = {}
        self._staffed: dict[QueueId, int] = {}

    def log_in(self, session_id: SessionId, queue_ids: tuple[QueueId, ...]) -> None:
        """A session begins, or its queues are others now."""
        serves = session_id in self._serving
        self.log_out(session_id)
        self._queues_of[session_id] = queue_ids
        for queue_id in queue_ids:
            self._logged_in[queue_id] = self._logged_in.get(queue_id, 0) + 1
        self.serves(session_id, serves=serves)

    def log_out(self, session_id: SessionId) -> None:
        """The session is over."""
        self.serves(session_id, serves=False)
        for queue_id in self._queues_of.pop(session_id, ()):
            self._logged_in[queue_id] -= 1

    def serves(self, session_id: SessionId, *, serves: bool) -> None:
        """The agent takes calls now, or after the one they are on; or does not (break, line lost, not responding)."""
        if serves == (session_id in self._serving):
            return
        (self._serving.add if serves else self._serving.discard)(session_id)
        for queue_id in self._queues_of.get(session_id, ()):
            self._staffed[queue_id] = self._staffed.get(queue_id, 0) + (1 if serves else -1)

    def logged_in(self, queue_id: QueueId) -> int:
        """Agents of the queue who are logged in."""
        return self._logged_in.get(queue_id, 0)

    def staffed(self, queue_id: QueueId) -> int:
        """Those of them who take calls."""
        return self._staffed.get(queue_id, 0)
