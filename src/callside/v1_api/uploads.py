"""Large files: written to disk as they come in, never held in memory."""

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, Final

from starlette.requests import Request

from callside.ingress.bodies import BodyTooLargeError
from callside.kernel.errors import InvalidFieldError, StoreUnavailableError

LARGEST_FILE: Final = 512 << 20
_LEAST_FREE: Final = 512 << 20
_LOOK_EVERY: Final = 8 << 20
UPLOADS: Final = ("/lead-imports", "/lead-previews", "/dnc-files")
"""Ends of the paths whose body is a file."""


@contextlib.asynccontextmanager
async def received(request: Request, path: Path) -> AsyncIterator[Path]:
    """The body as a file, which is gone after the block unless somebody took it.

    Raises:
        BodyTooLargeError: It is larger than :data:`LARGEST_FILE`.
        InvalidFieldError: There is none.
        StoreUnavailableError: The disk would have too little room left.
    """
    size = looked = 0
    try:
        _look_for_room(path)
        with _made(path) as file:
            async for chunk in request.stream():
                size += len(chunk)
                if size > LARGEST_FILE:
                    raise BodyTooLargeError
                if size - looked > _LOOK_EVERY:
                    looked = size
                    _look_for_room(path)
                file.write(chunk)
        if not size:
            raise InvalidFieldError("file: the request has no body; send the file itself as the body", field="file")
        yield path
    finally:
        _remove(path)


def _look_for_room(path: Path) -> None:
    """One tenant's file must not take the room in which everybody's calls are put on record: a full disk stops all logins."""
    room = os.statvfs(path.parent)
    if room.f_bavail * room.f_frsize < _LEAST_FREE:
        msg = (
            "file: the server's disk has too little room for it; the administrator has to make room, then send it again"
        )
        raise StoreUnavailableError(msg)


def _made(path: Path) -> IO[bytes]:
    """A new file that only we can read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
