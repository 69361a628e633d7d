"""The engine as a process: started in its own session, found again, watched, stopped.

The controller may die and come back while calls go on, so the engine is nobody's child for long:
what tells it from any other process is its id together with the moment it was born.
"""

import asyncio
import contextlib
import fcntl
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from callside.asterisk.access import EngineAccess
from callside.asterisk.birth import Birth
from callside.asterisk.configuration import write_configuration
from callside.asterisk.environment import environment
from callside.asterisk.errors import EngineStartError
from callside.asterisk.folders import EngineFolders, ari_secret
from callside.asterisk.packages import default_cache
from callside.asterisk.ports import EnginePorts, WantedPorts, choose, recall
from callside.asterisk.profile import EngineProfile
from callside.asterisk.program import EngineProgram
from callside.asterisk.records import arguments, forget, is_engine, record, recorded, searched

READY_SECONDS: Final = 30.0
STOP_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.05
_TAIL_LINES: Final = 8


@dataclass(frozen=True, slots=True)
class EngineExit:
    """That an engine ended; ``status`` is its exit code, a negative signal number, or ``None`` when it was not our child."""

    pid: int
    status: int | None


class EngineProcess:
    """A running engine, started by us or found."""

    def __init__(self, folders: EngineFolders, birth: Birth, access: EngineAccess, *, child: bool) -> None:
        self.folders = folders
        self.access = access
        self.started_here = child
        """Whether this controller started it (else it was found running)."""
        self._birth = birth
        self._status: int | None = None
        self._reaped = not child

    @property
    def pid(self) -> int:
        """The process id."""
        return self._birth.pid

    def alive(self) -> bool:
        """Say whether it still runs."""
        self._reap()
        return self._birth.alive()

    async def ended(self) -> EngineExit:
        """Wait until the engine ends, whoever started it."""
        try:
            descriptor = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return self._exit()
        loop = asyncio.get_running_loop()
        gone = asyncio.Event()
        try:
            # Between the last look and the descriptor the id may have become another's. Not asked is
            # whether it runs: its first thread may have ended before the others.
            if self._birth.known():
                loop.add_reader(descriptor, gone.set)
                await gone.wait()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)
        return self._exit()

    async def stop(self, seconds: float = STOP_SECONDS) -> None:
        """End it: politely, and after ``seconds`` for good. Calls on it end."""
        for way, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, STOP_SECONDS)):
            if not self.alive():
                break
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, way)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self.ended()
        if self.alive():
            raise EngineStartError(f"the engine (process {self.pid}) does not end, even when killed")
        forget(self.folders)

    def _exit(self) -> EngineExit:
        self._reap()
        return EngineExit(self.pid, self._status)

    def _reap(self) -> None:
        """Take the exit status of a child that ended: until then its id stays taken."""
        if self._reaped:
            return
        try:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:
            self._reaped = True
        else:
            self._reaped = pid != 0
            self._status = os.waitstatus_to_exitcode(status) if self._reaped else None


def find_running(home: Path) -> EngineProcess | None:
    """Return the engine that runs in ``home``, or ``None``; a stale record is removed."""
    folders = EngineFolders.of(home)
    ports = recall(folders.state / "ports.json")
    birth = recorded(folders)
    if birth is not None and not (birth.alive() and is_engine(birth.pid, folders)):
        forget(folders)
        birth = None
    # A controller killed between starting an engine and writing it down leaves no record.
    birth = birth or searched(folders)
    if birth is None or ports is None:
        return None
    return EngineProcess(folders, birth, EngineAccess(ports, ari_secret(folders)), child=False)


async def ensure_running(
    home: Path,
    program: EngineProgram,
    profile: EngineProfile,
    wanted: WantedPorts = WantedPorts(),  # noqa: B008 frozen
) -> EngineProcess:
    """Return the engine of ``home``, found running or started now, ready to answer ARI.

    Raises:
        EngineStartError: A port is taken, or it did not become ready; the message holds the end
            of its log.
    """
    folders = EngineFolders.of(home)
    folders.make()
    async with _alone(folders.state / "start.lock"):
        return await _found_or_started(home, program, profile, wanted)


async def _found_or_started(
    home: Path, program: EngineProgram, profile: EngineProfile, wanted: WantedPorts
) -> EngineProcess:
    running = find_running(home)
    if running is not None and await _answers(running, READY_SECONDS):
        return running
    if running is not None:
        await running.stop()  # alive and deaf: of no use to anybody
    # Between the choice of ports and the engine's listening on them nobody else of us may choose the same.
    ours = default_cache()
    ours.mkdir(parents=True, exist_ok=True)
    async with _alone(ours / "start.lock"):
        return await _start(home, program, profile, wanted)


async def _start(home: Path, program: EngineProgram, profile: EngineProfile, wanted: WantedPorts) -> EngineProcess:
    folders = EngineFolders.of(home)
    _clear_stale(folders)
    tls = bool(profile.sip_tls_cert)
    ports = choose(wanted, folders.state / "ports.json", sip_address=profile.sip_address, tls=tls)
    write_configuration(folders, program, ports, profile)
    command = [*program.command, *map(os.fsdecode, arguments(folders))]
    pid = _launch(folders, command, environment(folders.root, spare_memory=profile.spare_memory))
    birth = Birth.of(pid)
    if birth is None:
        raise EngineStartError(f"the engine ended at once: {_last_words(folders)}")
    record(folders, birth)
    engine = EngineProcess(folders, birth, EngineAccess(ports, ari_secret(folders)), child=True)
    try:
        if await _answers(engine, READY_SECONDS):
            return engine
    except BaseException:
        await engine.stop()
        raise
    ended = not engine.alive()
    await engine.stop()
    what = "ended at once" if ended else f"did not answer on port {ports.http} in {READY_SECONDS:.0f} s"
    raise EngineStartError(f"the engine {what}: {_last_words(folders)}")


def _launch(folders: EngineFolders, command: list[str], variables: dict[str, str]) -> int:
    """Start ``command`` as a leader of its own session and return its process id."""
    console = str(folders.log / "console.log")
    return os.posix_spawnp(
        command[0],
        command,
        variables,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, console, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        # Ctrl-C at our terminal and our own end do not reach it.
        setsid=True,
    )


@contextlib.asynccontextmanager
async def _alone(path: Path) -> AsyncIterator[None]:
    """Let controllers that start at the same moment go one after the other."""
    with path.open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(_POLL_SECONDS)
        yield


async def _answers(engine: EngineProcess, seconds: float) -> bool:
    """Wait until ARI answers and Asterisk is fully booted; false when it ends or time is up."""
    deadline = time.monotonic() + seconds
    limit = aiohttp.ClientTimeout(total=2)
    async with aiohttp.ClientSession(headers=engine.access.headers, timeout=limit) as http:
        while engine.alive() and time.monotonic() < deadline:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                # Not /asterisk/ping, which answers even when channels hang (engine.md §1.9).
                async with http.get(f"{engine.access.ari_url}/channels") as reply:
                    if reply.status == 200:
                        return True
            await asyncio.sleep(_POLL_SECONDS)
    return False


async def supervise(
    start: Callable[[], Awaitable[EngineProcess]], pauses: Callable[[int], float]
) -> AsyncIterator[EngineProcess]:
    """Yield a running engine, and a new one each time it ended or could not be started.

    Args:
        start: Finds or starts the engine, such as :func:`ensure_running` with its arguments.
        pauses: Seconds to wait before the n-th try in a row (from 1); the caller's policy.
    """
    failures = 0
    while True:
        try:
            engine = await start()
        except EngineStartError:
            failures += 1
        else:
            failures = 0
            yield engine
            await engine.ended()
            failures += 1
        await asyncio.sleep(pauses(failures))


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """For people: whether the engine of a home runs, as which process, on which ports."""

    running: bool
    pid: int = 0
    ports: EnginePorts | None = None


def status(home: Path) -> EngineStatus:
    """Say how the engine of ``home`` is."""
    engine = find_running(home)
    if engine is None:
        return EngineStatus(running=False)
    return EngineStatus(running=True, pid=engine.pid, ports=engine.access.ports)


def stop(home: Path) -> bool:
    """End the engine of ``home`` from a program without an event loop; false when none ran."""
    engine = find_running(home)
    if engine is None:
        return False
    asyncio.run(engine.stop())
    return True


def _clear_stale(folders: EngineFolders) -> None:
    """Remove what a killed engine left: Asterisk refuses to start beside its own old socket's answer."""
    for name in ("asterisk.ctl", "asterisk.pid"):
        (folders.run / name).unlink(missing_ok=True)


def _last_words(folders: EngineFolders) -> str:
    for name in ("messages.log", "console.log"):
        path = folders.log / name
        if path.is_file() and (lines := path.read_text(errors="replace").strip().splitlines()):
            return f"{path}: " + " / ".join(lines[-_TAIL_LINES:])
    return f"nothing in {folders.log}"
