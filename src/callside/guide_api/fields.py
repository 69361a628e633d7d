"""Single values out of a request that was read: one complaint per wrong field, all of them in one answer."""

from collections.abc import Mapping

from callside.kernel.errors import InvalidFieldError
from callside.sessions.model import LoginType

_LONGEST_WORD = 128
_LONGEST_SECRET = 1024
_LONGEST_NUMBER_BITS = 4 * _LONGEST_WORD
_KINDS = {
    bool: "true or false",
    float: "a number with a fraction",
    dict: "an object",
    list: "a list",
    type(None): "null",
}
_FLAGS = {"": False, "false": False, "true": True}


class Fields:
    """Takes values by their name in the guide and collects what is wrong; :meth:`check` raises it.

    Fields that nobody asks for are ignored.
    """

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values
        self._problems: dict[str, str] = {}

    def word(self, name: str, *, required: bool = True, otherwise: str | None = None) -> str:
        """An id, name or number: text, or a whole number as some clients send ids. Blanks around it are dropped.

        ``otherwise`` is another name that the same field may come under.
        """
        if otherwise is not None and name not in self._values and otherwise in self._values:
            name = otherwise
        value = self._values.get(name, "")
        if isinstance(value, int) and not isinstance(value, bool):
            # A number in hexadecimal may be of any length; Python refuses to write some of them out (4,300 digits).
            value = str(value) if value.bit_length() <= _LONGEST_NUMBER_BITS else "9" * (_LONGEST_WORD + 1)
        if not isinstance(value, str):
            return self._wrong(name, f"must be text or a whole number, not {_KINDS[type(value)]}")
        value = value.strip()
        if len(value) > _LONGEST_WORD:
            return self._wrong(name, f"is longer than {_LONGEST_WORD} characters")
        if not value.isprintable():
            return self._wrong(name, "has a control character in it")
        return value if value or not required else self._absent(name)

    def secret(self, name: str) -> str:
        """A token or password: text, taken exactly as it is. A number is refused: its zeros or its sign may be lost."""
        value = self._values.get(name, "")
        if isinstance(value, int) and not isinstance(value, bool):
            return self._wrong(name, "must be text in quotes, not a number")
        if not isinstance(value, str):
            return self._wrong(name, f"must be text, not {_KINDS[type(value)]}")
        if len(value) > _LONGEST_SECRET:
            return self._wrong(name, f"is longer than {_LONGEST_SECRET} characters")
        return value or self._absent(name)

    def login_type(self) -> LoginType:
        """``LoginType`` in any case; AUTO when it is left out, as the guide says."""
        value = self.word("LoginType", required=False)
        try:
            return LoginType(value.upper() or LoginType.AUTO)
        except ValueError:
            self._wrong("LoginType", f'must be AUTO, PROGRESSIVE or MANUAL, not "{value}"')
            return LoginType.AUTO

    def flag(self, name: str) -> bool:
        """A yes or no, as ``"true"`` or ``true``; left out, it is no."""
        value = self._values.get(name, False)
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and (known := _FLAGS.get(value.strip().lower())) is not None:
            return known
        self._wrong(name, 'must be "true" or "false"')
        return False

    def require(self, name: str, value: str, why: str) -> None:
        """``value`` of the field ``name`` may not be empty here."""
        if not value and name not in self._problems:
            self._wrong(name, f"is missing: {why}")

    def check(self) -> None:
        """Call when all fields were taken, before anything is done.

        Raises:
            InvalidFieldError: Names every field that is missing or wrong.
        """
        if self._problems:
            message = "; ".join(f"{name} {problem}" for name, problem in self._problems.items())
            raise InvalidFieldError(f"{message}.", field=next(iter(self._problems)))

    def _absent(self, name: str) -> str:
        return self._wrong(name, "is empty" if name in self._values else "is missing")

    def _wrong(self, name: str, problem: str) -> str:
        self._problems[name] = problem
        return ""
