"""Landlock by three system calls: a process gives up writing outside some folders, and more where it can.

Source: the kernel's Documentation/userspace-api/landlock.rst and include/uapi/linux/landlock.h.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TypedDict

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38

_WRITE_FILE, _REFER, _TRUNCATE, _IOCTL_DEV = 1 << 1, 1 << 13, 1 << 14, 1 << 15
_REMOVE_AND_MAKE = sum(1 << bit for bit in range(4, 13))
_FOR_FILES = _WRITE_FILE | _TRUNCATE | _IOCTL_DEV
_TCP_BIND_AND_CONNECT = 3
_SCOPE_ABSTRACT_SOCKETS, _SCOPE_SIGNALS = 1, 2

# Not all of /dev: root could write to a disk there.
_DEVICES = tuple(
    Path("/dev", name) for name in ("null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "shm")
)


class Rules(TypedDict):
    """The arguments of `restrict`, as they travel to another process."""

    writable: list[str]
    network: bool


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(number: int, *args: int | bytes | None) -> int:
    values = [ctypes.c_long(value) if isinstance(value, int) else value for value in args]
    result = int(_libc().syscall(ctypes.c_long(number), *values))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def prctl(option: int, value: int) -> None:
    """Set one attribute of this process (prctl(2), Linux only); raises OSError."""
    if _libc().prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def abi() -> int:
    """The version of Landlock that this kernel offers; 0 where there is none."""
    if sys.platform != "linux":
        return 0
    try:
        return _call(_CREATE_RULESET, None, 0, _VERSION_FLAG)
    except OSError:
        return 0


def restrict(writable: Sequence[Path], network: bool) -> None:
    """Confine this process and its future children, for good.

    Reading and executing stay free. Files are written, made, renamed and removed only below `writable` (paths
    that do not exist are passed over) and in the harmless devices. Signals reach only processes confined with
    it (version 6). Without `network`, TCP is refused (version 4) and so are abstract sockets of others
    (version 6). What the kernel is too old for is left out; raises OSError where it has no Landlock at all.
    """
    version = _call(_CREATE_RULESET, None, 0, _VERSION_FLAG)
    handled = _WRITE_FILE | _REMOVE_AND_MAKE
    for since, right in ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV)):
        handled |= right if version >= since else 0
    attributes = struct.pack(
        "=QQQ",
        handled,
        0 if network else _TCP_BIND_AND_CONNECT,
        _SCOPE_SIGNALS | (0 if network else _SCOPE_ABSTRACT_SOCKETS),
    )
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = _call(_CREATE_RULESET, attributes, size, 0)
    try:
        for path in (*writable, *_DEVICES):
            _allow(rules, path, handled)
        prctl(_PR_SET_NO_NEW_PRIVS, 1)
        _call(_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)


def _allow(rules: int, path: Path, rights: int) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        allowed = rights if path.is_dir() else rights & _FOR_FILES
        _call(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", allowed, beneath), 0)
    finally:
        os.close(beneath)
