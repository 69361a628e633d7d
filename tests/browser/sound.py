"""Tones in samples: made for the fake microphone, found again at both ends. Frequencies in Hz, levels in dB of full scale."""

import wave

import numpy as np
import soundfile

MICROPHONE_HZ = 700
FAR_HZ = 1000
HEARD_DB = -45
"""A tone at this level or above is heard; call levels lie some 30 dB above it, the noise of companding below."""
_STEP_S = 0.1


class Sound:
    """Some seconds of mono samples between -1 and 1."""

    def __init__(self, samples, rate):
        self.samples = np.asarray(samples, dtype=np.float64)
        self.rate = rate

    @classmethod
    def read(cls, path):
        samples, rate = soundfile.read(path)
        return cls(samples, rate)

    @property
    def seconds(self):
        return len(self.samples) / self.rate

    def level(self, hz):
        """Level of the sine at ``hz`` (Goertzel's sum, under a Hann window so that neighbours do not leak in)."""
        count = len(self.samples)
        if count == 0:
            return -200.0
        window = np.hanning(count)
        turning = np.exp(-2j * np.pi * hz * np.arange(count) / self.rate)
        amplitude = 2 * abs(np.sum(self.samples * window * turning)) / np.sum(window)
        return 20 * np.log10(max(amplitude, 1e-10))

    def loudness(self):
        """Level of everything."""
        power = np.mean(self.samples**2) if len(self.samples) else 0
        return 10 * np.log10(max(2 * power, 1e-20))

    def has(self, hz):
        """The tone is there, and is more than a part of some music."""
        level = self.level(hz)
        return bool(level > HEARD_DB and level > self.loudness() - 12)

    def cut(self, from_s, to_s):
        return Sound(self.samples[int(from_s * self.rate) : int(to_s * self.rate)], self.rate)

    def pieces(self, seconds=_STEP_S):
        size = int(seconds * self.rate)
        for start in range(0, len(self.samples) - size + 1, size):
            yield Sound(self.samples[start : start + size], self.rate)

    def runs(self, hz):
        """How the tone came and went: ``[(there, seconds), …]``."""
        found = []
        for piece in self.pieces():
            there = piece.has(hz)
            if found and found[-1][0] == there:
                found[-1] = (there, found[-1][1] + _STEP_S)
            else:
                found.append((there, _STEP_S))
        return [(there, round(lasted, 1)) for there, lasted in found]

    def longest(self, hz, *, there):
        """The longest time in one piece with (or without) the tone, in seconds."""
        return max((lasted for is_there, lasted in self.runs(hz) if is_there is there), default=0.0)

    def between(self, hz):
        """From the first to the last moment with the tone."""
        there = [number for number, piece in enumerate(self.pieces()) if piece.has(hz)]
        size = int(_STEP_S * self.rate)
        return Sound(self.samples[there[0] * size : (there[-1] + 1) * size] if there else [], self.rate)


def write_speaker(path, hz=MICROPHONE_HZ, seconds=4.0, rate=48_000):
    """A WAV for the fake microphone, which plays it over and over: whole turns, so that there is no click between."""
    at = np.arange(int(seconds * rate)) / rate
    samples = (0.3 * np.sin(2 * np.pi * hz * at) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.tobytes())
    return path
