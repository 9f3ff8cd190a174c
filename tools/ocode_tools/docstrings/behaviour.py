"""Units whose docstring is read while the program runs: writing one there changes what the program does.

Sources: docopt, click and typer (help texts), FastAPI (OpenAPI descriptions), PLY (a rule's docstring is its grammar),
unittest (`shortDescription`), MCP and agent frameworks (a tool's docstring is shown to a model), nox and invoke.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ocode_tools.docstrings.base import Unit
from ocode_tools.docstrings.units import decorator
from ocode_tools.source import Function, Source

_COMMANDS = frozenset({"command", "group", "callback", "subcommand", "hybrid_command", "slash_command"})
_TOOLS = frozenset({"tool", "tool_plain", "function_tool", "kernel_function"})
_ROUTES = frozenset({"get", "post", "put", "delete", "patch", "options", "head", "trace", "websocket", "route"})
_LISTED = {"session": "nox", "task": "invoke"}
_READERS = frozenset({"getdoc", "cleandoc"})


class Behaviour:
    """What of one file's docstrings is read at run time, as far as the file itself tells."""

    def __init__(self, source: Source) -> None:
        self._imports = frozenset(_imported(source.tree))
        self._named, self._decorators = frozenset[str](), frozenset[str]()
        if "__doc__" in source.text or any(name in source.text for name in _READERS):
            self._named, self._decorators = _readers(source.tree)

    def why(self, unit: Unit) -> str:
        """Why a unit's docstring is more than documentation, in a few words; "" where it is not."""
        node = unit.node
        if unit.qualname in self._named or unit.name in self._named:
            return "its docstring is read by the program (__doc__)"
        if isinstance(node, ast.ClassDef):
            bases = {decorator(base).rpartition(".")[2] for base in node.bases}
            return "a base class reads docstrings (__doc__)" if bases & self._named else ""
        if isinstance(node, Function):
            return next((said for item in node.decorator_list if (said := self._decorated(item))), self._called(unit))
        return ""

    def _decorated(self, item: ast.expr) -> str:
        name = decorator(item)
        last = name.rpartition(".")[2]
        if name in self._decorators:
            return f"its decorator {name} reads docstrings"
        if last in _COMMANDS:
            return f"the docstring of a @{name} is its help text"
        if last in _TOOLS:
            return f"the docstring of a @{name} is shown to a model"
        if last in _ROUTES and isinstance(item, ast.Call) and _path(item):
            return f"the docstring of a @{name} is published in its API"
        if _LISTED.get(last) in self._imports and last in _LISTED:
            return f"the docstring of a @{name} is its description"
        return ""

    def _called(self, unit: Unit) -> str:
        if self._imports & {"ply", "yacc", "lex"} and unit.name.startswith(("p_", "t_")):
            return "its docstring is a grammar rule of PLY"
        bases = [decorator(base) for base in unit.owner.bases] if unit.owner else []
        if unit.name.startswith("test") and any(base.endswith("TestCase") for base in bases):
            return "unittest prints the docstring of a test instead of its name"
        return ""


def _path(call: ast.Call) -> bool:
    return any(isinstance(a, ast.Constant) and isinstance(a.value, str) and a.value[:1] in "/" for a in call.args[:1])


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]
            yield from (alias.name for alias in node.names if node.module in ("ply", None))


def _readers(tree: ast.Module) -> tuple[frozenset[str], frozenset[str]]:
    """Names of units whose docstring something here reads, and of the functions that read that of an argument."""
    named, decorators = set[str](), set[str]()
    stack: list[tuple[ast.AST, str, str]] = [(tree, "<module>", "")]
    while stack:
        holder, where, function = stack.pop()
        for node in ast.iter_child_nodes(holder):
            if isinstance(node, ast.ClassDef):
                stack.append((node, node.name, function))
                continue
            if isinstance(node, Function):
                stack.append((node, where, function or node.name))
                continue
            read = _read(node)
            if read == "__doc__":
                named.add(where if function == "" else "<module>")
            elif read in ("self", "cls", "type", "__class__"):
                named.add(where)
            elif read is not None:
                named.add(read)
                decorators.update({function} - {""})
            stack.append((node, where, function))
    return frozenset(named), frozenset(decorators)


def _read(node: ast.AST) -> str | None:
    """Whose docstring an expression reads: a plain `__doc__`, or the last name before `.__doc__` or in `getdoc()`."""
    if isinstance(node, ast.Name) and node.id == "__doc__":
        return "__doc__"
    holder: ast.expr | None = None
    if isinstance(node, ast.Attribute) and node.attr == "__doc__":
        holder = node.value
    elif isinstance(node, ast.Call) and decorator(node).rpartition(".")[2] in _READERS and node.args:
        holder = node.args[0]
    if holder is None:
        return None
    return decorator(holder).rpartition(".")[2]
