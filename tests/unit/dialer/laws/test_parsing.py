import re
from importlib.resources import files

import pytest

from callside.dialer.laws.model import Evidence, Mode, Purpose
from callside.dialer.laws.parsing import RULES, parse
from callside.kernel.errors import InvalidFieldError
from callside.reception.model import Holiday, WeekWindow, Window

TEXTS = {
    one.name: one.read_text(encoding="utf-8")
    for one in files("callside.dialer.laws").joinpath("profiles").iterdir()
    if one.name.endswith(".toml")
}
UK, IN = TEXTS["uk-1.toml"], TEXTS["in-1.toml"]


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_profile_can_be_read_and_is_named_as_its_file(name):
    assert f"{parse(TEXTS[name]).key}.toml" == name


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_rule_says_where_it_comes_from(name):
    profile = parse(TEXTS[name])
    assert set(profile.origins) == set(RULES)
    assert all(origin.source for origin in profile.origins.values())


def test_what_was_not_verified_is_said_in_the_file_itself():
    assert not parse(UK).origins["scrub"].verified
    assert parse(TEXTS["ca-1.toml"]).origins["windows"].evidence is Evidence.MEMORY
    assert parse(TEXTS["us-1.toml"]).origins["abandonment"].verified


def test_a_file_becomes_a_profile():
    uk = parse(UK)
    assert uk.windows.weekly[5] == WeekWindow(5, 9 * 60, 20 * 60)
    assert Holiday("2026-12-25") in uk.windows.holidays
    assert Holiday("2026-04-06", (Window(600, 1080),)) in uk.windows.holidays
    assert (uk.min_ring_s, uk.abandonment.target, uk.abandonment.opted_in_target) == (15, 0.0, 0.03)
    assert uk.safe_message.must_say == {"who", "why", "opt_out"}
    assert Mode.PREDICTIVE in uk.modes.allowed
    assert parse(IN).caller_id.series[Purpose.PROMOTIONAL].only == ("140",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("format = 1", "format = 2", "format: only format 1"),
        ('id = "uk"', 'id = "U K"', "id: write a short name"),
        ("version = 1", "version = 0", "version: write a whole number from 1"),
        ("version = 1", "version = true", "version: write a whole number from 1"),
        ('title = "United Kingdom"', "", "title: write a text"),
        ("effective_from = 2017-03-01", 'effective_from = "2017-03-01"', "effective_from: write a date"),
        ("min_s = 15", "min_s = 15\nmin_sec = 15", "ring.min_sec: this file format has no such key"),
        ("min_s = 15", "min_s = -1", "ring.min_s: write a whole number"),
        ("min_s = 15", "", "ring.min_s: write a whole number"),
        ("target = 0.0\n", "target = 3\n", "abandonment.target: write a share"),
        ("target = 0.0\n", "target = 0.5\n", "abandonment.opted_in_target: must not be lower"),
        (
            'clock_start = "answer"',
            'clock_start = "ring"',
            "abandonment.clock_start: write one of answer, greeting_end",
        ),
        (
            'kind = "rolling"',
            'kind = "calendar_month"\nzone = "Mars/Base"',
            "abandonment.window.zone: there is no such time zone",
        ),
        ("hours = 24\n", "hours = 24\ndays = 1\n", "abandonment.window.days: this file format has no such key"),
        ("required = true\nmust_say", 'required = "yes"\nmust_say', "safe_message.required: write true or false"),
        ('"opt_out"]', '"marketing"]', "safe_message.must_say: only who, why"),
        ('key = "9"', 'key = "99"', "opt_out.key: write one key"),
        ('list = "tenant"', 'list = "world"', "opt_out.list: write campaign or tenant"),
        ("mon-fri 08:00", "fri-mon 08:00", "windows.weekly: 'fri-mon 08:00-21:00' should be like"),
        ("mon-fri 08:00", "mon-fri 8:00", "windows.weekly: '8:00-21:00' should be like"),
        ("mon-fri 08:00", "mon-fri 22:00", "windows.weekly: '22:00-21:00' should end after it begins"),
        ("08:00-21:00", "08:00-24:30", "should end after it begins, at 24:00 at the latest"),
        ("2026-12-25 = []", "2026-02-30 = []", "windows.holidays.2026-02-30: there is no such date"),
        ("2026-12-25 = []", "christmas = []", "windows.holidays.christmas: write a date"),
        ("holidays_until = 2030-12-31", "", "windows.holidays_until: write the last date"),
        ('"PREDICTIVE"]', '"RATIO"]', "modes.allowed: write a list of MANUAL"),
        ("[records]", "[recrods]", "records: is missing"),
        ('evidence = "memory"', 'evidence = "sure"', "evidence: write one of excerpt, secondary, memory, house"),
        ("[ring]", "[ring", "profile: this is not TOML"),
    ],
)
def test_a_broken_file_is_refused_with_the_key_and_the_remedy(old, new, message):
    assert old in UK
    with pytest.raises(InvalidFieldError, match=re.escape(message)):
        parse(UK.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('country_code = "91"', 'country_code = "+91"', "caller_id.country_code: write digits"),
        ('only = ["140"]', 'only = ["14o"]', "caller_id.series.promotional.only: and never are lists"),
        ("series.promotional", "series.advertising", "caller_id.series.advertising: write one of promotional"),
        ("token = true", "token = 1", "scrub.token: write true or false"),
    ],
)
def test_a_broken_series_or_scrub_is_refused_too(old, new, message):
    assert old in IN
    with pytest.raises(InvalidFieldError, match=re.escape(message)):
        parse(IN.replace(old, new, 1))


@pytest.mark.parametrize("text", ["", "[]", "format = 1", "\0", "format = 1\n" + "[windows]\n" * 2, "x" * 100_000])
def test_rubbish_is_refused(text):
    with pytest.raises(InvalidFieldError):
        parse(text)
