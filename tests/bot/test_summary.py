"""The subject of a model's commit."""

from __future__ import annotations

import pytest

from ocode_bot.solvers.summary import MOST, summary
from ocode_tools.edits import Edit

CODE = "def f(a, b):\n    if a > b:\n        return a\n    return b\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("a > b", "a >= b", "replace `>` by `>=` in f"),
        ("return b\n", "return b + 1\n", "add `+ 1` in f"),
        ("    if a > b:\n", "    if a > b and b:\n", "add `and b` in f"),
        ("f(a, b)", "f(a)", "drop `, b` in f"),
        ("    return b\n", "", "drop `return b` in f"),
        ("def f", "import math\n\n\ndef f", "add `import math` in f"),
        ("    return b\n", "    b = 1\n    return b\n", "add `b = 1` in f"),
        ("return a\n    return b", "return b\n    return a", "correct 2 lines in f"),
        ("a > b", f"a > b and {'x' * MOST}", "correct 1 line in f"),
        ("a > b:\n        return a", "b > a:\n        return 7", "correct 2 lines in f"),
    ],
)
def test_what_changed(old: str, new: str, said: str) -> None:
    assert summary([Edit("a.py", CODE.encode(), CODE.replace(old, new).encode())], "A.f") == said


def test_a_file() -> None:
    assert summary([Edit("data/a.ini", b"x = 1\n", b"x = 2\n")], "data/a.ini") == "replace `1` by `2` in a.ini"
