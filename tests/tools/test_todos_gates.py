"""Gates for an answer to a TODO, what is left to people, and what rules prune."""

from __future__ import annotations

import datetime

import pytest

from ocode_tools.source import Source
from ocode_tools.todos.conditions import condition, requirements
from ocode_tools.todos.find import todos
from ocode_tools.todos.grammar import TAGS
from ocode_tools.todos.item import Todo
from ocode_tools.todos.keeping import why_not
from ocode_tools.todos.prune import pruned
from ocode_tools.todos.strip import find_again, without
from ocode_tools.todos.undecided import why_left

OLD = """import os


def f(x):
    # TODO: mend it
    return x  # FIXME: other


class A:
    size = 1

    def g(self):
        # TODO: mend g
        return self.size

    def h(self):
        return 2


f(1)
"""
MENDED = OLD.replace("    # TODO: mend it\n    return x ", "    return x + 1 ")
G = OLD.replace("        # TODO: mend g\n        return self.size", "        return self.size + 1")


def named(text: str, words: str) -> Todo:
    return next(todo for todo in todos("a.py", text.encode()) if todo.text == words)


GATES = {
    "done": (MENDED, None),
    "done, with an import": ("import sys\n" + MENDED, None),
    "done, with a helper and a constant": (MENDED.replace("\nclass", "\nN = 1\ndef _k():\n    return N\nclass"), None),
    "not gone": (OLD.replace("return x ", "return x + 1 "), "todo: the comment TODO is still there"),
    "deleted": (OLD.replace("    # TODO: mend it\n", ""), "todo: the comment is deleted and nothing else is done"),
    "a docstring": (OLD.replace("    # TODO: mend it\n", '    """X."""\n'), "todo: nothing but words is changed"),
    "pass": (OLD.replace("    # TODO: mend it\n", "    pass\n"), "todo: nothing but words is changed"),
    "reworded": (MENDED.replace("(x):\n", "(x):\n    # TODO: mend this\n"), "todo: a new TODO stands there instead"),
    "hidden in a docstring": (MENDED.replace("(x):\n", '(x):\n    """TODO: mend it"""\n'), "todo: the comment TODO"),
    "another gone": (MENDED.replace("  # FIXME: other", ""), "todo: another TODO is gone or reworded: FIXME other"),
    "another reworded": (MENDED.replace("FIXME: other", "FIXME: others"), "todo: another TODO is gone or reworded"),
    "another function": (MENDED.replace("return 2", "return 3"), "scope: it changes A,"),
    "a statement": (MENDED.replace("f(1)", "f(2)"), "scope: it changes line "),
    "a statement more": (MENDED + "f(3)\n", "scope: it changes line "),
    "an import gone": (MENDED.replace("import os\n", ""), None),
    "an import forgotten": (MENDED.replace("x + 1", "math.floor(x)"), "names: math is not defined"),
    "broken": (MENDED.replace("def f(x):", "def f(x:"), "todo: the file does not parse"),
}  # fmt: skip


@pytest.mark.parametrize(("after", "reason"), GATES.values(), ids=GATES)
def test_gates(after: str, reason: str | None) -> None:
    found = why_not(OLD.encode(), after.encode(), named(OLD, "mend it"), TAGS)
    assert found == reason if reason is None else (found or "").startswith(reason)


METHODS = {
    "done": (G, None),
    "a new method": (G + "", None),
    "another method": (G.replace("return 2", "return 3"), "scope: it changes h"),
    "a base": (G.replace("class A:", "class A(int):"), "scope: it changes the head of class A"),
    "an attribute": (G.replace("size = 1", "size = 2"), "scope: it changes line 10"),
    "a function": (G.replace("return x ", "return 1 "), "scope: it changes f"),
}


@pytest.mark.parametrize(("after", "reason"), METHODS.values(), ids=METHODS)
def test_gates_of_a_method(after: str, reason: str | None) -> None:
    found = why_not(OLD.encode(), after.encode(), named(OLD, "mend g"), TAGS)
    assert found == reason if reason is None else (found or "").startswith(reason)


def test_words_may_change_where_words_were_asked_for() -> None:
    old = "def f(x):\n    # TODO: document x\n    return x\n"
    new = 'def f(x):\n    """Return x."""\n    return x\n'
    assert why_not(old.encode(), new.encode(), named(old, "document x"), TAGS) is None


STRIPPED = {
    "its line": (b"a\n# TODO: x\nb\n", b"a\nb\n"),
    "behind code": (b"a = 1  # TODO: x\r\nb\r\n", b"a = 1\r\nb\r\n"),
    "two lines": (b"a\n# TODO: x\n#   y\n\nb\n", b"a\n\nb\n"),
    "no end": (b"a  # TODO: x", b"a"),
    "a string before": (b"a = '# no'  # TODO: x\n", b"a = '# no'\n"),
}


@pytest.mark.parametrize(("data", "after"), STRIPPED.values(), ids=STRIPPED)
def test_one_comment_is_taken_out(data: bytes, after: bytes) -> None:
    (todo,) = todos("a.py", data)
    assert without(data, todo, TAGS) == after
    assert find_again("a.py", after, todo, TAGS) is None
    assert find_again("a.py", b"# z\n" + data, todo, TAGS) is not None


LEFT = {
    "should we cache this?": "decision",
    "is this still needed": "decision",
    "ask Bob about the rate": "decision",
    "remove after 2030-01-01": "later",
    "by March 2031, use the new rate": "later",
    "support the rates of Q3 2031": "later",
    "drop in v3.0": "later",
    "drop in the next release": "later",
    "remove once upstream fixes it": "outside",
    "wait until the API is released": "outside",
    "see https://example.org/x/issues/3": "outside",
    "": "text",
    "remove after 2024-01-01": "",
    "handle negative numbers": "",
    "raise ValueError when the list is empty": "",
    "return None when the user is available": "",
    "use the timeout from settings": "",
    "follow https://example.org/spec": "",
}


@pytest.mark.parametrize(("text", "kind"), LEFT.items(), ids=LEFT)
def test_what_is_left_to_people(text: str, kind: str) -> None:
    (todo,) = todos("a.py", f"# TODO: {text}\n".encode())
    assert (why_left(todo, datetime.date(2026, 11, 21)) or "").partition(":")[0] == kind


REQUIRED = {"python": (3, 10), "requests": (2, 28)}
WAITS = {
    "remove when Python >= 3.10": True,
    "drop this once we require Python 3.11": False,
    "remove when Python 3.10 is the minimum version": True,
    "remove this when we only support Python 3.9+": True,
    "drop support for Python 3.8": True,
    "remove when we drop 3.9": True,
    "remove when we drop 3.10": False,
    "delete after py38 is gone": True,
    "remove the fallback for Python 2": True,
    "once requests 2.30 is the minimum remove this": False,
    "remove when requests>=2.28 is required": True,
    "remove when flask >= 2 is required": None,
    "add support for Python 3.8": None,
    "use the new API": None,
    "remove after 2024-01-01": None,
}


@pytest.mark.parametrize(("text", "met"), WAITS.items(), ids=WAITS)
def test_what_a_todo_waits_for(text: str, met: bool | None) -> None:
    found = condition(text, REQUIRED)
    assert (found.met if found else None) == met


@pytest.mark.parametrize(
    ("files", "required"),
    [
        (
            {
                "pyproject.toml": b'[project]\nrequires-python = ">=3.9,<4"\n'
                b'dependencies = ["A_b>=1.2", "c; x", "d[e]~=2"]\n'
            },
            {"python": (3, 9), "a-b": (1, 2), "d": (2,)},
        ),
        (
            {"pyproject.toml": b'[tool.poetry.dependencies]\npython = "^3.8"\nrequests = "^2.28"\n'},
            {"python": (3, 8), "requests": (2, 28)},
        ),
        ({"setup.cfg": b"[options]\npython_requires = >=3.7\n"}, {"python": (3, 7)}),
        ({"setup.py": b"setup(python_requires='>=3.6')\n"}, {"python": (3, 6)}),
        ({"pyproject.toml": b"broken ["}, {}),
    ],
    ids=["pep 621", "poetry", "setup.cfg", "setup.py", "broken"],
)  # fmt: skip
def test_what_a_project_requires(files: dict[str, bytes], required: dict[str, tuple[int, ...]]) -> None:
    assert requirements(files.get) == required


PRUNED = {
    "always": (
        "import sys\n\ndef f():\n    # TODO: remove when Python >= 3.10\n    if sys.version_info >= (3, 10):\n"
        '        # new\n        x = """\na"""\n        return 1\n    else:\n        return 2\n',
        'def f():\n    # new\n    x = """\na"""\n    return 1\n',
    ),
    "never, then elif": (
        "import sys\nif sys.version_info < (3, 9):  # TODO: drop when 3.8 is dropped\n    a = 1\n"
        "elif x:\n    a = 2\nelse:\n    a = sys\n",
        "import sys\nif x:\n    a = 2\nelse:\n    a = sys\n",
    ),
    "an import": (
        "# TODO: remove once we require Python 3.9\ntry:\n    import zoneinfo\nexcept ImportError:\n"
        "    from backports import zoneinfo\n",
        "import zoneinfo\n",
    ),
    "the future": ("from __future__ import print_function  # TODO: drop support for Python 2\nx = 1\n", "x = 1\n"),
    "inside the branch": (
        "import sys\n\ndef f():\n    if sys.version_info[0] == 2:\n        # TODO: remove with Python 2 support\n"
        "        return 1\n    return 2\n",
        "def f():\n    return 2\n",
    ),
    "a slice": (
        "import sys\nif sys.version_info[:2] > (3, 9):  # TODO: remove when Python >= 3.10\n    a = sys\n",
        "import sys\na = sys\n",
    ),
    "CRLF": (
        "import sys\r\n# TODO: remove when Python >= 3.10\r\nif sys.version_info < (3, 10):\r\n    a = 1\r\n"
        "b = sys\r\n",
        "import sys\r\nb = sys\r\n",
    ),
    "a package": (
        "import requests\n# TODO: remove when requests >= 2.28\n"
        "if requests.version_info >= (2, 28):\n    a = requests\n",
        "import requests\na = requests\n",
    ),
    "not a branch": ("# TODO: remove when Python >= 3.10\na = old()\n", None),
    "too new": (
        "import sys\n# TODO: remove when Python >= 3.10\nif sys.version_info >= (3, 12):\n    a = 1\n",
        None,
    ),
    "the only statement": (
        "import sys\n\ndef f():\n    if sys.version_info < (3, 9):  # TODO: drop when 3.8 is dropped\n        a = 1\n",
        None,
    ),
    "a text that would move": (
        "import sys\n# TODO: remove when Python >= 3.10\nif sys.version_info >= (3, 10):\n    a = '''\n    b'''\n",
        None,
    ),
    "one line": ("import sys\n# TODO: remove when Python >= 3.10\nif sys.version_info >= (3, 10): a = 1\n", None),
}


@pytest.mark.parametrize(("text", "after"), PRUNED.values(), ids=PRUNED)
def test_pruning_keeps_the_program(text: str, after: str | None) -> None:
    (todo,) = todos("a.py", text.encode())
    waits = condition(todo.text, REQUIRED)
    assert waits is not None
    found = pruned(Source("a.py", text.encode()), todo, waits, REQUIRED)
    assert (found.decode() if isinstance(found, bytes) else None) == after


def test_pruning_says_what_is_not_yet_required() -> None:
    text = "# TODO: remove when Python >= 3.12\na = 1\n"
    (todo,) = todos("a.py", text.encode())
    for required in (REQUIRED, {}):
        waits = condition(todo.text, required)
        assert waits is not None
        assert isinstance(pruned(Source("a.py", text.encode()), todo, waits, required), str)
