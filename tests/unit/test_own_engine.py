"""Our own engine is kept running, whatever hinders its start."""

import asyncio
from types import SimpleNamespace

import pytest

from callside import own_engine
from callside.asterisk.errors import EngineInstallError, EngineStartError
from callside.asterisk.folders import EngineFolders
from callside.asterisk.ports import EnginePorts, WantedPorts
from callside.asterisk.process import EngineExit

PORTS = EnginePorts(20_000, 20_001, 20_010, 20_999)


class Engine:
    """A process that ends when it is told to."""

    def __init__(self, folder, pid: int) -> None:
        self.folders, self.pid = EngineFolders(folder), pid
        self.access = SimpleNamespace(ports=PORTS)
        self.end = asyncio.Event()

    async def ended(self) -> EngineExit:
        await self.end.wait()
        return EngineExit(self.pid, -9)


@pytest.mark.parametrize(
    "hindrance",
    [EngineStartError("port taken"), EngineInstallError("no mirror"), OSError(28, "No space left on device")],
)
async def test_an_engine_that_cannot_be_started_again_is_tried_until_it_can_and_says_why(
    tmp_path, monkeypatch, hindrance, capsys
):
    first, second = Engine(tmp_path, 1), Engine(tmp_path, 2)
    asked, hindrances = [], [hindrance, hindrance]

    async def find_engine(_settings, *, ports):
        asked.append(ports)
        if hindrances:
            raise hindrances.pop()
        return None, SimpleNamespace(process=second)

    monkeypatch.setattr(own_engine, "find_engine", find_engine)
    monkeypatch.setattr(own_engine, "_PAUSES_S", (0.0,))
    ours = own_engine.OwnEngine(None, first, None)
    keeping = asyncio.create_task(ours.keep())
    first.end.set()
    async with asyncio.timeout(5):
        while ours.process is first:
            assert not keeping.done(), keeping.exception()
            await asyncio.sleep(0)
    keeping.cancel()
    await asyncio.wait([keeping])
    # On the same ports: nobody would find it on others.
    assert asked == 3 * [WantedPorts(20_000, 20_001, 20_010, 20_999)]
    assert capsys.readouterr().out.count(str(hindrance)) == 2
