"""Where a call is led, as people write and read it: ``queue:Sales``."""

from collections.abc import Mapping
from typing import Final

from callside.cli.options import Desktop, Row, UsageError

WHERE: Final = "queue:NAME, agent:NAME, extension:NUMBER, menu:NAME, voicemail:QUEUE, message:PROMPT, message or block"
_KINDS: Final = frozenset({"queue", "agent", "extension", "menu", "voicemail", "message", "block"})
_NO_ELSE: Final = frozenset({"agent", "extension", "block"})
_NOUNS: Final = {"message": "prompt", "block": "prompt", "voicemail": "queue"}
_CALLED: Final = {"agent": "username", "extension": "number"}


def read_where(
    here: Desktop, tenant_id: str, text: str | None, otherwise: str | None = None, *, option: str = "--to"
) -> Row | None:
    """``queue:Sales`` as the form has it.

    Raises:
        UsageError: It cannot be read, or there is no such thing.
    """
    if text is None:
        return None
    kind, _, wanted = text.partition(":")
    if kind not in _KINDS:
        raise UsageError(f'{option} "{text}": write {WHERE}')
    row: Row = {"kind": kind, "id": str(here.item(_NOUNS.get(kind, kind), tenant_id, wanted)["id"]) if wanted else ""}
    if otherwise is not None:
        if otherwise.partition(":")[0] in _NO_ELSE:
            raise UsageError(
                f'--else "{otherwise}": write queue:NAME, menu:NAME, voicemail:QUEUE, message:PROMPT or message'
            )
        row["otherwise"] = read_where(here, tenant_id, otherwise, option="--else")
    return row


def in_words(here: Desktop, tenant_id: str, rows: list[Row]) -> list[Row]:
    """Numbers, menus and caller rules with what people call things where the forms have ids."""
    names = _Names(here, tenant_id)
    return [{key: _shown(key, value, names) for key, value in row.items()} for row in rows]


class _Names:
    """What things are called, each kind asked for once and only where something is led there."""

    def __init__(self, here: Desktop, tenant_id: str) -> None:
        self._here = here
        self._tenant_id = tenant_id
        self._known: dict[str, dict[str, str]] = {}

    def of(self, noun: str, item_id: str) -> str:
        if noun not in self._known:
            listed = self._here.gateway.listing(noun, self._tenant_id)
            self._known[noun] = {str(one["id"]): str(one[_CALLED.get(noun, "name")]) for one in listed}
        return self._known[noun].get(item_id, f"{item_id} (not there any more)")


def _shown(key: str, value: object, names: _Names) -> object:
    if isinstance(value, Mapping) and "kind" in value:
        return _where(value, names)
    if key == "keys" and isinstance(value, Mapping):
        return [f"{one}={_where(where, names)}" for one, where in value.items()]
    if key in {"hours_id", "greeting"} and value:
        return names.of("hours" if key == "hours_id" else "prompt", str(value))
    return value


def _where(destination: Mapping[str, object], names: _Names) -> str:
    kind, item_id, otherwise = str(destination["kind"]), str(destination.get("id") or ""), destination.get("otherwise")
    text = f"{kind}:{names.of(_NOUNS.get(kind, kind), item_id)}" if item_id else kind
    return f"{text}, else {_where(otherwise, names)}" if isinstance(otherwise, Mapping) else text
