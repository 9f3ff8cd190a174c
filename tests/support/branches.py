"""Branches as ocode leaves them, made by plumbing: no work tree is touched, one process a commit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ocode_tools.ledger import Landing, Ledger, State
from ocode_tools.repository import find
from repos import Repo

RUN = "20260102-030405-1a2b"
REF = "refs/heads/ocode/fix/a-1a2b"
CODE = "def one():\n    return 1\n\n\ndef two():\n    return 2\n"
FIXED = CODE.replace("return 1", "return 11")


def message(subject: str, base: str, key: str, run: str = RUN, task: str = "fix", **more: str) -> str:
    """A landing's message with its trailers."""
    trailers = {"Task": task, "Solver": "rules", "Verified": "pytest: 2 passed, 0 failed", **more}
    trailers |= {"Base": base, "Key": key, "Run": run}
    return f"{subject}\n\n" + "".join(f"Ocode-{name}: {value}\n" for name, value in trailers.items() if value)


@dataclass
class Grower:
    """Makes commits on top of others in a repository, without its index or work tree."""

    repo: Repo
    clock: int = 1_767_323_045
    made: int = field(default=0)

    def commit(self, parents: list[str], files: dict[str, str | None], said: str, edited: bool = False) -> str:
        """A commit with `files` changed in its first parent; None deletes. `edited`: as an amend leaves the dates."""
        who = "Test <test@example.org>"
        self.made += 1
        lines = [
            "commit refs/test/made",
            f"author {who} {self.clock - edited} +0000",
            f"committer {who} {self.clock} +0000",
            f"data {len(said.encode())}",
            said,
        ]
        lines += [f"{'merge' if number else 'from'} {parent}" for number, parent in enumerate(parents)]
        for path, text in files.items():
            if text is None:
                lines.append(f"D {path}")
            else:
                lines += [f"M 100644 inline {path}", f"data {len(text.encode())}", text]
        self.repo.git("fast-import", "--quiet", "--force", stdin="\n".join(lines) + "\n")
        return self.repo.git("rev-parse", "refs/test/made").strip()

    def move(self, ref: str, sha: str, said: str = "", old: str | None = None) -> None:
        """Move a ref with a reflog line; `old` as git-update-ref(1) takes it."""
        self.repo.git(
            "update-ref", "--create-reflog", "-m", said or "commit: by hand", ref, sha, *([old] if old else [])
        )

    def land(
        self,
        ref: str,
        base: str,
        files: dict[str, str | None],
        key: str,
        tip: str | None = None,
        run: str = RUN,
        task: str = "fix",
    ) -> str:
        """One landing as the bot makes it: commit, then ref with a reason."""
        sha = self.commit([tip or base], files, message(f"Mend {key}", base, key, run, task))
        self.move(ref, sha, f"ocode {task}: Mend {key}")
        return sha


class Scene:
    """A repository with one branch of ours, and a ledger that is opened anew for each question."""

    def __init__(self, repo: Repo) -> None:
        self.repo, self.grow = repo, Grower(repo)
        self.base = self.at("HEAD")
        self.now = float(self.grow.clock)
        self.said: list[str] = []
        self.tip = self.grow.land(REF, self.base, {"a.py": FIXED}, "key-1")

    def ledger(self, step: Callable[[str], None] = lambda _: None) -> Ledger:
        return Ledger(find(self.repo.top), say=self.said.append, clock=lambda: self.now, step=step)

    def at(self, name: str) -> str:
        return self.repo.git("rev-parse", name).strip()

    def record(self, tip: str, base: str, key: str = "key-1") -> None:
        with self.ledger() as ledger:
            ledger.record(Landing(REF, tip, base, "fix", key, RUN, onto="refs/heads/main"))

    def settle(self) -> tuple[State, str]:
        with self.ledger() as ledger:
            ledger.settle()
            row = ledger.row(REF)
            assert row is not None
            return row.state, row.reason

    def main(self, files: dict[str, str | None], said: str = "go on") -> str:
        """A commit of the user's on main."""
        sha = self.grow.commit([self.at("main")], files, said)
        self.grow.move("refs/heads/main", sha)
        return sha

    def kept(self) -> list[str]:
        """States that private refs name."""
        listed = self.repo.git("for-each-ref", "--format=%(refname)", "refs/ocode/closed/").splitlines()
        return [ref.split("/")[3] for ref in listed]

    def exists(self) -> bool:
        return self.repo.git("for-each-ref", REF) != ""


def ways_in(scene: Scene) -> dict[str, Callable[[], str]]:
    """How work comes to main, by name; each returns main's new tip."""
    said = message("Mend it", scene.base, "key-1")
    other: dict[str, str | None] = {"b.py": "elsewhere\n"}
    grow = scene.grow
    return {
        "fast-forward": lambda: scene.tip,
        "merge": lambda: grow.commit([scene.main(other), scene.tip], {"a.py": FIXED}, "Merge"),
        "rebase": lambda: grow.commit([scene.main(other)], {"a.py": FIXED}, said),
        "reworded pick": lambda: grow.commit([scene.main(other)], {"a.py": FIXED}, "All my own work"),
        "squash with the message": lambda: grow.commit(
            [scene.main(other)],
            {"a.py": FIXED, "b.py": "more\n"},
            "Merge pull request\n\n* " + said.replace("\n", "\n    ") + "\nafter",
        ),
        "as part of more": lambda: grow.commit([scene.main(other)], {"a.py": FIXED, "c.py": "c\n"}, "A lot at once"),
    }
