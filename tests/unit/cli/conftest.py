"""The command line against a stopped installation and against a running one."""

import pytest

from tests.fakes.command_line import CommandLine, ServerThread


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
