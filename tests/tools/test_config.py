"""Reading and merging the configuration, and every line it has for a mistake."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocode_tools.config import Loaded, Origin, load, require, variable
from ocode_tools.errors import UsageError
from ocode_tools.schema import SCHEMA

OWN = "~/.config/ocode/config.toml"


class Place:
    """A home and a repository's top, with files in them as a test says."""

    def __init__(self, folder: Path) -> None:
        self.home, self.top = folder / "somebody", folder / "top"
        self.own = self.home / ".config" / "ocode" / "config.toml"
        self.own.parent.mkdir(parents=True)
        self.top.mkdir()

    def load(
        self,
        own: str = "",
        ocode: str | bytes = "",
        pyproject: str | bytes = "",
        environ: dict[str, str] | None = None,
        flags: dict[str, object] | None = None,
    ) -> Loaded:
        """Write the files that are given and load everything."""
        for file, text in (
            (self.own, own),
            (self.top / ".ocode.toml", ocode),
            (self.top / "pyproject.toml", pyproject),
        ):
            if text:
                file.write_bytes(text.encode() if isinstance(text, str) else text)
        return load(SCHEMA, start=self.top, environ={"HOME": str(self.home), **(environ or {})}, flags=flags or {})


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


LABELS = ("default", f"{OWN}:4", "pyproject.toml:3", ".ocode.toml:2", "OCODE_FIX_BUDGET", "--budget")


@pytest.mark.parametrize("layers", range(6))
def test_the_last_layer_that_speaks_wins(place: Place, layers: int) -> None:
    loaded = place.load(
        own="\n\n[fix]\nbudget = 1" if layers >= 1 else "",
        pyproject="[tool.ocode.fix]\n\nbudget = 2" if layers >= 2 else "",
        ocode="[fix]\nbudget = 3" if layers >= 3 else "",
        environ={"OCODE_FIX_BUDGET": "4"} if layers >= 4 else None,
        flags={"fix.budget": 5.0} if layers >= 5 else None,
    )
    assert loaded.problems == ()
    assert loaded.values.get("fix", {}).get("budget") == (layers or None)
    assert loaded.origins["fix.budget"].label == LABELS[layers]


def test_only_what_is_set_is_in_values_and_every_key_has_an_origin(place: Place) -> None:
    loaded = place.load(ocode="[tests]\ncommand = 'make'", pyproject="[tool.ocode.limits]\nrun = 3")
    assert loaded.values == {"tests": {"command": "make"}, "limits": {"run": 3}}
    assert loaded.origins.keys() == SCHEMA.keys()
    assert loaded.origins["tests.command"] == Origin("repository", place.top / ".ocode.toml", 2, ".ocode.toml")
    assert loaded.origins["commit.sign"] == Origin("default")


def test_outside_a_repository_and_without_a_home_there_are_variables_only(tmp_path: Path) -> None:
    loaded = load(SCHEMA, start=None, environ={"OCODE_FIX_JOBS": "2", "XDG_CONFIG_HOME": "relative"})
    assert (loaded.values, loaded.problems) == ({"fix": {"jobs": 2}}, ())


def test_an_absolute_xdg_folder_is_where_the_users_file_is(place: Place, tmp_path: Path) -> None:
    (tmp_path / "xdg" / "ocode").mkdir(parents=True)
    file = tmp_path / "xdg" / "ocode" / "config.toml"
    file.write_text("[fix]\njobs = 3")
    loaded = place.load(own="[fix]\njobs = 4", environ={"XDG_CONFIG_HOME": str(tmp_path / "xdg")})
    assert loaded.values == {"fix": {"jobs": 3}}
    assert place.load(environ={"XDG_CONFIG_HOME": "relative"}).values == {"fix": {"jobs": 4}}
    assert loaded.origins["fix.jobs"].label == f"{file}:2"


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("tests.command", "", ""),
        ("limits.run", "1.5", 1.5),
        ("commit.trailers", "Yes", True),
        ("commit.trailers", "0", False),
        ("fix.allow", " a/*.py, b ,", ("a/*.py", "b")),
        ("sandbox.level", "off", "off"),
    ],
)
def test_variables_are_read_as_their_kind(place: Place, key: str, text: str, value: object) -> None:
    section, name = key.split(".")
    loaded = place.load(environ={variable(key): text})
    assert (loaded.values, loaded.problems) == ({section: {name: value}}, ())


def test_variables_that_are_no_keys_are_ignored(place: Place) -> None:
    assert place.load(environ={"OCODE_EVENTS": "/x", "OCODE_FIX_BUDGETT": "1"}) == place.load()


def test_a_flag_that_was_not_given_changes_nothing(place: Place) -> None:
    loaded = place.load(ocode="[fix]\njobs = 2", flags={"fix.jobs": None, "fix.allow": ["a"]})
    assert (loaded.values, loaded.problems) == ({"fix": {"jobs": 2, "allow": ("a",)}}, ())
    with pytest.raises(KeyError, match=r"fix\.nothing"):
        place.load(flags={"fix.nothing": 1})


TIGHTER = "a repository may only tighten it: remove it here, or set it in"
INSIDE = "must be relative paths inside the repository, not"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("\n[fix]\n# x\nbudgett = 3", ':4: unknown key "budgett" in [fix]; did you mean "budget"?'),
        ("[fix]\nzzz = 3", ':2: unknown key "zzz" in [fix]'),
        ("[fixx]\nbudget = 3", ':1: unknown section "fixx"; did you mean "fix"?'),
        ("budget = 3", ':1: unknown key "budget" outside of a section; did you mean "fix.budget"?'),
        ('"a\\nb\\u001b" = 3', ':1: unknown key "a\\nb\\x1b" outside of a section'),
        ("fix = 3", ":1: fix must be a table, not a whole number"),
        ("[[fix]]\nbudget = 3", ":1: fix must be a table, not a list"),
        ('[fix]\nbudget = "3"', ":2: fix.budget must be a number, not a string"),
        ("[fix]\nattempts = 1.5", ":2: fix.attempts must be a whole number, not 1.5"),
        ("[fix]\nattempts = 2020-01-01", ":2: fix.attempts must be a whole number, not a date or time"),
        ("[fix]\nallow = 'a'", ":2: fix.allow must be a list of strings, not a string"),
        ("[fix]\nallow = ['a', 1]", ":2: each item of fix.allow must be a string, not a whole number"),
        ("[fix]\nattempts = true", ":2: fix.attempts must be a whole number, not true"),
        ("[commit]\ntrailers = 1", ":2: commit.trailers must be true or false, not a whole number"),
        ("[fix\n", ":1: broken TOML: Expected ']' at the end of a table declaration"),
        ("[fix]\n\nallow = [\n", ":4: broken TOML: Invalid value"),
        ("[models]\nendpoint = 'x'", f':2: "models.endpoint" is only read from your own configuration ({OWN})'),
        ("[sandbox]\nlevel = 'off'", f':2: sandbox.level "off" is looser than "best"; {TIGHTER} {OWN}'),
        (
            "[workspace]\nlinks = ['a', 'b/../../c']",
            f':2: workspace.links {INSIDE} "b/../../c"; only your own configuration ({OWN}) may lead out of it',
        ),
    ],
)
def test_a_mistake_is_named_with_its_place_and_left_out(place: Place, text: str, problem: str) -> None:
    loaded = place.load(ocode=text)
    assert loaded.problems == (f".ocode.toml{problem}",)
    assert loaded.values == {}


def test_in_pyproject_lines_are_those_of_the_file(place: Place) -> None:
    text = "[project]\nname = 'x'\n\n[tool.ruff]\n[tool.ocode.fix]\nbudget = 'x'\n[tool.ocode]\nsandbx.level = 1\n"
    assert place.load(pyproject=text).problems == (
        "pyproject.toml:6: fix.budget must be a number, not a string",
        'pyproject.toml:8: unknown section "sandbx"; did you mean "sandbox"?',
    )
    assert place.load(pyproject="[tool]\nocode = 3").problems == (
        "pyproject.toml: tool.ocode must be a table, not a whole number",
    )


def test_a_variable_and_a_flag_of_the_wrong_kind(place: Place) -> None:
    loaded = place.load(environ={"OCODE_FIX_JOBS": "", "OCODE_COMMIT_TRAILERS": "on"}, flags={"fix.budget": "soon"})
    assert loaded.problems == (
        "OCODE_FIX_JOBS: fix.jobs must be a whole number, not a string",
        "OCODE_COMMIT_TRAILERS: commit.trailers must be true or false, not a string",
        "--budget: fix.budget must be a number, not a string",
    )


LINES = {
    "[fix]\nbudget = 1": 2,
    "fix.budget = 1": 1,
    "\n'fix' . \"budget\" = 1": 2,
    "fix = { jobs = 1, budget = 2 }": 1,
    "['fix'] # why\r\n\r\njobs = 2\r\nbudget = 1": 4,
    "[fix]\nallow = [\n" + "  'budget = 3',\n" * 1000 + "]\nbudget = 1": 1004,
    '[tests]\ncommand = """\n[fix]\nbudget = 7\n"""\n[fix]\nbudget = 1': 7,
    "[tests]\ncommand = '''a\nbudget = 1'''\n[fix]\n\nbudget = 1": 6,
}


@pytest.mark.parametrize("text", LINES, ids=range(len(LINES)))
def test_lines_are_found_however_the_key_is_written(place: Place, text: str) -> None:
    loaded = place.load(ocode=text)
    assert loaded.problems == ()
    assert loaded.origins["fix.budget"].line == LINES[text]


def test_files_that_cannot_be_read_are_one_line_each(place: Place) -> None:
    for data in (b"\xef\xbb\xbf[fix]", b"[fix]\n# \xe9", "[fix]".encode("utf-16")):
        wrong = ".ocode.toml: must be UTF-8 text without a byte order mark; save it as that"
        assert place.load(ocode=data).problems == (wrong,)
    ordinary = "must be an ordinary file of at most 1 MiB"
    assert place.load(ocode="#" * (1 << 21)).problems == (f".ocode.toml: {ordinary}",)
    file = place.top / ".ocode.toml"
    file.unlink()
    file.symlink_to(file)
    assert place.load().problems == (".ocode.toml: cannot be read: Too many levels of symbolic links",)
    file.unlink()
    os.mkfifo(file)  # would block for ever if it were opened
    assert place.load().problems == (f".ocode.toml: {ordinary}",)
    place.own.mkdir()
    assert place.load().problems[0] == f"{OWN}: {ordinary}"


@pytest.mark.parametrize("data", [b"", b"[tool.x", b"\xef\xbb\xbf[tool.x]", b"\xff"])
def test_a_pyproject_that_does_not_speak_of_us_is_not_ours_to_judge(place: Place, data: bytes) -> None:
    assert place.load(pyproject=data).problems == ()


def test_a_repository_tightens_the_sandbox_and_does_not_loosen_it(place: Place) -> None:
    strict = place.load(ocode="[sandbox]\nlevel = 'require'", pyproject="[tool.ocode.sandbox]\nlevel = 'best'")
    assert (strict.values, strict.problems) == ({"sandbox": {"level": "require"}}, ())
    looser = place.load(own="[sandbox]\nlevel = 'require'", ocode="[sandbox]\nlevel = 'best'")
    assert looser.values == {"sandbox": {"level": "require"}}
    assert looser.problems[-1] == f'.ocode.toml:2: sandbox.level "best" is looser than "require"; {TIGHTER} {OWN}'
    own = place.load(own="[sandbox]\nlevel = 'off'", ocode="[sandbox]\nlevel = 'off'", pyproject="#")
    assert (own.values, own.problems) == ({"sandbox": {"level": "off"}}, ())


@pytest.mark.parametrize("path", ["/etc", "..", "a/../../b", ".git", "x/.GIT/y", ".", "", "out/x", "a\\u0000"])
def test_a_repository_cannot_link_what_is_not_in_it_and_the_user_can(place: Place, path: str) -> None:
    (place.top / "out").symlink_to(place.home)
    text = f'[workspace]\ncopies = ["node_modules", "{path}"]'
    assert [INSIDE in problem for problem in place.load(ocode=text).problems] == [True]
    assert place.load(own=text, ocode="#").problems == ()


def test_a_repository_links_what_is_in_it(place: Place) -> None:
    (place.top / "data").mkdir()
    (place.top / "in").symlink_to("data")
    loaded = place.load(ocode="[workspace]\nlinks = ['node_modules', 'in/x', './a/b', '..a']")
    assert loaded.values == {"workspace": {"links": ("node_modules", "in/x", "./a/b", "..a")}}


def test_require_raises_the_first_problem_and_counts_the_others(place: Place) -> None:
    fine = place.load()
    assert require(fine) is fine
    with pytest.raises(UsageError) as one:
        require(place.load(ocode="[fix]\nx = 1"))
    assert str(one.value) == '.ocode.toml:2: unknown key "x" in [fix]'
    with pytest.raises(UsageError) as three:
        require(place.load(ocode="[fix]\nx = 1\ny = 2\nz = 3"))
    assert str(three.value) == '.ocode.toml:2: unknown key "x" in [fix] (+2 more)'


def test_the_room_is_light() -> None:
    code = (
        "import sys, ocode_tools.config; print({'pydantic', 'click', 'git', 'json', 'subprocess'} & set(sys.modules))"
    )
    env = {"PYTHONPATH": os.pathsep.join(sys.path)}  # nothing of the coverage of our own tests
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5).map(lambda text: f"{text!r}")
STATEMENTS = st.tuples(st.sampled_from([*SCHEMA, "fix", "tool.ocode", "x.y", "fix.'a b'"]), SCALARS | st.lists(SCALARS))


def load_bytes(data: bytes) -> Loaded:
    with tempfile.TemporaryDirectory() as folder:
        return Place(Path(folder)).load(ocode=data, pyproject=b"# ocode tool\n" + data)


@given(st.binary() | st.text(alphabet="[]{}=.,\"'#\n\\ax1", max_size=60).map(str.encode))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    for problem in load_bytes(data).problems:
        assert problem.startswith((".ocode.toml", "pyproject.toml"))
        assert problem.isprintable()


@given(st.lists(STATEMENTS, max_size=6))
def test_what_is_toml_is_taken_or_named(statements: list[tuple[str, object]]) -> None:
    text = "".join(f"{key} = {str(value).lower()}\n" for key, value in statements)
    try:
        tomllib.loads(text)
    except ValueError:
        assert load_bytes(text.encode()).problems[-1].partition(": ")[2].startswith("broken TOML")
        return
    loaded = load_bytes(text.encode())
    lines = [origin.line for origin in loaded.origins.values() if origin.source == "repository"]
    assert len(lines) + len([p for p in loaded.problems if p.startswith(".ocode.toml:")]) == len(statements)


DEEP = ".a" * 2999
LONG = ["a=[" + "{},\n" * 9999 + "]", "a=" + "[" * 9999, "a=" + "1" * 9999, f"a{DEEP}=1", f"[a{DEEP}]"]


@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_depth_and_size_do_not_break_the_reader(text: str) -> None:
    assert len(load_bytes(text.encode()).problems) >= 1
