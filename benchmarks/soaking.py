"""What the soak is made of: a scripted model, and a user in a hurry."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import psutil

FUNCTION = "def f{n}(x):\n    # TODO(ocode): return x plus {k}\n    return x\n\n\n"
_TODO = re.compile(r"    # TODO\(ocode\): return x plus \d+\n")


class Model(BaseHTTPRequestHandler):
    """A model that answers well, badly, slowly or not at all."""

    dice = random.Random(7)
    good = False

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """What it has."""
        self._json({"models": [{"name": "coder:7b"}], "version": "0.1"})

    def do_POST(self) -> None:
        """An answer."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/api/chat":
            details = {"general.architecture": "qwen2", "qwen2.context_length": 32768}
            self._json({"model_info": details, "capabilities": ["completion"]})
            return
        said = body["messages"][-1]["content"]
        name, number = re.search(r"def (f\d+)", said), re.search(r"plus (\d+)", said)
        good = f"```python\ndef {name[1]}(x):\n    return x + {number[1]}\n```\n" if name and number else "?"
        how = (
            "well"
            if self.good
            else self.dice.choices(["well", "badly", "slowly", "never", "wrong"], [5, 2, 1, 1, 1])[0]
        )
        time.sleep({"slowly": 4.0, "never": 60.0}.get(how, 0.0))
        if how == "wrong":
            self.send_error(500)
            return
        text = (
            good
            if how != "badly"
            else self.dice.choice(["I cannot.", "```python\ndef f(:\n```", "```\n# rest unchanged\n```"])
        )
        last = {"done": True, "done_reason": "stop", "prompt_eval_count": 9, "eval_count": 9}
        self._json({"model": "coder:7b", "message": {"role": "assistant", "content": text}, **last})

    def _json(self, value: object) -> None:
        data = json.dumps(value).encode() + b"\n"
        try:
            self.send_response(200)
            self.send_header("Content-Type", "application/x-ndjson")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            pass


class Soak:
    """One run."""

    def __init__(self, folder: Path, files: int, seed: int, port: int) -> None:
        self.top, self.home, self.dice = folder / "repo", folder / "home", random.Random(seed)
        self.log = (folder / "log").open("ab")
        self.kills, self.actions, self.count = Counter[str](), Counter[str](), 0
        self.daemon: subprocess.Popen[bytes] | None = None
        self.touched: list[str] = []
        self.folder = folder
        config = self.home / ".config" / "ocode"
        config.mkdir(parents=True)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "python"], check=True)
        (config / "config.toml").write_text(
            f'[models]\nendpoint = "http://127.0.0.1:{port}"\ntodo = "coder:7b"\n'
            "[todo]\nbudget = 20\n[fix]\nattempts = 3\n"
            f'[tests]\npython = "{folder}/python/bin/python"\n'
        )
        (self.home / ".gitconfig").write_text("[user]\n\tname = S\n\temail = s@example.org\n[gc]\n\tauto = 0\n")
        known = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "OCODE_", "XDG_"))}
        self.environ = {
            **known,
            "SOAK_START": str(time.time()),
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(folder / "run"),
        }
        self._make(files)

    def _make(self, files: int) -> None:
        self.top.mkdir()
        self.git("init", "-q", "-b", "main")
        for number in range(files):
            self.write(f"pack{number // 100}/m{number}.py", f"VALUE = {number}\n")
        self.write(
            "test_all.py", "import unittest\n\n\nclass All(unittest.TestCase):\n    def test_it(self):\n        pass\n"
        )
        self.write(".gitignore", "__pycache__/\n")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "start")

    def git(self, *words: str, check: bool = True) -> str:
        """Git as the user."""
        done = subprocess.run(
            ["git", *words], cwd=self.top, env=self.environ, capture_output=True, text=True, check=False
        )
        if check and done.returncode:
            raise AssertionError(f"git {words}: {done.stderr}")
        return done.stdout

    def write(self, path: str, text: str) -> None:
        """Save as editors do: beside it, then renamed."""
        file = self.top / path
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}.swp")
        draft.write_text(text)
        draft.replace(file)

    def start(self) -> None:
        """Start the daemon."""
        words = [sys.executable, str(Path(__file__).with_name("soak.py")), "--daemon"]
        self.daemon = subprocess.Popen(words, cwd=self.top, env=self.environ, stdout=self.log, stderr=self.log)

    # What the user does.

    def act(self) -> None:
        """One thing."""
        names = [name for name in dir(self) if name.startswith("do_")]
        weights = [6 if name == "do_add" else 3 if name in ("do_change", "do_save") else 1 for name in names]
        name = self.dice.choices(names, weights)[0]
        self.actions[name[3:]] += 1
        getattr(self, name)()

    def _file(self, marked: bool) -> str:
        if marked:
            found = self.git("grep", "-l", "--untracked", "TODO(ocode)", check=False).split()
            return self.dice.choice(found) if found else ""
        return self.dice.choice(self.git("ls-files", "pack*").split())

    def do_add(self) -> None:
        """A TODO appears."""
        path = self._file(False)
        if len(self.keys()) < 12 and (self.top / path).is_file():
            self.count += 1
            text = (self.top / path).read_text()
            self.write(path, FUNCTION.format(n=self.count, k=self.count) + text)

    def do_change(self) -> None:
        """A TODO says something else."""
        if path := self._file(True):
            self.count += 1
            text = (self.top / path).read_text()
            self.write(path, _TODO.sub(f"    # TODO(ocode): return x plus {self.count}\n", text, count=1))

    def do_remove(self) -> None:
        """A TODO vanishes."""
        if path := self._file(True):
            self.write(path, _TODO.sub("", (self.top / path).read_text(), count=1))

    def do_save(self) -> None:
        """A save of something else."""
        path = self._file(False)
        if (self.top / path).is_file():
            self.write(path, (self.top / path).read_text() + "# more\n")

    def do_rename(self) -> None:
        """A file gets another name."""
        if path := self._file(True):
            (self.top / path).rename(self.top / path.replace(".py", "_.py"))

    def do_commit(self) -> None:
        """All is committed."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "work")

    def do_amend(self) -> None:
        """The last commit is made anew."""
        self.git("add", "-A")
        self.git("commit", "-q", "--amend", "--allow-empty", "-m", "work, amended")

    def do_switch(self) -> None:
        """To another branch and back."""
        self.do_commit()
        self.git("checkout", "-q", "-B", "side", f"HEAD~{self.dice.randrange(3)}", check=False)
        time.sleep(self.dice.random())
        self.git("checkout", "-q", "main")

    def do_rebase(self) -> None:
        """A branch is rebased and merged."""
        self.do_commit()
        self.git("checkout", "-q", "-B", "topic", "HEAD~1", check=False)
        self.write(f"topic{self.count}.py", f"T = {self.count}\n")
        self.do_commit()
        self.git("rebase", "-q", "main")
        self.git("checkout", "-q", "main")
        self.git("merge", "-q", "--ff-only", "topic")

    def do_answer(self) -> None:
        """A branch of ocode's is merged or deleted."""
        for branch in self.git("for-each-ref", "--format=%(refname:short)", "refs/heads/ocode/").split()[:1]:
            self.do_commit()
            if self.dice.random() < 0.7:
                self.git("merge", "-q", "--no-edit", branch, check=False)
                if (self.top / ".git" / "MERGE_HEAD").exists():
                    self.git("merge", "--abort")
                    self.git("branch", "-q", "-D", branch, check=False)
            else:
                self.git("branch", "-q", "-D", branch, check=False)

    def kill(self) -> None:
        """Kill the daemon, or a process below it."""
        assert self.daemon is not None
        try:
            below = psutil.Process(self.daemon.pid).children(recursive=True)
        except psutil.Error:
            below = []
        if below and self.dice.random() < 0.6:
            with suppress(psutil.Error):  # it ended by itself meanwhile
                self.dice.choice(below).kill()
                self.kills["below"] += 1
        else:
            self.daemon.kill()
            self.daemon.wait()
            self.kills["daemon"] += 1
            self.start()

    # What must hold.

    def state(self) -> dict[str, object]:
        """All that is the user's: what each file is, and each ref, index and setting."""
        found: dict[str, object] = {}
        for folder, folders, files in os.walk(self.top):
            inside = os.path.relpath(folder, self.top)
            if (
                inside.startswith((".git/objects", ".git/ocode"))
                or "refs/heads/ocode" in inside
                or "refs/ocode" in inside
            ):
                folders.clear()
                continue
            for name in files:
                path = os.path.join(folder, name)
                if inside.startswith(".git") and "logs" not in inside:
                    found[path] = Path(path).read_bytes()
                else:
                    status = os.lstat(path)
                    found[path] = (status.st_mtime_ns, status.st_size, status.st_ino)
        return {
            path: value
            for path, value in found.items()
            if "/refs/heads/ocode" not in path and "/refs/ocode" not in path
        }

    def keys(self) -> dict[str, str]:
        """The marked TODOs that there are, by key."""
        words = [sys.executable, "-m", "ocode_bot", "todo", "list", "--json"]
        done = subprocess.run(words, cwd=self.top, env=self.environ, capture_output=True, check=True)
        return {one["key"]: one["text"] for one in json.loads(done.stdout)["todos"] if one["ref"] == "ocode"}

    def jobs(self) -> dict[str, dict[str, Any]]:
        """The queue, by key."""
        words = [sys.executable, "-m", "ocode_bot", "jobs", "--json"]
        done = subprocess.run(words, cwd=self.top, env=self.environ, capture_output=True, check=True)
        return {one["key"]: one for one in json.loads(done.stdout)["jobs"]}

    def landings(self) -> Mapping[str, set[str]]:
        """The runs that landed each key, by trailers of all commits that any ref holds."""
        one = "%(trailers:key=Ocode-{},valueonly,separator=%x20)"
        form = f"--format={one.format('Key')} {one.format('Run')}"
        found: dict[str, set[str]] = {}
        for line in self.git("log", "--all", form).splitlines():
            key, _, run = line.strip().partition(" ")
            if key:
                found.setdefault(key.removeprefix("todo:"), set()).add(run.strip())
        return found

    def events(self) -> Iterator[dict[str, Any]]:
        """What the daemon said."""
        for line in (self.folder / "log").read_text(errors="replace").splitlines():
            if line.startswith("{"):
                yield json.loads(line)
