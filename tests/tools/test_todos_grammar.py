"""What a TODO says, where it stands, and what it is called when it moves."""

from __future__ import annotations

import pytest

from ocode_tools.todos.find import todos
from ocode_tools.todos.item import Todo

# The text of a Python file, and what its first TODO says: tag, ref, text, form, lines.
SAID = {
    "colon": ("# TODO: mend it\n", ("TODO", "", "mend it", "leading", 1)),
    "bare": ("#TODO mend it.\n", ("TODO", "", "mend it.", "leading", 1)),
    "owner": ("# TODO(alice): mend it\n", ("TODO", "alice", "mend it", "leading", 1)),
    "issue": ("# FIXME (#12) - mend it\n", ("FIXME", "#12", "mend it", "leading", 1)),
    "square": ("# TODO[ocode]: mend it\n", ("TODO", "ocode", "mend it", "leading", 1)),
    "at": ("# TODO @bob: mend it\n", ("TODO", "@bob", "mend it", "leading", 1)),
    "hash": ("# XXX #7 mend it\n", ("XXX", "#7", "mend it", "leading", 1)),
    "agent": ("# TODO(ocode): mend it\n", ("TODO", "ocode", "mend it", "leading", 1)),
    "AI first": ("# AI! mend it\n", ("AI!", "", "mend it", "leading", 1)),
    "AI last": ("x = 1  # mend it, AI!\n", ("AI!", "", "mend it", "trailing", 1)),
    "last": ("# mend it (TODO)\n", ("TODO", "", "mend it", "trailing", 1)),
    "behind code": ("x = 1  # HACK: mend it\n", ("HACK", "", "mend it", "leading", 1)),
    "inside": ("# see TODO below\n", ("TODO", "", "see TODO below", "inside", 1)),
    "inside, colon": ("# fast. TODO: mend it\n", ("TODO", "", "mend it", "inside", 1)),
    "no text": ("# TODO\n", ("TODO", "", "", "leading", 1)),
    "signs": ("#: @TODO -- mend it\n", ("TODO", "", "mend it", "leading", 1)),
    "two tags": ("# TODO: not an XXX\n", ("TODO", "", "not an XXX", "leading", 1)),
    "goes on": ("# TODO: mend\n# it\n", ("TODO", "", "mend it", "leading", 2)),
    "goes on up to a blank": ("# TODO: mend\n#\n# it\n", ("TODO", "", "mend", "leading", 1)),
    "goes on up to a tag": ("# TODO: mend\n# it\n# FIXME: no\n", ("TODO", "", "mend it", "leading", 2)),
    "hangs": ("# TODO: mend\n#   it\n# no\n", ("TODO", "", "mend it", "leading", 2)),
    "goes on behind code": ("x = 1  # TODO: mend\n       # it\n# no\n", ("TODO", "", "mend it", "leading", 2)),
    "other column": ("# TODO: mend\n  # no\n", ("TODO", "", "mend", "leading", 1)),
    "code between": ("# TODO: mend\nx = 1\n# no\n", ("TODO", "", "mend", "leading", 1)),
    "latin-1": ("# coding: latin-1\n# TODO: na\xefve\n", ("TODO", "", "na\xefve", "leading", 1)),
}


@pytest.mark.parametrize(("text", "said"), SAID.values(), ids=SAID)
def test_what_a_todo_says(text: str, said: tuple[str, str, str, str, int]) -> None:
    first = todos("a.py", text.encode("latin-1"))[0]
    assert (first.tag, first.ref, first.text, first.form, first.last - first.line + 1) == said


@pytest.mark.parametrize("text", ["# the AI! said so\n", "# TODOS\n", "# my_TODO\n", "# todo: no\n", "TODO = 1\n"])
def test_what_is_no_todo(text: str) -> None:
    assert todos("a.py", text.encode()) == []


def test_a_block_comment_goes_on_without_its_stars() -> None:
    (found,) = todos("a.c", b"/**\n * Frees it.\n *\n * TODO: mend\n * it\n *\n * @param x no\n */\n")
    assert (found.text, found.line, found.last, found.column) == ("mend it", 4, 5, 4)


def test_several_in_one_block_and_on_one_line() -> None:
    found = todos("a.c", b"/* TODO: a */ x(); /* FIXME: b */\n/*\n * TODO c\n * HACK d\n */\n")
    assert [(todo.tag, todo.text, todo.line) for todo in found] == [
        ("TODO", "a", 1), ("FIXME", "b", 1), ("TODO", "c", 3), ("HACK", "d", 4),
    ]  # fmt: skip


def test_docstrings_are_a_kind_of_their_own_and_only_when_asked_for() -> None:
    text = b'"""Doc.\n\nTODO: one\n"""\n\n\ndef f():  # hi\n    """TODO: two"""\n    x = """TODO: no"""\n'
    assert todos("a.py", text) == []
    found = todos("a.py", text, docstrings=True)
    assert [(todo.kind, todo.text, todo.symbol) for todo in found] == [
        ("docstring", "one", ""),
        ("docstring", "two", "f"),
    ]


def test_other_tags() -> None:
    assert [todo.tag for todo in todos("a.py", b"# NOTE: a\n# TODO: b\n", ("NOTE",))] == ["NOTE"]


PLACES = '''# TODO at the top

class A:
    # TODO above A.f
    @cached
    def f(
        self,
    ) -> int:
        """class B
class B:
"""
        if x:
            pass  # TODO in A.f
# TODO in A.f, at the margin
        return 1
    # TODO in A

def g(): return 1  # TODO in g
async def h():

    # TODO in h

    def inner():
        # TODO in h.inner
        pass
'''


def test_the_function_around_or_below() -> None:
    names = {
        todo.text.removeprefix("in ").removeprefix("above ").split(",")[0]: todo.symbol
        for todo in todos("a.py", PLACES.encode())
    }
    names.pop("at the top")
    assert names
    assert all(said == symbol for said, symbol in names.items()), names


@pytest.mark.parametrize(
    ("path", "text", "symbol"),
    [
        ("a.c", "static int foo(struct x *a,\n               int b)\n{\n\tif (a)\nout:\n\t\t; // TODO x\n}\n", "foo"),
        ("a.go", "func (r *T) Run() {\n\t// TODO x\n}\n", "Run"),
        ("a.rs", "impl Foo {\n    pub fn bar(&self) {\n        // TODO x\n    }\n}\n", "Foo.bar"),
        ("a.ts", "class A {\n  run(x: number) {\n    if (x) {\n      // TODO x\n    }\n  }\n}\n", "A.run"),
        ("a.rb", "class A\n  def run\n    # TODO x\n  end\nend\n", "A.run"),
        ("A.java", "class A {\n  @Override\n  public int run(int x) {\n    return x; // TODO x\n  }\n}\n", "A.run"),
        ("a.yml", "a:\n  # TODO x\n", ""),
    ],
    ids=["c", "go", "rust", "typescript", "ruby", "java", "yaml"],
)  # fmt: skip
def test_the_function_in_other_languages(path: str, text: str, symbol: str) -> None:
    assert todos(path, text.encode())[0].symbol == symbol


BODY = "def f():\n    # TODO: mend it\n    pass\n\n\ndef g():\n    pass  # TODO: mend it\n    # TODO: mend it\n"


def keys(text: str, path: str = "a.py") -> list[str]:
    return [todo.key for todo in todos(path, text.encode())]


MOVED = {
    "another line": "import os\n\n\n" + BODY,
    "another owner": BODY.replace("TODO:", "TODO(bob):", 1),
    "another tag": BODY.replace("TODO:", "FIXME:", 1),
    "another case and full stop": BODY.replace("mend it", "Mend  it.", 1),
    "another place in the function": BODY.replace("    # TODO: mend it\n    pass\n", "    pass  # TODO: mend it\n", 1),
    "tabs": BODY.replace("    ", "\t"),
    "CRLF": BODY.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("text", MOVED.values(), ids=MOVED)
def test_the_identity_survives(text: str) -> None:
    assert keys(text) == keys(BODY) == keys(text, "moved/to/b.py")


def test_the_identity_differs() -> None:
    known = keys(BODY)
    assert len(set(known)) == 3
    assert keys(BODY.replace("mend it", "break it", 1))[0] not in known
    assert keys(BODY.replace("def f", "def other"))[0] not in known


def test_a_todo_is_shown_with_what_it_names() -> None:
    found: list[Todo] = todos("a.py", b"# TODO(bob): x\n# TODO x\n")
    assert [todo.head for todo in found] == ["TODO(bob)", "TODO"]
