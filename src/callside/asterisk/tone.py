"""Tones of our own: one that tells an agent of a call, and one for who waits where the engine has no music.

The first is short, and stored as the engine sends it to a desk phone (G.711 µ-law).

The engine's own beep is a third of a second of G.722, decoded anew for each call: a fifth of all that a call cost it.
"""

import math
from pathlib import Path
from typing import Final

TONE_VARIABLE: Final = "CALLSIDE_TONE"
"""Global variable of our engines' dialplan: where the tone lies, as ARI names it."""
TONE_NAME: Final = "tone"
"""Its file's name, without the ending, which the engine finds by itself."""
OTHER_TONE: Final = "beep"
"""What every engine has."""

_RATE: Final = 8_000
_HERTZ: Final = 700
_SECONDS: Final = 0.2
_PAUSE_SECONDS: Final = 4
_RAMP: Final = 80
"""Samples in which it swells and fades, so that it does not click."""
_LOUDNESS: Final = 8_000
_BIAS: Final = 0x84
_LOUDEST: Final = 32_635


def write_tone(folder: Path) -> None:
    """Write the tone into a folder, and once more as English, where the engine looks first, for 25 kinds of file."""
    (folder / "en").mkdir(exist_ok=True)
    for one in (folder, folder / "en"):
        _write(one / f"{TONE_NAME}.ulaw", _tone())


def write_waiting_tone(folder: Path) -> None:
    """Write what is heard instead of music into a folder of its own: the tone, and a pause."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    pause = _PAUSE_SECONDS * _RATE
    _write(folder / f"{TONE_NAME}.ulaw", _tone() + bytes([_ulaw(0)]) * pause)


def _tone() -> bytes:
    count = round(_RATE * _SECONDS)
    return bytes(_ulaw(_sample(place, count)) for place in range(count))


def _write(path: Path, samples: bytes) -> None:
    if not path.is_file() or path.read_bytes() != samples:
        path.write_bytes(samples)


def _sample(place: int, count: int) -> int:
    swell = min(1.0, place / _RAMP, (count - 1 - place) / _RAMP)
    return round(_LOUDNESS * swell * math.sin(2 * math.pi * _HERTZ * place / _RATE))


def _ulaw(sample: int) -> int:
    """ITU-T G.711: sign, three bits of the segment, four within it, all inverted."""
    size = min(abs(sample), _LOUDEST) + _BIAS
    segment = size.bit_length() - 8
    within = size >> (segment + 3) & 0x0F
    return ~((0x80 if sample < 0 else 0) | segment << 4 | within) & 0xFF
