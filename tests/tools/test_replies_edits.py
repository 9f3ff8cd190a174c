"""Replies that are changes: search and replace, diffs, patches, objects; and thinking around any of them."""

from __future__ import annotations

import difflib
import json

from replying import ADD, CALC, FIXED, OLD, POP, POPPED, Case, fenced, judge, table

A, B = "    return a - b\n", "    return a + b\n"
SEARCH = "<<<<<<< SEARCH\n" + A + "=======\n" + B + ">>>>>>> REPLACE\n"
DIALECTS = [
    "SEARCH REPLACE",
    "ORIGINAL UPDATED",
    "HEAD main",
    "search replace",
    "OLD NEW",
    "SEARCH> REPLACE>",
    "BEFORE AFTER",
    "HEAD updated",
]
BOTH = "    if a is None:\n        a = 0\n"
TWICE = "def f(x):\n    y = x\n    return y\n\n\ndef g(x):\n    y = x\n    return y\n"
RST = '"""Title\n=======\n\nText.\n"""\n\n\ndef add(a, b):\n    return a - b\n'
DIFF = "".join(difflib.unified_diff(CALC.splitlines(True), FIXED.splitlines(True), "a/src/calc.py", "b/src/calc.py"))
HUNK = DIFF[DIFF.index("@@") :]
BODY = HUNK[HUNK.index("\n") + 1 :]
PATCH = "*** Begin Patch\n*** Update File: src/calc.py\n@@ def add(a, b):\n-" + A + "+" + B + "*** End Patch\n"
TWO = FIXED.replace("items.pop(0)\n\n\nclass Queue", "items.pop()\n\n\nclass Queue")
TWO_DIFF = "".join(difflib.unified_diff(CALC.splitlines(True), TWO.splitlines(True), "a/src/calc.py", "b/src/calc.py"))
LOST = "\n".join(line[1:] if line.startswith(" ") else line for line in HUNK.splitlines()) + "\n"
THINK = (
    "<think>\nThe function subtracts:\n```python\ndef add(a, b):\n    return a * b\n```\nNo, it must add.\n</think>\n\n"
)


def block(search: str, replace: str) -> str:
    """One search and replace block."""
    return f"<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n"


def spelt(dialect: str, size: int = 7) -> str:
    """The block with other words after markers of another length."""
    top, bottom = dialect.split()
    return f"{'<' * size} {top}\n{A}{'=' * size}\n{B}{'>' * size} {bottom}\n"


CASES = [
    Case("08-missing-tail-a", SEARCH[: SEARCH.index(">>>>")]),
    Case("08-missing-tail-b", fenced(SEARCH[: SEARCH.index(">>>>")])),
    Case("08-missing-tail-broken", "<<<<<<< SEARCH\n" + A + "=======\n    return (a +\n", None),
    Case("24-blank-first-line", block("\n" + A, "\n" + B)),
    Case("24-blank-first-line-only-in-search", block("\n\n" + BOTH + A, BOTH + B)),
    Case("24-blank-last-line", block(A + "\n\n\n\n", B)),
    Case("25-trailing-blanks", block(A.replace("\n", "   \n"), B)),
    Case("25-trailing-blanks-in-file", block(A, B), FIXED, text=CALC.replace("a - b\n", "a - b \t\n")),
    Case("20-search-dedented", block("return a - b\n", "return a + b\n")),
    Case(
        "20-search-dedented-lines",
        block("if a is None:\n    a = 0\nreturn a - b\n", "if a is None:\n    a = 0\nreturn a + b\n"),
    ),
    Case(
        "22-search-two-for-four", block("  if a is None:\n    a = 0\n", "  if a is None:\n    if b:\n      a = 1\n"),
        CALC.replace(BOTH, "    if a is None:\n        if b:\n            a = 1\n"),
    ),
    Case("23-search-tabs", block("\treturn a - b\n", "\treturn a + b\n")),
    Case(
        "30-search-curly", block('    """Add two numbers.\u201d\u201d\u201d\n', '    """Add both numbers."""\n'),
        CALC.replace("Add two", "Add both"),
    ),
    Case(
        "30-search-straight", block("    # it's\n" + A, "    # it's\n" + B),
        FIXED.replace(B, "    # it\u2019s\n" + B), text=CALC.replace(A, "    # it\u2019s\n" + A),
    ),
    Case("31-search-dash", block("    return a \u2013 b\n", B)),
    Case("35-markers-in-search", block("-" + A, "+" + B)),
    Case("37-file-for-blocks", fenced(FIXED)),
    Case("38-json-a", json.dumps({"path": "src/calc.py", "content": FIXED})),
    Case("38-json-b", fenced(json.dumps({"code": ADD}, indent=2) + "\n", "json")),
    Case("38-json-c", json.dumps({"name": "write_file", "arguments": {"path": "src/calc.py", "content": FIXED}})),
    Case(
        "38-json-d",
        json.dumps(
            {"function": {"arguments": json.dumps({"old_string": A, "new_string": B, "file": "/w/src/calc.py"})}},
        ),
    ),
    Case("38-json-e", json.dumps({"edits": [{"search": A, "replace": B}]})),
    Case("38-json-f", '{"explanation": "sign", "replacement": "' + ADD.replace('"', '\\"') + '"}'),
    Case("38-json-g", "{'code': '''" + ADD + "'''}"),
    Case(
        "38-json-h",
        '<tool_call>\n{"name": "str_replace", "arguments": {"old_str": "a - b", "new_str": "a + b"}}\n</tool_call>',
    ),
    Case("38-json-i", "Sure!\n\n" + json.dumps({"new_code": ADD.splitlines()}) + "\n\nDone."),
    Case("38-json-j", '{"code": "' + ADD.replace("\n", "\\n") + '"}'),
    Case("38-json-k", json.dumps({"src/calc.py": FIXED})),
    Case("38-json-l", json.dumps({"code": fenced(ADD)})),
    Case("38-json-m", json.dumps({"answer": ADD})[:-1] + ",\n}"),
    Case(
        "38-json-n",
        "[TOOL_CALLS][" + json.dumps({"name": "edit_file", "arguments": {"path": "calc.py", "patch": DIFF}}) + "]",
    ),
    Case("38-json-other-file", json.dumps({"path": "setup.py", "content": FIXED}), None, "setup.py"),
    Case(
        "38-tags-a",
        "<function=str_replace>\n<parameter=path>src/calc.py</parameter>\n<parameter=old_str>\n" + A
        + "</parameter>\n<parameter=new_str>\n" + B + "</parameter>\n</function>",
    ),
    Case(
        "38-tags-b",
        "<write_to_file>\n<path>src/calc.py</path>\n<content>\n" + FIXED + "</content>\n</write_to_file>",
    ),
    Case("38-tags-c", "<replace_in_file>\n<path>src/calc.py</path>\n<diff>\n" + SEARCH + "</diff>\n</replace_in_file>"),
    Case("36-diff-a", fenced(DIFF, "diff")),
    Case("36-diff-b", DIFF),
    Case("36-diff-no-header", fenced(HUNK, "diff")),
    Case("36-diff-no-numbers", fenced("--- src/calc.py\n+++ src/calc.py\n@@ ... @@\n" + BODY, "diff")),
    Case("36-diff-wrong-counts", fenced("@@ -1,99 +1,2 @@\n" + BODY, "diff")),
    Case(
        "36-diff-git",
        fenced("diff --git a/src/calc.py b/src/calc.py\nindex 83db48f..bf269f4 100644\n" + DIFF, "diff"),
    ),
    Case("36-diff-no-hunk-line", fenced(BODY, "diff")),
    Case("36-diff-no-context", fenced("@@ -12 +12 @@\n-" + A + "+" + B, "diff")),
    Case("36-diff-lost-blanks", fenced(LOST, "diff")),
    Case("36-diff-as-python", fenced(DIFF)),
    Case("36-diff-prose", "Apply this:\n\n" + DIFF + "\nIt adds now.\n"),
    Case("36-diff-two-hunks", fenced(TWO_DIFF, "diff"), TWO),
    Case(
        "36-diff-wrong-context",
        fenced("@@\n def add(x, y):\n     if a is None:\n         a = 0\n-" + A + "+" + B, "diff"),
    ),
    Case("36-diff-other-file", fenced(DIFF.replace("src/calc.py", "setup.py"), "diff"), None, "setup.py"),
    Case("36-diff-removed", fenced(DIFF.replace("+++ b/src/calc.py", "+++ /dev/null"), "diff"), None, "removes"),
    Case(
        "36-diff-no-match", fenced("@@\n-    result = a / b\n+    result = a // b\n", "diff"), None,
        "not in the file",
    ),
    Case("36-patch-a", PATCH),
    Case("36-patch-b", PATCH.replace("Begin Patch", "Begin Patch ***").replace("End Patch", "End Patch ***")),
    Case("36-patch-c", fenced(PATCH, "")),
    Case("36-patch-d", PATCH.replace("@@ def add(a, b):\n", "@@\n")),
    Case("36-patch-e", "apply_patch <<'EOF'\n" + PATCH + "EOF\n"),
    Case("36-patch-delete", "*** Begin Patch\n*** Delete File: src/calc.py\n*** End Patch\n", None, "removes"),
    Case(
        "36-patch-add",
        "*** Begin Patch\n*** Add File: src/new.py\n" + "".join(f"+{line}\n" for line in ADD.splitlines())
        + "*** End Patch\n",
        ADD, text=None, names=(), path="src/new.py",
    ),
    *(Case(f"39-markers-{n}", fenced(spelt(dialect), "")) for n, dialect in enumerate(DIALECTS)),
    *(Case(f"39-marker-size-{size}", spelt("SEARCH REPLACE", size)) for size in range(5, 10)),
    Case("39-markers-cline", "------- SEARCH\n" + A + "=======\n" + B + "+++++++ REPLACE\n"),
    Case("39-markers-named", "src/calc.py\n```python\n" + SEARCH + "```\n"),
    Case("39-markers-tags", "<search>\n" + A + "</search>\n<replace>\n" + B + "</replace>\n"),
    Case("39-markers-base", "<<<<<<< HEAD\n" + A + "||||||| base\n    return b\n=======\n" + B + ">>>>>>> fix\n"),
    Case("39-markers-roo", "<<<<<<< SEARCH\n:start_line:12\n-------\n" + A + "=======\n" + B + ">>>>>>> REPLACE\n"),
    Case("40-ambiguous-a", block("    y = x\n", "    y = -x\n"), None, "ambiguous", TWICE, ()),
    Case(
        "40-ambiguous-b", block("    y = x\n", "    y = -x\n"), TWICE.replace("y = x", "y = -x", 1), "", TWICE,
        ("f",),
    ),
    Case(
        "40-ambiguous-c", block("    y = x\n    return y\n", "    return x\n"),
        TWICE[: TWICE.rindex("    y = x")] + "    return x\n", "", TWICE, ("g",),
    ),
    Case(
        "41-one-character-off", block("    if a is none:\n        a = 0\n", "    if a is None:\n        a = 1\n"),
        CALC.replace("a = 0", "a = 1"),
    ),
    Case("41-blank-off", block("    return  a-b\n", B)),
    Case("41-invented", block("    result = subtract(a, b)\n", "    result = sum(a, b)\n"), None, "not in the file"),
    Case(
        "41-invented-whole-function",
        block("def add(a, b):\n    '''Add.'''\n    if not a:\n        a = 0\n    return a - b\n", ADD),
    ),
    Case(
        "42-sequential", block(BOTH, BOTH + "    b = b or 0\n") + block(A, B),
        FIXED.replace(B, "    b = b or 0\n" + B),
    ),
    Case(
        "42-swap", block("LIMIT = 10\n", "LIMIT = 20\n") + block(A, "    return LIMIT\n"),
        CALC.replace("10", "20").replace("a - b", "LIMIT"),
    ),
    Case("42-overlap", block(BOTH, "    a = 1\n") + block("        a = 0\n" + A, B), None),
    Case(
        "42-dependent", block(A, "    c = a - b\n    return c\n") + block("    c = a - b\n", "    c = a + b\n"),
        CALC.replace(A, "    c = a + b\n    return c\n"),
    ),
    Case("42-twice", SEARCH + SEARCH),
    Case("42-no-change", block(A, A), None, "no change"),
    Case("43-think", THINK + fenced(ADD)),
    Case("43-think-upper", THINK.replace("think", "THINKING") + fenced(ADD)),
    Case("43-think-stray", THINK.removeprefix("<think>") + fenced(ADD)),
    Case("43-think-only", "<think>\n" + fenced(ADD) + "\n</think>\n"),
    Case("43-think-unclosed", "<think>\nIt must add.\n" + fenced(ADD)),
    Case("43-think-empty", "<think></think>" + ADD),
    Case(
        "43-harmony",
        "<|channel|>analysis<|message|>It subtracts.<|end|><|start|>assistant<|channel|>final<|message|>"
        + fenced(ADD) + "<|return|>",
    ),
    Case("43-harmony-cut", "analysisWe must add.assistantfinal" + fenced(ADD, before="")),
    Case("43-end-of-turn", fenced(ADD) + "<|im_end|>"),
    Case(
        "44-equals-in-file", block("Title\n=======\n\nText.\n", "Title\n=======\n\nMore.\n"),
        RST.replace("Text", "More"), text=RST,
    ),
    Case(
        "44-equals-in-file-function", fenced("def add(a, b):\n    return a + b\n"), RST.replace("a - b", "a + b"),
        text=RST,
    ),
    Case("44-duplicate", block("LIMIT = 10\n", ADD + "\n\nLIMIT = 10\n"), None, "twice"),
    Case(
        "44-conflict-text",
        fenced(ADD.replace("Add two numbers.", "Add.\n\n    <<<<<<< ours\n    =======\n    >>>>>>> theirs\n    ")),
        FIXED.replace("Add two numbers.", "Add.\n\n    <<<<<<< ours\n    =======\n    >>>>>>> theirs\n    "),
    ),
    Case(
        "method-by-search", block("        return self.items.pop(0)\n", "        return self.items.pop()\n"), POPPED,
        names=("Stack.pop",),
    ),
    Case(
        "method-by-search-unclear", block("        return self.items.pop(0)\n", "        return self.items.pop()\n"),
        None, "ambiguous", names=("add",),
    ),
    Case("function-in-search", block(OLD, ADD)),
    Case("method-in-search", block(POP.replace("pop()", "pop(0)"), POP), POPPED, names=("Stack.pop",)),
]  # fmt: skip


@table(CASES)
def test_a_reply_that_is_a_change(case: Case) -> None:
    judge(case)
