"""Without a model: values of pure functions, recorded in the sandbox, as tests that say so."""

from __future__ import annotations

import ast
import json
import shlex
from dataclasses import dataclass

from ocode_bot.tasks.tests.trial import Trial
from ocode_tools.newtests import inputs, recorded
from ocode_tools.newtests.answer import Answer
from ocode_tools.newtests.purity import why_impure
from ocode_tools.newtests.recorded import Record
from ocode_tools.runners import INSIDE
from ocode_tools.source import Function, Source
from ocode_tools.symbols import Symbols


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of it: tests or why there are none, and docstring examples that the code contradicts."""

    answer: Answer | None
    why: str
    wrong: tuple[Record, ...] = ()


def record(trial: Trial, symbols: Symbols) -> Recorded:
    """Call the unit with what is known to be given to it, if it is pure, and make tests of what comes out."""
    goal, source, ground = trial.goal, trial.source, trial.ground
    node = goal.unit.node
    assert isinstance(node, Function)
    if _is_method(source, goal.name, node):
        return Recorded(None, "rules: it is a method, which depends on its object")
    if reason := why_impure(source, node, lambda name: _resolve(source, symbols, name)):
        return Recorded(None, f"rules: not recorded, as {reason}")
    lane = ground.workspace.lanes[0]
    lane.reset(ground.tip)
    tests = [known for path in trial.habits.related if (known := ground.read(path))]
    calls = inputs.calls(source, node, tests)
    if not calls:
        return Recorded(None, "rules: no input is known for it: no example, no call in a test, no plain annotation")
    output = _called(trial, [call.arguments for call in calls])
    found = recorded.records(calls, output)
    wrong = tuple(recorded.contradicted(found))
    chosen = recorded.chosen([one for one in found if one not in wrong])
    if not chosen:
        return Recorded(None, "rules: what it gives for known inputs says too little for a test", wrong)
    return Recorded(recorded.render(trial.subject, chosen, trial.habits.style), "", wrong)


def _called(trial: Trial, arguments: list[str]) -> bytes:
    suite, lane = trial.ground.suite, trial.ground.workspace.lanes[0]
    python, script = str(suite.plan.python.executable), str(INSIDE / "ocode_record.py")
    command = [python, script, trial.subject.module, trial.subject.name]
    there = ["sh", "-c", f'cd {shlex.quote(suite.plan.project or ".")} && exec "$@"', "sh", *command]
    return suite.tool(lane, there, json.dumps(arguments).encode())[1]


def _is_method(source: Source, name: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    static = any(ast.unparse(one) == "staticmethod" for one in node.decorator_list)
    return "." in name and not static


def _resolve(source: Source, symbols: Symbols, name: str) -> tuple[Source, Function] | None:
    """A function of the project that a file imports from another by name."""
    for node in source.tree.body:
        if not isinstance(node, ast.ImportFrom):
            continue
        for alias in node.names:
            if (alias.asname or alias.name) != name:
                continue
            for symbol in symbols.find(alias.name):
                other = symbols.source(symbol.module)
                if other and symbol.kind == "function" and symbol.module.endswith((node.module or "").lstrip(".")):
                    found = next((u.node for u in other.functions()[1:] if u.qualname == alias.name), None)
                    return (other, found) if isinstance(found, Function) else None
    return None
