"""What an engine can do, asked of the engine itself, and what to be warned of.

For ``callside doctor`` and ``callside engine status``, and for the client's choice between REST
over the event socket and plain HTTP.
"""

import contextlib
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from callside.asterisk.modules import missing_modules
from callside.asterisk.program import EngineProgram, EngineVersion, shortcomings

SAFE_SINCE: Final = EngineVersion(22, 11)
"""Older ones can stop taking calls: see :func:`version_warnings`."""

_OPUS_MODULES: Final = frozenset({"codec_opus", "codec_opus_open_source"})
_PROBE_APP: Final = "callside-probe"
_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class EngineCapabilities:
    """What a running engine said of itself.

    Attributes:
        version: Its version.
        modules: The modules that run in it.
        missing: Modules that Callside needs and that do not run.
        opus: Whether it can encode and decode Opus.
        rest_over_websocket: Whether it takes requests on the event socket.
        warnings: Known faults of this version, each with its remedy.
    """

    version: EngineVersion
    modules: frozenset[str]
    missing: tuple[str, ...]
    opus: bool
    rest_over_websocket: bool
    warnings: tuple[str, ...]


def version_warnings(version: EngineVersion) -> tuple[str, ...]:
    """Return what is known against ``version`` (engine.md §1.9); empty when nothing is."""
    if version >= SAFE_SINCE:
        return ()
    warning = (
        f"Asterisk {version} has known deadlocks (RTP against ICE, SIP over TCP) that are mended in "
        f"{SAFE_SINCE.major}.{SAFE_SINCE.minor}: fine to try and to develop with; for production "
        "run `callside engine install --renew` or install a newer one"
    )
    return (warning,)


def program_findings(program: EngineProgram) -> tuple[str, ...]:
    """Return what is to be said of a program that need not run: lacks first, then warnings."""
    return (*shortcomings(program), *version_warnings(program.version))


async def read_capabilities(ari_url: str, user: str, password: str) -> EngineCapabilities:
    """Ask the engine whose REST interface is at ``ari_url`` (no slash at its end).

    Raises:
        aiohttp.ClientError: It does not answer, or refuses the password.
        TimeoutError: It does not answer in time.
    """
    login = {"Authorization": aiohttp.encode_basic_auth(user, password)}
    limit = aiohttp.ClientTimeout(total=_SECONDS)
    async with aiohttp.ClientSession(headers=login, timeout=limit, raise_for_status=True) as http:
        about = await _json(http, f"{ari_url}/asterisk/info?only=system")
        listed = await _json(http, f"{ari_url}/asterisk/modules")
        over_socket = await _rest_over_websocket(http, ari_url)
    version = EngineVersion.read(about["system"]["version"])
    running = frozenset(module["name"].removesuffix(".so") for module in listed if module["status"] == "Running")
    return EngineCapabilities(
        version,
        running,
        tuple(missing_modules(running)),
        bool(_OPUS_MODULES & running),
        over_socket,
        version_warnings(version),
    )


async def _json(http: aiohttp.ClientSession, url: str) -> Any:
    async with http.get(url) as reply:
        return await reply.json()


async def _rest_over_websocket(http: aiohttp.ClientSession, ari_url: str) -> bool:
    # Tried, not derived from the version: distributions carry patches both ways.
    request = {"type": "RESTRequest", "request_id": "probe", "method": "GET", "uri": "asterisk/ping"}
    with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError, TypeError):
        async with http.ws_connect(f"{ari_url}/events?app={_PROBE_APP}") as socket:
            await socket.send_json(request)
            while True:
                reply = await socket.receive_json(timeout=_SECONDS)
                if reply.get("type") == "RESTResponse":
                    return bool(reply.get("status_code") == 200)
    return False
