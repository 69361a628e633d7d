"""What administration changes of leads and do-not-call lists, handed to the floors that it concerns."""

from collections.abc import Collection, Sequence
from typing import Final

from callside.exchange.campaign_grounds import grounds_of
from callside.exchange.floor_runner import FloorRunner
from callside.exchange.ports import Store
from callside.floor.dialing_desk import numbers_of
from callside.floor.events import GroundsFound, LeadsChanged, NumbersBlocked
from callside.kernel.errors import StoreUnavailableError
from callside.kernel.ids import CampaignId

_FEW: Final = 100


async def spread(
    store: Store, runners: Sequence[FloorRunner], campaign_id: CampaignId | None, blocked: Collection[str], wall: int
) -> None:
    """All floors hear of it, whatever becomes of one of them; numbers first, and before anything is waited for.

    Raises:
        StoreUnavailableError: What a floor's campaigns stand on cannot be read; every floor was told what is known.
    """
    for runner in runners:
        _tell(runner, campaign_id, blocked)
    if blocked:  # numbers that were put on a list say nothing of scrubs and lists of leads
        return
    unread: StoreUnavailableError | None = None
    for runner in runners:
        try:
            grounds = await grounds_of(store, runner.tenant_id, _campaigns(runner, campaign_id), wall)
        except StoreUnavailableError as lost:
            unread = lost
        else:
            runner.try_out(GroundsFound(grounds))
    if unread is not None:
        raise unread


def _tell(runner: FloorRunner, campaign_id: CampaignId | None, blocked: Collection[str]) -> None:
    """A few numbers are named; of many the floor's own, and it learns of the others by looking for leads anew."""
    named = blocked if len(blocked) <= _FEW else set(blocked) & numbers_of(runner.floor.ground.dialing)
    if named:
        runner.try_out(NumbersBlocked(tuple(named), campaign_id))
    for each in _campaigns(runner, campaign_id):
        runner.try_out(LeadsChanged(each))


def _campaigns(runner: FloorRunner, campaign_id: CampaignId | None) -> list[CampaignId]:
    return list(runner.floor.ground.directory.campaigns) if campaign_id is None else [campaign_id]
