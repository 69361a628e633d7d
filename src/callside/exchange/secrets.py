"""Secrets: how they are made, how they are kept, how they are compared."""

import asyncio
import base64
import hashlib
import hmac
import os
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple, Unpack

import argon2

from callside.kernel.errors import TooManyRequestsError

HANDLE_DIGITS = 39
_SMALLEST_HANDLE = 10 ** (HANDLE_DIGITS - 1)
_TOKEN_BYTES = 32
_BUSY_S = 2
_BUSY = "Too many logins at this moment. Send the same request again after {seconds} s."


_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")


def digest(text: str) -> str:
    """Lower-case hex SHA-256 of ``text`` in UTF-8: how tokens, handles, bearers and bindings are kept.

    A fast hash is right for them, because they are random; passwords go through :class:`PasswordHasher`.
    """
    return hashlib.sha256(text.encode()).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two texts are equal, in a time that tells nothing of where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def new_token() -> str:
    """A fresh token or bearer: 256 random bits, URL-safe, 43 characters."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def new_handle() -> str:
    """A fresh ``SessionId`` for the guide: 39 decimal digits, the first 1-9: 129 random bits (DESIGN §3.6)."""
    return str(_SMALLEST_HANDLE + secrets.randbelow(9 * _SMALLEST_HANDLE))


class PasswordHasher:
    """Argon2id with OWASP's parameters (t=2, 19 MiB, p=1), in threads of its own.

    Argon2 releases the GIL, so threads scale to the cores; more of them only cost memory (19 MiB each). Beyond
    ``waiting`` queued passwords callers are sent away instead of being kept (stack.md §3: some 50 per second and core): a shift of
    hundreds that logs in at one stroke waits for some seconds, and nobody for longer than a CRM's patience.

    Attributes:
        room: How many passwords may be running and queued together.
    """

    def __init__(
        self,
        *,
        time_cost: int = 2,
        memory_kib: int = 19456,
        threads: int | None = None,
        waiting: int = 1000,
    ) -> None:
        self._argon2 = argon2.PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)
        workers = threads or min(os.cpu_count() or 1, 4)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="argon2")
        self._busy = 0
        self.room = workers + waiting
        # Nobody's hash: verified when there is no such agent, so that the answer takes as long as for a wrong password.
        self._nobody = _hash_of_nothing(self._argon2)

    def close(self) -> None:
        """End the threads; what is queued is dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        """The hash to keep, in PHC form (parameters and salt are in it).

        Raises:
            TooManyRequestsError: The queue is full.
        """
        return await self._run(self._hash_now, password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether ``password`` fits. ``None`` for an agent that does not exist: takes as long, and is always ``False``.

        Raises:
            TooManyRequestsError: The queue is full.
        """
        fits = await self._run(self._verify_now, password_hash or self._nobody, password)
        return fits and password_hash is not None

    def needs_rehash(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._argon2.check_needs_rehash(password_hash)

    async def _run(self, work: Callable[[Unpack[_Ts]], _T], *args: *_Ts) -> _T:
        if self._busy >= self.room:
            raise TooManyRequestsError(_BUSY.format(seconds=_BUSY_S), retry_after=_BUSY_S)
        self._busy += 1
        job = self._pool.submit(work, *args)
        # Counted down when the thread is done, not when the caller stops waiting: a caller who leaves frees no thread.
        loop = asyncio.get_running_loop()
        job.add_done_callback(lambda _: loop.call_soon_threadsafe(self._done))
        return await asyncio.wrap_future(job)

    def _done(self) -> None:
        self._busy -= 1

    def _hash_now(self, password: str) -> str:
        return self._argon2.hash(_normal(password))

    def _verify_now(self, password_hash: str, password: str) -> bool:
        try:
            return self._argon2.verify(password_hash, _normal(password))
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False


def _hash_of_nothing(like: argon2.PasswordHasher) -> str:
    """In PHC form, with ``like``'s parameters, but random bytes for a hash: as dear to verify as any, and nothing fits it.

    Computing one would cost every command that opens the store 50 ms.
    """
    salt, digested = (
        base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (like.salt_len, like.hash_len)
    )
    costs = f"m={like.memory_cost},t={like.time_cost},p={like.parallelism}"
    return f"$argon2id$v={argon2.low_level.ARGON2_VERSION}${costs}${salt}${digested}"


def _normal(password: str) -> str:
    """One spelling for what looks the same on every keyboard (RFC 8265 §4.2: OpaqueString is in NFC)."""
    return unicodedata.normalize("NFC", password)
