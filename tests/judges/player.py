"""A transport that plays prepared bytes to a vendor's SDK."""

from __future__ import annotations

import attrs
import httpx2

__all__ = ["JSON", "SSE", "URL", "Player"]

JSON = "application/json"
SSE = "text/event-stream"
URL = "http://upstream.invalid"
"""Where the SDKs believe to send; nothing resolves it."""


@attrs.define
class Player:
    """What the next request is answered with, and the HTTP client that asks it."""

    body: bytes = b""
    content_type: str = JSON
    http: httpx2.Client = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self.http = httpx2.Client(transport=httpx2.MockTransport(self._answer))

    def play(self, body: bytes, content_type: str) -> None:
        self.body, self.content_type = body, content_type

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        headers = {"content-type": self.content_type}
        return httpx2.Response(200, headers=headers, content=self.body)
