"""JUnit XML of several runners, and what is no report at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocode_tools import junit

REPORT = b"""<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="s">
<testcase classname="tests.test_a.TestB" file="tests/test_a.py" name="test_c[a::b]" time="1.5"/>
<testcase classname="tests.test_a" file="tests/test_a.py" name="test_d">
<failure message="E">ValueError: x</failure></testcase>
<testcase classname="pkg.Case" name="it works"><error type="builtins.OSError">OSError: no</error></testcase>
<testcase name="bare" time="nan"><skipped/></testcase>
<testcase classname="Twice" name="t"><failure/></testcase>
<testcase classname="Twice" name="t"/>
</testsuite></testsuites>
"""


def test_a_report() -> None:
    report = junit.parse(REPORT)
    assert report.outcomes == {
        "tests/test_a.py::TestB::test_c[a::b]": "passed",
        "tests/test_a.py::test_d": "failed",
        "pkg.Case::it works": "failed",
        "bare": "skipped",
        "Twice::t": "failed",
    }
    assert report.failures["tests/test_a.py::test_d"].message == "E"
    error = report.failures["pkg.Case::it works"]
    assert (error.exception, error.message, error.phase) == ("OSError", "OSError: no", "call")
    assert report.seconds["tests/test_a.py::TestB::test_c[a::b]"] == 1.5
    assert report.seconds["bare"] == 0.0
    assert report.problem == ""


@pytest.mark.parametrize("family", ["xunit1", "xunit2"])
def test_what_pytest_writes(tmp_path: Path, family: str) -> None:
    (tmp_path / "test_a.py").write_text("class TestA:\n    def test_b(self): raise OSError('no')\ndef test_c(): pass\n")
    options = ["-p", "no:cacheprovider", "-o", f"junit_family={family}", "--junitxml=r.xml"]
    command = [sys.executable, "-m", "pytest", *options]
    subprocess.run(command, cwd=tmp_path, env=dict(os.environ), capture_output=True, timeout=60, check=False)
    report = junit.parse((tmp_path / "r.xml").read_bytes())
    names = {"xunit1": ["test_a.py::TestA::test_b", "test_a.py::test_c"]}.get(family)
    names = names or ["test_a.TestA::test_b", "test_a::test_c"]
    assert report.outcomes == {names[0]: "failed", names[1]: "passed"}
    assert report.failures[names[0]].exception == "OSError"


@pytest.mark.parametrize(
    ("xml", "why"),
    [
        (b"", "no XML"),
        (b"<testsuite><testcase>", "no XML"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><testsuite><testcase name="&b;"/></testsuite>', "document type"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a/>'.encode("utf-16"), "UTF-8"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "no XML"),
    ],
)
def test_no_report(xml: bytes, why: str) -> None:
    report = junit.parse(xml)
    assert report.outcomes == {}
    assert why in report.problem
    assert "\n" not in report.problem


@given(st.binary() | st.text().map(lambda text: f"<testcase name='{text}'/>".encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read(xml: bytes) -> None:
    report = junit.parse(xml)
    assert bool(report.problem) or all(isinstance(test, str) for test in report.outcomes)
