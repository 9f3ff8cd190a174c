"""`ocode fix` on odd names and odd bytes: the bug is mended and every byte beside it stays what it was."""

from __future__ import annotations

import os
import subprocess

import pytest

from door import BUGGY, fix
from quick import MENDED, QUICK, RED, mended, quick
from repos import MakeRepo, Repo

NAMES = {"spaces, quotes, newline": 'it\'s an "odd"\none', "not UTF-8": "дом caf\udce9"}


def blob(repo: Repo, branch: str, path: str) -> bytes:
    """The bytes of a file at a branch's tip; git takes the path as the bytes that it is."""
    command = ["git", "show", f"{branch}:{path}"]
    return subprocess.run(command, cwd=repo.top, capture_output=True, check=True).stdout


def changed_files(repo: Repo, branch: str) -> list[str]:
    command = ["git", "diff", "--name-only", "-z", "HEAD", branch]
    out = subprocess.run(command, cwd=repo.top, capture_output=True, check=True).stdout
    return [os.fsdecode(name) for name in out.split(b"\0") if name]


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_odd_names_of_the_repository_and_of_files_beside(make_repo: MakeRepo, name: str) -> None:
    files = {**QUICK, f"{name}.txt": "data", f"{name}/{name}.py": "x = 1\n", f"{name}/ignored": ""}
    repo = make_repo({**files, ".gitignore": "ignored\n"}, name)
    repo.write(f"{name} not committed", "new")
    branch = mended(quick(repo))
    assert changed_files(repo, branch) == ["calc.py"]


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_odd_names_of_the_source_and_of_its_test(make_repo: MakeRepo, name: str) -> None:
    source, test = f"{name}/calc.py", f"{name}/test_{name}.py"
    repo = make_repo({source: BUGGY["calc.py"], test: BUGGY["test_calc.py"]})
    done = fix(repo, "--budget", "60")
    assert (done.code, done.report["status"]) == (0, "fixed"), done
    (fixed,) = done.report["fixed"]
    assert fixed.startswith(f"{name}/test_")
    assert fixed.endswith("::test_total")
    assert changed_files(repo, done.report["branch"]) == [source]
    assert blob(repo, done.report["branch"], source) == MENDED.encode()
    (commit,) = done.report["commits"]
    assert len(commit["subject"].splitlines()) == 1


PAST = "# d\xe9j\xe0 vu\n"
SOURCES = {
    "BOM and CRLF": b"\xef\xbb\xbf" + QUICK["calc.py"].replace("\n", "\r\n").encode(),
    "latin-1": f"# -*- coding: latin-1 -*-\n{PAST}{QUICK['calc.py']}WORD = '\xe9'\n".encode("latin-1"),
    "mixed line ends": f"A = 1\r\nB = 2\n\x0cC = 3\r\n{QUICK['calc.py']}".encode(),
    "tabs, trailing blanks, no last line end": QUICK["calc.py"]
    .replace("    ", "\t")
    .replace("0\n", "0  \t\n")
    .rstrip("\n")
    .encode(),
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_odd_bytes_stay_what_they_were(make_repo: MakeRepo, source: bytes) -> None:
    repo = make_repo(QUICK)
    repo.write("calc.py", source)
    repo.commit("odd bytes")
    branch = mended(quick(repo))
    assert repo.git("diff", "--numstat", "HEAD", branch) == "1\t1\tcalc.py\n"
    assert blob(repo, branch, "calc.py") == source.replace(b"result - price", b"result + price")


def test_a_source_of_twenty_thousand_lines(make_repo: MakeRepo) -> None:
    filler = "".join(f"def f{n}(x):\n    y = x + {n}\n    return y\n\n\n" for n in range(2000))
    source = f"{filler}{QUICK['calc.py']}\n\n{filler.replace('def f', 'def g')}"
    assert source.count("\n") >= 20_000
    repo = make_repo({**QUICK, "calc.py": source})
    branch = mended(quick(repo), RED)
    assert repo.git("diff", "--numstat", "HEAD", branch) == "1\t1\tcalc.py\n"
    assert blob(repo, branch, "calc.py").decode() == source.replace("result - price", "result + price")
