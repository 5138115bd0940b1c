"""What a Claude upstream really sends, made legal.

    START --message_start--> OPEN --message_delta--> OPEN --message_stop--> OVER

The ordinary delta is recognised in one expression and passes as it came. Everything
else goes through `_take`, which repairs what can be repaired without loss and counts
it. What a message says at its end (`message_delta`) is held back until the end, because
upstreams say it early, twice, without usage or with the wrong word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import attrs
from orjson import loads

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject, as_object, loads_exact
from cliproxy_core.ir.dialect import Frame, Legal, Mended, StreamContext
from cliproxy_core.ir.errorbody import read_error
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.usage import Usage
from cliproxy_core.wire.sse import Comment, Oversize, SseFrame, Truncated

from .errors import error_in, fail
from .grammar import GRAMMAR
from .mend_blocks import NOTHING, Blocks, Fast
from .mend_forms import (
    brings_arguments,
    canonical,
    complete_message,
    complete_usage,
    merge_last,
    set_reason,
    whole_block,
)
from .usage import merge_raw, own_word, parse_usage

__all__ = ["Mender"]

# The status of a failure whose cause is the upstream's bytes.
BAD_GATEWAY: Final = 502

DELTA: Final = "content_block_delta"

# Events that hold blocks, which may hold arguments where none should be.
_HOLDERS: Final = frozenset({"content_block_start", "message_start"})

# Events that carry an `error` only when they say so.
_ORDINARY: Final = frozenset(symbol for _, symbol in GRAMMAR.table) | {"ping"}

# Reasons that follow from whether there were calls.
_RUNNABLE: Final = (None, "end_turn", "tool_use")


@attrs.define
class Mender:
    """Transducer from the frames of an upstream to legal ones."""

    context: StreamContext
    repairs: Counter[str] = attrs.field(factory=Counter, init=False)
    complete: bool = attrs.field(default=False, init=False)
    _blocks: Blocks = attrs.field(init=False)
    _fast: Fast = attrs.field(default=NOTHING, init=False, repr=False)
    """The delta that may pass unchanged, as `_blocks` has it."""
    _started: bool = attrs.field(default=False, init=False)
    _heard: bool = attrs.field(default=False, init=False)
    """Whether anything but comments ever came."""
    _failure: Failure | None = attrs.field(default=None, init=False)
    _ledger: JsonObject = attrs.field(factory=dict, init=False, repr=False)
    """Every count that was told, as the upstream names it."""
    _usage: Usage | None = attrs.field(default=None, init=False)
    _last: JsonObject | None = attrs.field(default=None, init=False, repr=False)
    """The `message_delta` that is held back."""
    _last_raw: bytes | None = attrs.field(default=None, init=False, repr=False)
    """Its frame, if that may pass as it came."""

    def __attrs_post_init__(self) -> None:
        self._blocks = Blocks(self.context.ids, self.repairs)

    @property
    def usage(self) -> Usage | None:
        """The latest token counts."""
        if self._usage is None and self._ledger:
            self._usage = parse_usage(self._ledger)
        return self._usage

    def feed(self, frames: Sequence[Frame]) -> Mended:
        """Take the frames of one read. After the end or a failure: nothing."""
        out: list[Legal] = []
        if self._failure is not None:
            return Mended(out)
        append, blocks, content = out.append, self._blocks, False
        index, kind, field, pieces = self._fast
        for frame in frames:
            try:
                payload = loads(frame.data)  # type: ignore[union-attr]
            except (AttributeError, ValueError):
                blocks.out, blocks.content = out, content
                self._odd(frame)
            else:
                assert type(frame) is SseFrame  # nothing else has data
                try:
                    delta = payload["delta"]
                    if (
                        payload["index"] == index
                        and delta["type"] == kind
                        and payload["type"] == DELTA == frame.event
                        and type(payload["index"]) is int
                        and type(delta[field]) is str
                    ):
                        append((payload, frame.raw))
                        content = True
                        if pieces is not None:
                            pieces.append(delta[field])
                        continue
                except (KeyError, TypeError, IndexError):
                    pass  # not the ordinary delta; `_take` finds out what it is
                blocks.out, blocks.content = out, content
                self._take(frame, payload)
            content = blocks.content
            if self._broken:
                break
            index, kind, field, pieces = self._fast = blocks.fast
        return Mended(out, content, self._failure)

    def finish(self) -> Mended:
        """The upstream closed. Completes what is complete, else a failure."""
        out: list[Legal] = []
        if self.complete or self._broken:
            return Mended(out)
        self._blocks.out = out
        self._blocks.content = False
        if not self._heard:
            self._break(Kind.EMPTY, "the upstream closed without sending anything")
        elif self._told_reason() is None:
            self._break(Kind.TRUNCATED, "the upstream closed within a stream")
        else:
            self.repairs["message_stop_added"] += 1
            try:
                self._end({"type": "message_stop"}, None)
            except DecodeError:
                self._break(Kind.MALFORMED, "the upstream's message nests too deeply")
        return Mended(out, self._blocks.content, self._failure)

    def fail(self, failure: Failure) -> bytes:
        """The last frame of a stream that is broken."""
        return fail(failure)

    @property
    def _broken(self) -> bool:
        return self._failure is not None

    def _break(self, kind: Kind, message: str) -> None:
        self._failure = Failure(kind=kind, status=BAD_GATEWAY, message=message)

    # What a frame is.

    def _odd(self, frame: Frame) -> None:
        """Something that is not a frame, or a frame whose data is not JSON."""
        if isinstance(frame, Comment):
            return
        if isinstance(frame, Oversize):
            limit = f"an event of more than {frame.limit} bytes"
            self._break(Kind.MALFORMED, f"the upstream sent {limit}")
        elif isinstance(frame, Truncated):
            self._cut_frame(frame)
        elif frame.data.strip() == b"[DONE]":
            self.repairs["done_mark"] += 1
        elif self.complete:
            self.repairs["after_end"] += 1
        elif frame.event == "error":
            self._failure = read_error(BAD_GATEWAY, frame.data)
        elif not frame.data.strip():
            self.repairs["empty_frame"] += 1
        else:
            what = "an event that is not JSON"
            self._break(Kind.MALFORMED, f"the upstream sent {what}")

    def _cut_frame(self, cut: Truncated) -> None:
        """The last frame lacks its end. It counts if it is whole all the same."""
        try:
            payload = loads(cut.frame.data) if cut.frame is not None else None
        except ValueError:
            payload = None
        if cut.frame is not None and isinstance(payload, dict):
            self._take(cut.frame, payload)
        else:
            self.repairs["cut_frame"] += 1

    def _take(self, frame: SseFrame, payload: Json) -> None:
        try:
            self._read(frame, payload)
        except DecodeError:
            self._break(Kind.MALFORMED, "the upstream sent an event nested too deeply")

    def _read(self, frame: SseFrame, payload: Json) -> None:
        if self.complete:
            self.repairs["after_end"] += 1
            return
        if not isinstance(payload, dict):
            what = "an event that is not a JSON object"
            self._break(Kind.MALFORMED, f"the upstream sent {what}")
            return
        kind = payload.get("type")
        raw: bytes | None = frame.raw
        if not isinstance(kind, str) or not kind:
            kind = payload["type"] = frame.event
            self.repairs["type_added"] += 1
            raw = None
        elif frame.event != kind:
            name = "event_line_corrected" if frame.event else "event_line_added"
            self.repairs[name] += 1
            raw = None
        if kind not in _ORDINARY or frame.event == "error" or payload.get("error"):
            self._failure = error_in(payload)
            if self._failure is None and "error" in (kind, frame.event):
                self._failure = read_error(BAD_GATEWAY, frame.data)
            if self._failure is not None:
                return
        if kind in _HOLDERS and brings_arguments(payload):
            # They become text again, digit for digit.
            payload = as_object(loads_exact(frame.data), "")
            payload["type"] = kind
        self._sort(kind, payload, raw)

    def _sort(self, kind: str, payload: JsonObject, raw: bytes | None) -> None:
        self._heard = self._heard or kind != "ping"
        fault = None
        match kind:
            case "content_block_delta":
                self._ensure_started()
                fault = self._blocks.delta(payload, raw)
            case "content_block_start":
                self._ensure_started()
                fault = self._blocks.start(payload, raw)
            case "content_block_stop":
                self._blocks.stop(payload, raw)
            case "message_start":
                self._start(payload, raw)
            case "message_delta":
                self._hold(payload, raw)
            case "message_stop":
                self._learn(payload.get("usage"))
                self._end(payload, raw)
            case _:
                self._pass(kind, payload, raw)
        if fault is not None:
            self._break(Kind.MALFORMED, f"the upstream sent {fault}")

    def _pass(self, kind: str, payload: JsonObject, raw: bytes | None) -> None:
        """A ping, or an event that only newer clients know.

        Before the start the vendor's accumulator takes nothing but pings, and a name
        that is no plain line cannot be written.
        """
        if kind != "ping" and not (self._started and kind and kind.isprintable()):
            self.repairs["unknown_dropped"] += 1
            return
        frame = canonical(payload) if raw is None else raw
        self._blocks.out.append((payload, frame))

    # The message around the blocks.

    def _ensure_started(self) -> None:
        if not self._started:
            self._started = True
            self.repairs["message_start_added"] += 1
            payload: JsonObject = {"type": "message_start"}
            complete_message(payload, self.context)
            self._blocks.out.append((payload, canonical(payload)))

    def _start(self, payload: JsonObject, raw: bytes | None) -> None:
        message = payload.get("message")
        told = message if isinstance(message, dict) else {}
        self._learn(told.get("usage"))
        if self._started:
            self.repairs["message_start_repeated"] += 1
            return
        self._started = True
        content = told.get("content")
        fixes = complete_message(payload, self.context)
        self.repairs.update(fixes)
        self._blocks.out.append(
            (payload, canonical(payload) if fixes or raw is None else raw)
        )
        for index, block in enumerate(content if isinstance(content, list) else ()):
            start = whole_block(index, block)
            fault = self._blocks.start(start, None)
            if fault is not None:
                self._break(Kind.MALFORMED, f"the upstream sent {fault}")
                return
            self._blocks.stop({"type": "content_block_stop", "index": index}, None)

    def _learn(self, usage: Json) -> None:
        if merge_raw(self._ledger, usage):
            self._usage = None

    def _hold(self, payload: JsonObject, raw: bytes | None) -> None:
        """Keep what is said about the end of the message until it ends."""
        self._learn(payload.get("usage"))
        if not isinstance(payload.get("delta"), dict):
            payload["delta"], raw = {}, None
            self.repairs["delta_added"] += 1
        if self._last is None:
            self._last, self._last_raw = payload, raw
        else:
            self.repairs["message_delta_repeated"] += 1
            merge_last(self._last, payload)
            self._last_raw = None

    def _told_reason(self) -> str | None:
        delta = None if self._last is None else self._last["delta"]
        reason = delta.get("stop_reason") if isinstance(delta, dict) else None
        if not isinstance(reason, str) or not reason:
            return None
        return own_word(reason)

    def _end(self, stop: JsonObject, raw: bytes | None) -> None:
        """The message is complete: say what was held back, and stop."""
        if not self._started and self._last is None:
            self._break(Kind.EMPTY, "the upstream ended a message that never began")
            return
        self._ensure_started()
        told = self._told_reason()
        fault = self._blocks.close(cut=told not in _RUNNABLE)
        calls = bool(self._blocks.calls)
        if fault is None and calls and told in (None, "end_turn"):
            fault = "incomplete tool arguments" if self._blocks.cut_call else None
        if fault is not None:
            self._break(Kind.TRUNCATED, f"the upstream ended a message with {fault}")
            return
        self._say_last(told, calls)
        out = self._blocks.out
        out.append((stop, canonical(stop) if raw is None else raw))
        self._blocks.content = self.complete = True

    def _say_last(self, told: str | None, calls: bool) -> None:
        payload, raw = self._last, self._last_raw
        if payload is None:
            self.repairs["message_delta_added"] += 1
            payload, raw = {"type": "message_delta", "delta": {}}, None
        reason = told
        if told in _RUNNABLE:
            reason = "tool_use" if calls else "end_turn"
        delta = payload.get("delta")
        if not isinstance(delta, dict) or reason != delta.get("stop_reason"):
            self.repairs["stop_reason_corrected"] += 1
            set_reason(payload, reason)
            raw = None
        output = self._ledger.get("output_tokens")
        least: JsonObject = {"output_tokens": output if isinstance(output, int) else 0}
        if complete_usage(payload, least):
            self.repairs["usage_added"] += 1
            raw = None
        frame = canonical(payload) if raw is None else raw
        self._blocks.out.append((payload, frame))
