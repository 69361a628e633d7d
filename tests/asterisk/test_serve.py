"""``callside serve`` as an administrator runs it: HTTPS by certificate files, beside a real engine that outlives it."""

import json
import os
import signal
import socket
import time

import pytest

from callside.asterisk.process import find_running, stop
from tests.asterisk.served import Server
from tests.fakes.certificates import certificate, needs_openssl

pytestmark = [pytest.mark.asterisk, needs_openssl]


@pytest.fixture
async def server(tmp_path, engine_program):
    cert, key = certificate(tmp_path, "localhost")
    made = Server(tmp_path / "home", TLS_CERT=str(cert), TLS_KEY=str(key))
    await made.start()
    yield made
    if made.process.poll() is None:
        made.process.kill()
        made.process.wait()
    running = find_running(made.home)
    if running is not None:
        await running.stop()


async def test_with_certificate_files_the_port_speaks_https_and_says_so_for_a_year(server):
    reply = await server.get("/phone")
    assert reply.status == 200
    assert "max-age=31536000" in reply.headers["Strict-Transport-Security"]
    assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]


async def test_the_command_line_reaches_the_running_server_over_https(server):
    added = server.callside("tenant", "add", "Example Ltd", "--json")
    assert added.returncode == 0, added.stderr
    listed = server.callside("tenant", "list", "--json")
    assert [one["name"] for one in json.loads(listed.stdout)] == ["Example Ltd"]


async def test_ending_the_server_leaves_the_engine_and_the_next_server_finds_it(server):
    first = find_running(server.home).pid
    assert server.end() == 0
    assert find_running(server.home).pid == first
    await server.start()
    assert find_running(server.home).pid == first


async def test_an_engine_that_ends_is_started_again(server):
    first = find_running(server.home)
    os.kill(first.pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        running = find_running(server.home)
        if running is not None and running.pid != first.pid and (await server.get("/readyz")).status == 200:
            return
    raise AssertionError("the engine was not started again")


def test_a_port_that_is_taken_is_told_before_anything_is_started(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        made = Server(tmp_path / "home")
        made.around["CALLSIDE_PORT"] = str(taken.getsockname()[1])
        told = made.callside("serve")
    assert told.returncode == 1
    assert "CALLSIDE_PORT" in told.stderr
    assert not stop(made.home)
