"""Replies of no common kind: quoted, nested, half prose, half another tool's dialect; and code that lost something."""

from __future__ import annotations

import json

from replying import ADD, CALC, FIXED, OLD, POP, POPPED, A, B, Case, fenced, judge, table

PATCH = "*** Begin Patch\n*** Update File: src/calc.py\n@@\n-" + A + "+" + B + "*** End Patch\n"
LOOP = """def wrap(text, width):
    lines, line = [], ""
    for word in text.split():
        if len(line) + len(word) > width:  # too long
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}"
    return lines
"""
HEAD = LOOP[: LOOP.index("            line = word")]
TAIL = "def wrap(text, width):\n    # (split as above)\n    if line:\n        lines.append(line)\n    return lines\n"
SET = "def wrap(text, width):\n    if line:\n        lines.append(line)\n    return lines\n"
BULLETS = '"""Notes.\n\n- one\n- two\n\n  + three\n"""\n\n\n' + OLD
INI = "[a]\nx = 1\ny = 3\n"
NESTED = "def outer(n):\n    def inner(x):\n        return x - 1\n\n    return inner(n)\n"
TWIN = "class A:\n    def pop(self):\n        return pop(self, 1)\n\n\ndef pop(a, n):\n    return a[n]\n"
DOTS = "<<<<<<< SEARCH\ndef add(a, b):\n    ...\n" + A + "=======\ndef add(a, b):\n    ...\n" + B + ">>>>>>> REPLACE\n"

CASES = [
    Case("quoted-reply", "".join(f"> {line}\n" for line in fenced(ADD).splitlines())),
    Case(
        "list-item",
        "2. Fix:\n   ```python\n" + "".join(f"   {line}\n" for line in ADD.splitlines()) + "   ```\n3. Done",
    ),
    Case("fence-after-words", "Fix: ```python\n" + ADD + "```"),
    Case("fence-in-a-fence", "```markdown\nThe fix:\n```python\n" + ADD + "```\n```\n"),
    Case(
        "fence-on-one-line", "```python def add(a, b): return a + b```",
        CALC.replace(OLD, "def add(a, b): return a + b\n"),
    ),
    Case("broken-block-then-good", "```python\ndef add(a, b):\n    return a.\n```\nSorry:\n" + fenced(ADD)),
    Case("shell-writes-the-file", "```bash\ncat > src/calc.py << 'EOF'\n" + FIXED + "EOF\n```\n"),
    Case("shell-edits", "```bash\nsed -i 's/a - b/a + b/' src/calc.py\n```\n", None),
    Case("before-and-after", "### Before\n" + fenced(A, before="") + "### After\n" + fenced(B, before="")),
    Case("replace-with", "Replace:\n" + fenced(A, before="") + "with:\n" + fenced(B, before="")),
    Case(
        "old-string-new-string",
        "old_string:\n" + fenced(A, before="", after="") + "new_string:\n" + fenced(B, before=""),
    ),
    Case("search-with-dots", DOTS),
    Case("search-in-fences", "```\n<<<<<<< SEARCH\n" + A + "```\n=======\n```\n" + B + ">>>>>>> REPLACE\n```"),
    Case("search-with-a-comment", "<<<<<<< SEARCH\n    return a - b  # sum\n=======\n" + B + ">>>>>>> REPLACE\n"),
    Case(
        "search-of-comment-alone", "<<<<<<< SEARCH\n    # nothing\n=======\n    # something\n>>>>>>> REPLACE\n", None,
        "not in the file",
    ),
    Case("search-without-middle", "<<<<<<< SEARCH\n" + A + ">>>>>>> REPLACE\n" + B, None),
    Case(
        "search-removes", "<<<<<<< SEARCH\n    if a is None:\n        a = 0\n=======\n>>>>>>> REPLACE\n",
        CALC.replace("    if a is None:\n        a = 0\n", ""),
    ),
    Case(
        "search-one-of-two-missing",
        "<<<<<<< SEARCH\n" + A + "=======\n" + B
        + ">>>>>>> REPLACE\n<<<<<<< SEARCH\nno\n=======\nx\n>>>>>>> REPLACE\n",
        None,
    ),
    Case("patch-in-json", json.dumps({"cmd": ["apply_patch", PATCH]})),
    Case("json-in-json", json.dumps(json.dumps({"code": ADD}))),
    Case("fence-in-json", json.dumps({"response": fenced(ADD)})),
    Case("cdata", '<file path="src/calc.py"><![CDATA[' + FIXED + "]]></file>"),
    Case(
        "commentary-channel",
        "<|start|>assistant<|channel|>commentary to=functions.edit <|constrain|>json<|message|>"
        + json.dumps({"code": ADD}),
    ),
    Case(
        "other-script",
        "\u4fee\u590d\u540e\u7684\u51fd\u6570\uff1a\n\n" + ADD + "\n\u8bf4\u660e\uff1a\u52a0\u6cd5\u3002\n",
    ),
    Case(
        "ipython",
        fenced("".join(("   ...: " if n else "In [1]: ") + line + "\n" for n, line in enumerate(ADD.splitlines()))),
    ),
    Case("magic", fenced("%%time\n" + ADD)),
    Case("repr", repr(ADD)),
    Case("sent-until-cut-off", (fenced(ADD) + "\n") * 5 + "```python\ndef add(a, b):\n    if a"),
    Case("other-file-in-a-comment", fenced("# lib/other.py\n" + ADD), None, "lib/other.py"),
    Case("other-language", fenced("function add(a, b) {\n  return a + b;\n}\n", "javascript"), None),
    Case("line-alone", fenced("return a + b\n"), None),
    Case("body-alone", fenced("    if a is None:\n        a = 0\n    return a + b\n"), None),
    Case("lambda", fenced("add = lambda a, b: a + b\n"), None),
    Case("head-of-a-function", fenced(HEAD), None, "return", LOOP, ("wrap",)),
    Case("told-not-given", fenced(TAIL), None, "leaves code out", LOOP, ("wrap",)),
    Case("names-not-set", fenced(SET), None, "no longer sets", LOOP, ("wrap",)),
    Case(
        "inner-stub", fenced("def outer(n):\n    def inner(x):\n        ...\n\n    return inner(n) + 1\n"), None,
        "stub", NESTED, ("outer",),
    ),
    Case(
        "markers-in-a-docstring", fenced(BULLETS.replace("a - b", "a + b")), BULLETS.replace("a - b", "a + b"), "",
        BULLETS,
    ),
    Case(
        "whole-file-for-a-method", fenced(TWIN.replace("self, 1", "self, 0")), TWIN.replace("self, 1", "self, 0"), "",
        TWIN, ("A.pop",),
    ),
    Case(
        "entities-in-docstring-only", fenced(ADD.replace("two numbers.", "a &gt;&gt; b.")),
        FIXED.replace("two numbers.", "a >> b."), "", CALC.replace("two numbers.", "a >> b."),
    ),
    Case(
        "comment-at-the-end-stays", fenced(ADD), FIXED.replace(B, B + "    # done\n"), "",
        CALC.replace(A, A + "    # done\n"),
    ),
    Case("property-half-given", fenced("class Stack:\n" + POP), POPPED, "", CALC, ("Stack.pop",)),
    Case("snippet-of-a-text-file", fenced("[a]\nx = 2\n", "ini"), None, "not the whole file", INI, (), "a.ini"),
    Case(
        "shell-for-a-text-file", fenced("pip install x\n", "bash"), None, "not the whole file", INI, (),
        "requirements.txt",
    ),
    Case(
        "diff-that-fits-nowhere-in-text", fenced("@@\n-z = 1\n+z = 2\n", "diff"), None, "not in the file", INI, (),
        "a.ini",
    ),
]  # fmt: skip


@table(CASES)
def test_an_odd_reply(case: Case) -> None:
    judge(case)
