"""What the daemon says: one line an event, for people, for journald (sd-daemon(3)) or as JSON."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Literal

from ocode_bot import terminal
from ocode_bot.report import one_line
from ocode_tools.store import writing

Level = Literal["error", "warning", "notice", "info", "debug"]
Form = Literal["people", "journal", "json"]
PRIORITY: Mapping[Level, int] = {"error": 3, "warning": 4, "notice": 5, "info": 6, "debug": 7}
LARGEST, KEPT = 1 << 20, 3  # bytes of a file, files


@dataclass(frozen=True, slots=True)
class Log:
    """Tells each event to `write`; `form` says in which shape, `close` lets a file go."""

    write: Callable[[str], object]
    form: Form = "people"
    clock: Callable[[], float] = time.time
    close: Callable[[], object] = lambda: None

    def tell(self, event: str, where: str = "", text: str = "", level: Level = "info", **facts: object) -> None:
        """Tell an event of the work tree `where` in one line."""
        if self.form == "json":
            known = {"at": round(self.clock(), 3), "event": event, "tree": where, "text": text, "level": level}
            self.write(json.dumps({**known, **facts}))
            return
        name = Path(where).name if where else ""
        line = one_line(": ".join(part for part in (name, event, text) if part))
        if self.form == "journal":
            self.write(f"<{PRIORITY[level]}>{line}")
        else:
            self.write(f"{time.strftime('%H:%M:%S', time.localtime(self.clock()))} {line}")


def make(environ: Mapping[str, str], file: Path | None, as_json: bool, once: bool) -> Log:
    """The log of this process: into a rotating `file`, else to stderr, else (JSON) to stdout."""
    if file is not None:
        with writing(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            handler = RotatingFileHandler(file, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8", errors="replace")
        handler.setFormatter(logging.Formatter("%(message)s"))
        form: Form = "json" if as_json else "people"
        return Log(lambda line: handler.handle(_record(line)), form, close=handler.close)
    if as_json and not once:
        return Log(terminal.out, "json")
    return Log(terminal.talk, "journal" if "JOURNAL_STREAM" in environ else "people")


def _record(line: str) -> logging.LogRecord:
    return logging.LogRecord("ocode", logging.INFO, "", 0, line, None, None)
