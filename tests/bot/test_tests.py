"""`ocode tests` from door to branch; where a model answers it is scripted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from chat import NAME
from door import KEYS, Done, changed, environment, ocode, state
from model import answering, conversations
from quick import bare
from repos import MakeRepo, Repo
from server import Server

CART = '''"""A cart."""


class Cart:
    """Prices in a currency."""

    def __init__(self, prices):
        self.prices = list(prices)

    def total(self, tax=0):
        """The sum with a tax in percent."""
        result = 0
        for price in self.prices:
            if price < 0:
                raise ValueError("negative")
            result += price
        return result * (100 + tax) / 100
'''
TEST = "from shop.cart import Cart\n\n\ndef test_prices():\n    assert Cart([1]).prices == [1]\n"
FILES = {"shop/__init__.py": "", "shop/cart.py": CART, "tests/test_cart.py": TEST}
PLAN = "Here is my plan:\n\n- the **sum** of prices\n- a tax is added\n- negative prices raise ValueError\n"
HEAD = "import pytest\nfrom shop.cart import Cart\n\n\n"
GOOD = f"""{HEAD}def test_total():
    assert Cart([1, 2]).total() == 3


def test_tax():
    assert Cart([100]).total(tax=50) == 150.0


def test_negative():
    with pytest.raises(ValueError, match="negative"):
        Cart([-1]).total()
"""
BUG = f"{HEAD}def test_empty():\n    assert Cart([]).total() == -1\n"
MIXED = GOOD + BUG.removeprefix(HEAD)


def run(repo: Repo, *words: str, env: dict[str, str]) -> Done:
    """Run `ocode tests --json` and check that the user's things stayed as they were, byte for byte."""
    before = state(repo.top)
    done = ocode(repo.top, "tests", "--json", *words, env=env, timeout=300)
    assert changed(before, state(repo.top)) == []
    assert done.report.keys() >= KEYS
    return done


def asked(server: Server, repo: Repo, *words: str) -> Done:
    """The same with a scripted model."""
    env = environment(OCODE_MODELS_ENDPOINT=server.url)
    return run(repo, "--model", NAME, *words, env=env)


def left(done: Done) -> dict[str, str]:
    """What was not done, and why."""
    return {one["id"]: one["reason"] for one in done.report["remaining"]}


def test_good_tests_land_and_a_test_that_insists_is_told_as_a_possible_bug(make_repo: MakeRepo) -> None:
    repo = make_repo(FILES)
    with answering(PLAN, MIXED, BUG) as server:
        done = asked(server, repo, "shop/cart.py::Cart.total")
        talk = conversations(server)
    assert (done.code, done.report["status"]) == (1, "partial"), done
    assert done.report["fixed"] == ["shop/cart.py::Cart.total"]
    bug = left(done)["shop/cart.py::Cart.total (bug)"]
    assert bug.startswith("possible bug: test_empty expects otherwise: AssertionError: assert 0.0 == -1")
    (landed,) = done.report["commits"]
    tested = landed["tested"]
    assert tested["unit"] == "shop/cart.py::Cart.total"
    assert tested["coverage"] == {"before": 0, "after": 6, "of": 6}
    assert 0 == tested["mutation"]["before"] < tested["mutation"]["after"] <= tested["mutation"]["of"]
    branch = done.report["branch"]
    text = repo.git("show", f"{branch}:tests/test_cart.py")
    assert text.startswith("import pytest\n\nfrom shop.cart import Cart\n\n\ndef test_prices():")
    assert "def test_negative" in text
    assert "test_empty" not in text
    message = repo.git("log", "-1", "--format=%B", branch)
    assert message.startswith("test(cart): cover Cart.total\n")
    assert "Coverage of Cart.total: 6 of 6 lines, 0 before." in message
    assert "changes noticed, 0 before." in message
    assert f"Ocode-Task: tests\nOcode-Solver: {NAME}\nOcode-Verified: " in message
    assert repo.git("rev-list", "--count", f"main..{branch}").strip() == "1"
    check_talk(talk)


def check_talk(talk: Sequence[Sequence[dict[str, Any]]]) -> None:
    """What the model was sent: the code once, then what it needs, then what became of it; each prompt goes on."""
    plan, first, second, *_ = talk
    assert "def total(self, tax=0):" in plan[1]["content"]
    assert "def __init__(self, prices):" in plan[1]["content"]
    assert first[:2] == plan
    assert "- the sum of prices\n- a tax is added" in first[3]["content"]
    assert "from shop.cart import Cart" in first[3]["content"]
    assert "def test_prices():" in first[3]["content"]
    assert second[: len(first)] == first
    assert "Taken: `test_" in second[-1]["content"]
    assert "- `test_empty`: AssertionError: assert 0.0 == -1" in second[-1]["content"]
    assert sum(len(message["content"]) for message in first) / 4 < 800


EVIL = f"""import unittest.mock
{HEAD}STATE = []


def test_no_assert():
    Cart([1]).total()


def test_tautology():
    assert Cart([1]).total() == Cart([1]).total()


def test_mocked():
    with unittest.mock.patch("shop.cart.Cart.total", return_value=3):
        assert Cart([1]).total() == 3


def test_swallowed():
    try:
        assert Cart([1]).total() == 5
    except AssertionError:
        pass


def test_order_first():
    STATE.append(1)
    assert Cart(STATE).total() == 1


def test_order_second():
    assert STATE == [1]
    assert Cart(STATE).total() == 1


def test_chance():
    assert Cart([1]).lucky() == 1
    assert Cart([2, 3]).total() == 5


def test_writes():
    with open("left.txt", "a") as file:
        file.write("1")
    assert Cart([1]).total() == 1


def test_weak():
    assert Cart([1]).total() > -1
"""
NETWORK = f"import socket\n{HEAD}def test_network():\n    assert Cart([1]).total() == 1\n"
LONG = GOOD + "\n".join(f"    assert Cart([{n}]).total() == {n}" for n in range(10_000))
TODAY = f"""import time
{HEAD}def test_time():
    assert Cart([time.time()]).total() > 1
"""


def refusals(repo: Repo) -> list[list[str]]:
    """Class and reason of each test that was not taken, of the transcript."""
    (events,) = repo.top.glob(".git/ocode/runs/*/events.jsonl")
    said = [json.loads(line) for line in events.read_text().splitlines()]
    return [one["reason"].split(": ", 1) for one in said if one["event"] == "verdict" and one["reason"]]


def test_none_of_the_bad_answers_lands(make_repo: MakeRepo) -> None:
    lucky = "\n    def lucky(self):\n        return 0 if random.random() < 0.1 else 1\n"
    repo = make_repo({**FILES, "shop/cart.py": f"import random\n{CART}{lucky}"})
    with answering(PLAN, EVIL, NETWORK, LONG, TODAY, "I cannot do that.") as server:
        done = asked(server, repo, "shop/cart.py::Cart.total")
        talk = conversations(server)
    assert (done.code, done.report["status"], done.report["branch"]) == (1, "unfixed", None), done
    assert left(done).keys() == {"shop/cart.py::Cart.total"}
    told = talk[2][-1]["content"]
    for name in ("no_assert", "mocked", "weak"):  # one of each kind
        assert f"`test_{name}`" in told
    assert "`test_weak`: it still passes when the body is only `return" in told
    assert told.count("```diff") == 1
    reasons = [words[0] for words in refusals(repo)]
    assert {"assertion", "danger", "fails", "flaky", "kills nothing", "form"} <= set(reasons)
    assert repo.git("for-each-ref", "refs/heads/ocode/") == ""
    assert repo.git("for-each-ref", "refs/ocode/") == ""


PURE = '''def slug(text: str) -> str:
    """A slug.

    >>> slug("A b")
    'a-b'
    >>> slug("C")
    'wrong'
    """
    return "-".join(text.lower().split())


def shown(text):
    print(text)
'''
CASE = """import unittest


class TestOther(unittest.TestCase):
    def test_other(self):
        self.assertEqual(1, 1)
"""


def test_without_a_model_values_of_pure_functions_are_recorded(make_repo: MakeRepo) -> None:
    repo = make_repo({"text.py": PURE, "test_other.py": CASE})
    done = run(repo, "--uncovered", "--model", "none", env=bare())
    assert done.report["fixed"] == ["text.py::slug"], done
    reasons = left(done)
    assert reasons["text.py::slug (bug)"].startswith(
        "possible bug: its docstring says \"'wrong'\" for ('C'), but it gives"
    )
    assert "print" in reasons["text.py::shown"]
    text = repo.git("show", f"{done.report['branch']}:test_text.py")
    assert "Characterization: recorded from the code as it was" in text
    assert "self.assertEqual(slug('A b'), 'a-b')" in text
    assert "slug('C')" not in text
    assert "Ocode-Solver: rules" in repo.git("log", "-1", "--format=%B", done.report["branch"])


@pytest.mark.parametrize(
    ("words", "said"),
    [((), "give a TARGET"), (("none.py",), "names no file")],
    ids=["nothing", "no file"],
)
def test_wrong_words_are_one_line_and_code_2(words: Sequence[str], said: str, make_repo: MakeRepo) -> None:
    repo = make_repo(FILES)
    done = run(repo, *words, "--model", "none", env=bare(OCODE_TESTS_COMMAND="true"))
    assert (done.code, done.report["status"]) == (2, "error"), done
    assert said in done.report["error"]["message"]
