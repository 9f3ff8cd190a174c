"""The gate against tricks: a fix may not reach its tests, their runner or the process."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping

from ocode_tools.edits import Edit, Proposal, shown
from ocode_tools.gates.base import UNKNOWN, Change, Context, Function, changes, fold, is_text, statements
from ocode_tools.gates.scope import is_test_path

_ENDS = "ends or signals the process"
_SKIPS = "skips or deselects tests"
_HOOKS = "gets at the import system, the interpreter or its callers"
_RUNNER = "uses the test runner"
_RUNS = "runs text as code"
_EQUAL = "compares equal to everything"
_SWALLOWS = "swallows every exception"
_TESTS = "names test files or the test runner"
_PATCHES = "replaces a part of another module"

# Dotted names as they are spelt without aliases; whatever starts with one counts too.
_REACHES: Mapping[str, frozenset[str]] = {
    _ENDS: frozenset(
        {"sys.exit", "os._exit", "os.abort", "os.kill", "os.killpg", "os.execv", "os.execve", "os.execvp", "os.execl"}
        | {
            "os.execlp",
            "os.fork",
            "signal",
            "_thread",
            "exit",
            "quit",
            "SystemExit",
            "KeyboardInterrupt",
            "pytest.exit",
        }
        | {"faulthandler", "atexit"}
    ),
    _SKIPS: frozenset(
        {"pytest.skip", "pytest.xfail", "pytest.importorskip", "pytest.mark.skip", "pytest.mark.skipif", "SkipTest"}
        | {"pytest.mark.xfail", "unittest.skip", "unittest.skipIf", "unittest.skipUnless", "unittest.SkipTest"}
        | {"unittest.expectedFailure", "unittest.case.SkipTest", "self.skipTest"}
    ),
    _HOOKS: frozenset(
        {
            "sys.modules",
            "sys.path",
            "sys.meta_path",
            "sys.path_hooks",
            "sys.settrace",
            "sys.setprofile",
            "sys._getframe",
        }
        | {"sys.monitoring", "sys._current_frames", "sys.excepthook", "sys.unraisablehook", "sys.addaudithook"}
        | {
            "threading.settrace",
            "importlib.reload",
            "builtins",
            "__builtins__",
            "inspect.stack",
            "inspect.currentframe",
        }
        | {"inspect.getouterframes", "inspect.trace", "traceback.extract_stack", "traceback.walk_stack"}
        | {"gc.get_objects", "gc.get_referrers", "gc.get_referents", "ctypes"}
    ),
    _RUNNER: frozenset({"pytest", "_pytest", "pluggy", "unittest", "mock", "nose"}),
    _RUNS: frozenset({"eval", "exec", "compile", "__import__"}),
}
_BUILTIN = frozenset(
    {"exit", "quit", "SystemExit", "KeyboardInterrupt", "__builtins__", "eval", "exec", "compile", "__import__", "self"}
)
_SHADOWED = _BUILTIN - {"self", "__builtins__"}
_CALLERS = frozenset(
    {"f_back", "f_locals", "f_globals", "tb_frame", "gi_frame", "__globals__", "__code__", "__subclasses__"}
)
_STEERING = frozenset({"collect_ignore", "collect_ignore_glob", "pytest_plugins", "__test__", "pytestmark"})
_EQUALITIES = frozenset(
    {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__bool__", "__contains__", "__instancecheck__"}
)
_TELLTALE = re.compile(
    r"pytest|unittest|conftest|OCODE_|__test__|/proc/self|(^|[/\\])(tests[/\\]|(test_\w*|\w+_test)\.py)|test_?\*", re.I
)
_NEW_FILE = re.compile(r"conftest\.py|(site|user)customize\.py|.*\.pth|(_?pytest|unittest|pluggy)(\.py)?", re.I)


def plays_fair(proposal: Proposal, context: Context) -> str | None:
    """Nothing new skips tests, ends the process, gets at the runner, the import system or the callers, compares equal
    to everything, swallows every exception, or names a test file; and no new file is run by the runner by itself.

    Each construct is counted in a file before and after; what was there may stay. Only a fix is judged.
    """
    if context.task != "fix":
        return None
    for edit in proposal.edits:
        if why := _new_file(edit):
            return f"{shown(edit.path)} {why}"
    known = {path.rpartition("/")[2].removesuffix(".py") for path in context.test_sources if is_test_path(path)}
    for change in changes(proposal):
        kept = set((change.edit.before or b"").splitlines()) if change.salvaged else set[bytes]()
        lines = (change.edit.after or b"").splitlines()
        aliases = _aliases(change.before), _aliases(change.after)
        # An import under another name gives a new meaning to code that stayed as it was.
        modules = (change.old, change.new) if aliases[0] == aliases[1] else (change.before, change.after)
        old = Counter(what for what, _ in _constructs(modules[0], aliases[0], change, known))
        found = _constructs(modules[1], aliases[1], change, known)
        new = Counter(what for what, line in found if not kept.intersection(lines[line - 1 : line])) - old
        if new:
            return f"{shown(change.edit.path)} newly {min(new)}"
    return None


def _new_file(edit: Edit) -> str | None:
    if edit.before is None and any(map(_NEW_FILE.fullmatch, edit.path.split("/"))):
        return "is new and would be run by Python or the test runner by itself"
    if b"pytest11" in (edit.after or b"") and b"pytest11" not in (edit.before or b""):
        return "registers a plugin of the test runner"
    return None


def _constructs(
    module: ast.Module, aliases: Mapping[str, str], change: Change, known: set[str]
) -> Iterator[tuple[str, int]]:
    """Every suspicious construct as (what it does, 1-based line); a test file may use the runner."""
    texts = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr) and is_text(node)}
    own = (_RUNNER, _TESTS) if is_test_path(change.edit.path) else ()
    for node in ast.walk(module):
        found = [*_reached(node, aliases), *_written(node, aliases)]
        if id(node) not in texts:
            found += _told(node, known)
        for what, name in found:
            if what not in own:
                yield f"{what} ({name})", getattr(node, "lineno", 0)


def _aliases(module: ast.Module) -> dict[str, str]:
    """What the names of imports, and plain copies of them, stand for, as dotted names."""
    found: dict[str, str] = {}
    nodes = list(statements([module]))
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                found[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for node in nodes:
        if isinstance(node, ast.Assign) and (name := _dotted(node.value, found)):
            found |= {target.id: name for target in node.targets if isinstance(target, ast.Name)}
    for name in (name for node in nodes for name in _defined(node) if name in _SHADOWED):
        found.setdefault(name, "")  # the file's own, not the built-in
    return found


def _defined(node: ast.AST) -> Iterator[str]:
    if isinstance(node, Function):
        yield node.name
        yield from (part.arg for part in ast.walk(node.args) if isinstance(part, ast.arg))
    elif isinstance(node, ast.Assign | ast.For | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name))


def _dotted(node: ast.AST, aliases: Mapping[str, str]) -> str:
    """The dotted name of what an expression reaches, by imports, `getattr` and `__import__`; empty if unknown."""
    match node:
        case ast.Name(id=name):
            return aliases.get(name, name if name in _BUILTIN else "")
        case ast.Attribute(value=inner, attr=name):
            return f"{base}.{name}" if (base := _dotted(inner, aliases)) else ""
        case ast.Call(func=ast.Name(id="getattr"), args=[inner, name, *_]) if isinstance(said := fold(name), str):
            return f"{base}.{said}" if (base := _dotted(inner, aliases)) else ""
        case ast.Call(func=function, args=[name, *_]) if isinstance(said := fold(name), str):
            imports = _dotted(function, aliases) in ("__import__", "importlib.import_module")
            return said if imports else ""
        case _:
            return ""


def _reached(node: ast.AST, aliases: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What a node reaches by a dotted name or an import."""
    dotted = [_dotted(node, aliases)]
    if isinstance(node, ast.Import):
        dotted = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and not node.level:
        dotted = [f"{node.module}.{alias.name}" for alias in node.names]
    for name in filter(None, dotted):
        inner = re.search(r"\.((?:sys|os)\..+)", name)  # `logging.sys.exit`
        spelt = (f"{name}.", f"{inner[1]}." if inner else "")
        for what, reach in _REACHES.items():
            yield from ((what, one) for one in sorted(reach) if any(text.startswith(f"{one}.") for text in spelt))
    if isinstance(node, ast.Attribute) and node.attr in _CALLERS:
        yield _HOOKS, node.attr


def _written(node: ast.AST, aliases: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What a node defines, assigns or catches."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()) if name in _STEERING:
            yield _SKIPS, name
        case ast.FunctionDef(name=name) if name.startswith("pytest_"):
            yield _RUNNER, name
        case ast.FunctionDef(name=name, body=[*_, ast.Return(value=value)]) if name in _EQUALITIES:
            plain = sum(not is_text(part) for part in node.body) == 1
            yield from [(_EQUAL, name)] if plain and isinstance(fold(value), bool | int) else []
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda(body=value)) if name in _EQUALITIES:
            yield from [(_EQUAL, name)] if isinstance(fold(value), bool | int) else []
        case ast.Attribute(value=inner, attr=name, ctx=ast.Store() | ast.Del()):
            module = _dotted(inner, aliases)
            yield from [(_PATCHES, f"{module}.{name}")] if _is_standard(module) else []
        case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[inner, *_]):
            module = _dotted(inner, aliases)
            yield from [(_PATCHES, module)] if _is_standard(module) else []
        case ast.ExceptHandler(type=kind, body=body) if _is_broad(kind) and all(map(_is_idle, body)):
            yield _SWALLOWS, "except"
        case ast.Call(args=kinds) if _dotted(node.func, aliases) == "contextlib.suppress" and any(
            map(_is_broad, kinds)
        ):
            yield _SWALLOWS, "suppress"
        case ast.Try(finalbody=[*_, ast.Return() | ast.Break() | ast.Continue()]):
            yield _SWALLOWS, "finally"
        case _:
            pass


def _is_standard(dotted: str) -> bool:
    return dotted.partition(".")[0] in sys.stdlib_module_names


def _is_broad(kind: ast.expr | None) -> bool:
    match kind:
        case None | ast.Name(id="Exception" | "BaseException"):
            return True
        case ast.Tuple(elts=kinds):
            return any(map(_is_broad, kinds))
        case _:
            return False


def _is_idle(node: ast.stmt) -> bool:
    """Whether a statement does nothing with what was caught."""
    match node:
        case ast.Pass() | ast.Continue() | ast.Break() | ast.Return(value=None):
            return True
        case ast.Expr(value=value) | ast.Return(value=value) | ast.Assign(value=value):
            return fold(value) is not UNKNOWN
        case _:
            return False


def _told(node: ast.AST, known: set[str]) -> Iterator[tuple[str, str]]:
    """Test files and runners that a node names in a string or imports."""
    said = fold(node) if isinstance(node, ast.Constant | ast.BinOp | ast.JoinedStr | ast.Call) else None
    if isinstance(said, str) and (_TELLTALE.search(said) or said.rpartition("/")[2].removesuffix(".py") in known):
        yield _TESTS, " ".join(said.split())[:40]
    if isinstance(node, ast.Import | ast.ImportFrom):
        whole = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        last = {alias.name.rpartition(".")[2] for alias in node.names} & known
        tests = [name for name in whole if is_test_path(f"{name.replace('.', '/')}.py")]
        yield from ((_TESTS, name) for name in sorted({*tests, *last}))
