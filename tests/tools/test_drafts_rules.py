"""Drafts by rules: type, scope, subject and body of a message, from facts alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocode_tools.changes.base import Change, Changes, Status
from ocode_tools.changes.hunks import hunks
from ocode_tools.changes.kinds import kind_of
from ocode_tools.drafts import Draft, Style, draft
from ocode_tools.drafts.style import Used
from ocode_tools.messages.base import Policy

Texts = dict[str, tuple[str | None, str | None]]
CHECK = "def check(size, limit):\n    return size < limit\n"
STEPS = "    a = x + 1\n    b = a * 2\n    c = b - 1\n    d = c // 2\n    return d\n"


def change(path: str, before: str | None, after: str | None) -> Change:
    """A text file's change, with the lines counted."""
    found = hunks(before, after)
    added, removed = sum(len(hunk.new) for hunk in found), sum(len(hunk.old) for hunk in found)
    status: Status = "added" if before is None else "removed" if after is None else "changed"
    return Change(path, path, status, added=added, removed=removed, kind=kind_of(path), before=before, after=after)


def drafted(texts: Texts, **style: Any) -> Draft:
    """The draft for files with their texts before and after."""
    return draft(Changes(tuple(change(path, *both) for path, both in texts.items())), Style(**style))


CASES: dict[str, tuple[Texts, str]] = {
    "operator": ({"src/units.py": (CHECK, CHECK.replace("<", "<="))}, "fix(units): compare with <= in check"),
    "guard": (
        {"src/units.py": (CHECK, CHECK.replace("    return",
        "    if not limit:\n        raise ValueError\n    return"))},
        "fix(units): raise ValueError in check if not limit",
    ),
    "feature": (
        {
            "pkg/units.py": (CHECK, CHECK + "\n\ndef shown(size):\n    return str(size)\n"),
            "tests/test_units.py": ("", "def test_shown():\n    pass\n"),
        },
        "feat(units): add shown",
    ),
    "new-module": ({"pkg/load.py": (None, "class Loader:\n    def load(self): ...\n")}, "feat(load): add Loader"),
    "option": (
        {"pkg/cli.py": ("p = 1\n", 'p = 1\np.add_argument("--dry-run", help="x")\n')},
        "feat(cli): add --dry-run",
    ),
    "package": (
        {"packages/core/src/a.ts": ("export function f() {\n  return 1;\n}\n",
        "export function f() {\n  return 2;\n}\n")},
        "fix(core): use 2 instead of 1 in f",
    ),
    "go": (
        {"internal/server/handler.go": ("func (s *S) Get() int {\n\treturn 1\n}\n",
        "func (s *S) Get() int {\n\treturn 2\n}\n")},
        "fix(server): use 2 instead of 1 in Get",
    ),
    "imports": ({"pkg/a.py": ("import a\n", "import b\n")}, "fix(a): correct the imports of a"),
    "scoped-package": (
        {"packages/@org/core/src/a.ts": ("", "export function load() {}\n")},
        "feat(core): add load",
    ),
    "tests": (
        {"tests/test_units.py": ("", "def test_rejects_an_empty_size():\n    pass\n")},
        'test(units): add test "rejects an empty size"',
    ),
    "docs-page": ({"docs/use.md": (None, "# How to use it\n\nText\n")}, 'docs: add "How to use it"'),
    "docs-section": ({"README.md": ("# A\n", "# A\n\n## Install\n\nText\n")}, "docs: add Install section"),
    "typo": ({"docs/a.md": ("We recieve it.\n", "We receive it.\n")}, 'docs: fix typo "recieve"'),
    "comments": ({"a/x.py": ("# one\nx = 1\n", "# two\nx = 1\n")}, "docs: reword comments in x"),
    "docstring": (
        {"a/x.py": ('def f():\n    """One."""\n', 'def f():\n    """Two."""\n')},
        "docs: document f",
    ),
    "format": ({"a/x.py": ("x=1\n", "x = 1\n")}, "style(x): format x.py"),
    "renamed-symbol": (
        {"a/x.py": ("def f(a):\n    g(a)\n    return h(a)\n", "def k(a):\n    g(a)\n    return h(a)\n")},
        "refactor(x): rename f to k",
    ),
    "extracted": (
        {"a/x.py": (f"def f(x):\n{STEPS}", f"def f(x):\n    return _twice(x)\n\n\ndef _twice(x):\n{STEPS}")},
        "refactor(x): extract _twice",
    ),
    "cached": ({"a/x.py": ("def f(x): ...\n", "@lru_cache\ndef f(x): ...\n")}, "perf(x): cache the result of f"),
    "ci": (
        {".github/workflows/a.yml": ("x:\n", "x:\n  - name: Lint\n    run: lint\n")},
        "ci: add Lint step",
    ),
    "workflow": ({".github/workflows/a.yml": (None, "name: Nightly audit\n")}, 'ci: add "Nightly audit" workflow'),
    "build": ({"Makefile": ("a:\n\tls\n", "a:\n\tls --all\n")}, "build: pass --all to ls"),
    "ignore": ({".gitignore": ("a\n", "a\n.cache/\n")}, "chore: ignore .cache/"),
    "dependency": (
        {"requirements.txt": ("click==8.1\n", "click==8.2\n"), "uv.lock": ("a\n", "b\n")},
        "chore: bump click from 8.1 to 8.2",
    ),
    "lock": ({"poetry.lock": ("a\n", "b\n")}, "chore: update poetry.lock"),
    "release": (
        {
            "pyproject.toml": ('[project]\nversion = "1.0"\n', '[project]\nversion = "1.1"\n'),
            "CHANGELOG.md": ("# Changes\n", "# Changes\n\n## 1.1\n"),
        },
        "chore: release 1.1",
    ),
    "release-in-code": (
        {
            "package.json": ('{\n  "version": "1.0.0"\n}\n', '{\n  "version": "1.1.0"\n}\n'),
            "src/version.ts": ('export const VERSION = "1.0.0";\n', 'export const VERSION = "1.1.0";\n'),
            "pkg/__init__.py": ('__version__ = "1.0.0"\n', '__version__ = "1.1.0"\n'),
        },
        "chore: release 1.1.0",
    ),
    "no-release": (
        {"pkg/a.py": ('__version__ = "1.0"\nx = 1\n', '__version__ = "1.1"\nx = 2\n')},
        "fix(a): set __version__ to '1.1'",
    ),
    "removed": ({"old/a.py": ("x = 1\n", None), "old/b.py": ("x = 1\n", None)}, "refactor: remove a.py and b.py"),
    "published": (
        {"packages/a/package.json": ('{\n  "name": "a"\n}\n', '{\n  "name": "a",\n  "main": "index.js"\n}\n')},
        "fix(a): set main to index.js",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_conventional_subject(name: str) -> None:
    texts, expected = CASES[name]
    assert drafted(texts).subject == expected


ODD: list[tuple[Change, str]] = [
    (Change("b.py", "a.py", "renamed", similarity=100), "refactor(b): rename a.py to b.py"),
    (Change("sub/a.py", "a.py", "renamed", similarity=96, added=1, removed=1), "refactor(a): move a.py to sub"),
    (Change("run.sh", "run.sh", "changed", new_mode="100755"), "fix(run): make run.sh executable"),
    (Change("a.png", "a.png", "changed", added=None, removed=None, kind="assets"), "chore: replace a.png"),
    (Change("s", "s", "changed", "160000", "160000", "1" * 40, "9f8e7d6c5b", kind="vendored"),
    "chore: bump s to 9f8e7d6"),
    (Change("l", "l", "added", "000000", "120000"), "feat(l): add link l"),
    (Change("big.py", "big.py", "changed", added=9000, removed=1, unread="too large"), "fix(big): update big.py"),
]  # fmt: skip


@pytest.mark.parametrize(("given_change", "expected"), ODD, ids=[text for _, text in ODD])
def test_a_file_without_readable_text(given_change: Change, expected: str) -> None:
    found = draft(Changes((given_change,)), Style())
    assert found.subject == expected
    assert found.omitted == (("big.py: too large",) if given_change.unread else ())


def test_an_empty_diff_has_no_draft() -> None:
    assert draft(Changes(()), Style()) == Draft("", "", (), "rules")


OPERATOR = CASES["operator"][0]


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ({"conventional": False, "capital": True}, "Compare with <= in check"),
        ({"conventional": False, "capital": False}, "compare with <= in check"),
        ({"capital": True}, "fix(units): Compare with <= in check"),
        ({"ticket": "AB-12", "ticket_as": "prefix"}, "fix(units): AB-12 compare with <= in check"),
        ({"ticket": "AB-12", "ticket_as": "prefix", "conventional": False}, "AB-12: compare with <= in check"),
        ({"ticket": "AB-12", "ticket_as": "suffix"}, "fix(units): compare with <= in check (AB-12)"),
        ({"ticket": "AB-12", "ticket_as": ""}, "fix(units): compare with <= in check"),
        ({"limit": 30}, "fix(units): compare with <="),
        ({"types": {"bugfix": 3, "feat": 4}}, "bugfix(units): compare with <= in check"),
        ({"types": {"bugfix": 3, "fix": 4}}, "fix(units): compare with <= in check"),
        ({"scoped": 0.0}, "fix: compare with <= in check"),
        ({"policy": Policy(scope="never")}, "fix: compare with <= in check"),
        ({"policy": Policy(scopes=("api", "Units"))}, "fix(Units): compare with <= in check"),
        ({"policy": Policy(scopes=("api", "web"))}, "fix: compare with <= in check"),
        ({"policy": Policy(scopes=("api", "web"), scope="required")}, "fix(api): compare with <= in check"),
        ({"policy": Policy(types=("feature", "bugfix"))}, "bugfix(units): compare with <= in check"),
        ({"policy": Policy(subject_case=("sentence-case",))}, "fix(units): Compare with <= in check"),
        ({"capital": True, "policy": Policy(subject_case=("first-lower",))}, "fix(units): compare with <= in check"),
    ],
)
def test_style_and_policy_shape_the_subject(style: dict[str, Any], expected: str) -> None:
    assert drafted(OPERATOR, **style).subject == expected


def test_new_versions_carry_what_they_carry_in_the_log() -> None:
    found = drafted(CASES["dependency"][0], dependencies=("build", "deps"))
    assert found.subject == "build(deps): bump click from 8.1 to 8.2"


def test_a_ticket_in_a_trailer() -> None:
    assert drafted(OPERATOR, ticket="AB-12", ticket_as="Refs").trailers == (("Refs", "AB-12"),)


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        ([Used("fix", "measure", ("src/units.py",))] * 3, "fix(measure): "),
        ([Used("fix", "unit", ("src/other.py",)), Used("feat", "x", ("y",))] * 3, "fix(unit): "),
        ([Used("fix", "", ("src/units.py",))] * 9 + [Used("ci", "x", ("y",))] * 3, "fix: "),
        ([Used("fix", "x", ("y.py",)), Used("fix", "z", ("z.py",))] * 3, "fix(units): "),
    ],
)
def test_the_log_teaches_scopes(used: list[Used], expected: str) -> None:
    scoped = sum(bool(commit.scope) for commit in used) / len(used)
    assert drafted(OPERATOR, used=tuple(used), scoped=scoped).subject.startswith(expected)


MANY: Texts = {
    "pkg/a.py": ("def f(x):\n    return x < 1\n", "def f(x):\n    return x <= 1\n"),
    "pkg/b.py": ("def g(x):\n    return x.read()\n", "def g(x):\n    return x.read(encoding='utf-8')\n"),
    "pkg/c.py": ("def h(x):\n    return x\n", "def h(x):\n    if not x:\n        return None\n    return x\n"),
}


def test_a_body_only_where_people_write_bodies() -> None:
    assert drafted(MANY).body == ""
    found = drafted(MANY, body=True)
    points = [found.subject.partition(": ")[2], *(line.removeprefix("- ") for line in found.body.splitlines())]
    assert sorted(points) == ["compare with <= in f", "pass encoding to read in g", "return None in h if not x"]
    assert drafted(MANY, body=True, policy=Policy(body="never")).body == ""
    assert drafted(OPERATOR, body=True).body == ""
    assert drafted(OPERATOR, policy=Policy(body="required")).body == "- compare with <= in check"


def test_a_body_names_the_versions_of_several_dependencies() -> None:
    texts: Texts = {"requirements.txt": ("a==1\nb==1\nc==1\n", "a==2\nb==2\nc==2\n")}
    found = drafted(texts, body=True)
    assert found.subject == "chore: bump a, b and c"
    assert found.body == "- bump a from 1 to 2\n- bump b from 1 to 2\n- bump c from 1 to 2"


@pytest.mark.parametrize("count", [2, 3, 9, 200])
def test_many_new_things_fit_into_one_line(count: int) -> None:
    names = [f"a_rather_long_name_of_a_function_{number}" for number in range(count)]
    texts: Texts = {"pkg/new.py": ("", "\n\n".join(f"def {name}(): ..." for name in names))}
    subject = drafted(texts).subject
    assert len(subject) <= 72
    assert subject.startswith("feat(new): add a_rather_long_name_of_a_function_")
    assert subject.endswith(f"and {count - 1} more")


def test_a_crowd_of_new_names_is_told_by_its_files() -> None:
    text = "\n\n".join(f"def f{number}(): ..." for number in range(9))
    assert drafted({"pkg/load.py": (None, text)}).subject == "feat(load): add load module"
    assert drafted({f"pkg/io/{name}.py": (None, text) for name in "abcd"}).subject == "feat: add io"


NAMES = st.sampled_from(
    ["a.py", "src/b.py", "tests/test_a.py", "docs/x.md", "README.md", "package.json", "uv.lock", "packages/a/src/i.ts",
     ".github/workflows/a.yml", "Makefile", ".gitignore", "a b\n\x1b.py", "\udcff.py", "x" * 90 + ".py"]
)  # fmt: skip
PIECES = st.sampled_from(
    ["def f(x):\n    return x < 1", "def g():\n    g()", "# A", "- name: x", '{"a": 1}', "x = 1", "word\u202e here",
    "export class A {}",
     "a==1", "if (x) {", "y" * 100, "\x1b[2J = '\x07'", ""]
)  # fmt: skip
TEXT = st.one_of(st.none(), st.lists(PIECES, max_size=4).map("\n".join))
FILES = st.dictionaries(NAMES, st.tuples(TEXT, TEXT), min_size=1, max_size=5)


@settings(max_examples=100, deadline=None)
@given(FILES, st.booleans(), st.booleans(), st.sampled_from([30, 50, 72]))
def test_any_diff_has_a_draft_of_one_printable_line(texts: Texts, conventional: bool, body: bool, limit: int) -> None:
    found = drafted(texts, conventional=conventional, body=body, limit=limit)
    assert 0 < len(found.subject) <= limit
    assert found.subject.isprintable()
    assert not found.subject.endswith(".")
    assert all(len(line) <= 72 or " " not in line[2:] for line in found.body.splitlines())
    assert all(line.isprintable() for line in found.body.splitlines())
