"""Which things refer to which of reception's: to refuse what leads nowhere, and to keep what is needed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple
from typing import Any

from callside.exchange.administration.desk import known_ids
from callside.exchange.administration.reception_forms import DestinationForm, LastDestinationForm
from callside.floor.directory import Directory
from callside.kernel.errors import InvalidFieldError
from callside.reception.model import Destination, Target
from callside.reception.rules import parts_of

_NEEDS_ONE = frozenset({Target.QUEUE, Target.AGENT, Target.EXTENSION, Target.MENU, Target.VOICEMAIL})
_ONE_PERSON = frozenset({Target.AGENT, Target.EXTENSION})


def read_destination(field: str, form: DestinationForm | LastDestinationForm, directory: Directory) -> Destination:
    """The destination that a form means.

    Raises:
        InvalidFieldError: It leads nowhere: no id, or none that this tenant has.
    """
    kind = Target(form.kind)
    if not form.id and kind in _NEEDS_ONE:
        raise InvalidFieldError(f"{field}: say which {kind}: give its id", field=field)
    noun = _noun_of(kind)
    known_ids(field, noun, [form.id] if form.id else [], _known(directory, kind))
    otherwise = getattr(form, "otherwise", None)
    if otherwise is None:
        return Destination(kind, form.id)
    if kind not in _ONE_PERSON:
        raise InvalidFieldError(f"{field}: otherwise is for agents and extensions; leave it out", field=field)
    return Destination(kind, form.id, read_destination(f"{field}.otherwise", otherwise, directory))


def _noun_of(kind: Target) -> str:
    """What the id of a destination is the id of."""
    if kind in {Target.MESSAGE, Target.BLOCK}:
        return "prompt"
    return "queue" if kind is Target.VOICEMAIL else str(kind)


def _known(directory: Directory, kind: Target) -> Mapping[Any, Any]:
    known: dict[Target, Mapping[Any, Any]] = {
        Target.QUEUE: directory.queues,
        Target.VOICEMAIL: directory.queues,
        Target.AGENT: directory.agents,
        Target.EXTENSION: directory.extensions,
        Target.MENU: directory.menus,
    }
    return known.get(kind, directory.prompts)


def warnings_of(directory: Directory, destinations: Iterable[Destination | None]) -> list[str]:
    """What works, but probably not as it is meant."""
    found: dict[str, None] = {}
    for part in (each for one in destinations for each in parts_of(one)):
        known = _known(directory, part.kind)
        if part.id and part.id not in known:
            found[f"the {part.kind} {part.id} is not there any more: callers hear that nobody is available"] = None
        elif part.kind is Target.QUEUE and not directory.queues[known[part.id].id].agents:
            found[f"the queue {known[part.id].name} has no agents"] = None
    return list(found)


def users_of(directory: Directory, noun: str, item_id: str) -> list[str]:
    """Which numbers, menus, caller rules, queues, announcements and campaigns need the thing, for people."""
    return sorted({who for who, its_noun, its_id in _references(directory) if (its_noun, its_id) == (noun, item_id)})


def _references(directory: Directory) -> Iterator[tuple[str, str, str]]:
    for number in directory.numbers.values():
        who = f"the number {number.number}"
        yield from _parts(who, (number.destination, number.closed))
        yield who, "hours", number.hours_id or ""
    for menu in directory.menus.values():
        # A menu may lead back to itself and still be removed.
        who = f"the menu {menu.name}"
        for reference in _parts(who, (*(one.destination for one in menu.keys), menu.otherwise)):
            if reference[1:] != ("menu", menu.id):
                yield reference
        yield who, "prompt", menu.greeting
    for rule in directory.caller_rules.values():
        yield from _parts(f"the caller rule {rule.pattern}", (rule.destination,))
    yield from _of_queues(directory)


def _of_queues(directory: Directory) -> Iterator[tuple[str, str, str]]:
    for one in directory.queues.values():
        yield f"the queue {one.name} (whisper)", "prompt", one.whisper
        if one.callback is not None:
            who = f"the queue {one.name} (callback)"
            yield who, "prompt", one.callback.prompt_id
            yield from ((who, "prompt", prompt or "") for prompt in astuple(one.callback.words))
            yield who, "hours", one.callback.hours_id or ""
    for sound in directory.announcements.values():
        queue = directory.queues.get(sound.id)
        for prompt in (
            *sound.welcome,
            *sound.periodic,
            *((sound.voicemail_greeting,) if sound.voicemail_greeting else ()),
        ):
            yield f"the announcements of {queue.name if queue else sound.id}", "prompt", prompt
    for playlist in directory.playlists.values():
        yield from ((f"the playlist {playlist.name}", "prompt", one) for one in playlist.prompts)
    yield from _of_campaigns(directory)


def _of_campaigns(directory: Directory) -> Iterator[tuple[str, str, str]]:
    for campaign in directory.campaigns.values():
        who, plan = f"the campaign {campaign.name}", campaign.plan
        yield who, "hours", plan.hours_id or ""
        yield from ((who, "prompt", one or "") for one in (plan.safe_message, plan.machine_message))


def _parts(who: str, destinations: Iterable[Destination | None]) -> Iterator[tuple[str, str, str]]:
    for part in (each for one in destinations for each in parts_of(one)):
        yield who, _noun_of(part.kind), part.id
