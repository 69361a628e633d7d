"""The ears of these tests: they hear what is there and nothing else."""

import numpy as np
import pytest

from tests.browser.sound import FAR_HZ, MICROPHONE_HZ, Sound, write_speaker

pytestmark = pytest.mark.browser
RATE = 8000


def tone(hz, seconds, strength=0.2):
    return strength * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)


def silence(seconds):
    return np.zeros(int(seconds * RATE))


def test_a_tone_is_heard_and_its_neighbour_is_not():
    sound = Sound(tone(MICROPHONE_HZ, 1), RATE)
    assert sound.has(MICROPHONE_HZ)
    assert not sound.has(FAR_HZ)
    assert sound.level(MICROPHONE_HZ) == pytest.approx(20 * np.log10(0.2), abs=0.1)


def test_two_tones_at_once_are_both_heard():
    sound = Sound(tone(MICROPHONE_HZ, 1) + tone(FAR_HZ, 1), RATE)
    assert sound.has(MICROPHONE_HZ)
    assert sound.has(FAR_HZ)


def test_silence_noise_and_nothing_have_no_tone():
    noise = np.random.default_rng(7).normal(0, 0.1, RATE)
    for samples in (silence(1), noise, []):
        assert not Sound(samples, RATE).has(FAR_HZ)


def test_a_gap_is_found_with_its_length():
    sound = Sound(np.concatenate([tone(700, 1), silence(0.5), tone(700, 2), silence(1)]), RATE)
    assert sound.runs(700) == [(True, 1.0), (False, 0.5), (True, 2.0), (False, 1.0)]
    assert sound.between(700).longest(700, there=False) == 0.5


def test_the_speaker_for_the_microphone_is_a_tone_throughout(tmp_path):
    sound = Sound.read(write_speaker(tmp_path / "tone.wav"))
    assert sound.longest(MICROPHONE_HZ, there=True) == pytest.approx(sound.seconds, abs=0.01)
