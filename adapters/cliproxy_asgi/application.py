"""An ASGI application: the server speaks HTTP, the exchange machine speaks messages.

    http       one exchange each
    lifespan   idle upstream connections are closed when due
    websocket  refused: nothing is served over it

It needs no async library: tasks, time and upstream connections come with the dialer.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

import attrs
from cliproxy_driver import Session, Sessions

from cliproxy_core.gateway.app import App
from cliproxy_core.gateway.messages import ExchangeInput
from cliproxy_core.observe.log import LogLine

from .exchange import Conversation
from .messages import Receive, Scope, Send, request_head

__all__ = ["Application", "create_app"]

_Opening: TypeAlias = AbstractAsyncContextManager[Session[ExchangeInput]]


def create_app(
    app: App, *, dialer: Sessions, log: Callable[[LogLine], None]
) -> Application:
    """The proxy as an ASGI application. One event loop may run it."""
    return Application(app, dialer, log)


@attrs.frozen
class Application:
    """What an ASGI server calls: for its own life, and for each request."""

    app: App
    dialer: Sessions
    log: Callable[[LogLine], None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self._converse(scope, receive, send)
            case "lifespan":
                await self._live(receive, send)
            case "websocket":
                await receive()
                await send({"type": "websocket.close"})
            case kind:
                # ASGI 3.0, "Applications": raise on a scope one does not know.
                raise ValueError(f"no such scope: {kind}")

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self.dialer.running():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _converse(self, scope: Scope, receive: Receive, send: Send) -> None:
        opening: _Opening = self.dialer.session()
        async with opening as session:
            conversation = Conversation(self.app, self.log, session, receive, send)
            await session.run(conversation.run(request_head(scope)))
