"""JUnit XML, which many test runners can leave: what is read where our plugin did not run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from xml.etree import ElementTree

from ocode_tools.results import Failure, Verdict

_DTD = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
MESSAGE = 2000  # characters


@dataclass(frozen=True, slots=True)
class Report:
    """What a document says; `problem` is one line when it could not be read. `seconds` is by test."""

    outcomes: Mapping[str, Verdict] = field(default_factory=dict[str, Verdict])
    failures: Mapping[str, Failure] = field(default_factory=dict[str, Failure])
    seconds: Mapping[str, float] = field(default_factory=dict[str, float])
    problem: str = ""


def parse(xml: bytes) -> Report:
    """Outcomes of a JUnit document.

    The id of a test is `file::Class::name` where the runner names the file, else `classname::name`. A test that is
    named twice is red if it was red once. No document type is accepted: it is where entity bombs live, and no runner
    writes one; nor are UTF-16 and UTF-32, in which it could hide.
    """
    if b"\0" in xml:
        return Report(problem="the JUnit report is not UTF-8")
    if _DTD.search(xml):
        return Report(problem="the JUnit report has a document type, which is not read")
    try:
        root = ElementTree.fromstring(xml)
    except (ElementTree.ParseError, ValueError, LookupError) as problem:
        return Report(problem=f"the JUnit report is no XML: {problem}")
    outcomes: dict[str, Verdict] = {}
    failures: dict[str, Failure] = {}
    seconds: dict[str, float] = {}
    for case in root.iter("testcase"):
        test = _id(case)
        seconds[test] = seconds.get(test, 0.0) + _seconds(case.get("time", ""))
        red = next((child for child in case if child.tag in ("failure", "error")), None)
        if red is not None:
            outcomes[test] = "failed"
            failures.setdefault(test, _failure(test, red))
        elif test not in failures:
            outcomes[test] = "passed" if case.find("skipped") is None else "skipped"
    return Report(outcomes, failures, seconds)


def _id(case: ElementTree.Element) -> str:
    file, classname, name = (case.get(key, "") for key in ("file", "classname", "name"))
    if not file:
        return f"{classname}::{name}" if classname else name
    path = PurePosixPath(file.replace("\\", "/"))
    module = ".".join(path.with_suffix("").parts)
    # pytest's xunit1 writes the module before the class: tests.test_a.TestB
    kind = classname.removeprefix(module).removeprefix(".") if classname.startswith(module) else classname
    return "::".join([str(path), *(part for part in kind.split(".") if part), name])


def _seconds(time: str) -> float:
    try:
        took = float(time.replace(",", ""))
    except ValueError:
        return 0.0
    return took if 0 <= took < 1e9 else 0.0


def _failure(test: str, red: ElementTree.Element) -> Failure:
    kind = red.get("type", "").rpartition(".")[2]
    message = red.get("message") or (red.text or "").strip()
    guessed = re.match(r"(?:\w+\.)*(\w*(?:Error|Exception|Warning|Exit|Interrupt))\b", message)
    return Failure(test, "call", kind or (guessed[1] if guessed else "Failed"), message[:MESSAGE])
