"""Imports and names: a file before, the failure, and the whole file after the candidate that should come first."""

from __future__ import annotations

import pytest

from ocode_tools.results import Failure, Frame
from ocode_tools.rules import Candidate, Scope, Suspect, candidates
from ocode_tools.source import Source
from ocode_tools.symbols import Symbols

PATH = "pkg/mod.py"


def proposed(text: str, failures: tuple[Failure, ...] = ()) -> list[tuple[str, Candidate]]:
    """The resulting texts with their candidates, best first, for all units of one file."""
    source = Source(PATH, text.encode())
    scopes = [
        Scope(source, Suspect(PATH, u.qualname, 0.5, {}), u, failures, Symbols([(PATH, source)]))
        for u in source.functions()
    ]
    return [(source.replace(c.changes).decode(), c) for c in candidates(scopes, pairs=0)]


def failing(exception: str, name: str, *near: str, line: int = 1) -> tuple[Failure, ...]:
    return (Failure("tests/test_a.py::test_x", "call", exception, "red", (Frame(PATH, line, "f"),), name, near),)


BODY = "\ndef f(a):\n    return {}\n"
IMPORTS = [
    ("import os\n" + BODY, "math.pi", "import math\nimport os\n" + BODY),
    ("import math\n" + BODY, "re.sub", "import math\nimport re\n" + BODY),
    (
        "import os\r\n\r\ndef f():\r\n    return {}\r\n",
        "json.x",
        "import json\r\nimport os\r\n\r\ndef f():\r\n    return {}\r\n",
    ),
    ('"""Doc."""\n' + BODY, "os.sep", '"""Doc."""\n\nimport os\n' + BODY),
    ('"""Doc."""\ndef f():\n    return {}\n', "os.sep", '"""Doc."""\n\nimport os\n\ndef f():\n    return {}\n'),
    ("def f():\n    return {}\n", "os.sep", "import os\n\ndef f():\n    return {}\n"),
    (
        "#!/bin/x\n# coding: utf-8\n# about f\ndef f():\n    return {}\n",
        "os.sep",
        "#!/bin/x\n# coding: utf-8\n\nimport os\n\n# about f\ndef f():\n    return {}\n",
    ),
    ("# Licence\n\ndef f():\n    return {}\n", "os.sep", "# Licence\n\nimport os\n\ndef f():\n    return {}\n"),
    (
        "from __future__ import annotations\n" + BODY,
        "os.sep",
        "from __future__ import annotations\n\nimport os\n" + BODY,
    ),
    ("import httpx\n" + BODY, "os.sep", "import os\n\nimport httpx\n" + BODY),
    ("import os\n\nimport httpx\n" + BODY, "re.I", "import os\nimport re\n\nimport httpx\n" + BODY),
    ("import os" + BODY, "Path(a)", "import os\nfrom pathlib import Path" + BODY),
    (
        "from typing import (\n    Any,\n)\n" + BODY,
        "Optional[a]",
        "from typing import (\n    Any, Optional,\n)\n" + BODY,
    ),
    (
        "from typing import Any as A  # why\n" + BODY,
        "Optional[a]",
        "from typing import Any as A, Optional  # why\n" + BODY,
    ),
    ("x = lambda: {}", "os.sep", "import os\n\nx = lambda: {}"),
    ('"""Doc."""; import re\nx = lambda: {}\n', "os.sep", '"""Doc."""; import re\nimport os\nx = lambda: {}\n'),
    ("import sys\n" + BODY, "datetime.now()", "import sys\nfrom datetime import datetime\n" + BODY),
    ("import sys\n" + BODY, "datetime.date(1, 2, 3)", "import datetime\nimport sys\n" + BODY),
    ("import sys\n" + BODY, "copy(a)", "import sys\nfrom copy import copy\n" + BODY),
    ("import sys\n" + BODY, "copy.copy(a)", "import copy\nimport sys\n" + BODY),
]


@pytest.mark.parametrize(("before", "use", "after"), IMPORTS)
def test_a_missing_import_comes_first(before: str, use: str, after: str) -> None:
    name = use.partition(".")[0].partition("(")[0].partition("[")[0]
    text, first = proposed(before.replace("{}", use), failing("builtins.NameError", name))[0]
    assert text == after.replace("{}", use)
    assert (first.kind, first.summary) == ("import", f"import {name} in mod.py")


def project(files: dict[str, str], path: str, failures: tuple[Failure, ...]) -> list[str]:
    sources = {name: Source(name, text.encode()) for name, text in files.items()}
    source = sources[path]
    symbols = Symbols(sources.items())
    scopes = [Scope(source, Suspect(path, u.qualname, 1.0, {}), u, failures, symbols) for u in source.functions()]
    return [
        source.replace(c.changes).decode() for c in candidates(scopes, pairs=0) if c.kind in ("import", "misspelling")
    ]


def test_the_project_s_own_names_are_imported_in_the_file_s_style() -> None:
    files = {
        "src/pkg/__init__.py": "",
        "src/pkg/shapes.py": "class Square: ...\n",
        "src/pkg/sub/util.py": "def area(): ...\n",
    }
    absolute = {**files, "src/pkg/a.py": "import os\n\nx = Square(os)\n"}
    missing = failing("NameError", "Square")
    assert project(absolute, "src/pkg/a.py", missing)[0] == (
        "import os\n\nfrom pkg.shapes import Square\n\nx = Square(os)\n"
    )
    relative = {**files, "src/pkg/sub/a.py": "from .util import area\n\nx = Square(area)\n"}
    assert project(relative, "src/pkg/sub/a.py", missing)[0] == (
        "from ..shapes import Square\nfrom .util import area\n\nx = Square(area)\n"
    )
    module = {**files, "src/pkg/a.py": "x = shapes.Square()\n"}
    assert project(module, "src/pkg/a.py", failing("NameError", "shapes"))[0] == (
        "from pkg import shapes\n\nx = shapes.Square()\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from pkg.util import Square\n", "from pkg.shapes import Square\n"),
        ("from .util import (Square as S)\n", "from .shapes import (Square as S)\n"),
        ("from pkg.util import area, Square\n", "from pkg.shapes import Square\nfrom pkg.util import area\n"),
        ("from pkg.util import Square, area\n", "from pkg.shapes import Square\nfrom pkg.util import area\n"),
    ],
)
def test_a_name_is_imported_from_the_module_that_has_it(before: str, after: str) -> None:
    files = {"pkg/shapes.py": "class Square: ...\n", "pkg/util.py": "def area(): ...\n", "pkg/a.py": before}
    assert project(files, "pkg/a.py", failing("ImportError", "Square"))[0] == after


def test_a_name_that_moved_within_the_standard_library() -> None:
    files = {"pkg/a.py": "from collections import Mapping\n"}
    assert project(files, "pkg/a.py", failing("ImportError", "Mapping"))[0] == "from collections.abc import Mapping\n"


MISSPELT = [
    (
        "NameError",
        "totl",
        ("total",),
        "def f(total):\n    return totl\n",
        "def f(total):\n    return total\n",
        "use `total` instead of `totl` in f",
    ),
    ("NameError", "totl", (), "def f(total):\n    return totl\n", "def f(total):\n    return total\n", None),
    (
        "NameError",
        "pritn",
        (),
        "def f(a):\n    pritn(a)\n",
        "def f(a):\n    print(a)\n",
        "call `print` instead of `pritn` in f",
    ),
    (
        "AttributeError",
        "stripp",
        ("strip",),
        "def clean(s):\n    return s.stripp()\n",
        "def clean(s):\n    return s.strip()\n",
        "call `strip` instead of `stripp` in clean",
    ),
    (
        "AttributeError",
        "stripp",
        (),
        "def f(s):\n    return s . stripp ()\n",
        "def f(s):\n    return s . strip ()\n",
        None,
    ),
    (
        "AttributeError",
        "lowr",
        ("lower",),
        "def f(s):\n    return s.lowr() + s.lowr()\n",
        "def f(s):\n    return s.lower() + s.lower()\n",
        None,
    ),
    (
        "TypeError",
        "siez",
        ("size",),
        "def f(g):\n    return g(siez = 2.5)\n",
        "def f(g):\n    return g(size = 2.5)\n",
        None,
    ),
    (
        "TypeError",
        "siez",
        (),
        "def g(size): ...\ndef f():\n    return g(siez=2.5)\n",
        "def g(size): ...\ndef f():\n    return g(size=2.5)\n",
        None,
    ),
    (
        "ImportError",
        "sqr",
        ("sqrt",),
        "from math import pi, sqr\nx = sqr(pi)\n",
        "from math import pi, sqrt\nx = sqrt(pi)\n",
        "import `sqrt` instead of `sqr` in mod.py",
    ),
    ("ModuleNotFoundError", "jsn", (), "import jsn\nx = json.dumps(1.5)\n", "import json\nx = json.dumps(1.5)\n", None),
    ("ModuleNotFoundError", "jsn", (), "from jsn.decoder import x\n", "from json.decoder import x\n", None),
    (
        "UnboundLocalError",
        "größ",
        (),
        "def f(größe):\n    return größ\n    größ = 1.5\n",
        "def f(größe):\n    return größe\n    größe = 1.5\n",
        None,
    ),
]


@pytest.mark.parametrize(("exception", "name", "near", "before", "after", "summary"), MISSPELT)
def test_a_misspelt_name_comes_among_the_first(
    exception: str, name: str, near: tuple[str, ...], before: str, after: str, summary: str | None
) -> None:
    first = proposed(before, failing(exception, name, *near))[:3]
    found = {text: c for text, c in first if c.kind == "misspelling"}
    assert after in found
    assert summary is None or found[after].summary == summary


@pytest.mark.parametrize(
    ("exception", "name", "before", "after"),
    [
        (
            "AttributeError",
            "name",
            "class A:\n    def __init__(self, x):\n        self.nmae = x\n",
            "class A:\n    def __init__(self, x):\n        self.name = x\n",
        ),
        (
            "AttributeError",
            "total",
            "class A:\n    def totl(self):\n        return 1.5\n",
            "class A:\n    def total(self):\n        return 1.5\n",
        ),
        ("TypeError", "size", "def f(siez):\n    return siez\n", "def f(size):\n    return size\n"),
        ("ImportError", "area", "async def aera():\n    return 1.5\n", "async def area():\n    return 1.5\n"),
    ],
)
def test_the_definition_may_be_misspelt(exception: str, name: str, before: str, after: str) -> None:
    raised = Frame("tests/test_a.py", 3, "test_x")
    failure = Failure("tests/test_a.py::test_x", "call", exception, "red", (raised,), name)
    assert proposed(before, (failure,))[0][0] == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def f(total):\n    return totl\n", "def f(total):\n    return total\n"),
        (
            "class A:\n    def f(self):\n        self.items = self.itmes\n",
            "class A:\n    def f(self):\n        self.items = self.items\n",
        ),
        (
            "def g(*, size): ...\ndef f():\n    return g(sise=2.5)\n",
            "def g(*, size): ...\ndef f():\n    return g(size=2.5)\n",
        ),
    ],
)
def test_a_name_that_nothing_binds_is_found_without_evidence(before: str, after: str) -> None:
    assert after in [text for text, c in proposed(before) if c.kind == "misspelling"]


@pytest.mark.parametrize(
    "text",
    [
        "from b import Base\nclass A(Base):\n    def f(self):\n        self.items = self.itmes\n",
        "def g(size, **more): ...\ndef f():\n    return g(sise=2.5)\n",
        "def f(total):\n    return totl\n    totl = 1.5\n",
        "from x import *\ndef f(total):\n    return totl\n",
    ],
)
def test_a_name_that_may_well_be_right_is_left_alone(text: str) -> None:
    assert not [c for _, c in proposed(text) if c.kind == "misspelling"]


def test_a_use_is_likelier_misspelt_than_the_definition() -> None:
    text = "totl = 1.5\ndef f():\n    return total\n"
    results = [result for result, c in proposed(text, failing("NameError", "total", "totl")) if c.kind == "misspelling"]
    assert results == [text.replace("total", "totl"), text.replace("totl", "total")]


def test_what_the_file_has_is_not_imported_again() -> None:
    text = "import os\nmath = os\nx = math.pi\n"
    assert "import" not in {c.kind for _, c in proposed(text, failing("NameError", "math"))}
