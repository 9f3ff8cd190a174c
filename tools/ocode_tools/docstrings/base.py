"""What may have a docstring."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ocode_tools.source import Function

Node: TypeAlias = "ast.Module | ast.ClassDef | Function"

MODULE = "<module>"


@dataclass(frozen=True, slots=True)
class Unit:
    """What may have a docstring. `qualname` is dotted, `<module>` for the file; lines are 1-based, decorators included.

    `owner` is the class whose body holds it, `inside` says that it is somewhere in a function, `own` are the
    line ranges that are its alone (a class without its methods), and `doc` is its docstring.
    """

    kind: Literal["module", "class", "function"]
    qualname: str
    node: Node
    first: int
    last: int
    owner: ast.ClassDef | None = None
    inside: bool = False
    own: tuple[tuple[int, int], ...] = ()
    doc: ast.Constant | None = None

    @property
    def name(self) -> str:
        """The last part of its name."""
        return self.qualname.rpartition(".")[2]

    @property
    def line(self) -> int:
        """The line of its `def` or `class`, 1 for a module."""
        return 1 if isinstance(self.node, ast.Module) else self.node.lineno
