import asyncio
import json
import os
import signal
import socket
import sys

import aiohttp
import pytest

from callside.asterisk.errors import EngineStartError
from callside.asterisk.folders import EngineFolders
from callside.asterisk.ports import WantedPorts
from callside.asterisk.process import EngineProcess, ensure_running, find_running, status, supervise
from callside.asterisk.profile import EngineProfile

pytestmark = pytest.mark.asterisk

STARTER = """
import asyncio, sys
from pathlib import Path
from callside.asterisk.packages import install
from callside.asterisk.process import ensure_running
from callside.asterisk.profile import EngineProfile

async def main():
    cache = Path(sys.argv[2]) if sys.argv[2] else None
    engine = await ensure_running(Path(sys.argv[1]), install(cache=cache), EngineProfile())
    print(engine.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
async def home(tmp_path):
    yield tmp_path / "home"
    left = find_running(tmp_path / "home")
    if left is not None:
        await left.stop()


async def get(engine: EngineProcess, path: str) -> tuple[int, object]:
    async with (
        aiohttp.ClientSession(headers=engine.access.headers) as http,
        http.get(engine.access.ari_url + path) as reply,
    ):
        return reply.status, await reply.json()


async def test_a_started_engine_answers_and_says_its_version(home, engine_program):
    engine = await ensure_running(home, engine_program, EngineProfile(app_name="room"))
    assert engine.started_here
    state, about = await get(engine, "/asterisk/info?only=system")
    assert state == 200
    assert str(engine_program.version) in about["system"]["version"]


async def test_every_module_of_the_allow_list_runs_and_the_log_holds_no_error(home, engine_program):
    engine = await ensure_running(home, engine_program, EngineProfile())
    _, modules = await get(engine, "/asterisk/modules")
    running = {entry["name"] for entry in modules if entry["status"] == "Running"}
    loaded = {name for name in running if name.endswith(".so")}
    asked = {
        line.removeprefix("load = ").strip()
        for line in (engine.folders.etc / "modules.conf").read_text().splitlines()
        if line.startswith("load = ")
    }
    assert asked == loaded
    log = (engine.folders.log / "messages.log").read_text()
    assert not [line for line in log.splitlines() if "ERROR" in line or "WARNING" in line]


async def test_a_wrong_password_is_refused(home, engine_program):
    engine = await ensure_running(home, engine_program, EngineProfile())
    login = {"Authorization": aiohttp.encode_basic_auth(engine.access.user, "wrong")}
    async with (
        aiohttp.ClientSession(headers=login) as http,
        http.get(f"{engine.access.ari_url}/channels") as reply,
    ):
        assert reply.status == 401


async def test_a_second_start_finds_the_first_engine(home, engine_program):
    first = await ensure_running(home, engine_program, EngineProfile())
    second = await ensure_running(home, engine_program, EngineProfile())
    assert second.pid == first.pid
    assert not second.started_here
    assert second.access == first.access


async def test_two_controllers_that_start_at_once_start_one_engine(home, engine_program):
    engines = await asyncio.gather(*(ensure_running(home, engine_program, EngineProfile()) for _ in range(3)))
    assert len({engine.pid for engine in engines}) == 1


async def test_the_engine_outlives_its_starter_and_is_found_again(home, engine_program):
    cache = str(engine_program.modules).split("/asterisk-")[0] if engine_program.origin == "cache" else ""
    starter = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STARTER, str(home), cache, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        pid = int(await starter.stdout.readline())
    starter.send_signal(signal.SIGKILL)
    await starter.wait()

    found = find_running(home)
    assert found is not None
    assert found.pid == pid
    assert (await get(found, "/channels"))[0] == 200
    await found.stop()
    assert not found.alive()


async def test_an_engine_that_nobody_wrote_down_is_found_by_its_command_line(home, engine_program):
    engine = await ensure_running(home, engine_program, EngineProfile())
    (engine.folders.state / "engine.json").unlink()
    assert find_running(home).pid == engine.pid


async def test_two_homes_run_side_by_side_on_ports_of_their_own(tmp_path, engine_program):
    one, two = await asyncio.gather(
        ensure_running(tmp_path / "one", engine_program, EngineProfile()),
        ensure_running(tmp_path / "two", engine_program, EngineProfile()),
    )
    try:
        assert one.pid != two.pid
        assert not {one.access.ports.http, one.access.ports.sip} & {
            two.access.ports.http,
            two.access.ports.sip,
        }
        assert (await get(one, "/channels"))[0] == (await get(two, "/channels"))[0] == 200
    finally:
        await one.stop()
        await two.stop()


async def test_a_stopped_engine_leaves_no_process_and_no_record(home, engine_program):
    engine = await ensure_running(home, engine_program, EngineProfile())
    assert status(home).running
    await engine.stop()
    assert not engine.alive()
    assert not status(home).running
    with pytest.raises(ProcessLookupError):
        os.kill(engine.pid, 0)


async def test_an_engine_that_was_killed_is_reported_and_replaced_on_the_same_ports(home, engine_program):
    engine = await ensure_running(home, engine_program, EngineProfile())
    os.kill(engine.pid, signal.SIGKILL)
    async with asyncio.timeout(10):
        gone = await engine.ended()
    assert (gone.pid, gone.status) == (engine.pid, -signal.SIGKILL)
    again = await ensure_running(home, engine_program, EngineProfile())
    assert again.pid != engine.pid
    assert again.access.ports == engine.access.ports


async def test_the_record_of_another_process_is_not_taken_for_the_engine(home, engine_program):
    folders = EngineFolders.of(home)
    folders.make()
    record = {"pid": os.getpid(), "ticks": 1, "boot": "of another day"}
    (folders.state / "engine.json").write_text(json.dumps(record))
    (folders.state / "ports.json").write_text(json.dumps({"http": 1, "sip": 1, "rtp_first": 1, "rtp_last": 1}))
    assert find_running(home) is None
    assert not (folders.state / "engine.json").exists()


async def test_a_taken_port_is_named_with_its_setting(home, engine_program):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(EngineStartError, match=f"{port}/tcp.*CALLSIDE_ENGINE_HTTP_PORT"):
            await ensure_running(home, engine_program, EngineProfile(), WantedPorts(http=port))


async def test_an_engine_that_cannot_start_says_why(home, engine_program):
    broken = EngineProfile(extra_files={"asterisk.conf": "[directories]\nastetcdir => /nowhere\n"})
    with pytest.raises(EngineStartError, match=r"the engine (ended at once|did not answer)"):
        await ensure_running(home, engine_program, broken)


async def test_supervision_yields_a_new_engine_when_one_ends(home, engine_program):
    async def start() -> EngineProcess:
        return await ensure_running(home, engine_program, EngineProfile())

    seen: list[int] = []
    watch = supervise(start, lambda failures: 0.0)
    async with asyncio.timeout(60):
        async for engine in watch:
            seen.append(engine.pid)
            if len(seen) == 2:
                break
            os.kill(engine.pid, signal.SIGKILL)
    await watch.aclose()
    assert len(set(seen)) == 2


async def test_a_home_with_a_very_long_path_works(tmp_path, engine_program):
    home = tmp_path / ("deep" * 25)
    engine = await ensure_running(home, engine_program, EngineProfile())
    place = engine.folders.run
    try:
        assert (place / "asterisk.ctl").is_socket()
    finally:
        await engine.stop()
    for left in place.iterdir():
        left.unlink()
    place.rmdir()
