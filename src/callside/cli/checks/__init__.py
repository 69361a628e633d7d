"""The checks of ``callside doctor``, each with the remedy for what it finds."""

from callside.cli.checks.browser import (
    check_audio,
    check_certificate,
    check_origins,
    check_proxies,
    check_public_url,
)
from callside.cli.checks.engine import check_engine
from callside.cli.checks.finding import Finding
from callside.cli.checks.machine import check_database, check_disk, check_piper, check_port, check_settings, check_voice
from callside.cli.checks.trunks import check_trunks
from callside.config import Settings

__all__ = ["Finding", "examine"]


def examine(settings: Settings) -> list[Finding]:
    """All checks, in the order in which one would repair."""
    about_database, tenants = check_database(settings)
    return [
        *check_settings(settings),
        *check_disk(settings),
        *check_voice(settings),
        *check_piper(settings),
        *about_database,
        *check_port(settings),
        *check_engine(settings),
        *check_public_url(settings),
        *check_certificate(settings),
        *check_proxies(settings),
        *check_audio(settings),
        *check_origins(tenants),
        *check_trunks(settings, tenants),
    ]
