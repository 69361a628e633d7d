"""Logs carry no secrets, whoever wrote them and however."""

import contextlib
import io
import json
import logging
import os
from pathlib import Path

import pytest
import structlog

from callside.observability import MASK, Metrics, redact_text, request_log, set_up_logs

HANDLE = "1" + "0123456789" * 3 + "01234567"
SECRETS = ("canary-token-7f3a", "canary password", "canary-cookie")


@pytest.fixture
def written():
    """What was logged since; logging is put back afterwards."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = io.StringIO()
    set_up_logs("debug", "json", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level = before
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "event",
    [
        {"token": SECRETS[0]},
        {"Token": SECRETS[0]},
        {"AgentPassword": SECRETS[1]},
        {"agent_password": SECRETS[1]},
        {"Authorization": f"Bearer {SECRETS[0]}"},
        {"set_cookie": SECRETS[2]},
        {"session_handle": SECRETS[0]},
        {"body": {"Token": SECRETS[0], "deep": [{"password": SECRETS[1]}]}},
        {"headers": [("authorization", f"Bearer {SECRETS[0]}")]},
        {"text": f'{{"Token": "{SECRETS[0]}", "AgentPassword": "{SECRETS[1]}"}}'},
        {"text": f"token={SECRETS[0]}&password={SECRETS[2]}"},
        {"subprotocols": ["sip", f"bearer.{SECRETS[0]}"]},
        {"url": f"postgresql://callside:{SECRETS[0]}@db/callside"},
        {"body": f'{{"Token": "{SECRETS[0]}"}}'.encode()},
    ],
)
def test_a_secret_is_masked_wherever_it_stands(written, event):
    structlog.get_logger("callside.tests").info("tried", **event)
    text = json.dumps(written())
    assert not [one for one in SECRETS if one in text]
    assert MASK in text


@pytest.mark.parametrize(
    "value",
    [HANDLE, int(HANDLE), f"index.php?r=agent&session={HANDLE}", [HANDLE], {"a": HANDLE}],
    ids=["text", "number", "url", "list", "object"],
)
def test_a_phones_handle_is_masked_under_any_name(written, value):
    structlog.get_logger("callside.tests").info("seen", something=value)
    assert HANDLE not in json.dumps(written())


def test_what_is_no_secret_stays(written):
    structlog.get_logger("callside.tests").info(
        "http.request", path="/v1/tokens/12", status=401, number="+15550100123", token_id="12", ms=1.5
    )
    (line,) = written()
    assert {"path": "/v1/tokens/12", "status": 401, "number": "+15550100123", "token_id": "12"}.items() <= line.items()
    assert (line["level"], line["logger"], line["event"]) == ("info", "callside.tests", "http.request")


def test_libraries_and_traces_are_cleaned_too(written):
    def login(token):
        raise ValueError(f"cannot use token={token}")

    logging.getLogger("some.library").warning("connecting to %s", f"postgresql://u:{SECRETS[0]}@db")
    try:
        login(SECRETS[0])
    except ValueError:
        structlog.get_logger("callside.tests").exception("failed")
        logging.getLogger("some.library").exception("failed")
    assert len(written()) == 3
    assert "ValueError" in json.dumps(written())
    assert SECRETS[0] not in json.dumps(written())


def test_the_servers_own_access_log_is_silent(written):
    logging.getLogger("uvicorn.access").info('"GET /wp_plugin/index.php?r=agent&session=%s"', HANDLE)
    assert written() == []


@pytest.mark.parametrize(
    "text", ["tokens are kept hashed", "the cookie is missing", "secretary: 205", "bearer of news"]
)
def test_prose_is_not_mangled(text):
    assert redact_text(text) == text


def test_each_instance_counts_for_itself():
    one, other = Metrics(), Metrics()
    one.requests.labels("GET /healthz", "200").inc()
    assert (
        other.registry.get_sample_value("callside_http_requests_total", {"operation": "GET /healthz", "status": "200"})
        is None
    )


def full_disk():
    return Path("/dev/full").open("w", encoding="utf-8")


def reader_gone():
    reading, writing = os.pipe()
    os.close(reading)
    return os.fdopen(writing, "w", encoding="utf-8")


@pytest.mark.parametrize("made", [full_disk, reader_gone])
@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.usefixtures("written")
def test_a_log_that_cannot_be_written_takes_nothing_with_it(made, form):
    """A disk that is full is full for the log as well, in the very moment in which all that matters is said in it."""
    stream = made()
    set_up_logs("info", form, stream)
    log = structlog.get_logger("callside.tests")
    for _ in range(3):
        log.error("journal.stalled", exc_info=OSError(28, "No space left on device"))
        logging.getLogger("uvicorn.error").error("said by a library")
        requests = request_log()
        for _ in range(600):
            requests.tell("http.request", "GET", "/x" * 50, 200, 1, "203.0.113.9")
    set_up_logs("info", form, io.StringIO())
    with contextlib.suppress(OSError):
        stream.close()


@pytest.mark.usefixtures("written")
def test_a_log_goes_on_when_it_can_be_written_again():
    class Disk(io.StringIO):
        full = True

        def write(self, text):
            if self.full:
                raise OSError(28, "No space left on device")
            return super().write(text)

    disk = Disk()
    set_up_logs("info", "json", disk)
    log = structlog.get_logger("callside.tests")
    log.info("lost")
    log.info("lost too")
    disk.full = False
    log.info("kept")
    events = [json.loads(line) for line in disk.getvalue().splitlines()]
    assert [one["event"] for one in events] == ["log.lines_lost", "kept"]
    assert events[0]["count"] == 2
