"""A loopback HTTP server that plays what tests tell it: chunks and pauses, stalls, drops, errors."""

from __future__ import annotations

import json
import select
import socket
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

DROP: Final = "drop"
"""Close the connection at once, in the middle of whatever is sent."""
STALL: Final = "stall"
"""Say nothing more until the client is gone (or the server is closed)."""
Step = bytes | float | str


@dataclass(frozen=True, slots=True)
class Play:
    """One answer: `before` the headers, then `steps`. A step is bytes (one chunk), seconds of pause, DROP or STALL."""

    steps: Sequence[Step] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    before: Sequence[Step] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any

    @property
    def options(self) -> dict[str, Any]:
        """The options of a native request."""
        found: dict[str, Any] = self.body["options"]
        return found


class Server:
    """Answers each path with its plays in order, the last one again and again; `gone` is set when a client left
    while something was still to come."""

    def __init__(self, host: str) -> None:
        self.requests: list[Request] = []
        self.gone = threading.Event()
        self._plays: dict[str, list[Play]] = {}
        self._closing = threading.Event()
        self._listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self._threads: list[threading.Thread] = []
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def on(self, path: str, *plays: Play | object) -> None:
        """Play these at `path`; anything but a Play is sent as a JSON body."""
        self._plays[path] = [p if isinstance(p, Play) else Play([json.dumps(p).encode()]) for p in plays]

    def asked(self, path: str) -> list[Request]:
        """The requests for `path`, in order."""
        return [request for request in self.requests if request.path == path]

    def run(self) -> None:
        """Take connections until closed."""
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def close(self) -> None:
        """End everything."""
        self._closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as source, self._noticing():
            request = _request(source)
            if request is None:
                return
            self.requests.append(request)
            plays = self._plays.get(request.path, [Play([b'{"error":"no such path"}'], 404)])
            play = plays.pop(0) if len(plays) > 1 else plays[0]
            self._play(connection, play)

    @contextmanager
    def _noticing(self) -> Generator[None]:
        try:
            yield
        except OSError:
            self.gone.set()

    def _play(self, connection: socket.socket, play: Play) -> None:
        if not self._steps(connection, play.before, chunked=False):
            return
        headers = {"Transfer-Encoding": "chunked", "Content-Type": "application/x-ndjson", **play.headers}
        lines = [f"HTTP/1.1 {play.status} {HTTPStatus(play.status).phrase}", *(f"{k}: {v}" for k, v in headers.items())]
        connection.sendall("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
        if self._steps(connection, play.steps, chunked=True):
            connection.sendall(b"0\r\n\r\n")

    def _steps(self, connection: socket.socket, steps: Sequence[Step], chunked: bool) -> bool:
        """Whether all were played."""
        for step in steps:
            if isinstance(step, bytes):
                connection.sendall(b"%x\r\n%s\r\n" % (len(step), step) if chunked else step)
            elif step == DROP or not self._wait(connection, 30.0 if isinstance(step, str) else step):
                return False
        return True

    def _wait(self, connection: socket.socket, seconds: float) -> bool:
        """Wait; whether the client is still there."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not self._closing.is_set():
            readable, _, _ = select.select([connection], [], [], min(0.02, left))
            if readable and not _peek(connection):
                self.gone.set()
                return False
        return not self._closing.is_set()


@contextmanager
def serving(host: str = "127.0.0.1") -> Generator[Server]:
    """A running server."""
    server = Server(host)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(5)


def ndjson(*values: object) -> bytes:
    """Lines of JSON, as Ollama streams them."""
    return b"".join(json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in values)


def sse(*values: object) -> bytes:
    """Server-sent events, as OpenAI-compatible servers stream them; a string is sent as it is."""
    texts = [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values]
    return "".join(f"data: {text}\n\n" for text in texts).encode()


def _peek(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1, socket.MSG_PEEK)
    except OSError:
        return b""


def _request(source: Any) -> Request | None:
    first: str = source.readline().decode("latin-1")
    if not first:
        return None
    method, path, _ = first.split(" ", 2)
    headers: dict[str, str] = {}
    while line := source.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    body = source.read(int(headers.get("content-length", "0")))
    return Request(method, path, headers, json.loads(body) if body else None)
