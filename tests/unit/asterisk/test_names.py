import re

import pytest

from callside.asterisk import names
from callside.asterisk.names import LegKind, LegMark

BAD = ["", "a-b", "a,b", "a/b", "ü", "a b", "1\n"]


def test_a_bridges_name_leads_back_to_its_session():
    assert names.session_of_bridge(names.line_bridge("1012", "0af3")) == ("1012", "0af3")


@pytest.mark.parametrize("other", ["", "line", "line-1", "line-1-2-3", "xline-1-2", "line-1-2\n", "trunk-1-2"])
def test_another_bridges_name_leads_nowhere(other):
    assert names.session_of_bridge(other) is None


def test_a_trunks_endpoint_leads_back_to_it():
    assert names.trunk_of_endpoint(names.trunk_endpoint("1012", "11")) == ("1012", "11")
    assert names.trunk_of_endpoint(names.extension_endpoint("1012", "11")) is None


@pytest.mark.parametrize("bad", BAD)
def test_an_id_that_could_break_a_name_is_refused(bad):
    for make in (names.line_bridge, names.trunk_endpoint, names.extension_endpoint, names.browser_endpoint):
        with pytest.raises(ValueError, match="can be part of a name"):
            make("1012", bad)
        with pytest.raises(ValueError, match="can be part of a name"):
            make(bad, "1")


def test_a_browsers_endpoint_is_the_same_each_time_and_tells_nothing():
    name = names.browser_endpoint("1012", "0af3")
    assert name == names.browser_endpoint("1012", "0af3")
    assert re.fullmatch("u[0-9a-f]{24}", name)
    assert name != names.browser_endpoint("1012", "0af4") != names.browser_endpoint("1013", "0af4")


@pytest.mark.parametrize("kind", LegKind)
def test_a_mark_is_read_back(kind):
    mark = LegMark(kind, "1012", "0af3")
    assert LegMark.read(mark.text.split(",")) == mark


@pytest.mark.parametrize(
    "words",
    [[], ["in"], ["snoop", "1", "2"], ["in", "+15550100900", "trunk-1-2"], ["out", "1", "2", "3"], ["out", "", "2"]],
)
def test_other_arguments_are_no_mark(words):
    assert LegMark.read(words) is None
