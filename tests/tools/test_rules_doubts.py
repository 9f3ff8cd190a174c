"""Which edits need stronger evidence than their tests."""

from __future__ import annotations

import ast

import pytest

from ocode_tools.rules.doubts import doubt

OLD = """def f(a, b):
    if a < 0 and b:
        raise ValueError(a)
    for x in [y for y in b if y]:
        if x > a:
            return x
    return a + b
"""
CASES = {
    "nothing": ("a + b", "a - b", ""),
    "a comparison": ("x > a", "x >= a", ""),
    "a check gone": ("        raise ValueError(a)\n", "        pass\n", "drops a check"),
    "always": ("x > a", "True", "always or never"),
    "a filter gone": (" if y]", "]", "drops a condition"),
    "a clause gone": ("a < 0 and b", "a < 0", "drops a clause"),
    "another clause": ("a < 0 and b", "a < 0 and b and a", "adds a clause"),
    "or": ("x > a", "x > a or a", "adds a clause"),
    "the other word": ("a < 0 and b", "a < 0 or b", ""),
    "a guard": ("    for x", "    if not b:\n        return 0\n    for x", "a case of its own"),
    "one value": ("x > a", "x == 3", "one value"),
    "an expression for a value": ("a + b", "a + b if a != 3 else 1", "one value"),
    "handled": (
        "    return a + b\n",
        "    try:\n        return a + b\n    except TypeError:\n        return 0\n",
        "hides",
    ),
}


@pytest.mark.parametrize(("old", "new", "said"), CASES.values(), ids=CASES)
def test_what_speaks_against_an_edit(old: str, new: str, said: str) -> None:
    assert OLD.count(old) == 1
    before, after = (ast.parse(text).body[0] for text in (OLD, OLD.replace(old, new)))
    assert isinstance(before, ast.FunctionDef)
    assert isinstance(after, ast.FunctionDef)
    found = doubt(before, after)
    assert said in found
    assert bool(said) == bool(found)
