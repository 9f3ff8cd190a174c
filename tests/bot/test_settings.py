"""The typed settings: their ranges, their agreement with the schema and with the page that describes them."""

from __future__ import annotations

import json
import subprocess
import tomllib
import typing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from ocode_bot.sections import Settings
from ocode_bot.settings import Row, as_json, rows, settings, toml
from ocode_tools.config import Loaded, load, variable
from ocode_tools.errors import UsageError
from ocode_tools.schema import SCHEMA

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
KINDS = {
    "str": ("string", str),
    "int": ("whole number", int),
    "float": ("number", float),
    "bool": ("true or false", bool),
    "list": ("list of strings", tuple),
}


def flags(**given: object) -> Loaded:
    """What is loaded if only these flags are given, `fix__budget=1`."""
    named = {key.replace("__", "."): value for key, value in given.items()}
    return load(SCHEMA, start=None, environ={}, flags=named)


def base(kind: object) -> object:
    """The plain type below `Annotated`, `Literal` and type arguments."""
    while typing.get_origin(kind) is typing.Annotated:
        kind = typing.get_args(kind)[0]
    if typing.get_origin(kind) is typing.Literal:
        return str
    return typing.get_origin(kind) or kind


def test_the_models_hold_the_keys_of_the_schema_in_its_order_and_kinds() -> None:
    found = dict[str, object]()
    for section, field in Settings.model_fields.items():
        model = field.annotation
        assert isinstance(model, type)
        assert issubclass(model, BaseModel)
        for name, inner in model.model_fields.items():
            assert inner.is_required(), "defaults stand in the schema alone"
            found[f"{section}.{name}"] = base(inner.annotation)
    assert list(found.items()) == [(key, KINDS[spec.kind][1]) for key, spec in SCHEMA.items()]


def test_defaults_are_the_schemas() -> None:
    chosen = settings(flags())
    assert chosen.fix.budget == 300.0
    assert chosen.fix.solvers == ("rules", "model")
    assert chosen.sandbox.level == "best"
    assert not chosen.models.allow_remote
    for key, spec in SCHEMA.items():
        section, name = key.split(".")
        assert getattr(getattr(chosen, section), name) == spec.default


def test_settings_are_frozen() -> None:
    chosen = settings(flags())
    with pytest.raises(ValidationError, match="frozen"):
        chosen.fix.budget = 3.0  # pyright: ignore[reportAttributeAccessIssue]


def test_the_place_of_a_bad_value_is_named(tmp_path: Path) -> None:
    (tmp_path / ".ocode.toml").write_text("[tests]\ncommand = 'x'\n[fix]\nbudget = 0\njobs = -1\n")
    with pytest.raises(UsageError) as caught:
        settings(load(SCHEMA, start=tmp_path, environ={}))
    assert str(caught.value) == ".ocode.toml:4: fix.budget must be at least 1, not 0 (+1 more)"


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("fix.budget", 0.5, "--budget: fix.budget must be at least 1, not 0.5"),
        ("fix.budget", 1e9, "--budget: fix.budget must be at most 604800, not 1000000000.0"),
        ("fix.budget", float("nan"), "--budget: fix.budget must be at most 604800, not nan"),
        ("fix.attempts", -1, "--attempts: fix.attempts must be at least 0, not -1"),
        ("fix.solvers", ["rules", "modle"], "--solvers: fix.solvers must be 'rules' or 'model', not 'modle'"),
        ("fix.solvers", [], "--solvers: fix.solvers must not be empty"),
        ("limits.test", 0, "--limits-test: limits.test must be greater than 0, not 0"),
        ("limits.memory", 10**400, "--limits-memory: limits.memory must be at most 16777216, not 1000000000000"),
        ("limits.run", 10**400, "--limits-run: limits.run is wrong: Input should be a valid number, not 1000"),
        ("limits.processes", 0, "--limits-processes: limits.processes must be at least 1, not 0"),
        ("sandbox.level", "strong", "--sandbox-level: sandbox.level must be 'best', 'require' or 'off', not 'strong'"),
        ("commit.sign", "yes", "--commit-sign: commit.sign must be 'auto' or 'off', not 'yes'"),
        ("tests.command", "it's", "--test-cmd: tests.command must be a command as for a shell (no closing quotation)"),
        (
            "tests.python",
            "a\0",
            "--tests-python: tests.python must be UTF-8 text without a NUL character, not 'a\\x00'",
        ),
        ("tests.pass_env", ["A=1"], "--tests-pass_env: tests.pass_env must be names of environment variables"),
        ("tests.junit", "../x.xml", "--tests-junit: tests.junit must be a path inside the project's folder"),
        ("tests.junit", "/x.xml", "--tests-junit: tests.junit must be a path inside the project's folder"),
        (
            "workspace.links",
            [""],
            "--workspace-links: workspace.links must be paths of something below the top, not ''",
        ),
        ("models.endpoint", "ftp://x", "--models-endpoint: models.endpoint must be an address such as http://"),
        ("models.endpoint", "http://[::1", "--models-endpoint: models.endpoint must be an address such as http://"),
        ("models.endpoint", "http://x:y", "--models-endpoint: models.endpoint must be an address such as http://"),
        (
            "branch.prefix",
            "ocode",
            '--branch-prefix: branch.prefix must be the beginning of a branch name and end in "/"',
        ),
    ],
)
def test_a_value_out_of_its_range_is_one_line(key: str, value: object, line: str) -> None:
    with pytest.raises(UsageError) as caught:
        settings(flags(**{key: value}))
    assert str(caught.value).startswith(line)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("fix.budget", 1),
        ("fix.attempts", 0),
        ("fix.solvers", ["model"]),
        ("limits.test", 0.01),
        ("limits.address_space", 0),
        ("tests.command", "make 'test it'"),
        ("tests.junit", "build/report.xml"),
        ("workspace.links", ["/srv/data", "node_modules"]),
        ("models.endpoint", "https://[::1]:8080/x"),
        ("branch.prefix", "robots/ocode/"),
    ],
)
def test_a_value_at_the_edge_of_its_range_is_taken(key: str, value: object) -> None:
    section, name = key.split(".")
    taken = getattr(getattr(settings(flags(**{key: value})), section), name)
    assert taken == (tuple(value) if isinstance(value, list) else value)  # pyright: ignore[reportUnknownArgumentType]


def test_a_variable_that_is_not_unicode_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^OCODE_TESTS_PYTHON: tests\.python must be UTF-8 text"):
        settings(load(SCHEMA, start=None, environ={"OCODE_TESTS_PYTHON": "/x/\udcff"}))


PARTS = st.sampled_from([*"ab/.-~^:?*[\\@{ \t\n\x7f", "..", "@{", ".lock", "ocode", "é", "//"])


@effort(deadline=None, max_examples=150)
@given(st.lists(PARTS, max_size=6).map(lambda parts: "".join(parts) + "/"))
def test_a_prefix_is_taken_only_where_git_takes_the_branch(prefix: str) -> None:
    git = subprocess.run(["git", "check-ref-format", "--branch", f"{prefix}fix"], capture_output=True, check=False)
    try:
        settings(flags(branch__prefix=prefix))
    except UsageError:
        assert git.returncode
    else:
        assert not git.returncode


def test_rows_say_value_origin_and_meaning(tmp_path: Path) -> None:
    (tmp_path / ".ocode.toml").write_text("[fix]\n\nallow = ['a']\nbudget = 12\n")
    loaded = load(SCHEMA, start=tmp_path, environ={"OCODE_COMMIT_TRAILERS": "no"})
    shown = {row.key: row for row in rows(settings(loaded), loaded)}
    assert list(shown) == list(SCHEMA)
    assert shown["fix.allow"] == Row("fix.allow", '["a"]', ".ocode.toml:3", SCHEMA["fix.allow"].help)
    assert (shown["fix.budget"].value, shown["fix.budget"].origin) == ("12", ".ocode.toml:4")
    assert (shown["commit.trailers"].value, shown["commit.trailers"].origin) == ("false", "OCODE_COMMIT_TRAILERS")
    assert (shown["commit.sign"].value, shown["commit.sign"].origin) == ('"auto"', "default")


def test_json_says_value_source_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.ocode]\nfix.allow = ['a']\n")
    loaded = load(SCHEMA, start=tmp_path, environ={"OCODE_FIX_JOBS": "2"})
    document = json.loads(json.dumps(as_json(settings(loaded), loaded)))
    assert list(document) == list(SCHEMA)
    file = str(tmp_path / "pyproject.toml")
    assert document["fix.allow"] == {"value": ["a"], "source": "repository", "file": file, "line": 2}
    assert document["fix.jobs"] == {"value": 2, "source": "environment", "file": None, "line": None}
    assert document["commit.sign"] == {"value": "auto", "source": "default", "file": None, "line": None}


@pytest.mark.parametrize("key", SCHEMA)
def test_values_are_shown_as_toml_reads_them(key: str) -> None:
    value = tomllib.loads(f"x = {toml(SCHEMA[key].default)}")["x"]
    default = SCHEMA[key].default
    assert value == (list(default) if isinstance(default, tuple) else default)


def test_a_shown_value_cannot_steer_the_terminal() -> None:
    assert toml(("é\x1b[2J\x9b",)) == '["\\u00e9\\u001b[2J\\u009b"]'
    assert toml("é") == '"é"'


def test_the_page_describes_each_key_as_it_is() -> None:
    table = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    expected: list[str] = []
    for key, spec in SCHEMA.items():
        who = "user only" if spec.user_only else "anyone"
        flag = f" (`{spec.flag}`)" if spec.flag else ""
        expected.append(f"| `{key}` | {KINDS[spec.kind][0]} | `{toml(spec.default)}` | {who} | {spec.help}{flag} |")
    assert table == expected
    assert variable("fix.budget") in PAGE.read_text(encoding="utf-8")
