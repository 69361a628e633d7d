"""What a running demo tells about itself: ``callside demo info --json``, and the sample CRM's configuration."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from callside.config import Settings


@dataclass(slots=True)
class DemoCard:
    """The demo's tenant and what is set up for it. Its secrets open this machine's demo and nothing else.

    Attributes:
        agents: Username to password.
        agent_ids: Username to the guide's AgentId.
        extensions: Id to number.
        extension_secrets: Number to SIP password.
        queues: Id to name.
        queue_numbers: Queue name to the number that leads there.
        campaigns: Id to name.
    """

    tenant_id: str
    token: str
    trunk_id: str
    agents: dict[str, str] = field(default_factory=dict)
    agent_ids: dict[str, str] = field(default_factory=dict)
    extensions: dict[str, str] = field(default_factory=dict)
    extension_secrets: dict[str, str] = field(default_factory=dict)
    queues: dict[str, str] = field(default_factory=dict)
    queue_numbers: dict[str, str] = field(default_factory=dict)
    campaigns: dict[str, str] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)


def card_file(settings: Settings) -> Path:
    """Where the card of this home is kept, for its owner only."""
    return settings.home / "demo.json"


def carrier_home(settings: Settings) -> Path:
    """Where the demo carrier lives."""
    return settings.home / "carrier"


def read_card(settings: Settings) -> DemoCard | None:
    """The card of this home; ``None`` where the demo has never run."""
    try:
        return DemoCard(**json.loads(card_file(settings).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def write_card(settings: Settings, card: DemoCard) -> None:
    """Keep the card."""
    fresh = card_file(settings).with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump(asdict(card), stream, indent=2)
    fresh.replace(card_file(settings))
