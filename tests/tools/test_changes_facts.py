"""What is told of files of other languages, documents, configuration and manifests; one line about each file."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocode_tools.changes.base import Change, Status
from ocode_tools.changes.dependencies import dependencies
from ocode_tools.changes.facts import points
from ocode_tools.changes.hunks import hunks
from ocode_tools.changes.kinds import kind_of
from ocode_tools.changes.options import options
from ocode_tools.changes.summary import summary


def change(path: str, before: str | None, after: str | None) -> Change:
    """A text file's change, with the lines counted."""
    found = hunks(before, after)
    added, removed = sum(len(hunk.new) for hunk in found), sum(len(hunk.old) for hunk in found)
    status: Status = "added" if before is None else "removed" if after is None else "changed"
    return Change(path, path, status, added=added, removed=removed, kind=kind_of(path), before=before, after=after)


DECLARATIONS = {
    "ts-function": ("a.ts", "", "export function load(x: string): void {\n}\n", ("added", "function", "load", True)),
    "ts-private": ("a.ts", "", "const local = (x) => x;\n", ("added", "function", "local", False)),
    "ts-type": ("a.ts", "", "export interface Options {\n  a: string;\n}\n", ("added", "type", "Options", True)),
    "ts-class": ("a.tsx", "export default class A {}\n", "", ("removed", "class", "A", True)),
    "ts-renamed": (
        "a.ts", "export function one() {}\n", "export function two() {}\n",
        ("renamed", "function", "two", True),
    ),
    "js-test": ("a.test.js", "", "test('reads it', () => {\n});\n", ("added", "test", "reads it", True)),
    "go": ("a.go", "package a\n", "package a\n\nfunc (s *S) Load() error {\n}\n", ("added", "function", "Load", True)),
    "go-private": ("a.go", "package a\n", "package a\n\ntype inner struct{}\n", ("added", "type", "inner", False)),
    "rust": ("a.rs", "", "pub async fn load() {}\n", ("added", "function", "load", True)),
    "rust-private": ("a.rs", "", "struct Inner;\n", ("added", "type", "Inner", False)),
    "java": ("A.java", "", "public final class A {\n}\n", ("added", "class", "A", True)),
    "java-method": (
        "A.java", "public class A {\n}\n", "public class A {\n  public int load(String x) {\n  }\n}\n",
        ("added", "method", "load", True),
    ),
    "kotlin": ("a.kt", "", "fun load(): Int = 1\n", ("added", "function", "load", True)),
    "c": ("a.c", "", "static int load(char *x)\n{\n}\n", ("added", "function", "load", True)),
    "ruby": ("a.rb", "", "def load\nend\n", ("added", "function", "load", True)),
    "shell": ("a.sh", "", "load() {\n  ls\n}\n", ("added", "function", "load", True)),
    "sql": ("a.sql", "", "CREATE TABLE users (id int);\n", ("added", "type", "users", True)),
}  # fmt: skip


@pytest.mark.parametrize("name", DECLARATIONS)
def test_declarations_of_many_languages(name: str) -> None:
    path, before, after, expected = DECLARATIONS[name]
    (point,) = points(change(path, before, after))
    assert (point.how, point.sort, point.name, point.public) == expected


INSIDE = {
    "compare": ("if (x < 3) {", "if (x <= 3) {", "compare with <=", "fix"),
    "call": ("return x.trimStart();", "return x.trim();", "use trim instead of trimStart", ""),
    "argument": ("return resolve(a, b);", "return resolve(a, b, flags);", "pass flags to resolve", "fix"),
    "await": ("const c = load(x);", "const c = await load(x);", "await load", "fix"),
    "guard": ("go();", "if (!x) return;\n  go();", "return early if !x", "fix"),
    "throw": ("go();", "if (!x) {\n    throw new TypeError('x');\n  }\n  go();", "throw TypeError", "fix"),
    "and": ("if (a) go();", "if (a && b) go();", "check b", "fix"),
    "string": ("go('one');", "go('two');", "use 'two' instead of 'one'", ""),
    "order": ("go(a, b);", "go(b, a);", "change the order", ""),
}


@pytest.mark.parametrize("name", INSIDE)
def test_phrases_inside_a_function(name: str) -> None:
    before, after, phrase, hint = INSIDE[name]
    texts = (f"export function f() {{\n  {text}\n}}\n" for text in (before, after))
    (point,) = points(change("a.ts", *texts))
    assert (point.name, point.detail, point.hint) == ("f", phrase, hint)


@pytest.mark.parametrize(
    ("before", "after", "nature"),
    [
        ("go('a');\n", 'go("a")\n', "format"),
        ("go(a,b);\n", "go(\n  a,\n  b,\n);\n", "format"),
        ("// one\ngo();\n", "// two\ngo();\n", "comments"),
        ("/**\n * one\n */\ngo();\n", "/**\n * two\n */\ngo();\n", "comments"),
        ("go();\n", "stop();\n", "code"),
    ],
)
def test_what_is_no_change_of_code(before: str, after: str, nature: str) -> None:
    assert {point.nature for point in points(change("a.js", before, after))} == {nature}


DETAILS = {
    "yaml-value": ("ci/.github/workflows/a.yml", "go-version: '1.1'\n", "go-version: '1.2'\n", "set go-version to 1.2"),
    "yaml-option": (".github/workflows/a.yml", "run: tool build\n", "run: tool --fast build\n", "pass --fast to tool"),
    "yaml-uses": (".github/workflows/a.yml", "- uses: a/b@v3\n", "- uses: a/b@v4\n", "bump a/b from 3 to 4"),
    "yaml-pinned": (
        ".github/workflows/a.yml",
        "- uses: a/b@" + "1" * 40 + " # v1.0\n",
        "- uses: a/b@" + "2" * 40 + " # v1.1\n",
        "bump a/b from 1.0 to 1.1",
    ),
    "ignore": (".gitignore", "a\n", "a\n.cache/\n", "ignore .cache/"),
    "unignore": (".gitignore", "a\nb\n", "a\n", "stop ignoring b"),
    "json-key": ("conf.json", '{\n  "a": 1\n}\n', '{\n  "a": 1,\n  "b": "x"\n}\n', "set b to x"),
    "list": ("a.toml", 'x = [\n  "a",\n]\n', 'x = [\n  "a",\n  "b",\n]\n', "add b to x"),
    "docker": ("Dockerfile", "FROM node:18-alpine\n", "FROM node:20-alpine\n", "bump node from 18-alpine to 20-alpine"),
    "package": (
        "package.json", '{"dependencies": {"a": "^1.0.0"}}\n', '{"dependencies": {"a": "^2.0.0"}}\n',
        "bump a from 1.0.0 to 2.0.0",
    ),
    "package-back": (
        "package.json", '{"dependencies": {"a": "2.0.0"}}\n', '{"dependencies": {"a": "1.9.0"}}\n',
        "downgrade a from 2.0.0 to 1.9.0",
    ),
    "pyproject": (
        "pyproject.toml", '[project]\ndependencies = ["a>=1"]\n', '[project]\ndependencies = ["a>=2"]\n',
        "require a >=2",
    ),
    "own-version": (
        "pyproject.toml", '[project]\nversion = "1.0"\n', '[project]\nversion = "1.1"\n',
        "bump the version to 1.1",
    ),
    "cargo": (
        "Cargo.toml", '[dependencies]\na = { version = "1.0" }\n', '[dependencies]\na = { version = "1.1" }\n',
        "bump a from 1.0 to 1.1",
    ),
    "go-mod": (
        "go.mod", "require example.org/a/b v1.0.0\n", "require example.org/a/b v1.1.0\n",
        "bump example.org/a/b from 1.0.0 to 1.1.0",
    ),
    "requirements": ("requirements.txt", "a==1.0\n", "a==1.1\n", "bump a from 1.0 to 1.1"),
    "link": ("a.md", "See https://a.org/x.\n", "See https://a.org/y.\n", "correct the link to a.org/y"),
    "typo": ("a.md", "We recieve it.\n", "We receive it.\n", 'fix typo "recieve"'),
    "case": ("a.md", "Use Typescript.\n", "Use TypeScript.\n", "correct the case of TypeScript"),
    "word": ("a.md", "Use one here.\n", "Use another here.\n", "use another instead of one"),
    "code": ("a.md", "# A\n\nText.\n", "# A\n\nText.\nSet `LIMIT` to zero for none.\n", "document `LIMIT`"),
    "note": ("a.md", "# A\n\nText.\n", "# A\n\nText.\n\n> [!WARNING]\n> Mind it.\n", "add a warning"),
}  # fmt: skip


@pytest.mark.parametrize("name", DETAILS)
def test_details_of_configuration_manifests_and_documents(name: str) -> None:
    path, before, after, expected = DETAILS[name]
    assert expected in [point.detail for point in points(change(path, before, after))]


@pytest.mark.parametrize(
    ("path", "before", "after", "expected"),
    [
        ("a.md", None, "---\ntitle: Use it\n---\n\nText\n", ("added", "page", "Use it")),
        ("a.md", None, "# Use *it*\n", ("added", "page", "Use it")),
        ("AGENTS.md", None, "# Some words\n", ("added", "page", "AGENTS.md")),
        ("a.md", "# A\n", "# A\n\n## How\n", ("added", "section", "How")),
        ("a.rst", "A\n===\n", "A\n===\n\nHow\n---\n", ("added", "section", "How")),
        ("a.md", "# A\n\n```\n# no\n```\n", "# A\n\n```\n# heading\n```\n", ("changed", "text", "A")),
        (".github/workflows/a.yml", None, "name: Audit\non: push\n", ("added", "workflow", "Audit")),
        (".github/workflows/a.yml", "x:\n", "x:\n  - name: Lint\n    run: lint\n", ("added", "step", "Lint")),
    ],
)
def test_pages_sections_and_steps(path: str, before: str | None, after: str, expected: tuple[str, str, str]) -> None:
    found = points(change(path, before, after))
    assert expected in [(point.how, point.sort, point.name) for point in found]


@pytest.mark.parametrize(
    ("path", "before", "after", "expected"),
    [
        (".env.yml", "a: 1\n", "a: 1\napi_key: hunter2\n", "add api_key"),
        (".env.yml", "password: one\n", "password: two\n", "change password"),
        ("a.py", "TOKEN = 'one'\n", "TOKEN = 'two'\n", "change TOKEN"),
        ("a.py", "def f():\n    g('x')\n", "def f():\n    g('AKIAIOSFODNN7EXAMPLE')\n", "change f"),
        ("a.ts", "go('x');\n", "go('ghp_0123456789abcdef0123');\n", "change a value"),
        ("a.md", "Use one here.\n", "Use 0123456789abcdef0123456789abcdef here.\n", "change a value"),
        ("a.py", "def token(x): ...\n", "def token(x, y): ...\n", "add parameter y"),
    ],
)
def test_no_phrase_repeats_a_secret(path: str, before: str, after: str, expected: str) -> None:
    assert [point.detail for point in points(change(path, before, after))] == [expected]


def test_dependencies_of_groups_and_extras() -> None:
    text = """
[project]
dependencies = ["click>=8.1", "a[b]~=1.0"]
[project.optional-dependencies]
x = ["extra==2"]
[dependency-groups]
dev = ["mypy>=1.13", {include-group = "x"}]
[build-system]
requires = ["hatchling"]
[tool.poetry.group.dev.dependencies]
python = "^3.11"
ruff = {version = "^0.9", optional = true}
[tool.other]
name = "nobody"
"""
    assert dependencies("pyproject.toml", text) == {
        "click": ">=8.1", "a": "~=1.0", "extra": "==2", "mypy": ">=1.13", "hatchling": "", "ruff": "^0.9",
    }  # fmt: skip
    assert dependencies("pyproject.toml", "not toml") == {}
    assert dependencies("package.json", "[1]") == {}


def test_new_options_are_found_in_code_and_through_documents() -> None:
    parser = change("cli.py", "p = 1\n", 'p = 1\np.add_argument("--dry-run", help="x")\n')
    passed = change("run.py", "p = 1\n", 'p = 1\nrun(["git", "--abbrev"])\n')
    flags = change("cli.ts", "const a = 1;\n", "const a = 1;\nconst b = flags.fromTag;\n")
    page = change("docs/cli.md", "# Use\n", "# Use\n\n- `--from-tag`: from there\n- `--other`: not in code\n")
    assert options([parser, passed], []) == ["--dry-run"]
    assert options([flags], [page]) == ["--from-tag"]


SUMMARIES: list[tuple[Change, str]] = [
    (change("a.py", "def f(): ...\n", "def f(x): ...\n"), "a.py: +1 -1, in f"),
    (change("a.py", None, "def f(): ...\n"), "a.py: new, +2 -0, added function f"),
    (change("a.py", "x = 1\n", "x=1\n"), "a.py: +1 -1, only format changed"),
    (Change("poetry.lock", "poetry.lock", "changed", added=40, removed=8, kind="lock"),
     "poetry.lock: lock file, +40 -8"),
    (Change("logo.png", "logo.png", "changed", added=None, removed=None, old_size=3000, new_size=4096),
     "logo.png: binary, 3 KiB -> 4 KiB"),
    (Change("b.py", "a.py", "renamed", similarity=97, added=1, removed=1), "a.py -> b.py: renamed, 97 % alike, +1 -1"),
    (Change("b.py", "a.py", "renamed", similarity=100), "a.py -> b.py renamed, 100 % alike"),
    (Change("run.sh", "run.sh", "changed", old_mode="100644", new_mode="100755"), "run.sh: made executable"),
    (Change("s", "s", "changed", "160000", "160000", "1a2b3c4d5e", "9f8e7d6c5b"), "s: submodule 1a2b3c4..9f8e7d6"),
    (Change("l", "l", "added", "000000", "120000"), "l: new, symbolic link"),
    (Change("a\nb", "a\nb", "removed", added=0, removed=2), "'a\\nb': removed, +0 -2"),
    (
        change("package.json", '{"dependencies": {"a": "1.0"}}\n', '{"dependencies": {"a": "1.1"}}\n'),
        "package.json: +1 -1, bump a from 1.0 to 1.1",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given_change", "expected"), SUMMARIES, ids=[text for _, text in SUMMARIES])
def test_one_line_about_a_file(given_change: Change, expected: str) -> None:
    assert summary(given_change) == expected


PATHS = st.sampled_from(
    ["a.py", "a.ts", "a.go", "a.rs", "A.java", "a.c", "a.sh", "a.md", "a.rst", "package.json", "pyproject.toml",
    "go.mod",
     "requirements.txt", "Gemfile", "pom.xml", "Dockerfile", ".gitignore", ".github/workflows/a.yml", "a.yml",
     "setup.cfg"]
)  # fmt: skip
PIECES = st.sampled_from(
    ["export function f(", "def f(x):", "    return x", "---", "===", "```", "# A", "name: x", "- name: y", '{"a": ',
    "}",
     '"version": "1.0",', "[project]", "dependencies = [", '"a>=1",', "]", "uses: a/b@v1", "if (x) {", "`code`",
     "x <= 3",
     "https://a.org/x", "\udcff", "\r", "", "  ", "FROM a:1", "--option", "'", "a == b", "import x", "\0", "\u2028"]
)  # fmt: skip
TEXTS = st.one_of(st.none(), st.lists(PIECES, max_size=8).map("\n".join))


@settings(max_examples=100, deadline=None)
@given(PATHS, TEXTS, TEXTS)
def test_any_text_has_points_of_one_line(path: str, before: str | None, after: str | None) -> None:
    given_change = change(path, before, after)
    for point in points(given_change):
        assert "\n" not in point.detail
    assert "\n" not in summary(given_change)


@settings(max_examples=100, deadline=None)
@given(TEXTS, TEXTS)
def test_hunks_turn_one_text_into_the_other(before: str | None, after: str | None) -> None:
    lines = before.split("\n") if before else []
    for hunk in reversed(hunks(before, after)):
        assert tuple(lines[hunk.at_old : hunk.at_old + len(hunk.old)]) == hunk.old
        lines[hunk.at_old : hunk.at_old + len(hunk.old)] = hunk.new
    assert "\n".join(lines) == (after or "")
