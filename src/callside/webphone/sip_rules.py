"""Which SIP messages a page may send to the engine, told from their text (RFC 3261 §7, RFC 7118).

Not a parser: the engine has one. This is the narrow door before it: a page registers its own endpoint, answers, keeps and ends
what the engine began, and nothing else. Strict on purpose where two parsers could read differently (line ends, doubled
headers, Content-Length: a second message hidden behind the first would pass unseen). No dialogs are tracked: in-dialog
requests need a To tag, and the engine answers 481 to a tag it does not know.
"""

import re
from collections.abc import Collection

MAX_FRAME = 65_536
_KEEP_ALIVES = frozenset({"\r\n", "\r\n\r\n"})
_REQUEST_LINE = re.compile(r"([A-Z]+) (sips?:[^ ]+) SIP/2\.0")
_STATUS_LINE = re.compile(r"SIP/2\.0 ([1-6][0-9]{2}) .*")
_IN_DIALOG = frozenset({"ACK", "BYE", "CANCEL", "INFO", "INVITE", "PRACK", "UPDATE"})
_COMPACT = {"f": "from", "t": "to", "l": "content-length", "m": "contact"}
_SINGLE = ("from", "to", "content-length")
_LENGTH = re.compile(r"[0-9]{1,6}")
_WAYS = ("route", "record-route", "path")
"""Between the engine and a page there is nobody; a page that names a way would have the engine send to strangers (§12.1.2)."""
_ADDRESS = re.compile(r'(?:"[^"\\]*" *|[^"<>,]*)<sips?:([A-Za-z0-9._-]+)@[^<>@,]+>((?:;[^<>,]*)?)')
_BARE_ADDRESS = re.compile(r"sips?:([A-Za-z0-9._-]+)@[^<>@,;]+((?:;[^<>,]*)?)")
_TAG = re.compile(r";\s*tag\s*=\s*[^;\s]+", re.IGNORECASE)
_PARAMETERS = r"""(?:; *[^;<>",= ]+(?:=(?:"[^"\\]*"|[^;<>", ]*))?)*"""
_CONTACT = re.compile(
    r"""(?:"[^"\\]*" *|[^"<>,]*)<sips?:(?:[^<>@,]+@)?[A-Za-z0-9-]+\.invalid(?::\d+)?(?:;[^<>,]*)?>""" + _PARAMETERS
)


class SipRefusedError(Exception):
    """The page may not send this; says why in a few words, never quoting the message."""


def check(frame: str, endpoints: Collection[str]) -> str | None:
    """Let a page's frame pass, or not.

    Args:
        frame: One text frame: one whole SIP message, or a keep-alive.
        endpoints: The session's own; empty when this process gave none (it was restarted): then any one may register, and
            the engine's digest authentication decides.

    Returns:
        The user that a REGISTER registers, else ``None``.

    Raises:
        SipRefusedError: Not allowed.
    """
    if frame in _KEEP_ALIVES:
        return None
    start, headers = _split(frame)
    if found := _STATUS_LINE.fullmatch(start):
        if found[1].startswith("3"):
            raise SipRefusedError("redirection")  # it could send a call to the trunk
        return None
    asked = _REQUEST_LINE.fullmatch(start)
    if asked is None:
        raise SipRefusedError("not a SIP message")
    method = asked[1]
    if method == "REGISTER":
        return _registered(headers, endpoints)
    if method not in _IN_DIALOG:
        raise SipRefusedError("method not allowed")
    if not _TAG.search(_address(headers, "to")[1]):
        raise SipRefusedError("method not allowed outside a call")
    return None


def _split(frame: str) -> tuple[str, dict[str, list[str]]]:
    """Start line and headers by lower-case name, after the checks that keep two readers of one mind."""
    head, found, body = frame.partition("\r\n\r\n")
    if not found or "\0" in head or head.replace("\r\n", "").count("\r") or head.replace("\r\n", "").count("\n"):
        raise SipRefusedError("not a SIP message")
    start, *lines = head.split("\r\n")
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name[0] in " \t":
            raise SipRefusedError("malformed header")
        key = name.strip().lower()
        headers.setdefault(_COMPACT.get(key, key), []).append(value.strip())
    if any(len(headers.get(name, ())) != 1 for name in _SINGLE):
        raise SipRefusedError("missing or doubled header")
    if any(name in headers for name in _WAYS):
        raise SipRefusedError("a way of the page's own")
    length = headers["content-length"][0]
    if not _LENGTH.fullmatch(length) or int(length) != len(body.encode()):
        raise SipRefusedError("wrong Content-Length")
    return start, headers


def _registered(headers: dict[str, list[str]], endpoints: Collection[str]) -> str:
    user = _address(headers, "to")[0]
    if _address(headers, "from")[0] != user or (endpoints and user not in endpoints):
        raise SipRefusedError("not this session's endpoint")
    contacts = headers.get("contact", [])
    # A browser has no address of its own (RFC 7118 §5: .invalid); a real one would have the engine call strangers.
    if len(contacts) > 1 or any(one != "*" and not _CONTACT.fullmatch(one) for one in contacts):
        raise SipRefusedError("contact not allowed")
    return user


def _address(headers: dict[str, list[str]], name: str) -> tuple[str, str]:
    """User and parameters of a From or To."""
    value = headers[name][0]
    found = _ADDRESS.fullmatch(value) or _BARE_ADDRESS.fullmatch(value)
    if found is None:
        raise SipRefusedError("malformed address")
    return found[1], found[2]
