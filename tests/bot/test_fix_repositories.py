"""`ocode fix` in every state that a repository can be in: it works from the commit, or says in one line why not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from door import CALC, KEYS, changed, ocode, state
from model import answering, fix_with
from quick import MENDED, QUICK, RED, bare, mended, quick
from repos import MakeRepo, Repo


def refused(done_code: int, report: dict[str, object], *says: str) -> None:
    assert done_code == 3
    assert report.keys() == KEYS
    error = report["error"]
    assert isinstance(error, dict)
    assert error["kind"] == "environment"
    assert "\n" not in error["message"]
    for words in says:
        assert words in error["message"]


def test_not_a_repository(tmp_path: Path) -> None:
    done = ocode(tmp_path, "fix", "--json")
    refused(done.code, done.report, "not in a git repository", "git init")


def test_a_bare_repository(make_repo: MakeRepo, tmp_path: Path) -> None:
    make_repo(QUICK).git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    done = ocode(tmp_path / "bare.git", "fix", "--json")
    refused(done.code, done.report, "a bare repository", "git clone")


def test_inside_the_git_folder(make_repo: MakeRepo) -> None:
    done = quick(make_repo(QUICK), cwd=".git")
    refused(done.code, done.report, "inside a .git folder")


def test_no_commit_yet(make_repo: MakeRepo) -> None:
    done = quick(make_repo(QUICK, commit=False))
    refused(done.code, done.report, "no commit yet", "make a first one")


def test_a_detached_head_stays_detached(make_repo: MakeRepo) -> None:
    repo = make_repo(QUICK)
    repo.git("checkout", "-q", "--detach")
    head = repo.git("rev-parse", "HEAD")
    branch = mended(quick(repo))
    assert (repo.top / ".git/HEAD").read_text() == head
    assert repo.git("rev-parse", f"{branch}~1") == head


def test_from_a_linked_worktree(make_repo: MakeRepo, tmp_path: Path) -> None:
    repo = make_repo({**QUICK, "calc.py": MENDED})
    repo.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = Repo(tmp_path / "side")
    side.write("calc.py", CALC)
    side.commit("break it on the side")
    side.write("note.txt", "not committed")
    before = state(repo.top)
    branch = mended(quick(side))
    assert changed(before, state(repo.top)) == []
    assert repo.git("show", f"{branch}:calc.py") == MENDED
    assert repo.git("rev-parse", f"{branch}~1") == repo.git("rev-parse", "side")
    assert side.git("status", "--porcelain") == "?? note.txt\n"


def test_a_staged_change_is_left_and_head_is_used(make_repo: MakeRepo) -> None:
    repo = make_repo(QUICK)
    repo.write("calc.py", CALC.replace("result = 0", "result = None"))
    repo.git("add", "calc.py")
    repo.write("calc.py", "this is no Python\n")
    done = quick(repo)
    branch = mended(done)
    assert done.err.startswith("the work tree differs from HEAD; working on HEAD (--dirty")
    assert repo.git("show", f"{branch}:calc.py") == MENDED
    assert repo.git("show", ":calc.py") == CALC.replace("result = 0", "result = None")


@pytest.mark.parametrize("operation", ["merge", "rebase", "cherry-pick"])
def test_with_an_operation_in_progress(make_repo: MakeRepo, operation: str) -> None:
    repo = make_repo({**QUICK, "text": "one\n"})
    repo.git("checkout", "-q", "-b", "other")
    repo.write("text", "two\n")
    repo.commit("two")
    repo.git("checkout", "-q", "main")
    repo.write("text", "three\n")
    repo.commit("three")
    repo.git(operation, "other", check=False)
    assert repo.git("ls-files", "--unmerged")
    head = repo.git("rev-parse", "HEAD")
    done = quick(repo)
    branch = mended(done)
    assert f"a {operation} is in progress" in done.err
    assert repo.git("rev-parse", f"{branch}~1") == head
    assert "<<<<<<<" in (repo.top / "text").read_text()


def test_no_identity(make_repo: MakeRepo, hermetic: Path) -> None:
    repo = make_repo(QUICK)
    (hermetic / ".gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")
    done = quick(repo)
    refused(done.code, done.report, "git config --global user.name ", "git config --global user.email ")
    assert repo.git("for-each-ref", "refs/heads/ocode", "refs/ocode") == ""


def test_a_submodule_that_tests_need(make_repo: MakeRepo) -> None:
    inner = make_repo({"numbers_of_ours.py": "ZERO = 0\n"}, "inner")
    repo = make_repo({**QUICK, "calc.py": f"from parts.numbers_of_ours import ZERO\n\n\n{CALC}".replace("0", "ZERO")})
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.top), "parts")
    repo.commit("a submodule")
    branch = mended(quick(repo))
    assert repo.git("diff", "--name-only", "HEAD", branch) == "calc.py\n"
    assert repo.git("submodule", "status")[0] == " "


def test_a_submodule_that_is_not_there_does_not_hurt(make_repo: MakeRepo, tmp_path: Path) -> None:
    inner = make_repo({"unused.py": ""}, "inner")
    repo = make_repo(QUICK)
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.top), "parts")
    repo.commit("a submodule")
    repo.git("clone", "-q", ".", str(tmp_path / "clone"))
    mended(quick(Repo(tmp_path / "clone")))


@pytest.mark.parametrize("cone", ["--cone", "--no-cone"])
def test_a_sparse_checkout(make_repo: MakeRepo, cone: str) -> None:
    files = {f"part/{name}": text for name, text in QUICK.items()}
    repo = make_repo({**files, "part/pyproject.toml": "", "away/big.py": "x = 1\n", "away/deep/more.py": "y = 1\n"})
    repo.git("sparse-checkout", "set", cone, "part")
    assert not (repo.top / "away").exists()
    branch = mended(quick(repo, cwd="part"), f"part/{RED}")
    assert repo.git("diff", "--name-status", "HEAD", branch) == "M\tpart/calc.py\n"


def test_a_shallow_clone(make_repo: MakeRepo, tmp_path: Path) -> None:
    whole = make_repo(QUICK)
    whole.write("later.txt", "later")
    whole.commit("later")
    whole.git("clone", "-q", "--depth", "1", whole.top.as_uri(), str(tmp_path / "shallow"))
    repo = Repo(tmp_path / "shallow")
    assert repo.git("rev-list", "--count", "HEAD") == "1\n"
    branch = mended(quick(repo))
    assert repo.git("rev-list", "--count", branch) == "2\n"
    repo.git("fsck", "--strict")


@pytest.mark.parametrize("stored", ["\n", "\r\n"])
def test_autocrlf(make_repo: MakeRepo, stored: str) -> None:
    repo = make_repo({**QUICK, "calc.py": CALC.replace("\n", stored)})
    repo.git("config", "core.autocrlf", "true")
    (repo.top / "calc.py").unlink()
    repo.git("checkout", "-q", "--", "calc.py")
    assert b"\r\n" in (repo.top / "calc.py").read_bytes()
    branch = mended(quick(repo))
    assert repo.git("diff", "--numstat", "HEAD", branch) == "1\t1\tcalc.py\n"
    blob = subprocess.run(["git", "show", f"{branch}:calc.py"], cwd=repo.top, capture_output=True, check=True).stdout
    assert blob == MENDED.replace("\n", stored).encode()


@pytest.mark.parametrize("where", [".gitattributes", "deep/.gitattributes", ".git/info/attributes"])
def test_files_behind_a_filter_are_refused(make_repo: MakeRepo, where: str) -> None:
    repo = make_repo(QUICK)
    repo.write(where, "*.bin filter=lfs diff=lfs merge=lfs -text\n")
    if not where.startswith(".git/"):
        repo.commit()
    done = quick(repo)
    refused(done.code, done.report, "Git LFS")


def test_a_state_folder_that_cannot_be_made(make_repo: MakeRepo) -> None:
    repo = make_repo(QUICK)
    (repo.top / ".git/ocode").write_text("a file of someone's")
    done = quick(repo)
    refused(done.code, done.report, f"cannot write {repo.top}/.git/ocode", "write access")
    assert (repo.top / ".git/ocode").read_text() == "a file of someone's"


def test_a_cache_folder_that_cannot_be_made(make_repo: MakeRepo, hermetic: Path) -> None:
    (hermetic / "file").write_text("a file of someone's")
    done = quick(make_repo(QUICK), XDG_CACHE_HOME=str(hermetic / "file"))
    refused(done.code, done.report, f"cannot write {hermetic}/file", "write access")
    assert done.report["run"]


def test_two_at_once(make_repo: MakeRepo) -> None:
    repo = make_repo({**QUICK, "pyproject.toml": ""})
    before = state(repo.top)
    command = [sys.executable, "-m", "ocode_bot", "fix", "--json", "--budget", "60"]
    both = [
        subprocess.Popen(command, cwd=repo.top, env=bare(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ended = [child.communicate(timeout=100) for child in both]
    assert [child.returncode for child in both] == [0, 0], ended
    assert changed(before, state(repo.top)) == []
    branches = repo.git("for-each-ref", "--format=%(refname:short)", "refs/heads/ocode").split()
    assert len(branches) == 2
    assert {repo.git("show", f"{branch}:calc.py") for branch in branches} == {MENDED}
    listed = ocode(repo.top, "runs", "--json").report["runs"]
    assert [run["status"] for run in listed] == ["fixed", "fixed"]
    caches = Path(bare()["XDG_CACHE_HOME"], "ocode")
    assert [left for folder in caches.iterdir() for left in folder.iterdir()] == []
    repo.git("fsck", "--strict")


def test_git_variables_of_another_repository_are_not_obeyed(make_repo: MakeRepo) -> None:
    repo, other = make_repo(QUICK), make_repo({"other.txt": "other"}, "other")
    before = state(other.top)
    theirs = other.top / ".git"
    done = quick(
        repo,
        GIT_DIR=str(theirs),
        GIT_WORK_TREE=str(other.top),
        GIT_INDEX_FILE=str(theirs / "index"),
        GIT_OBJECT_DIRECTORY=str(theirs / "objects"),
        GIT_COMMON_DIR=str(theirs),
        GIT_PREFIX="deep/",
    )
    branch = mended(done)
    assert repo.git("show", f"{branch}:calc.py") == MENDED
    assert changed(before, state(other.top)) == []
    assert not (theirs / "ocode").exists()
    assert other.git("for-each-ref", "--format=%(refname)") == "refs/heads/main\n"


@pytest.mark.parametrize("how", ["links", "copies"])
def test_an_ignored_file_that_tests_need(make_repo: MakeRepo, how: str) -> None:
    calc = f"from pathlib import Path\n\n\n{CALC}".replace("= 0", "= int(Path('data/zero').read_text())")
    settings = f'[workspace]\n{how} = ["data", ".env"]\n'
    repo = make_repo({**QUICK, "calc.py": calc, ".gitignore": "data\n.env\n", ".ocode.toml": settings})
    repo.write("data/zero", "0")
    repo.write(".env", "A=1")
    branch = mended(quick(repo))
    assert repo.git("diff", "--name-only", "HEAD", branch) == "calc.py\n"


def test_an_ignored_file_that_is_not_there(make_repo: MakeRepo) -> None:
    done = quick(make_repo({**QUICK, ".ocode.toml": '[workspace]\nlinks = ["data"]\n'}))
    refused(done.code, done.report, "'data' does not exist")


def signer(hermetic: Path, body: str) -> str:
    program = hermetic / "sign"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return str(program)


SIGN = """cat >/dev/null
echo '[GNUPG:] SIG_CREATED D 1 8 00 1 ABCD' >&2
echo '-----BEGIN PGP SIGNATURE-----'; echo; echo made-up; echo '-----END PGP SIGNATURE-----'"""


@pytest.mark.parametrize(("body", "signed"), [(SIGN, True), ("exit 1", False), ("exec sleep 120", False)])
def test_signing(make_repo: MakeRepo, hermetic: Path, body: str, signed: bool) -> None:
    repo = make_repo(QUICK)
    repo.git("config", "gpg.program", signer(hermetic, body))
    repo.git("config", "commit.gpgsign", "true")
    done = quick(repo)
    branch = mended(done)
    assert ("\ngpgsig " in repo.git("cat-file", "commit", branch)) is signed
    assert ("the commit is unsigned" in done.err) is not signed
    assert done.report["seconds"] < 60


HOOK = """repos:
- repo: local
  hooks:
  - id: own
    name: own check
    language: system
    entry: %s
    files: \\.py$
"""


@pytest.mark.parametrize(("entry", "code"), [("grep -q total", 0), ("grep -q nowhere", 1)])
def test_hooks(make_repo: MakeRepo, entry: str, code: int) -> None:
    repo = make_repo({**QUICK, ".pre-commit-config.yaml": HOOK % entry})
    tools = Path(sys.executable).parent  # where pre-commit is
    with answering(MENDED) as server:
        words = ("--hooks", "--attempts", "1")
        done = fix_with(server, repo, *words, PATH=f"{tools}{os.pathsep}{os.environ['PATH']}")
    assert done.code == code
    if code:
        assert done.report["branch"] is None
        assert done.report["remaining"][0]["reason"].startswith("hooks: pre-commit: own check")
    else:
        assert repo.git("show", f"{mended(done)}:calc.py") == MENDED
