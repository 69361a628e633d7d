"""How values become columns: lists and live rows as JSON text, everything as text that both databases take.

Names and notes come from callers and pages. A NUL (which PostgreSQL has no place for) or half a surrogate pair must not
keep a whole record from the disk, so they become U+FFFD, the replacement character.
"""

from typing import Any, Final, TypeVar

import msgspec

T = TypeVar("T")
_REPLACEMENT: Final = "\ufffd"
_encoder: Final = msgspec.json.Encoder()
_decoders: Final[dict[Any, msgspec.json.Decoder[Any]]] = {}


def clean(text: str) -> str:
    """``text`` with what cannot be kept replaced."""
    if "\x00" in text:
        text = text.replace("\x00", _REPLACEMENT)
    if text.isascii():  # known without a look at it, and true of most
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(_REPLACEMENT if "\ud800" <= one <= "\udfff" else one for one in text)
    return text


def to_json(value: object) -> str:
    """The value as JSON text; dataclasses become objects."""
    try:
        return _encoder.encode(value).decode()
    except UnicodeEncodeError:
        return _encoder.encode(_cleaned(msgspec.to_builtins(value))).decode()


def from_json(text: str, kind: Any) -> Any:
    """The value again. Fields the text lacks take their defaults, fields it has too many are passed over."""
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    return decoder.decode(text)


def key_of(name: str) -> str:
    """The form in which names are compared: without case, the same for every alphabet and both databases."""
    return name.casefold()


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(one) for one in value]
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(one) for key, one in value.items()}
    return value
