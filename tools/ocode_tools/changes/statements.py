"""Phrases for statements and expressions of Python that came or went."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ocode_tools.changes.points import Found

SHORT = 36  # what is longer is not repeated in a subject


def added(node: ast.AST, parent: ast.AST) -> Iterator[Found]:
    if isinstance(node, ast.arg):
        yield Found(f"add parameter {node.arg}", 80, "feat", "to")
    elif isinstance(node, ast.keyword) and node.arg:
        yield Found(
            f"pass {node.arg}" + (f" to {name_of(parent.func)}" if isinstance(parent, ast.Call) else ""), 56, "fix"
        )
    elif isinstance(node, ast.Raise):
        yield Found(_raise(node), 62, "fix")
    elif isinstance(node, ast.If):
        yield _guard(node)
    elif isinstance(node, ast.Try | ast.ExceptHandler):
        handlers = node.handlers if isinstance(node, ast.Try) else [node]
        names = [name_of(handler.type) for handler in handlers if handler.type]
        yield Found(f"handle {names[0]}" if names else "clean up after a failure", 64, "fix")
    elif isinstance(node, ast.Return):
        value = text_of(node.value)
        yield Found(f"return {value}" if value and len(value) <= SHORT else "return a value", 45, "fix")
    elif isinstance(node, ast.With):
        yield Found(f"use {name_of(node.items[0].context_expr)}", 33)
    elif isinstance(node, ast.Assert):
        yield Found(f"assert {text_of(node.test)}" if len(text_of(node.test)) <= SHORT else "assert more", 32)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Await):
        yield Found(f"call {name_of(node.value)}", 41)
    elif isinstance(node, ast.AnnAssign) and isinstance(parent, ast.ClassDef):
        yield Found(f"add {text_of(node.target)}", 66, "feat", "to")
    elif isinstance(node, ast.expr) and isinstance(parent, ast.Call):
        text = text_of(node)
        yield Found(f"pass {text if len(text) <= 24 else 'one more argument'} to {name_of(parent.func)}", 54, "fix")
    elif isinstance(node, ast.expr) and isinstance(parent, ast.List | ast.Tuple | ast.Set | ast.Dict):
        text = text_of(node)
        yield Found(f"add {text}" if len(text) <= SHORT else "add an entry", 49, "", "to")
    elif isinstance(node, ast.expr) and isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
        yield _decorated(node)


def _decorated(node: ast.expr) -> Found:
    name = name_of(node)
    if name in ("parametrize", "fixture"):
        return Found("parametrize" if name == "parametrize" else "make a fixture of", 58, "test", "")
    cached = "cache" in name.lower()
    return Found(
        "cache the result" if cached else f"decorate with {name}",
        58,
        "perf" if cached else "",
        "of" if cached else "on",
    )


def removed(node: ast.AST, parent: ast.AST) -> Iterator[Found]:
    if isinstance(node, ast.arg):
        yield Found(f"remove parameter {node.arg}", 60, "refactor", "from")
    elif isinstance(node, ast.keyword) and node.arg:
        yield Found(f"stop passing {node.arg}", 36)
    elif isinstance(node, ast.If | ast.Assert):
        yield Found(f"drop the check of {subject_of(node.test)}", 34)
    elif isinstance(node, ast.Raise):
        yield Found(f"do not raise {name_of(node.exc)}", 43, "fix")
    elif isinstance(node, ast.Try):
        yield Found("drop the error handling", 31)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield Found(f"do not call {name_of(node.value)}", 37)
    elif isinstance(node, ast.AnnAssign) and isinstance(parent, ast.ClassDef):
        yield Found(f"remove {text_of(node.target)}", 39, "refactor", "from")
    elif isinstance(node, ast.expr) and isinstance(parent, ast.List | ast.Tuple | ast.Set | ast.Dict):
        yield Found(f"remove {text_of(node)}" if len(text_of(node)) <= SHORT else "remove an entry", 35, "", "from")


def _guard(node: ast.If) -> Found:
    last = node.body[-1]
    if isinstance(last, ast.Raise):
        return Found(given(_raise(last), node.test), 68, "fix")
    if isinstance(last, ast.Return):
        value = text_of(last.value)
        return Found(given(f"return {value}" if value and len(value) <= 20 else "return early", node.test), 49, "fix")
    if isinstance(last, ast.Continue | ast.Break):
        return Found(given("skip" if isinstance(last, ast.Continue) else "stop", node.test), 49, "fix")
    return Found(f"check {subject_of(node.test)}", 43)


def given(phrase: str, test: ast.expr) -> str:
    text = text_of(test)
    return f"{phrase} if {text}" if len(text) <= 28 else phrase


def _raise(node: ast.Raise) -> str:
    return f"raise {name_of(node.exc)}" if node.exc else "raise again"


def subject_of(test: ast.expr) -> str:
    """The name that a condition is about."""
    names = [item for item in ast.walk(test) if isinstance(item, ast.Name | ast.Attribute)]
    return name_of(names[0]) if names else "the condition"


def name_of(node: ast.AST | None) -> str:
    if isinstance(node, ast.Call):
        return name_of(node.func)
    if isinstance(node, ast.Await):
        return name_of(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Tuple) and node.elts:
        return name_of(node.elts[0])
    return text_of(node)[:SHORT] if node else ""


def text_of(node: ast.AST | None) -> str:
    return " ".join(ast.unparse(node).split()) if isinstance(node, ast.AST) else ""
