"""What keeps a campaign that runs from dialling. Each of these it does itself, and goes on by itself when it is mended."""

from callside.dialer.laws.model import Mode
from callside.dialer.model import Campaign
from callside.floor.dialing_desk import Desk, Halt
from callside.floor.dialing_ground import agents_of
from callside.floor.ground import Ground


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
