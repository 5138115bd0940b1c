"""Claude Messages, judged by the official `anthropic` SDK.

The accumulator reads a call's input leniently, piece by piece: one that was cut looks
complete. So the pieces are also added up, and must be JSON.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from .player import JSON, SSE, URL, Player
from .reading import Candidate, Fault, Part, Reading, call, exact, other
from .strict import Checker, Extension

if TYPE_CHECKING:
    import anthropic

__all__ = ["EXTENSIONS", "fold", "request_type", "validate_request", "whole"]

ASK: Final[Any] = {
    "model": "m",
    "max_tokens": 1024,
    "messages": [{"role": "user", "content": "hi"}],
}

SAMPLING: Final = "gone from the newest SDK, taken by every model before the newest"
EXTENSIONS: Final = tuple(
    Extension("MessageCreateParams", key, kind, SAMPLING)
    for key, kind in (("temperature", float), ("top_p", float), ("top_k", int))
)
# Parameters of the SDK that it sends as headers.
HEADERS: Final = frozenset({"betas", "user_profile_id", "workspace_id"})

PLAYER: Final = Player()


def fold(body: bytes) -> Reading:
    """A stream, as the accumulator of the SDK puts it together."""
    import anthropic

    PLAYER.play(body, SSE)
    pieces: defaultdict[int, str] = defaultdict(str)
    fault: Fault | None = None
    snapshot: Any = None
    with _client().messages.stream(**ASK) as stream:
        try:
            for event in stream:
                if event.type == "content_block_delta":
                    if event.delta.type == "input_json_delta":
                        pieces[event.index] += event.delta.partial_json
                elif event.type == "message_start":
                    snapshot = stream.current_message_snapshot
        except anthropic.APIStatusError as error:
            fault = _fault(error.body)
        if snapshot is None and fault is None:
            snapshot = stream.current_message_snapshot  # which it refuses
    if snapshot is None:
        return Reading(candidates=(), error=fault)
    return _reading(snapshot, pieces, fault)


def whole(body: bytes) -> Reading:
    """A complete answer."""
    PLAYER.play(body, JSON)
    return _reading(_client().messages.create(**ASK), {}, None)


def validate_request(document: Any) -> list[str]:
    """What the SDK's types of a request have against a document.

    One that uses a beta is held against the types of the betas.
    """
    streamed = document.get("stream") is True
    found = _checker(beta=False, streamed=streamed).complaints(document)
    if not found:
        return found
    beta = _checker(beta=True, streamed=streamed).complaints(document)
    return min(found, beta, key=len)


def request_type(*, beta: bool = False, streamed: bool = False) -> Any:
    """The SDK's type of a request."""
    from anthropic.types import message_create_params
    from anthropic.types.beta import message_create_params as beta_params

    params = beta_params if beta else message_create_params
    name = f"MessageCreateParams{'Streaming' if streamed else 'NonStreaming'}"
    return getattr(params, name)


@cache
def _client() -> anthropic.Anthropic:
    import anthropic

    return anthropic.Anthropic(
        api_key="k", base_url=URL, max_retries=0, http_client=PLAYER.http
    )


@cache
def _checker(*, beta: bool, streamed: bool) -> Checker:
    kind = request_type(beta=beta, streamed=streamed)
    return Checker.of(kind, EXTENSIONS, without=HEADERS)


def _fault(body: Any) -> Fault:
    """From the data of an error event, as the SDK parsed it."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return Fault(None, None, None)
    return Fault(error.get("type"), None, error.get("message"))


def _reading(message: Any, pieces: Mapping[int, str], fault: Fault | None) -> Reading:
    parts = tuple(
        part
        for index, block in enumerate(message.content)
        for part in _parts(
            block.to_dict(exclude_none=True, warnings=False), pieces.get(index, "")
        )
    )
    candidate = Candidate(
        parts, message.stop_reason, message.stop_sequence, message.role
    )
    return Reading(
        candidates=(candidate,),
        usage=message.usage.to_dict(exclude_none=True, warnings=False),
        error=fault,
    )


def _parts(block: dict[str, Any], pieces: str) -> Iterator[Part]:
    match block:
        case {"type": "text", "text": text}:
            yield ("text", text)
            if block.get("citations"):
                yield other(block["citations"], "citations")
        case {"type": "thinking", "thinking": text}:
            if text:
                yield ("reasoning", text)
            if block.get("signature"):
                yield ("signature", block["signature"])
        case {"type": "redacted_thinking", "data": data}:
            yield ("encrypted", data)
        case {"type": "tool_use", "id": ident, "name": name, "input": given}:
            yield call(ident, name, pieces or exact(given))
        case _:
            yield other(block)
