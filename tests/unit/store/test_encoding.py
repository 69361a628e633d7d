"""Live rows as text: what was written by another version of us is still read."""

import json

from callside.agents.machine import AgentState
from callside.floor.live import LiveSession
from callside.kernel.clock import Moment
from callside.sessions.model import LoginType
from callside.store.encoding import from_json, key_of, to_json

NOW = Moment(5, 1_790_000_000_005)
ROW = LiveSession("s", "101", LoginType.AUTO, ("271",), None, None, NOW, AgentState.READY, NOW, NOW)


def test_a_field_that_an_older_version_did_not_write_takes_its_default():
    older = json.loads(to_json(ROW))
    del older["all_queues"], older["seq"]
    assert from_json(json.dumps(older), LiveSession) == ROW


def test_a_field_that_a_newer_version_wrote_is_passed_over():
    newer = {**json.loads(to_json(ROW)), "skills": ["sales"]}
    assert from_json(json.dumps(newer), LiveSession) == ROW


def test_half_a_surrogate_pair_does_not_keep_a_row_from_being_written():
    assert from_json(to_json({"name": "a\ud800", "more": ["\udfff"]}), dict) == {"name": "a\ufffd", "more": ["\ufffd"]}


def test_names_are_compared_without_case_in_every_alphabet():
    assert key_of("STRASSE") == key_of("straße")
    assert key_of("ÄLTER") == key_of("älter")
