"""Tenants' playlists as music classes of an engine of ours: made while calls go on, without a restart.

Each version of a playlist has a folder of its own, and the engine is told of it by a file beside ``musiconhold.conf`` and a
reload of that one module. A caller who hears an older version (or a playlist that was removed) hears it to the end: the engine
keeps a class as long as somebody listens, and its folder stays until the engine is started anew.
"""

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from callside.asterisk.folders import EngineFolders, write_private
from callside.asterisk.link import AriLink, path
from callside.floor.directory import Directory
from callside.kernel.errors import CallsideError
from callside.kernel.ids import PlaylistId, TenantId
from callside.reception.model import Playlist

FILE: Final = "playlists.conf"
_SUFFIXES: Final = (".wav", ".sln16")


class Playlists:
    """What an engine of ours plays to callers who wait.

    Args:
        directories: The live mapping of known tenants.
        prompts: Where tenants' prompts lie (``<prompts>/<tenant>/<digest>.…``).
        folders: The engine's; ``None``: it is somebody else's, which has music classes of its own only.
    """

    def __init__(
        self,
        link: AriLink,
        directories: Mapping[TenantId, Directory],
        prompts: Path | None,
        folders: EngineFolders | None,
    ) -> None:
        self._link = link
        self._directories = directories
        self._prompts = prompts
        self._folders = folders

    def class_of(self, tenant_id: TenantId, music: str) -> str:
        """The engine's music class that an announcement's ``music`` means; empty for the default one."""
        if not music.isdigit():
            return music
        directory = self._directories.get(tenant_id)
        playlist = directory.playlists.get(PlaylistId(music)) if directory else None
        return _name(playlist) if playlist is not None and self._folders is not None else ""

    async def bring_up(self) -> None:
        """Have the engine play what there is now.

        Raises:
            CallsideError: The engine does not take it; it is told anew at the next change, or when it is back.
        """
        if self._folders is None or self._prompts is None:
            return
        file, root = self._folders.etc / FILE, self._folders.root / "spool" / "playlists"
        if not file.is_file():
            shutil.rmtree(root, ignore_errors=True)  # the engine was started anew: nobody hears what was before
        text = "".join(self._section(one, root) for one in self._all())
        if text == (file.read_text() if file.is_file() else ""):
            return
        write_private(file, text)
        try:
            await self._link.ask("PUT", path("asterisk", "modules", "res_musiconhold.so"))
        except CallsideError:
            write_private(file, "")
            raise

    def _all(self) -> list[Playlist]:
        return [one for each in self._directories.values() for one in each.playlists.values()]

    def _section(self, playlist: Playlist, root: Path) -> str:
        prompts = self._directories[playlist.tenant_id].prompts
        digests = [prompts[one].digest for one in playlist.prompts if one in prompts]
        sources = [self._source(playlist.tenant_id, one) for one in digests]
        there = [one for one in sources if one is not None]
        if not there:
            return ""  # the engine plays its default to whoever asks for a class that it does not have
        version = hashlib.sha256(repr(there).encode()).hexdigest()[:16]
        place = root / playlist.tenant_id / f"{playlist.id}-{version}"
        _lay_out(place, there)
        sort = "random" if playlist.shuffle else "alpha"
        return f"[{_name(playlist)}]\nmode = files\ndirectory = {place}\nsort = {sort}\n\n"

    def _source(self, tenant_id: TenantId, digest: str) -> Path | None:
        place = (self._prompts or Path()) / tenant_id / digest
        return place if all(place.with_suffix(one).is_file() for one in _SUFFIXES) else None


def _name(playlist: Playlist) -> str:
    return f"playlist-{playlist.tenant_id}-{playlist.id}"


def _lay_out(place: Path, sources: list[Path]) -> None:
    """The recordings by number, so that the engine's order of names is theirs."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number, source in enumerate(sources):
        for suffix in _SUFFIXES:
            target = place / f"{number:03}{suffix}"
            if target.exists():
                continue
            try:
                os.link(source.with_suffix(suffix), target)
            except OSError:  # another file system
                shutil.copyfile(source.with_suffix(suffix), target)
