"""Callers who hang up before the engine could hand them over, on the real engine: it is their call that ended, not ours that was missed."""

import asyncio

import pytest

from callside.asterisk.names import trunk_endpoint
from callside.asterisk.process import ensure_running, stop
from callside.asterisk.profile import EngineProfile
from callside.calls.model import Cause, Party
from callside.exchange.ports import CdrQuery
from tests.asterisk.centre import OUR_NUMBER, open_centre
from tests.asterisk.far_sides import Ari, eventually
from tests.asterisk.sipp import Sipp, free_port

pytestmark = pytest.mark.asterisk

GONE = f"""
[gone]
exten => _tru[n]k-.,1,Set(GUARD_ARGS=in,{OUR_NUMBER},${{EXTEN}})
 same => n,Hangup()
exten => h,1,Goto(callside-guard,h,1)
"""
"""What such a call does in the engine, without the race that a cancelled one is."""


@pytest.fixture
async def process(tmp_path, engine_program):
    home = tmp_path / "engine"
    yield await ensure_running(home, engine_program, EngineProfile(extra_dialplan=GONE))
    await asyncio.to_thread(stop, home)


async def test_a_call_cancelled_before_it_came_to_us_is_abandoned_and_nobody_is_said_to_have_been_missed(
    tmp_path, process
):
    carrier = Sipp(tmp_path / "carrier", "caller.xml", free_port(), process.access.ports.sip)
    async with open_centre(tmp_path, process, 1, [carrier], auto_answer=1, ring_s=5, max_wait_s=8) as centre:
        [trunk] = (await centre.store.directories.directory(centre.tenant)).trunks
        away = {"endpoint": f"Local/{trunk_endpoint(centre.tenant, trunk)}@gone", "context": "gone", "extension": "h"}
        await Ari(process.access).ask("POST", "channels", away)

        async def on_record():
            return await centre.store.call_records.cdrs(centre.tenant, CdrQuery(limit=10))

        [cdr] = await eventually(on_record, "the call is on record")
        assert (cdr.cause, cdr.hung_up_by, cdr.our_number) == (Cause.ABANDONED, Party.CUSTOMER, OUR_NUMBER)
        assert cdr.queue_id is not None
        assert centre.exchange.callers_missed() == 0
