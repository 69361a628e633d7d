"""How many drawn examples a test tries: all of them in `make test`, a fifth in `make check`."""

from hypothesis import settings

ALL = 100
"""What the profile `full` tries of a test that names no number (tests/conftest.py has the profiles)."""


def examples(number):
    """``number`` in the profile `full`, in proportion in another; at least two, or shrinking and replaying would be untried."""
    return max(2, number * settings.default.max_examples // ALL)
