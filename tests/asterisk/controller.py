"""A controller of its own process, for tests that kill it: raises a line, calls a customer, says so, and waits for its end.

Arguments: the ARI's URL, user and password; the carrier's SIP port; session, line leg, customer leg.
"""

import asyncio
import sys

from callside.asterisk.access import EngineAccess
from callside.asterisk.engine import AsteriskTelephony
from callside.asterisk.ports import EnginePorts
from callside.floor import commands as cm
from callside.floor import events as ev
from tests.asterisk.far_sides import CALLER_ID, LISTENS, TENANT, TRUNK, Heard, desk_endpoint, directory


async def main() -> None:
    url, user, password, port, session, line, customer = sys.argv[1:]
    telephony, heard = AsteriskTelephony(url, user, password, app_name="callside"), Heard()
    await telephony.set_directory(directory(EngineAccess(EnginePorts(0, int(port), 0, 0), "")))
    await telephony.start(heard)
    await heard.until(ev.EngineFound)
    telephony.execute(TENANT, cm.RaiseLine(session, line, desk_endpoint()))
    await heard.until(ev.LegAnswered, line)
    telephony.execute(TENANT, cm.DialCustomer("call", customer, session, TRUNK, LISTENS, CALLER_ID, 10))
    await heard.until(ev.LegJoined, customer)
    print("joined", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
