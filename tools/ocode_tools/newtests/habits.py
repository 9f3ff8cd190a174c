"""How a repository writes its tests: where they lie, what they are called, which kind they are, what helps them."""

from __future__ import annotations

import ast
import posixpath
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from ocode_tools.gates.scope import is_test_path
from ocode_tools.source import Function, Source, SourceError

Read = Callable[[str], Source | None]
Style = Literal["pytest", "unittest"]

_LOOKED = 40  # test files that are looked at
_EXAMPLE = 25  # lines of a test that is shown
_HELPERS = 12


@dataclass(frozen=True, slots=True)
class Habits:
    """What is usual for the tests of one source file: `path` is where new ones go (`exists` or not), `example` a test
    that is there, `helpers` which fixtures and factories there are, a line each, `related` tests that know the file.
    """

    path: str
    exists: bool
    style: Style
    example: str
    helpers: tuple[str, ...]
    related: tuple[str, ...]


def habits(path: str, module: str, files: Sequence[str], read: Read, *, pytest: bool) -> Habits:
    """For the source file `path`, imported as `module`, in a repository of `files`; without `pytest` there is only
    unittest."""
    tests = [file for file in files if file.endswith(".py") and _is_test_file(file)]
    near = sorted(tests, key=lambda file: (-_alike(file, path), file))[:_LOOKED]
    sources = [source for file in near if (source := read(file)) is not None]
    related = [source for source in sources if _imports(source, module)]
    style = _style(related or sources, pytest)
    place = _home(path, related, tests, files)
    best = next((source for source in sources if source.path == place), related[0] if related else None)
    example = _example(best or (sources[0] if sources else None))
    helpers = _helpers(place, files, read)
    return Habits(place, place in files, style, example, helpers, tuple(source.path for source in related))


def _is_test_file(path: str) -> bool:
    name = posixpath.basename(path)
    return name.startswith("test") or name.endswith(("_test.py", "_tests.py"))


def _stem(path: str) -> str:
    name = posixpath.basename(path).removesuffix(".py")
    return name.removeprefix("test_").removeprefix("tests_").removesuffix("_test").removesuffix("_tests")


def _alike(test: str, path: str) -> int:
    """How much a test file's path has in common with a source file's."""
    same = len(set(test.split("/")[:-1]) & set(path.split("/")[:-1]))
    return same + 10 * (_stem(test) == _stem(path))


def _imports(source: Source, module: str) -> bool:
    """Whether a file imports a module, or something from it."""
    package, _, last = module.rpartition(".")
    try:
        nodes = list(ast.walk(source.tree))
    except SourceError:
        return False
    for node in nodes:
        if isinstance(node, ast.Import) and any(alias.name == module for alias in node.names):
            return True
        if isinstance(node, ast.ImportFrom) and (
            node.module == module or (node.module == package and any(alias.name == last for alias in node.names))
        ):
            return True
    return False


def _style(sources: Sequence[Source], pytest: bool) -> Style:
    """Unittest where most tests here are methods of its TestCase, or where there is nothing else."""
    if not pytest:
        return "unittest"
    cases = functions = 0
    for source in sources:
        try:
            body = source.tree.body
        except SourceError:
            continue
        functions += any(isinstance(node, Function) and node.name.startswith("test") for node in body)
        cases += any(isinstance(node, ast.ClassDef) and _is_case(node) for node in body)
    return "unittest" if cases > functions else "pytest"


def _is_case(node: ast.ClassDef) -> bool:
    return any(ast.unparse(base).endswith("TestCase") for base in node.bases)


def _home(path: str, related: Sequence[Source], tests: Sequence[str], files: Sequence[str]) -> str:
    """The test file of a source file: one that is there and bears its name, or a new one where others lie."""
    stem = _stem(path) if posixpath.basename(path) != "__init__.py" else posixpath.basename(posixpath.dirname(path))
    known = [source.path for source in related]
    named = [file for file in [*known, *tests] if _stem(file) == stem]
    mine = [file for file in named if file in known or len(named) == 1 or _alike(file, path) > 10]
    if mine:
        return mine[0]
    suffix = Counter(posixpath.basename(file).endswith("_test.py") for file in tests)
    plain = stem.strip("_")
    name = f"{plain}_test.py" if suffix[True] > suffix[False] else f"test_{plain}.py"
    folder = _folder(path, tests, files)
    free = posixpath.join(folder, name)
    taken = {posixpath.basename(file) for file in tests}
    # Two test files of one name in folders that are no packages hide each other from pytest.
    if name in taken or free in files:
        parent = posixpath.basename(posixpath.dirname(path)) or "unit"
        free = posixpath.join(folder, name.replace(plain, f"{parent}_{plain}", 1))
    return free


def _folder(path: str, tests: Sequence[str], files: Sequence[str]) -> str:
    """Where a new test file for `path` goes: as most pairs of source and test lie, else where most tests lie."""
    sources = {posixpath.basename(f): f for f in files if f.endswith(".py") and not is_test_path(f)}
    votes: Counter[str] = Counter()
    for test in tests:
        source = sources.get(f"{_stem(test)}.py")
        if source:
            votes[_kind(posixpath.dirname(test), posixpath.dirname(source))] += 1
    here = posixpath.dirname(path)
    kind = votes.most_common(1)[0][0] if votes else ""
    tops = Counter(posixpath.dirname(test) for test in tests)
    top = tops.most_common(1)[0][0] if tops else "tests"
    if kind == "beside":
        return here
    if kind == "below":
        return posixpath.join(here, "tests")
    if kind.startswith("mirrored:"):
        root = kind.partition(":")[2]
        mirrored = posixpath.join(root, _inside(here))
        packaged = any(posixpath.dirname(test) == mirrored for test in tests) or "__init__.py" not in {
            posixpath.basename(file) for file in files if file.startswith(f"{root}/")
        }
        return mirrored if packaged else root
    return kind.partition(":")[2] if kind.startswith("flat:") else top


def _inside(folder: str) -> str:
    """A source folder without what a mirrored tree leaves away: `src` and the package's own name are kept apart."""
    parts = folder.split("/") if folder else []
    return "/".join(parts[1:] if parts[:1] == ["src"] else parts)


def _kind(test: str, source: str) -> str:
    """How the folder of a test lies to that of its source."""
    if test == source:
        return "beside"
    if test == posixpath.join(source, "tests"):
        return "below"
    inside = _inside(source)
    if inside and test.endswith(f"/{inside}"):
        return f"mirrored:{test.removesuffix(f'/{inside}')}"
    return f"flat:{test}"


def _example(source: Source | None) -> str:
    """A short test that is there, with its decorators."""
    if source is None:
        return ""
    try:
        units = source.functions()[1:]
    except SourceError:
        return ""
    short = [u for u in units if u.qualname.rpartition(".")[2].startswith("test") and u.last - u.first < _EXAMPLE]
    asserting = [u for u in short if "assert" in source.text[slice(*source.lines(u.first, u.last))]]
    for unit in (asserting or short)[:1]:
        text = source.text[slice(*source.lines(unit.first, unit.last))]
        return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    return ""


def _helpers(place: str, files: Sequence[str], read: Read) -> tuple[str, ...]:
    """Fixtures, and functions that make things, of the test file and of each conftest.py above it."""
    folder = posixpath.dirname(place)
    above = [folder]
    while above[-1]:
        above.append(posixpath.dirname(above[-1]))
    names = [place, *(posixpath.join(one, "conftest.py") for one in above)]
    found: list[str] = []
    for name in names:
        source = read(name) if name in files else None
        try:
            body = source.tree.body if source else []
        except SourceError:
            body = []
        found += [line for node in body if isinstance(node, Function) and (line := _helper(node, name))]
    return tuple(found[:_HELPERS])


def _helper(node: ast.FunctionDef | ast.AsyncFunctionDef, path: str) -> str:
    fixture = any("fixture" in ast.unparse(one) for one in node.decorator_list)
    makes = node.name.startswith(("make_", "create_", "build_")) or node.name.endswith(("_factory", "_builder"))
    if not fixture and not makes:
        return ""
    kind = "fixture" if fixture else "function"
    said = (ast.get_docstring(node) or "").strip().partition("\n")[0]
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    shown = node.name if fixture else f"{node.name}({ast.unparse(node.args)})"
    return f"{kind} {shown}{returns} ({path})" + (f": {said[:80]}" if said else "")
