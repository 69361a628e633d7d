"""Runs the demo in the foreground and ends all of it; tells about a running one; has its carrier call in."""

import asyncio
import importlib.util
import re
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.routing import BaseRoute, Mount

from callside.app import Instance, running
from callside.asterisk import packages
from callside.asterisk.progress import shown_on
from callside.config import Settings
from callside.demo.campaigns import fill_up
from callside.demo.card import DemoCard, carrier_home, read_card, write_card
from callside.demo.carrier import Carrier
from callside.demo.numbers import CALLERS
from callside.demo.seed import refresh, seed
from callside.kernel.errors import CallsideError
from callside.observability import set_up_logs
from callside.serving import run_until_done

_CRM_FOLDER = Path(__file__).resolve().parents[3] / "examples" / "crm"
_CRM_PATH = "/ccplugin"
_A_NUMBER = re.compile(r"\+?[0-9]{2,15}")


class DemoError(CallsideError):
    """The demo cannot do that; the message says what to do first."""

    code = "demo"


def run(settings: Settings) -> int:
    """Run until Ctrl-C; nothing is left running."""
    # Somebody watches a demo: only what goes wrong is told, whatever else happens is on the screen.
    set_up_logs("warning" if settings.log_level == "info" else settings.log_level, settings.log_format)
    run_until_done(_run(settings))
    return 0


async def _run(settings: Settings) -> None:
    known: list[DemoCard] = []
    to_stop: list[Callable[[], Awaitable[None]]] = []
    try:
        async with running(
            settings, more_routes=_sample_crm(lambda: known[0]), progress=shown_on(sys.stderr)
        ) as instance:
            engine = instance.engine
            if engine is None:
                raise DemoError("ari_url: the demo runs its own engine; unset CALLSIDE_ARI_URL")
            to_stop.append(engine.stop)
            program = await asyncio.to_thread(packages.install, cache=settings.engine_cache)
            carrier = await Carrier.start(carrier_home(settings), program, engine.process.access.ports.sip)
            to_stop.append(carrier.stop)
            known.append(await _set_up(instance, carrier))
            print(_what_to_do(known[0]), flush=True)  # noqa: T201 - this is what the command is for
            await instance.stopped()
    finally:
        for stop in to_stop:
            await stop()


async def _set_up(instance: Instance, carrier: Carrier) -> DemoCard:
    origins = _origins(instance)
    card = read_card(instance.settings)
    if card is None or not await refresh(instance.administration, card, carrier.sip_port, origins):
        card = await seed(instance.administration, instance.exchange.store.leads, carrier.sip_port, origins)
    else:
        await fill_up(instance.exchange.store.leads, card)
    card.urls = {
        "callside": instance.base_url,
        "crm": f"{instance.base_url}{_CRM_PATH}/",
        "api": f"{instance.base_url}/cloudsoftphone/api/webphone/",
        "docs": f"{instance.base_url}/v1/docs",
    }
    write_card(instance.settings, card)
    return card


def _origins(instance: Instance) -> list[str]:
    parts = urlsplit(instance.base_url)
    hosts = (
        {parts.hostname or "localhost", "localhost", "127.0.0.1"}
        if not instance.settings.public_url
        else {parts.hostname}
    )
    port = f":{parts.port}" if parts.port else ""
    return sorted(f"{parts.scheme}://{host}{port}" for host in hosts)


def _sample_crm(card: Callable[[], DemoCard]) -> list[BaseRoute]:
    """The sample CRM of the checkout, under its own path: a stranger's program, which gets a URL, a tenant and a token."""
    spec = importlib.util.spec_from_file_location("callside_sample_crm", _CRM_FOLDER / "app.py")
    if spec is None or spec.loader is None or not (_CRM_FOLDER / "app.py").is_file():
        return []
    sys.path.insert(0, str(_CRM_FOLDER))
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)

    def config() -> Any:
        mine = card()
        return module.CrmConfig(
            callside_url=mine.urls["callside"],
            phone_url="",
            tenant_id=mine.tenant_id,
            token=mine.token,
        )

    return [Mount(_CRM_PATH, module.create_app(config))]


def _what_to_do(card: DemoCard) -> str:
    username, password = next(iter(card.agents.items()))
    return (
        "\n"
        "  Callside is ready.\n"
        "\n"
        f"  Sample CRM    {card.urls['crm']}\n"
        f"  API docs      {card.urls['docs']}\n"
        f"  Agent         {username}\n"
        f"  Password      {password}\n"
        "\n"
        '  First: open the sample CRM, log in "By hand", allow the microphone, open a contact and\n'
        '  click the number. Then log in for "Incoming" calls and, in another terminal, let\n'
        "  somebody call:  .venv/bin/callside demo call-in --to Support\n"
        '  Or log in for the "Dialer": it calls a small list for you.\n'
        "\n"
        "  Ctrl-C ends all of it.\n"
    )


def info(settings: Settings) -> dict[str, Any]:
    """The card of the demo in this home.

    Raises:
        DemoError: It has never run here.
    """
    card = read_card(settings)
    if card is None:
        raise DemoError(f"there is no demo in {settings.home}: start it first (make run)")
    return {"home": str(settings.home), "running": Carrier.find(carrier_home(settings)) is not None, **asdict(card)}


def call_in(settings: Settings, to: str, behaviour: str = "talker") -> str:
    """Have the carrier call the number of a queue, by its name, or any number: one that was set up here, or one that was not.

    Raises:
        DemoError: No such queue, no such caller, or the demo does not run.
    """
    card = read_card(settings)
    numbers = {name.casefold(): number for name, number in card.queue_numbers.items()} if card else {}
    number = numbers.get(to.casefold()) or (to if _A_NUMBER.fullmatch(to) else None)
    carrier = Carrier.find(carrier_home(settings))
    if card is None or carrier is None:
        raise DemoError(f"the demo in {settings.home} does not run: start it first (make run)")
    if number is None:
        known = ", ".join(card.queue_numbers)
        raise DemoError(
            f"--to: the demo has no queue {to!r}; there are {known}; of another one give the number, e.g. +15550100950"
        )
    if behaviour not in CALLERS:
        raise DemoError(f"--as: {behaviour!r} is no caller; there are {', '.join(CALLERS)}")
    asyncio.run(carrier.call_in(number, CALLERS[behaviour], behaviour))
    return f"{CALLERS[behaviour]} ({behaviour}) calls {to} ({number})."
