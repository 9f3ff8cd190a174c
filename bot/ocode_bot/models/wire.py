"""The door to HTTP: one request at a time to one server, with limits of time, and an end at any moment.

A thread of its own reads; whoever waits for it looks at the clock and at `cancel` meanwhile, so that neither a
silent server nor a slow connect can hold the caller.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Full, Queue
from typing import Protocol, Self, TypeAlias, cast

import httpx

from ocode_bot.models import problems
from ocode_bot.models.base import Cancelled, Failed, TimedOut, Unreachable
from ocode_bot.models.endpoint import addresses, is_private
from ocode_bot.models.failures import Answered, Dropped, NoAnswer, proxy, refusal
from ocode_bot.models.fields import decoded
from ocode_bot.models.lines import LONGEST, Lines
from ocode_bot.version import VERSION
from ocode_tools.process import Cancel

_LOOK_EVERY = 0.05
_JOIN_WITHIN = 1.0
_ERROR_BODY = 64 * 1024


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds.

    `connect` for a connection; `first` for the first word of an answer (None: until the deadline, as a model may
    be loaded and a long prompt read before it); `pause` between words; `facts` for questions about models; `tick`
    between words on what is waited for; `backoff` before the first repetition.
    """

    connect: float = 5.0
    first: float | None = None
    pause: float = 60.0
    facts: float = 15.0
    tick: float = 10.0
    backoff: float = 1.0


PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class _Head:
    status: int
    headers: Mapping[str, str]


class _Connection(Protocol):
    def get_extra_info(self, info: str, /) -> object: ...


_Item: TypeAlias = _Head | bytes | httpx.HTTPError | None


class Wire:
    """A server at `base` (see `endpoint.base_url`). `key` is sent as a bearer token and never shown; `hint` ends the
    line that says that nobody is there."""

    def __init__(self, base: str, *, key: str = "", hint: str = "", patience: Patience = PATIENCE) -> None:
        if not key.isascii() or not key.isprintable() or " " in key:
            raise Failed("the API key has characters that no key has: set it anew")
        self.base, self.hint, self.patience = base, hint, patience
        self.direct = is_private(base)
        self._key = key
        self._client: httpx.Client | None = None

    def beside(self, base: str) -> Wire:
        """The same server at another path."""
        return Wire(base, key=self._key, hint=self.hint, patience=self.patience)

    def json(self, path: str, cancel: Cancel, body: object = None) -> object:
        """What the server says at `path` (POST if there is a body), within `patience.facts`."""
        whole = self._whole(path, cancel, body, time.monotonic() + self.patience.facts)
        try:
            return decoded(whole.decode("utf-8"))
        except ValueError as error:
            said = problems.one_line(whole.decode("utf-8", "replace"), 80)
            raise Failed(f"{self.base}{path} did not answer with JSON, but: {self.masked(said)}") from error

    def _whole(self, path: str, cancel: Cancel, body: object, deadline: float) -> bytes:
        while True:
            try:
                with self.stream(path, body, cancel, deadline) as stream:
                    return b"".join(chunk for chunk in stream.chunks(4 * LONGEST) if chunk)
            except Answered as error:  # busy, or still loading its one model
                if error.status != 503 or error.page or time.monotonic() + self.patience.backoff > deadline:
                    raise
            if cancel.wait(self.patience.backoff):
                raise Cancelled("stopped")

    def stream(self, path: str, body: object, cancel: Cancel, deadline: float) -> Stream:
        """A request whose answer is read as it comes; enter it to send it. `deadline` is by `time.monotonic()`."""
        return Stream(self, path, body, cancel, deadline)

    def requests(self, path: str, body: object, extensions: dict[str, object]) -> list[httpx.Request]:
        """The request, once for each address to try."""
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        method = "GET" if body is None else "POST"
        client = self.client()
        try:
            return [
                client.build_request(method, base + path, json=body, headers=headers, extensions=dict(extensions))
                for base in addresses(self.base)
            ]
        except (httpx.InvalidURL, UnicodeError) as error:
            raise Failed(f"{self.base} is no address of a model server") from error

    def client(self) -> httpx.Client:
        """The client; no connection outlives its request, so none is found closed by the server later."""
        if self._client is None:
            try:
                self._client = httpx.Client(
                    verify=_certificates(plain=self.direct and self.base.startswith("http://")),
                    headers={"User-Agent": f"ocode/{VERSION}", "Accept-Encoding": "identity"},
                    timeout=httpx.Timeout(None, connect=self.patience.connect),
                    limits=httpx.Limits(max_keepalive_connections=0),
                    trust_env=not self.direct,  # a proxy for the world is none for this network
                )
            except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:
                raise Failed(
                    f"the proxy or certificate settings cannot be used: {problems.one_line(str(error))}"
                ) from error
        return self._client

    def masked(self, text: str) -> str:
        """`text` without the key."""
        return text.replace(self._key, "***") if self._key else text

    def problem(self, error: httpx.HTTPError) -> Unreachable | Failed:
        """The failure of a connection as a line."""
        match error:
            case httpx.ConnectTimeout():
                return NoAnswer(f"{self.base} took no connection within {self.patience.connect:g} s")
            case httpx.ConnectError():
                why = problems.one_line(str(error), 120) or "no connection"
                return Unreachable(f"no model server at {self.base} ({why})" + (f": {self.hint}" if self.hint else ""))
            case httpx.LocalProtocolError() | httpx.UnsupportedProtocol():
                return Failed(f"the request to {self.base} could not be made")
            case httpx.ProxyError():
                return Failed(f"the proxy {proxy(self.base)} does not lead to {self.base}")
            case _:
                return Dropped(f"{self.base} closed the connection before the end of its answer")


class Stream:
    """A request that runs from entering to leaving; leaving closes the connection, whatever has come.

    `begun` is to be set by the reader at the first word of the answer: until then `patience.first` is the limit,
    and `pause` (seconds) from then on.
    """

    def __init__(self, wire: Wire, path: str, body: object, cancel: Cancel, deadline: float) -> None:
        self.begun = False
        self.pause = wire.patience.pause
        self._wire, self._cancel, self._deadline = wire, cancel, deadline
        self._requests = wire.requests(path, body, {"trace": self._trace})
        self._queue: Queue[_Item] = Queue(64)
        self._socket: socket.socket | None = None
        self._over = threading.Event()
        self._reader = threading.Thread(target=self._read, name="ocode-reader", daemon=True)

    def __enter__(self) -> Self:
        self._check(time.monotonic())
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._shut()
        if self._socket:  # else it still connects, which may take its time: nobody waits for that
            self._reader.join(_JOIN_WITHIN)

    def lines(self) -> Generator[str | None]:
        """The lines of the answer; None at times while nothing comes. Raises Answered if the status is an error,
        Unreachable, TimedOut, Cancelled or Failed."""
        lines = Lines()
        for chunk in self.chunks(None):
            if chunk is None:
                yield None
            else:
                yield from lines.feed(chunk)
        yield from lines.rest()

    def chunks(self, most: int | None) -> Generator[bytes | None]:
        """The bytes of the answer, at most `most`, as for `lines`."""
        head, body, size = _Head(0, {}), bytearray(), 0
        for item in self._items():
            if isinstance(item, _Head):
                head = item
            elif item is not None and head.status != 200:
                body += item[:_ERROR_BODY]
                if len(body) >= _ERROR_BODY:
                    break
            else:
                size += len(item or b"")
                if most is not None and size > most:
                    raise Failed(f"{self._wire.base} sent more than {most // 1024} KiB")
                yield item
        if head.status != 200:
            said = self._wire.masked(body.decode("utf-8", "replace"))
            raise refusal(self._wire.base, head.status, head.headers, said)

    def _items(self) -> Iterator[_Head | bytes | None]:
        last = told = time.monotonic()
        while True:
            now = self._check(last)
            if now >= told + self._wire.patience.tick:
                told = now
                yield None
            try:
                item = self._queue.get(timeout=min(_LOOK_EVERY, self._deadline - now))
            except Empty:
                continue
            last = told = time.monotonic()
            if item is None:
                return
            if isinstance(item, httpx.HTTPError):
                raise self._wire.problem(item) from item
            yield item

    def _check(self, last: float) -> float:
        """The time now, if there is a reason to wait on; `last` is when something came."""
        now, base = time.monotonic(), self._wire.base
        if self._cancel.is_set():
            raise Cancelled("stopped")
        if now >= self._deadline:
            raise TimedOut(f"{base} did not finish its answer in time: allow more, or take a smaller model")
        limit = self.pause if self.begun else self._wire.patience.first
        if limit is not None and now >= last + limit:
            raise TimedOut(f"{base} said nothing for {limit:g} s: see whether it still works")
        return now

    def _read(self) -> None:
        """What the reading thread does; the last item it leaves is None or what went wrong."""
        last: httpx.HTTPError | None = httpx.ReadError("not read to the end")
        try:
            response = self._send()
            try:
                self._put(_Head(response.status_code, response.headers))
                for chunk in response.iter_bytes():
                    self._put(chunk)
            finally:
                response.close()
            last = None
        except httpx.HTTPError as error:
            last = error
        except (OSError, ValueError) as error:  # such as a name that cannot be looked up
            last = httpx.ConnectError(str(error))
        finally:
            self._put(last)

    def _send(self) -> httpx.Response:
        client = self._wire.client()
        *others, final = self._requests
        for request in others:
            with suppress(httpx.ConnectError):
                return client.send(request, stream=True, follow_redirects=False)
        return client.send(final, stream=True, follow_redirects=False)

    def _put(self, item: _Item) -> None:
        while not self._over.is_set():
            with suppress(Full):
                self._queue.put(item, timeout=_LOOK_EVERY)
                return

    def _trace(self, name: str, info: Mapping[str, object]) -> None:
        """Take the socket as soon as there is one (and the one that encrypts it, as that takes its place)."""
        if name.endswith((".connect_tcp.complete", ".start_tls.complete")):
            found = cast("_Connection", info["return_value"]).get_extra_info("socket")
            self._socket = found if isinstance(found, socket.socket) else None
            if self._over.is_set():
                self._shut()

    def _shut(self) -> None:
        if self._socket:
            with suppress(OSError):  # closed already, or gone over to its TLS socket
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _certificates(plain: bool) -> ssl.SSLContext:
    """Whom to trust: the usual authorities and the system's own. None is loaded, which takes longer than many an
    answer, where all is `plain`."""
    if plain:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context
