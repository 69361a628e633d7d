"""The phone socket's frames, as JSON text. Views are dataclasses whose field names are the page's own spelling."""

from collections.abc import Mapping
from typing import Any

import msgspec

from callside.floor.view import PhoneView
from callside.kernel.errors import CallsideError

PING = '{"type":"ping"}'


def view_frame(view: PhoneView) -> str:
    """The whole view of a session."""
    return _encode({"type": "view", "view": view})


def reply_frame(number: int, value: Mapping[str, object] | None = None) -> str:
    """A verb was done."""
    return _encode({"type": "reply", "id": number, "ok": True, "value": value})


def refusal_frame(number: int, error: CallsideError) -> str:
    """A verb was not done."""
    return _encode(
        {"type": "reply", "id": number, "ok": False, "error": {"code": error.code, "message": error.message}}
    )


def _encode(value: Any) -> str:
    return msgspec.json.encode(value).decode()
