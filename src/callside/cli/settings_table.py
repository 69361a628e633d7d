"""Commands whose options are a table: each row names an option, the field of the form that it fills, and how its words are read."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

import typer

from callside.cli.options import Desktop, Row

Filled: TypeAlias = Callable[[Desktop, str], Row]
"""What the options that were used fill of the form, for a tenant's id."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One option.

    Attributes:
        field: As in the form; ``pace.target`` is the ``target`` within ``pace``.
        flag: E.g. ``--max-lines``; of a switch ``--opt-in/--no-opt-in``.
        says: For ``--help``.
        kind: What its words are: ``str``, ``int``, ``float``, ``bool``, or ``list[str]`` where it can be repeated.
        noun: It means one of these things by its id or name, e.g. ``trunk``.
        clears: An empty text takes away what was there.
        read: From the words to the field's value.
    """

    field: str
    flag: str
    says: str
    kind: Any = str
    noun: str = ""
    clears: bool = False
    read: Callable[[Any], Any] | None = None

    @property
    def name(self) -> str:
        """Of the command's parameter."""
        return self.flag.partition("/")[0].strip("-").replace("-", "_")

    def parameter(self) -> inspect.Parameter:
        """Of the command."""
        option = typer.Option(self.flag, help=self.says)
        return inspect.Parameter(
            self.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[self.kind | None, option]
        )

    def value(self, here: Desktop, tenant_id: str, words: Any) -> Any:
        """What the words mean."""
        if words == "" and self.clears:
            return None
        if self.noun:
            return str(here.item(self.noun, tenant_id, words)["id"])
        kept = [one for one in words if one] if isinstance(words, list) else words
        return self.read(kept) if self.read is not None else kept


def settled(*table: Setting) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of a table. It takes ``filled: Filled`` in their place."""

    def decorate(act: Callable[..., None]) -> Callable[..., None]:
        def command(**words: Any) -> None:
            used = {one: words.pop(one.name) for one in table}
            act(**words, filled=lambda here, tenant_id: _fill(here, tenant_id, used))

        own = [one for one in inspect.signature(act).parameters.values() if one.name != "filled"]
        options = [one.parameter() for one in table]
        parameters = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own] + options
        parameters.sort(key=lambda one: one.name == "as_json")
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {one.name: one.annotation for one in parameters}
        command.__name__, command.__doc__ = act.__name__, act.__doc__
        return command

    return decorate


def _fill(here: Desktop, tenant_id: str, used: dict[Setting, Any]) -> Row:
    values: Row = {}
    for one, words in used.items():
        if words is None:
            continue
        *outer, field = one.field.split(".")
        place = values
        for part in outer:
            place = place.setdefault(part, {})
        place[field] = one.value(here, tenant_id, words)
    return values
