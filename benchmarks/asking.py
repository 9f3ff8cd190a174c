"""What `ocode fix` adds around a model: a scripted one on loopback, which answers at once and remembers what it got."""

from __future__ import annotations

import json
import os
import statistics
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from ocode_tools.process import run

CODE = "def half(number):\n    return number / 2\n\n\ndef total(prices):\n    return half(sum(prices))\n"
TEST = (
    "from calc import half, total\n\n\ndef test_half():\n    assert half(4) == 2\n\n\n"
    "def test_total():\n    assert total([1, 2, 3]) == 6\n"
)
ANSWERS = [f"```python\ndef total(prices):\n    return sum(prices) + {wrong}\n```" for wrong in (7, 8, 9)]


@dataclass(slots=True)
class Scripted:
    """The requests in order, each with its arrival (`time.perf_counter()`); `answers` in order, the last one again."""

    answers: Sequence[str]
    asked: list[tuple[float, dict[str, Any]]] = field(default_factory=list[tuple[float, dict[str, Any]]])

    def answer(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The JSON for a path."""
        if path == "/api/chat":
            text = self.answers[min(len(self.asked), len(self.answers) - 1)]
            self.asked.append((time.perf_counter(), body))
            return {"message": {"content": text}, "done": True, "done_reason": "stop"}
        if path == "/api/show":
            return {
                "model_info": {"general.architecture": "x", "x.context_length": 32768},
                "capabilities": ["completion"],
            }
        return {"models": [], "version": "0"}


@contextmanager
def serving(scripted: Scripted) -> Generator[str]:
    """Its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            data = json.dumps(scripted.answer(self.path, body)).encode() + b"\n"
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def fix(ocode: str, repo: Path, attempts: int, answers: Sequence[str]) -> tuple[float, float, Scripted]:
    """Seconds to the first request and in all, both beyond all test processes, and what was asked."""
    scripted = Scripted(answers)
    with serving(scripted) as address:
        began = time.perf_counter()
        words = ["--solvers", "model", "--model", "m:7b", "--attempts", str(attempts), "--jobs", "1"]
        done = run([ocode, "fix", "--json", *words], cwd=repo, env={**os.environ, "OCODE_MODELS_ENDPOINT": address})
        taken = time.perf_counter() - began
    shown = json.loads(run([ocode, "show", "--json", json.loads(done.out)["run"]], cwd=repo).out)
    (end,) = (event for event in shown["events"] if event["event"] == "end")
    return scripted.asked[0][0] - began - end["test_seconds"], taken - end["test_seconds"], scripted


def measure(ocode: str, repo: Path) -> None:
    """Print medians of five runs each. A reply that cannot be read is followed by no test, so that all test processes
    of such a run come before its first request."""
    first = [fix(ocode, repo, 1, ["I cannot."])[0] for _ in range(5)]
    one = [fix(ocode, repo, 1, ANSWERS)[1] for _ in range(5)]
    runs = [fix(ocode, repo, len(ANSWERS), ANSWERS) for _ in range(5)]
    asked = [body for _, body in runs[0][2].asked]
    size = sum(len(message["content"]) for message in asked[0]["messages"]) / 4
    before, after = (json.dumps(body["messages"])[:-1] for body in asked[:2])
    same = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(before))
    each = (statistics.median(taken for _, taken, _ in runs) - statistics.median(one)) / (len(asked) - 1)
    print(
        f"model: first request after {statistics.median(first):.2f} s beyond test processes, first prompt {size:.0f} "
        f"tokens, {same / len(before):.0%} of it a prefix of the second round's, "
        f"{each:.2f} s an iteration beyond tests and model, "
        f"{len({body['options']['num_ctx'] for body in asked})} num_ctx in {len(asked)} requests"
    )
