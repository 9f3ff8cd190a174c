"""What would leave this machine, and so needs the user's own word."""

from __future__ import annotations

from ocode_bot.models.base import Remote
from ocode_bot.models.endpoint import is_loopback

_ALLOW = "set models.allow_remote in your own configuration to allow it"


def is_cloud(name: str) -> bool:
    """Whether a local server passes requests for a model of this name on to another machine."""
    return name.strip().lower().endswith((":cloud", "-cloud"))


def check(base: str, name: str, allow_remote: bool) -> None:
    """Raise Remote for a server elsewhere or a cloud model, unless allowed; nothing is sent for it."""
    if allow_remote:
        return
    if not is_loopback(base):
        raise Remote(f"{base} is not this machine, and your source would be sent there: {_ALLOW}")
    if is_cloud(name):
        raise Remote(f"the model {name!r} runs elsewhere, and your source would be sent there: {_ALLOW}")


def check_host(host: str, name: str, allow_remote: bool) -> None:
    """Raise Remote for a model that the server itself says is run by `host`, unless allowed."""
    if host and not allow_remote:
        raise Remote(f"the model {name!r} runs at {host}, and your source would be sent there: {_ALLOW}")
