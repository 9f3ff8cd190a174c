"""Reading an answer and putting its tests into a file; where the file is and how tests are written there."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping

import pytest

from ocode_tools.newtests import answer, habits, placing
from ocode_tools.newtests.answer import Answer
from ocode_tools.newtests.checks import Fault
from ocode_tools.source import Source

CODE = """import pytest
from shop.cart import total

ONE = [1]


def test_one():
    assert total(ONE) == 1


def test_two():
    assert total([1, 1]) == 2
"""


def read(reply: str) -> Answer:
    """An answer that can be read."""
    found = answer.read(reply)
    assert isinstance(found, Answer), found
    return found


REPLIES = {
    "a fence": f"Here you are:\n\n```python\n{CODE}```\nThese check it.",
    "no fence": CODE,
    "an open fence": f"```python\n{CODE}",
    "a wrong language": f"```text\n{CODE}```",
    "indented": "```python\n" + "".join(f"    {line}\n" if line else "\n" for line in CODE.split("\n")) + "```",
    "two fences": "```python\n" + CODE.partition("\n\n\ndef test_two")[0] + "\n```\nand\n```python\n\n\ndef test_two"
    "" + CODE.partition("\n\n\ndef test_two")[2] + "```",
    "thoughts": f"<think>def test_no(): pass</think>\n```python\n{CODE}```",
    "JSON": json.dumps({"code": CODE}),
    "CRLF": f"```python\r\n{CODE}```".replace("\n", "\r\n"),
}


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_any_shape_of_an_answer_is_read(reply: str) -> None:
    found = read(reply)
    assert found.tests == ("test_one", "test_two")
    assert {ast.unparse(node) for node in found.imports()} >= {"from shop.cart import total"}


@pytest.mark.parametrize(
    "reply",
    [
        "I cannot.",
        "",
        "```python\ndef total():\n    return 1\n```",
        "```python\ndef test_one():\n    # ... rest of the code unchanged\n    assert total([1]) == 1\n```",
        "```python\ndef test_one():\n    assert total([1]) ==\n```",
        ">>> total([1])\n1",
    ],
    ids=["prose", "empty", "no test", "gaps", "broken", "doctest"],
)
def test_what_is_no_test_is_refused(reply: str) -> None:
    assert isinstance(answer.read(reply), Fault)


def test_tests_can_be_taken_out() -> None:
    found = read(CODE).without({"test_one"})
    assert found.tests == ("test_two",)
    assert "test_one" not in found.text
    case = read("import unittest\n\n\nclass A(unittest.TestCase):\n    def test_a(self):\n        self.fail()\n")
    assert case.tests == ("A.test_a",)
    assert "class" not in case.without({"A.test_a"}).text


def test_a_new_file() -> None:
    data, called = placing.place(None, read(CODE))
    assert data.decode() == CODE.replace("import pytest\n", "")
    assert called == {"test_one": "test_one", "test_two": "test_two"}


def test_a_file_that_is_there_keeps_every_byte() -> None:
    old = '"""Mine."""\r\nimport os\r\n\r\n\r\ndef test_one():\r\n    assert os.sep\r\n'
    data, called = placing.place(Source("test_cart.py", old.encode()), read(CODE))
    text = data.decode()
    assert text.startswith('"""Mine."""\r\nimport os\r\nfrom shop.cart import total\r\n\r\n\r\ndef test_one():\r\n')
    assert text.count("\n") == text.count("\r\n")
    assert called == {"test_one": "test_one_2", "test_two": "test_two"}
    assert "def test_one_2():\r\n    assert total(ONE) == 1\r\n" in text
    ast.parse(text)


def test_names_that_are_taken_get_a_number_wherever_they_are_read() -> None:
    old = Source("test_cart.py", b"from shop.cart import total\n\nONE = [2]\n")
    text = placing.place(old, read(CODE))[0].decode()
    assert "ONE_2 = [1]" in text
    assert "total(ONE_2)" in text
    assert text.count("import") == 1


def test_names_of_a_module_that_is_imported_join_its_line() -> None:
    old = Source("test_cart.py", b"import os\nfrom shop.cart import Cart, zero as none\n")
    text = placing.place(old, read(CODE))[0].decode()
    assert text.startswith("import os\nfrom shop.cart import Cart, total, zero as none\n\n\nONE = [1]\n")


def test_a_class_that_is_there_gets_a_second() -> None:
    case = CASE.replace("class A", "class TestCart")
    data, called = placing.place(Source("test_cart.py", case.encode()), read(case))
    assert called == {"TestCart.test_a": "TestCart_2.test_a"}
    assert data.decode().count("import unittest") == 1


CASE = "import unittest\n\n\nclass A(unittest.TestCase):\n    def test_a(self):\n        self.assertTrue(1)\n"
PLAIN = "def test_a():\n    assert 1 == 1\n"
PLACES: dict[str, tuple[dict[str, str], str, str]] = {
    "nothing there": ({}, "shop/cart.py", "tests/test_cart.py"),
    "its own file": ({"tests/test_cart.py": PLAIN}, "shop/cart.py", "tests/test_cart.py"),
    "a flat folder": ({"test/test_pages.py": PLAIN, "shop/pages.py": ""}, "shop/cart.py", "test/test_cart.py"),
    "mirrored": (
        {"tests/shop/test_pages.py": PLAIN, "src/shop/pages.py": ""},
        "src/shop/cart.py",
        "tests/shop/test_cart.py",
    ),
    "beside": ({"shop/test_pages.py": PLAIN, "shop/pages.py": ""}, "shop/cart.py", "shop/test_cart.py"),
    "below": ({"shop/tests/test_pages.py": PLAIN, "shop/pages.py": ""}, "shop/cart.py", "shop/tests/test_cart.py"),
    "at the end": ({"tests/pages_test.py": PLAIN, "shop/pages.py": ""}, "shop/cart.py", "tests/cart_test.py"),
    "another of the name": (
        {
            "tests/a/test_cart.py": PLAIN,
            "tests/b/test_cart.py": PLAIN,
            "tests/test_pages.py": PLAIN,
            "shop/pages.py": "",
        },
        "shop/cart.py",
        "tests/a/test_shop_cart.py",
    ),
    "a private module": ({}, "shop/_cart.py", "tests/test_cart.py"),
    "a package": ({}, "shop/__init__.py", "tests/test_shop.py"),
}


def habit(files: Mapping[str, str], path: str = "shop/cart.py", pytest: bool = True) -> habits.Habits:
    """The habits of some files."""
    sources = {name: Source(name, text.encode()) for name, text in {path: "", **files}.items()}
    return habits.habits(path, "shop.cart", list(sources), sources.get, pytest=pytest)


@pytest.mark.parametrize(("files", "path", "where"), PLACES.values(), ids=PLACES)
def test_where_new_tests_go(files: dict[str, str], path: str, where: str) -> None:
    found = habit(files, path)
    assert found.path == where
    assert found.exists == (where in files)


def test_a_file_that_imports_the_module_and_bears_its_name_is_preferred() -> None:
    knows = "from shop.cart import total\n" + PLAIN
    found = habit({"tests/a/test_cart.py": PLAIN, "tests/b/test_cart.py": knows})
    assert found.path == "tests/b/test_cart.py"
    assert found.related == ("tests/b/test_cart.py",)


@pytest.mark.parametrize(
    ("files", "with_pytest", "style"),
    [
        ({"tests/test_a.py": PLAIN}, True, "pytest"),
        ({"tests/test_a.py": CASE}, True, "unittest"),
        ({"tests/test_a.py": PLAIN}, False, "unittest"),
        ({"tests/test_a.py": CASE, "tests/test_b.py": PLAIN, "tests/test_c.py": PLAIN}, True, "pytest"),
    ],
    ids=["functions", "cases", "no pytest", "both"],
)
def test_the_kind_that_is_usual(files: dict[str, str], with_pytest: bool, style: str) -> None:
    assert habit(files, pytest=with_pytest).style == style


def test_what_helps_is_shown() -> None:
    fixture = (
        '@pytest.fixture\ndef cart():\n    """A full cart."""\n    return [1]\n\n\ndef make_price(n=1):\n    return n\n'
    )
    found = habit({"tests/conftest.py": f"import pytest\n\n\n{fixture}", "tests/test_cart.py": PLAIN})
    assert found.helpers == (
        "fixture cart (tests/conftest.py): A full cart.",
        "function make_price(n=1) (tests/conftest.py)",
    )
    assert found.example == PLAIN.rstrip()
