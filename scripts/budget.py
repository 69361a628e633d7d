"""The size budget and the names: files of at most 400 lines, functions of at most 40, no name that says nothing.

Docstrings do not count towards a function's length. Biome keeps functions in TypeScript
to 60 lines: markup is long.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
FILE_LIMIT: Final = 400
FILE_WANTED: Final = 300
FUNCTION_LIMIT: Final = 40
BANNED: Final = frozenset(
    {"utils", "util", "helpers", "helper", "manager", "handler", "handlers", "common", "misc", "data", "info"}
)
SUFFIXES: Final = frozenset({".py", ".ts", ".tsx", ".css"})
PLACES: Final = ("src", "web", "tests", "scripts", "bench", "examples")
NAMED_PLACES: Final = ("src", "web")
SKIPPED: Final = frozenset({"node_modules", "static", "dist", "__pycache__"})

TYPESCRIPT_CLASS: Final = re.compile(r"^\s*(?:export\s+)?(?:abstract\s+)?class\s+(\w+)", re.MULTILINE)


def main() -> int:
    """Print every breach, and a short list of the files that come near; 1 when there is a breach."""
    breaches: list[str] = []
    near: list[str] = []
    for path in source_files(ROOT):
        name = str(path.relative_to(ROOT))
        text = path.read_text(encoding="utf-8")
        lines = text.count("\n")
        breaches += breaches_of(name, text)
        if FILE_WANTED < lines <= FILE_LIMIT:
            near.append(f"{name} ({lines})")
    if near:
        print(f"budget: over {FILE_WANTED} lines, soon to be split: {', '.join(near)}")
    for breach in breaches:
        print(breach)
    return 1 if breaches else 0


def source_files(root: Path) -> Iterator[Path]:
    """Every file written by hand under the places the budget is kept in."""
    for place in PLACES:
        for path in sorted((root / place).rglob("*")):
            if path.suffix in SUFFIXES and path.is_file() and not SKIPPED & set(path.relative_to(root).parts):
                yield path


def breaches_of(name: str, text: str) -> list[str]:
    """What one file breaks of the budget; `name` is its path from the root of the repository."""
    found = []
    lines = text.count("\n")
    if lines > FILE_LIMIT:
        found.append(f"{name}: {lines} lines, {FILE_LIMIT} are allowed: split it where two reasons to change meet")
    if name.split("/", 1)[0] in NAMED_PLACES:
        found += banned_module(name)
        found += banned_classes(name, text)
        if name.endswith(".py"):
            found += long_functions(name, text)
    return found


def banned_module(name: str) -> list[str]:
    """Modules and folders whose name says nothing."""
    return [
        f"{name}: the name '{part}' says nothing; name it after what it does in the contact centre"
        for part in name.split("/")
        if BANNED & set(re.split(r"[_.\-]", part.lower()))
    ]


def banned_classes(name: str, text: str) -> list[str]:
    """Classes whose name ends in a word that says nothing."""
    if name.endswith(".py"):
        classes = [node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef)]
    else:
        classes = TYPESCRIPT_CLASS.findall(text)
    return [
        f"{name}: class {each}: the last word says nothing; name it after what it does"
        for each in classes
        if re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", each)[-1:][0].lower() in BANNED
    ]


def long_functions(name: str, text: str) -> list[str]:
    """Functions over the limit, their docstring not counted."""
    return [
        f"{name}:{node.lineno}: {node.name}() has {length} lines, {FUNCTION_LIMIT} are allowed"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := function_length(node)) > FUNCTION_LIMIT
    ]


def function_length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, without the docstring."""
    length = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is not None:
        length -= (first.end_lineno or first.lineno) - first.lineno + 1
    return length


if __name__ == "__main__":
    sys.exit(main())
