"""Asking again: how often, after what, and never when it could make things worse."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator
from contextlib import closing

from ocode_bot.models.base import Cancelled, Incomplete, ModelError, Piece, Reply
from ocode_bot.models.failures import Answered, Dropped, NoAnswer
from ocode_tools.process import Cancel

_BUSY = (429, 503)
_HINT = "a smaller model or context may help"
_LIMITS = {"connect": 1, "busy": 3, "broken": 1, "cut": 1}

Attempt = Callable[[bool], Generator[Piece, None, Reply]]


def persist(
    attempt: Attempt, cancel: Cancel, deadline: float, backoff: float, final: Callable[[Answered], object]
) -> Generator[Piece, None, Reply]:
    """The pieces and the reply of the first attempt that ends well, each from the start; the last one's error else.

    A refused connection, a time limit, an error of the request and what `final` is true of are final. Asked again:
    once after no connection in time; up to three times while the server is busy (waiting `backoff` seconds, doubled
    each time, or what it asks for, if that is before `deadline`); once after an error or a broken connection before
    any text; once after an answer that broke off. An attempt is given whether to ask in another way, as the last
    answer went astray.
    """
    left, vary = dict(_LIMITS), False
    while True:
        spoke = False
        try:
            with closing(attempt(vary)) as running:
                while True:
                    try:
                        piece = next(running)
                    except StopIteration as end:
                        return _reply(end.value)
                    spoke = spoke or piece.kind != "wait"
                    yield piece
        except ModelError as error:
            why = "" if isinstance(error, Answered) and final(error) else _why(error, spoke)
            if not why or not left[why]:
                raise _named(error, spoke, why) from error
            left[why] -= 1
            wait = _wait(error, why, backoff, _LIMITS["busy"] - left["busy"])
            if time.monotonic() + wait >= deadline:
                raise _named(error, spoke, why) from error
            vary = vary or isinstance(error, Incomplete)
            yield Piece("wait", _said(why, wait))
        if cancel.wait(wait):
            raise Cancelled("stopped")


def _why(error: ModelError, spoke: bool) -> str:
    """Which of the limits covers this error; empty: it is final."""
    match error:
        case NoAnswer():
            return "connect"
        case Incomplete():
            return "cut"
        case Answered(page=True):
            return ""
        case Answered(status=status) if status in _BUSY:
            return "busy"
        case Dropped() | Answered(status=200) | Answered(status=500 | 501 | 502 | 504):
            return "cut" if spoke else "broken"
        case _:
            return ""


def _wait(error: ModelError, why: str, backoff: float, busy: int) -> float:
    if why == "broken":
        return backoff * random.uniform(1, 2)
    if why != "busy":
        return 0.0
    asked = error.after if isinstance(error, Answered) else None
    return asked if asked is not None else backoff * 2.0 ** (busy - 1) * random.uniform(1, 1.25)


def _said(why: str, wait: float) -> str:
    match why:
        case "connect":
            return "no connection yet, trying once more"
        case "busy":
            return f"the server is busy, asking again in {wait:.0f} s"
        case "broken":
            return "the server failed, asking once more"
        case _:
            return "the answer broke off, asking once more from the start"


def _named(error: ModelError, spoke: bool, why: str) -> ModelError:
    """The error as the user is to read it."""
    match error:
        case Dropped() if spoke:  # the server itself was there
            return Incomplete(f"{error}, in the middle of the text")
        case Dropped():
            return Dropped(f"{error}: {_HINT}")
        case Answered() if why == "broken":
            return Answered(f"{error}: {_HINT}", error.status, error.body, error.after)
        case _:
            return error


def _reply(value: object) -> Reply:
    assert isinstance(value, Reply)
    return value
