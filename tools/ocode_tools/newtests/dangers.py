"""What a new test must keep its hands off: the unit itself, clock, chance, network, disk, other programs."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import Literal, TypeVar

from ocode_tools.source import Function

Fault = TypeVar("Fault")
Make = Callable[[Literal["danger"], str], Fault]

_NETWORK = frozenset(
    {"socket", "socketserver", "ssl", "http", "urllib.request", "urllib3", "requests", "httpx", "aiohttp", "websocket"}
    | {"websockets", "ftplib", "smtplib", "imaplib", "poplib", "telnetlib", "xmlrpc", "paramiko", "grpc", "pycurl"}
)
_PROGRAMS = frozenset({"subprocess", "multiprocessing", "ctypes", "pty", "signal", "pexpect", "sh", "plumbum"})
_PEEPING = frozenset(
    {"inspect", "dis", "gc", "sys.settrace", "sys.setprofile", "tracemalloc", "linecache", "importlib", "imp", "runpy"}
    | {"code", "codeop"}
)
_CLOCK = {"time.time", "time.monotonic", "time.perf_counter", "time.time_ns", "datetime.now", "datetime.today"} | {
    "datetime.utcnow",
    "date.today",
}
_CHANCE = {"random", "secrets", "hash", "id", "uuid.uuid4", "uuid.uuid1", "os.urandom"}
_WRITERS = {
    "write_text",
    "write_bytes",
    "mkdir",
    "makedirs",
    "touch",
    "unlink",
    "rmdir",
    "rmtree",
    "remove",
    "rename",
} | {
    "symlink_to",
    "copyfile",
    "copy2",
    "copytree",
    "move",
    "chmod",
    "to_csv",
    "savefig",
}
_PRIVATE = {"tmp_path", "tmpdir", "tmp_path_factory", "tmpdir_factory", "TemporaryDirectory", "isolated_filesystem"}
_INSIDE = {"__code__", "__globals__", "__closure__", "__defaults__", "__kwdefaults__", "__file__", "__builtins__"} | {
    "_getframe",
    "modules",
    "__subclasses__",
}
_CALLS = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "exit",
    "quit",
    "_exit",
    "abort",
    "kill",
    "system",
    "popen",
    "fork",
} | {
    "input",
    "breakpoint",
    "globals",
    "setrecursionlimit",
    "chdir",
    "putenv",
    "reload",
}
_ABSOLUTE = re.compile(r"^(/(tmp|home|etc|usr|var|root|opt|proc|dev|Users)(/|$)|[A-Za-z]:[\\/]|~/)")


def imports(tree: ast.Module, make: Make[Fault]) -> Fault | None:
    """What an answer imports that no test of a unit needs."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            if _below(name, _NETWORK):
                return make("danger", f"it imports {name}: tests must do without the network")
            if _below(name, _PROGRAMS):
                return make("danger", f"it imports {name}: tests must not start other programs or threads of their own")
            if _below(name, _PEEPING):
                return make("danger", f"it imports {name}: a test looks at what code does, not at the code")
    return None


def _below(name: str, known: frozenset[str]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in known)


def hands_off(test: Function, module: str, name: str, make: Make[Fault], most: int) -> Fault | None:
    """What one test does that it must not, in one line; `module` and `name` are the unit's, `most` how many things it
    may replace."""
    for check in (_replaces, _calls, _paths):
        if found := next(check(test, module, name), ""):
            return make("danger", f"{test.name} {found}")
    count = sum(1 for node in ast.walk(test) if isinstance(node, ast.Call) and _is_patch(dotted(node.func)))
    return make("danger", f"{test.name} replaces {count} things; at most {most}") if count > most else None


def dotted(node: ast.AST) -> str:
    """A name with its dots as written; empty for other expressions, which it begins with a dot after."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "")
    return ".".join(reversed(parts))


def _is_patch(name: str) -> bool:
    return bool(re.search(r"(^|\.)patch(\.|$)|(^|\.)setattr$|(^|\.)delattr$|(^|\.)create_autospec$", name))


def _replaces(test: Function, module: str, name: str) -> Iterator[str]:
    """Anything that puts something else in the place of the unit."""
    parts = name.split(".")
    last, owners = parts[-1], {*parts[:-1], module.rpartition(".")[2], module, "cls"}
    for node in ast.walk(test):
        match node:
            case ast.Call(func=func, args=args) if _is_patch(dotted(func)):
                words = [arg.value for arg in args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
                # patch("m.f"), patch.object(m, "f"), setattr(m, "f", ...)
                if any(word.split(".")[-1] in parts for word in words):
                    yield f"replaces {name}, which it should test"
            case ast.Assign(targets=targets) | ast.Delete(targets=targets):
                for target in (part for one in targets for part in ast.walk(one)):
                    if isinstance(target, ast.Attribute) and target.attr in parts and dotted(target.value) in owners:
                        yield f"replaces {name}, which it should test"
                    if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store) and target.id == parts[0]:
                        yield f"gives another meaning to {target.id}, which it should test"
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if node is not test and node.name == last:
                yield f"defines {last} itself, which it should test"
            case ast.arg(arg=argument) if argument == parts[0]:
                yield f"takes {argument} as a fixture, which it should test"
            case _:
                pass


def _calls(test: Function, module: str, name: str) -> Iterator[str]:
    private = any(word in _PRIVATE for node in ast.walk(test) for word in _names(node))
    for node in ast.walk(test):
        if isinstance(node, ast.Attribute) and node.attr in _INSIDE:
            yield f"looks at {node.attr}: a test looks at what code does, not at the code"
        if not isinstance(node, ast.Call):
            continue
        called = dotted(node.func)
        last = called.rpartition(".")[2]
        if last == "sleep":
            yield "sleeps"
        if any(called == one or called.endswith(f".{one}") for one in _CLOCK):
            yield f"asks {called}() for the time, so that it says something else tomorrow"
        if called.partition(".")[0] in _CHANCE or called in _CHANCE:
            yield f"uses {called}(): what it checks depends on chance"
        if last in _CALLS and (called == last or called.startswith(("os.", "sys.", "importlib."))):
            yield f"calls {called}()"
        if not private and (_opens(node, last) or (last in _WRITERS and called != last)):
            yield f"writes to the disk with {last}() outside of tmp_path"


def _names(node: ast.AST) -> tuple[str, ...]:
    match node:
        case ast.arg(arg=name) | ast.Name(id=name) | ast.Attribute(attr=name):
            return (name,)
        case _:
            return ()


def _opens(node: ast.Call, last: str) -> bool:
    """Whether a call opens a file for writing."""
    if last != "open":
        return False
    modes = [*node.args[1:2], *(word.value for word in node.keywords if word.arg == "mode")]
    if isinstance(node.func, ast.Attribute):
        modes += node.args[:1]
    return any(
        isinstance(one, ast.Constant) and set(str(one.value)) & set("wax+") and len(str(one.value)) < 5 for one in modes
    )


def _paths(test: Function, module: str, name: str) -> Iterator[str]:
    """Absolute paths in what is given to something that reads files."""
    for node in ast.walk(test):
        if isinstance(node, ast.Call) and re.search(
            r"(^|\.)(open|Path|PurePath|PosixPath|listdir|scandir|exists|read_text|join|stat|isfile|isdir)$",
            dotted(node.func),
        ):
            for arg in node.args:
                if isinstance(arg, ast.Constant) and isinstance(arg.value, str) and _ABSOLUTE.match(arg.value):
                    yield f"reads {arg.value}, which is not on every machine"
