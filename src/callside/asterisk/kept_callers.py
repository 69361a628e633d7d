"""Callers whom the engine kept on its disk because no controller had them (the end of the guard loop in extensions.conf).

They are read after each connect, and whenever there are more; each stays in the engine until its record is on our disk. That
a controller listens is told to the engine every second, so that it knows whose callers to keep.
"""

import asyncio
import contextlib
import itertools
import re
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Final

import msgspec
import structlog

from callside.asterisk.arrivals import Arrivals
from callside.asterisk.client import AriRefusedError
from callside.asterisk.configuration import BEYOND_FAMILY, KEPT_FAMILY, KEPT_VARIABLE, SEEN_VARIABLE
from callside.asterisk.link import ABSENT, AriLink, path
from callside.floor.events import EngineEvent
from callside.floor.missed_events import CallersMissed, MissedCaller
from callside.kernel.errors import CallsideError
from callside.kernel.ids import LegId, TenantId

log = structlog.get_logger(__name__)

_NUMBER: Final = r"[+*#0-9A-Za-z]*"
_KEY: Final = re.compile(
    rf"[0-9]/(?P<leg>[^~,/]+)~(?P<came>\d*)~(?P<went>\d+)~(?P<how>[012])~(?P<caller>{_NUMBER})"
    rf"~in~(?P<ours>{_NUMBER})~(?P<endpoint>[^~,/]*)\Z"
)
_BORN: Final = re.compile(r"(?:^|-)(\d+)\.\d+\Z")
"""The end of a channel's id: the second of its birth, and a count."""
_SEEN_EVERY_S: Final = 1.0
_LOOK_EVERY: Final = 10
"""Every so many times it is asked whether there are more."""
_READ_TRIES: Final = 100
_READ_PAUSE_S: Final = 0.02
_VARIABLE_CHARACTERS: Final = 4_000
"""A variable of the dialplan is cut off at 4,096."""
_READER: Final = "callside-kept-"


class _Variable(msgspec.Struct):
    value: str


_variable: Final = msgspec.json.Decoder(_Variable)


Missed = tuple[MissedCaller, ...]


class KeptCallers:
    """Reads them and lets them go. Methods that ask may raise EngineUnavailableError and AriRefusedError.

    Args:
        tell: Where the floors hear of them.
    """

    def __init__(
        self,
        link: AriLink,
        arrivals: Arrivals,
        app: str,
        tell: Callable[[TenantId, EngineEvent], None],
    ) -> None:
        self._link = link
        self._arrivals = arrivals
        self._app = app
        self._tell = tell
        self._epoch: float | None = None
        """The engine's epoch seconds at this loop's time 0, to the millisecond: by its clock it will say how old our word is."""
        self._keys: dict[tuple[TenantId, LegId], str] = {}
        """Of those whom a floor was told of and has not on record yet."""
        self._cut_off = False
        """Not all of them fitted into what was read."""
        self._go_on = asyncio.Event()
        self._retired = False

    async def begin(self) -> Mapping[TenantId, Missed]:
        """After a connect: all who are kept, to be told to floors that know whom they have.

        Raises:
            EngineUnavailableError: The engine went away.
        """
        self._keys.clear()
        self._go_on.clear()
        try:
            return await self._find()
        except AriRefusedError as refused:
            log.warning("callers.not_read", reason=f"{refused.message}: is extensions.conf of an older Callside?")
            return {}

    def tell(self, found: Mapping[TenantId, Missed]) -> None:
        """Tell the floors of them."""
        for tenant_id, callers in found.items():
            self._tell(tenant_id, CallersMissed(callers))

    async def watch(self) -> None:
        """Be seen, and look for more, until cancelled. What the engine refuses is logged and tried again later."""
        for count in itertools.count(1):
            try:
                if self._epoch is not None and not self._retired:
                    await self._set(SEEN_VARIABLE, str(int(self._epoch + _loop_s())))
                if self._go_on.is_set() or (count % _LOOK_EVERY == 0 and await self._has_more()):
                    self._go_on.clear()
                    self.tell(await self._find())
            except CallsideError as failed:
                log.warning("callers.not_read", reason=failed.message)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SEEN_EVERY_S):
                    await self._go_on.wait()

    async def retire(self) -> None:
        """Tell the engine, if it is there, that nobody listens from now on."""
        self._retired = True
        with contextlib.suppress(CallsideError):
            await self._set(SEEN_VARIABLE, "0")

    async def _has_more(self) -> bool:
        """Whether somebody was kept since it was last read."""
        text = await self._link.ask("GET", path("asterisk", "variable"), {"variable": KEPT_VARIABLE}, tolerate=ABSENT)
        return _variable.decode(text).value == "1" if text else False

    async def _find(self) -> Mapping[TenantId, Missed]:
        """All who are kept and were not told since :meth:`begin`."""
        # Before it is read: whoever is kept meanwhile is looked for again.
        await self._set(KEPT_VARIABLE, "0")
        first = f"{_READER}{uuid.uuid4().hex}"
        reader = f"{first}-2"  # an id that begins another's would be taken for it
        made = {"endpoint": f"Local/read@{KEPT_FAMILY}", "app": self._app, "appArgs": "kept"}
        ids = {"channelId": first, "otherChannelId": reader}
        await self._link.ask("POST", path("channels"), made | ids)
        try:
            keys = await self._laid_out(reader)
            beyond = await self._read(reader, "BEYOND")  # laid out last
            now = await self._read(reader, "NOW")
            if now is None and (seconds := await self._read(reader, "EPOCH")):  # the dialplan of an older Callside
                now = f"{seconds}000"
        finally:
            await self._link.ask("DELETE", path("channels", reader), tolerate=ABSENT)
        self._epoch = int(now) / 1000 - _loop_s() if now and now.isdigit() else None
        if beyond:
            log.error(
                "callers.not_kept", callers=beyond, remedy="more came than the engine keeps; these were only counted"
            )
            await self._forget(f"{BEYOND_FAMILY}/count")
        return await self._sorted(keys)

    async def forget(self, tenant_id: TenantId, legs: tuple[LegId, ...]) -> None:
        """They are on record: the engine need not keep them."""
        for leg_id in legs:
            key = self._keys.get((tenant_id, leg_id))
            if key is not None:
                await self._forget(f"{KEPT_FAMILY}/{key}")
                self._keys.pop((tenant_id, leg_id), None)
        if self._cut_off and not self._keys:
            self._go_on.set()

    async def _sorted(self, keys: list[str]) -> Mapping[TenantId, Missed]:
        known = set(self._keys.values())
        found: defaultdict[TenantId, list[MissedCaller]] = defaultdict(list)
        for key in keys:
            if key in known:
                continue
            try:
                tenant_id, caller = self._caller(key)
            except (LookupError, ValueError) as nobodys:
                log.warning("callers.nobodys", key=key, reason=str(nobodys))
                await self._forget(f"{KEPT_FAMILY}/{key}")
                continue
            self._keys[tenant_id, caller.leg_id] = key
            found[tenant_id].append(caller)
        return {one: tuple(sorted(callers, key=lambda caller: caller.came_at)) for one, callers in found.items()}

    def _caller(self, key: str) -> tuple[TenantId, MissedCaller]:
        """Who stands behind a key of the engine's database.

        Raises:
            ValueError: It is none that our dialplan writes.
            LookupError: They called on a trunk that is nobody's.
        """
        match = _KEY.match(key)
        if match is None:
            raise ValueError("not written by our dialplan")
        born = _BORN.search(match["leg"])
        came = int(match["came"]) if match["came"] else int(born[1]) * 1000 if born else int(match["went"])
        tenant_id, trunk_id = self._arrivals.whose(match["endpoint"], match["ours"])
        leg_id, ours, theirs = LegId(match["leg"]), match["ours"], match["caller"]
        went = max(came, int(match["went"]))
        how = match["how"]
        return tenant_id, MissedCaller(leg_id, trunk_id, ours, theirs, came, went, how == "1", how == "2")

    async def _laid_out(self, reader: str) -> list[str]:
        """The callers' keys below the family, once the reader's dialplan has laid them out; those that do not fit come later.

        Raises:
            AriRefusedError: It does not come to it.
        """
        for _ in range(_READ_TRIES):
            if await self._read(reader, "BEYOND") is not None:
                break
            await asyncio.sleep(_READ_PAUSE_S)
        else:
            raise AriRefusedError("GET", path("channels", reader, "variable"), 404)
        self._cut_off, keys = False, []
        for digit in range(10):
            text = await self._read(reader, f"KEPT{digit}") or ""
            names = [name for name in text.split(",") if name]
            if len(text) >= _VARIABLE_CHARACTERS:
                self._cut_off = True
                names.pop()  # perhaps not whole
            keys += [f"{digit}/{name}" for name in names]
        return keys

    async def _read(self, reader: str, name: str) -> str | None:
        where = path("channels", reader, "variable")
        text = await self._link.ask("GET", where, {"variable": name}, tolerate=ABSENT)
        return _variable.decode(text).value if text else None

    async def _forget(self, key: str) -> None:
        await self._set(f"DB_DELETE({key})", "")

    async def _set(self, variable: str, value: str) -> None:
        await self._link.ask("POST", path("asterisk", "variable"), {"variable": variable, "value": value})


def _loop_s() -> float:
    return asyncio.get_running_loop().time()


def is_reader(args: list[str]) -> bool:
    """Whether these are the arguments of a channel that only reads."""
    return args[:1] == ["kept"]
