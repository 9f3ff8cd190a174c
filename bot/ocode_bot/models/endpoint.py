"""Where the model server is: the rules of `OLLAMA_HOST`, and how far away an address is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from ocode_tools.errors import UsageError

DEFAULT = "http://127.0.0.1:11434"
_PORTS = {"": 11434, "http": 80, "https": 443}
# A server's bind address for "every interface" is no address to call.
_CALLED = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
_HOST = re.compile(r"[\w.-]+|[0-9A-Fa-f:.]+(%\w+)?")
_INSIDE = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


def resolve(setting: str, is_default: bool, environ: Mapping[str, str]) -> str:
    """The effective base URL: `setting` if the user chose it, else `$OLLAMA_HOST`, else the default `setting`.

    Raises UsageError for an address that cannot be one.
    """
    if is_default and (host := environ.get("OLLAMA_HOST", "").strip()):
        return base_url(host, "OLLAMA_HOST")
    return base_url(setting, "models.endpoint")


def base_url(text: str, name: str = "the address") -> str:
    """`text` as `OLLAMA_HOST` has it -> `scheme://host:port[/path]`, without a slash at its end.

    No scheme means http and port 11434, `http://` port 80 and `https://` 443; a port that is none means the default.
    Raises UsageError that begins with `name`.
    """
    scheme, found, rest = _unquoted(text.strip()).rpartition("://")
    authority, _, path = rest.partition("/")
    if not found and authority == "ollama.com":
        scheme = "https"
    scheme = scheme.lower()
    if scheme not in _PORTS:
        raise UsageError(f"{name} must begin with http:// or https://, or with the host")
    if "@" in authority:  # it would be printed, and sent to whoever is there
        raise UsageError(f"{name} must hold no user name or password")
    host, port = _split(authority)
    host = _CALLED.get(host, host)
    if not _HOST.fullmatch(host) or re.search(r"[\x00-\x20\x7f?#\\]", path):
        raise UsageError(f"{name} must be an address such as {DEFAULT}")
    number = int(port) if port.isascii() and port.isdigit() and int(port) <= 65535 else _PORTS[scheme]
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme or 'http'}://{shown}:{number}/{path}".rstrip("/")


def addresses(url: str) -> list[str]:
    """The addresses to try for `url`: for `localhost` IPv4 before IPv6, as most servers listen there alone."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname != "localhost":
        return [url]
    return [url.replace("//localhost", f"//{host}", 1) for host in ("127.0.0.1", "[::1]")]


def is_loopback(url: str) -> bool:
    """Whether what is sent to `url` stays on this machine."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host == "localhost"  # not what ends so: that may be looked up elsewhere
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def is_private(url: str) -> bool:
    """Whether `url` is this machine or one in the same network, to which no proxy leads."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return "." not in host or host.endswith(_INSIDE)
    return address.is_private or address.is_link_local


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _split(authority: str) -> tuple[str, str]:
    """Host and port of `host:port`, `[v6]:port` or a bare IPv6 address."""
    if authority.startswith("["):
        host, _, port = authority[1:].partition("]")
        return host, port.removeprefix(":")
    if authority.count(":") > 1:
        return authority, ""
    host, _, port = authority.partition(":")
    return host, port
