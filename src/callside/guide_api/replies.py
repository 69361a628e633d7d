"""The shapes that go back. Keys, their order and their types are the guide's: do not touch."""

import msgspec

REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
"""Reason phrases of RFC 9110 §15: the standard library's change with Python's version."""


class Reply(msgspec.Struct):
    """The envelope of every answer, good or bad."""

    ResponseCode: str
    ResponseStatus: str
    ResponseMessage: str


class AgentIdReply(Reply):
    """Of getAgentId."""

    AgentId: str


class ExtensionReply(Reply):
    """Of getExtensionId: extension id → number."""

    Extension: dict[str, str]
    Total: int


class CampaignReply(Reply):
    """Of getCampaignDetails: id → name. ``Total`` stands before it in the guide, unlike in getExtensionId."""

    Total: int
    CampaignDetails: dict[str, str]


class SessionReply(Reply):
    """Of createSession."""

    SessionId: str


def done(message: str) -> dict[str, str]:
    """The envelope's three values for a success."""
    return {"ResponseCode": "200", "ResponseStatus": REASONS[200], "ResponseMessage": message}


def refused(status: int, message: str) -> Reply:
    """The envelope for anything else."""
    return Reply(str(status), REASONS[status], message)
