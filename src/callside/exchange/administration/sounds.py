"""Sounds and music that are set up and are not there: told when a thing is saved and whenever it is shown.

At run time nobody hears silence for it: what is missing is left out, or music or the standard words are heard instead.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict

from callside.acd.model import WHISPERS, Queue
from callside.dialer.model import Campaign
from callside.exchange.administration.desk import Office
from callside.floor.directory import Directory
from callside.kernel.errors import InvalidFieldError
from callside.kernel.ids import PlaylistId, PromptId
from callside.reception.model import Announcement, Destination, Prompt, Target
from callside.reception.rules import parts_of

_REMEDY = "put the folder of prompts back from its backup, or speak or upload it anew and give that one here"
_WORDS = frozenset({Target.MESSAGE, Target.BLOCK})


def missing_sounds(office: Office, directory: Directory, uses: Iterable[tuple[str, str | None, str]]) -> list[str]:
    """One sentence for each prompt that cannot be heard. ``uses``: the field, the prompt, and what callers hear instead."""
    found: dict[str, None] = {}
    for field, prompt_id, instead in uses:
        prompt = directory.prompts.get(PromptId(prompt_id)) if prompt_id else None
        if prompt_id and prompt is None:
            found[f"{field}: the prompt {prompt_id} is not there any more, so {instead}; give another one"] = None
        elif prompt is not None and not _is_there(office, directory, prompt.id):
            found[f"{field}: the sound of the prompt {prompt.name} is missing, so {instead}; {_REMEDY}"] = None
    return list(found)


def sound_warnings(office: Office, prompt: Prompt) -> list[str]:
    """Whether the prompt's own files are missing."""
    if office.prompts is None or office.prompts.has(prompt.tenant_id, prompt.digest):
        return []
    how = (
        "have its text spoken anew"
        if prompt.text
        else "upload it anew as another prompt, and give that one to whoever plays it"
    )
    return [f"file: its sound is missing; put the folder of prompts back from its backup, or {how}"]


def in_destinations(destinations: Iterable[tuple[str, Destination | None]]) -> Iterator[tuple[str, str | None, str]]:
    """Messages that callers are led to."""
    for field, destination in destinations:
        for part in parts_of(destination):
            if part.kind in _WORDS:
                yield field, part.id, "callers hear the standard words"


def in_announcement(sound: Announcement) -> Iterator[tuple[str, str | None, str]]:
    """All that callers of a queue are told."""
    for field, prompts in (("welcome", sound.welcome), ("periodic", sound.periodic)):
        yield from ((field, one, "callers hear music instead") for one in prompts)
    yield "voicemail_greeting", sound.voicemail_greeting, "callers hear the standard words"


def in_queue(queue: Queue) -> Iterator[tuple[str, str | None, str]]:
    """What its agents hear before a caller, and all that callers hear on the way to being called back."""
    if queue.whisper not in WHISPERS:
        yield "whisper", queue.whisper, "agents hear the tone"
    if queue.callback is not None:
        yield "callback.prompt_id", queue.callback.prompt_id, "callers do not learn that they can be called back"
        for name, prompt_id in asdict(queue.callback.words).items():
            yield f"callback.words.{name}", prompt_id, "callers do not hear it"


def in_campaign(campaign: Campaign) -> Iterator[tuple[str, str | None, str]]:
    """What persons and machines hear who are called."""
    yield "safe_message", campaign.plan.safe_message, "whoever is called hears the standard words, which say too little"
    yield "machine_message", campaign.plan.machine_message, "machines record the standard words"


def read_music(office: Office, directory: Directory, music: str) -> str:
    """A playlist's id, or a music class that the engine has.

    Raises:
        InvalidFieldError: There is no such playlist, or the engine has no such class.
    """
    if music.isdigit():
        if music not in directory.playlists:
            raise InvalidFieldError(
                f"music: this tenant has no playlist with id {music}; {_classes(office)}", field="music"
            )
    elif not _has_class(office, music):
        msg = f"music: the engine has no music class {music!r}; give a playlist's id, or {_classes(office)}"
        raise InvalidFieldError(msg, field="music")
    return music


def music_warnings(office: Office, directory: Directory, music: str) -> list[str]:
    """What is heard instead of the music, if it is not there."""
    playlist = directory.playlists.get(PlaylistId(music)) if music.isdigit() else None
    instead = "so callers hear the default music"
    if music.isdigit() and playlist is None:
        return [f"music: the playlist {music} is not there any more, {instead}; give another one, or leave it empty"]
    if playlist is None:
        wrong = not _has_class(office, music)
        return [f"music: the engine has no music class {music!r}, {instead}; {_classes(office)}"] if wrong else []
    if not any(_is_there(office, directory, one) for one in playlist.prompts):
        return [f"music: no sound of the playlist {playlist.name} is there, {instead}; {_REMEDY}"]
    return []


def _is_there(office: Office, directory: Directory, prompt_id: PromptId) -> bool:
    prompt = directory.prompts.get(prompt_id)
    return prompt is not None and (office.prompts is None or office.prompts.has(directory.tenant.id, prompt.digest))


def _has_class(office: Office, music: str) -> bool:
    """Of somebody else's engine nobody can say; it plays its default to whoever asks for a class that it does not have."""
    return not music or office.music is None or music in office.music


def _classes(office: Office) -> str:
    known = ", ".join(sorted(office.music or ()))
    return f"leave it empty for the default music{f' (or name one of its classes: {known})' if known else ''}"
