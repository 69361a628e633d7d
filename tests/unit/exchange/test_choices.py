"""What a login's words for a queue, campaign or extension mean."""

import dataclasses

import pytest

from callside.agents.model import Extension
from callside.exchange.choices import chosen_assignment, chosen_extension
from callside.kernel.errors import NotFoundError
from callside.sessions.model import LoginType
from tests.fakes.logins import PASSWORD, TENANT, directory_of


@pytest.fixture
def directory():
    return directory_of(TENANT, 0, PASSWORD)


def test_an_id_comes_before_a_name_that_looks_like_it(directory):
    renamed = dataclasses.replace(directory.campaigns["282"], name="281")
    directory.campaigns["282"] = renamed
    assert chosen_assignment(directory, directory.agents["111"], LoginType.MANUAL, "281") == "281"


def test_an_extensions_id_comes_before_anothers_number(directory):
    directory.extensions["205"] = Extension("205", TENANT, "999")
    assert chosen_extension(directory, "205") == "205"
    assert chosen_extension(directory, "999") == "205"


def test_of_two_with_one_name_the_agents_own_is_meant(directory):
    directory.campaigns["280"] = dataclasses.replace(directory.campaigns["280"], name="Queue1")
    assert chosen_assignment(directory, directory.agents["111"], LoginType.PROGRESSIVE, "queue1") == "279"


def test_nothing_is_no_campaign(directory):
    with pytest.raises(NotFoundError):
        chosen_assignment(directory, directory.agents["111"], LoginType.MANUAL, "")
