"""Legal events to neutral events.

The mender has seen to it that items open before they grow and are done once. Items may
be interleaved, and so may the blocks that come of them: a block is numbered when it
opens. Reasoning opens with its first part; an item of which nothing but the sealed
content ever comes is a sealed block.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypedDict, cast

import attrs

from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir import stream as ev
from cliproxy_core.ir.dialect import Legal, StreamContext
from cliproxy_core.ir.media import MediaKind
from cliproxy_core.ir.reasoning import Signature
from cliproxy_core.ir.request import ToolKind

from .grammar import NAME
from .notes import parse_citation, parse_probs
from .outcome import CALLS, is_cut, mime_of, seconds_of, stop_of
from .usage import parse_usage

__all__ = ["BETWEEN", "ITEM_DONE", "ResponsesDecoder"]

ITEM_DONE: Final = "response.output_item.done"

BETWEEN: Final = "\n\n"
"""What stands between two parts of one item's reasoning."""

_CALL_DELTAS: Final = frozenset(
    {
        "response.function_call_arguments.delta",
        "response.custom_tool_call_input.delta",
    }
)

# The kind of the part, and the key of its number.
_REASONING: Final[Mapping[str, tuple[str, str]]] = {
    "response.reasoning_summary_text.delta": ("summary", "summary_index"),
    "response.reasoning_text.delta": ("text", "content_index"),
}


class _Growth(TypedDict):
    """What the mender promises of a delta of words or arguments."""

    type: str
    output_index: int
    content_index: int
    delta: str
    logprobs: list[Json]


@attrs.define
class _Words:
    """A content part."""

    block: int
    ended: bool = False
    cited: int = 0
    """How many annotations were told."""
    weighed: bool = False
    """Whether probabilities were told."""


@attrs.define
class _Item:
    """An item that is open, and the block that came of it."""

    type: str
    block: int = -1
    words: dict[int, _Words] = attrs.field(factory=dict)
    place: tuple[str, Json] | None = None
    """The part of the reasoning that spoke last."""
    sealed: Json = None
    """What `added` brought as the sealed content; that of `done` goes before it."""


@attrs.define
class ResponsesDecoder:
    """Transducer from legal events to neutral ones."""

    context: StreamContext
    _blocks: int = attrs.field(default=0, init=False)
    _items: dict[int, _Item] = attrs.field(factory=dict, init=False)
    _calls: bool = attrs.field(default=False, init=False)
    _cut: bool = attrs.field(default=False, init=False)
    """Whether a call was ended as incomplete."""

    def feed(self, legal: Sequence[Legal]) -> list[ev.Event]:
        """Take what a mender gave."""
        out: list[ev.Event] = []
        append, items, call_deltas = out.append, self._items, _CALL_DELTAS
        text_delta, call_delta = ev.TextDelta, ev.ToolCallDelta
        # `cast` would be one more call for every read.
        growth: Sequence[tuple[_Growth, bytes]] = legal  # type: ignore[assignment]
        for payload, _ in growth:
            kind = payload["type"]
            if kind == "response.output_text.delta":
                item = items[payload["output_index"]]
                if payload["content_index"] in item.words:
                    words = item.words[payload["content_index"]]
                    if payload["delta"]:
                        append(text_delta(words.block, payload["delta"]))
                    if payload.get("logprobs"):
                        _weigh(words, payload["logprobs"], out)
                    continue
            elif kind in call_deltas:
                item = items[payload["output_index"]]
                if item.type in CALLS:
                    if payload["delta"]:
                        append(call_delta(item.block, payload["delta"]))
                    continue
            self._take(kind, cast("JsonObject", payload), out)
        return out

    def _take(self, kind: str, payload: JsonObject, out: list[ev.Event]) -> None:
        item = self._items.get(_index(payload, "output_index"))
        match kind:
            case "response.output_item.added":
                self._open(_index(payload, "output_index"), _item(payload), out)
            case "response.created":
                _start(_object(payload, "response"), out)
            case "response.completed" | "response.incomplete":
                self._end(_object(payload, "response"), out)
            case "keepalive":
                out.append(ev.Heartbeat())
            case _ if item is None:
                pass  # progress of the response as a whole
            case "response.output_item.done":
                self._close(item, payload, out)
                del self._items[_index(payload, "output_index")]
            case _ if item.type in _OWN_WORDS:
                self._grow(item, kind, payload, out)
            case _ if item.block >= 0 and item.type not in CALLS:
                out.append(ev.NativeDelta(item.block, payload))
            case _:
                pass  # a call's arguments as a whole, an image's progress

    def _open(self, index: int, raw: JsonObject, out: list[ev.Event]) -> None:
        item = self._items[index] = _Item(_text(raw, "type"))
        match item.type:
            case "message" | "image_generation_call":
                pass  # its parts are blocks; it is a block when it is done
            case "reasoning":
                item.sealed = raw.get("encrypted_content")
            case "function_call" | "custom_tool_call":
                self._calls = True
                item.block = self._next()
                function = item.type == "function_call"
                kind = ToolKind.FUNCTION if function else ToolKind.CUSTOM
                call_id, name = _text(raw, "call_id"), _text(raw, "name")
                space = _text(raw, "namespace") or None
                out.append(
                    ev.ToolCallStarted(item.block, call_id, name, 0, kind, space)
                )
                text = _text(raw, "arguments" if function else "input")
                if text:
                    out.append(ev.ToolCallDelta(item.block, text))
            case _:
                item.block = self._next()
                out.append(ev.NativeStarted(item.block, NAME, raw))

    def _grow(
        self, item: _Item, kind: str, payload: JsonObject, out: list[ev.Event]
    ) -> None:
        """More of a message or of reasoning."""
        if kind in _REASONING:
            self._think(item, kind, payload, out)
            return
        index = _index(payload, "content_index")
        words = item.words.get(index)
        match kind:
            case "response.content_part.added" if item.type == "message":
                self._speak(item, index, _object(payload, "part"), out)
            case "response.reasoning_summary_part.added":
                self._ponder(item, out)
            case _ if words is None:
                pass
            case "response.refusal.delta" if payload["delta"]:
                out.append(ev.RefusalDelta(words.block, _text(payload, "delta")))
            case "response.output_text.annotation.added":
                _cite(words, [payload.get("annotation")], out)
            case "response.output_text.done" if not words.weighed:
                _weigh(words, payload.get("logprobs"), out)
            case "response.content_part.done":
                _hush(words, _object(payload, "part"), out)
            case _:
                pass  # a text as a whole

    def _speak(
        self, item: _Item, index: int, part: JsonObject, out: list[ev.Event]
    ) -> None:
        if part.get("type") == "output_text":
            words = item.words[index] = _Words(self._next())
            out.append(ev.TextStarted(words.block))
            if part.get("text"):
                out.append(ev.TextDelta(words.block, _text(part, "text")))
        elif part.get("type") == "refusal":
            words = item.words[index] = _Words(self._next())
            out.append(ev.RefusalStarted(words.block))
            if part.get("refusal"):
                out.append(ev.RefusalDelta(words.block, _text(part, "refusal")))

    def _ponder(self, item: _Item, out: list[ev.Event]) -> None:
        if item.block < 0:
            item.block = self._next()
            out.append(ev.ReasoningStarted(item.block))

    def _think(
        self, item: _Item, kind: str, payload: JsonObject, out: list[ev.Event]
    ) -> None:
        text = _text(payload, "delta")
        if not text:
            return
        self._ponder(item, out)
        word, key = _REASONING[kind]
        place = (word, payload.get(key))
        if item.place not in (None, place):
            out.append(ev.ReasoningDelta(item.block, BETWEEN))
        item.place = place
        out.append(ev.ReasoningDelta(item.block, text))

    def _close(self, item: _Item, payload: JsonObject, out: list[ev.Event]) -> None:
        raw = _item(payload)
        match item.type:
            case "message":
                _hush_all(item, raw, out)
            case "reasoning":
                self._conclude(item, raw.get("encrypted_content") or item.sealed, out)
            case "image_generation_call":
                self._show(raw, out)
            case "function_call" | "custom_tool_call":
                self._cut = self._cut or is_cut(raw)
                out.append(ev.BlockEnded(item.block))
            case _:
                last: JsonObject = {"type": ITEM_DONE, "item": raw}
                out.append(ev.NativeDelta(item.block, last))
                out.append(ev.BlockEnded(item.block))

    def _conclude(self, item: _Item, sealed: Json, out: list[ev.Event]) -> None:
        """Reasoning ends, with what its issuer sealed."""
        proof = Signature(sealed, NAME) if isinstance(sealed, str) and sealed else None
        if item.block < 0 and proof is not None:
            item.block = self._next()
            out.append(ev.RedactedReasoning(item.block, proof))
        elif proof is not None:
            out.append(ev.BlockSigned(item.block, proof))
        if item.block >= 0:
            out.append(ev.BlockEnded(item.block))

    def _show(self, raw: JsonObject, out: list[ev.Event]) -> None:
        """An image, once it is whole; one that failed has no other words."""
        block, result = self._next(), _text(raw, "result")
        if result:
            out.append(ev.MediaStarted(block, MediaKind.IMAGE, mime_of(raw)))
            out.append(ev.MediaDelta(block, result))
        else:
            out.append(ev.NativeStarted(block, NAME, raw))
        out.append(ev.BlockEnded(block))

    def _end(self, response: JsonObject, out: list[ev.Event]) -> None:
        usage = response.get("usage")
        if isinstance(usage, dict):
            out.append(ev.UsageReported(parse_usage(usage)))
        out.append(stop_of(response, calls=self._calls, cut=self._cut))
        out.append(ev.Ended())

    def _next(self) -> int:
        self._blocks += 1
        return self._blocks - 1


_OWN_WORDS: Final = frozenset({"message", "reasoning"})


def _start(response: JsonObject, out: list[ev.Event]) -> None:
    seconds = seconds_of(response.get("created_at"))
    out.append(ev.Started(_text(response, "id"), _text(response, "model"), seconds))


def _weigh(words: _Words, logprobs: Json, out: list[ev.Event]) -> None:
    tokens = parse_probs(logprobs)
    if tokens:
        words.weighed = True
        out.append(ev.LogProbsAdded(words.block, tokens))


def _cite(words: _Words, annotations: Sequence[Json], out: list[ev.Event]) -> None:
    for annotation in annotations:
        words.cited += 1
        if isinstance(annotation, dict):
            out.append(ev.CitationAdded(words.block, parse_citation(annotation)))


def _hush(words: _Words, part: JsonObject, out: list[ev.Event]) -> None:
    """A part ends; what it says of itself at the end only is told here."""
    if words.ended:
        return
    words.ended = True
    annotations = part.get("annotations")
    if isinstance(annotations, list):
        _cite(words, annotations[words.cited :], out)
    if not words.weighed:
        _weigh(words, part.get("logprobs"), out)
    out.append(ev.BlockEnded(words.block))


def _hush_all(item: _Item, raw: JsonObject, out: list[ev.Event]) -> None:
    content = raw.get("content")
    parts = content if isinstance(content, list) else []
    for index, words in item.words.items():
        part = parts[index] if index < len(parts) else None
        _hush(words, part if isinstance(part, dict) else {}, out)


# Readers of what the mender promises; anything else reads as nothing.


def _item(payload: JsonObject) -> JsonObject:
    return _object(payload, "item")


def _index(payload: JsonObject, key: str) -> int:
    index = payload.get(key)
    return index if isinstance(index, int) else -1


def _object(payload: JsonObject, key: str) -> JsonObject:
    value = payload.get(key)
    return value if isinstance(value, dict) else {}


def _text(payload: JsonObject, key: str) -> str:
    value = payload.get(key)
    return value if isinstance(value, str) else ""
