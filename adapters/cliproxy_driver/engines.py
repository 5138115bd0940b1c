"""Which HTTP/1.1 engine reads and writes the bytes."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from cliproxy_core.wire.http import ClientCodec, ServerCodec
from cliproxy_core.wire.http1 import H11Client, H11Server

__all__ = ["Engine", "engine"]


@attrs.frozen
class Engine:
    """Makes codecs, one for each connection."""

    name: str
    server: Callable[[], ServerCodec]
    client: Callable[[], ClientCodec]


def engine(name: str = "auto") -> Engine:
    """`h11`, `httptools`, or `auto`: httptools where it is installed.

    Raises `ImportError` for `httptools` without it, `ValueError` for other names.
    """
    match name:
        case "h11":
            return Engine("h11", H11Server, H11Client)
        case "httptools":
            from cliproxy_core.wire.http1_fast import FastClient, FastServer

            return Engine("httptools", FastServer, FastClient)
        case "auto":
            try:
                return engine("httptools")
            except ImportError:
                return engine("h11")
        case _:
            raise ValueError(f"no such engine: {name}")
