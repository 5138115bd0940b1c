"""Legal payloads to neutral events.

The mender has seen to it that exactly one block is open and that blocks are counted
from 0, which is how the neutral form counts them too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypedDict, cast

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.dialect import Legal, StreamContext
from cliproxy_core.ir.reasoning import Signature

from .citations import parse_citation
from .grammar import NAME
from .usage import merge_raw, parse_reason, parse_usage

__all__ = ["Decoder"]

# What is written where nothing is known, because the schema wants the fields.
_NO_USAGE: Final = ({"input_tokens": 0, "output_tokens": 0}, {"output_tokens": 0})


class _Delta(TypedDict):
    """What the mender promises of a delta; which field is there, its type tells."""

    type: str
    text: str
    thinking: str
    partial_json: str
    signature: str


class _Growth(TypedDict):
    """What the mender promises of a `content_block_delta`."""

    type: str
    index: int
    delta: _Delta


@attrs.define
class Decoder:
    """Transducer from the payloads of one stream to events."""

    context: StreamContext
    _native: bool = attrs.field(default=False, init=False)
    """Whether the open block is one that only this dialect understands."""
    _proof: str = attrs.field(default="", init=False, repr=False)
    """The signature of the open block, once known; the last one counts."""
    _ledger: JsonObject = attrs.field(factory=dict, init=False, repr=False)

    def feed(self, legal: Sequence[Legal]) -> list[ev.Event]:
        """Take what a mender gave."""
        out: list[ev.Event] = []
        append = out.append
        text_delta, call_delta = ev.TextDelta, ev.ToolCallDelta
        native = self._native
        # `cast` would be one more call for every read.
        growth: Sequence[tuple[_Growth, bytes]] = legal  # type: ignore[assignment]
        for payload, _ in growth:
            if payload["type"] == "content_block_delta" and not native:
                delta = payload["delta"]
                kind = delta["type"]
                if kind == "text_delta":
                    append(text_delta(payload["index"], delta["text"]))
                elif kind == "input_json_delta":
                    append(call_delta(payload["index"], delta["partial_json"]))
                elif kind == "thinking_delta":
                    append(ev.ReasoningDelta(payload["index"], delta["thinking"]))
                elif kind == "signature_delta":
                    self._proof = delta["signature"]
                else:
                    _append_rare(payload["index"], cast("JsonObject", delta), out)
            else:
                self._take(cast("JsonObject", payload), out)
                native = self._native
        return out

    def _take(self, payload: JsonObject, out: list[ev.Event]) -> None:
        match payload["type"]:
            case "content_block_start":
                self._open(_index(payload), _object(payload, "content_block"), out)
            case "content_block_delta":
                out.append(ev.NativeDelta(_index(payload), _object(payload, "delta")))
            case "content_block_stop":
                self._close(_index(payload), out)
            case "message_start":
                self._start(_object(payload, "message"), out)
            case "message_delta":
                self._learn(payload.get("usage"), out)
                self._stop(_object(payload, "delta"), out)
            case "message_stop":
                out.append(ev.Ended())
            case "ping":
                out.append(ev.Heartbeat())
            case _:
                pass  # an event that only newer clients of this dialect know

    def _start(self, message: JsonObject, out: list[ev.Event]) -> None:
        out.append(ev.Started(_text(message, "id"), _text(message, "model")))
        self._learn(message.get("usage"), out)

    def _open(self, index: int, block: JsonObject, out: list[ev.Event]) -> None:
        self._native, self._proof = False, ""
        match block.get("type"):
            case "text":
                out.append(ev.TextStarted(index))
                if block["text"]:
                    out.append(ev.TextDelta(index, _text(block, "text")))
            case "thinking":
                out.append(ev.ReasoningStarted(index))
                self._proof = _text(block, "signature")
                if block["thinking"]:
                    out.append(ev.ReasoningDelta(index, _text(block, "thinking")))
            case "redacted_thinking":
                sealed = Signature(_text(block, "data"), NAME)
                out.append(ev.RedactedReasoning(index, sealed))
            case "tool_use":
                call_id, name = _text(block, "id"), _text(block, "name")
                out.append(ev.ToolCallStarted(index, call_id, name))
            case _:
                self._native = True
                out.append(ev.NativeStarted(index, NAME, block))

    def _close(self, index: int, out: list[ev.Event]) -> None:
        if self._proof:
            out.append(ev.BlockSigned(index, Signature(self._proof, NAME)))
        self._native, self._proof = False, ""
        out.append(ev.BlockEnded(index))

    def _learn(self, usage: Json, out: list[ev.Event]) -> None:
        if (self._ledger or usage not in _NO_USAGE) and merge_raw(self._ledger, usage):
            out.append(ev.UsageReported(parse_usage(self._ledger)))

    def _stop(self, delta: JsonObject, out: list[ev.Event]) -> None:
        word = _text(delta, "stop_reason")
        sequence = _text(delta, "stop_sequence") or None
        out.append(ev.Stopped(parse_reason(word), word, sequence))


def _append_rare(index: int, delta: JsonObject, out: list[ev.Event]) -> None:
    """A delta of words that has no words; of an unknown one there is nothing to say."""
    citation = delta.get("citation")
    if delta["type"] == "citations_delta" and isinstance(citation, dict):
        out.append(ev.CitationAdded(index, parse_citation(citation)))


# Readers of what the mender promises; anything else reads as nothing.


def _index(payload: JsonObject) -> int:
    index = payload["index"]
    return index if isinstance(index, int) else 0


def _object(payload: JsonObject, key: str) -> JsonObject:
    value = payload[key]
    return value if isinstance(value, dict) else {}


def _text(payload: JsonObject, key: str) -> str:
    value = payload.get(key)
    return value if isinstance(value, str) else ""
