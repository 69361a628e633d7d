"""Guessing passwords gets slow; nobody else is locked out by it (threat T10)."""

import asyncio
import dataclasses

import pytest

from callside.exchange.secrets import PasswordHasher
from tests.contract.conftest import Guide
from tests.contract.test_guide_errors import assert_refused
from tests.fakes.logins import HASHER, PASSWORD, TOKEN


class CountingHasher:
    """The cheap one, and how often it had to work."""

    def __init__(self):
        self.computed = 0

    async def verify(self, password_hash, password):
        self.computed += 1
        return await HASHER.verify(password_hash, password)

    needs_rehash = staticmethod(HASHER.needs_rehash)


@pytest.fixture
def hasher():
    return CountingHasher()


@pytest.fixture
def guide(exchange, hasher):
    return Guide(exchange, hasher)


@pytest.fixture
def crowd(guide):
    """The same, with hundreds of agents."""
    known = guide.exchange.directories["11111"]
    like, agents = known.agents["111"], dict(known.agents)
    for number in range(340):
        agents[f"9{number}"] = dataclasses.replace(like, id=f"9{number}", username=f"crowd{number}")
    guide.exchange.directories["11111"] = dataclasses.replace(known, agents=agents)

    def log_in_as(number):
        status = guide.log_in(AgentUsername=f"crowd{number}", LoginType="AUTO", CampaignName="").status_code
        return 200 if status == 403 else status  # they have no queue: the password was right

    guide.log_in_as = log_in_as
    return guide


def fail(guide, times, **more):
    return [guide.log_in(**{"AgentPassword": "Wrong7"} | more).status_code for _ in range(times)]


def test_the_sixth_failure_within_a_minute_is_told_when_to_come_back(guide, hasher):
    assert fail(guide, 7) == [401] * 5 + [429] * 2
    reply = guide.log_in()
    assert_refused(reply, 429, "60 s")
    assert reply.headers["retry-after"] == "60"
    assert hasher.computed == 5


def test_after_the_wait_the_right_password_works_and_forgives(guide):
    fail(guide, 5)
    wait = int(guide.log_in().headers["retry-after"])
    guide.exchange.clock.pass_seconds(wait - 1)
    assert guide.log_in().status_code == 429
    guide.exchange.clock.pass_seconds(1)
    assert guide.log_in().status_code == 200
    assert fail(guide, 6) == [401] * 5 + [429]


def test_going_on_makes_it_slower(guide):
    waits = []
    for _ in range(12):
        fail(guide, 5)
        waits.append(int(guide.log_in().headers["retry-after"]))
        guide.exchange.clock.pass_seconds(waits[-1])
    assert waits[:3] == [60, 60, 60]
    assert max(waits) > 3000


def test_while_somebody_guesses_the_agent_logs_in_from_elsewhere(guide):
    attacker, office = guide.at("203.0.113.9"), guide.at("198.51.100.1")
    fail(guide, 20, client=attacker)
    assert guide.log_in(client=attacker).status_code == 429
    assert guide.log_in(client=office).status_code == 200


def test_other_agents_at_the_same_address_log_in(guide):
    fail(guide, 20, AgentUsername="newcomer")
    assert guide.log_in().status_code == 200


def test_case_and_blanks_of_the_username_give_no_new_tries(guide, hasher):
    for username in ("agent1", "AGENT1", " agent1", "Agent1", "aGent1", "agENT1", "agent1 "):
        guide.log_in(AgentUsername=username, AgentPassword="Wrong7")
    assert hasher.computed == 5


def test_ten_thousand_guesses_are_hardly_looked_at(guide, hasher):
    async def guess():
        from callside.exchange.logins import LoginRequest
        from callside.kernel.errors import RequestError
        from callside.sessions.model import LoginType

        for number in range(10_000):
            wanted = LoginRequest("agent1", f"guess{number}", LoginType.AUTO, address=f"203.0.113.{number % 250}")
            with pytest.raises(RequestError):
                await guide.logins.open("11111", wanted)

    asyncio.run(guess())
    assert hasher.computed <= 100


def test_guessing_from_many_addresses_holds_back_only_unknown_ones(guide, hasher):
    office = guide.at("198.51.100.1")
    assert guide.log_in(client=office).status_code == 200
    for host in range(1, 30):
        fail(guide, 2, client=guide.at(f"203.0.113.{host}"))
    assert hasher.computed == 51
    stranger = guide.at("203.0.113.200")
    assert guide.log_in(client=stranger).status_code == 429
    assert guide.log_in(client=office).status_code == 200
    assert guide.log_in(client=stranger, AgentUsername="Zoë", LoginType="AUTO", CampaignName="").status_code == 403
    guide.exchange.clock.pass_seconds(3600)
    assert guide.log_in(client=stranger).status_code == 200


def test_going_through_many_agents_is_slowed_down_by_address(guide, hasher):
    for number in range(70):
        fail(guide, 1, AgentUsername=f"guess{number}")
    assert hasher.computed == 60
    assert guide.log_in().status_code == 429
    assert guide.log_in(client=guide.at("198.51.100.1")).status_code == 200


def test_a_crm_whose_agents_log_in_from_one_address_is_not_held_back_by_those_who_fail(crowd):
    """Forty agents with old passwords kept in the CRM, tried again and again: 200 failures a minute, and a shift of 300 beside them."""
    assert crowd.log_in(AgentUsername="agent1").status_code == 200
    for number in range(40):
        fail(crowd, 6, AgentUsername=f"crowd{number}")
    assert {crowd.log_in_as(number) for number in range(40, 340)} == {200}
    assert fail(crowd, 1, AgentUsername="crowd1") == [429]


def test_made_up_names_are_held_back_there_all_the_same_and_hold_nobody_back(guide, hasher):
    assert guide.log_in().status_code == 200
    statuses = [fail(guide, 1, AgentUsername=f"nobody{number}")[0] for number in range(100)]
    assert statuses == [401] * 60 + [429] * 40
    assert hasher.computed == 61
    assert guide.log_in().status_code == 200


def test_an_agent_can_be_guessed_at_from_a_crm_s_address_no_more_than_sixty_times_a_day(guide, hasher):
    assert guide.log_in().status_code == 200
    for _ in range(24 * 12):
        fail(guide, 6)
        guide.exchange.clock.pass_seconds(300)
    assert hasher.computed - 1 <= 60 + 20  # the day's end is a moving one


def test_the_addresses_of_one_ipv6_line_count_as_one(guide, hasher):
    for host in range(8):
        fail(guide, 1, client=guide.at(f"2001:db8:1:2::{host + 1:x}"))
    assert hasher.computed == 5
    assert guide.log_in(client=guide.at("2001:db8:1:3::1")).status_code == 200


def test_an_ipv4_client_on_an_ipv6_socket_is_the_same_client(guide, hasher):
    fail(guide, 3, client=guide.at("::ffff:203.0.113.9"))
    fail(guide, 3, client=guide.at("203.0.113.9"))
    fail(guide, 3, client=guide.at("::ffff:203.0.113.10"))
    assert hasher.computed == 8


def test_many_right_logins_are_no_attack(guide):
    assert {guide.log_in().status_code for _ in range(80)} == {200}


def test_parallel_guesses_are_counted_before_they_are_checked(guide, hasher):
    async def burst():
        from callside.exchange.logins import LoginRequest
        from callside.sessions.model import LoginType

        wanted = LoginRequest("agent1", "Wrong7", LoginType.AUTO, address="203.0.113.9")
        await asyncio.gather(*(guide.logins.open("11111", wanted) for _ in range(50)), return_exceptions=True)

    asyncio.run(burst())
    assert hasher.computed == 5


def test_wrong_tokens_without_end_are_slowed_down_but_good_ones_never(guide):
    replies = [guide.post("getExtensionId", {"Token": f"guess{number}"}) for number in range(61)]
    assert [reply.status_code for reply in replies] == [401] * 60 + [429]
    assert_refused(replies[-1], 429)
    assert guide.post("getExtensionId", {"Token": TOKEN}).status_code == 200


class BusyHasher:
    """A server with no room for another password."""

    def __init__(self):
        self.real = PasswordHasher(time_cost=1, memory_kib=8, threads=1)
        self.real.room = 0

    def __getattr__(self, name):
        return getattr(self.real, name)


def test_a_busy_server_sends_logins_away_without_counting_them(exchange):
    guide = Guide(exchange, BusyHasher())
    for _ in range(20):
        reply = guide.log_in()
        assert_refused(reply, 429, "Too many logins")
        assert reply.headers["retry-after"] == "2"
    guide.logins._hasher.real.room = 1
    assert guide.log_in(AgentPassword=PASSWORD).status_code == 200
