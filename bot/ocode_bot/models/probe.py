"""Whether a server is there at all, asked without the HTTP client, which takes longer to load than the answer takes."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from ocode_bot.models.endpoint import addresses, is_loopback

_WITHIN = 0.25  # seconds


def refused(base: str) -> bool:
    """Whether nobody listens at `base` on this machine; False where that cannot be said at once."""
    if not is_loopback(base):
        return False
    for address in addresses(base):
        parts = urlsplit(address)
        try:
            socket.create_connection((parts.hostname or "", parts.port or 80), _WITHIN).close()
        except ConnectionRefusedError:
            continue
        except OSError:
            return False
        return False
    return True
