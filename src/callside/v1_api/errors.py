"""How `/v1` says no: one body for every error, ``{"error": {"code", "message", "field"}}``."""

from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from callside.exchange.administration.forms import first_error
from callside.ingress.bodies import BodyTooLargeError
from callside.kernel.errors import CallsideError, RequestError, RulesForbidError, TooManyRequestsError, UnreadableError

_RETRY_LATER_S: Final = "5"
_log = structlog.get_logger("callside.v1")


class Reason(BaseModel):
    """A rule that forbids what was asked."""

    rule: str = Field(examples=["ring.min_s"], description="Its place in the jurisdiction's profile.")
    field: str = Field(examples=["ring_s"], description="What is at fault.")
    message: str = Field(description="One sentence with the remedy.")


class Problem(BaseModel):
    """What was wrong."""

    code: str = Field(examples=["invalid_field"], description="A stable word for programs.")
    message: str = Field(examples=["ring_s: input should be less than or equal to 120"], description="For people.")
    field: str | None = Field(default=None, examples=["ring_s"], description="The field it is about, if one.")


class RuledProblem(Problem):
    """What rules forbid."""

    reasons: list[Reason] = Field(description="Every rule that forbids it.")


class ErrorBody(BaseModel):
    """The body of every answer that is not a success."""

    error: Problem


class RuledBody(BaseModel):
    """The body where rules forbid something."""

    error: RuledProblem


_MEANINGS: Final = {
    400: "A field is missing or wrong, or the body cannot be read; nothing was changed.",
    401: "No token, or none that is good.",
    403: "Not permitted.",
    404: "The tenant has no such thing.",
    409: "It would contradict what is there: a doubled name, or something else needs it.",
    413: "The body is too large.",
    429: "Too many failed attempts; try again after `Retry-After` seconds.",
    503: "The telephone engine or the database does not answer; try again.",
}
RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": ErrorBody, "description": text} for status, text in _MEANINGS.items()
}
RULED: Final[dict[int | str, dict[str, Any]]] = {
    422: {"model": RuledBody, "description": "Its jurisdiction or the house forbids it; nothing was changed."}
}
"""What is answered besides where campaigns are started or changed."""
_CODES: Final = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
_MESSAGES: Final = {
    413: "body: it is too large; send less at a time.",
    404: "There is nothing at this path; GET /v1/docs lists all operations.",
    405: "This path does not take that method; GET /v1/docs lists all operations.",
}


def body(code: str, message: str, field: str | None = None) -> dict[str, Any]:
    """The body of an error."""
    return ErrorBody(error=Problem(code=code, message=message, field=field)).model_dump()


def install(app: FastAPI) -> None:
    """Have every error of ``app`` answered with our body."""
    app.add_exception_handler(CallsideError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unforeseen)


async def _ours(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, CallsideError):
        raise error
    return answer(error)


def answer(error: CallsideError) -> JSONResponse:
    """An error of ours as it is answered."""
    headers: dict[str, str] = {}
    if isinstance(error, TooManyRequestsError):
        headers["Retry-After"] = str(error.retry_after)
    elif error.status == 503:
        headers["Retry-After"] = _RETRY_LATER_S
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    field = error.field if isinstance(error, RequestError) else None
    if isinstance(error, RulesForbidError):
        return JSONResponse(_ruled(error), error.status, headers)
    return JSONResponse(body(error.code, error.message, field), error.status, headers)


def _ruled(error: RulesForbidError) -> dict[str, Any]:
    reasons = [Reason(rule=one.rule, field=one.field, message=one.message) for one in error.broken]
    problem = RuledProblem(code=error.code, message=error.message, field=error.field, reasons=reasons)
    return RuledBody(error=problem).model_dump()


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return await _ours(request, UnreadableError("body: this is not JSON; send an object such as {}"))
    return await _ours(request, first_error([first]))


async def _http(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    status = 413 if isinstance(error.__cause__, BodyTooLargeError) else error.status_code
    code = _CODES.get(status, "unreadable" if status == 400 else "refused")
    return JSONResponse(body(code, _MESSAGES.get(status, str(error.detail))), status, error.headers)


async def _unforeseen(_request: Request, error: Exception) -> JSONResponse:
    _log.error("v1.failed", exc_info=error)
    return JSONResponse(body("internal", "This is our fault; the log of the server says more."), 500)
