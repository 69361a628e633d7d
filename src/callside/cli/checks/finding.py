"""What a check found."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of one check.

    Attributes:
        check: What was looked at.
        level: ``ok``, ``warning`` (works, but …) or ``error`` (does not work).
        message: What is.
        remedy: What to do; empty where nothing is to be done.
    """

    check: str
    level: Literal["ok", "warning", "error"]
    message: str
    remedy: str = ""


def ok(check: str, message: str) -> Finding:
    """All is well."""
    return Finding(check, "ok", message)


def warning(check: str, message: str, remedy: str) -> Finding:
    """It works, but."""
    return Finding(check, "warning", message, remedy)


def error(check: str, message: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(check, "error", message, remedy)
