"""What a Responses upstream really sends, made legal.

    START --response.created--> OPEN --response.completed | incomplete--> OVER

The ordinary delta is recognised in one expression and passes as it came. Everything
else goes through `_take`: what the response says of itself is seen to here, its items
in `mend_items`, what it says at its end in `mend_end`. As soon as an event had to be
put in, those behind it get new sequence numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import attrs
from orjson import loads

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.dialect import Frame, Legal, Mended, StreamContext
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.usage import Usage
from cliproxy_core.wire.sse import Comment, Oversize, SseFrame, Truncated

from .errors import LAST_NUMBER, error_in, fail, parse_error
from .grammar import GRAMMAR, OTHER
from .mend_end import conclude
from .mend_forms import complete_response
from .mend_items import NOTHING, Items
from .mend_line import Line
from .usage import parse_usage

__all__ = ["Mender"]

# The status of a failure whose cause is the upstream's bytes.
BAD_GATEWAY: Final = 502

# What is kept of a stream is its own text, for the events at the end that repeat it. A
# complete answer may be as large as this (`translate.whole`).
MAX_KEPT: Final = 128 * 1024 * 1024

# Events that came before the response did. Codex tells its rate limits first; more than
# a handful is no stream of this API.
MAX_EARLY: Final = 16

_LIFECYCLE: Final = frozenset(
    {"response.created", "response.queued", "response.in_progress"}
)
# `response.done` is what the WebSocket form of the API calls any end.
_ENDS: Final = frozenset({"response.completed", "response.incomplete", "response.done"})
_LOST: Final = ("failed", "cancelled")

# What is only known of a response that is over.
_LATER: Final = frozenset({"usage", "incomplete_details", "completed_at"})
_ERRORS: Final = frozenset({"error", "response.error", "response.failed"})
_ENDING: Final = _ENDS | _ERRORS

# A payload that was not read; what is not an ordinary delta is seen to elsewhere.
_UNREAD: Final[JsonObject] = {}
_NOT_ORDINARY: Final = (AttributeError, DecodeError, LookupError, TypeError, ValueError)

_ORDINARY: Final = frozenset(symbol for _, symbol in GRAMMAR.table) - {OTHER}

# Those whose words are kept.
_INSIDE: Final = _ORDINARY - _LIFECYCLE - _ENDS


@attrs.define
class Mender:
    """Transducer from the frames of an upstream to legal ones."""

    context: StreamContext
    repairs: Counter[str] = attrs.field(factory=Counter, init=False)
    complete: bool = attrs.field(default=False, init=False)
    usage: Usage | None = attrs.field(default=None, init=False)
    """The latest token counts."""
    _line: Line = attrs.field(init=False)
    _items: Items = attrs.field(init=False)
    _response: JsonObject = attrs.field(factory=dict, init=False, repr=False)
    """What was told of the response when it began; empty before that."""
    _early: list[tuple[JsonObject, bytes | None]] = attrs.field(
        factory=list, init=False, repr=False
    )
    _last: str = attrs.field(default="", init=False)
    """The type of the last event that this API knows; empty if none ever came."""
    _kept: int = attrs.field(default=0, init=False)
    _failure: Failure | None = attrs.field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self._line = Line(self.repairs)
        self._items = Items(self.context.ids, self._line)

    def feed(self, frames: Sequence[Frame]) -> Mended:
        """Take the frames of one read. After the end or a failure: nothing."""
        out: list[Legal] = []
        if self._failure is not None:
            return Mended(out)
        self._line.out, self._line.content = out, False
        rest = iter(frames)
        while (met := self._run(rest, out)) is not None:
            self._meet(*met)
            if self._broken:
                break
        return Mended(out, self._line.content, self._failure)

    def _run(
        self, frames: Iterator[Frame], out: list[Legal]
    ) -> tuple[Frame, Json] | None:
        """Let ordinary deltas pass, up to anything else: that, and what was read."""
        kind, item, index, key, part, needed, pieces = self._items.fast
        line, kept, last = self._line, self._kept, self._line.number
        for frame in frames:
            payload = _UNREAD
            try:
                payload = loads(frame.data)  # type: ignore[union-attr]
                words = payload["delta"]
                if (
                    payload["item_id"] == item
                    and payload["type"] == kind == frame.event  # type: ignore[union-attr]
                    and payload["output_index"] == index
                    and payload[key] == part
                    and type(words) is str
                    and needed in payload
                    and "error" not in payload
                    and kept < MAX_KEPT
                ):
                    number = payload.get("sequence_number")
                    if type(number) is int and last < number < LAST_NUMBER - 1:
                        out.append((payload, frame.raw))  # type: ignore[union-attr]
                        line.number = line.heard = last = number
                    else:
                        line.put(payload, frame.raw)  # type: ignore[union-attr]
                        last = line.number
                    pieces.append(words)
                    kept += len(words)
                    line.content = True
                    continue
            except _NOT_ORDINARY:
                pass
            self._kept = kept
            return frame, payload
        self._kept = kept
        return None

    def finish(self) -> Mended:
        """The upstream closed: a failure unless the response ended before."""
        if self.complete or self._broken:
            return Mended([])
        if self._last or self._early:
            after = f" after {self._last}" if self._last else ""
            self._break(Kind.TRUNCATED, f"the upstream closed within a stream{after}")
        else:
            self._break(Kind.EMPTY, "the upstream closed without sending anything")
        return Mended([], failure=self._failure)

    def fail(self, failure: Failure) -> bytes:
        """The frames that say in this very stream that it is broken."""
        opening: list[Legal] = []
        self._line.out = opening
        if not self._response:
            self._begin({})
        frames = b"".join([raw for _, raw in opening])
        return frames + fail(failure, self._response, self._line.number + 1)

    @property
    def _broken(self) -> bool:
        return self._failure is not None

    def _break(self, kind: Kind, message: str) -> None:
        self._failure = Failure(kind=kind, status=BAD_GATEWAY, message=message)

    # What a frame is.

    def _meet(self, frame: Frame, payload: Json) -> None:
        """Whatever is not the ordinary delta."""
        if payload is _UNREAD or not isinstance(frame, SseFrame):
            self._odd(frame)
        else:
            self._guard(frame, payload)

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
        elif frame.event in _ERRORS:
            self._failure = parse_error(BAD_GATEWAY, frame.data)
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
            self._guard(cut.frame, payload)
        else:
            self.repairs["cut_frame"] += 1

    def _guard(self, frame: SseFrame, payload: Json) -> None:
        """An event that has to be looked at."""
        self._items.fast = NOTHING
        if self.complete:
            self.repairs["after_end"] += 1
            return
        if not isinstance(payload, dict):
            what = "an event that is not a JSON object"
            self._break(Kind.MALFORMED, f"the upstream sent {what}")
            return
        try:
            self._take(frame, payload)
        except DecodeError as error:  # what had to be written anew cannot be
            what = f"an event that is {error.reason}"
            self._break(Kind.MALFORMED, f"the upstream sent {what}")
        fault = self._line.fault
        if fault is not None and self._failure is None:
            kind, what = fault
            self._break(kind, f"the upstream sent {what}")

    def _take(self, frame: SseFrame, payload: JsonObject) -> None:
        kind = payload.get("type")
        raw: bytes | None = frame.raw
        if not isinstance(kind, str) or not kind:
            self.repairs["type_added"] += 1
            kind, raw = frame.event, None
        elif frame.event in _ENDING and kind not in _ENDING:
            # Of an end and something else the end is meant (facts/02, section 6.3).
            self.repairs["type_corrected"] += 1
            kind, raw = frame.event, None
        elif frame.event != kind:
            name = "event_line_corrected" if frame.event else "event_line_added"
            self.repairs[name] += 1
            raw = None
        payload["type"] = kind
        if kind in _INSIDE:
            self._kept += len(frame.data)
        if self._kept > MAX_KEPT:
            self._break(Kind.MALFORMED, "the upstream's answer is too large")
        elif not self._is_error(kind, payload):
            self._sort(kind, payload, raw)

    def _is_error(self, kind: str, payload: JsonObject) -> bool:
        """Whether the payload tells of a failure. Ordinary events have empty errors."""
        response = payload.get("response")
        if not isinstance(response, dict):
            response = {}
        usage = response.get("usage")
        if isinstance(usage, dict):
            self.usage = parse_usage(usage)
        if kind in _ORDINARY and not (payload.get("error") or response.get("error")):
            return False
        self._failure = error_in(payload)
        return self._failure is not None

    def _sort(self, kind: str, payload: JsonObject, raw: bytes | None) -> None:
        if kind in _LIFECYCLE:
            self._tell(kind, payload, raw)
        elif kind in _ENDS:
            self._end(payload, raw)
        elif kind in _ORDINARY:
            if not self._response:
                self._begin({})
            self._items.take(kind, payload, raw)
        elif not kind.isprintable() or not kind:
            self.repairs["unknown_dropped"] += 1  # its name is no line of a frame
            return
        elif self._response:
            self._items.take(kind, payload, raw)
            return
        else:
            self._wait(payload, raw)
            return
        self._last = kind

    def _wait(self, payload: JsonObject, raw: bytes | None) -> None:
        """An unknown event before the response: the SDKs want the response first."""
        if len(self._early) < MAX_EARLY:
            self.repairs["early"] += 1
            self._early.append((payload, raw))
        else:
            self.repairs["early_dropped"] += 1

    # What the response says of itself.

    def _begin(self, like: JsonObject) -> None:
        """Open a response that nobody opened."""
        self.repairs["created_added"] += 1
        response: JsonObject = {**like, "output": []}
        for key in _LATER & like.keys():
            response[key] = None
        complete_response(response, "in_progress", self.context, {})
        self._open({"type": "response.created", "response": response}, response, None)

    def _open(
        self, payload: JsonObject, response: JsonObject, raw: bytes | None
    ) -> None:
        self._complete(payload, response, raw)
        self._response = response
        early, self._early = self._early, []
        for held, frame in early:
            self._line.put(held, frame)

    def _complete(
        self, payload: JsonObject, response: JsonObject, raw: bytes | None
    ) -> None:
        """An event with the response as it is so far, which is without output."""
        fixes = complete_response(response, "in_progress", self.context, self._response)
        if response.get("output") != []:
            fixes.append("output_emptied" if response.get("output") else "output_added")
            response["output"] = []
        self.repairs.update(fixes)
        self._line.put(payload, None if fixes else raw)

    def _described(self, payload: JsonObject) -> tuple[JsonObject, bool]:
        """The response of an event, and whether it was there."""
        response = payload.get("response")
        if isinstance(response, dict):
            return response, True
        self.repairs["response_added"] += 1
        response = payload["response"] = {}
        return response, False

    def _tell(self, kind: str, payload: JsonObject, raw: bytes | None) -> None:
        response, there = self._described(payload)
        raw = raw if there else None
        if kind != "response.created":
            if not self._response:
                self._begin(response)
            self._complete(payload, response, raw)
        elif self._response:
            self.repairs["created_repeated"] += 1
        else:
            self._open(payload, response, raw)

    def _end(self, payload: JsonObject, raw: bytes | None) -> None:
        response, there = self._described(payload)
        raw = raw if there else None
        if response.get("status") in _LOST:
            message = f"the upstream's response was {response['status']}"
            self._break(Kind.SERVER, message)
            return
        told = response.get("status") == "incomplete"
        cut = told or payload["type"] == "response.incomplete"
        status = "incomplete" if cut else "completed"
        if payload["type"] != f"response.{status}":
            self.repairs["end_corrected"] += 1
            payload["type"], raw = f"response.{status}", None
        if not self._response:
            self._begin(response)
        fixes = complete_response(response, status, self.context, self._response)
        if conclude(self._items, response, cut=cut):
            fixes.append("output_rebuilt")
        self.repairs.update(fixes)
        if self._line.fault is None:
            self._line.put(payload, None if fixes else raw)
            self._line.content = self.complete = True
