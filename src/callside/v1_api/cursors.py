"""Where a page ended, as one word that the next request sends back."""

import base64
import binascii
import json
import re
from typing import Final

from callside.kernel.errors import InvalidFieldError
from callside.kernel.ids import CallId

_KEY: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LATEST: Final = 1 << 53


def cursor_of(at: int, call_id: CallId) -> str:
    """The last one of a page: its moment (wall ms) and its call's id."""
    return base64.urlsafe_b64encode(json.dumps([at, call_id]).encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[int, CallId]:
    """Those two again.

    Raises:
        InvalidFieldError: It is none of ours.
    """
    try:
        at, call_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if type(at) is int and 0 <= at < _LATEST and isinstance(call_id, str) and _KEY.fullmatch(call_id):
            return at, CallId(call_id)
    except (ValueError, TypeError, binascii.Error):
        pass
    raise InvalidFieldError("cursor: send back `next` of the page before, unchanged", field="cursor")
