"""What a warm process says of a candidate, in the words of a verdict."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ocode_tools.results import Failure


def reason(red: Mapping[str, str], ids: Collection[str]) -> str:
    """Why a candidate is refused with which these tests are red, for a cause of the tests `ids`."""
    test, said = next(iter(red.items()))
    how = "is still red" if test in ids else "was green and is red with it"
    return f"tests: {test or 'a fixture'} {how}: {_parts(said)[1]}"


def failures(red: Mapping[str, str], ids: Collection[str]) -> tuple[Failure, ...]:
    """What the tests of the cause said."""
    return tuple(Failure(name, "call", *_parts(said)) for name, said in red.items() if name in ids)


def _parts(said: str) -> tuple[str, str]:
    """The exception and the message of what a red test said."""
    exception, _, message = said.partition(": ")
    return (exception, message) if message and exception.isidentifier() else ("Failed", said)
