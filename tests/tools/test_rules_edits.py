"""The templates of statements, calls, conditions and the rest: a body before and after, and what never comes."""

from __future__ import annotations

from textwrap import indent

import pytest

from ocode_tools.results import Failure, Frame
from ocode_tools.rules import TEMPLATES, Scope, Suspect
from ocode_tools.source import Source
from ocode_tools.symbols import Symbols

PATH = "pkg/mod.py"
HEAD = "def f(a, b: int, c: list, d: dict, s: str):\n"


def results(template: str, text: str, failures: tuple[Failure, ...] = ()) -> list[str]:
    """The texts that one template makes of a file."""
    source = Source(PATH, text.encode())
    some = [
        Scope(source, Suspect(PATH, u.qualname, 0.5, {}), u, failures, Symbols([(PATH, source)]))
        for u in source.functions()
    ]
    return [source.replace(c.changes).decode() for scope in some for c in TEMPLATES[template](scope)]


def body(text: str) -> str:
    return HEAD + indent(text, "    ") + "\n"


EDITS = [
    ("missing_calls", "x = b - 1", "x = abs(b - 1)"),
    ("missing_calls", "return len(set(s))", "return len(set(s.lower()))"),
    ("missing_calls", "return c", "return sorted(c)"),
    ("missing_calls", "return b - 1", "return max(b - 1, 0)"),
    ("extra_calls", "return sorted(c)", "return c"),
    ("extra_calls", "return c.sort(reverse=True)", "return c"),
    ("extra_calls", "return -b", "return b"),
    ("extra_calls", "return c[0]", "return c"),
    ("wrong_calls", "return max(c)", "return min(c)"),
    ("wrong_calls", "return s . lower ()", "return s . upper ()"),
    ("wrong_calls", "return c[-1]", "return sum(c)"),
    ("missing_signs", "return b", "return -b"),
    ("idle_names", "return sorted(c, key=lambda x: s.count(1))", "return sorted(c, key=lambda x: str(x).count(1))"),
    ("boolean_calls", "return s.isdigit()", "return not s.isdigit()"),
    ("extra_operands", "return a + b * 2", "return a"),
    ("extra_operands", "return a ** 2 * b", "return a ** b"),
    ("extra_operands", "return a if b else c", "return c if b else a"),
    ("missing_operands", "return len(s)\na, b", "return len(s) - b\na, b"),
    ("wrong_expressions", "x = sum(c) / len(c)\nreturn b / x", "x = sum(c) / len(c)\nreturn b / len(c)"),
    ("wrong_slices", "return s[1:]", "return s[:1]"),
    ("wrong_slices", "return s[a:b]", "return s[a:]"),
    ("wrong_slices", "return g(c)", "return g(c[1:])"),
    ("wrong_ranges", "return range(1, b)", "return range(b)"),
    ("wrong_ranges", "return range(b)", "return range(1, b + 1)"),
    ("wrong_ranges", "return enumerate(c)", "return enumerate(c, 1)"),
    ("wrong_iterations", "for x in c:\n    a(x)", "for x in range(len(c)):\n    a(x)"),
    ("extra_clauses", "if a and b:\n    return c", "if a:\n    return c"),
    ("extra_clauses", "return a or b or c", "return a and b or c"),
    ("missing_clauses", "if a + b == c:\n    return 1", "if a + b == c or a + c == b:\n    return 1"),
    ("missing_clauses", "while s[a] < b:\n    a += 1", "while s and s[a] < b:\n    a += 1"),
    ("wrong_conditions", "if a:\n    return b", "if True:\n    return b"),
    ("wrong_conditions", "return [x for x in c]", "return [x for x in c if x]"),
    ("wrong_conditions", "return [x for x in c if x]", "return [x for x in c]"),
    ("wrong_words", "if a:\n    b = 1\nelif c:\n    b = 2", "if a:\n    b = 1\nif c:\n    b = 2"),
    ("wrong_words", "if a:\n    a -= 1", "while a:\n    a -= 1"),
    ("missing_guards", "return c[0]", "if not c:\n    return None\nreturn c[0]"),
    ("missing_guards", "return f(b - 1) * b", "if b <= 1:\n    return 1\nreturn f(b - 1) * b"),
    ("missing_guards", "for x in c:\n    a(x)", "for x in c:\n    if not x:\n        continue\n    a(x)"),
    ("extra_statements", "a = 1  # one\nb = 2\nreturn a", "b = 2\nreturn a"),
    ("extra_statements", "a = 1\nb = 2\nreturn c", "return c"),
    ("extra_statements", "if a:\n    # why\n    b = 2\nreturn b", "b = 2\nreturn b"),
    ("extra_statements", "for x in c:\n    x()", "for x in c:\n    pass"),
    ("moved_statements", "a = b\nb = a\nreturn b", "b = a\na = b\nreturn b"),
    ("moved_afar", "x = 0\nfor a in c:\n    x += a", "for a in c:\n    x = 0\n    x += a"),
    ("moved_afar", "for a in c:\n    x = 0\n    x += a", "x = 0\nfor a in c:\n    x += a"),
    ("wrong_levels", "for x in c:\n    a += x\n    return a", "for x in c:\n    a += x\nreturn a"),
    ("wrong_levels", "for x in c:\n    a(x)\nb = 1", "for x in c:\n    a(x)\n    b = 1"),
    (
        "wrong_levels",
        "for x in c:\n    if x:\n        break\n    else:\n        a()",
        "for x in c:\n    if x:\n        break\nelse:\n    a()",
    ),
    ("repeated_statements", "a.x()\nif b:\n    b = 1", "a.x()\nif b:\n    b = 1\n    a.x()"),
    ("missing_returns", "b = a + 1", "b = a + 1\nreturn b"),
    ("missing_returns", "g(a)", "return g(a)"),
    ("wrong_results", "return c.sort()", "return sorted(c)"),
    ("wrong_results", "x = b + 1\nreturn g(b)", "x = b + 1\nreturn x"),
    ("wrong_results", "return a", "yield a"),
    ("wrong_assignments", "a = b", "a += b"),
    ("wrong_assignments", "a += b", "a = b"),
    ("wrong_assignments", "x = b\ny = b", "x = b\nx = b"),
    ("wrong_jumps", "while a:\n    break", "while a:\n    continue"),
    ("missing_steps", "while b:\n    a()", "while b:\n    a()\n    b -= 1"),
    ("missing_else", "if a:\n    return True", "if a:\n    return True\nelse:\n    return False"),
    ("wrong_numbers", "return 5 * b", "return 10 * b"),
    ("wrong_texts", "return ' '.join(c)", "return ''.join(c)"),
    ("wrong_texts", 'return s + "__"', 'return s + "_"'),
    ("wrong_texts", "return s == '('", "return s == ')'"),
    ("wrong_texts", "return a if b else 'None'", "return a if b else None"),
    ("wrong_texts", "return len('s')", "return len(s)"),
    ("turned_truths", "if a:\n    return True\nreturn False", "if a:\n    return False\nreturn True"),
    ("missing_arguments", "return sorted(c)", "return sorted(c, reverse=True)"),
    ("missing_arguments", "return g(b)\na", "return g(b, b)\na"),
    ("extra_arguments", "return g(a, b)", "return g(a)"),
    ("extra_arguments", "return sorted(c, reverse=True)", "return sorted(c)"),
    ("swapped_elements", "return [a, b]", "return [b, a]"),
    ("swapped_elements", "x, y = a", "y, x = a"),
    ("missing_keys", "return d[b]", "return d.get(b, 0)"),
    ("missing_keys", "d[a] += 1", "d[a] = d.get(a, 0) + 1"),
    ("missing_format", "return 'x{b}'", "return f'x{b}'"),
    ("missing_format", "return s + b", "return s + str(b)"),
    ("shadowed_names", "list = [a]\nreturn list(list)", "list_ = [a]\nreturn list(list_)"),
]


@pytest.mark.parametrize(("template", "before", "after"), EDITS, ids=[f"{one[0]}-{one[2]}" for one in EDITS])
def test_a_body_becomes_another(template: str, before: str, after: str) -> None:
    assert body(after) in results(template, body(before))


NEVER = [
    ("missing_calls", "self.x = 1\nreturn 2"),
    ("extra_calls", "return a"),
    ("wrong_calls", "return g(a)"),
    ("extra_operands", "return (a  # why\n  + b)"),
    ("wrong_slices", "return 1"),
    ("wrong_ranges", "return g(1)"),
    ("extra_clauses", "return a"),
    ("extra_statements", "import os\nfrom os import path\ndef g(): ..."),
    ("extra_statements", "a = 1; b = 2"),
    ("moved_statements", "'Doc.'\nreturn a"),
    ("wrong_levels", "a = 1\nb = 2"),
    ("wrong_levels", "if a:\n    x()\n    b = '''\n x'''"),
    ("missing_keys", "d[a] = 1"),
    ("missing_format", "return f'{b}'"),
    ("shadowed_names", "return list(c)"),
    ("turned_truths", "return True"),
    ("mutable_defaults", "return a"),
    ("missing_self", "return a"),
    ("missing_await", "return a()"),
    ("wrong_handlers", "return a"),
    ("missing_steps", "return a"),
    ("wrong_jumps", "return a"),
]


@pytest.mark.parametrize(("template", "text"), NEVER)
def test_nothing_comes_of_a_body(template: str, text: str) -> None:
    assert results(template, body(text)) == []


FAILED = (Failure("t.py::t", "call", "KeyError", "'x'", (Frame(PATH, 2, "f"),)),)
WHOLE = [
    (
        "mutable_defaults",
        "def f(a, b=[]):\n    'Doc.'\n    return b\n",
        "def f(a, b=None):\n    'Doc.'\n    if b is None:\n        b = []\n    return b\n",
    ),
    (
        "missing_self",
        "class A:\n    def g(self): ...\n\n    def f(self):\n        return g()\n",
        "class A:\n    def g(self): ...\n\n    def f(self):\n        return self.g()\n",
    ),
    (
        "missing_await",
        "async def g(): ...\nasync def f():\n    return g()\n",
        "async def g(): ...\nasync def f():\n    return await g()\n",
    ),
    (
        "wrong_handlers",
        "def f():\n    try:\n        g()\n    except IndexError:\n        pass\n",
        "def f():\n    try:\n        g()\n    except (IndexError, KeyError):\n        pass\n",
    ),
    (
        "wrong_handlers",
        "def f():\n    raise KeyError(1)\n",
        "def f():\n    raise ValueError(1)\n",
    ),
    ("extra_statements", "def f(a):\n    b = 1\r\n    return a", "def f(a):\n    return a"),
    ("missing_returns", "def f(a):\r\n\tb = a", "def f(a):\r\n\tb = a\r\n\treturn a"),
]


@pytest.mark.parametrize(("template", "before", "after"), WHOLE)
def test_a_file_becomes_another(template: str, before: str, after: str) -> None:
    assert after in results(template, before, FAILED)


def test_every_template_is_tried_here_or_beside() -> None:
    beside = {"missing_imports", "moved_imports", "misspellings", "wrong_operators", "negations", "wrong_constants"}
    beside |= {"off_by_one", "swapped_arguments", "wrong_variables", "wrong_attributes", "wrong_tops"}
    assert {one[0] for one in [*EDITS, *WHOLE]} | beside == set(TEMPLATES)
