"""An answer that holds tests, taken apart: what it imports, what helps, and each test function on its own."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ocode_tools.newtests.checks import Fault
from ocode_tools.replies import fences, objects
from ocode_tools.replies.base import Block
from ocode_tools.replies.elision import elided
from ocode_tools.replies.thinking import views
from ocode_tools.source import TOO_HARD, Function, parse

_DOCTEST = re.compile(r"(?m)^\s*>>> ")


@dataclass(frozen=True, slots=True)
class Answer:
    """A module of tests as it was written. `tests` are the names of its test functions, `Class.method` for methods."""

    text: str
    tree: ast.Module

    @property
    def tests(self) -> tuple[str, ...]:
        """Each test once, in order."""
        return tuple(self.nodes())

    def nodes(self) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
        """The test functions by name."""
        found: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
        for node in self.tree.body:
            if isinstance(node, Function) and node.name.startswith("test"):
                found[node.name] = node
            elif isinstance(node, ast.ClassDef):
                inner = [one for one in node.body if isinstance(one, Function) and one.name.startswith("test")]
                found.update((f"{node.name}.{one.name}", one) for one in inner)
        return found

    def imports(self) -> list[ast.Import | ast.ImportFrom]:
        """The imports at the top level."""
        return [node for node in self.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]

    def without(self, names: Collection[str]) -> Answer:
        """The same without some of its tests; a class that is left without tests goes."""
        lines = self.text.splitlines(keepends=True)
        gone: list[ast.stmt] = [node for name, node in self.nodes().items() if name in names]
        for node in self.tree.body:
            own = [name for name in self.tests if isinstance(node, ast.ClassDef) and name.startswith(f"{node.name}.")]
            if own and set(own) <= set(names):
                gone.append(node)
        for node in gone:
            first, last = first_line(node), node.end_lineno or node.lineno
            lines[first - 1 : last] = [""] * (last - first + 1)
        return made("".join(lines))

    def body(self) -> str:
        """What is neither import nor the file's docstring, and is used: helpers, constants, classes, tests."""
        kept: list[str] = []
        lines = self.text.splitlines()
        before = 0
        for number, node in enumerate(self.tree.body):
            first, last = first_line(node), node.end_lineno or node.lineno
            docstring = number == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if not isinstance(node, ast.Import | ast.ImportFrom) and not docstring and not _runs_itself(node):
                comments = _comments(lines[before : first - 1])
                spaced = "" if isinstance(node, ast.Assign | ast.AnnAssign) and not kept else "\n\n"
                kept.append((spaced if kept else "") + "\n".join([*comments, *lines[first - 1 : last]]).rstrip())
            before = last
        return "\n".join(kept) + "\n" if kept else ""


def _comments(lines: Sequence[str]) -> list[str]:
    """The comment lines right above something."""
    kept: list[str] = []
    for line in reversed(lines):
        if not line.startswith("#"):
            break
        kept.insert(0, line)
    return kept


def _runs_itself(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


def first_line(node: ast.stmt) -> int:
    """The 1-based line on which a statement starts, decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def made(text: str) -> Answer:
    """An answer of text that is known to parse."""
    return Answer(text, parse(text))


def read(reply: str) -> Answer | Fault:
    """The tests that a model's reply holds, in whatever shape, or why it cannot be used. Raises nothing."""
    said = ""
    for view in views(re.sub(r"\r\n?", "\n", reply)):
        blocks = fences.blocks(view, _parses)
        codes = [block.code for block in blocks] or _objects(view)
        codes = codes or [block.code for block in fences.bare(view, _parses)]
        for code in ["\n\n".join(codes), *sorted(codes, key=len, reverse=True)]:
            text = textwrap.dedent(code).strip("\n") + "\n"
            if not re.search(r"\bdef test", text):
                continue
            try:
                answer = made(text)
            except TOO_HARD as problem:
                line = f" in line {problem.lineno}" if isinstance(problem, SyntaxError) and problem.lineno else ""
                said = said or f"it does not parse{line}: {problem.args[0] if problem.args else problem}"
                continue
            if _has_gaps(answer):
                return Fault("form", "it leaves code out")
            if answer.tests:
                return answer
        if any(_DOCTEST.search(code) for code in codes):
            said = said or "it holds doctests; test functions are wanted"
    return Fault("form", said or "it holds no test function")


def _objects(view: str) -> list[str]:
    """Code in the fields of JSON or XML."""
    if "{" not in view and "</" not in view:
        return []
    parts = [part for found in objects.readings(view) for part in found if isinstance(part, Block)]
    return [part.code for part in parts if "def test" in part.code][:1]


def _has_gaps(answer: Answer) -> bool:
    """Whether a comment or an ellipsis stands for code."""
    return elided(answer.text, "") is not None or any(
        all(isinstance(one, ast.Pass) or _is_text(one) for one in node.body) for node in answer.nodes().values()
    )


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _parses(text: str) -> bool:
    try:
        parse(textwrap.dedent(text))
    except TOO_HARD:
        return False
    return True
