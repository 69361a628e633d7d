"""Reading whom the engine kept, whatever strangers have written there; and being seen by it."""

import asyncio
import json

import pytest

from callside.asterisk import kept_callers
from callside.asterisk.arrivals import Arrivals
from callside.asterisk.client import AriRefusedError
from callside.asterisk.kept_callers import KeptCallers
from callside.asterisk.legs import LegBook
from callside.floor.missed_events import CallersMissed, MissedCaller
from tests.unit.asterisk.test_arrivals import tenant

OURS = "+15550100900"
KEY = f"7/callside-1795000000.7~1795000000123~1795000020456~0~+15550100123~in~{OURS}~trunk-1-11"


class Engine:
    """Its database and its variables."""

    def __init__(self, *keys, beyond="", late=0):
        self.keys, self.beyond, self.late = list(keys), beyond, late
        self.variables = {}
        self.channels = set()
        self.refuses = False
        self.older = False
        """Its dialplan says whole seconds only."""

    async def ask(self, method, where, query=None, body=None, *, tolerate=frozenset()):
        query = query or {}
        if (method, where) == ("POST", "asterisk/variable"):
            return self.set(query["variable"], query["value"])
        if (method, where) == ("GET", "asterisk/variable"):
            return json.dumps({"value": self.variables.get(query["variable"], "")})
        if (method, where) == ("POST", "channels"):
            if self.refuses:
                raise AriRefusedError(method, where, 500)
            self.channels |= {query["channelId"], query["otherChannelId"]}
            return "{}"
        channel = where.split("/")[1]
        if method == "DELETE":
            self.channels = {one for one in self.channels if not channel.startswith(one)}
            return ""
        assert channel in self.channels
        if self.late > 0:
            self.late -= 1
            return None
        if query["variable"].startswith("KEPT"):
            digit = query["variable"][-1]
            mine = (one.partition("/")[2] for one in self.keys if one.startswith(f"{digit}/"))
            return json.dumps({"value": ",".join(mine)[:4095]})
        if self.older and query["variable"] == "NOW":
            return None
        known = {"BEYOND": self.beyond, "NOW": "1795000100250", "EPOCH": "1795000100"}
        return json.dumps({"value": known[query["variable"]]})

    def set(self, name, value):
        if name.startswith("DB_DELETE(callside-kept/"):
            self.keys.remove(name.removeprefix("DB_DELETE(callside-kept/").removesuffix(")"))
        elif name == "DB_DELETE(callside-beyond/count)":
            self.beyond = ""
        else:
            self.variables[name] = value
        return ""


def scene(engine, *directories):
    told = []
    book = LegBook(lambda *_: None, lambda _: None)
    known = {one.tenant.id: one for one in directories or (tenant("1", OURS),)}
    kept = KeptCallers(engine, Arrivals(book, known), "callside", lambda *event: told.append(event))
    return kept, told


async def test_a_kept_caller_is_told_to_the_tenant_whose_trunk_it_is_and_stays_until_it_is_on_record():
    engine = Engine(KEY, late=3)
    kept, told = scene(engine)
    kept.tell(await kept.begin())
    caller = MissedCaller("callside-1795000000.7", "11", OURS, "+15550100123", 1795000000123, 1795000020456)
    assert told == [("1", CallersMissed((caller,)))]
    assert engine.keys == [KEY]
    assert engine.channels == set()
    await kept.forget("2", (caller.leg_id,))
    assert engine.keys == [KEY], "another tenant's word on it"
    await kept.forget("1", (caller.leg_id,))
    assert engine.keys == []


async def test_on_a_shared_carrier_the_called_number_decides():
    engine = Engine(KEY.replace(OURS, "+15550100901"))
    kept, told = scene(engine, tenant("1", OURS), tenant("2", "+15550100901"))
    kept.tell(await kept.begin())
    assert [whose for whose, _ in told] == ["2"]


async def test_when_it_came_is_known_from_its_channel_where_nothing_else_says_it():
    engine = Engine(KEY.replace("~1795000000123~", "~~").replace("~0~", "~1~"))
    kept, _ = scene(engine)
    [caller] = (await kept.begin())["1"]
    assert (caller.came_at, caller.went_at, caller.given_up) == (1795000000000, 1795000020456, True)


@pytest.mark.parametrize(("how", "given_up", "at_once"), [("0", False, False), ("1", True, False), ("2", False, True)])
async def test_how_they_went_is_told(how, given_up, at_once):
    kept, _ = scene(Engine(KEY.replace("~0~", f"~{how}~")))
    [caller] = (await kept.begin())["1"]
    assert (caller.given_up, caller.at_once) == (given_up, at_once)


@pytest.mark.parametrize(
    "key",
    [
        "7/x",
        "3/~~~~~~~",
        KEY.replace("trunk-1-11", "trunk-9-9"),
        KEY.replace("trunk-1-11", "u0123456789"),
        KEY.replace("+15550100123", "+1555/0100123"),
        KEY.replace("1795000020456", "soon"),
        KEY.replace("~in~", "~out~"),
        KEY + "~more",
    ],
)
async def test_what_is_nobodys_or_was_not_written_by_us_is_forgotten_and_the_rest_is_told(key):
    engine = Engine(key, KEY)
    kept, _ = scene(engine)
    [(whose, callers)] = (await kept.begin()).items()
    assert (whose, len(callers)) == ("1", 1)
    assert engine.keys == [KEY]


async def test_after_each_connect_all_are_told_again_and_meanwhile_only_those_who_are_new():
    engine = Engine(KEY)
    kept, _ = scene(engine)
    assert len((await kept.begin())["1"]) == 1
    engine.keys.append(KEY.replace("7/", "8/").replace("0.7~", "0.8~"))
    [new] = (await kept._find())["1"]
    assert new.leg_id.endswith(".8")
    assert len((await kept.begin())["1"]) == 2


async def test_those_who_do_not_fit_are_read_when_the_others_are_on_record(monkeypatch):
    monkeypatch.setattr(kept_callers, "_SEEN_EVERY_S", 0.001)
    engine = Engine(*(KEY.replace("0.7~", f"0.{n}7~") for n in range(200)))
    kept, told = scene(engine)
    kept.tell(await kept.begin())
    watch = asyncio.get_running_loop().create_task(kept.watch())
    seen = set()
    async with asyncio.timeout(10):
        while engine.keys:
            while not told:
                await asyncio.sleep(0)
            whose, event = told.pop()
            legs = {one.leg_id for one in event.callers}
            assert not legs & seen
            seen |= legs
            await kept.forget(whose, tuple(legs))
    assert len(seen) == 200
    watch.cancel()


async def test_whoever_came_beyond_the_bound_is_counted_and_the_count_begins_anew():
    engine = Engine(beyond="17")
    kept, _ = scene(engine)
    await kept.begin()
    assert engine.beyond == ""


async def test_an_engine_with_an_older_dialplan_keeps_nobody_and_nothing_else_fails():
    engine = Engine()
    engine.refuses = True
    kept, told = scene(engine)
    assert await kept.begin() == {}
    assert told == []


@pytest.mark.parametrize("older", [False, True])
async def test_the_engine_is_told_by_its_own_clock_that_somebody_listens_until_nobody_does(monkeypatch, older):
    monkeypatch.setattr(kept_callers, "_SEEN_EVERY_S", 0.001)
    engine = Engine()
    engine.older = older
    kept, told = scene(engine)
    await kept.begin()
    watch = asyncio.get_running_loop().create_task(kept.watch())
    engine.keys.append(KEY)
    engine.set("CALLSIDE_KEPT", "1")
    async with asyncio.timeout(10):
        while not told:
            await asyncio.sleep(0)
    assert int(engine.variables["CALLSIDE_SEEN"]) - 1795000100 in range(10)
    await kept.retire()
    for _ in range(100):
        await asyncio.sleep(0)
    assert engine.variables["CALLSIDE_SEEN"] == "0"
    watch.cancel()
