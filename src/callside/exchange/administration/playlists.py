"""The desk for playlists: music of a tenant's own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from callside.exchange.administration.desk import known_ids
from callside.exchange.administration.forms import Sheet, patch_of
from callside.exchange.administration.reception import ReceptionDesk
from callside.exchange.administration.reception_forms import PlaylistForm, PlaylistSheet
from callside.floor.directory import Directory
from callside.kernel.ids import PlaylistId, TenantId
from callside.reception.model import Playlist


class PlaylistDesk(ReceptionDesk[PlaylistForm, Playlist]):
    """Where playlists are administered. One that is in use may be removed: its queues go back to the default music."""

    noun = "playlist"
    form = PlaylistForm
    patch = patch_of(PlaylistForm, "PlaylistPatch")
    sheet = PlaylistSheet
    issued = PlaylistSheet

    def _kept(self, directory: Directory) -> Mapping[Any, Playlist]:
        return directory.playlists

    def _blank(self, tenant_id: TenantId, form: PlaylistForm) -> Playlist:
        return Playlist(PlaylistId(""), tenant_id, form.name)

    def _fill(self, item: Playlist, values: dict[str, Any], directory: Directory) -> Playlist:
        if "prompts" in values:
            known_ids("prompts", "prompt", values["prompts"], directory.prompts)
            values["prompts"] = tuple(values["prompts"])
        return replace(item, **values)

    def _sheet(self, item: Playlist, directory: Directory) -> Sheet:
        lengths = [directory.prompts[one].duration_ms for one in item.prompts if one in directory.prompts]
        about = {"id": item.id, "name": item.name, "prompts": list(item.prompts), "shuffle": item.shuffle}
        return PlaylistSheet.model_validate({**about, "duration_ms": sum(lengths)})
