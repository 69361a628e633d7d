"""Callers who come and go while Callside is dead: the engine keeps them, and each is on record once it is back."""

import json
import sqlite3
import time

import pytest

from callside.asterisk.process import find_running
from tests.asterisk.far_sides import Ari, eventually
from tests.asterisk.served import Server
from tests.asterisk.sipp import Sipp, free_port

pytestmark = pytest.mark.asterisk

OURS, THEIRS = "+15550100900", "+15550100800"
HOSTILE = "%22%7E%2F%2C%24%7BSHELL(id)%7D%29+15550100666"
"""A caller's number that would be the end of a key, of an argument and of an expression."""


class Firm:
    """A tenant with one queue, the carrier that its calls come from, and a token."""

    def __init__(self, server, name, number, folder):
        self.server, self.folder, self.number = server, folder, number
        self.carrier_port = free_port()
        self.id = server.added("tenant", "add", name)["id"]
        of = ("--tenant", self.id)
        server.added("trunk", "add", "Carrier", "--host", "127.0.0.1", "--port", str(self.carrier_port), *of)
        self.queue = server.added("queue", "add", "Support", "--number", number, *of)["id"]
        self.token = server.added("token", "add", "tests", *of)["token"]

    async def call_in(self, *callers, stay_ms):
        """They call one after the other, each for so long unless somebody ends it."""
        engine = find_running(self.server.home).access.ports.sip
        sipp = Sipp(self.folder / f"calls-{time.monotonic_ns()}", "caller.xml", self.carrier_port, engine)
        rows = [(self.number, caller, str(stay_ms)) for caller in callers]
        await sipp.start(rows, seconds=40, words=("-m", str(len(rows)), "-r", "5"))
        return sipp

    async def ask(self, path):
        reply = await self.server.get(path, self.token)
        assert reply.status == 200
        return json.loads(await reply.text())

    async def calls(self):
        return (await self.ask("/v1/calls?limit=200"))["items"]

    async def come(self, count):
        async def there():
            return len(await self.calls()) >= count

        await eventually(there, f"{count} calls on record")
        return await self.calls()


@pytest.fixture
async def server(tmp_path, engine_program):
    made = Server(tmp_path / "home", scheme="http")
    await made.start()
    yield made
    made.kill()
    running = find_running(made.home)
    if running is not None:
        await running.stop()


@pytest.fixture
def firm(server, tmp_path):
    return Firm(server, "Example Ltd", OURS, tmp_path / "ours")


@pytest.fixture
def other(server, tmp_path):
    return Firm(server, "Other Ltd", THEIRS, tmp_path / "theirs")


def ari_of(server):
    return Ari(find_running(server.home).access)


async def kept(server):
    return await ari_of(server).variable("CALLSIDE_KEPT")


async def test_who_calls_while_callside_is_dead_hears_music_and_is_on_record_once_when_it_is_back(server, firm, other):
    server.kill()
    ours = await firm.call_in("+15550100101", "+15550100102", HOSTILE, stay_ms=4000)
    theirs = await other.call_in("+15550100201", stay_ms=4000)
    ari = ari_of(server)

    async def all_hear_something():
        up = [one["id"] for one in await ari.ask("GET", "channels") if one["state"] == "Up"]
        heard = [await ari.ask("GET", f"channels/{one}/rtp_statistics") for one in up]
        return len(heard) == 4 and all(one["txcount"] > 10 for one in heard)

    await eventually(all_hear_something, "music for four callers")
    assert [(await one.ended(20)).failed for one in (ours, theirs)] == [0, 0]

    await server.start()
    mine = await firm.come(3)
    assert {one["customer_number"] for one in mine} == {"+15550100101", "+15550100102", "SHELLid+15550100666"}
    for one in mine:
        assert (one["cause"], one["hung_up_by"]) == ("system_unavailable", "customer")
        assert (one["direction"], one["our_number"], one["queue_id"]) == ("inbound", OURS, firm.queue)
        assert one["answered_at"] is None
        assert 3500 < one["duration_ms"] == one["wait_ms"] < 15_000
    (stranger,) = await other.calls()
    assert stranger["customer_number"] == "+15550100201"
    (queue,) = (await firm.ask("/v1/figures/queues"))["items"]
    assert (queue["offered"], queue["unavailable"], queue["abandoned"]) == (3, 3, 0)
    assert queue["service_level"]["value"] == 0

    await eventually(lambda: not on_disk(server), "the engine lets them go")
    server.kill()
    await server.start()
    assert await firm.calls() == mine
    assert len(await other.calls()) == 1


def on_disk(server):
    """The callers whom the engine keeps, as its own file has them: it writes once a second."""
    with sqlite3.connect(f"file:{server.home}/engine/var/astdb.sqlite3?mode=ro", uri=True) as file:
        return [key for (key,) in file.execute("SELECT key FROM astdb WHERE key LIKE '/callside-kept/%'")]


def waiting_on_disk(server):
    with sqlite3.connect(f"file:{server.home}/callside.db?mode=ro", uri=True) as file:
        return file.execute("SELECT count(*) FROM live_calls").fetchone()[0]


async def test_who_waits_as_callside_is_killed_and_hangs_up_before_it_is_back_has_abandoned_one_call(server, firm):
    callers = await firm.call_in("+15550100101", "+15550100102", stay_ms=3500)

    # Who is killed before that leaves no word of the second one, who then has a record all the same, as one who came meanwhile.
    await eventually(lambda: waiting_on_disk(server) == 2, "both wait in the queue, on disk")
    server.kill()
    assert (await callers.ended(20)).failed == 0
    await server.start()
    calls = await firm.come(2)
    assert sorted(one["customer_number"] for one in calls) == ["+15550100101", "+15550100102"]
    assert {(one["cause"], one["hung_up_by"]) for one in calls} == {("abandoned", "customer")}
    assert {one["queue_id"] for one in calls} == {firm.queue}
    await eventually(lambda: not on_disk(server), "the engine lets them go")
    assert await firm.calls() == calls


async def test_callers_who_hang_up_while_somebody_listens_are_not_kept(server, firm):
    callers = await firm.call_in("+15550100101", stay_ms=300)
    assert (await callers.ended(20)).failed == 0
    (call,) = await firm.come(1)
    assert call["cause"] == "abandoned"
    assert await kept(server) == "0"
    found = json.loads(server.callside("doctor", "--json").stdout)
    assert "engine process" in {one["check"] for one in found}
    assert "engine configuration" not in {one["check"] for one in found}
    dialplan = server.home / "engine/etc/extensions.conf"
    dialplan.write_text("; as an older Callside wrote it\n")
    [told] = [
        one for one in json.loads(server.callside("doctor", "--json").stdout) if one["check"] == "engine configuration"
    ]
    assert "extensions.conf" in told["message"]


async def test_callers_of_an_absence_outlive_the_engine_and_whoever_called_often_is_on_record_each_time(server, firm):
    server.end()
    callers = await firm.call_in(*["+15550100101"] * 12, stay_ms=200)
    assert (await callers.ended(20)).failed == 0
    await eventually(lambda: len(on_disk(server)) == 12, "the engine has them on disk")
    await find_running(server.home).stop()
    await server.start()
    calls = await firm.come(12)
    assert len({one["id"] for one in calls}) == 12
