"""What `--json` says when a command ends by an error: always one document, always with all its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocode_bot import terminal

if TYPE_CHECKING:
    from ocode_bot.report import Report


class Answer:
    """The document of this process: `words` are the arguments of the command line."""

    def __init__(self, words: list[str]) -> None:
        options = words[: words.index("--")] if "--" in words else words
        self._words = options[:2]
        self.wanted = "--json" in options
        self.task = next((word for word in words if not word.startswith("-")), "")
        self._report: Report | None = None

    def report(self) -> Report:
        """The one report of this process."""
        from ocode_bot.report import Report

        self._report = self._report or Report()
        return self._report

    def failed(self, kind: str, message: str) -> None:
        """Print the document of a command that ended by an error: its report as far as it got, or the error alone."""
        if not self.wanted:
            return
        error = {"kind": kind, "message": message}
        if self.task == "message":
            from ocode_bot.commands.message import document

            terminal.document(document(None, 0.0, error))
        elif self.task == "check":
            from ocode_bot.commands.check import document as checked

            terminal.document(checked([], error))
        elif self._words == ["todo", "list"]:
            from ocode_bot.commands.todo import document as listed

            terminal.document(listed([], [], error))
        elif self.task == "review":
            from ocode_bot.commands.review import document as reviewed

            terminal.document(reviewed([], [], error))
        elif self.task == "status":
            from ocode_bot.commands.status import failed

            terminal.document(failed(error))
        elif self.task == "jobs":
            from ocode_bot.commands import jobs

            command = next((word for word in self._words[1:] if not word.startswith("-")), "list")
            terminal.document(jobs.failed(command, error))
        elif self.task in ("fix", "docstrings", "tests", "refresh") or (
            self.task == "todo" and "resolve" in self._words
        ):
            interrupted = kind == "interrupted"
            terminal.document(
                self.report().model_dump()
                | {"status": "interrupted" if interrupted else "error", "error": None if interrupted else error}
            )
        else:
            terminal.document({"error": error})
