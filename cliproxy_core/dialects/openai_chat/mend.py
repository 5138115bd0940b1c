"""The mender: what upstreams really send in, legal chunks out.

The ordinary delta is recognised by a few comparisons and passed on as it came. All
else takes the long way, where a frame is written anew only if it bends a rule.

Three things are held back until the stream goes on or ends: a candidate's finish,
since some upstreams say more after it; the usage, since it has one legal place; and
calls without an id or name. A stream in good order leaves byte for byte as it came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, cast

import attrs
import orjson

from cliproxy_core.base.errors import DecodeError
from cliproxy_core.base.jsonval import Json, JsonObject
from cliproxy_core.ir.dialect import Frame, Legal, Mended, StreamContext
from cliproxy_core.ir.failure import Failure, Kind
from cliproxy_core.ir.pattern import MAX_PATTERNS
from cliproxy_core.ir.usage import Usage
from cliproxy_core.wire.sse import Comment, Oversize, SseFrame, Truncated

from .errors import error_in, fail, is_writable, parse_error
from .mend_again import Again, Chunk, again, ordinary
from .mend_around import END_MARK, Ledger, Names, is_whole, read, written
from .mend_calls import first_index_of, is_json
from .mend_delta import FAILED_WORDS, Lane, adds, is_substance

__all__ = ["ChatMender"]

# Chat's `n` ends at 128. An upstream that numbers further has lost its way, and each
# candidate costs memory.
MAX_CANDIDATES: Final = 128

# orjson writes 254 levels; with fewer brackets than this nothing can be that deep.
SURE_DEPTH: Final = 240

_ERROR_EVENTS: Final = frozenset({"error", "response.error", "response.failed"})


@attrs.define
class _Held:
    """A chunk with a finish, which waits for whatever comes next."""

    lane: Lane
    payload: JsonObject
    raw: bytes
    choice: JsonObject
    """The only choice of the payload."""


@attrs.define
class ChatMender:
    """Transducer from an upstream's frames to legal ones."""

    context: StreamContext
    repairs: Counter[str] = attrs.field(factory=Counter, init=False)
    complete: bool = attrs.field(default=False, init=False)
    _failed: bool = attrs.field(default=False, init=False)
    _heard: bool = attrs.field(default=False, init=False)
    _lanes: dict[int, Lane] = attrs.field(factory=dict, init=False)
    _ready: dict[int, Lane] = attrs.field(factory=dict, init=False)
    """Lanes whose plain deltas may pass; empty while a finish is held."""
    _names: Names = attrs.field(init=False)
    _ledger: Ledger = attrs.field(init=False)
    _held: _Held | None = attrs.field(default=None, init=False)
    _same: Again | None = attrs.field(default=None, init=False)
    """The last ordinary delta, while nothing else came since."""
    _patterns: int = attrs.field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._names = Names(self.context, self.repairs)
        self._ledger = Ledger(self.context.usage, self.repairs)

    @property
    def over(self) -> bool:
        """Whether nothing can follow."""
        return self.complete or self._failed

    @property
    def usage(self) -> Usage | None:
        """The latest token counts."""
        return self._ledger.usage

    def feed(self, frames: Sequence[Frame]) -> Mended:
        """Take the frames of one read."""
        legal: list[Legal] = []
        mended = Mended(legal)
        parse, append, content = orjson.loads, legal.append, False
        same = self._same
        for frame in frames:
            try:
                data, raw = frame.data, frame.raw  # type: ignore[union-attr]
                if (
                    same is not None
                    and data[: same.start] == same.before
                    and data[same.stop :] == same.after
                    and not frame.event  # type: ignore[union-attr]
                ):
                    said = parse(data[same.start : same.stop])
                    if (said and said.__class__ is str) and (
                        same.settled or adds(same.lane, same.key, said)
                    ):
                        append((same.twin(said), raw))
                        content = True
                        continue
                payload = parse(data)
            except (AttributeError, ValueError):
                self._take(frame, mended)
            else:
                assert type(frame) is SseFrame  # nothing else has data
                self._meet(frame, payload, mended)
            same = self._same
        mended.content = mended.content or content
        return mended

    def _meet(self, frame: SseFrame, payload: Chunk, mended: Mended) -> None:
        """A document that is not like the one before it."""
        found = ordinary(frame, payload, self._ready, self._names)
        if found is None:
            self._take(frame, mended)
            return
        mended.legal.append((cast("JsonObject", payload), frame.raw))
        if not found.said:
            return
        mended.content = True
        if self._patterns < MAX_PATTERNS and isinstance(found.said, str):
            self._patterns += 1
            self._same = again(frame.data, found, payload)

    def finish(self) -> Mended:
        """The upstream closed."""
        mended = Mended([])
        if self.over:
            return mended
        lanes = self._lanes.values()
        if not self._heard:
            self._fail(mended, Kind.EMPTY, "upstream closed without sending anything")
        elif lanes and all(lane.word is not None for lane in lanes):
            self.repairs["end_missing"] += 1
            self._end(mended)
        else:
            self._fail(
                mended, Kind.TRUNCATED, "upstream closed before its answer was complete"
            )
        return mended

    def fail(self, failure: Failure) -> bytes:
        """The last frame of a stream that is broken."""
        return fail(failure)

    def _fail(self, mended: Mended, kind: Kind, message: str) -> None:
        self._broke(mended, Failure(kind=kind, status=502, message=message))

    def _broke(self, mended: Mended, failure: Failure) -> None:
        mended.failure, self._failed = failure, True
        self._ready.clear()

    def _take(self, frame: Frame, mended: Mended) -> None:
        """The long way: whatever it is, and if it is a chunk, what is wrong with it."""
        if isinstance(frame, Comment):
            return
        self._same = None
        if self.over:
            self.repairs["after_end"] += 1
            return
        if isinstance(frame, Oversize):
            self._fail(mended, Kind.MALFORMED, "an event of the upstream is too long")
            return
        if isinstance(frame, Truncated):
            if frame.frame is not None and is_whole(frame.frame.data):
                self._take(frame.frame, mended)
            return
        self._heard = True
        data = frame.data.strip()
        if frame.event == "ping":
            self.repairs["ping"] += 1
        elif frame.event in _ERROR_EVENTS:
            self._broke(mended, parse_error(0, b"" if data == b"[DONE]" else data))
        elif data == b"[DONE]":
            self._end(mended)
        else:
            self._payload(data, frame.raw, mended)

    def _payload(self, data: bytes, raw: bytes, mended: Mended) -> None:
        try:
            payload = read(data)
        except DecodeError:
            self._fail(mended, Kind.MALFORMED, "an event of the upstream is not JSON")
            return
        if not isinstance(payload, dict):
            self._fail(
                mended, Kind.MALFORMED, "an event of the upstream is not an object"
            )
            return
        if data.count(b"[") + data.count(b"{") > SURE_DEPTH and not is_writable(
            payload
        ):
            self._fail(mended, Kind.MALFORMED, "an event is nested too deeply")
            return
        failure = error_in(payload)
        if failure is not None:
            self._broke(mended, failure)
            return
        self._ledger.count(payload.get("usage"))
        choices = payload.get("choices")
        if not isinstance(choices, list) or not choices:
            self._aside(payload, raw, mended)
            return
        head = self._names.mend(payload)
        if payload.get("usage") is not None:
            self.repairs["usage_early"] += 1
            head["usage"] = None
        if len(choices) > 1:
            self.repairs["choices_split"] += 1
            head["choices"] = None
        for choice in sorted(choices, key=first_index_of):
            if not self._failed:
                self._choice(payload, raw, choice, head, mended)

    def _aside(self, payload: JsonObject, raw: bytes, mended: Mended) -> None:
        """A chunk of no candidate: usage, or something of the vendor's own."""
        if isinstance(payload.get("usage"), dict):
            self._ledger.keep(payload, raw)
            return
        if self._held is not None:
            self._release(self._held, mended)
        if payload.get("choices") != [] or payload.get("usage") is not None:
            self.repairs["choices_missing"] += 1
            rest = {key: value for key, value in payload.items() if key != "usage"}
            payload = {**rest, **self._names.around([])}
            raw = written(payload)
        mended.legal.append((payload, raw))

    def _lane(self, index: Json) -> Lane | None:
        if isinstance(index, bool) or not isinstance(index, int):
            index = 0
        lane = self._lanes.get(index)
        if lane is None and len(self._lanes) < MAX_CANDIDATES:
            context = self.context
            lane = Lane(len(self._lanes), context.ids, self.repairs, context.nameless)
            self._lanes[index] = lane
        return lane

    def _choice(
        self,
        payload: JsonObject,
        raw: bytes,
        choice: Json,
        head: JsonObject,
        mended: Mended,
    ) -> None:
        lane = self._lane(choice.get("index")) if isinstance(choice, dict) else None
        if lane is None or not isinstance(choice, dict):
            self._fail(mended, Kind.MALFORMED, "a candidate of the upstream is odd")
            return
        self._ledger.count(choice.get("usage"))  # Moonshot counts inside the choice
        delta, bent = lane.mend(choice)
        word = self._word(choice.get("finish_reason"))
        if word is not None and word.lower() in FAILED_WORDS:
            self._fail(mended, Kind.SERVER, "the upstream broke down in its answer")
            return
        if not self._goes_on(lane, delta, word, mended):
            return
        fixed = self._fixed(choice, lane.number, word)
        if bent:
            fixed["delta"] = delta
        if fixed:
            choice = {k: v for k, v in choice.items() if k != "message"} | fixed
        if fixed or head:
            payload = {**payload, **head, "choices": [choice]}
            raw = written(payload)
        if word is not None:
            lane.note_finish(word)
            self._held = _Held(lane, payload, raw, choice)
            self._ready.clear()
        elif delta or not bent:
            mended.legal.append((payload, raw))
            mended.content = mended.content or is_substance(delta)
            if self._lanes.get(lane.number) is lane:
                self._ready[lane.number] = lane

    def _fixed(self, choice: JsonObject, number: int, word: str | None) -> JsonObject:
        fixed: JsonObject = {}
        if choice.get("index") != number:
            self.repairs["index_fixed"] += 1
            fixed["index"] = number
        if choice.get("finish_reason") != word:
            fixed["finish_reason"] = word
        return fixed

    def _word(self, word: Json) -> str | None:
        if word is None or (isinstance(word, str) and word):
            return word
        self.repairs["finish_empty"] += 1
        return None

    def _goes_on(
        self, lane: Lane, delta: JsonObject, word: str | None, mended: Mended
    ) -> bool:
        """Settle a finish that is held; whether this chunk is to be sent on."""
        if self._held is not None and self._held.lane is not lane:
            self._release(self._held, mended)
        if lane.finished:
            if is_substance(delta):
                self._fail(mended, Kind.MALFORMED, "the upstream went on after its end")
            self.repairs["after_finish"] += 1
            return False
        if self._held is None:
            return True
        if is_substance(delta):
            self._resume(self._held, mended)
            return True
        if word is None:
            self.repairs["after_finish"] += 1
        else:
            lane.note_finish(word)
        return False

    def _resume(self, held: _Held, mended: Mended) -> None:
        """The finish was none: send what its chunk says besides."""
        self._held = None
        self.repairs["content_after_finish"] += 1
        self._send_without_finish(held, mended)

    def _send_without_finish(self, held: _Held, mended: Mended) -> None:
        delta = held.choice["delta"]
        if isinstance(delta, dict) and delta:
            choice = {**held.choice, "finish_reason": None}
            self._send({**held.payload, "choices": [choice]}, mended)
            mended.content = mended.content or is_substance(delta)

    def _release(self, held: _Held, mended: Mended) -> None:
        """The finish was one: send it, with the word that fits what was said."""
        self._held = None
        lane, choice = held.lane, held.choice
        entries, word = lane.close()
        if entries:
            self._send_without_finish(held, mended)
            self._send(self._made(lane, {"tool_calls": entries}, None), mended)
            choice = {**choice, "delta": {}}
        if word != choice["finish_reason"]:
            native: JsonObject = {"native_finish_reason": lane.word}
            choice = (native if lane.word != word else {}) | choice
            choice["finish_reason"] = word
        if choice is held.choice:
            mended.legal.append((held.payload, held.raw))
        else:
            self._send({**held.payload, "choices": [choice]}, mended)
        mended.content = lane.finished = True

    def _end(self, mended: Mended) -> None:
        """The upstream said that there is no more."""
        if self._held is not None:
            self._release(self._held, mended)
        if not self._lanes:
            self._fail(mended, Kind.EMPTY, "the upstream ended without saying anything")
            return
        for lane in self._lanes.values():
            if not lane.finished and not self._failed:
                self._close(lane, mended)
        if self._failed:
            return
        counted = self._ledger.chunk(self._names)
        if counted is not None:
            mended.legal.append(counted)
        mended.legal.append((None, END_MARK))
        self.complete = True
        self._ready.clear()

    def _close(self, lane: Lane, mended: Mended) -> None:
        """Finish a candidate whose upstream did not."""
        entries, word = lane.close()
        whole = all(call.custom or is_json(call.text) for call in lane.calls.started)
        if lane.word is None and not whole:
            self._fail(mended, Kind.TRUNCATED, "the upstream ended inside a tool call")
            return
        if entries:
            self._send(self._made(lane, {"tool_calls": entries}, None), mended)
        self.repairs["finish_missing"] += 1
        self._send(self._made(lane, {}, word), mended)
        mended.content = lane.finished = True

    def _made(self, lane: Lane, delta: JsonObject, word: str | None) -> JsonObject:
        choice: JsonObject = {
            "index": lane.number,
            "delta": delta,
            "finish_reason": word,
        }
        return self._names.around([choice])

    def _send(self, payload: JsonObject, mended: Mended) -> None:
        mended.legal.append((payload, written(payload)))
