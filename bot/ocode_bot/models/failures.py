"""What can go wrong on the way to an answer, as the one line that a user reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from ocode_bot.models import problems
from ocode_bot.models.base import Failed, Unreachable
from ocode_bot.models.endpoint import is_private


class NoAnswer(Unreachable):
    """The host took no connection in time: it may be asked once more."""


class Dropped(Unreachable):
    """The connection broke before the end."""


class Answered(Failed):
    """The server answered with an error. `status` is HTTP's (200 for an error inside a stream), `problem` what it
    said, `after` its Retry-After in seconds (None: not said), `page` whether a web page came, as from a proxy."""

    def __init__(self, line: str, status: int, body: str, after: float | None = None) -> None:
        super().__init__(line)
        self.status, self.body, self.after = status, body, after
        self.problem, self.page = problems.read(body), problems.is_page(body)


def refusal(base: str, status: int, headers: Mapping[str, str], body: str) -> Answered:
    """The error for an answer of the server at `base` that is none."""
    said = problems.read(body).text or "no reason given"
    line = f"{base} answered {status}: {said}"
    if 300 <= status < 400:
        line = f"{base} redirects to {problems.one_line(headers.get('location', '?'), 120)}: set that address"
    elif problems.is_page(body):
        between = f" (the proxy {name})" if (name := proxy(base)) else ""
        line = f"{base} answered {status} with a web page: something in between{between} is no model server"
    elif status == 403 and not body.strip():
        line = f"{base} answered 403 without a reason: a local server takes only its own machine's host names"
    return Answered(line, status, body, _after(headers.get("retry-after", "")))


def proxy(base: str) -> str:
    """Host and port of the proxy that requests to `base` go through, if they do."""
    url = urlsplit(base)
    if is_private(base) or proxy_bypass(url.hostname or ""):
        return ""
    found = getproxies()
    return urlsplit(found.get(url.scheme, found.get("all", ""))).netloc.rpartition("@")[2]


def _after(text: str) -> float | None:
    """Seconds of a Retry-After header, which may be a date."""
    if text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
