"""What holds for every test."""

import asyncio.constants
import gc
import os

import pytest
from hypothesis import settings

from tests.examples import ALL

# Two profiles of drawn examples: `full` is what `make test` runs (and CI with it), `quick` is a fifth of it, for `make check`.
# CI judges a change, so it tries the same examples each time; a developer's machine looks for new ones at every run.
settings.register_profile(
    "full", max_examples=ALL, derandomize=bool(os.environ.get("CI")), deadline=None, print_blob=True
)
settings.register_profile("quick", settings.get_profile("full"), max_examples=ALL // 5)
settings.load_profile("full")  # unless --hypothesis-profile names the other

# asyncio's debug mode checks everything as ever; of where each callback came from it notes the last line and not the last ten,
# which took a third of the tests' time. Raise it to follow one.
asyncio.constants.DEBUG_STACK_DEPTH = 1

# `make test` has installed all that tests need: whatever would skip there would leave something untested unseen.
COMPLETE = os.environ.get("CALLSIDE_TEST_COMPLETE") == "1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if COMPLETE and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and `make test` skips nothing. {reason}"
    return report


def pytest_collection_finish():
    # A million objects of collected tests, looked at again and again, stop the process for a second or two at a time. An engine
    # under load loses callers meanwhile.
    gc.collect()
    gc.freeze()
