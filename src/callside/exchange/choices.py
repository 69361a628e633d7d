"""What an agent may log in to, and what a login's words for it mean."""

from dataclasses import dataclass

from callside.agents.model import Agent
from callside.floor.directory import Directory
from callside.kernel.errors import NotAllowedError, NotFoundError
from callside.kernel.ids import AgentId, ExtensionId
from callside.sessions.model import LoginType

_FIELD = "CampaignName"


@dataclass(frozen=True, slots=True)
class Choice:
    """A queue or a campaign as it is offered. Its id is unique among both."""

    id: str
    name: str


def choices_of(directory: Directory, agent_id: AgentId, login_type: LoginType) -> list[Choice]:
    """The queues (AUTO) or the campaigns of that type that the agent is assigned to, by name."""
    if login_type is LoginType.AUTO:
        return [Choice(queue.id, queue.name) for queue in directory.queues_of(agent_id)]
    mine = directory.campaigns_of(agent_id)
    return [Choice(campaign.id, campaign.name) for campaign in mine if campaign.login_type is login_type]


def chosen_assignment(directory: Directory, agent: Agent, login_type: LoginType, wanted: str) -> str | None:
    """The id of the queue or campaign that ``wanted`` (an id, else a name in any case) means.

    Returns:
        ``None`` under AUTO when nothing is chosen: all of the agent's queues.

    Raises:
        NotFoundError: Nothing of that login type is called so.
        NotAllowedError: The agent is not assigned to it, or has no queue at all.
    """
    mine = choices_of(directory, agent.id, login_type)
    if not wanted and login_type is LoginType.AUTO:
        if not mine:
            raise NotAllowedError(f'Agent "{agent.username}" is not assigned to any queue.', field=_FIELD)
        return None
    if found := _called(mine, wanted):
        return found.id
    everything = _everything(directory)
    if found := _called(everything[login_type], wanted):
        kind = _kind(login_type)
        raise NotAllowedError(f'Agent "{agent.username}" is not assigned to {kind} "{found.name}".', field=_FIELD)
    raise NotFoundError(_not_found(everything, login_type, wanted), field=_FIELD)


def chosen_extension(directory: Directory, wanted: str) -> ExtensionId | None:
    """The extension whose id, else whose number, is ``wanted``; ``None`` for the browser.

    Raises:
        NotFoundError: There is none.
    """
    if not wanted:
        return None
    if ExtensionId(wanted) in directory.extensions:
        return ExtensionId(wanted)
    for extension in directory.extensions.values():
        if extension.number == wanted:
            return extension.id
    message = f'There is no extension "{wanted}". getExtensionId lists them; an empty Ext means the browser.'
    raise NotFoundError(message, field="Ext")


def _everything(directory: Directory) -> dict[LoginType, list[Choice]]:
    everything: dict[LoginType, list[Choice]] = {kind: [] for kind in LoginType}
    everything[LoginType.AUTO] = [Choice(queue.id, queue.name) for queue in directory.queues.values()]
    for campaign in directory.campaigns.values():
        everything[campaign.login_type].append(Choice(campaign.id, campaign.name))
    return everything


def _called(choices: list[Choice], wanted: str) -> Choice | None:
    """By id first: names are free text and may look like an id."""
    for choice in choices:
        if choice.id == wanted:
            return choice
    name = wanted.casefold()
    return next((choice for choice in choices if choice.name.casefold() == name), None)


def _not_found(everything: dict[LoginType, list[Choice]], login_type: LoginType, wanted: str) -> str:
    message = f'There is no {_kind(login_type)} "{wanted}" for LoginType {login_type}.'
    for other, choices in everything.items():
        if other is not login_type and _called(choices, wanted):
            return f"{message} There is one for LoginType {other}: is that the LoginType you mean?"
    return f"{message} getCampaignDetails lists them."


def _kind(login_type: LoginType) -> str:
    return "queue" if login_type is LoginType.AUTO else "campaign"
