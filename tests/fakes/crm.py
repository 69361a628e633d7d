"""The sample CRM on its own origin, beside a real guide API and a page that stands in for the phone."""

import asyncio
import importlib.util
import socket
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route

from callside.exchange.logins import Logins
from callside.exchange.throttle import Throttle
from callside.guide_api.routes import GuideFirst
from tests.fakes.logins import HASHER, TENANT, TOKEN, FakeExchange
from tests.patience import PATIENCE_S

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "crm"
HOST = "127.0.0.1"
PHONE = """<!doctype html><html lang=en><title>Phone</title><h1>Phone</h1><script>
const heard = [];
let crm = null;
const say = (message) => parent.postMessage({callside: 1, ...message}, crm);
const ready = {type: "ready", agent: {id: "111", name: "Asha Example", username: "agent1"}, loginType: "MANUAL", state: "ready", reason: null, call: null};
addEventListener("message", ({data, origin, source}) => {
  if (source !== parent) return;
  heard.push(data);
  crm = origin;
  if (data.type === "hello") say(ready);
  if (data.type === "dial" && data.number.endsWith("105")) say({type: "dial.refused", requestId: data.requestId, code: "not_allowed", message: "This campaign does not dial there."});
  else if (data.type === "dial") {
    say({type: "dial.accepted", requestId: data.requestId});
    say({type: "call.ringing", call: {id: "c1", direction: "outbound", number: data.number, name: "", via: "By hand"}});
  }
});
</script>"""


def load_crm():
    """The sample's module, as the demo loads it."""
    name = "callside_sample_crm"
    if name not in sys.modules:
        sys.path.insert(0, str(FOLDER))
        spec = importlib.util.spec_from_file_location(name, FOLDER / "app.py")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


class Served:
    """An application on a free port of the loopback."""

    def __init__(self, app, host=HOST):
        self._server = uvicorn.Server(
            uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2)
        )
        self._listener = socket.create_server((HOST, 0))
        self.port = self._listener.getsockname()[1]
        self.origin = f"http://{host}:{self.port}"

    async def __aenter__(self):
        # serve() itself looks at its state every 0.1 s only; these are its two halves.
        self._server.config.load()
        self._server.lifespan = self._server.config.lifespan_class(self._server.config)
        await self._server.startup([self._listener])
        return self

    async def __aexit__(self, *exc):
        async with asyncio.timeout(PATIENCE_S):
            await self._server.shutdown([self._listener])


class PhoneSide(Served):
    """The guide API as it is, and a page where the phone would be."""

    def __init__(self):
        self.exchange = FakeExchange()
        self.phone_page, self.phone_headers = PHONE, {}
        logins = Logins(self.exchange, HASHER, Throttle(self.exchange.clock))
        page = Route("/wp_plugin/index.php", lambda _: HTMLResponse(self.phone_page, headers=self.phone_headers))
        other = Route("/other", lambda _: HTMLResponse("<!doctype html><title>Other</title>"))
        super().__init__(GuideFirst(logins, Starlette(routes=[page, other])))


class CrmSide(Served):
    """The sample CRM, under a prefix as in the demo."""

    def __init__(self, phone_side, **changes):
        module = load_crm()
        config = module.CrmConfig(
            **{
                "callside_url": phone_side.origin,
                "phone_url": phone_side.origin,
                "tenant_id": TENANT,
                "token": TOKEN,
            }
            | changes
        )
        super().__init__(Starlette(routes=[Mount("/ccplugin", module.create_app(lambda: config))]), host="localhost")
        self.url = f"{self.origin}/ccplugin/"
