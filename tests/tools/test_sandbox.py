"""Every kind of sandbox that works here, tried from the inside by real processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocode_tools import landlock, sandbox
from ocode_tools.errors import SetupError
from ocode_tools.outcome import Limits, Outcome
from ocode_tools.process import Cancel, supervise
from ocode_tools.sandbox import Level, Sandbox, View, choose

# Below no folder that a sandbox hides, wherever this environment lies, and without the coverage of our own tests.
PYTHON = os.path.realpath(sys.executable)


class Box:
    """A workspace that may be written, a neighbour that may not, and Python run between them."""

    def __init__(self, sandbox: Sandbox, top: Path) -> None:
        self.sandbox = sandbox
        self.inside, self.outside = top / "inside", top / "outside"
        for folder in (self.inside, self.outside):
            (folder / "empty").mkdir(parents=True)
        (self.outside / "old").write_text("old")
        self.view = View((self.inside,), (self.outside,))

    def run(self, code: str, *args: str, relaxed: bool = False) -> tuple[Outcome, str]:
        """The outcome and the output of some code; `attempt(f)` there prints "ok" or the error's name."""
        helper = (
            "import os, socket, sys, time\nfrom pathlib import Path\ndef attempt(f):\n"
            "    try: f(); print('ok')\n    except OSError as e: print(type(e).__name__)\n"
        )
        output = self.inside.parent / "output"
        outcome = supervise(
            [PYTHON, "-c", helper + code, *args],
            cwd=self.inside,
            env=dict(os.environ),
            output=output,
            limits=Limits(60, 1 << 30, 64, 1 << 20),
            sandbox=self.sandbox.relaxed() if relaxed else self.sandbox,
            view=self.view,
            cancel=Cancel(),
        )
        return outcome, output.read_text()

    def says(self, code: str, *args: str, relaxed: bool = False) -> list[str]:
        """The words that some code prints; it must end well."""
        outcome, said = self.run(code, *args, relaxed=relaxed)
        assert outcome.code == 0, said
        return said.split()


def box_of(level: Level, top: Path) -> Box:
    try:
        return Box(choose("best", level), top)
    except SetupError as error:
        pytest.skip(f"owed: run where {level} works ({error})")


@pytest.fixture(params=["bwrap", "landlock"])
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Box:
    return box_of(request.param, tmp_path)


@pytest.fixture
def bwrap(tmp_path: Path) -> Box:
    return box_of("bwrap", tmp_path)


@pytest.fixture
def port() -> Iterator[str]:
    """The port of a server on the host's loopback that takes every connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield str(server.getsockname()[1])


CONNECT = "attempt(lambda: socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5).close())"
WRITES = """
top, old = Path(sys.argv[1]), Path(sys.argv[1]) / "old"
attempt(lambda: (top / "new").write_text("x"))
attempt(lambda: old.write_text("x"))
attempt(lambda: old.rename(top / "moved"))
attempt(lambda: (top / "empty").rmdir())
attempt(lambda: (top / "folder").mkdir())
attempt(lambda: (top / "link").symlink_to(old))
attempt(lambda: (top / "moved").unlink() if (top / "moved").exists() else old.unlink())
"""


@pytest.mark.parametrize("relaxed", [False, True])
def test_writes_stay_inside(box: Box, relaxed: bool) -> None:
    (box.inside / "old").write_text("old")
    assert box.says(WRITES, str(box.inside), relaxed=relaxed) == ["ok"] * 7
    assert (box.inside / "new").read_text() == "x"
    refused = box.says(WRITES, str(box.outside), relaxed=relaxed)
    assert set(refused) <= {"OSError", "PermissionError"}
    assert sorted(file.name for file in box.outside.iterdir()) == ["empty", "old"]
    assert (box.outside / "old").read_text() == "old"


@pytest.mark.parametrize("relaxed", [False, True])
def test_a_link_is_no_way_out(box: Box, relaxed: bool) -> None:
    (box.inside / "link").symlink_to(box.outside / "old")
    said = box.says("attempt(lambda: Path('link').write_text('x'))", relaxed=relaxed)
    assert said in (["OSError"], ["PermissionError"])
    assert (box.outside / "old").read_text() == "old"


def test_the_rest_stays_readable_and_executable(box: Box) -> None:
    code = "import subprocess; subprocess.run(['true'], check=True); print(Path(sys.argv[1]).read_text())"
    assert box.says(code, str(box.outside / "old")) == ["old"]


def test_devices_and_semaphores_work(box: Box) -> None:
    code = (
        "Path('/dev/null').write_text('x'); import multiprocessing as m; m.Lock(); m.Pool(1).terminate()\n"
        "import tempfile; tempfile.TemporaryFile(dir='.'); print('ok')"
    )
    assert box.says(code) == ["ok"]


def test_a_single_file_may_be_writable(box: Box) -> None:
    file = box.outside / "old"
    box.view = View((box.inside, file, box.outside / "absent"), (box.outside,))
    code = "for p in sys.argv[1:]: attempt(lambda: Path(p).write_text('x'))"
    assert box.says(code, str(file), str(file.with_name("new")))[0] == "ok"
    assert file.read_text() == "x"
    assert not file.with_name("new").exists()


def test_codes_and_signals_come_through(box: Box) -> None:
    assert box.run("sys.exit(5)")[0].code == 5
    outcome, _ = box.run(
        "os.kill(os.getpid(), 11)" if box.sandbox.level != "bwrap" else "import ctypes; ctypes.string_at(0)"
    )
    assert (outcome.code, outcome.why) == (-11, "killed by SIGSEGV")


def test_the_loopback_of_the_host_is_closed_unless_relaxed(box: Box, port: str) -> None:
    if box.sandbox.network:
        pytest.skip("owed: run where Landlock is of version 4 or later")
    assert box.says(CONNECT, port) != ["ok"]
    assert box.says(CONNECT, port, relaxed=True) == ["ok"]


def test_bwrap_has_a_loopback_of_its_own(bwrap: Box) -> None:
    code = "server = socket.create_server(('127.0.0.1', 0)); sys.argv.insert(1, server.getsockname()[1])\n" + CONNECT
    assert bwrap.says(code) == ["ok"]


def test_abstract_sockets_of_the_host_are_closed_unless_relaxed(box: Box, tmp_path: Path) -> None:
    if box.sandbox.level == "landlock" and landlock.abi() < 6:
        pytest.skip("owed: run where Landlock is of version 6 or later")
    name = f"ocode-test-{os.getpid()}"
    code = "attempt(lambda: socket.socket(socket.AF_UNIX).connect('\\0' + sys.argv[1]))"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0" + name)
        server.listen()
        assert box.says(code, name) != ["ok"]
        assert box.says(code, name, relaxed=True) == ["ok"]


@pytest.mark.parametrize("relaxed", [False, True])
def test_other_processes_are_out_of_reach(box: Box, relaxed: bool) -> None:
    if box.sandbox.level == "landlock" and landlock.abi() < 6:
        pytest.skip("owed: run where Landlock is of version 6 or later")
    with subprocess.Popen(["sleep", "99"]) as bystander:
        said = box.says("attempt(lambda: os.kill(int(sys.argv[1]), 15))", str(bystander.pid), relaxed=relaxed)
        alive = bystander.poll() is None
        bystander.kill()
    assert alive
    assert said in (["PermissionError"], ["ProcessLookupError"])


def test_signals_inside_work(box: Box) -> None:
    code = "pid = os.fork()\nif not pid: time.sleep(99)\nos.kill(pid, 9); print(os.waitpid(pid, 0)[1])"
    assert box.says(code) == ["9"]


def test_bwrap_hides_secrets(bwrap: Box, hermetic: Path) -> None:
    (hermetic / ".ssh").mkdir()
    (hermetic / ".ssh" / "id").write_text("secret")
    (hermetic / ".netrc").write_text("secret")
    (hermetic / "plain").write_text("plain")
    bwrap.view = View((bwrap.inside,), (hermetic,))
    code = (
        "home = Path.home(); print(len(list((home / '.ssh').iterdir())), (home / 'plain').read_text())\n"
        "attempt(lambda: print(repr((home / '.netrc').read_text())))"
    )
    assert "secret" not in bwrap.run(code)[1]
    assert bwrap.says(code)[:2] == ["0", "plain"]
    assert bwrap.says(code, relaxed=True) == ["1", "plain", "'secret'", "ok"]


def test_bwrap_hides_tmp_and_its_sockets(bwrap: Box, tmp_path: Path) -> None:
    (tmp_path / "private").write_text("x")
    path = Path(f"/tmp/ocode-test-{os.getpid()}.socket")
    code = (
        "attempt(lambda: socket.socket(socket.AF_UNIX).connect(sys.argv[1]))\n"
        "print(Path(sys.argv[2]).exists(), Path(sys.argv[3]).exists())"
    )
    words = (str(path), str(tmp_path / "private"), str(bwrap.outside / "old"))
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
            server.listen()
            assert bwrap.says(code, *words) == ["FileNotFoundError", "False", "True"]
            assert bwrap.says(code, *words, relaxed=True) == ["ok", "True", "True"]
    finally:
        path.unlink()


def test_bwrap_does_not_let_go_of_its_mounts(bwrap: Box) -> None:
    code = "import ctypes; print(ctypes.CDLL(None).mount(b'none', b'/', b'', 0x1000 | 32, b''))"  # remount, bind, rw
    assert bwrap.says(code) == ["-1"]


def test_paths_of_the_view_may_be_links(box: Box) -> None:
    link = box.inside.with_name("link")
    link.symlink_to(box.inside)
    box.view = View((link,), (box.outside,))
    assert box.says("attempt(lambda: Path('new').write_text('x'))") == ["ok"]


def test_many_at_once_keep_to_their_own(box: Box, tmp_path: Path) -> None:
    said: dict[int, list[str]] = {}

    def one(n: int) -> None:
        top = tmp_path / str(n)
        top.mkdir()
        said[n] = Box(box.sandbox, top).says("attempt(lambda: Path('new').write_text('x'))")

    threads = [threading.Thread(target=one, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == {n: ["ok"] for n in range(4)}


def test_labels() -> None:
    assert choose("off").label == "none (switched off)"
    assert Sandbox("none", "no bubblewrap, no Landlock").label == "none (no bubblewrap, no Landlock)"
    assert Sandbox("bwrap").label == "bwrap"
    assert Sandbox("bwrap").relaxed().label == "bwrap, network open"
    assert Sandbox("landlock", "v7").label == "landlock v7"
    assert Sandbox("landlock", "v3", network=True).label == "landlock v3, network open"


def test_none_is_never_what_was_required() -> None:
    assert choose("best", "none").level == "none"
    with pytest.raises(SetupError, match="no sandbox for the tests"):
        choose("require", "none")


def test_where_bubblewrap_fails_landlock_is_taken(tmp_path: Path) -> None:
    box = box_of("landlock", tmp_path)  # inside it nobody may mount
    code = (
        f"import sys\nsys.path.append({str(Path(sandbox.__file__).parents[1])!r})\n"
        "from ocode_tools.sandbox import choose\nprint(choose('require').level)\n"
        "try: choose('best', 'bwrap')\nexcept Exception as e: print(type(e).__name__)"
    )
    assert box.says(code) == ["landlock", "SetupError"]
