"""How administration's commands reach the installation: through the running server, or the store of a stopped one."""

import asyncio
import http.client
import json
import secrets
import ssl
from collections.abc import Awaitable, Callable, Collection
from typing import Any, BinaryIO, Protocol, TypeVar
from urllib.parse import quote, urlsplit

from callside.config import Settings
from callside.exchange.administration import Administration
from callside.exchange.administration.desk import plural
from callside.kernel.errors import CallsideError
from callside.kernel.ids import CampaignId, TenantId
from callside.v1_api import control
from callside.v1_api.control import Control

Row = dict[str, Any]
T = TypeVar("T")
_TIMEOUT_S = 30.0
_PIECE = 1 << 16
_MOVES = frozenset({"start", "pause", "stop"})


class RefusedError(CallsideError):
    """The server said no; the message is the server's."""


class Gateway(Protocol):
    """Administration, wherever it runs. ``noun`` is ``tenant`` or a desk's; ``tenant_id`` is empty for tenants.

    It is empty for the installation's own do-not-call lists, too.
    """

    def listing(self, noun: str, tenant_id: str) -> list[Row]:
        """All of them."""

    def add(self, noun: str, tenant_id: str, values: Row) -> Row:
        """Add one; the answer may carry secrets that are shown once."""

    def upload_prompt(self, tenant_id: str, values: Row, file: bytes) -> Row:
        """Add a recording."""

    def change(self, noun: str, tenant_id: str, item_id: str, values: Row) -> Row:
        """Change one."""

    def remove(self, noun: str, tenant_id: str, item_id: str) -> None:
        """Take one away."""

    def campaign(self, verb: str, tenant_id: str, item_id: str) -> Row:
        """``start``, ``pause`` or ``stop`` a campaign, or tell its ``status`` or ``pacing``."""

    def voicemail_sound(self, tenant_id: str, item_id: str) -> bytes:
        """What a caller said, as WAV."""


def gateway_for(settings: Settings) -> Gateway:
    """The running server of this home when there is one, else its store."""
    found = control.read(settings.control_file)
    if found is not None and found.is_alive():
        return RunningServer(found)
    return StoppedServer(settings)


class RunningServer:
    """Through ``/v1/admin`` of the server that wrote ``run/control.json``."""

    def __init__(self, found: Control) -> None:
        self._control = found
        self._place = urlsplit(found.url)

    def listing(self, noun: str, tenant_id: str) -> list[Row]:
        """All of them."""
        place = _path(noun, tenant_id)
        answer = self._ask("GET", place)
        items: list[Row] = answer["items"]
        while answer.get("next"):
            answer = self._ask("GET", f"{place}?cursor={answer['next']}")
            items += answer["items"]
        return items

    def add(self, noun: str, tenant_id: str, values: Row) -> Row:
        """Add one."""
        row: Row = self._ask("POST", _path(noun, tenant_id), values)
        return row

    def upload_prompt(self, tenant_id: str, values: Row, file: bytes) -> Row:
        """Add a recording."""
        boundary = secrets.token_hex(16)
        parts = [_part(boundary, f'name="{name}"', str(value).encode()) for name, value in values.items()]
        parts.append(_part(boundary, 'name="file"; filename="recording"', file))
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        row: Row = self.send("POST", f"{_path('prompt', tenant_id)}/upload", body, kind)
        return row

    def change(self, noun: str, tenant_id: str, item_id: str, values: Row) -> Row:
        """Change one."""
        row: Row = self._ask("PATCH", _path(noun, tenant_id, item_id), values)
        return row

    def remove(self, noun: str, tenant_id: str, item_id: str) -> None:
        """Take one away."""
        self._ask("DELETE", _path(noun, tenant_id, item_id))

    def campaign(self, verb: str, tenant_id: str, item_id: str) -> Row:
        """Move a campaign, or look at it."""
        method = "POST" if verb in _MOVES else "GET"
        row: Row = self._ask(method, f"{_path('campaign', tenant_id, item_id)}/{verb}")
        return row

    def voicemail_sound(self, tenant_id: str, item_id: str) -> bytes:
        """What a caller said, as WAV."""
        sound: bytes = self.send("GET", f"{_path('voicemail', tenant_id, item_id)}/sound", None, "audio/wav")
        return sound

    def _ask(self, method: str, path: str, values: Row | None = None) -> Any:
        return self.send(method, path, None if values is None else json.dumps(values).encode(), "application/json")

    def send(self, method: str, path: str, body: bytes | BinaryIO | None, kind: str) -> Any:
        """One request, and what its JSON answer says.

        Raises:
            RefusedError: The server said no, or does not answer.
        """
        connection = self._connection()
        headers = {"Authorization": f"Bearer {self._control.root_token}", "Content-Type": kind}
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as failed:
            raise RefusedError(f"the server (process {self._control.pid}) does not answer: {failed}") from failed
        finally:
            connection.close()
        if kind == "audio/wav" and answer.status < 400:
            return text
        said = json.loads(text) if text else None
        if answer.status >= 400:
            raise RefusedError(
                said["error"]["message"] if isinstance(said, dict) and "error" in said else text.decode()
            )
        return said

    def fetch(self, path: str, out: BinaryIO) -> None:
        """Write what an address gives, piece by piece.

        Raises:
            RefusedError: The server said no, or does not answer.
        """
        connection = self._connection()
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {self._control.root_token}"})
            answer = connection.getresponse()
            if answer.status >= 400:
                raise RefusedError(json.loads(answer.read())["error"]["message"])
            while piece := answer.read(_PIECE):
                out.write(piece)
        except (OSError, http.client.HTTPException) as failed:
            raise RefusedError(f"the server (process {self._control.pid}) does not answer: {failed}") from failed
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._place.hostname or "127.0.0.1", self._place.port
        if self._place.scheme != "https":
            return http.client.HTTPConnection(host, port, timeout=_TIMEOUT_S)
        # The certificate is for the public name, we come by loopback: so exactly this certificate is expected.
        trust = ssl.create_default_context(cafile=self._control.certificate)
        trust.check_hostname = False
        trust.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        return http.client.HTTPSConnection(host, port, timeout=_TIMEOUT_S, context=trust)


def _part(boundary: str, about: str, content: bytes) -> bytes:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {about}\r\n\r\n"
    return head.encode() + content + b"\r\n"


def _path(noun: str, tenant_id: str, item_id: str = "") -> str:
    whose = ["tenants", tenant_id] if tenant_id else ["everywhere"]
    parts = ["tenants"] if noun == "tenant" else [*whose, plural(noun)]
    return "/v1/admin/" + "/".join(quote(one, safe="") for one in [*parts, *([item_id] if item_id else [])])


class StoppedServer:
    """Opens the store itself; a server started later finds what was written."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def listing(self, noun: str, tenant_id: str) -> list[Row]:
        """All of them."""

        async def work(office: Administration) -> list[Row]:
            if noun == "tenant":
                return [one.model_dump(mode="json") for one in await office.tenants.listing()]
            return [one.model_dump(mode="json") for one in await office.desks[noun].listing(TenantId(tenant_id))]

        return self.do(work)

    def add(self, noun: str, tenant_id: str, values: Row) -> Row:
        """Add one."""
        from callside.exchange.administration.forms import TenantForm, read_form

        async def work(office: Administration) -> Row:
            if noun == "tenant":
                return (await office.tenants.add(read_form(TenantForm, values))).model_dump(mode="json")
            desk = office.desks[noun]
            return (await desk.add(TenantId(tenant_id), read_form(desk.form, values))).model_dump(mode="json")

        return self.do(work)

    def upload_prompt(self, tenant_id: str, values: Row, file: bytes) -> Row:
        """Add a recording."""

        async def work(office: Administration) -> Row:
            added = await office.prompts.upload(TenantId(tenant_id), values["name"], file, values.get("text", ""))
            return added.model_dump(mode="json")

        return self.do(work)

    def change(self, noun: str, tenant_id: str, item_id: str, values: Row) -> Row:
        """Change one."""
        from callside.exchange.administration.forms import read_form
        from callside.exchange.administration.tenants import TenantPatch

        async def work(office: Administration) -> Row:
            if noun == "tenant":
                patch = read_form(TenantPatch, values)
                return (await office.tenants.change(TenantId(item_id), patch)).model_dump(mode="json")
            desk = office.desks[noun]
            changed = await desk.change(TenantId(tenant_id), item_id, read_form(desk.patch, values))
            return changed.model_dump(mode="json")

        return self.do(work)

    def remove(self, noun: str, tenant_id: str, item_id: str) -> None:
        """Take one away."""

        async def work(office: Administration) -> None:
            if noun == "tenant":
                await office.tenants.remove(TenantId(item_id))
            else:
                await office.desks[noun].remove(TenantId(tenant_id), item_id)

        self.do(work)

    def campaign(self, verb: str, tenant_id: str, item_id: str) -> Row:
        """Move a campaign: it is dialled from when a server runs."""
        if verb not in _MOVES:
            raise RefusedError(f"{verb}: no server runs, and only a running one knows; start it with: callside serve")

        async def work(office: Administration) -> Row:
            moved = await getattr(office.campaigns, verb)(TenantId(tenant_id), item_id)
            row: Row = moved.model_dump(mode="json")
            return row

        return self.do(work)

    def voicemail_sound(self, tenant_id: str, item_id: str) -> bytes:
        """What a caller said, as WAV."""
        return self.do(lambda office: office.voicemails.sound(TenantId(tenant_id), item_id))

    def do(self, work: Callable[[Administration], Awaitable[T]]) -> T:
        """Have something done with the administration of the opened store."""
        return asyncio.run(self._with_store(work))

    async def _with_store(self, work: Callable[[Administration], Awaitable[T]]) -> T:
        from callside.cli.parts import CommandClock, opened_store
        from callside.exchange.administration import Mailroom, Office
        from callside.exchange.administration.lead_parts import LeadDesks
        from callside.exchange.prompt_audio import PromptLibrary
        from callside.exchange.secrets import PasswordHasher
        from callside.exchange.voicemail_files import VoicemailFiles
        from callside.exchange.voices import Voices
        from callside.own_engine import own_music

        async def nobody_listens(_tenant_id: TenantId) -> None:
            """No floor runs that would have to hear of it."""

        async def no_floor(_tenant: TenantId, _campaign: CampaignId | None, _numbers: Collection[str]) -> None:
            """As above."""

        hasher = PasswordHasher()
        try:
            async with opened_store(self._settings) as store:
                prompts = PromptLibrary(
                    self._settings.prompts_folder, Voices(self._settings.piper_voices, self._settings.piper)
                )
                around = (store.directories, nobody_listens, hasher, CommandClock(), None)
                mail = Mailroom(store.voicemails, VoicemailFiles(self._settings.voicemail_folder), lambda *_: None)
                office = Office(
                    *around,
                    self._settings.region,
                    prompts,
                    mailroom=mail,
                    leads=store.leads,
                    numbers=store.ledger,
                    music=own_music(self._settings),
                )
                leads = LeadDesks.at(office, store, self._settings.imports_folder, no_floor)
                return await work(Administration(office, leads))
        finally:
            hasher.close()
