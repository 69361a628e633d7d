"""What holds for every test."""

import gc
import os

import pytest
from hypothesis import settings

# CI judges a change, so it tries the same examples each time; a developer's machine looks for new ones at every run.
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("developer", deadline=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "developer")

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
