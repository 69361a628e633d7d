"""Requests' lines are written together, in their order, whole, and without secrets."""

import asyncio
import io
import json
import subprocess
import sys

import structlog

from callside.observability import MASK, redact_text, request_log, set_up_logs
from callside.request_lines import BatchedRequests, StructuredRequests
from tests.patience import PATIENCE_S

HANDLE = "1" + "0123456789" * 3 + "01234567"
ASKED = ("http.request", "GET", "/v1/agents", 200, 3, "192.0.2.7")


async def test_lines_wait_a_moment_and_are_written_together():
    stream = io.StringIO()
    requests = BatchedRequests(stream, redact_text)
    requests.tell(*ASKED)
    requests.tell("socket.closed", "GET", "/phone", None, 0, None)
    assert stream.getvalue() == ""
    async with asyncio.timeout(PATIENCE_S):
        while not stream.getvalue():
            await asyncio.sleep(0)
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert {
        "event": "http.request",
        "method": "GET",
        "path": "/v1/agents",
        "status": 200,
        "ms": 3,
    }.items() <= first.items()
    assert (first["client"], first["level"]) == ("192.0.2.7", "info")
    assert (second["status"], second["client"]) == (None, None)
    requests.close()


async def test_a_line_holds_what_the_other_events_hold():
    stream = io.StringIO()
    requests = BatchedRequests(stream, redact_text)
    requests.tell(*ASKED)
    requests.close()
    told = io.StringIO()
    set_up_logs("info", "json", told)
    try:
        StructuredRequests().tell(*ASKED)
    finally:
        structlog.reset_defaults()
    mine, theirs = json.loads(stream.getvalue()), json.loads(told.getvalue())
    assert mine.keys() == theirs.keys()
    assert len(mine.pop("timestamp")) == len(theirs.pop("timestamp"))
    assert mine == theirs


async def test_a_strangers_path_breaks_no_line_and_tells_no_secret():
    stream = io.StringIO()
    requests = BatchedRequests(stream, redact_text)
    for path in ('/"}\n{"event": "forged"}', f"/phone/{HANDLE}", "/\ud800", "/token=canary-7f3a"):
        requests.tell("http.request", "GET", path, 404, 0, "192.0.2.7")
    requests.close()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["http.request"] * 4
    assert HANDLE not in stream.getvalue()
    assert "canary-7f3a" not in stream.getvalue()
    assert MASK in lines[1]["path"]


async def test_no_event_overtakes_the_requests_before_it():
    stream = io.StringIO()
    set_up_logs("info", "json", stream)
    try:
        request_log().tell(*ASKED)
        structlog.get_logger("callside.tests").info("afterwards")
    finally:
        structlog.reset_defaults()
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["http.request", "afterwards"]


def test_where_requests_are_not_wanted_there_are_none():
    stream = io.StringIO()
    set_up_logs("warning", "json", stream)
    try:
        request_log().tell(*ASKED)
    finally:
        structlog.reset_defaults()
    assert stream.getvalue() == ""


def test_what_waits_at_the_end_of_the_process_is_written():
    program = """
import asyncio
from callside.observability import request_log, set_up_logs
async def main():
    set_up_logs("info", "json")
    request_log().tell("http.request", "GET", "/last", 200, 1, None)
asyncio.run(main())
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(ended.stderr)["path"] == "/last"
