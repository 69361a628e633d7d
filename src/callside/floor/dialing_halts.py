"""What keeps a campaign that runs from dialling. Each of these it does itself, and goes on by itself when it is mended."""

from callside.dialer.laws.model import Mode
from callside.dialer.model import Campaign, Run
from callside.floor.dialing_desk import Desk, Halt
from callside.floor.dialing_ground import agents_of
from callside.floor.ground import Ground
from callside.kernel.errors import NotAllowedError


def halt_of(ground: Ground, desk: Desk, campaign: Campaign) -> Halt | None:
    """The first of what keeps it from dialling; ``None``: nothing."""
    plan, now = campaign.plan, ground.now
    known = ground.dialing.grounds.get(campaign.id)
    reasons = (
        (Halt.NO_PROFILE, desk.book is None and desk.pacer is not None),
        (Halt.ENDED, 0 < plan.ends_at <= now.wall),
        (Halt.NO_TRUNK, campaign.trunk_id not in ground.directory.trunks),
        (Halt.FORBIDDEN, bool(desk.broken)),
        (Halt.NO_AGENTS, not agents_of(ground, campaign)),
        (Halt.NOT_YET, plan.starts_at > now.wall),
        (Halt.TRUNK_DOWN, ground.dialing.trunk(campaign.trunk_id).until > now.mono),
        (Halt.NO_LISTS, known is not None and known.lists == 0 and campaign.type is not Mode.MANUAL),
        (Halt.NO_LEADS, desk.is_dry),
    )
    return next((halt for halt, holds in reasons if holds), None)


def why_not(ground: Ground, campaign: Campaign) -> str | None:
    """In words, why its agents may not call anybody for it now; ``None``: they may.

    A campaign that is dialled by hand need not be started: there its agents decide. Paused or over it is like any other.
    """
    plan, wall, by_hand = campaign.plan, ground.now.wall, campaign.type is Mode.MANUAL
    desk = ground.dialing.desk(campaign.id)
    broken = desk.broken if desk is not None and not by_hand else ()
    reasons = (
        ("the database cannot be written", not ground.can_write),
        ("the campaign is over", 0 < plan.ends_at <= wall),
        ("the campaign has not begun yet", plan.starts_at > wall),
        ("the campaign is paused", plan.run is Run.PAUSED),
        ("the campaign is stopped", plan.run is Run.STOPPED and not by_hand),
        ("the campaign has no trunk", campaign.trunk_id not in ground.directory.trunks),
        (f"the campaign may not dial just now ({', '.join(one.rule for one in broken)})", bool(broken)),
    )
    return next((words for words, holds in reasons if holds), None)


def check_goes_on(ground: Ground, campaign: Campaign) -> None:
    """Let an agent call somebody for the campaign, or say why not.

    Raises:
        NotAllowedError: It does not go on now.
    """
    words = why_not(ground, campaign)
    if words is not None:
        msg = f"Nobody is called: {words}. An administrator can change that"
        raise NotAllowedError(msg)
