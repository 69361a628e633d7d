"""The demo's reception: a welcome for Support, and a number with a menu. Without a voice on the machine it does without both."""

from typing import Any, Final

from callside.demo.card import DemoCard
from callside.demo.numbers import MENU_NUMBER
from callside.exchange.administration import Administration
from callside.exchange.administration.reception_forms import (
    DAYS,
    AnnouncementForm,
    DestinationForm,
    HoursForm,
    MenuForm,
    NumberForm,
    PromptForm,
    WeekWindowForm,
)
from callside.kernel.errors import ConflictError
from callside.kernel.ids import TenantId

_WELCOME: Final = "Welcome to Example Travel support. The next free agent is yours."
_CHOICES: Final = "Welcome to Example Travel. For sales, press 1. For support, press 2."


async def set_up_reception(administration: Administration, card: DemoCard) -> None:
    """Prompts, announcements, hours, a menu and its number."""
    mine = TenantId(card.tenant_id)
    queues = {name: queue_id for queue_id, name in card.queues.items()}
    destination = DestinationForm(kind="queue", id=queues["Support"])
    try:
        welcome = await administration.prompts.add(mine, PromptForm(name="Welcome", text=_WELCOME))
        choices = await administration.prompts.add(mine, PromptForm(name="Choices", text=_CHOICES))
    except ConflictError:
        pass  # There is no voice here, as `callside doctor` says: callers of the menu's number go straight to Support.
    else:
        sound = AnnouncementForm(queue_id=queues["Support"], welcome=[_id(welcome)], every_s=30, say_position=True)
        await administration.announcements.add(mine, sound)
        keys = {key: DestinationForm(kind="queue", id=queues[name]) for key, name in (("1", "Sales"), ("2", "Support"))}
        form = MenuForm(name="Main menu", greeting=_id(choices), keys=keys, otherwise=destination)
        menu = await administration.menus.add(mine, form)
        destination = DestinationForm(kind="menu", id=_id(menu))
    always = [WeekWindowForm(day=day, opens="00:00", closes="24:00") for day in DAYS]
    hours = await administration.hours.add(mine, HoursForm(name="Always open", zone="America/New_York", weekly=always))
    number = NumberForm(number=MENU_NUMBER, destination=destination, hours_id=_id(hours))
    await administration.numbers.add(mine, number)
    card.queue_numbers["Menu"] = MENU_NUMBER


def _id(sheet: object) -> str:
    found: Any = getattr(sheet, "id")  # noqa: B009 - sheets of every desk have one
    return str(found)
