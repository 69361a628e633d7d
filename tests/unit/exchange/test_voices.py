"""Who says a text. Piper itself is no part of the tests: a program of ours stands in its place, at the edge of the process."""

import os
import shutil
import sys

import pytest
import soundfile

from callside.cli.checks.machine import check_piper
from callside.config import Settings
from callside.exchange.prompt_audio import PromptLibrary
from callside.exchange.voices import Voices
from callside.kernel.errors import ConflictError, InvalidFieldError

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")

_STAND_IN = """#!{python}
import sys, wave
words = dict(zip(sys.argv[1::2], sys.argv[2::2]))
text = sys.stdin.read()
open({heard!r}, "w").write(words["-m"] + " " + text)
if "broken" in words["-m"]:
    sys.exit("cannot load the model")
with wave.open(words["-f"], "wb") as sound:
    sound.setnchannels(1); sound.setsampwidth(2); sound.setframerate(22050)
    sound.writeframes(bytes(b for n in range(22050) for b in (9000 if n // 25 % 2 else -9000).to_bytes(2, "little", signed=True)))
"""


@pytest.fixture
def heard(tmp_path):
    return tmp_path / "heard"


@pytest.fixture
def piper(tmp_path, heard):
    program = tmp_path / "piper"
    program.write_text(_STAND_IN.format(python=sys.executable, heard=str(heard)))
    program.chmod(0o700)
    return program


@pytest.fixture
def models(tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    for name in ("en_US-first-medium", "en_US-second-low", "de_DE-broken-low"):
        (folder / f"{name}.onnx").touch()
    return folder


def test_a_language_is_spoken_by_the_first_model_of_it(tmp_path, heard, piper, models):
    spoken = tmp_path / "spoken.wav"
    assert Voices(models, piper).speak("Welcome; $(rm)", "en-us", spoken) == "piper en_US-first-medium"
    assert soundfile.info(spoken).samplerate == 22_050
    assert heard.read_text() == f"{models}/en_US-first-medium.onnx Welcome; $(rm)"


def test_a_model_is_chosen_by_its_name(tmp_path, piper, models):
    named = Voices(models, piper).speak("Welcome", "piper:en_US-second-low", tmp_path / "spoken.wav")
    assert named == "piper en_US-second-low"


@needs_espeak
@pytest.mark.parametrize(
    ("voice", "said"),
    [
        ("espeak:en-us", "espeak-ng en-us"),
        ("fr", "espeak-ng fr"),
        ("piper:fr_FR-none-low", "espeak-ng fr-fr: there is no model fr_FR-none-low"),
    ],
)
def test_where_there_is_no_such_model_espeak_ng_speaks_and_it_is_said(tmp_path, piper, models, voice, said):
    assert Voices(models, piper).speak("Welcome", voice, tmp_path / "spoken.wav") == said


@needs_espeak
def test_without_piper_espeak_ng_speaks_and_it_is_said(tmp_path, models):
    voices = Voices(models, tmp_path / "not-there")
    assert voices.speak("Welcome", "en-us", tmp_path / "spoken.wav") == "espeak-ng en-us"
    said = voices.speak("Welcome", "piper:en_US-first-medium", tmp_path / "spoken.wav")
    assert said == "espeak-ng en-us: the program piper is not installed"
    assert "no folder of models" in Voices().speak("Hi", "piper:en_US-x", tmp_path / "spoken.wav")


def test_a_model_that_piper_cannot_use_is_named(tmp_path, piper, models):
    with pytest.raises(InvalidFieldError, match="cannot use the model de_DE-broken-low"):
        Voices(models, piper).speak("Willkommen", "piper:de_DE-broken-low", tmp_path / "spoken.wav")


def test_where_no_voice_is_installed_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(ConflictError, match="apt install espeak-ng"):
        Voices().speak("Welcome", "en-us", tmp_path / "spoken.wav")


def test_a_name_of_a_model_leads_to_no_other_file(tmp_path, piper, models):
    (tmp_path / "secret.onnx").touch()
    said = Voices(models, piper)
    with pytest.raises(InvalidFieldError, match="voice: "):
        said.speak("Welcome", "piper:../secret", tmp_path / "spoken.wav")


async def test_a_prompt_keeps_who_spoke_it_and_is_levelled_as_all_are(tmp_path, piper, models):
    library = PromptLibrary(tmp_path / "prompts", Voices(models, piper))
    sound = await library.speak("1012", "Two\nlines", "en-us")
    assert sound.spoken_by == "piper en_US-first-medium"
    assert sound.duration_ms == 1000


def test_doctor_says_what_is_missing_of_piper(tmp_path, piper, models):
    def said(**values):
        return [(one.level, one.message) for one in check_piper(Settings(home=tmp_path, **values))]

    assert said() == []
    assert said(piper_voices=models, piper=piper) == [
        ("ok", f"{piper}: de_DE-broken-low, en_US-first-medium, en_US-second-low")
    ]
    assert said(piper_voices=models, piper=tmp_path / "x")[0][0] == "warning"
    assert said(piper_voices=tmp_path / "empty", piper=piper)[0][0] == "warning"
