"""Reads what CRMs really send: JSON, else JSON with the guide's liberties, else a form; whatever Content-Type says.

Being liberal is safe here because authority is a token in the body, never a cookie: no other site can send one
in a user's name. Nothing is repaired by guessing: what cannot be read unambiguously is refused (stack.md §1.3).
"""

from collections.abc import AsyncGenerator, Mapping
from urllib.parse import parse_qsl

import msgspec
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from callside.guide_api.printed import MAX_DEPTH, read_printed
from callside.ingress.bodies import read_body
from callside.kernel.errors import UnreadableError

MAX_BYTES = 64 * 1024
_MAX_FORM_FIELDS = 100
_EXPECTED = 'Send a JSON object, e.g. {"TenantId": "11111", "Token": "..."}.'
_JSON_STARTS = ("{", '"', "'", "[", "/")


async def read_request(request: Request) -> Mapping[str, object]:
    """The request's fields, unchecked; of a doubled field the last one.

    Raises:
        BodyTooLargeError: Over 64 KiB.
        UnreadableError: It says where and why.
    """
    encoding = request.headers.get("content-encoding", "identity")
    if encoding.lower() != "identity":
        raise UnreadableError(f"The body is compressed ({encoding[:20]}). Send it uncompressed.")
    return await decode(await read_body(request, MAX_BYTES))


async def decode(body: bytes) -> Mapping[str, object]:
    """The fields in ``body``.

    Raises:
        UnreadableError: It says where and why.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise UnreadableError(f"The body is not UTF-8 text (byte {error.start + 1}). Send it in UTF-8.") from None
    if not text.strip("\ufeff \t\r\n"):
        raise UnreadableError(f"The body is empty. {_EXPECTED}")
    try:
        value = msgspec.json.decode(body)
    except RecursionError:
        raise UnreadableError(_too_deep()) from None
    except msgspec.DecodeError:
        value = await _decode_liberally(text.removeprefix("\ufeff"))
    if not isinstance(value, dict):
        raise UnreadableError(f"The body is not a JSON object. {_EXPECTED}")
    _check_depth(value)
    return value


async def _decode_liberally(text: str) -> object:
    start = text.lstrip()
    if start.startswith("--") and "\n" in start:
        return await _decode_multipart(start)
    if start.startswith((*_JSON_STARTS, "```")):
        return read_printed(text)
    if "=" not in text:
        raise UnreadableError(f"The body is neither JSON nor a form. {_EXPECTED}")
    try:
        pairs = parse_qsl(text.strip(), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FORM_FIELDS)
    except UnicodeDecodeError:
        raise UnreadableError("The form's values are not UTF-8 text. Send it in UTF-8.") from None
    except ValueError:
        raise UnreadableError(f"The form has more than {_MAX_FORM_FIELDS} fields.") from None
    return dict(pairs)


async def _decode_multipart(text: str) -> object:
    """The boundary is taken from the body's first line, so a missing or wrong Content-Type does no harm."""
    boundary = text.split("\n", 1)[0].strip()[2:]
    if f"--{boundary}--" not in text:
        raise UnreadableError("The multipart form is cut off: its closing boundary is missing.")
    headers = Headers({"content-type": f'multipart/form-data; charset=utf-8; boundary="{boundary}"'})

    async def stream() -> AsyncGenerator[bytes, None]:
        yield text.encode()

    parser = MultiPartParser(headers, stream(), max_files=0, max_fields=_MAX_FORM_FIELDS, max_part_size=MAX_BYTES)
    try:
        form = await parser.parse()
    except (MultiPartException, ValueError, KeyError, UnicodeError) as error:
        reason = error.message if isinstance(error, MultiPartException) else "it is malformed"
        raise UnreadableError(f"The multipart form could not be read: {reason}") from None
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def _check_depth(value: object) -> None:
    layer = [value]
    for _ in range(MAX_DEPTH):
        layer = [inner for outer in layer for inner in _inside(outer)]
        if not layer:
            return
    raise UnreadableError(_too_deep())


def _inside(value: object) -> list[object]:
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [one for one in held if isinstance(one, dict | list)]


def _too_deep() -> str:
    return f"The JSON is nested deeper than {MAX_DEPTH} levels. The requests here are flat objects."
