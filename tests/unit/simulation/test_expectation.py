"""What is told of predictive dialling before it is switched on comes from the pacing that would do it."""

from callside.dialer.pacing.model import PacingSettings
from callside.simulation.expectation import OwnFigures, expected

OWN = OwnFigures(agents=12, answer_rate=0.25, answer_s=10.2, failure_s=20.6, talk_s=120, wrap_s=20)


def test_progressive_is_the_closed_form_and_predictive_gains_on_it_within_its_target():
    found = expected(OWN, PacingSettings(target=0.025), hours=1.0)
    assert round(found.progressive, 3) == 0.66
    assert found.gain > 1.1
    assert found.abandoned < 0.03


def test_a_team_that_is_too_small_gains_nothing():
    small = OwnFigures(agents=4, answer_rate=0.25, answer_s=10.2, failure_s=20.6, talk_s=120, wrap_s=20)
    found = expected(small, PacingSettings(smallest_team=6), hours=2.0)
    assert (found.abandoned, abs(found.gain - 1) < 0.06) == (0.0, True)


def test_the_same_figures_give_the_same_answer():
    settings = PacingSettings()
    assert expected(OWN, settings, hours=0.25) == expected(OWN, settings, hours=0.25)
