"""No query without its tenant: every public method of a repository takes a `tenant_id`.

Looked at: each class, and each public coroutine, in src/callside/store/repositories/*.py. What really must see all
tenants (finding the tenant of a token, clearing away what has expired) is named in its module, with the reason:

    ACROSS_TENANTS: Final = {"SessionRepository.expired": "the sweeper ends sessions of every tenant"}
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
REPOSITORIES: Final = ROOT / "src" / "callside" / "store" / "repositories"
PARAMETER: Final = "tenant_id"
ALLOWED: Final = "ACROSS_TENANTS"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def main() -> int:
    """Print every query that forgets its tenant; 1 when there is one."""
    breaches = [
        breach
        for path in sorted(REPOSITORIES.glob("*.py"))
        for breach in breaches_of(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
    ]
    for breach in breaches:
        print(breach)
    return 1 if breaches else 0


def breaches_of(name: str, text: str) -> list[str]:
    """What one repository module forgets: missing tenants, and exceptions without a reason or without a use."""
    module = ast.parse(text)
    allowed = exceptions(module)
    found = [f"{name}: {ALLOWED}[{each!r}] gives no reason" for each, reason in allowed.items() if not reason.strip()]
    unscoped = {query: node for query, node in queries(module) if not takes_tenant(node)}
    found += [
        f"{name}:{node.lineno}: {query}() takes no {PARAMETER}: scope it, or give the reason in {ALLOWED}"
        for query, node in unscoped.items()
        if query not in allowed
    ]
    found += [f"{name}: {ALLOWED} names {each}, which needs no exception" for each in allowed.keys() - unscoped.keys()]
    return found


def queries(module: ast.Module) -> Iterator[tuple[str, Function]]:
    """Each public method of each class, and each public coroutine of the module."""
    for node in module.body:
        if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node.name, node
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef) and not member.name.startswith("_"):
                    yield f"{node.name}.{member.name}", member


def takes_tenant(node: Function) -> bool:
    """Whether the tenant is among the parameters."""
    parameters = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
    return any(parameter.arg == PARAMETER for parameter in parameters)


def exceptions(module: ast.Module) -> dict[str, str]:
    """The module's own list of what may see all tenants, with the reasons."""
    for node in module.body:
        if isinstance(node, ast.AnnAssign | ast.Assign):
            targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets
            named = any(isinstance(target, ast.Name) and target.id == ALLOWED for target in targets)
            if named and node.value is not None:
                return dict(ast.literal_eval(node.value))
    return {}


if __name__ == "__main__":
    sys.exit(main())
