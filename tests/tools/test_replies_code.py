"""Replies whose code is spelt oddly: indentation, blanks, quotes, entities, escapes, numbers, markers, prompts."""

from __future__ import annotations

import html

from replying import ADD, CALC, FIXED, OLD, POP, POPPED, STACK, Case, fenced, judge, table

BARE_POP = POP.replace("\n    ", "\n").removeprefix("    ")
TABBED = CALC.replace("    ", "\t")
TWO = CALC.replace("    ", "  ")
DEEP = '''class A:
    def f(self):
        sql = """
SELECT 1
  FROM t
"""
        return run(sql, 1)

    def g(self):
        text = """
            indented
        """
        return text
'''
DEEPER = DEEP.replace("run(sql, 1)", "run(sql, 2)")
DOUBLE = 'def say(name):\n    """Say it."""\n    return "<b>" + name + \'</b> & "co"\'\n'
TYPES = CALC.replace("return a - b", 'return a - b  # "sum" \u2013 of both\u2019s')
PUSHED = (
    "class Stack:\n    @property\n    def top(self):\n        return self.items[0]\n\n    @top.setter\n"
    "    def top(self, item):\n        self.items[0] = item\n"
)
CASES_TWO = (
    "import sys\n\nif sys.platform == 'win32':\n    def where():\n        return 'nul'\nelse:\n    def where():\n"
    "        place = '/dev/zero'\n        return place\n"
)
OVER = (
    "from typing import overload\n\n\n@overload\ndef f(x: int) -> int: ...\n@overload\ndef f(x: str) -> str: ...\n"
    "def f(x):\n    return x + 1\n"
)
NESTED = "def outer(n):\n    def inner(x):\n        return x - 1\n\n    return inner(n)\n"
CACHED = CALC.replace("def add", "@functools.cache\ndef add").replace("import math", "import functools\nimport math")
ASYNC = "async def get(url):\n    return fetch(url)\n"


def numbered(code: str, form: str, start: int = 1) -> str:
    """Code with a number before each line."""
    return "".join(form.format(n, line) + "\n" for n, line in enumerate(code.splitlines(), start))


CASES = [
    Case("20-dedented-a", fenced(BARE_POP), POPPED, names=("Stack.pop",)),
    Case("20-dedented-b", BARE_POP, POPPED, names=("Stack.pop",)),
    Case("20-indented", fenced("".join(f"    {line}\n" for line in ADD.splitlines()))),
    Case("20-half-dedented", fenced(POP.replace("    def pop", "def pop")), POPPED, names=("Stack.pop",)),
    Case(
        "20-first-line-dedented", fenced(STACK[STACK.index("    def push") :].strip() + "\n"), POPPED,
        names=("Stack.push", "Stack.pop"),
    ),
    Case(
        "20-strings-keep-their-margin",
        fenced(
            "def f(self):\n"
            + DEEPER[DEEPER.index("        sql") : DEEPER.index("\n    def g")].replace("        ", "    "),
        ),
        DEEPER, text=DEEP, names=("A.f",),
    ),
    Case(
        "20-strings-move-along",
        fenced("class A:\n    def f(self):\n" + DEEPER[DEEPER.index("        sql") : DEEPER.index("\n    def g")]),
        DEEPER, text=DEEP, names=("A.f",),
    ),
    Case(
        "21-no-indentation", fenced("\n".join(line.strip() for line in ADD.splitlines()) + "\n"), None,
        "does not parse",
    ),
    Case(
        "21-no-indentation-class", fenced("\n".join(line.strip() for line in STACK.splitlines()) + "\n"), None,
        "does not parse", names=("Stack.pop",),
    ),
    Case("22-two-for-four-a", fenced(ADD.replace("    ", "  "))),
    Case("22-two-for-four-b", fenced(BARE_POP.replace("    ", "  ")), POPPED, names=("Stack.pop",)),
    Case("22-four-for-two", fenced(ADD), FIXED.replace("    ", "  "), text=TWO),
    Case("22-three", fenced(STACK.replace("    ", "   ")), POPPED, names=("Stack.pop",)),
    Case(
        "22-comments-too", fenced(ADD.replace("    ", "  ").replace("  return", "  # add\n  return")),
        FIXED.replace("    return a + b", "    # add\n    return a + b"),
    ),
    Case("23-tabs-for-spaces-a", fenced(ADD.replace("    ", "\t"))),
    Case("23-tabs-for-spaces-b", fenced(POP.replace("    ", "\t")), POPPED, names=("Stack.pop",)),
    Case("23-spaces-for-tabs", fenced(ADD), FIXED.replace("    ", "\t"), text=TABBED),
    Case(
        "23-spaces-for-tabs-method", fenced(BARE_POP), POPPED.replace("    ", "\t"), text=TABBED,
        names=("Stack.pop",),
    ),
    Case("25-trailing-blanks", fenced(ADD.replace("\n", "  \n").replace("a + b  ", "a + b"))),
    Case(
        "25-trailing-blanks-in-file", fenced(ADD), FIXED.replace("a = 0\n", "a = 0   \n"),
        text=CALC.replace("a = 0\n", "a = 0   \n"),
    ),
    Case("30-curly-a", fenced(ADD.replace('"""', "\u201c\u201c\u201c"))),
    Case(
        "30-curly-b", fenced('def say(name):\n    """Say it."""\n    return \u201c<b>\u201d + name\n'),
        'def say(name):\n    """Say it."""\n    return "<b>" + name\n', text=DOUBLE, names=("say",),
    ),
    Case(
        "30-curly-in-comment-stays", fenced(OLD.replace("a - b", 'a + b  # "sum" - of both\'s')),
        TYPES.replace("a - b", "a + b").replace("\u2013", "-").replace("\u2019", "'"), text=TYPES,
    ),
    Case(
        "30-curly-of-file-kept", fenced(ADD.replace("Add two numbers.", "Add 'two' numbers.")),
        FIXED.replace("Add two numbers.", "Add \u2018two\u2019 numbers."),
        text=CALC.replace("Add two numbers.", "Add \u2018two\u2019 numbers."),
    ),
    Case("31-nbsp-a", fenced(ADD.replace("    ", "\u00a0\u00a0\u00a0\u00a0"))),
    Case("31-nbsp-b", fenced(ADD.replace("    if", "\u00a0   if"))),
    Case("31-minus-sign", fenced(OLD.replace("a - b", "a \u2212 \u2212b")), CALC.replace("a - b", "a - -b")),
    Case("31-zero-width", fenced(ADD.replace("return", "\u200breturn"))),
    Case(
        "31-full-width", fenced(ADD.replace("(a, b)", "\uff08a\uff0cb\uff09").replace(":", "\uff1a", 1)),
        FIXED.replace("(a, b)", "(a,b)", 1),
    ),
    Case(
        "32-entities-a", fenced(html.escape(ADD.replace("a is None", "a < 0 and b > 0"))),
        FIXED.replace("a is None", "a < 0 and b > 0"),
    ),
    Case(
        "32-entities-b", fenced(html.escape("def add(a, b):\n    return a < b\n")),
        CALC.replace(OLD, 'def add(a, b):\n    """Add two numbers."""\n    return a < b\n'),
    ),
    Case("32-entities-c", fenced("def add(a, b):\n    return a -&gt; b\n"), None, "does not parse"),
    Case(
        "32-entities-meant", fenced(ADD.replace("a + b", '"&lt;" + a.replace("<", "&lt;")')),
        CALC.replace("a - b", '"&lt;" + a.replace("<", "&lt;")'),
    ),
    Case("33-escaped-a", fenced(ADD.rstrip().replace("\n", "\\n") + "\n")),
    Case("33-escaped-b", ADD.replace("\n", "\\n")),
    Case("33-escaped-c", '"' + ADD.replace('"', '\\"').replace("\n", "\\n") + '"'),
    Case(
        "33-escape-in-a-string-stays", fenced(ADD.replace("a + b", '"\\n".join(a)')),
        CALC.replace("a - b", '"\\n".join(a)'),
    ),
    Case("34-numbers-bar", fenced(numbered(ADD, "{:3d} | {}"))),
    Case("34-numbers-colon", fenced(numbered(ADD, "{}: {}", 8))),
    Case("34-numbers-colon-tight", fenced(numbered(ADD, "{}:{}", 8))),
    Case("34-numbers-tab", fenced(numbered(ADD, "{}\t{}", 98))),
    Case("34-numbers-box", fenced(numbered(ADD, "{:>4}\u2502 {}", 8))),
    Case(
        "34-numbers-all-but-last",
        fenced(numbered(ADD[: ADD.index("    return")], "{} | {}", 8) + "    return a + b\n"),
    ),
    Case("34-numbers-method", fenced(numbered(POP, "{:4d} | {}", 31)), POPPED, names=("Stack.pop",)),
    Case("35-plus-everywhere-a", fenced("".join(f"+{line}\n" for line in ADD.splitlines()))),
    Case("35-plus-everywhere-b", fenced("".join(f"+ {line}\n" for line in ADD.splitlines()))),
    Case("35-plus-and-minus", fenced(OLD.replace("    return a - b\n", "-    return a - b\n+    return a + b\n"))),
    Case(
        "35-plus-and-minus-spaced",
        fenced("".join(f" {line}\n" for line in OLD.splitlines()[:-1]) + "-    return a - b\n+    return a + b\n"),
    ),
    Case(
        "35-plus-and-minus-comments",
        fenced(OLD.replace("    return a - b\n", "-   return a - b\n+   return a + b\n")),
    ),
    Case(
        "prompts",
        fenced("".join((">>> " if n == 0 else "... ") + line + "\n" for n, line in enumerate(ADD.splitlines()))),
    ),
    Case(
        "markdown-escapes", fenced(ADD.replace("a + b", "a + b\\_c").replace("b)", "b\\_c)")),
        CALC.replace("a - b", "a + b_c").replace("add(a, b)", "add(a, b_c)"),
    ),
    Case("decorators-left-out", fenced(ADD), CACHED.replace("a - b", "a + b"), text=CACHED),
    Case("decorators-given", fenced("@functools.cache\n" + ADD), CACHED.replace("a - b", "a + b"), text=CACHED),
    Case(
        "property-getter", fenced("    @property\n    def top(self):\n        return self.items[-1]\n"),
        PUSHED.replace("return self.items[0]", "return self.items[-1]"), text=PUSHED, names=("Stack.top",),
    ),
    Case(
        "property-setter", fenced("@top.setter\ndef top(self, item):\n    self.items[-1] = item\n"),
        PUSHED.replace("self.items[0] = item", "self.items[-1] = item"), text=PUSHED, names=("Stack.top",),
    ),
    Case(
        "property-both", fenced(PUSHED.replace("[0]", "[-1]")), PUSHED.replace("[0]", "[-1]"), text=PUSHED,
        names=("Stack.top",),
    ),
    Case(
        "property-plain", fenced("def top(self):\n    return self.items[-1]\n"),
        PUSHED.replace("return self.items[0]", "return self.items[-1]"), text=PUSHED, names=("Stack.top",),
    ),
    Case(
        "conditional-one", fenced("def where():\n    place = '/dev/null'\n    return place\n"),
        CASES_TWO.replace("/dev/zero", "/dev/null"), text=CASES_TWO, names=("where",),
    ),
    Case(
        "conditional-both", fenced(CASES_TWO.replace("/dev/zero", "/dev/null")),
        CASES_TWO.replace("/dev/zero", "/dev/null"), text=CASES_TWO, names=("where",),
    ),
    Case(
        "conditional-unclear", fenced("def where():\n    return find()\n"), None, "ambiguous", text=CASES_TWO,
        names=("where",),
    ),
    Case(
        "overload-implementation", fenced("def f(x):\n    return x + x\n"), OVER.replace("x + 1", "x + x"), text=OVER,
        names=("f",),
    ),
    Case(
        "overload-all", fenced(OVER[OVER.index("@") :].replace("x + 1", "x + x")), OVER.replace("x + 1", "x + x"),
        text=OVER, names=("f",),
    ),
    Case(
        "nested-inner", fenced("def inner(x):\n    return x + 1\n"), NESTED.replace("x - 1", "x + 1"), text=NESTED,
        names=("outer.inner",),
    ),
    Case(
        "nested-outer", fenced(NESTED.replace("x - 1", "x + 1")), NESTED.replace("x - 1", "x + 1"), text=NESTED,
        names=("outer",),
    ),
    Case(
        "same-method-in-two-classes-a", fenced("def pop(self):\n    return self.items.pop()\n"),
        CALC[: CALC.rindex("pop(0)")] + "pop()\n", names=("Queue.pop",),
    ),
    Case("same-method-in-two-classes-b", fenced(BARE_POP), None, "ambiguous", names=()),
    Case(
        "sync-stays", fenced("async def get(url):\n    return await fetch(url)\n"),
        ASYNC.replace("fetch", "await fetch"), text=ASYNC, names=("get",),
    ),
    Case(
        "sync-as-replied", fenced("def get(url):\n    return fetch(url)\n"), ASYNC.removeprefix("async "), text=ASYNC,
        names=("get",),
    ),
    Case(
        "file-does-not-parse", fenced(ADD), CALC.replace(OLD, ADD),
        text=CALC.replace("if a is None:", "if a is None").replace("a - b", "a - b)"),
    ),
    Case("file-does-not-parse-whole", fenced(FIXED), FIXED, text=CALC.replace("a - b", "a - b)"), names=()),
    Case("new-file", fenced(ADD, before="src/new.py\n"), ADD, text=None, names=(), path="src/new.py"),
    Case("new-file-bare", ADD, ADD, text=None, names=(), path="src/new.py"),
    Case(
        "new-file-lazy", fenced(ADD + "\n# ... more functions here ...\n"), None, "leaves code out", text=None,
        names=(), path="src/new.py",
    ),
]  # fmt: skip


@table(CASES)
def test_a_reply_with_odd_spelling(case: Case) -> None:
    judge(case)
