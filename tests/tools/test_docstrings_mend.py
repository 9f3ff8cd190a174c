"""Docstrings that disagree with the signature are mended line by line; the style of others is learned."""

from __future__ import annotations

import pytest

from ocode_tools.docstrings.gates import only_docstrings
from ocode_tools.docstrings.mend import gap, mended
from ocode_tools.docstrings.page import Page
from ocode_tools.docstrings.parts import Style
from ocode_tools.docstrings.splice import NoPlaceError
from ocode_tools.docstrings.style import configured, learned, rules_of

GOOGLE = '''def f(a, new, *rest):
    """Do it.

    More of it.

    Args:
        a (int): First
            of all.
        old: Gone.

            Still the old one.

    Note:
        Stays.
    """
'''
NUMPY = '''class A:
    def f(self, a, new, *rest):
        r"""
        Do it.

        Parameters
        ----------
        old : int
            Gone.
        a : int
            First.

        Returns
        -------
        int
        """
'''
SPHINX = '''def f(a, new, *rest):
\t"""Do it.

\t:param a: First
\t    of all.
\t:param int old: Gone.
\t:type old: int
\t:returns: It.
\t"""
'''
NEW = {"new": "What came.", "rest": "Further ones."}


def mend(text: str, texts: dict[str, str] = NEW) -> str:
    """The file once its function is mended."""
    page = Page("a.py", text.encode())
    unit = next(unit for unit in page.units if unit.kind == "function")
    style = Style()
    facts = page.facts(unit, style)
    found = gap(unit, facts)
    assert found is not None
    out = page.put(mended(page.source, unit, facts, found, style, texts))
    assert only_docstrings("a.py", page.data, out, may_change=True) is None
    return out.decode()


def test_google() -> None:
    assert mend(GOOGLE) == GOOGLE.replace(
        "        old: Gone.\n\n            Still the old one.\n",
        "        new: What came.\n        *rest: Further ones.\n",
    )
    assert mend(GOOGLE, {}) == GOOGLE.replace("        old: Gone.\n\n            Still the old one.\n", "")


def test_numpy() -> None:
    text = mend(NUMPY)
    assert "        ----------\n        a : int\n            First.\n        new\n            What came.\n" in text
    assert "        *rest\n            Further ones.\n\n        Returns\n" in text
    assert "old" not in text


def test_sphinx_and_tabs() -> None:
    text = mend(SPHINX)
    assert text.endswith(
        '\t    of all.\n\t:param new: What came.\n\t:param rest: Further ones.\n\t:returns: It.\n\t"""\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        'def f(a):\n    """Do it.\n\n    Args:\n        a: It.\n    """\n',
        'def f(a, b):\n    """Do it."""\n',
        'def f(a, b):\n    """Do it.\n\n    Returns:\n        All.\n    """\n    return 1\n',
    ],
    ids=["agrees", "short", "lists-none"],
)
def test_what_agrees_or_lists_nothing_is_left(text: str) -> None:
    page = Page("a.py", text.encode())
    assert gap(page.units[1], page.facts(page.units[1], Style())) is None


@pytest.mark.parametrize(
    "text",
    [
        'def f(a):\n    "Do it.\\n\\nArgs:\\n    b: It."\n',
        'def f(a):\n    """Do it.\n\n    Args:\n        b: It."""\n',
        'def f(a):\n    """Do it.\n\n    Parameters\n    ----------\n    b, c : int\n        Both.\n    """\n',
    ],
    ids=["escapes", "last-line", "two-names"],
)
def test_what_cannot_be_told_apart_is_refused(text: str) -> None:
    with pytest.raises(NoPlaceError):
        mend(text)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"pyproject.toml": '[tool.ruff]\nline-length = 100\n[tool.ruff.lint.pydocstyle]\nconvention = "numpy"\n'},
         "numpy 100 types"),
        ({"ruff.toml": '[lint]\nselect = ["DOC"]\n[lint.pydocstyle]\nconvention = "google"\n'}, "google 88 strict"),
        ({"pyproject.toml": '[tool.pydoclint]\nstyle = "sphinx"\narg-type-hints-in-docstring = false\n'
          "check-return-types = false\n[tool.black]\nline-length = 79\n"}, "sphinx 79 strict"),
        ({"pyproject.toml": "[tool.pydoclint]\n"}, "numpy 88 types strict"),
        ({"setup.cfg": "[flake8]\nmax-line-length = 79\ndocstring-convention = google\n"}, "google 79"),
        ({"tox.ini": "[pydocstyle]\nconvention = numpy\n"}, "numpy 88 types"),
        ({"pyproject.toml": "[tool.ruff.lint.pycodestyle]\nmax-doc-length = 72\n"}, "google 72"),
        ({"pyproject.toml": "[tool.ruff]\nselect = 3\nbroken"}, "None"),
        ({}, "None"),
    ],
)  # fmt: skip
def test_what_linters_are_told(files: dict[str, str], said: str) -> None:
    style = configured({name: text.encode() for name, text in files.items()}.get)
    words = [style.form, str(style.width), style.types * "types", style.strict * "strict"] if style else ["None"]
    assert " ".join(filter(None, words)) == said


def code(*docs: str) -> bytes:
    """Functions with these docstrings."""
    return "".join(f"def f{n}(a):\n    {doc}\n" for n, doc in enumerate(docs)).encode()


@pytest.mark.parametrize(
    ("docs", "said"),
    [
        (['"""Return it.\n\n    Args:\n        a (int): It.\n    """'] * 3, "google types stop"),
        (['"""Return it.\n\n    Args:\n        a: It.\n    """'] * 3, "google stop"),
        (["'''Returns it\n\n    :param a: It\n    '''"] * 3, "sphinx ''' descriptive"),
        (['"""\n    Return it.\n\n    Parameters\n    ----------\n    a : int\n    """'] * 3, "numpy types stop below"),
        (['"""Return it."""'] * 12, "plain stop"),
        (['"""Return it."""'] * 3, "google stop"),
        ([], "google stop"),
    ],
)
def test_habits(docs: list[str], said: str) -> None:
    style = learned([("a.py", code(*docs)), ("b.py", b"def f(:\n")], Style())
    flags = [(style.types, "types"), (style.quotes == "'''", "'''"), (style.descriptive, "descriptive")]
    flags += [(style.stop, "stop"), (style.below, "below")]
    assert " ".join([style.form, *(word for holds, word in flags if holds)]) == said


def test_a_configured_form_is_not_outvoted() -> None:
    docs = ['"""Returns it.\n\n    Args:\n        a: It.\n    """'] * 5
    style = learned([("a.py", code(*docs))], Style("numpy", origin="ruff"))
    assert (style.form, style.descriptive, style.origin) == ("numpy", True, "ruff")


def test_what_interrogate_leaves_out() -> None:
    text = b"[tool.interrogate]\nignore-init-method = true\nignore_magic = true\nexclude = ['docs/', 'build']\n"
    rules = rules_of({"pyproject.toml": text}.get)
    assert rules is not None
    assert (rules.exclude, "private" in rules.skip) == (("docs", "build"), False)
    assert {"init", "magic", "override"} <= rules.skip
    assert rules_of(lambda _: None) is None
