"""Secrets are random, kept as digests, and passwords cost what they should."""

import asyncio
import hashlib

import argon2
import pytest

from callside.exchange.secrets import PasswordHasher, digest, new_handle, new_token, same
from callside.kernel.errors import TooManyRequestsError
from tests.patience import PATIENCE_S


@pytest.fixture
def hasher():
    hasher = PasswordHasher(time_cost=1, memory_kib=8, threads=1, waiting=1)
    yield hasher
    hasher.close()


def test_a_digest_is_sha_256_in_hex():
    assert digest("é") == hashlib.sha256("é".encode()).hexdigest()


def test_handles_have_39_digits_and_never_a_zero_in_front():
    handles = {new_handle() for _ in range(2000)}
    assert len(handles) == 2000
    assert all(len(handle) == 39 and handle.isdecimal() and handle[0] != "0" for handle in handles)
    assert {handle[0] for handle in handles} == set("123456789")


def test_tokens_carry_256_bits():
    assert len({new_token() for _ in range(100)}) == 100
    assert all(len(new_token()) == 43 for _ in range(10))


def test_texts_are_compared_whole():
    assert same("é1", "é1")
    assert not same("é1", "é2")


async def test_a_password_fits_only_its_own_hash(hasher):
    kept = await hasher.hash("correct horse")
    assert await hasher.verify(kept, "correct horse")
    assert not await hasher.verify(kept, "Correct horse")


async def test_nobodys_password_never_fits(hasher):
    assert not await hasher.verify(None, "anything")


async def test_nobodys_hash_costs_what_a_wrong_password_costs(hasher):
    assert argon2.extract_parameters(hasher._nobody) == argon2.extract_parameters(await hasher.hash("x"))
    with pytest.raises(argon2.exceptions.VerifyMismatchError):
        hasher._argon2.verify(hasher._nobody, "anything")


async def test_a_hash_that_is_none_fits_nothing(hasher):
    assert not await hasher.verify("", "")
    assert not await hasher.verify("not a hash", "anything")


async def test_one_password_typed_on_two_systems_is_one_password(hasher):
    assert await hasher.verify(await hasher.hash("Zoe\u0308"), "Zo\u00eb")


async def test_the_default_cost_is_the_one_that_owasp_asks_for():
    hasher = PasswordHasher(threads=1)
    kept = argon2.extract_parameters(await hasher.hash("x"))
    hasher.close()
    assert (kept.type, kept.time_cost, kept.memory_cost, kept.parallelism) == (argon2.Type.ID, 2, 19456, 1)


async def test_other_parameters_ask_for_a_new_hash(hasher):
    stronger = PasswordHasher(time_cost=2, memory_kib=8, threads=1)
    assert hasher.needs_rehash(await stronger.hash("x"))
    assert not hasher.needs_rehash(await hasher.hash("x"))
    stronger.close()


async def test_beyond_the_queue_callers_are_sent_away_and_room_comes_back(hasher):
    results = await asyncio.gather(*(hasher.hash("x") for _ in range(5)), return_exceptions=True)
    assert [type(one) for one in results].count(TooManyRequestsError) == 3
    assert await hasher.hash("y")


async def test_a_caller_who_leaves_does_not_leave_the_place_taken(hasher):
    async with asyncio.timeout(PATIENCE_S):
        for _ in range(4):
            job = asyncio.get_running_loop().create_task(hasher.hash("x"))
            await asyncio.sleep(0)
            job.cancel()
            with pytest.raises(asyncio.CancelledError):
                await job
            while hasher._busy:
                await asyncio.sleep(0)
        assert await hasher.hash("y")


async def test_a_shift_of_hundreds_that_logs_in_at_one_stroke_waits_and_is_not_sent_away():
    hasher = PasswordHasher(time_cost=1, memory_kib=8, threads=1)
    kept = await hasher.hash("Apples7")
    assert all(await asyncio.gather(*(hasher.verify(kept, "Apples7") for _ in range(800))))
    hasher.close()
