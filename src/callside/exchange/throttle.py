"""Slowing down whoever guesses passwords, before a hash is computed and without locking the real agent out.

A right password sent from elsewhere still works while somebody guesses (threat T10 of the threat model):

* failures are counted per (tenant, agent, address), so a guesser slows down only the agent's logins *from there*: 60 a day, below
  the 100 that NIST SP 800-63B allows;
* a count per (tenant, agent) over all addresses stops guessing from many addresses;
* a wider count per (tenant, address) stops going through many agents, and through names that nobody has.

The last two hold back only addresses this tenant has not logged anybody in from lately. A CRM logs hundreds of agents in from
one address, which is known from its first login on; whoever guesses in its login form, or a few agents whose kept passwords are
old, must not lock all the others out. There each agent's own count is the bound, and the wider one holds back made-up names
alone: there is no end of them, and each costs a hash.

Counts are in memory: a restart forgets them, which gives a guesser one more handful of tries.
"""

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Iterable

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MovingWindowSupport, Storage
from limits.strategies import MovingWindowRateLimiter

from callside.kernel.clock import Clock
from callside.kernel.errors import TooManyRequestsError
from callside.kernel.ids import TenantId

_AGENT_HERE = (RateLimitItemPerMinute(5), RateLimitItemPerHour(20), RateLimitItemPerDay(60))
_AGENT_ANYWHERE = (RateLimitItemPerHour(50),)
_ADDRESS = (RateLimitItemPerMinute(60), RateLimitItemPerHour(600))
_TOKENS = (RateLimitItemPerMinute(60),)
_KNOWN = RateLimitItemPerDay(1, 7)
"""Long enough for a weekend: on Monday morning a CRM's address is known already."""
_MOST_KEYS = 50_000
_SLOW_DOWN = "Too many failed attempts. Wait {seconds} s, then send the request again."


class Throttle:
    """Counts failed attempts and refuses more of them for a while.

    ``address`` is the client's IP address as the server sees it (behind a trusted proxy: the forwarded one); an IPv6
    client is its /64, because that is what one customer line has.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows = _Windows(clock)
        self._limiter = MovingWindowRateLimiter(self._windows)

    def attempt(self, tenant_id: TenantId, username: str, address: str, *, exists: bool = True) -> None:
        """Call before a password is checked. Counts as failed until :meth:`succeeded`: parallel guesses count too.

        Args:
            exists: Whether the tenant has an agent of that name.

        Raises:
            TooManyRequestsError: Try again later.
        """
        here, agent = _network(address), username.casefold()
        is_known = self._is_known(tenant_id, here)
        if not is_known:
            self._check(_AGENT_ANYWHERE, "agent", tenant_id, agent)
        if not (is_known and exists):
            self._check(_ADDRESS, "address", tenant_id, here)
        self._check(_AGENT_HERE, "agent-here", tenant_id, agent, here)
        self._count(_AGENT_HERE, "agent-here", tenant_id, agent, here)

    def failed(self, tenant_id: TenantId, username: str, address: str) -> None:
        """The password did not fit."""
        self._count(_AGENT_ANYWHERE, "agent", tenant_id, username.casefold())
        self._count(_ADDRESS, "address", tenant_id, _network(address))

    def succeeded(self, tenant_id: TenantId, username: str, address: str) -> None:
        """The password fitted: forgives that agent's failures at that address, and remembers the address for a week."""
        here = _network(address)
        for limit in _AGENT_HERE:
            self._limiter.clear(limit, "agent-here", tenant_id, username.casefold(), here)
        self._limiter.clear(_KNOWN, "known", tenant_id, here)
        self._limiter.hit(_KNOWN, "known", tenant_id, here)

    def withdraw(self, tenant_id: TenantId, username: str, address: str) -> None:
        """The password was never looked at (the server was busy): the attempt does not count."""
        for limit in _AGENT_HERE:
            self._windows.give_back(limit.key_for("agent-here", tenant_id, username.casefold(), _network(address)))

    def token_failed(self, address: str) -> None:
        """A token did not fit. Good tokens are never held back: neighbours behind one address do no harm.

        Raises:
            TooManyRequestsError: To be told instead of "not authenticated".
        """
        self._check(_TOKENS, "token", _network(address))
        self._count(_TOKENS, "token", _network(address))

    def _is_known(self, tenant_id: TenantId, network: str) -> bool:
        return not self._limiter.test(_KNOWN, "known", tenant_id, network)

    def _check(self, limits: Iterable[RateLimitItem], *key: str) -> None:
        full = [limit for limit in limits if not self._limiter.test(limit, *key)]
        if not full:
            return
        now = self._clock.now().mono / 1000
        seconds = max(1, *(math.ceil(self._limiter.get_window_stats(limit, *key).reset_time - now) for limit in full))
        raise TooManyRequestsError(_SLOW_DOWN.format(seconds=seconds), retry_after=seconds)

    def _count(self, limits: Iterable[RateLimitItem], *key: str) -> None:
        for limit in limits:
            self._limiter.hit(limit, *key)


class _Windows(Storage, MovingWindowSupport):
    """Moving windows in memory on our own clock, bounded.

    The library's own memory storage reads the machine's wall clock (a stepped clock would open or close every window),
    starts a thread per request to forget old entries, and grows with every new key.
    """

    STORAGE_SCHEME = None

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._entries: OrderedDict[str, list[float]] = OrderedDict()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        _, used = self.get_moving_window(key, limit, expiry)
        if used + amount > limit:
            return False
        self._entries.setdefault(key, []).extend([self._now()] * amount)
        self._entries.move_to_end(key)
        while len(self._entries) > _MOST_KEYS:
            self._entries.popitem(last=False)
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Start of the window (its oldest entry) and how many entries are in it."""
        now = self._now()
        inside = [at for at in self._entries.get(key, ()) if at > now - expiry]
        if inside:
            self._entries[key] = inside
            return inside[0], len(inside)
        self._entries.pop(key, None)
        return now, 0

    def give_back(self, key: str) -> None:
        """Take the newest entry back."""
        if entries := self._entries.get(key):
            entries.pop()

    def clear(self, key: str) -> None:
        self._entries.pop(key, None)

    def reset(self) -> int | None:
        count = len(self._entries)
        self._entries.clear()
        return count

    def check(self) -> bool:
        return True

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        raise NotImplementedError  # fixed windows are not used here

    def get(self, key: str) -> int:
        raise NotImplementedError

    def get_expiry(self, key: str) -> float:
        raise NotImplementedError

    def _now(self) -> float:
        return self._clock.now().mono / 1000


def _network(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address  # a Unix socket has no address: all of its clients are one
    if isinstance(ip, ipaddress.IPv4Address):
        return address
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, 64), strict=False))
