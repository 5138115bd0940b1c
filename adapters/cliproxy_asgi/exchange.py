"""One `http` scope: the exchange machine, driven by `drive`.

What is to be sent is gathered while one input is handled and goes out in one message.
`send` is back-pressure: while it waits, nothing more is read from the upstream.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cliproxy_driver import Performer, Session, drive

from cliproxy_core.base.clock import Mono, Now
from cliproxy_core.base.contract import Tick
from cliproxy_core.gateway.app import App
from cliproxy_core.gateway.exchange import Exchange
from cliproxy_core.gateway.messages import ExchangeEffect, ExchangeInput, ReadOn
from cliproxy_core.lifecycle.effects import End, Respond, StartResponse, Write
from cliproxy_core.lifecycle.inputs import DownstreamGone
from cliproxy_core.observe.log import LogLine
from cliproxy_core.wire.http import ResponseHead

from . import messages
from .messages import Message, Receive, Send

__all__ = ["Conversation"]

TICK: Final[ExchangeInput] = Tick()
GONE: Final[ExchangeInput] = DownstreamGone()


class Conversation:
    """A server's `receive` and `send` as `drive` wants them."""

    def __init__(
        self,
        app: App,
        log: Callable[[LogLine], None],
        session: Session[ExchangeInput],
        receive: Receive,
        send: Send,
    ) -> None:
        self._session = session
        self._receive = receive
        self._send = send
        self._exchange = Exchange(app)
        self._shared = Performer(app, log, session.upstreams, session.post)
        self._stall = app.config.timeouts.stall
        self._start: Message | None = None
        self._gathered: list[bytes] = []
        self._complete = False

    async def run(self, head: ExchangeInput) -> None:
        """From the head of the request to the end of the answer."""
        await drive(self._exchange, self, first=head, tick=TICK, gone=GONE)
        await self._flush()

    async def _listen(self) -> None:
        """Take in the body, then wait for the client to hang up."""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self._session.cut()
                return
            for event in messages.request_body(message):
                await self._session.put(event)

    # What `drive` calls.

    def now(self) -> Now:
        return self._session.now()

    async def wait(self, deadline: Mono | None) -> ExchangeInput | None:
        """Send what was gathered, then wait."""
        await self._flush()
        return await self._session.wait(deadline)

    async def perform(self, effect: ExchangeEffect) -> None:
        """Do it, except that what is to be sent is gathered first."""
        match effect:
            case Write(data=data):
                self._gathered.append(data)
            case StartResponse(status=status, headers=headers):
                self._start = messages.start(ResponseHead(status, headers))
            case End():
                self._complete = True
            case Respond(status=status, headers=headers, body=body):
                length = (b"content-length", b"%d" % len(body))
                head = ResponseHead(status, (*headers, length))
                self._start = messages.start(head)
                self._gathered.append(body)
                self._complete = True
            case ReadOn():
                # Not before: asking for the body is what sends `100 Continue`.
                self._session.listen(self._listen)
            case _:
                self._shared.perform(effect)

    def abandon(self, effect: ExchangeEffect) -> None:
        """The bookkeeping only."""
        match effect:
            case Write() | StartResponse() | End() | Respond() | ReadOn():
                pass
            case _:
                self._shared.abandon(effect)

    # Sending.

    async def _flush(self) -> None:
        start, self._start = self._start, None
        if start is None and not self._gathered and not self._complete:
            return
        data = b"".join(self._gathered)
        self._gathered.clear()
        await self._session.within(self._stall, self._say(start, data))

    async def _say(self, start: Message | None, data: bytes) -> None:
        if start is not None:
            await self._send(start)
        await self._send(messages.body(data, more=not self._complete))
