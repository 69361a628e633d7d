"""The command line against a stopped installation and against a running one."""

import logging

import pytest
import structlog

from tests.fakes.command_line import CommandLine, ServerThread


@pytest.fixture(autouse=True)
def _own_log():
    """Commands set up the process's log; here it is pytest's again afterwards."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield
    root.handlers[:], root.level = before
    structlog.reset_defaults()


@pytest.fixture
def stopped(tmp_path):
    return CommandLine(tmp_path)


@pytest.fixture(params=["stopped", "running"])
def callside(request, tmp_path):
    """The same commands either way."""
    if request.param == "stopped":
        yield CommandLine(tmp_path)
        return
    with ServerThread(tmp_path):
        yield CommandLine(tmp_path)
