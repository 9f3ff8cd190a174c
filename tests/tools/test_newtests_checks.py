"""The gate before any test is run: what is refused by its text alone, and that good tests pass."""

from __future__ import annotations

import pytest

from ocode_tools.newtests import answer, checks
from ocode_tools.newtests.checks import Fault, Subject

SUBJECT = Subject("shop.cart", "total")
METHOD = Subject("shop.cart", "Cart.total")


def judged(text: str, subject: Subject = SUBJECT) -> Fault | None:
    """The first fault of an answer."""
    read = answer.read(f"```python\n{text}\n```")
    if isinstance(read, Fault):
        return read
    if fault := checks.whole(read.tree, read.text):
        return fault
    found = [checks.judge(node, subject, read.tree) for node in read.nodes().values()]
    return next((fault for fault in found if fault), None)


def one(body: str, head: str = "", arguments: str = "") -> str:
    """A file with one test of these lines."""
    lines = "\n".join(f"    {line}" for line in body.split("\n"))
    return f"{head}\nfrom shop.cart import total\n\n\ndef test_it({arguments}):\n{lines}\n"


GOOD = {
    "a value": one("assert total([1, 2]) == 3"),
    "a value first": one("assert 3 == total([1, 2])"),
    "a bare call": one("assert total([1])"),
    "not": one("assert not total([])"),
    "raises": one("with pytest.raises(ValueError):\n    total([-1])", "import pytest"),
    "a wide exception that is matched": one(
        "with pytest.raises(Exception, match='negative'):\n    total([-1])", "import pytest"
    ),
    "after a weak one": one("found = total([1])\nassert found is not None\nassert found == 1"),
    "a helper that names the unit": "from shop.cart import total\n\n\ndef some():\n    return total([1])\n\n\n"
    "def test_it():\n    assert some() == 1\n",
    "unittest": "import unittest\nfrom shop.cart import total\n\n\nclass TestTotal(unittest.TestCase):\n"
    "    def test_it(self):\n        self.assertEqual(total([1]), 1)\n",
    "a file in tmp_path": one("(tmp_path / 'a').write_text('1')\nassert total(tmp_path) == 1", arguments="tmp_path"),
    "parameters": "import pytest\nfrom shop.cart import total\n\n\n"
    "@pytest.mark.parametrize('given', [1, 2])\ndef test_it(given):\n    assert total([given]) == given\n",
    "a mock of another thing": one(
        "monkeypatch.setattr('shop.cart.rate', lambda: 2)\nassert total([1]) == 2", "", "monkeypatch"
    ),
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_good_tests_pass(text: str) -> None:
    assert judged(text) is None


BAD = {
    "no assertion": (one("total([1])"), "asserts nothing"),
    "a constant": (one("total([1])\nassert True"), "a constant"),
    "a text": (one("assert (total([1]) == 2, 'no')"), "a constant"),
    "or true": (one("assert total([1]) == 3 or True"), "a constant"),
    "with itself": (one("assert total([1]) == total([1])"), "with itself"),
    "with itself in unittest": (
        "import unittest\nfrom shop.cart import total\n\n\nclass A(unittest.TestCase):\n"
        "    def test_it(self):\n        self.assertEqual(total([1]), total([1]))\n",
        "with itself",
    ),
    "there is something": (one("assert total([1]) is not None"), "only that something is there"),
    "of a type": (one("assert isinstance(total([1]), int)"), "only that something is there"),
    "any exception": (one("with pytest.raises(Exception):\n    total(None)", "import pytest"), "only that something"),
    "after a return": (one("total([1])\nreturn\nassert total([1]) == 1"), "asserts nothing"),
    "in a function that nobody calls": (one("def check():\n    assert total([1]) == 1"), "asserts nothing"),
    "swallowed": (one("try:\n    assert total([1]) == 2\nexcept:\n    pass"), "swallows"),
    "swallowed by name": (one("try:\n    assert total([1]) == 2\nexcept AssertionError:\n    pass"), "swallows"),
    "swallowed quietly": (
        one("try:\n    total([1])\nexcept ValueError:\n    pass\nassert total([]) == 0"),
        "swallows",
    ),
    "suppressed": (
        one("with suppress(Exception):\n    assert total([]) == 1", "from contextlib import suppress"),
        "swall",
    ),
    "skipped": (
        one("assert total([1]) == 1").replace("\ndef", "\n@pytest.mark.skip\ndef"),
        "skip",
    ),
    "expected to fail": (one("assert total([1]) == 1").replace("\ndef", "\n@pytest.mark.xfail\ndef"), "skipped or"),
    "another thing": (one("assert sum([1]) == 1"), "does not use total"),
    "sleeps": (one("time.sleep(1)\nassert total([1]) == 1", "import time"), "sleeps"),
    "the clock": (one("assert total([time.time()]) > 1", "import time"), "for the time"),
    "today": (one("assert total([1]) == datetime.date.today().day", "import datetime"), "for the time"),
    "chance": (one("assert total([random.random()]) < 1", "import random"), "chance"),
    "what a process makes of a text": (one("assert total([hash('a') % 10]) < 9"), "chance"),
    "the network": (one("assert total([1]) == 1", "import requests"), "network"),
    "a socket": (one("assert total([1]) == 1", "from socket import create_connection"), "network"),
    "another program": (one("assert total([1]) == 1", "import subprocess"), "other programs"),
    "the code itself": (
        one("assert inspect.getsource(total) and total([1]) == 1", "import inspect"),
        "not at the code",
    ),
    "its bytes": (one("assert total.__code__.co_code == b''"), "not at the code"),
    "writes": (one("open('x', 'w').write('1')\nassert total([1]) == 1"), "writes to the disk"),
    "writes with a path": (
        one("Path('x').write_text('1')\nassert total([1]) == 1", "from pathlib import Path"),
        "writes",
    ),
    "an absolute path": (one("assert total(open('/etc/passwd').read()) == 1"), "not on every machine"),
    "patches the unit": (
        one(
            "with patch('shop.cart.total', return_value=3):\n    assert total([1]) == 3",
            "from unittest.mock import patch",
        ),
        "replaces total",
    ),
    "sets the unit": (
        one("monkeypatch.setattr(cart, 'total', lambda _: 3)\nassert cart.total([1]) == 3", "", "monkeypatch"),
        "replaces total",
    ),
    "assigns the unit": (
        one("cart.total = lambda _: 3\nassert cart.total([1]) == 3", "from shop import cart"),
        "replaces total",
    ),
    "shadows the unit": (one("total = lambda _: 3\nassert total([1]) == 3"), "another meaning to total"),
    "defines the unit": (one("def total(_):\n    return 3\nassert total([1]) == 3"), "defines total itself"),
    "a fixture in its place": (one("assert total([1]) == 3", arguments="total"), "as a fixture"),
    "evaluates": (one("assert eval('total([1])') == 1 and total"), "calls eval()"),
    "ends the process": (one("os._exit(0)\nassert total([1]) == 1", "import os"), "_exit"),
    "does things at import": (
        "from shop.cart import total\ntotal([1])\n" + one("assert total([1]) == 1"),
        "is imported",
    ),
    "a helper that patches the unit": (
        "import pytest\nfrom shop.cart import total\n\n\n@pytest.fixture(autouse=True)\ndef other(monkeypatch):\n"
        "    monkeypatch.setattr('shop.cart.total', sum)\n\n\ndef test_it():\n    assert total([1]) == 1\n",
        "replaces total",
    ),
    "a helper that writes": (
        "from shop.cart import total\n\n\ndef save():\n    open('x', 'w').write('1')\n\n\n"
        "def test_it():\n    save()\n    assert total([1]) == 1\n",
        "writes to the disk",
    ),
    "the unit is replaced at import": (
        "from shop import cart\n\ncart.total = sum\n\n\ndef test_it():\n    assert cart.total([1]) == 1\n",
        "is imported",
    ),
    "no test": ("from shop.cart import total\n", "no test function"),
    "an empty one": (one("..."), "leaves code out"),
    "a long one": (one("\n".join(f"assert total([{n}]) == {n}" for n in range(70))), "lines"),
    "ten thousand lines": (one("assert total([1]) == 1") + "# x\n" * 10_000, "lines are too many"),
    "many": (
        "from shop.cart import total\n"
        + "".join(f"def test_{n}():\n    assert total([1]) == {n}\n" for n in range(20)),
        "too many",
    ),
    "broken": ("def test_it(:\n    assert total([1]) == 1", "does not parse"),
}


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD)
def test_what_checks_nothing_or_touches_too_much_is_refused(text: str, said: str) -> None:
    fault = judged(text)
    assert fault is not None
    assert said in fault.reason, fault


def test_a_method_is_used_by_its_own_name() -> None:
    text = "from shop.cart import Cart\n\n\ndef test_it():\n    assert Cart([1]).total() == 1\n"
    assert judged(text, METHOD) is None
    assert judged(text.replace(".total()", ".count()"), METHOD) is not None
