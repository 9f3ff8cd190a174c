"""Replies that give more or less than was asked for: lazy, shrunk, stubbed, cut off, one function of a file."""

from __future__ import annotations

from replying import ADD, CALC, FIXED, OLD, POP, POPPED, STACK, Case, fenced, judge, table

LAZY_FILE = '"""A calculator."""\n\nimport math\n\n{mark}\n\n' + ADD + "\n{mark}\n"
SUM = CALC.replace("    def push", "    def size(self):\n        return len(self.items)\n\n    def push")
STUBS = """def area(radius):
    ...


class Stack:
    def pop(self):
        pass
"""
LONG = "def total(rows):\n    out = 0\n" + "".join(f"    out += rows[{n}]\n" for n in range(16)) + "    return out\n"

CASES = [
    Case("01-lazy-top-level-a", fenced(LAZY_FILE.format(mark="# ... existing code ..."))),
    Case("01-lazy-top-level-b", fenced(LAZY_FILE.format(mark="# rest of the code remains unchanged")), names=()),
    Case("01-lazy-top-level-c", fenced(LAZY_FILE.format(mark="..."))),
    Case("01-lazy-top-level-d", fenced(LAZY_FILE.format(mark="# (other functions stay the same)"))),
    Case("01-lazy-top-level-e", fenced(LAZY_FILE.format(mark="... rest of the file unchanged ..."))),
    Case("01-lazy-top-level-f", fenced(LAZY_FILE.format(mark="[... previous code ...]")), names=()),
    Case(
        "01-lazy-body-a", fenced("def add(a, b):\n    # ... existing code ...\n    return a + b\n"), None,
        "leaves code out",
    ),
    Case(
        "01-lazy-body-b", fenced(ADD.replace("    if a is None:\n        a = 0\n", "    # same as before\n")), None,
        "leaves code out",
    ),
    Case("01-lazy-body-c", fenced("def add(a, b):\n    ...\n    return a + b\n"), None, "stands for code"),
    Case(
        "01-lazy-body-d", fenced("def add(a, b):\n    # Rest of the function remains unchanged\n    return a + b\n"),
        None, "leaves code out",
    ),
    Case("01-lazy-body-e", fenced("def add(a, b):\n    [rest of the code]\n    return a + b\n"), None),
    Case(
        "01-lazy-body-f", fenced("def add(a, b):\n    return a + b\n    # \u2026 unchanged \u2026\n"), None,
        "leaves code out",
    ),
    Case(
        "01-lazy-body-g", fenced('def add(a, b):\n    """... docstring unchanged ..."""\n    return a + b\n'), None,
        "leaves code out",
    ),
    Case("01-lazy-class", fenced("class Stack:\n    # ... other methods ...\n\n" + POP), POPPED, names=("Stack.pop",)),
    Case("01-lazy-class-dots", fenced("class Stack:\n    ...\n" + POP), POPPED, names=("Stack.pop",)),
    Case("02-shrunk-file", fenced('"""A calculator."""\n\n\n' + ADD), names=()),
    Case("02-shrunk-function", fenced("def total(rows):\n    return rows[0]\n"), None, "lost", LONG, ("total",)),
    Case(
        "02-shrunk-text", fenced("name = 1\n", "toml"), None, "not the whole file",
        "".join(f"x{n} = 1\n" for n in range(20)), (), "a.toml",
    ),
    Case("03-function-for-file-a", fenced(ADD), names=()),
    Case("03-function-for-file-b", fenced(ADD, "py")),
    Case(
        "03-method-for-file", fenced(POP.replace("    def", "def").replace("\n    ", "\n")), None, "ambiguous",
        names=(),
    ),
    Case("03-method-asked", fenced(POP), POPPED, names=("Stack.pop",)),
    Case("04-class-only", fenced(STACK), POPPED, names=("Stack.pop",)),
    Case("04-class-only-for-file", fenced(STACK), POPPED, names=()),
    Case("04-class-some-methods", fenced('class Stack:\n    """A stack."""\n\n' + POP), POPPED, names=("Stack.pop",)),
    Case(
        "04-class-new-method", fenced(SUM[SUM.index("class Stack") : SUM.index("\n\nclass Queue")]), SUM,
        names=("Stack",),
    ),
    Case("05-stub-a", fenced("def add(a, b):\n    ...\n"), None, "stub"),
    Case("05-stub-b", fenced("def add(a, b):\n    pass\n"), None, "stub"),
    Case("05-stub-c", fenced("def add(a, b):\n    raise NotImplementedError\n"), None, "stub"),
    Case("05-stub-d", fenced('def add(a, b):\n    """Add two numbers."""\n'), None, "stub"),
    Case("05-stubs-of-others", fenced(ADD + "\n\n" + STUBS)),
    Case("05-stubs-of-others-for-file", fenced(ADD + "\n\n" + STUBS), names=()),
    Case("05-comment-as-body", fenced(ADD + "\n\ndef area(radius):\n    # unchanged\n")),
    Case("06-cut-off-a", "```python\ndef add(a, b):\n    if a is None:\n        a =", None, "does not parse"),
    Case(
        "06-cut-off-b", "```python\ndef add(a, b):\n    if a is None:\n        a = 0\n    total = a\n", None,
        "cut off",
    ),
    Case("06-cut-off-c", 'Here:\n```python\ndef add(a, b):\n    """Add two', None, "does not parse"),
    Case("06-cut-off-json", '{"path": "src/calc.py", "code": "def add(a, b):\\n    return', None),
    Case("06-cut-off-file", "```python\n" + FIXED[: FIXED.index("items.pop(0)")] + "items.p", None),
    Case("renamed-a", fenced(ADD.replace("def add", "def add_fixed")), None, "renames add to add_fixed"),
    Case("renamed-b", fenced(ADD.replace("def add", "def plus")), None, "renames add to plus"),
    Case("no-change-a", fenced(OLD), None, "no change"),
    Case("no-change-b", fenced(CALC), None, "no change"),
    Case("no-change-c", fenced(CALC), None, "no change", names=()),
    Case("whole-file-a", fenced(FIXED)),
    Case("whole-file-b", fenced(FIXED), names=()),
    Case("empty-a", "", None, "empty"),
    Case("empty-b", " \n\t\n", None, "empty"),
    Case("prose-a", "I'm sorry, but I cannot help with that.", None, "no code"),
    Case("prose-b", "The function is already correct, nothing needs to change.", None, "no code"),
    Case("question", "Could you show me the tests first?", None, "question"),
    Case("empty-fence", "```python\n```\n", None),
    Case(
        "imports-and-function", fenced("import functools\nimport math\n\n\n@functools.cache\n" + ADD),
        FIXED.replace("import math\n", "import math\nimport functools\n").replace(
            "def add", "@functools.cache\ndef add",
        ),
    ),
    Case(
        "helper-beside",
        fenced("def _zero(a):\n    return 0 if a is None else a\n\n\ndef add(a, b):\n    return _zero(a) + b\n"),
        CALC.replace(
            OLD,
            "def _zero(a):\n    return 0 if a is None else a\n\n\n"
            'def add(a, b):\n    """Add two numbers."""\n    return _zero(a) + b\n',
        ),
    ),
    Case("docstring-left-out", fenced(ADD.replace('    """Add two numbers."""\n', "")), FIXED),
    Case(
        "docstring-left-out-above-a-comment",
        fenced(ADD.replace('    """Add two numbers."""\n', "    # None is nothing\n")),
        FIXED.replace('numbers."""\n', 'numbers."""\n    # None is nothing\n'),
    ),
    Case("docstring-rewritten", fenced(ADD.replace("two", "both")), FIXED.replace("two", "both")),
    Case("usage-below", fenced(ADD + '\n\nif __name__ == "__main__":\n    print(add(1, 2))\n')),
    Case("usage-below-b", fenced(ADD + "\n\nprint(add(1, 2))\nassert add(1, 1) == 2\n")),
]  # fmt: skip


@table(CASES)
def test_a_reply_with_more_or_less_than_asked(case: Case) -> None:
    judge(case)
