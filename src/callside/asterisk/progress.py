"""Telling a person how far a long step is: one line that changes, or quiet lines in a log."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True, slots=True)
class InstallStep:
    """What is being done now; ``done`` marks the last step."""

    text: str
    done: bool = False


Progress = Callable[[InstallStep], None]
"""Called at every step; must not raise."""


def silent(_step: InstallStep) -> None:
    """Tell nobody."""


def shown_on(stream: TextIO) -> Progress:
    """Return a progress that writes to ``stream``.

    On a terminal one line that is overwritten, elsewhere (a log, CI) one line per step.
    """
    live = stream.isatty()

    def show(step: InstallStep) -> None:
        if live:
            stream.write(f"\r\x1b[K  engine: {step.text}" + ("\n" if step.done else " …"))
        else:
            stream.write(f"engine: {step.text}\n")
        stream.flush()

    return show
