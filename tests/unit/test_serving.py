"""What a running server has of the machine."""

import resource

import pytest

from callside.serving import run_until_done


@pytest.fixture
def few_files():
    """As on most machines: the soft limit is low, the hard one is not."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1_024, before[1]), before[1]))
    yield before[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_server_may_hold_as_many_sockets_as_the_machine_allows(few_files):
    """2,000 phones are three times as many; with the usual 1,024 the 340th agent was refused, and everybody else with them."""
    seen = []

    async def look():
        seen.append(resource.getrlimit(resource.RLIMIT_NOFILE))

    run_until_done(look())
    assert seen == [(min(few_files, 65_536), few_files)]
