"""From settings to a pacer."""

from typing import Final

from callside.dialer.pacing.boost import BoostPacer
from callside.dialer.pacing.model import Known, PacingMode, PacingSettings
from callside.dialer.pacing.pacer import Pacer, ProgressivePacer
from callside.dialer.pacing.predictive import PredictivePacer

_PACERS: Final[dict[PacingMode, type[Pacer]]] = {
    PacingMode.PROGRESSIVE: ProgressivePacer,
    PacingMode.BOOST: BoostPacer,
    PacingMode.PREDICTIVE: PredictivePacer,
}


def pacer_for(settings: PacingSettings, known: Known | None = None) -> Pacer:
    """The pacer of these settings, with what is known already (after a restart, or from yesterday)."""
    return _PACERS[settings.mode](settings, known or Known())
