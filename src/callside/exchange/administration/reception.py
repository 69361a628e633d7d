"""The desks of reception: the number plan, opening hours, menus, caller rules, announcements."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Generic, TypeVar, cast

from callside.exchange.administration.desk import Desk, known_ids, one_at_a_time
from callside.exchange.administration.forms import Form, Sheet, patch_of
from callside.exchange.administration.reception_forms import (
    DAYS,
    AnnouncementForm,
    AnnouncementSheet,
    CallerRuleForm,
    CallerRuleSheet,
    DestinationForm,
    HolidayForm,
    HoursForm,
    HoursSheet,
    MenuForm,
    MenuSheet,
    NumberForm,
    NumberSheet,
    WeekWindowForm,
    WindowForm,
    values_of,
)
from callside.exchange.administration.references import read_destination, users_of, warnings_of
from callside.exchange.administration.sounds import (
    in_announcement,
    in_destinations,
    missing_sounds,
    music_warnings,
    read_music,
)
from callside.floor.directory import Directory
from callside.kernel.errors import ConflictError, InvalidFieldError
from callside.kernel.ids import HoursId, MenuId, NumberId, PromptId, QueueId, RuleId, TenantId
from callside.reception.model import (
    Announcement,
    CallerRule,
    Destination,
    Holiday,
    Menu,
    MenuKey,
    Number,
    OpeningHours,
    ReceptionItem,
    WeekWindow,
    Window,
)
from callside.reception.rules import STANDARD_WORDS, digits_of, is_open, is_over, menu_loop, never_opens

_ENGINES_OWN = "playlist-"
"""What the engine calls tenants' playlists: nobody names another tenant's."""
FormT = TypeVar("FormT", bound=Form)
ItemT = TypeVar("ItemT", bound=ReceptionItem)


class ReceptionDesk(Desk[FormT], Generic[FormT, ItemT]):
    """What these desks have in common: the store keeps all their things alike."""

    removable_in_use: ClassVar[bool] = False

    @abstractmethod
    def _kept(self, directory: Directory) -> Mapping[Any, ItemT]:
        """All of them by id."""

    @abstractmethod
    def _blank(self, tenant_id: TenantId, form: FormT) -> ItemT:
        """One as the form begins it."""

    @abstractmethod
    def _fill(self, item: ItemT, values: dict[str, Any], directory: Directory) -> ItemT:
        """``item`` with what was given; refuses what cannot be."""

    @abstractmethod
    def _sheet(self, item: ItemT, directory: Directory) -> Sheet:
        """What is shown of it."""

    def _order(self, item: ItemT) -> Any:
        return getattr(item, "name", ""), item.id

    async def listing(self, tenant_id: TenantId) -> list[Sheet]:
        """All of them; see :meth:`Desk.listing`."""
        directory = await self.office.directory(tenant_id)
        return [self._sheet(one, directory) for one in sorted(self._kept(directory).values(), key=self._order)]

    async def get(self, tenant_id: TenantId, item_id: str) -> Sheet:
        """One of them; see :meth:`Desk.get`."""
        directory = await self.office.directory(tenant_id)
        return self._sheet(self._one(directory, item_id), directory)

    @one_at_a_time
    async def add(self, tenant_id: TenantId, form: FormT) -> Sheet:
        """Add one; see :meth:`Desk.add`."""
        directory = await self.office.directory(tenant_id)
        item = self._fill(self._blank(tenant_id, form), values_of(form, only_set=False), directory)
        added = cast("ItemT", await self.office.directories.add_reception(item))
        await self.office.changed(tenant_id)
        return self._sheet(added, await self.office.directory(tenant_id))

    @one_at_a_time
    async def change(self, tenant_id: TenantId, item_id: str, patch: FormT) -> Sheet:
        """Change one; see :meth:`Desk.change`."""
        directory = await self.office.directory(tenant_id)
        item = self._fill(self._one(directory, item_id), values_of(patch, only_set=True), directory)
        if not await self.office.directories.change_reception(item):
            raise self.missing(item_id)
        await self.office.changed(tenant_id)
        return self._sheet(item, await self.office.directory(tenant_id))

    @one_at_a_time
    async def remove(self, tenant_id: TenantId, item_id: str) -> None:
        """Take one away; refused while something leads to it."""
        directory = await self.office.directory(tenant_id)
        item = self._one(directory, item_id)
        users = users_of(directory, self.noun, item.id)
        if users:
            raise ConflictError(f"{self.noun}: it is used by {', '.join(users)}; change that first", field="id")
        await self.office.directories.remove_reception(tenant_id, self.noun, item.id)
        await self.office.changed(tenant_id)

    def _warnings(self, directory: Directory, ways: Mapping[str, Destination | None]) -> list[str]:
        """Of where it leads, by field."""
        return [
            *warnings_of(directory, ways.values()),
            *missing_sounds(self.office, directory, in_destinations(ways.items())),
        ]

    def _one(self, directory: Directory, item_id: str) -> ItemT:
        found = self._kept(directory).get(item_id)
        if found is None:
            raise self.missing(item_id)
        return found


class NumberDesk(ReceptionDesk[NumberForm, Number]):
    """The number plan. Numbers written in a queue's form are entries too; they are changed there."""

    noun = "number"
    form = NumberForm
    patch = patch_of(NumberForm, "NumberPatch")
    sheet = NumberSheet
    issued = NumberSheet

    def _kept(self, directory: Directory) -> Mapping[Any, Number]:
        return directory.numbers

    def _order(self, item: Number) -> Any:
        return digits_of(item.number)

    def _blank(self, tenant_id: TenantId, form: NumberForm) -> Number:
        return Number(NumberId(""), tenant_id, form.number, STANDARD_WORDS)

    def _fill(self, item: Number, values: dict[str, Any], directory: Directory) -> Number:
        for field in ("destination", "closed"):
            if field in values:
                values[field] = read_destination(field, values[field], directory)
        if "hours_id" in values:
            known_ids("hours_id", "opening hours", [values["hours_id"]] if values["hours_id"] else [], directory.hours)
            values["hours_id"] = HoursId(values["hours_id"]) if values["hours_id"] else None
        filled = replace(item, **values)
        other = directory.plan.numbers.get(digits_of(filled.number))
        if other is not None and other.id != item.id:
            queue = directory.queue_of_number(filled.number)
            where = f"the queue {queue.name}" if queue else "another destination"
            raise ConflictError(f"number: {filled.number} already leads to {where}; change that entry", field="number")
        return filled

    def _sheet(self, item: Number, directory: Directory) -> Sheet:
        return NumberSheet(
            id=item.id,
            number=item.number,
            destination=DestinationForm.model_validate(item.destination),
            hours_id=item.hours_id or "",
            closed=DestinationForm.model_validate(item.closed or STANDARD_WORDS),
            warnings=self._warnings(directory, {"destination": item.destination, "closed": item.closed}),
        )


class HoursDesk(ReceptionDesk[HoursForm, OpeningHours]):
    """Opening hours."""

    noun = "hours"
    form = HoursForm
    patch = patch_of(HoursForm, "HoursPatch")
    sheet = HoursSheet
    issued = HoursSheet

    def _kept(self, directory: Directory) -> Mapping[Any, OpeningHours]:
        return directory.hours

    def _blank(self, tenant_id: TenantId, form: HoursForm) -> OpeningHours:
        return OpeningHours(HoursId(""), tenant_id, form.name, form.zone)

    def _fill(self, item: OpeningHours, values: dict[str, Any], directory: Directory) -> OpeningHours:
        if "weekly" in values:
            values["weekly"] = tuple(
                WeekWindow(DAYS.index(one.day), *_minutes_of("weekly", one)) for one in values["weekly"]
            )
        if "holidays" in values:
            values["holidays"] = _read_holidays(values["holidays"])
        filled = replace(item, **values)
        if never_opens(filled):
            msg = "weekly: these hours never open; add a window, e.g. mon 09:00 to 17:00"
            raise InvalidFieldError(msg, field="weekly")
        if is_over(filled, self.office.clock.now().wall):
            msg = "weekly: these hours never open again: all their dates are past; add a window of each week, or a date"
            raise InvalidFieldError(msg, field="weekly")
        return filled

    def _sheet(self, item: OpeningHours, directory: Directory) -> Sheet:
        return HoursSheet(
            id=item.id,
            name=item.name,
            zone=item.zone,
            weekly=[
                WeekWindowForm(day=DAYS[one.day], opens=_clock(one.start), closes=_clock(one.end))
                for one in item.weekly
            ],
            holidays=[HolidayForm(date=one.date, windows=_window_forms(one.windows)) for one in item.holidays],
            open_now=is_open(item, self.office.clock.now().wall),
        )


def _read_holidays(forms: Iterable[HolidayForm]) -> tuple[Holiday, ...]:
    made = [Holiday(one.date, tuple(Window(*_minutes_of("holidays", each)) for each in one.windows)) for one in forms]
    if len({one.date for one in made}) < len(made):
        raise InvalidFieldError("holidays: each date may stand there once", field="holidays")
    return tuple(sorted(made, key=lambda one: one.date))


def _minutes_of(field: str, form: WindowForm) -> tuple[int, int]:
    opens, closes = (int(one[:2]) * 60 + int(one[3:]) for one in (form.opens, form.closes))
    if opens in {closes, 24 * 60}:
        msg = f"{field}: {form.opens} to {form.closes} is no time at all; for the whole day write 00:00 to 24:00"
        raise InvalidFieldError(msg, field=field)
    return opens, closes


def _window_forms(windows: Iterable[Window]) -> list[WindowForm]:
    return [WindowForm(opens=_clock(one.start), closes=_clock(one.end)) for one in windows]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


class MenuDesk(ReceptionDesk[MenuForm, Menu]):
    """IVR menus."""

    noun = "menu"
    form = MenuForm
    patch = patch_of(MenuForm, "MenuPatch")
    sheet = MenuSheet
    issued = MenuSheet

    def _kept(self, directory: Directory) -> Mapping[Any, Menu]:
        return directory.menus

    def _blank(self, tenant_id: TenantId, form: MenuForm) -> Menu:
        return Menu(MenuId(""), tenant_id, form.name, PromptId(form.greeting), (), STANDARD_WORDS)

    def _fill(self, item: Menu, values: dict[str, Any], directory: Directory) -> Menu:
        if "greeting" in values:
            known_ids("greeting", "prompt", [values["greeting"]], directory.prompts)
        if "keys" in values:
            values["keys"] = tuple(
                MenuKey(key, read_destination(f"keys.{key}", one, directory))
                for key, one in sorted(values["keys"].items())
            )
        if "otherwise" in values:
            values["otherwise"] = read_destination("otherwise", values["otherwise"], directory)
        filled: Menu = replace(item, **values)
        loop = menu_loop({**directory.menus, filled.id: filled})
        if loop:
            msg = f"otherwise: callers who press nothing would go round for ever: {' > '.join([*loop, loop[0]])}"
            raise InvalidFieldError(f"{msg}; lead them to a queue or a message", field="otherwise")
        return filled

    def _sheet(self, item: Menu, directory: Directory) -> Sheet:
        greeting = [("greeting", item.greeting, "callers hear music and not their choices")]
        ways = {**{f"keys.{one.key}": one.destination for one in item.keys}, "otherwise": item.otherwise}
        return MenuSheet(
            id=item.id,
            name=item.name,
            greeting=item.greeting,
            keys={one.key: DestinationForm.model_validate(one.destination) for one in item.keys},
            otherwise=DestinationForm.model_validate(item.otherwise),
            timeout_s=item.timeout_s,
            retries=item.retries,
            warnings=[*missing_sounds(self.office, directory, greeting), *self._warnings(directory, ways)],
        )


class CallerRuleDesk(ReceptionDesk[CallerRuleForm, CallerRule]):
    """Rules for certain callers, block list included."""

    noun = "caller-rule"
    form = CallerRuleForm
    patch = patch_of(CallerRuleForm, "CallerRulePatch")
    sheet = CallerRuleSheet
    issued = CallerRuleSheet

    def _kept(self, directory: Directory) -> Mapping[Any, CallerRule]:
        return directory.caller_rules

    def _order(self, item: CallerRule) -> Any:
        return item.position, int(item.id) if item.id.isdecimal() else 0

    def _blank(self, tenant_id: TenantId, form: CallerRuleForm) -> CallerRule:
        return CallerRule(RuleId(""), tenant_id, form.pattern, STANDARD_WORDS)

    def _fill(self, item: CallerRule, values: dict[str, Any], directory: Directory) -> CallerRule:
        if "destination" in values:
            values["destination"] = read_destination("destination", values["destination"], directory)
        return replace(item, **values)

    def _sheet(self, item: CallerRule, directory: Directory) -> Sheet:
        shown = CallerRuleSheet.model_validate(item)
        return shown.model_copy(update={"warnings": self._warnings(directory, {"destination": item.destination})})


class AnnouncementDesk(ReceptionDesk[AnnouncementForm, Announcement]):
    """What callers hear while they wait; at most one for a queue, whose id it has."""

    noun = "announcement"
    form = AnnouncementForm
    patch = patch_of(AnnouncementForm, "AnnouncementPatch")
    sheet = AnnouncementSheet
    issued = AnnouncementSheet

    def _kept(self, directory: Directory) -> Mapping[Any, Announcement]:
        return directory.announcements

    def _blank(self, tenant_id: TenantId, form: AnnouncementForm) -> Announcement:
        return Announcement(QueueId(form.queue_id), tenant_id)

    def _fill(self, item: Announcement, values: dict[str, Any], directory: Directory) -> Announcement:
        queue_id = values.pop("queue_id", item.id)
        known_ids("queue_id", "queue", [queue_id], directory.queues)
        if queue_id != item.id:
            raise InvalidFieldError("queue_id: it cannot be changed; add one for the other queue", field="queue_id")
        for field in ("welcome", "periodic"):
            if field in values:
                known_ids(field, "prompt", values[field], directory.prompts)
                values[field] = tuple(values[field])
        music = values.get("music", "")
        if music.startswith(_ENGINES_OWN):
            raise InvalidFieldError("music: give a playlist's id, or the name of a music class", field="music")
        read_music(self.office, directory, music)
        if "voicemail_greeting" in values:
            greeting = values["voicemail_greeting"]
            known_ids("voicemail_greeting", "prompt", [greeting] if greeting else [], directory.prompts)
            values["voicemail_greeting"] = greeting or None
        return replace(item, **values)

    def _sheet(self, item: Announcement, directory: Directory) -> Sheet:
        says = item.periodic or item.say_position or item.say_wait
        warnings = ["every_s is 0: nothing is announced after the welcome"] if says and not item.every_s else []
        warnings += music_warnings(self.office, directory, item.music)
        warnings += missing_sounds(self.office, directory, in_announcement(item))
        shown = {name: getattr(item, name) for name in AnnouncementForm.model_fields if name != "queue_id"}
        shown["voicemail_greeting"] = item.voicemail_greeting or ""
        about = {"queue_id": item.id, "id": item.id, "welcome": list(item.welcome), "periodic": list(item.periodic)}
        return AnnouncementSheet.model_validate({**shown, **about, "warnings": warnings})
