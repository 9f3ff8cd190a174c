"""Shows a forked child another time: `time` and `datetime` as they will be some seconds from now.

Python 3.8 or later, standard library only. Replaces the functions of `time`, and `datetime.datetime` and
`datetime.date` wherever a loaded module holds them, so that `from datetime import date` is hit too.
"""

from __future__ import annotations

import datetime
import sys
import time
from typing import Any

_DATE, _DATETIME = datetime.date, datetime.datetime
_ZERO = datetime.timezone.utc  # noqa: UP017 - datetime.UTC is not before 3.11
_TIME, _LOCAL, _UTC, _STRFTIME = time.time, time.localtime, time.gmtime, time.strftime


def shift(seconds: float) -> None:
    """From now on, in this process, for good."""
    later = datetime.timedelta(seconds=seconds)

    def moment() -> float:
        return _TIME() + seconds

    def local(at: Any = None) -> Any:
        return _LOCAL(moment() if at is None else at)

    def utc(at: Any = None) -> Any:
        return _UTC(moment() if at is None else at)

    def text(form: str, at: Any = None) -> str:
        return _STRFTIME(form, at or _LOCAL(moment()))

    def today(_: Any) -> Any:
        return _DATE.today() + later

    def now(_: Any, tz: Any = None) -> Any:
        return _DATETIME.now(tz) + later

    def utcnow(_: Any) -> Any:
        return _DATETIME.fromtimestamp(moment(), _ZERO).replace(tzinfo=None)

    moments = {"now": classmethod(now), "today": classmethod(now), "utcnow": classmethod(utcnow)}
    clock: Any = time
    clock.time, clock.time_ns = moment, lambda: int(moment() * 1e9)
    clock.localtime, clock.gmtime, clock.strftime = local, utc, text
    instead = {
        id(_DATE): _kind(_DATE, "date", {"today": classmethod(today)}),
        id(_DATETIME): _kind(_DATETIME, "datetime", moments),
    }
    for name, module in list(sys.modules.items()):
        if name != __name__:
            _replace(getattr(module, "__dict__", None), instead)


def _kind(real: Any, name: str, fields: dict[str, Any]) -> Any:
    """A class that makes and knows objects of the `real` one."""

    class Meta(type):
        def __instancecheck__(cls, one: Any) -> bool:
            return isinstance(one, real)

        def __subclasscheck__(cls, kind: Any) -> bool:
            return issubclass(kind, real)

    def new(_: Any, *given: Any, **named: Any) -> Any:
        # What is made is of the real class, so that values are equal to others and can be pickled.
        return real(*given, **named)

    return Meta(name, (real,), {**fields, "__module__": "datetime", "__new__": new})


def _replace(names: Any, instead: dict[int, Any]) -> None:
    if names.__class__ is dict:
        for name, value in list(names.items()):
            if id(value) in instead:
                names[name] = instead[id(value)]
