"""Branches as ocode leaves them, made by plumbing: no work tree is touched, one process a commit."""

from __future__ import annotations

from dataclasses import dataclass, field

from repos import Repo

RUN = "20260102-030405-1a2b"
NOBODY = "0" * 40


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
