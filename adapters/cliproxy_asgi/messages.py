"""ASGI's dictionaries and the core's words (ASGI 3.0, HTTP & WebSocket 2.5)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import TypeAlias, cast
from urllib.parse import quote

from cliproxy_core.wire.http import (
    BodyData,
    BodyEnded,
    Headers,
    RequestHead,
    ResponseHead,
)

__all__ = [
    "Message",
    "Receive",
    "Scope",
    "Send",
    "body",
    "request_body",
    "request_head",
    "start",
]

Scope: TypeAlias = MutableMapping[str, object]
Message: TypeAlias = MutableMapping[str, object]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]


# What the server says.


def request_head(scope: Scope) -> RequestHead:
    """The head of an `http` scope; a prefix that the app is mounted at is taken off."""
    fields = cast("Iterable[tuple[bytes, bytes]]", scope["headers"])
    return RequestHead(
        str(scope["method"]).encode(),
        _target(scope),
        tuple((bytes(name).lower(), bytes(text)) for name, text in fields),
    )


def request_body(message: Message) -> list[BodyData | BodyEnded]:
    """What an `http.request` message brings."""
    out: list[BodyData | BodyEnded] = []
    data = message.get("body")
    if isinstance(data, bytes) and data:
        out.append(BodyData(data))
    if not message.get("more_body"):
        out.append(BodyEnded())
    return out


def _target(scope: Scope) -> bytes:
    raw, query = scope.get("raw_path"), scope.get("query_string")
    path = raw if isinstance(raw, bytes) else quote(str(scope["path"])).encode()
    mounted = quote(str(scope.get("root_path") or "")).encode().rstrip(b"/")
    if mounted and (path + b"/").startswith(mounted + b"/"):
        path = path[len(mounted) :] or b"/"
    return path + b"?" + query if isinstance(query, bytes) and query else path


# What it is told.


def start(head: ResponseHead) -> Message:
    """The status and the header fields."""
    headers: Headers = head.headers
    return {
        "type": "http.response.start",
        "status": head.status,
        "headers": [list(field) for field in headers],
    }


def body(data: bytes, *, more: bool) -> Message:
    """A piece of the body, or the last one."""
    return {"type": "http.response.body", "body": data, "more_body": more}
