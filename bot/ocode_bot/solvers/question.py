"""What a model is asked about one function: the function, just enough around it, the failing test and its message."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ocode_bot.solvers.base import Scene
from ocode_bot.verdict import Verdict
from ocode_tools.causes import Cause
from ocode_tools.replies import Target
from ocode_tools.results import Failure
from ocode_tools.rules.base import Suspect
from ocode_tools.source import Function, Source, SourceError, Unit
from ocode_tools.symbols import attributes, bound

MODULE = "<module>"
WHOLE = 8_000  # characters of a file that is shown whole
TEST, MESSAGE, HINT, SIGNATURES, CONSTANT = 2_400, 1_200, 600, 8, 200
CUT = "[... {} lines left out ...]"

Read = Callable[[str], Source | None]


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to mend: the prompt's `kind` and values, and where the answer belongs."""

    kind: str
    name: str
    targets: tuple[Target, ...]
    values: dict[str, str]


def questions(cause: Cause, scene: Scene) -> Iterator[Question]:
    """One question for each suspicious function, the most suspicious first, then for each file that was named."""
    for suspect in scene.suspects:
        source = scene.read(suspect.path)
        if source and (question := _function(cause, scene, source, suspect)):
            yield question
    for path in scene.named:
        source = scene.read(path)
        if source and len(source.text) <= WHOLE:
            yield _file(cause, scene, source)


def failure_text(failures: Sequence[Failure], path: str = "") -> str:
    """What the first failure says, where in `path` it was raised, and which other tests fail with it."""
    first = failures[0]
    said = shorten(first.message.strip(), MESSAGE)
    error = first.exception.rpartition(".")[2]
    text = said if said.startswith(error) or not error else f"{error}: {said}".strip(": ")
    place = next((f"\nraised in line {f.line} of {f.path}, in {f.function}" for f in reversed(first.frames)), "")
    inner = first.frames[-1].path == path if first.frames else False
    others = ", ".join(f"`{short_id(failure.id)}`" for failure in failures[1:6])
    more = f"\nAlso failing: {others}" if others else ""
    return f"```\n{text}{place if inner else ''}\n```{more}"


def short_id(test: str) -> str:
    """A test's name without its file and class: `test_x[1]`."""
    head, bracket, case = test.partition("[")
    return f"{head.rpartition('::')[2]}{bracket}{case}"


def shorten(text: str, most: int) -> str:
    """A text of at most about `most` characters: whole lines from its beginning and its end."""
    if len(text) <= most:
        return text
    lines = text.splitlines()
    head: list[str] = []
    tail: list[str] = []
    room = most
    for number in range(len(lines)):
        front = number % 3 != 2  # the beginning tells more
        line = lines[len(head)] if front else lines[-1 - len(tail)]
        room -= len(line) + 1
        if room < 0:
            break
        head.append(line) if front else tail.append(line)
    if not head:
        return text[:most] + " [...]"
    return "\n".join([*head, CUT.format(len(lines) - len(head) - len(tail)), *reversed(tail)])


def hint(scene: Scene, path: str) -> str:
    """What an earlier rung found in this file: a change with which the tests are green, that is not sure to be right;
    else its best half answer, which made most, not all, of the tests green, and no more was run of it; one that broke
    others would mislead."""
    held = [verdict for verdict in scene.held if verdict.proposal.edits[0].path == path]
    part = [
        verdict
        for verdict in scene.heard
        if len(verdict.green) > len(verdict.failures) > 0 and verdict.proposal.edits[0].path == path
    ]
    if held:
        return (
            f"Perhaps a hint: the tests pass with this change, but it may not be what was meant.\n\n{_changed(held[0])}"
        )
    if part:
        best = max(part, key=lambda verdict: len(verdict.green))
        return f"Perhaps a hint: this change makes some of the failing tests pass, not all.\n\n{_changed(best)}"
    return ""


def _changed(verdict: Verdict) -> str:
    """The lines that go and come."""
    lines = verdict.proposal.diff().splitlines()[4:]
    changed = "\n".join(line for line in lines if line.startswith(("+", "-")))
    return f"```diff\n{changed[:HINT]}\n```"


def _function(cause: Cause, scene: Scene, source: Source, suspect: Suspect) -> Question | None:
    try:
        unit = next((unit for unit in source.functions() if unit.qualname == suspect.qualname), None)
    except SourceError:
        unit = None
    if unit is None or suspect.qualname == MODULE:
        return _file(cause, scene, source) if len(source.text) <= WHOLE else None
    start, end = source.lines(unit.first, unit.last)
    values = {
        "name": suspect.qualname,
        "path": source.path,
        "code": _plain(source.text[start:end]),
        "around": _around(scene, source, unit),
        "test": _test(cause.failures[0], scene.read),
        "failure": failure_text(cause.failures, source.path),
        "hint": hint(scene, source.path),
    }
    return Question("fix", suspect.qualname, (Target(source.path, source.replace(()), (suspect.qualname,)),), values)


def _file(cause: Cause, scene: Scene, source: Source) -> Question:
    test = _test(cause.failures[0], scene.read)
    values = {
        "path": source.path,
        "code": _plain(source.text),
        "test": f"```python\n{test}\n```" if "\n" in test else test,
        "failure": failure_text(cause.failures, source.path),
    }
    return Question("fix_file", source.path, (Target(source.path, source.replace(())),), values)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").lstrip("\ufeff")


def _test(failure: Failure, read: Read) -> str:
    """The source of the test function with its decorators, cut to a budget; its id where it cannot be found."""
    path, _, inner = failure.id.partition("::")
    name = inner.partition("[")[0].replace("::", ".")
    source = read(path)
    try:
        unit = next((unit for unit in source.functions() if unit.qualname == name), None) if source else None
    except SourceError:
        unit = None
    if source is None or unit is None:
        return failure.id
    start, end = source.lines(unit.first, unit.last)
    case = f"\n# fails for {inner[inner.index('[') :]}" if "[" in inner else ""
    return shorten(_plain(source.text[start:end]), TEST) + case


def _around(scene: Scene, source: Source, unit: Unit) -> str:
    """Imports and constants that the function uses, its class, and the signatures of what it calls."""
    used = {node.id for node in ast.walk(unit.node) if isinstance(node, ast.Name)}
    lines = [*_bindings(source, used), *_signatures(scene, source, unit, used)]
    owner = _owner(source, unit)
    said = ""
    if owner:
        members = [f"`{name}`" for name in attributes(owner) if name != unit.qualname.rpartition(".")[2]]
        others = f", whose other members are {', '.join(members[:20])}" if members else ""
        said = f"`{unit.qualname}` is a method of `class {owner.name}`{others}.\n"
    shown = "It uses:\n\n```python\n" + "\n".join(lines) + "\n```" if lines else ""
    return f"{said}\n{shown}" if said and shown else said or shown


def _bindings(source: Source, used: set[str]) -> Iterator[str]:
    for node in source.tree.body:
        names = [name for child in ast.walk(node) for name in bound(child)] if isinstance(node, _SHORT) else []
        if used.intersection(names) and len(text := source.segment(node)) <= CONSTANT:
            yield _plain(text)


_SHORT = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)


def _signatures(scene: Scene, source: Source, unit: Unit, used: set[str]) -> Iterator[str]:
    """The first lines of the project's functions that the unit calls, from its own file and from others."""
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        for node in ast.walk(unit.node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)
    }
    here = [other for other in source.functions() if other.qualname != unit.qualname]
    known = {other.qualname.rpartition(".")[2]: (source, other) for other in here if isinstance(other.node, Function)}
    found = 0
    for name in sorted(called):
        place = known.get(name) or (_elsewhere(scene, name) if name in used else None)
        if place and found < SIGNATURES:
            found += 1
            yield _signature(*place)


def _elsewhere(scene: Scene, name: str) -> tuple[Source, Unit] | None:
    for symbol in scene.symbols.find(name)[:1]:
        source = scene.symbols.source(symbol.module) if symbol.kind == "function" else None
        units = source.functions() if source else []
        return next(((source, unit) for unit in units if source and unit.qualname == name), None)
    return None


def _signature(source: Source, unit: Unit) -> str:
    node = unit.node
    assert isinstance(node, Function)
    word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    said = (ast.get_docstring(node) or "").strip().partition("\n")[0]
    return f"{word} {unit.qualname}({ast.unparse(node.args)}){returns}" + (f"  # {said[:100]}" if said else "")


def _owner(source: Source, unit: Unit) -> ast.ClassDef | None:
    owner = unit.qualname.rpartition(".")[0]
    return next((node for name, node in source.classes() if name == owner), None)
