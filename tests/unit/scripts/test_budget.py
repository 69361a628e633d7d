"""The gate on sizes and names finds what it is there for."""

import pytest

from scripts.budget import breaches_of


def test_a_file_of_four_hundred_lines_is_the_longest_allowed() -> None:
    assert breaches_of("src/callside/kernel/ids.py", "x = 1\n" * 400) == []
    assert breaches_of("tests/unit/test_ids.py", "x = 1\n" * 401) != []


def test_a_function_of_forty_lines_is_the_longest_allowed() -> None:
    forty = "def decide() -> None:\n" + "    x = 1\n" * 39
    assert breaches_of("src/callside/kernel/ids.py", forty) == []
    assert "decide() has 41 lines" in breaches_of("src/callside/kernel/ids.py", forty + "    y = 2\n")[0]


def test_a_docstring_does_not_count_towards_the_length() -> None:
    text = 'def decide() -> None:\n    """Say\n    much.\n    """\n' + "    x = 1\n" * 39
    assert breaches_of("src/callside/kernel/ids.py", text) == []


@pytest.mark.parametrize(
    "name",
    ["src/callside/utils.py", "src/callside/common/ids.py", "src/callside/call_data.py", "web/phone/src/helpers.ts"],
)
def test_a_module_name_that_says_nothing_is_refused(name: str) -> None:
    assert len(breaches_of(name, "")) == 1


@pytest.mark.parametrize("name", ["CallManager", "LeadInfo", "HTTPHandler"])
def test_a_class_whose_last_word_says_nothing_is_refused(name: str) -> None:
    assert len(breaches_of("src/callside/calls/model.py", f"class {name}:\n    pass\n")) == 1
    assert len(breaches_of("web/phone/src/call.ts", f"export class {name} {{}}\n")) == 1


def test_names_of_the_field_pass() -> None:
    text = "class DataChannelLeg:\n    pass\n\n\nclass Campaign:\n    pass\n"
    assert breaches_of("src/callside/calls/model.py", text) == []
