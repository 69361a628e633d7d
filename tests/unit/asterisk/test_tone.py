"""The tone for agents, heard through the decoder of G.711."""

import numpy as np

from callside.asterisk.tone import write_tone


def decoded(code: int) -> int:
    code = ~code & 0xFF
    size = (((code & 0x0F) << 3) + 0x84 << (code >> 4 & 7)) - 0x84
    return -size if code & 0x80 else size


def test_it_is_a_short_tone_of_700_hertz_without_a_click(tmp_path):
    write_tone(tmp_path)
    samples = np.array([decoded(one) for one in (tmp_path / "tone.ulaw").read_bytes()])
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    assert len(samples) == 1_600
    assert np.fft.rfftfreq(len(samples), 1 / 8_000)[spectrum.argmax()] == 700
    assert 7_000 < samples.max() < 9_000
    assert abs(samples[:3]).max() < 500
    assert abs(samples[-3:]).max() < 500


def test_the_engine_finds_it_where_it_looks_first(tmp_path):
    write_tone(tmp_path)
    assert (tmp_path / "en/tone.ulaw").read_bytes() == (tmp_path / "tone.ulaw").read_bytes()
