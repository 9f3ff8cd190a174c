"""Replies whose fences, file names or number of blocks are odd."""

from __future__ import annotations

from replying import ADD, CALC, FIXED, OLD, POP, POPPED, Case, fenced, judge, table

DOC = '''def add(a, b):
    """Add two numbers.

    ```python
    add(1, 2)
    ```
    """
    if a is None:
        a = 0
    return a + b
'''
DOCUMENTED = CALC.replace(OLD, DOC)
OUTER = ADD.replace('numbers."""', 'numbers.\n\n```\nadd(1, 2)\n```\n"""')
NAMES = [
    "src/calc.py",
    "calc.py",
    "**src/calc.py**",
    "### src/calc.py",
    "`src/calc.py`",
    "`src/calc.py`:",
    "File: src/calc.py",
    "#### `calc.py`",
    "**File: `src/calc.py`**",
    "1. src/calc.py",
    "src/calc.py:",
    "[src/calc.py]",
    "# src/calc.py",
]
INVENTED = [
    "path/to/calc.py",
    "path/to/src/calc.py",
    "/home/me/project/src/calc.py",
    "./src/calc.py",
    "a/src/calc.py",
    "C:\\work\\src\\calc.py",
    "src\\calc.py",
    "/calc.py",
    "../src/calc.py",
]
SENTENCES = [
    "Here is the updated calc.py",
    "Sure! I changed utils.py and more:",
    "The fix for main.py, see below.",
    "In Python 3.11 this works, e.g. like so:",
    "I fixed os.path.join and the function:",
]
TAGS = [
    "php",
    "markdown",
    "Python",
    "python3",
    "py",
    "",
    "text",
    'python title="calc.py"',
    "python:src/calc.py",
    "{.python}",
    "src/calc.py",
    "python src/calc.py",
    "python filename=src/calc.py",
    "c++",
]

CASES = [
    Case("07-missing-closing-fence-a", "```python\n" + ADD),
    Case("07-missing-closing-fence-b", "Sure:\n\n````python\n" + ADD.rstrip()),
    Case("07-missing-closing-fence-c", "~~~\n" + FIXED, names=()),
    Case("07-missing-closing-fence-prose", "```python\n" + ADD + "\nThis change makes the function add.\n"),
    Case("07-missing-opening-fence", ADD + "```\n\nNow it adds.\n"),
    Case("07-closing-fence-glued", "```python\n" + ADD.rstrip() + "```\n"),
    *(
        Case(f"09-name-inside-{n}", fenced(f"{name}\n{ADD}"))
        for n, name in enumerate(["src/calc.py", "# src/calc.py", "# File: calc.py"])
    ),
    *(Case(f"10-name-marked-up-{n}", fenced(ADD, before=f"{name}\n")) for n, name in enumerate(NAMES)),
    *(Case(f"10-name-then-blank-{n}", fenced(ADD, before=f"{name}\n\n")) for n, name in enumerate(NAMES[:4])),
    *(Case(f"11-invented-prefix-{n}", fenced(ADD, before=f"{name}\n")) for n, name in enumerate(INVENTED)),
    *(Case(f"12-sentence-{n}", fenced(ADD, before=f"{line}\n")) for n, line in enumerate(SENTENCES)),
    *(Case(f"13-language-tag-{n}", fenced(ADD, tag)) for n, tag in enumerate(TAGS)),
    Case("13-language-tag-above", fenced(ADD, "", before="python\n")),
    Case("14-no-name", fenced(ADD, "", before="", after="")),
    Case("14-no-name-bare", ADD),
    Case("14-no-name-bare-prose", "Here is the fixed function:\n\n" + ADD + "\nThe sign was wrong.\n"),
    Case("15-nested-a", fenced(DOC), DOCUMENTED),
    Case("15-nested-b", fenced(DOC, ""), DOCUMENTED),
    Case("15-nested-outer", fenced(OUTER), CALC.replace(OLD, OUTER)),
    Case("15-nested-four", "````python\n" + OUTER + "````\n", CALC.replace(OLD, OUTER)),
    Case("15-nested-in-file", fenced(CALC.replace(OLD, OUTER)), CALC.replace(OLD, OUTER), names=()),
    Case("15-nested-then-usage", fenced(DOC) + "\nUse it:\n```python\nprint(add(1, 2))\n```\n", DOCUMENTED),
    Case("16-four-backticks", "````python\n" + ADD + "````\n"),
    Case("16-tildes", "~~~python\n" + ADD + "~~~\n"),
    Case("16-many-tildes", "~~~~~~ python\n" + ADD + "~~~~~~\n"),
    Case(
        "16-indented-fence",
        "1. Change it:\n\n   ```python\n" + "".join(f"   {line}\n" for line in ADD.splitlines()) + "   ```\n",
    ),
    Case("16-tags", "[PYTHON]\n" + ADD + "[/PYTHON]\n"),
    Case("16-html", "<code>\n" + ADD + "</code>\n"),
    Case(
        "17-usage-after", fenced(FIXED) + "\nUsage:\n\n```python\nfrom calc import add\n\nprint(add(1, 2))\n```\n",
        names=(),
    ),
    Case("17-usage-after-function", fenced(ADD) + "\n```python\n>>> add(1, 2)\n3\n```\n"),
    Case("17-shell-after", fenced(ADD) + "\nRun it:\n```bash\npython -m pytest\n```\n"),
    Case("17-shell-before", "```bash\npip install x\n```\n" + fenced(ADD)),
    Case("17-tests-after", fenced(ADD) + "\n```python\ndef test_add():\n    assert add(1, 2) == 3\n```\n"),
    Case("17-output-after", fenced(ADD) + "\nOutput:\n```\n3\n```\n"),
    Case("18-old-then-new", "The original:\n" + fenced(OLD) + "\nFixed:\n" + fenced(ADD)),
    Case("18-new-then-old", fenced(ADD) + "\nFor reference, the original:\n\n" + fenced(OLD, before="")),
    Case("18-old-then-new-file", fenced(CALC) + fenced(FIXED), names=()),
    Case("18-two-versions", fenced(ADD.replace("a + b", "a * b")) + "\nWait, better:\n" + fenced(ADD)),
    Case("18-same-block-both", fenced(OLD + "\n\n" + ADD)),
    Case("19-sent-twice", fenced(ADD) + fenced(ADD)),
    Case("19-sent-twice-file", fenced(FIXED) + fenced(FIXED), names=()),
    Case(
        "two-functions", fenced(ADD) + "and\n" + fenced("class Stack:\n" + POP), POPPED.replace("a - b", "a + b"),
        names=("add", "Stack.pop"),
    ),
    Case(
        "two-functions-bare-method", fenced(ADD) + "and\n" + fenced(POP), POPPED.replace("a - b", "a + b"),
        names=("add", "Stack.pop"),
    ),
    Case(
        "helper-in-its-own-block",
        "First:\n" + fenced("def _sum(a, b):\n    return a + b\n") + fenced(OLD.replace("a - b", "_sum(a, b)")),
        CALC.replace(OLD, "def _sum(a, b):\n    return a + b\n\n\n" + OLD.replace("a - b", "_sum(a, b)")),
    ),
    Case("other-file", fenced(ADD, before="utils.py\n"), None, "utils.py"),
    Case(
        "other-file-tests", fenced("def test_add():\n    assert add(1, 2) == 3\n", before="tests/test_calc.py\n"),
        None,
    ),
    Case("other-file-git", fenced(ADD, before=".git/hooks/pre-commit.py\n"), None, "pre-commit"),
    Case("other-file-etc", fenced(ADD, before="/etc/cron.d/job.sh\n"), None, "job.sh"),
]  # fmt: skip


@table(CASES)
def test_a_reply_with_odd_fences(case: Case) -> None:
    judge(case)
