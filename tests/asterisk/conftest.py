"""A real Asterisk for the tests: installed once per machine, started on free ports, stopped at the end."""

import asyncio
import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from callside.asterisk.access import EngineAccess
from callside.asterisk.packages import default_cache, install
from callside.asterisk.process import ensure_running, stop
from callside.asterisk.profile import EngineProfile
from callside.asterisk.program import EngineProgram
from tests.asterisk.place import homes, place  # noqa: F401 fixtures


@pytest.fixture(scope="module", autouse=True)
def short_pauses() -> None:
    """What earlier tests left in memory is not collected while an engine waits for us."""
    gc.freeze()


@pytest.fixture(scope="session")
def engine_program() -> EngineProgram:
    """The Asterisk of this machine or of our cache; the first time it is downloaded."""
    named = os.environ.get("CALLSIDE_ENGINE_CACHE", "")
    return install(cache=Path(named).expanduser() if named else default_cache())


@pytest.fixture(scope="session")
def engine_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home for the session's engine; whatever still runs in it at the end is stopped."""
    home = tmp_path_factory.mktemp("engine-home")
    yield home
    stop(home)


@pytest.fixture(scope="session")
def engine(engine_program: EngineProgram, engine_home: Path) -> EngineAccess:
    """How to reach a running engine that the whole session shares (app name ``callside``).

    Its process belongs to no event loop, so that tests with their own loops may use it.
    """

    async def start() -> EngineAccess:
        running = await ensure_running(engine_home, engine_program, EngineProfile())
        return running.access

    return asyncio.run(start())
