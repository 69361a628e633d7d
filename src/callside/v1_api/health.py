"""`/healthz`, `/readyz` and `/metrics`: for supervisors, load balancers and Prometheus."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from callside.calls.model import RegistrationState
from callside.exchange.ports import Store
from callside.ingress.origins import is_no_strangers_name
from callside.observability import Metrics
from callside.v1_api.access import Access
from callside.v1_api.calls import Floors
from callside.v1_api.errors import body

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_NO_STORE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Health:
    """Answers how this instance is."""

    def __init__(
        self,
        store: Store,
        floors: Floors,
        metrics: Metrics,
        access: Access,
        public_origins: Sequence[str] = (),
    ) -> None:
        self._store = store
        self._floors = floors
        self._metrics = metrics
        self._access = access
        self._public_origins = public_origins

    def routes(self) -> list[Route]:
        """The three paths."""
        return [
            Route("/healthz", self.healthz, methods=["GET"]),
            Route("/readyz", self.readyz, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
        ]

    async def healthz(self, _request: Request) -> JSONResponse:
        """The process runs and answers. Restart it when it does not."""
        return JSONResponse({"status": "ok"}, headers=_NO_STORE)

    async def readyz(self, _request: Request) -> JSONResponse:
        """Calls can be made: database and engine are there. 503 with the reasons else; a restart would not help."""
        reasons = []
        if not await self._store.is_healthy():
            reasons.append("store: the database does not answer or cannot be written")
        if not self._floors.engine_is_up():
            reasons.append("engine: the telephone engine does not answer")
        status = 503 if reasons else 200
        return JSONResponse({"ready": not reasons, "reasons": reasons}, status, headers=_NO_STORE)

    async def metrics(self, request: Request) -> Response:
        """Prometheus' text format, for this machine itself or with the root token.

        A proxy on this machine speaks from loopback too: a request that was forwarded needs the token. So does one by a name
        that may be anybody's: a browser on this machine could be asking for a stranger's page.
        """
        if not self._may_see(request):
            message = (
                "Ask from this machine, by localhost or an address and without a proxy, "
                "or send `Authorization: Bearer <root token>`."
            )
            return JSONResponse(body("not_allowed", message), 403, headers=_NO_STORE)
        self._look_around()
        return Response(generate_latest(self._metrics.registry), media_type=CONTENT_TYPE_LATEST, headers=_NO_STORE)

    def _may_see(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if token:
            return scheme.lower() == "bearer" and self._access.is_root(token.strip())
        near = request.client is not None and request.client.host in _LOOPBACK
        forwarded = "callside.forwarded" in request.scope or any(name in request.headers for name in _FORWARDED)
        own_name = is_no_strangers_name(self._public_origins, request.headers.get("host", ""))
        return near and own_name and not forwarded

    def _look_around(self) -> None:
        self._metrics.trunks.clear()
        agents: Counter[str] = Counter()
        calls: Counter[str] = Counter()
        for tenant_id in self._floors.tenant_ids():
            sessions, live_calls = self._floors.live(tenant_id)
            agents.update(one.state.value for one in sessions)
            calls.update(one.state.value for one in live_calls)
            for trunk_id, now in self._floors.registrations(tenant_id).items():
                registered = now.state is RegistrationState.REGISTERED
                self._metrics.trunks.labels(tenant_id, trunk_id).set(int(registered))
        for gauge, counted in ((self._metrics.agents, agents), (self._metrics.calls, calls)):
            gauge.clear()  # a state nobody is in any more is not shown with its last figure
            for state, number in counted.items():
                gauge.labels(state).set(number)
        self._metrics.engine_up.set(int(self._floors.engine_is_up()))
        self._metrics.recorder_queue.set(self._floors.backlog())
        self._metrics.callers_missed.set(self._floors.callers_missed())
