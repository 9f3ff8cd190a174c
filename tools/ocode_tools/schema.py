"""Which settings there are: their kinds, defaults and help. What values each may take is said in the bot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

Kind = Literal["str", "int", "float", "bool", "list"]
Value: TypeAlias = str | int | float | bool | tuple[str, ...]


class Key(NamedTuple):
    """One setting: `user_only` keys are refused in a repository; `flag` is the option that overrides it."""

    kind: Kind
    default: Value
    help: str
    user_only: bool = False
    flag: str = ""


Schema: TypeAlias = Mapping[str, Key]

SCHEMA: Schema = {
    "tests.command": Key("str", "", "split as by a shell; empty: pytest or unittest", flag="--test-cmd"),
    "tests.junit": Key("str", "", "JUnit XML report that this command leaves in the project's folder"),
    "tests.python": Key("str", "", "interpreter that runs the tests; empty: looked for"),
    "tests.pass_env": Key("list", (), "names of environment variables that tests may see", user_only=True),
    "tests.budget": Key("float", 600.0, "wall seconds for writing tests after the first run", flag="--budget"),
    "limits.run": Key("float", 600.0, "seconds for one run of the tests"),
    "limits.test": Key("float", 60.0, "seconds for one test"),
    "limits.memory": Key("int", 4096, "MiB of memory for a test run, all its processes together"),
    "limits.address_space": Key("int", 0, "MiB of address space for each test process; 0: no limit"),
    "limits.processes": Key("int", 256, "processes that a test run may have at once"),
    "limits.output": Key("int", 10240, "KiB of a test run's output that are kept"),
    "limits.snapshot": Key("int", 100, "MiB that a snapshot of uncommitted work may hold"),
    "fix.budget": Key("float", 300.0, "wall seconds for a fix after the baseline run", flag="--budget"),
    "fix.attempts": Key("int", 6, "model replies for each cause or target, refused ones included", flag="--attempts"),
    "fix.solvers": Key("list", ("rules", "model"), "who proposes edits, in this order", flag="--solvers"),
    "fix.jobs": Key("int", 0, "test runs at the same time; 0: one for each core, at most 4", flag="--jobs"),
    "fix.causes": Key("int", 50, "causes that one run takes up"),
    "fix.after": Key("float", 1.0, "seconds that the rules look for more once an edit is green, to compare them"),
    "fix.allow": Key("list", (), "globs from the top of protected files that may change", flag="--allow"),
    "todo.tags": Key("list", ("TODO", "FIXME", "XXX", "HACK", "BUG"), "words that mark a TODO in a comment"),
    "todo.form": Key("str", "text", "what new TODOs have: any, text, owner, issue, reference, or match this pattern"),
    "todo.budget": Key("float", 600.0, "wall seconds for resolving TODOs after the first run", flag="--budget"),
    "docstrings.budget": Key("float", 600.0, "wall seconds for docstrings after the first run", flag="--budget"),
    "docstrings.style": Key(
        "str", "auto", "google, numpy, sphinx, plain, or auto: as configured for linters, or learned"
    ),
    "docstrings.width": Key("int", 0, "characters of a docstring's line; 0: as configured for linters, or learned"),
    "docstrings.skip": Key(
        "list",
        ("init", "magic", "nested", "overload", "override", "package", "private", "setter", "stub", "tests"),
        "what needs no docstring; also class, function, method, module, property",
    ),
    "docstrings.exclude": Key("list", (), "globs from the top of files that need no docstrings"),
    "docstrings.skeleton": Key("bool", False, "the hook's --write may write facts alone where no model answers"),
    "models.fix": Key("str", "", "model for fix; empty: chosen from what is installed", flag="--model"),
    "models.todo": Key("str", "", "model for TODOs; empty: as for fix", flag="--model"),
    "models.docstrings": Key("str", "", "model for docstrings; empty: as for fix", flag="--model"),
    "models.tests": Key("str", "", "model for tests; empty: as for fix", flag="--model"),
    "models.message": Key("str", "", "model for messages; empty: chosen from what is installed", flag="--model"),
    "models.ladder": Key("list", (), "larger models to climb to, in this order"),
    "models.endpoint": Key("str", "http://127.0.0.1:11434", "address of the model server", user_only=True),
    "models.kind": Key("str", "ollama", "what the server speaks: ollama or openai", user_only=True),
    "models.key": Key("str", "", "key that the server asks for", user_only=True),
    "models.context": Key("int", 0, "tokens of prompt and answer together; 0: chosen once for each model"),
    "models.keep_alive": Key("str", "15m", "how long the server keeps a model loaded afterwards"),
    "models.allow_remote": Key("bool", False, "source may be sent to another machine", user_only=True),
    "message.budget": Key("float", 8.0, "wall seconds that the hook which drafts may take"),
    "message.tokens": Key("int", 800, "about how many tokens of a diff a model is shown"),
    "message.language": Key("str", "", "language of drafts by a model; empty: as in the log"),
    "message.attribution": Key("str", "Assisted-by", "trailer that names the model: this, Co-authored-by or none"),
    "message.style": Key("str", "auto", "conventional, plain, or auto: conventional unless the log clearly is not"),
    "message.types": Key(
        "list",
        ("build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test"),
        "types of conventional messages; empty: any",
    ),
    "message.scopes": Key("list", (), "scopes that may be named; empty: any"),
    "message.scope": Key("str", "optional", "whether a scope is named: optional, required or never"),
    "message.subject_max": Key("int", 100, "characters of the first line; 0: no limit"),
    "message.subject_min": Key("int", 0, "least characters of the first line"),
    "message.subject_case": Key("str", "any", "first letter of the subject: any, lower or sentence (a capital)"),
    "message.full_stop": Key("bool", False, "the first line may end with a full stop"),
    "message.body": Key("str", "optional", "whether there is a text below the first line: optional, required or never"),
    "message.body_max": Key("int", 100, "characters of a line of the body; 0: no limit"),
    "message.footer_max": Key("int", 100, "characters of a line of the footer; 0: no limit"),
    "message.footers": Key("list", (), "trailers that every message must have"),
    "message.issue": Key("str", "", "regular expression of an issue that every message must name"),
    "message.sign_off": Key("bool", False, "every message must have a Signed-off-by trailer"),
    "message.pattern": Key("str", "", "regular expression that the whole first line must match"),
    "message.versions": Key("bool", False, "a version alone, such as 1.2.3, is a message"),
    "message.exempt": Key("list", (), "beginnings of messages that are not checked, besides those of git itself"),
    "message.warn": Key("list", (), "rules of the check that only warn"),
    "watch.marks": Key("list", ("TODO(ocode)", "AI!"), "TODOs that the daemon takes up", user_only=True),
    "watch.quiet": Key(
        "float", 30.0, "seconds without a save of the file before its TODOs are taken up", user_only=True
    ),
    "watch.commits": Key("list", (), "work on each new commit: docstrings, tests, fix", user_only=True),
    "watch.hours": Key("str", "", 'when the daemon works, such as "09:00-18:00"; empty: always', user_only=True),
    "watch.battery": Key("bool", True, "the daemon works on battery too", user_only=True),
    "watch.load": Key("float", 0.0, "load of each core above which it starts nothing; 0: any", user_only=True),
    "sandbox.level": Key("str", "best", "off, best or require; a repository may only tighten it"),
    "workspace.links": Key("list", (), "ignored paths that tests need, linked into the workspace"),
    "workspace.copies": Key("list", (), "ignored paths that tests need, copied into the workspace"),
    "branch.prefix": Key("str", "ocode/", "beginning of the names of ocode's branches"),
    "commit.trailers": Key("bool", True, "write Ocode-* trailers into commit messages"),
    "commit.sign": Key("str", "auto", "auto: sign when git is configured to; off: never sign"),
}
