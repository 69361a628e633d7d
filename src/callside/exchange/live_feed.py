"""One tenant's live floor for those who watch it: a snapshot, then what changed, gathered for a quarter of a second.

Each frame is encoded once, however many watch. A watcher that does not keep up loses its frames and gets a new snapshot; what
is kept for it is bounded. While nobody watches, nothing is done.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from callside.floor.directory import Directory
from callside.floor.ground import Ground, Outcome
from callside.kernel.clock import Clock
from callside.reporting.board import Key, Row, all_keys, rows
from callside.reporting.day import Today

COALESCE_S: Final = 0.25
_FIGURES_EVERY_S: Final = 1.0
_MOST_FRAMES: Final = 16
"""Frames kept for one watcher: four seconds of a busy floor."""


Later = Callable[[float, Callable[[], None]], asyncio.TimerHandle]
"""Does something after so many seconds."""


def _later(seconds: float, act: Callable[[], None]) -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(seconds, act)


class FeedEndedError(Exception):
    """The floor is gone, or the server stops."""


class Watch:
    """One watcher's frames. Leave it with :meth:`close`."""

    def __init__(self, feed: "LiveFeed") -> None:
        self._feed = feed
        self._frames: deque[str] = deque()
        self._wake = asyncio.Event()
        self._behind = True
        """Needs a snapshot before anything else."""
        self._resync = False
        self._ended = False

    async def frame(self) -> str:
        """The next frame; waits for one.

        Raises:
            FeedEndedError: There will be no more.
        """
        while not (self._frames or self._behind or self._ended):
            self._wake.clear()
            await self._wake.wait()
        if self._ended:
            raise FeedEndedError
        if self._resync:
            self._resync = False
            return self._feed.resync_frame()
        if self._behind:
            self._behind = False
            return self._feed.snapshot_frame()
        return self._frames.popleft()

    def close(self) -> None:
        """Watch no longer."""
        self._feed.leave(self)

    def give(self, frame: str) -> None:
        """Of the feed: a frame for this watcher."""
        if self._behind:
            return  # the snapshot it will get has it
        if len(self._frames) >= _MOST_FRAMES:
            self._frames.clear()
            self._behind = self._resync = True
        else:
            self._frames.append(frame)
        self._wake.set()

    def end(self) -> None:
        """Of the feed: no more frames."""
        self._ended = True
        self._wake.set()


class LiveFeed:
    """The live floor's rows as they were sent last, and who watches them. On the event loop only."""

    def __init__(self, ground: Callable[[], Ground], today: Today, clock: Clock, later: Later | None = None) -> None:
        self._later = later or _later
        self._ground = ground
        self._today = today
        self._clock = clock
        self._watches: set[Watch] = set()
        self._sent: dict[Key, Row] = {}
        self._dirty: set[Key] = set()
        self._directory: Directory | None = None
        self._seq = 0
        self._snapshot: str | None = None
        self._due: asyncio.TimerHandle | None = None
        self._figures_due: asyncio.TimerHandle | None = None
        self._ended = False

    def watch(self) -> Watch:
        """A new watcher; its first frame is a snapshot."""
        watch = Watch(self)
        if self._ended:
            watch.end()
        if not self._watches and not self._ended:
            self._dirty |= all_keys(self._ground()) | self._sent.keys()
            self._look()
            self._again()
        self._watches.add(watch)
        return watch

    def leave(self, watch: Watch) -> None:
        """Of a watch: it is closed."""
        self._watches.discard(watch)
        if not self._watches:
            self._rest()

    def stop(self) -> None:
        """No more frames for anybody."""
        self._ended = True
        self._rest()
        for watch in self._watches:
            watch.end()

    def note(self, outcome: Outcome) -> None:
        """What a step of the floor has changed."""
        if not self._watches:
            return
        record = outcome.record
        self._dirty |= {Key("agents", one) for one in (*outcome.changed, *record.live_sessions)}
        self._dirty |= {Key("calls", one) for one in record.live_calls}
        if self._due is None:
            self._due = self._later(COALESCE_S, self.flush)

    def flush(self) -> None:
        """Send what has changed."""
        self._due = None
        if not self._watches:
            return
        changes = self._look()
        if changes:
            frame = self._encode({"type": "delta", "seq": self._seq, "at": self._clock.now().wall, "changes": changes})
            for watch in self._watches:
                watch.give(frame)

    def snapshot_frame(self) -> str:
        """Everything, as of the last delta; encoded once for all who ask before the next."""
        if self._snapshot is None:
            kinds: dict[str, list[Row]] = {"queues": [], "campaigns": [], "agents": [], "calls": []}
            for key, row in self._sent.items():
                kinds[key.kind].append(row)
            about = {"at": self._clock.now().wall, "day": self._day(), "tenant": self._ground().directory.tenant.name}
            self._snapshot = self._encode({"type": "snapshot", "seq": self._seq, **about, **kinds})
        return self._snapshot

    def resync_frame(self) -> str:
        """Forget what you have; a snapshot follows."""
        return self._encode({"type": "resync", "seq": self._seq})

    def _look(self) -> list[dict[str, Any]]:
        """Take the dirty rows anew; what differs from what was sent."""
        ground = self._ground()
        if ground.directory is not self._directory:
            self._directory = ground.directory
            self._dirty |= all_keys(ground) | self._sent.keys()
        self._dirty |= {Key("queues", one) for one in ground.directory.queues}
        self._dirty |= {Key("campaigns", one) for one in ground.directory.campaigns}
        now = self._clock.now()
        found = rows(ground, self._today.at(now.wall), now, self._dirty)
        self._dirty.clear()
        changes = list(self._differences(found.items()))
        if changes:
            self._seq += 1
            self._snapshot = None
        return changes

    def _differences(self, found: Iterable[tuple[Key, Row | None]]) -> Iterable[dict[str, Any]]:
        for key, row in found:
            if row == self._sent.get(key):
                continue
            if row is None:
                del self._sent[key]
                yield {"kind": key.kind, "id": key.id, "row": None}
            else:
                self._sent[key] = row
                yield {"kind": key.kind, "id": key.id, "row": row}

    def _day(self) -> int:
        return self._today.at(self._clock.now().wall).since

    def _again(self) -> None:
        """Service levels fall and days begin without anything happening."""
        self._figures_due = self._later(_FIGURES_EVERY_S, self._figures)

    def _figures(self) -> None:
        self._again()  # first: a fault of ours in one look must not be the last look
        self.flush()

    def _rest(self) -> None:
        for handle in (self._due, self._figures_due):
            if handle is not None:
                handle.cancel()
        self._due = self._figures_due = None
        self._sent.clear()
        self._dirty.clear()
        self._snapshot = None

    def _encode(self, frame: dict[str, Any]) -> str:
        return msgspec.json.encode(frame).decode()
