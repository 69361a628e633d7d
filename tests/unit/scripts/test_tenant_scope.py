"""The gate on tenants finds a query that forgets its tenant."""

from scripts.tenant_scope import breaches_of

MODULE = """
from typing import Final

ACROSS_TENANTS: Final = {"Agents.tenant_of_token": "a token is what names the tenant"}

class Agents:
    def __init__(self, connection): ...
    async def by_username(self, tenant_id, username): ...
    async def add(self, *, tenant_id, agent): ...
    async def tenant_of_token(self, token_hash): ...
    def _row(self, row): ...
"""


def test_queries_that_take_the_tenant_and_named_exceptions_pass() -> None:
    assert breaches_of("agents.py", MODULE) == []


def test_a_method_without_its_tenant_is_found() -> None:
    found = breaches_of("agents.py", MODULE + "    async def all_of_them(self): ...\n")
    assert found == [
        "agents.py:12: Agents.all_of_them() takes no tenant_id: scope it, or give the reason in ACROSS_TENANTS"
    ]


def test_a_coroutine_outside_a_class_is_looked_at_too() -> None:
    assert len(breaches_of("agents.py", "async def sessions(connection): ...\n")) == 1


def test_an_exception_wants_a_reason_and_a_use() -> None:
    without_reason = MODULE.replace("a token is what names the tenant", " ")
    assert breaches_of("agents.py", without_reason) == [
        "agents.py: ACROSS_TENANTS['Agents.tenant_of_token'] gives no reason"
    ]
    without_use = MODULE.replace("token_hash", "tenant_id")
    assert breaches_of("agents.py", without_use) == [
        "agents.py: ACROSS_TENANTS names Agents.tenant_of_token, which needs no exception"
    ]
