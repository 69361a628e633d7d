"""What holds for every test."""

import os

import pytest

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
