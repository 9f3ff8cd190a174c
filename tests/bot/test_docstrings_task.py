"""`ocode docstrings` with a scripted model: what it is asked, what lands, what is refused and why."""

from __future__ import annotations

import json
import sys

from chat import NAME
from door import KEYS, Done, changed, environment, ocode, state
from model import answering, conversations, reply
from quick import bare, reasons
from repos import MakeRepo, Repo
from server import Play, Server

CODE = '''"""Prices in cents."""
import re


def tax(amount, rate=0.2):
    if rate > 1:
        raise ValueError(rate)
    return amount * rate


class Cart:
    """What a customer wants to buy."""

    def total(self): return 1

    def _hidden(self):
        return 2
'''
SUITE = """import unittest

import price


class Price(unittest.TestCase):
    def test_tax(self):
        self.assertEqual(price.tax(100), 20)
        self.assertIsNone(price.Cart.total.__doc__ and None)
"""
NO_TESTS = "import unittest\n"
FILES = {"price.py": CODE, "test_price.py": SUITE}
TAX = {
    "summary": "Returns the tax that is due on a sum",
    "details": "See `other.place` for more. A share above one is refused.",
    "amount": "Net sum in cents.",
    "rate": "Share that goes to the state. Defaults to 0.2.",
    "returns": "Tax in cents.",
    "raises_ValueError": "Raised if the share is above one",
    "unasked": "Dropped.",
}
TOTAL = {"summary": "Add up what has to be paid", "details": "", "returns": "Sum in cents"}
WRITTEN = CODE.replace(
    "rate=0.2):\n",
    '''rate=0.2):
    """Return the tax that is due on a sum.

    A share above one is refused.

    Args:
        amount: Net sum in cents.
        rate: Share that goes to the state. Defaults to 0.2.

    Returns:
        Tax in cents.

    Raises:
        ValueError: If the share is above one.
    """
''',
).replace(
    "def total(self): return 1",
    '''def total(self):
        """Add up what has to be paid.

        Returns:
            Sum in cents.
        """
        return 1''',
)


def says(words: object) -> Play:
    """One whole answer, in a fence."""
    return reply(f"```json\n{json.dumps(words)}\n```")


def document(repo: Repo, server: Server | None, *words: str) -> Done:
    """Run `ocode docstrings --json`; nothing of the user's may change."""
    model = ("--model", NAME) if server else ("--model", "none")
    env = bare(OCODE_MODELS_ENDPOINT=server.url) if server else bare()
    before = state(repo.top)
    done = ocode(repo.top, "docstrings", "--json", *model, *words, env=env)
    assert changed(before, state(repo.top)) == []
    assert done.report.keys() == KEYS
    return done


def test_the_whole_way(make_repo: MakeRepo) -> None:
    repo = make_repo(FILES)
    with answering(says(TAX), says(TOTAL)) as server:
        done = document(repo, server)
        talks = conversations(server)
        schemas = [request.body["format"] for request in server.asked("/api/chat")]
    report = done.report
    assert (done.code, report["status"], report["error"]) == (0, "fixed", None)
    assert report["fixed"] == ["price.py::Cart.total", "price.py::tax"]
    assert repo.git("show", f"{report['branch']}:price.py") == WRITTEN
    assert repo.git("diff", "--stat", "main", report["branch"]).startswith(" price.py |")
    message = repo.git("log", "-1", "--format=%B", report["branch"])
    assert message.startswith("docs: document 2 parts of price\n\nNothing but docstrings changes")
    assert "Ocode-Task: docstrings\n" in message
    assert f"Ocode-Solver: {NAME}\n" in message
    assert schemas[0]["required"] == ["summary", "details", "amount", "rate", "returns", "raises_ValueError"]
    (_, user), _ = talks
    assert "def tax(amount, rate=0.2):" in user["content"]
    assert '- "rate": what the argument is or does (default 0.2)' in user["content"]


def test_a_dry_run_shows_it_and_makes_no_branch(make_repo: MakeRepo) -> None:
    repo = make_repo(FILES)
    with answering(says(TAX)) as server:
        words = ("--dry-run", "--limit", "1", "--model", NAME)
        done = ocode(repo.top, "docstrings", *words, env=bare(OCODE_MODELS_ENDPOINT=server.url))
    assert done.code == 0
    assert "+    ValueError: If" in done.out.replace("        ", "    ")
    assert repo.git("branch", "--list", "ocode/*") == ""


def test_what_was_wrong_is_said_and_better_words_land(make_repo: MakeRepo) -> None:
    repo = make_repo({"price.py": CODE, "test_price.py": NO_TESTS})
    poor = {**TAX, "summary": "Tax.", "amount": "The amount."}
    with answering(says(poor), says(TAX)) as server:
        done = document(repo, server, "price.py::tax")
        (_, second) = conversations(server)
    assert done.report["fixed"] == ["price.py::tax"]
    assert "- summary says no more than the name\n- amount says no more than 'amount'" in second[-1]["content"]
    assert repo.git("show", f"{done.report['branch']}:price.py") == WRITTEN.replace(
        WRITTEN[WRITTEN.index("    def total") : WRITTEN.index("    def _hidden")],
        CODE[CODE.index("    def total") : CODE.index("    def _hidden")],
    )


def test_no_words_no_commit(make_repo: MakeRepo) -> None:
    """Three answers each, all of the same kind: two rounds and a fresh start."""
    names = ("empty", "unknown", "silent", "long")
    code = '"""Prices."""\n' + "".join(f"\n\ndef {name}_price(a):\n    return a\n" for name in names)
    repo = make_repo({"price.py": code, "test_price.py": NO_TESTS})
    answers = (
        says({"summary": "Empty price."}),
        says({"summary": "Compute it with `shop.taxes`."}),
        reply("I am sorry, I cannot."),
        reply('{"summary": "Return', "length"),
    )
    with answering(*(answer for answer in answers for _ in range(3))) as server:
        done = document(repo, server)
        assert len(server.asked("/api/chat")) == 12
    assert (done.code, done.report["branch"]) == (1, None)
    assert list(reasons(done).values()) == [
        "reply: summary says no more than the name; a is missing; returns is missing",
        "reply: summary names 'shop.taxes', which is not in the file; a is missing; returns is missing",
        "reply: prose without the keys that were asked for",
        "reply: the answer was cut off: write less",
    ]


def test_behaviour_tests_and_names(make_repo: MakeRepo) -> None:
    """A docstring that is read, one that turns a test red, and a name that is not there."""
    suite = SUITE.replace("assertIsNone(price.Cart.total.__doc__ and None)", "assertIsNone(price.tax.__doc__)")
    command = '"""Doc."""\nimport click\n\n\n@click.command()\ndef run(): ...\n'
    repo = make_repo({"price.py": CODE, "test_price.py": suite, "command.py": command})
    with answering(says(TAX)) as server:
        done = document(repo, server, "price.py::tax", "command.py")
        missing = document(repo, server, "price.py::nothing")
    assert done.code == 1
    found = reasons(done)
    assert found["command.py::run"] == "behaviour: the docstring of a @click.command is its help text"
    assert found["price.py::tax"].startswith("tests: test_price.py::Price::test_tax was green and is red with it")
    assert (missing.code, missing.report["error"]["message"][:27]) == (2, "price.py has no 'nothing'; ")


def test_a_linter_of_the_repositorys_has_its_say(make_repo: MakeRepo) -> None:
    """What it refuses alone is left; the others of the file land."""
    rules = '[tool.ruff.lint]\nselect = ["D"]\n[tool.ruff.lint.pydocstyle]\nconvention = "numpy"\n'
    repo = make_repo({"price.py": CODE, "test_price.py": NO_TESTS, "pyproject.toml": rules})
    with answering(says({**TAX, "summary": "Returned share for the state."}), says(TOTAL)) as server:
        env = environment(OCODE_TESTS_PYTHON=sys.executable, OCODE_MODELS_ENDPOINT=server.url)
        done = ocode(repo.top, "docstrings", "--json", "--model", NAME, env=env)
    assert reasons(done)["price.py::tax"] == "linters: price.py: ruff finds D401 1 times, 0 before"
    assert done.report["fixed"] == ["price.py::Cart.total"]
    text = repo.git("show", f"{done.report['branch']}:price.py")
    assert "        Returns\n        -------\n        Sum in cents.\n" in text


def test_without_a_model_only_facts_and_only_when_asked(make_repo: MakeRepo) -> None:
    repo = make_repo({"price.py": CODE, "test_price.py": NO_TESTS})
    done = document(repo, None)
    assert done.code == 1
    assert reasons(done)["price.py::tax"] == "no model is asked"
    done = document(repo, None, "--skeleton")
    assert done.report["fixed"] == ["price.py::tax"]
    assert reasons(done)["price.py::Cart.total"] == "no model is asked; analysis alone has nothing to say"
    text = repo.git("show", f"{done.report['branch']}:price.py")
    assert text == CODE.replace("    if rate", '    """Raise ValueError."""\n    if rate')
    assert "Ocode-Solver: rules\n" in repo.git("log", "-1", "--format=%B", done.report["branch"])


def test_what_is_not_committed(make_repo: MakeRepo) -> None:
    repo = make_repo({"price.py": '"""Prices."""\n\n\ndef old(a):\n    return a\n', "test_price.py": NO_TESTS})
    repo.write("price.py", '"""Prices."""\n\n\ndef old(a):\n    return a\n\n\ndef new(a):\n    raise ValueError\n')
    repo.write("other.py", "def more():\n    raise KeyError\n")
    done = document(repo, None, "--changed", "--skeleton")
    assert done.report["fixed"] == ["other.py::more", "price.py::new"]
    assert list(reasons(done)) == ["other.py::<module>"]
    repo.git("add", "price.py")
    assert document(repo, None, "--staged", "--skeleton").report["fixed"] == ["price.py::new"]


def test_what_disagrees_is_mended_only_when_asked(make_repo: MakeRepo) -> None:
    old = '"""Prices."""\n\n\ndef old(a):\n    """Do it.\n\n    Args:\n        a: It.\n        b: Gone.\n    """\n'
    repo = make_repo({"price.py": old, "test_price.py": NO_TESTS})
    done = document(repo, None, "--improve")
    assert done.report["fixed"] == ["price.py::old"]
    assert repo.git("show", f"{done.report['branch']}:price.py") == old.replace("        b: Gone.\n", "")
