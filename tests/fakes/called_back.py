"""A queue that calls back, and callers who ask for it."""

from dataclasses import replace

from callside.acd.model import CallbackOffer
from callside.floor import commands as cm
from callside.floor import events as ev
from callside.reception.model import Prompt, PromptSource
from tests.fakes.stage import TENANT, TRUNK, Stage, directory, with_queue

OFFER = CallbackOffer("903", TRUNK, "+15550100998", after_s=60, retry_s=300)
ADA, GRACE = "+15550100123", "+15550100124"


def calling_back(offer: CallbackOffer = OFFER, **fields):
    base = with_queue(directory(wrap_up_s=fields.pop("wrap_up_s", 30)), callback=offer, **fields)
    return replace(base, prompts={"903": Prompt("903", TENANT, "Press 1", PromptSource.SPEECH, "", "d" * 64, 4_000)})


def press(floor: Stage, leg, keys: str) -> None:
    for key in keys:
        floor.give(ev.LegDigit(leg, key))


def ask(floor: Stage, name: str = "Ada", caller: str = ADA):
    """A caller who wants to be called back, and hangs up."""
    leg = floor.call_in(name, caller=caller)
    floor.wait(60_000)
    press(floor, leg, "11")
    floor.gone(leg)
    return leg


def kept(floor: Stage):
    """The places that are kept."""
    ground = floor.floor.ground
    return [ground.calls[one] for one in ground.callbacks.places.values()]


def last_dialled(floor: Stage) -> cm.DialCustomer:
    return floor.last(cm.DialCustomer)


def facts(floor: Stage, kind: str):
    return [fact.detail for fact in floor.facts if fact.kind == kind]
