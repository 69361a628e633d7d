from pathlib import Path

from callside.demo.numbers import CALLER_ID, CALLERS, FAR_SIDES, SALES_NUMBER, SUPPORT_NUMBER

DOCUMENT = Path(__file__).parents[3] / "docs" / "demo.md"


def test_the_documentation_shows_every_number_with_what_it_does():
    lines = DOCUMENT.read_text().splitlines()
    for side in FAR_SIDES:
        assert f"| `{side.number}` | {side.name} | {side.does} |" in lines


def test_the_documentation_shows_every_caller():
    text = DOCUMENT.read_text()
    for name, number in CALLERS.items():
        assert f"`--as {name}`" in text
        assert f"`{number}`" in text


def test_every_number_is_fictional_and_given_once():
    numbers = [side.number for side in FAR_SIDES]
    numbers += [*CALLERS.values(), CALLER_ID, SALES_NUMBER, SUPPORT_NUMBER]
    assert len(set(numbers)) == len(numbers)
    assert all(number.startswith("+155501") and len(number) == 12 for number in numbers)


def test_whoever_calls_in_acts_like_a_far_side_that_answers():
    sides = {side.name: side for side in FAR_SIDES}
    assert all("Answer()" in sides[name].dialplan for name in CALLERS)
