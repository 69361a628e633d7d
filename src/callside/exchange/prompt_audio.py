"""Prompts as sound: uploaded files and typed text become levelled audio files that the engine plays.

Kept are two forms of each, 8 kHz (``.wav``) and 16 kHz (``.sln16``), so that the engine resamples nothing in a call.
"""

import asyncio
import hashlib
import io
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from callside.exchange.voices import Voices
from callside.kernel.errors import InvalidFieldError, NotFoundError
from callside.kernel.ids import TenantId

LARGEST_FILE: Final = 10 * 1024 * 1024
LONGEST_S: Final = 300
LEVEL_DBFS: Final = -19
"""Loudness of what is kept: RMS over what is not silence."""
_TOO_QUIET_DBFS: Final = -45
_SILENCE_DBFS: Final = -60
_PEAK: Final = 0.89
_CLIPPED: Final = 0.999
_CLIPPED_SHARE: Final = 0.002
_FRAME_S: Final = 0.02
_RATES: Final = (8_000, 16_000)
_LEAST_RATE: Final = 4_000
_HIGHEST_RATE: Final = 96_000
_MOST_CHANNELS: Final = 8

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sound:
    """What was kept: the name of its files, its length, its loudness as it came, and which voice spoke it."""

    digest: str
    duration_ms: int
    level_dbfs: int
    spoken_by: str = ""


class PromptLibrary:
    """Where prompts' sounds lie: ``<folder>/<tenant>/<digest>.wav`` and ``….sln16``."""

    def __init__(self, folder: Path, voices: Voices = Voices()) -> None:  # noqa: B008 frozen
        self._folder = folder
        self._voices = voices
        # Five minutes of sound are a hundred megabytes once unpacked: many at a time would take the memory that calls need.
        self._one_at_a_time = asyncio.Semaphore(1)

    async def upload(self, tenant_id: TenantId, file: bytes) -> Sound:
        """Keep an audio file (WAV, MP3, FLAC, OGG).

        Raises:
            InvalidFieldError: It is no audio, too long, too quiet or clipped; the message says what to do.
        """
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._upload, tenant_id, file)

    async def speak(self, tenant_id: TenantId, text: str, voice: str) -> Sound:
        """Keep ``text`` as a voice of this installation says it.

        Raises:
            InvalidFieldError: There is nothing to say, or no such voice.
            ConflictError: The voice is not installed.
        """
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._speak, tenant_id, text, voice)

    def has(self, tenant_id: TenantId, digest: str) -> bool:
        """Whether the files are there."""
        return all((self._of(tenant_id) / f"{digest}.{suffix}").is_file() for suffix in ("wav", "sln16"))

    async def forget(self, tenant_id: TenantId, digest: str) -> None:
        """Take the files away."""
        await asyncio.to_thread(self._forget, tenant_id, digest)

    async def forget_all(self, tenant_id: TenantId) -> None:
        """The tenant is gone."""
        await asyncio.to_thread(shutil.rmtree, self._of(tenant_id), ignore_errors=True)

    def _upload(self, tenant_id: TenantId, file: bytes) -> Sound:
        samples, rate = _decode(file)
        level = _level(samples, rate)
        if level < _TOO_QUIET_DBFS:
            shown = "is silent" if level <= _SILENCE_DBFS else f"is too quiet ({level:.0f} dB of full scale)"
            raise InvalidFieldError(
                f"file: the recording {shown}; record it louder, around {LEVEL_DBFS} dB", field="file"
            )
        clipped = np.count_nonzero(samples >= _CLIPPED) + np.count_nonzero(samples <= -_CLIPPED)
        if clipped > _CLIPPED_SHARE * len(samples):
            msg = "file: the recording is clipped (too loud, it would crackle); record it again at a lower level"
            raise InvalidFieldError(msg, field="file")
        return self._keep(tenant_id, samples, rate, level)

    def _speak(self, tenant_id: TenantId, text: str, voice: str) -> Sound:
        if not any(one.isalnum() for one in text):
            raise InvalidFieldError("text: there is nothing to say; write a sentence", field="text")
        with tempfile.TemporaryDirectory(prefix="callside-prompt-") as folder:
            spoken = Path(folder) / "spoken.wav"
            # One paragraph: piper would make a sound of its own of each line.
            spoken_by = self._voices.speak(" ".join(text.split()), voice, spoken)
            samples, rate = _decode(spoken.read_bytes())
        return replace(self._keep(tenant_id, samples, rate, _level(samples, rate)), spoken_by=spoken_by)

    def _keep(self, tenant_id: TenantId, samples: Samples, rate: int, level: float) -> Sound:
        levelled = _levelled(samples, level)
        low, wide = (_pcm(soxr.resample(levelled, rate, wanted, quality="HQ")) for wanted in _RATES)
        digest = hashlib.sha256(wide.tobytes()).hexdigest()
        folder = self._of(tenant_id)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        wav = io.BytesIO()
        soundfile.write(wav, low, _RATES[0], subtype="PCM_16", format="WAV")
        _write(folder / f"{digest}.sln16", wide.tobytes())
        _write(folder / f"{digest}.wav", wav.getvalue())
        return Sound(digest, round(len(samples) * 1000 / rate), round(max(level, -99.0)))

    def _forget(self, tenant_id: TenantId, digest: str) -> None:
        for suffix in ("wav", "sln16"):
            (self._of(tenant_id) / f"{digest}.{suffix}").unlink(missing_ok=True)

    def _of(self, tenant_id: TenantId) -> Path:
        if not tenant_id.isalnum():
            raise NotFoundError("tenant: there is no such tenant", field="tenant")
        return self._folder / tenant_id


def _decode(file: bytes) -> tuple[Samples, int]:
    if len(file) > LARGEST_FILE:
        raise InvalidFieldError("file: it is larger than 10 MB; send a shorter or compressed one", field="file")
    try:
        with soundfile.SoundFile(io.BytesIO(file)) as sound:
            samples, rate = _mono(sound), int(sound.samplerate)
    except (soundfile.SoundFileError, RuntimeError, ValueError, TypeError):
        msg = "file: this is no audio that can be read; send a WAV or MP3 file"
        raise InvalidFieldError(msg, field="file") from None
    if len(samples) < rate // 10:
        raise InvalidFieldError("file: there is no sound in it (under a tenth of a second)", field="file")
    return samples, rate


def _mono(sound: Any) -> Samples:
    """All channels as one, read piece by piece and no further than allowed: a small file can unpack to a huge one."""
    rate = int(sound.samplerate)
    if not _LEAST_RATE <= rate <= _HIGHEST_RATE or sound.channels > _MOST_CHANNELS:
        msg = "file: its sampling rate or number of channels is unusual; send 8 to 96 kHz, mono or stereo"
        raise InvalidFieldError(msg, field="file")
    whole = np.empty(rate * LONGEST_S, dtype=np.float32)  # memory is taken only where something is written into it
    count = 0
    for piece in sound.blocks(blocksize=rate, dtype="float32", always_2d=True):
        if count + len(piece) > len(whole):
            raise InvalidFieldError("file: it is longer than 5 minutes; send a shorter one", field="file")
        piece.mean(axis=1, dtype=np.float32, out=whole[count : count + len(piece)])
        count += len(piece)
    return whole[:count]


def _level(samples: Samples, rate: int) -> float:
    """RMS in dB of full scale, over frames that are not silence."""
    size = max(1, int(rate * _FRAME_S))
    whole = samples[: len(samples) // size * size].reshape(-1, size)
    power = np.einsum("ij,ij->i", whole, whole, dtype=np.float64, casting="safe") / size
    loud = power[power > 10 ** (_SILENCE_DBFS / 10)]
    return float(10 * np.log10(np.mean(loud))) if len(loud) else -120.0


def _levelled(samples: Samples, level: float) -> Samples:
    """As loud as all prompts are, or a little less where peaks would be cut; in place."""
    gain = 10 ** ((LEVEL_DBFS - level) / 20)
    peak = max(float(np.max(samples)), -float(np.min(samples)))
    samples *= np.float32(min(gain, _PEAK / peak if peak > 0 else 1.0))
    return samples


def _pcm(samples: Samples) -> npt.NDArray[np.int16]:
    return np.asarray(np.clip(np.rint(samples * 32767), -32768, 32767), dtype="<i2")


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(content)
    fresh.replace(path)
