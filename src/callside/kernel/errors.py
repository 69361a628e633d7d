"""The error tree, by whose fault it is.

::

    CallsideError
    ├── RequestError            the caller's: says which field and what would be right
    │   ├── UnreadableError         400  the body could not be read
    │   ├── InvalidFieldError       400  a field is missing or wrong
    │   ├── NotAuthenticatedError   401  one message for every cause
    │   ├── NotAllowedError         403
    │   ├── NotFoundError           404
    │   ├── ConflictError           409
    │   ├── RulesForbidError        422  rules forbid it; every one of them is told
    │   └── TooManyRequestsError    429  try again after ``retry_after`` seconds
    ├── EngineUnavailableError  503  the telephone engine is not there
    └── StoreUnavailableError   503  what must be kept cannot be written
"""

from collections.abc import Sequence
from dataclasses import dataclass


class CallsideError(Exception):
    """Root of every error that Callside raises on purpose.

    Attributes:
        code: A stable word for programs, e.g. ``"not_found"``.
        message: One sentence for people; names the field and the remedy.
        status: The HTTP status that fits.
    """

    code = "internal"
    status = 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class RequestError(CallsideError):
    """The request cannot be done as asked; nothing was changed."""

    code = "refused"
    status = 400

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class UnreadableError(RequestError):
    """The body is neither JSON, nor JSON with the guide's liberties, nor a form."""

    code = "unreadable"


class InvalidFieldError(RequestError):
    """A field is missing, empty, or not of its kind."""

    code = "invalid_field"


class NotAuthenticatedError(RequestError):
    """Credentials do not fit. The message is the same whatever the cause."""

    code = "not_authenticated"
    status = 401


class NotAllowedError(RequestError):
    """Known, but not permitted (disabled agent, not assigned to that campaign, number outside the dial rules)."""

    code = "not_allowed"
    status = 403


class NotFoundError(RequestError):
    """No such thing in this tenant."""

    code = "not_found"
    status = 404


class ConflictError(RequestError):
    """It would contradict what is going on now (e.g. the agent is on a call)."""

    code = "conflict"
    status = 409


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule that forbids something.

    Attributes:
        rule: E.g. ``"ring.min_s"``.
        field: What is at fault.
        message: One sentence that names the field and the remedy.
    """

    rule: str
    field: str
    message: str


class RulesForbidError(RequestError):
    """Rules forbid it; each is told, so that all can be put right at once."""

    code = "forbidden_by_rules"
    status = 422

    def __init__(self, message: str, broken: Sequence[BrokenRule]) -> None:
        told = "; ".join(f"{one.message} [{one.rule}]" for one in broken)
        super().__init__(f"{message}: {told}", field=broken[0].field if broken else None)
        self.broken = tuple(broken)


class TooManyRequestsError(RequestError):
    """Slow down."""

    code = "too_many_requests"
    status = 429

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class EngineUnavailableError(CallsideError):
    """The telephone engine does not answer; calls cannot be made or taken now."""

    code = "engine_unavailable"
    status = 503


class StoreUnavailableError(CallsideError):
    """The database does not take what must be kept."""

    code = "store_unavailable"
    status = 503
