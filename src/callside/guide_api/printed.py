"""Reads requests as the guide prints them: JSON with comments, trailing commas, ``};`` at the end, even its page break.

The guide's createSession example is torn in two by a page break::

    { …
      "TenantId": "11111",
    }
    (new page)
    "Ext": ""
    }

Pasted whole, the second part is read as the object's continuation. That is no guess: nothing else can stand there,
and a field that is in both parts is refused.
"""

import re

import pyjson5

from callside.kernel.errors import UnreadableError

MAX_DEPTH = 32
_FENCE = re.compile(r"^[ \t]*```\w*[ \t]*$", re.MULTILINE)
# What hides braces (texts and comments, each read to its end or, unclosed, as far as it may go) and the braces themselves.
_TOKEN = re.compile(
    r"""
    "(?:[^"\\\n]|\\.)*"? | '(?:[^'\\\n]|\\.)*'?   # texts
    | //[^\n]* | /\*.*?(?:\*/|\Z)                 # comments
    | [{}\[\]]
    """,
    re.DOTALL | re.VERBOSE,
)
_MEANINGLESS = re.compile(r"(?:[\s;]+|//[^\n]*|/\*.*?\*/)*+", re.DOTALL)
_KEY = re.compile(r'"\w+"\s*:')
_NEAR = re.compile(r"near (\d+)")


def read_printed(text: str) -> object:
    """The value in ``text``.

    Raises:
        UnreadableError: It says in which line and column.
    """
    text = _FENCE.sub(lambda fence: " " * len(fence.group()), text)  # as long as before: positions stay right
    start = _skip(text, 0)
    if _KEY.match(text, start):
        return _decode(text, start, _end_of_object(text, start, depth=1), torn=True)
    end = _end_of_object(text, start, depth=0)
    value = _decode(text, start, end)
    rest = _skip(text, end)
    if rest == len(text):
        return value
    if not _KEY.match(text, rest) or not isinstance(value, dict):
        raise UnreadableError(f"Something follows the JSON object {_place(text, rest)}. Send one object.")
    return _joined(text, value, rest)


def _joined(text: str, value: dict[str, object], rest: int) -> object:
    """``value`` and its continuation behind the page break."""
    end = _end_of_object(text, rest, depth=1)
    more = _decode(text, rest, end, torn=True)
    after = _skip(text, end)
    if after != len(text):
        raise UnreadableError(f"Something follows the JSON object {_place(text, after)}. Send one object.")
    if not isinstance(more, dict) or more.keys() & value.keys():
        raise UnreadableError(f"A field is given again after the object's end {_place(text, rest)}. Send one object.")
    return value | more


def _decode(text: str, start: int, end: int, *, torn: bool = False) -> object:
    """``text[start:end]``; of a torn object the opening brace stood before the page break."""
    try:
        return pyjson5.decode(("{" if torn else "") + text[start:end], maxdepth=MAX_DEPTH)
    except pyjson5.Json5NestingTooDeep:
        message = f"The JSON is nested deeper than {MAX_DEPTH} levels. The requests here are flat objects."
    except (pyjson5.Json5Exception, ValueError, RecursionError) as error:
        # Only the position is taken from the library's error: the rest of it carries the values, secrets among them.
        near = _NEAR.search(str(error.args[0]) if error.args else "")
        offset = start + (int(near.group(1)) - torn - 1 if near else 0)
        message = f"The JSON cannot be read {_place(text, max(0, offset))}."
    raise UnreadableError(message)


def _end_of_object(text: str, start: int, *, depth: int) -> int:
    """Where the object (of which ``depth`` braces are open at ``start``) ends; the text's end when it does not."""
    for token in _TOKEN.finditer(text, start):
        if token.group() in ("{", "["):
            depth += 1
        elif token.group() in ("}", "]"):
            depth -= 1
            if depth <= 0:
                return token.end()
    return len(text)


def _skip(text: str, start: int) -> int:
    found = _MEANINGLESS.match(text, start)
    return found.end() if found else start


def _place(text: str, offset: int) -> str:
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return f"(line {line}, column {column})"
