"""How often somebody may do something: token buckets by key, in bounded memory."""

import ipaddress
from collections import OrderedDict

from callside.kernel.clock import Clock

MAX_KEYS = 10_000


class Allowance:
    """``burst`` at once, then one more every ``refill_ms``; each key (an address, a socket) for itself.

    At most :data:`MAX_KEYS` keys are remembered; the one unused for longest is forgotten first.
    """

    def __init__(self, clock: Clock, *, burst: int, refill_ms: int) -> None:
        self._clock = clock
        self._burst = burst
        self._refill_ms = refill_ms
        self._spent_until: OrderedDict[str, int] = OrderedDict()

    def is_spent(self, key: str) -> bool:
        """Nothing is left for ``key`` now."""
        return self.wait_ms(key) > 0

    def wait_ms(self, key: str) -> int:
        """Milliseconds until something is left for ``key``; 0 when there is now."""
        behind = self._spent_until.get(key, 0) - self._clock.now().mono
        return max(0, behind - (self._burst - 1) * self._refill_ms)

    def spend(self, key: str) -> None:
        """Count one for ``key``, allowed or not."""
        now = self._clock.now().mono
        full = now + self._burst * self._refill_ms
        self._spent_until[key] = min(full, max(now, self._spent_until.get(key, now)) + self._refill_ms)
        self._spent_until.move_to_end(key)
        if len(self._spent_until) > MAX_KEYS:
            self._spent_until.popitem(last=False)


def address_key(client: str | None) -> str:
    """One key for one customer line: the IPv4 address, or the IPv6 /64."""
    if client is None:
        return "unknown"
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return client
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))
