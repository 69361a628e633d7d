"""Who says a text: piper, where it and a model of the language are installed, else espeak-ng. Both are programs of their own."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callside.kernel.errors import ConflictError, InvalidFieldError

ESPEAK: Final = "espeak-ng"
PIPER: Final = "piper"
_SPEAKING_S: Final = 60
_MODEL: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}\Z")


def voice_program() -> str | None:
    """Path of espeak-ng; ``None`` where it is not installed."""
    return shutil.which(ESPEAK)


@dataclass(frozen=True, slots=True)
class Voices:
    """The voices of this installation.

    A prompt's ``voice`` is a language (``en-us``: the best voice there is of it), ``espeak:en-us``, or ``piper:MODEL``.

    Attributes:
        models: Folder of piper's models, ``MODEL.onnx`` with ``MODEL.onnx.json``; ``None``: piper is not used.
        piper: Its program; ``None``: looked for in the path.
    """

    models: Path | None = None
    piper: Path | None = None

    def speak(self, text: str, voice: str, spoken: Path) -> str:
        """Write ``text`` as a WAV file to ``spoken``; which voice it was, and why not the one asked for if so.

        Raises:
            InvalidFieldError: It takes too long to say, or there is no such voice.
            ConflictError: No voice is installed.
        """
        kind, _, name = voice.rpartition(":")
        if kind == ESPEAK.removesuffix("-ng"):
            return _espeak(text, name, spoken)
        model, lacks = self._model(name, named=kind == PIPER)
        program = self.program()
        if model is not None and program is not None:
            _run(
                [program, "-m", str(model), "-f", str(spoken)],
                text,
                spoken,
                f"{PIPER} cannot use the model {model.stem}",
            )
            return f"{PIPER} {model.stem}"
        if kind != PIPER:
            return _espeak(text, name, spoken)
        why = lacks or f"the program {PIPER} is not installed"
        return f"{_espeak(text, _language(name), spoken)}: {why}"

    def program(self) -> str | None:
        """Path of piper; ``None`` where it is not installed or has no models."""
        if self.models is None:
            return None
        return shutil.which(str(self.piper) if self.piper is not None else PIPER)

    def names(self) -> list[str]:
        """The models that are there."""
        folder = self.models
        return sorted(one.stem for one in folder.glob("*.onnx")) if folder is not None and folder.is_dir() else []

    def _model(self, name: str, *, named: bool) -> tuple[Path | None, str]:
        if self.models is None:
            return None, "no folder of models is configured (CALLSIDE_PIPER_VOICES)"
        fits = [one for one in self.names() if name == (one if named else _language(one))]
        if not fits or not _MODEL.match(fits[0]):
            return None, f"there is no model {name}"
        return self.models / f"{fits[0]}.onnx", ""


def _language(model: str) -> str:
    """``en_US-lessac-medium`` is of ``en-us``."""
    return model.partition("-")[0].replace("_", "-").lower()


def _espeak(text: str, voice: str, spoken: Path) -> str:
    program = voice_program()
    if program is None:
        msg = "text: no voice is installed here; run: apt install espeak-ng, or upload a recording"
        raise ConflictError(msg, field="text")
    complaint = f"{ESPEAK} has no voice {voice!r}; see: {ESPEAK} --voices"
    _run([program, "-v", voice, "-s", "150", "--stdin", "-w", str(spoken)], text, spoken, complaint)
    return f"{ESPEAK} {voice}"


def _run(order: Sequence[str], text: str, spoken: Path, complaint: str) -> None:
    try:
        done = subprocess.run(order, input=text.encode(), capture_output=True, timeout=_SPEAKING_S, check=False)
    except subprocess.TimeoutExpired:
        raise InvalidFieldError("text: it takes too long to say; write less", field="text") from None
    except OSError:
        raise InvalidFieldError(f"voice: {complaint}", field="voice") from None
    if done.returncode != 0 or not spoken.is_file():
        raise InvalidFieldError(f"voice: {complaint}", field="voice")
