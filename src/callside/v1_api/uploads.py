"""Large files: written to disk as they come in, never held in memory."""

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, Final

from starlette.requests import Request

from callside.ingress.bodies import BodyTooLargeError
from callside.kernel.errors import InvalidFieldError

LARGEST_FILE: Final = 512 << 20
UPLOADS: Final = ("/lead-imports", "/lead-previews", "/dnc-files")
"""Ends of the paths whose body is a file."""


@contextlib.asynccontextmanager
async def received(request: Request, path: Path) -> AsyncIterator[Path]:
    """The body as a file, which is gone after the block unless somebody took it.

    Raises:
        BodyTooLargeError: It is larger than :data:`LARGEST_FILE`.
        InvalidFieldError: There is none.
    """
    size = 0
    try:
        with _made(path) as file:
            async for chunk in request.stream():
                size += len(chunk)
                if size > LARGEST_FILE:
                    raise BodyTooLargeError
                file.write(chunk)
        if not size:
            raise InvalidFieldError("file: the request has no body; send the file itself as the body", field="file")
        yield path
    finally:
        _remove(path)


def _made(path: Path) -> IO[bytes]:
    """A new file that only we can read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
